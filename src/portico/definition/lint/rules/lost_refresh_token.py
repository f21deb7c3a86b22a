"""A renewal that can store nothing over the refresh token."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint import gates, meanings, names, syntax, trace
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece


def find(subject: Subject) -> Iterator[Spot]:
    """Refresh tokens that are stored out of the answer of a renewal without asking whether it has one."""
    for page in subject.pages:
        for piece in page.view.acting():
            for call in piece.nodes("call_expression"):
                given = syntax.arguments(call)
                found = names.called(page.view, piece, call)
                if found is None or (found.id, found.path) != ("storeValue", ()) or len(given) < 2:
                    continue
                key = syntax.text(piece, given[0])
                refreshes = key is not None and meanings.is_refresh_token(key)
                answered = _answered(page, piece, given[1]) if refreshes else None
                if answered is not None and not _asked(page, piece, given[1], answered):
                    yield Spot(place=piece.place(given[1]), received=piece.excerpt(given[1]))


def _answered(page: Facts, piece: Piece, value: Node) -> Named | None:
    """The part of a renewal's answer that a value is, if it is nothing else."""
    found = [origin.name for origin in trace.origins(page.view, piece, value)]
    only = found[0] if len(set(found)) == 1 else None
    if only is None or only.id not in page.renewing or only.path[:1] != ("data",) or len(only.path) < 2:
        return None
    return only if _is_plain(value) else None


def _is_plain(value: Node) -> bool:
    """Whether a value has nothing to fall back on."""
    return syntax.bare(value).type in ("identifier", "member_expression", "subscript_expression")


def _asked(page: Facts, piece: Piece, value: Node, answered: Named) -> bool:
    """Whether a condition around it, or one that ends the function before it, asks for that very part."""
    for condition in gates.conditions(value):
        for node in piece.nodes("identifier", "member_expression", "subscript_expression", root=condition):
            if any(origin.name == answered for origin in trace.origins(page.view, piece, node)):
                return True
    return False


RULE = Rule(
    id="lost-refresh-token",
    reason="an answer without this part stores nothing over the refresh token, and the next renewal "
    "signs the "
    "user out",
    remedy="store it only if the answer has it, and ask for the very part that is stored: "
    "`if (tokens.refresh_token) await storeValue('refresh_token', tokens.refresh_token)`",
    find=find,
)
