"""The JavaScript of a widget type that stands in files of its own, as one expression."""

from pathlib import Path

WIDGETS = Path(__file__).parent


def library(*names: str, known: str = "") -> str:
    """What these files say together, by their paths below this folder without `.js`, each after those that it
    needs. Lines that only people read are left out; `known` is JavaScript before all of it."""
    lines = (line.strip() for name in names for line in (WIDGETS / f"{name}.js").read_text().splitlines())
    code = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"(() => {{\n{known}{code}\n}})()"
