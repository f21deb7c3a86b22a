"""What a chart shows, as a table: for those who do not see it, and where no script draws it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portico.ui.prose import as_text
from portico.ui.widgets.chart.series import Series

#: Rows and columns that are written out.
ROWS, COLUMNS = 100, 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """A table: names of its columns, and rows of a name and a value for each further column. `points` are the
    series and the index of each value, None where nothing stands. `more` rows are left out."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str], Sequence[tuple[int, int] | None]]]
    more: int = 0


def of_series(series: Sequence[Series], x: str) -> Figures:
    """The table of plain series; `x` names what they are over."""
    series = series[: COLUMNS - 1]
    categories = list(dict.fromkeys(name for one in series for name, _ in one.points))
    places = [{name: at for at, (name, _) in enumerate(one.points)} for one in series]
    rows = []
    for category in categories[:ROWS]:
        at = [(number, place[category]) if category in place else None for number, place in enumerate(places)]
        values = [as_text(series[spot[0]].points[spot[1]][1]) if spot else "" for spot in at]
        rows.append((category, values, at))
    names = [one.name or f"Series {number}" for number, one in enumerate(series, 1)]
    return Figures(heads=[x or "Name", *names], rows=rows, more=max(len(categories) - ROWS, 0))


def of_option(option: Mapping[str, Any]) -> Figures:
    """The table of an author's options, as far as their data can be told."""
    series = [Series(name=name, points=list(points)) for name, points in _series(option)]
    return of_series(series, _name_of(option))


def _series(option: Mapping[str, Any]) -> Iterator[tuple[str, Iterator[tuple[str, Any]]]]:
    source = _dataset(option)
    found = option.get("series")
    listed = found if isinstance(found, list) else [found]
    names = [as_text(name) for name in _categories(option)]
    for number, one in enumerate(one for one in listed if isinstance(one, Mapping)):
        if isinstance(one.get("data"), list):
            yield as_text(one.get("name")), _points(one["data"], names)
        elif len(source) > 1 and number + 1 < len(source[0]):
            at = number + 1
            pairs = ((as_text(row[0]), row[at]) for row in source[1:] if len(row) > at)
            yield as_text(one.get("name")) or as_text(source[0][at]), pairs


def _points(data: Sequence[Any], names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for number, point in enumerate(data):
        value = point.get("value") if isinstance(point, Mapping) else point
        name = as_text(point.get("name")) if isinstance(point, Mapping) else ""
        if isinstance(value, list) and len(value) > 1:
            name, value = name or as_text(value[0]), value[1] if len(value) == 2 else value[1:]
        name = name or (names[number] if number < len(names) else str(number + 1))
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), value


def _categories(option: Mapping[str, Any]) -> Sequence[Any]:
    for key in ("xAxis", "yAxis"):
        axis = _first(option.get(key))
        if isinstance(axis.get("data"), list):
            return [one.get("value") if isinstance(one, Mapping) else one for one in axis["data"]]
    return ()


def _name_of(option: Mapping[str, Any]) -> str:
    return as_text(_first(option.get("xAxis")).get("name"))


def _dataset(option: Mapping[str, Any]) -> list[list[Any]]:
    """`dataset.source` as rows, the first with names."""
    source = _first(option.get("dataset")).get("source")
    if not isinstance(source, list) or not source:
        return []
    if all(isinstance(row, list) and row for row in source):
        return source
    if all(isinstance(row, Mapping) for row in source):
        heads = list(source[0])
        return [heads, *([row.get(head) for head in heads] for row in source)]
    return []


def _first(value: object) -> Mapping[str, Any]:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, Mapping) else {}
