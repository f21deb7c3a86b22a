"""Where in the files of a page something stands, and what to say of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith.page_text import Trail

#: What cannot be a name of ours, and what to use in its place.
HINTS: Mapping[str, str] = {
    "fetch": "scripts send no requests: make it a query, and run that",
    "XMLHttpRequest": "scripts send no requests: make it a query, and run that",
    "axios": "scripts send no requests: make it a query, and run that",
    "window": "scripts run on the server, where there is no window",
    "document": "scripts run on the server, where there is no document",
    "localStorage": "scripts run on the server: use storeValue",
    "sessionStorage": "scripts run on the server: use storeValue with persist false",
    "postWindowMessage": "pages do not stand in frames",
    "WebSocket": "scripts hold no connections",
    "URLSearchParams": "it is not part of the language: use params of a query",
    "forge": "the library is not provided",
}


def rows_of(head: dict[str, Any]) -> set[str]:
    """The names of widgets in the rows of lists, which are known there alone."""
    return {name for name, row in _named(head) if row}


def names_of(head: dict[str, Any]) -> set[str]:
    """The names of all widgets of a page, and of its instances of modules."""
    return {name for name, _ in _named(head)} | set(head.get("modules", ()))


def _named(head: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """The names of widgets, and whether each stands in rows."""
    waiting = [(widget, False) for widget in head.get("widgets", ())]
    while waiting:
        widget, inside = waiting.pop()
        yield str(widget.get("name")), inside
        inner = [
            *widget.get("widgets", ()),
            *(one for tab in widget.get("tabs", ()) for one in tab["widgets"]),
        ]
        waiting += [(one, inside or widget.get("type") == "List") for one in inner]


def property_at(trail: Trail) -> tuple[dict[str, Any], dict[str, Any], str, str] | None:
    """The widget that a trail leads into, where the property stands and its key, and how it is called."""
    at = max(
        (index for index, (owner, _) in enumerate(trail) if "type" in owner and "name" in owner), default=-1
    )
    if at < 0:
        return None
    widget, key = trail[at]
    if key in ("name", "type"):
        return None
    rest = trail[at + 1 :]
    listed = isinstance(widget[key], list) if key in widget else False
    if rest and listed and (key == "tabs" or "id" in rest[0][0]):
        owner, inner = rest[0]
        if inner not in ("id", "widgets"):
            return widget, owner, inner, f"{key}.{owner.get('id', owner.get('label', ''))}.{inner}"
        return None
    return widget, widget, key, key


def upper(name: str) -> str:
    """A name as the name of a setting."""
    return "".join(char if char.isalnum() else "_" for char in name).upper()
