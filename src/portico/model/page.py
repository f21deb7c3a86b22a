"""A compiled page."""

from collections.abc import Mapping
from dataclasses import dataclass

from portico.model.access import Access
from portico.model.place import Place
from portico.model.program import Program
from portico.model.query import READING, Query
from portico.model.widget import Widget


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page: its program, and what the server must know without running it.

    `widgets` by path in document order (parents first), those that stand once for each row by their
    template (`model.paths`); `roots` are the top-level paths. `queries` by path, those of the app
    included. `load` is what runs when the page opens, stage by stage: paths of queries, and functions
    as `Script.name`. `cacheable`: the same for everybody until the app changes (hard-cases 16).
    `waits_for_browser`: what runs at load needs what only a browser has, such as timers or the
    address's fragment; `reads_fragment`: so does something else on the page. `locates`: code asks where
    the browser is. `zoned`: what it shows when it opens depends on the time zone. `parts`
    are the parts of the client that its widgets need besides.
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
    load: tuple[tuple[str, ...], ...] = ()
    waits_for_browser: bool = False
    reads_fragment: bool = False
    locates: bool = False
    zoned: bool = False
    parts: frozenset[str] = frozenset()

    def reads(self, step: str) -> bool:
        """Whether a step of the load is a query that changes nothing."""
        query = self.queries.get(step)
        return query is not None and query.method in READING
