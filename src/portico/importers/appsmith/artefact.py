"""What both formats of an application have in common: the pieces as Appsmith wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RawPage:
    """A page, or a module of a package. `dsl` is its whole tree, canvases included."""

    raw: Raw
    dsl: Raw


@dataclass(frozen=True, kw_only=True, slots=True)
class RawScript:
    """A script object, and its code."""

    raw: Raw
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefact:
    """An application (or, with `package`, a package) as it was written. `actions` are queries and functions
    of script objects alike; each names its page. `credentials` names the datasources whose export holds
    secrets: their values are not kept. `origins` say what the modules are called that instances are of."""

    source: str
    form: str
    application: Raw
    pages: tuple[RawPage, ...]
    actions: tuple[Raw, ...]
    scripts: tuple[RawScript, ...]
    datasources: tuple[Raw, ...] = ()
    libraries: tuple[Raw, ...] = ()
    theme: Raw = field(default_factory=dict)
    package: Raw | None = None
    instances: tuple[Raw, ...] = ()
    origins: tuple[Raw, ...] = ()
    credentials: Mapping[str, Raw] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def unpublished(raw: Raw, what: str) -> Raw | None:
    """The edited version of a piece (`Page`, `Action`, …), else the published one; None if it is deleted, or
    if there is none."""
    if raw.get("deleted") is True:
        return None
    for key in (f"unpublished{what}", f"published{what}"):
        found = raw.get(key)
        if isinstance(found, dict) and found.get("name"):
            return None if found.get("deletedAt") else found
        if isinstance(found, dict) and found.get("deletedAt"):
            return None
    return None
