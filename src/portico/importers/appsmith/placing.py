"""Where widgets stand: Appsmith's grid is ours, 64 columns and rows of 10 px, in each canvas anew."""

from collections.abc import Sequence

from portico.definition.widgets import COLUMNS, ROWS
from portico.importers.appsmith.loose import number, objects, text
from portico.importers.appsmith.model import Node
from portico.importers.appsmith.page_text import Flow


def position(node: Node) -> Flow | None:
    """The place of a widget; None if it says none, or none that there is."""
    found = [number(node.properties.get(key)) for key in ("leftColumn", "topRow", "rightColumn", "bottomRow")]
    if any(value is None for value in found):
        return None
    left, top, right, bottom = (round(value) for value in found if value is not None)
    left = min(max(left, 0), COLUMNS - 1)
    top = min(max(top, 0), ROWS)
    width = min(max(right - left, 1), COLUMNS - left)
    return Flow(left=left, top=top, width=width, height=min(max(bottom - top, 1), ROWS))


def ordered(canvas: Node) -> list[Node]:
    """The widgets of a canvas as they are read: by the layers of auto layout if it has some, else from top to
    bottom and left to right."""
    layers = objects(canvas.properties.get("flexLayers"))
    places: dict[str, int] = {}
    for layer in layers:
        for child in objects(layer.get("children")):
            places.setdefault(text(child.get("id")), len(places))
    return sorted(
        canvas.children, key=lambda node: (places.get(node.id, len(places)), *_corner(node), node.name)
    )


def is_automatic(canvas: Node) -> bool:
    """Whether a canvas lays its widgets out itself."""
    return (
        canvas.properties.get("useAutoLayout") is True or canvas.properties.get("positioning") == "vertical"
    )


def overlap(positions: Sequence[Flow]) -> bool:
    """Whether two of the places have a cell in common."""
    found = sorted(positions, key=lambda one: (one["top"], one["left"]))
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            if other["top"] >= one["top"] + one["height"]:
                break
            if other["left"] < one["left"] + one["width"] and one["left"] < other["left"] + other["width"]:
                return True
    return False


def _corner(node: Node) -> tuple[float, float]:
    top, left = number(node.properties.get("topRow")), number(node.properties.get("leftColumn"))
    return top or 0, left or 0
