"""How DummyJSON's lists are asked for: `limit`, `skip`, `select`, `sortBy` and `order`.

Source: `src/middleware/clean-request.js` and `src/utils/util.js` of `Ovi/DummyJSON`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from portico.authserver.dialects.dummyjson_errors import bad_request

_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:\.[0-9]{0,9})?")
_ORDERS = ("asc", "desc")

Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The part of a list that is asked for; without `select`, of each row everything."""

    limit: int
    skip: int
    select: Sequence[str] | None
    sort_by: str
    descending: bool

    @classmethod
    def of(cls, query: QueryParams) -> "Selection":
        """Raises `bad_request`."""
        order = query.get("order", "asc").lower()
        if "sortBy" in query and order not in _ORDERS:
            raise bad_request("Order can be: 'asc' or 'desc'")
        return cls(
            limit=_number(query, "limit", 30),
            skip=_number(query, "skip", 0),
            select=_keys(query.getlist("select")),
            sort_by=query.get("sortBy", ""),
            descending=order == "desc",
        )

    def row(self, row: Row) -> Row:
        """The row, of which only the selected keys stay."""
        return row if self.select is None else {key: row[key] for key in self.select if key in row}

    def page(self, rows: Sequence[Row]) -> dict[str, object]:
        """The rows as `/users` answers them; a limit of 0 is none."""
        chosen = self._sorted(rows)[max(self.skip, 0) :]
        chosen = chosen[: self.limit] if self.limit else chosen
        return {
            "users": [self.row(row) for row in chosen],
            "total": len(rows),
            "skip": self.skip,
            "limit": len(chosen),
        }

    def _sorted(self, rows: Sequence[Row]) -> list[Row]:
        """Sorted by a key whose values are texts or numbers; by any other as they are."""
        values = [row.get(self.sort_by) for row in rows]
        if not all(isinstance(value, str) for value in values) and not all(
            isinstance(value, int | float) for value in values
        ):
            return list(rows)
        return sorted(rows, key=lambda row: row[self.sort_by], reverse=self.descending)  # type: ignore[arg-type,return-value]


def _number(query: QueryParams, name: str, default: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise bad_request(f"Invalid '{name}' - must be a number")
    return int(match[1])


def _keys(given: Sequence[str]) -> list[str] | None:
    """The keys in `?select=a,b` or `?select=a&select=b`; the id is always among them, and first."""
    keys = [key for text in given for key in text.split(",") if key]
    return ["id", *(key for key in dict.fromkeys(keys) if key != "id")] if keys else None
