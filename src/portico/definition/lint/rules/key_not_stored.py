"""A log-out that clears a key under which nothing was stored (seed S3)."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint import meanings, names, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece


def find(subject: Subject) -> Iterator[Spot]:
    """Keys that are cleared and that nothing stores."""
    stored = {page.token_key for page in subject.pages if page.token_key is not None}
    read: set[str] = set()
    computed = False
    for page in subject.pages:
        for _, _, key in _calls(page, "storeValue", clearing=False):
            computed |= key is None
            stored |= {key} if key is not None else set()
        read |= set(_read(page))
    for page in subject.pages:
        cleared = (*_calls(page, "storeValue", clearing=True), *_calls(page, "removeValue", clearing=None))
        for piece, call, key in cleared:
            if key is not None and key not in stored and not (computed and _may_be_there(key, stored | read)):
                yield Spot(place=piece.place(call), received=piece.excerpt(call))


def _calls(page: Facts, function: str, *, clearing: bool | None) -> Iterator[tuple[Piece, Node, str | None]]:
    """Calls with the key that they are given, None for one that is computed. `clearing`: whether the value
    is nothing."""
    for piece in page.view.acting():
        for call in piece.nodes("call_expression"):
            found = names.called(page.view, piece, call)
            given = syntax.arguments(call)
            if found is None or (found.id, found.path) != (function, ()) or not given:
                continue
            nothing = len(given) < 2 or syntax.is_nothing(piece, given[1])
            if clearing is None or nothing == clearing:
                yield piece, call, syntax.text(piece, given[0])


def _read(page: Facts) -> Iterator[str]:
    """The keys of the store that code of a page reads."""
    for located in page.view.world.code():
        for name, path in located.steps():
            if name in ("appsmith", "portico") and path[:1] == ("store",) and len(path) > 1:
                yield path[1]


def _may_be_there(key: str, known: set[str]) -> bool:
    """Whether a key may be one of those that are computed, such as all keys of an answer. It is none if it
    only resembles one that is used, or cannot be the name of anything in an answer."""
    if key in known:
        return True
    if any(meanings.plain(key) == meanings.plain(other) for other in known):
        return False
    return key.replace("_", "").replace("-", "").replace(".", "").replace("$", "").isalnum()


RULE = Rule(
    id="key-not-stored",
    reason="nothing is stored under the key that is cleared here, so what signed the user in stays",
    remedy="clear the key that the sign-in stores, or call `clearStore()`",
    find=find,
)
