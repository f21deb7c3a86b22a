"""Cells as the template writes them: text stays text; what is more is a mapping that says as what."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from portico.ui.prose import as_text, cleaned, humanised
from portico.ui.style import bound, choice, tone
from portico.ui.widgets import menu
from portico.ui.widgets.button import VARIANTS
from portico.ui.widgets.icons import NEUTRAL, find
from portico.ui.widgets.image import image_url
from portico.ui.widgets.node import Node

Column = Mapping[str, Any]
#: The tag that opens it, its words or what else stands in it, the tag that closes it.
Cell = tuple[Markup, object, Markup]

#: What a table's icon buttons look like where the author says nothing: a column of filled ones shouts.
_ICON_VARIANTS = ("TERTIARY", "PRIMARY", "SECONDARY")
#: Kinds whose words can be the name of their row.
_NAMING = frozenset({"text", "number", "currency", "date", "select", "url"})
#: Kinds whose text is no words.
_SPECIAL = frozenset({"image", "html"})
_END = Markup("</td>")
#: What a link may lead to.
_LINKED = ("http://", "https://", "mailto:", "tel:")


class Cells:
    """The cells of one table, column by column: each the tags around it, and what stands in it."""

    def __init__(self, node: Node, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._node = node
        self._acts = [node.fires(f"columns.{column.get('id')}.onClick") for column in columns]
        self._kinds = [as_text(column.get("type")) for column in columns]
        self._classes = [classes_of(column) for column in columns]
        self._plain = [Markup('<td class="{}">').format(classes) for classes in self._classes]
        self._naming = next((at for at, kind in enumerate(self._kinds) if kind in _NAMING), None)

    def row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row with its cells; the first that has words is the one that names it."""
        state = dict.fromkeys(("selected", "drafted", "edited", "editable"), False)
        words = {"key": as_text(row.get("key")), "name": as_text(row.get("name"))}
        given = row.get("cells")
        cells = self.among(given) if isinstance(given, list | tuple) else []
        naming = self._naming
        if naming is not None and naming < len(cells) and cells[naming][1] not in (None, ""):
            tag, cell, _ = cells[naming]
            cells[naming] = (Markup('<th scope="row"') + tag[3:], cell, Markup("</th>"))
        return {**state, **row, **words, "cells": cells}

    def among(self, cells: Sequence[object]) -> list[Cell]:
        """Cells in the order of the columns, each with its tags."""
        return [self._cell(at, cell) for at, cell in enumerate(cells[: len(self.columns)])]

    def _cell(self, at: int, cell: object) -> Cell:
        if isinstance(cell, str) and self._kinds[at] not in _SPECIAL:
            return self._plain[at], cell, _END
        if isinstance(cell, Mapping) and "ground" in cell:
            classes = self._classes[at] + tone(cell.get("color"), "color")
            painted = bound("color", cell.get("color")) + bound("background", cell["ground"])
            return (
                Markup('<td class="{}"{}>').format(classes, painted),
                self._inner(at, cell.get("cell")),
                _END,
            )
        return self._plain[at], self._inner(at, cell), _END

    def _inner(self, at: int, cell: object) -> object:
        if isinstance(cell, str) and self._kinds[at] not in _SPECIAL:
            return cell
        if isinstance(cell, Mapping) and isinstance(cell.get("control"), Mapping):
            return {"as": "control", **cell["control"]}
        return self._special(at, cell)

    def _special(self, at: int, cell: object) -> object:
        match self._kinds[at], cell:
            case "editActions", _:
                return {"as": "actions"}
            case "html", str():
                return {"as": "html", "html": cleaned(cell, links=True)}
            case "image", str():
                url = image_url(self._node.view.app, cell)
                return {"as": "image", "url": url} if url else None
            case "url", {"address": str(address), "words": str(words)}:
                safe = address.strip().lower().startswith(_LINKED)
                return {"as": "link", "address": address.strip(), "words": words} if safe else words
            case ("checkbox" | "switch") as kind, {"on": bool(on), "set": may_set}:
                return {"as": "check", "on": on, "set": bool(may_set), "kind": kind}
            case "button" | "iconButton", Mapping() as found:
                return self._button(at, found)
            case "menuButton", Mapping() as found:
                return self._menu(at, found)
        return None

    def _button(self, at: int, cell: Mapping[str, Any]) -> Mapping[str, Any]:
        icon = find(cell.get("icon"))
        is_icon, words = self._kinds[at] == "iconButton", as_text(cell.get("words"))
        meaning = icon.meaning if icon is not None else ""
        return {
            "as": "button",
            "words": words or meaning or humanised(as_text(self.columns[at].get("label"))),
            "lines": (icon or NEUTRAL) if is_icon else None,
            "off": bool(cell.get("off")),
            "variant": choice(cell.get("variant") or None, _ICON_VARIANTS if is_icon else VARIANTS),
            "tone": tone(cell.get("color"), "fill"),
            "fill": bound("fill", cell.get("color")) if cell.get("color") else Markup(),
            "acts": self._acts[at],
        }

    def _menu(self, at: int, cell: Mapping[str, Any]) -> Mapping[str, Any]:
        events = f"columns.{self.columns[at].get('id')}.menuItems"
        items = [
            {**menu.pressed(self._node, one, f"{events}.{as_text(one.get('key'))}.onClick")}
            for one in menu.records(cell.get("items"))
        ]
        return {**self._button(at, cell), "as": "menu", "items": items}


def classes_of(column: Column) -> str:
    """On which side its cells stand, and whether they stay where they are when the table scrolls."""
    stuck = " stuck" if column.get("type") == "editActions" else ""
    return (as_text(column.get("align")) or "left") + stuck
