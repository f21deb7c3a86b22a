"""The packages that come with Portico: a registry inside of the wheel, for whoever names no other."""

from pathlib import Path

from portico.packages.registry import Registry

#: Where they are. No path of an app or a lock leads here: it differs from machine to machine.
FOLDER = Path(__file__).parent / "builtin"


def own_registry(name: str) -> Path | None:
    """The registry of a package that comes with Portico; None for all others."""
    return FOLDER if name in Registry(FOLDER).names() else None
