"""A compiled page."""

from collections.abc import Mapping
from dataclasses import dataclass

from portico.model.access import Access
from portico.model.place import Place
from portico.model.program import Program
from portico.model.query import Query
from portico.model.widget import Widget


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page: its program, and what the server must know without running it.

    `widgets` by path in document order (parents first); `roots` are the top-level paths.
    `queries` by path, those of the app included. `cacheable`: the same for everybody until the
    app changes (hard-cases 16).
    """

    name: str
    title: str
    access: Access
    widgets: Mapping[str, Widget]
    roots: tuple[str, ...]
    queries: Mapping[str, Query]
    program: Program
    cacheable: bool
    place: Place

    @property
    def on_load(self) -> tuple[str, ...]:
        """Paths of the queries that run when the page opens, in document order."""
        return tuple(path for path, query in self.queries.items() if query.on_load)
