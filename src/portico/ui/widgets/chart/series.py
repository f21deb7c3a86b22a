"""The series of a chart: what an author may write as `chartData`, as points."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portico.ui.prose import as_text

#: Series and points of a chart.
MOST_SERIES, MOST_POINTS = 50, 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One series: its points in order, `y` None where it is no number. `color` is as the author wrote it."""

    name: str
    points: Sequence[tuple[str, float | None]]
    color: str = ""


def series_of(data: object) -> list[Series]:
    """The series of a mapping or a list of `{seriesName, data, color}`. What is none is left out."""
    found = _read(data)
    entries = list(found.values()) if isinstance(found, Mapping) else found if isinstance(found, list) else []
    return [
        Series(
            name=as_text(entry.get("seriesName")),
            points=list(_points(entry.get("data"))),
            color=as_text(entry.get("color")),
        )
        for entry in entries[:MOST_SERIES]
        if isinstance(entry, Mapping)
    ]


def _points(data: object) -> Iterator[tuple[str, float | None]]:
    found = _read(data)
    for point in found[:MOST_POINTS] if isinstance(found, list) else ():
        if isinstance(point, Mapping) and "x" in point:
            yield as_text(point["x"]), number_of(point.get("y"))


def _read(data: object) -> Any:
    """Data, or JSON text of them."""
    if not isinstance(data, str):
        return data
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def number_of(value: object) -> float | None:
    """A number, or a text that reads as one."""
    try:
        found = float(as_text(value)) if isinstance(value, int | float | str) else None
    except ValueError:
        return None
    usable = found is not None and not isinstance(value, bool) and abs(found) < float("inf")
    return found if usable else None
