"""`storeValue` that nobody waits for before the page is left (seeds S1, S2 and S3)."""

from collections import defaultdict
from collections.abc import Iterator

from portico.definition.lint import calls, syntax
from portico.definition.lint.calls import Call
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject


def find(subject: Subject) -> Iterator[Spot]:
    """Calls that store, whose promise is dropped, and that a navigation follows."""
    for page in subject.pages:
        for piece in page.view.acting():
            found = list(calls.of(page, piece))
            leaving: dict[int, list[Call]] = defaultdict(list)
            for call in found:
                if calls.does(page, call, "navigateTo"):
                    leaving[syntax.outermost(piece, call.node).id].append(call)
            for call in found:
                others = leaving.get(syntax.outermost(piece, call.node).id, ())
                if others and _drops(page, call) and any(_follows(call, other) for other in others):
                    yield Spot(place=piece.place(call.node), received=piece.excerpt(call.node))


def _follows(call: Call, other: Call) -> bool:
    """Whether one call comes after another without waiting for it."""
    waits = syntax.within(other.node, calls.chain(call.node))
    return not waits and calls.follows(call.node, other.node, call.piece)


def _drops(page: Facts, call: Call) -> bool:
    """Whether it stores, itself or through a function of a script, and nothing waits for it."""
    if calls.is_kept(call.piece, call.node):
        return False
    return calls.does(page, call, *calls.STORING) and not (
        call.name.id in page.view.scripts and calls.does(page, call, "navigateTo")
    )


RULE = Rule(
    id="unawaited-store",
    reason="the page is left without waiting for what is stored, so the next one may open before it is "
    "there, and nobody notices where storing failed",
    remedy="write `await storeValue(…)`; for several `await Promise.all(keys.map((key) => storeValue(…)))`",
    find=find,
)
