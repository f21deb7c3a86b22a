"""Pages that send a visitor back and forth."""

from collections.abc import Iterator
from dataclasses import dataclass

from portico.definition.lint import calls, gates, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject

#: What the guard of a page asks.
_GUARD = frozenset({"auth"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """A page leads to another when it opens, if what it asks is so. `spot` is None for the guard's."""

    start: str
    end: str
    asks: frozenset[str]
    spot: Spot | None = None


def find(subject: Subject) -> Iterator[Spot]:
    """Two pages that lead to each other when they open, unless both ask the same."""
    ways = [way for page in subject.pages for way in _ways(page)]
    for way in ways:
        back = [other for other in ways if (other.start, other.end) == (way.end, way.start)]
        looping = [other for other in back if not way.asks or way.asks != other.asks]
        if way.spot is not None and looping:
            yield way.spot


def _ways(page: Facts) -> Iterator[_Way]:
    name = page.view.page.name
    draft = page.app.manifest.auth
    if draft is not None and draft.entry_page is not None and not page.view.public:
        yield _Way(start=name, end=draft.entry_page.text.value, asks=_GUARD)
    for piece, function in page.view.at_load():
        for call in calls.of(page, piece, function):
            given = syntax.arguments(call.node)
            end = syntax.text(piece, given[0]) if given and calls.is_function(call, "navigateTo") else None
            if end is None or syntax.function_around(call.node) != function:
                continue
            asks = frozenset(
                _asked(page, name.id, name.path) for name, _ in gates.conditions_of(page, piece, call.node)
            )
            spot = Spot(place=piece.place(call.node), received=piece.excerpt(call.node))
            yield _Way(start=name, end=end, asks=asks, spot=spot)


def _asked(page: Facts, identity: str, path: tuple[str, ...]) -> str:
    """What is asked, in one word; the key of the contract's token is the sign-in itself."""
    if identity in ("appsmith", "portico") and path == ("store", page.token_key):
        return "auth"
    return "auth" if identity == "auth" else ".".join((identity, *path))


RULE = Rule(
    id="redirect-loop",
    reason="both pages can send the same visitor to the other, and the browser goes round and round",
    remedy="let both ask `auth.isLoggedIn`, or leave it to `access` and `home_page`, which know each other",
    find=find,
)
