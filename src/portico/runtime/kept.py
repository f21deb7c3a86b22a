"""What is kept of a context: its snapshot without what must not be, or is too large (R6)."""

import json
from collections.abc import Mapping, Set
from typing import Any

#: Values and query data above this are left out.
LIMIT = 256 << 10


def bounded(state: Mapping[str, Any], secrets: Set[tuple[str, str]]) -> tuple[str, frozenset[str]]:
    """The snapshot without large values and without `secrets` (paths and properties), and the paths of the
    queries whose data are not in it: those of the page's load are to run again. It is JSON text: as objects
    the rows of a query take ten times as much, in each page that somebody has open."""
    cells = {}
    for path, values in state.get("cells", {}).items():
        kept = {name: value for name, value in values.items() if (path, name) not in secrets}
        kept = {name: value for name, value in kept.items() if _size(value) <= LIMIT}
        if kept:
            cells[path] = kept
    # The sandbox does not even write what is much too large, and says so.
    unwritten = {path for path, name, kind in state.get("lost", ()) if (name, kind) == ("data", "size")}
    given = state.get("data", {})
    data = {path: held for path, held in given.items() if path not in unwritten and _size(held) <= LIMIT}
    text = json.dumps({**state, "cells": cells, "data": data})
    return text, frozenset({*given, *unwritten} - data.keys())


def with_snapshot(state: Mapping[str, Any], snapshot: str | None) -> bytes:
    """A state and its snapshot, each a line of JSON: processes take a snapshot from each other as it is, and
    only who makes a context of it reads it."""
    return f"{json.dumps(state)}\n{snapshot or ''}".encode()


def apart(content: bytes) -> tuple[Mapping[str, Any], str | None]:
    """The state and the snapshot in what `with_snapshot` gave."""
    state, _, snapshot = content.decode().partition("\n")
    return json.loads(state), snapshot or None


def _size(value: object) -> int:
    """Roughly the JSON size of a value, without building it."""
    match value:
        case str():
            return len(value) + 2
        case dict():
            return sum(len(str(key)) + 3 + _size(inner) for key, inner in value.items()) + 2
        case list():
            return sum(_size(inner) + 1 for inner in value) + 2
    return 8
