"""A log-out that the auth API hears nothing of (seeds S2 and S3)."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition import own_users
from portico.definition.draft import QueryDraft
from portico.definition.lint import calls, meanings, syntax
from portico.definition.lint.calls import Call
from portico.definition.lint.facts import Facts, path_text
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece
from portico.definition.source import Scalar, Table
from portico.model.query import READING


def find(subject: Subject) -> Iterator[Spot]:
    """Log-outs that this server tells the auth API nothing of, in events and functions that do not either."""
    if _says_none(subject):
        return
    for page in subject.pages:
        if not _is_by_hand(page):
            continue
        for piece in page.view.acting():
            for call in calls.of(page, piece):
                if _logs_out(page, piece, call) and not _revokes(page, piece, call):
                    yield Spot(place=piece.place(call.node), received=piece.excerpt(call.node))


def _is_by_hand(page: Facts) -> bool:
    """Whether ending the token is left to the app: without `sign_in` the server has none to end, and where
    users are in a table of the app's own there is none."""
    draft = page.app.manifest.auth
    if draft is None or draft.preset is not None or draft.provider is not None:
        return False
    if "sign_in" in own_users.queries_of(page.app, draft):
        return False
    return not {"sign_in", "sign_out"} <= draft.roles.keys()


def _says_none(subject: Subject) -> bool:
    """Whether the author says that the auth API ends no tokens: `sign_out: none`."""
    manifest = subject.documents.get("app.yaml")
    auth = manifest.entries.get("auth") if isinstance(manifest, Table) else None
    said = auth.node.entries.get("sign_out") if auth is not None and isinstance(auth.node, Table) else None
    return said is not None and isinstance(said.node, Scalar) and said.node.value == "none"


def _logs_out(page: Facts, piece: Piece, call: Call) -> bool:
    """Whether a call ends the sign-in, or is meant to."""
    if calls.is_function(call, "logoutUser", "auth.logOut"):
        return True
    given = syntax.arguments(call.node)
    if calls.is_function(call, "clearStore"):
        return not _is_in_catch(call.node)
    key = syntax.text(piece, given[0]) if given else None
    if key is None or not (key == page.token_key or meanings.is_token(key)) or meanings.is_refresh_token(key):
        return False
    if calls.is_function(call, "storeValue"):
        return len(given) > 1 and syntax.is_nothing(piece, given[1])
    return calls.is_function(call, "removeValue")


def _is_in_catch(node: Node) -> bool:
    """Whether it is what follows a failure, such as a renewal that was refused: that token is dead."""
    return any(outer.type == "catch_clause" for outer in syntax.above(node))


def _revokes(page: Facts, piece: Piece, call: Call) -> bool:
    """Whether the same event or function runs a query that ends the token, itself or through a function."""
    root = syntax.outermost(piece, call.node)
    for other in calls.of(page, piece, root):
        for one in (other, *calls.opened(page, other)):
            query = page.view.queries.get(one.name.id) if one.name.path == ("run",) else None
            if query is not None and (
                query.method not in READING
                or meanings.is_revocation(query.name.rpartition(".")[2], path_text(query))
            ):
                return True
    return False


def _ends_token(query: QueryDraft) -> bool:
    """Whether a query may be what ends a token: it changes something, or is called like that."""
    name = query.name.rpartition(".")[2]
    return query.method not in READING or meanings.is_revocation(name, path_text(query))


RULE = Rule(
    id="unrevoked-log-out",
    reason="the token stays good at the auth API: whoever got hold of it goes on as this user",
    remedy="run the query that ends it before, or name it as `sign_out` of `auth` beside `sign_in`; where "
    "the API has none, write `sign_out: none`",
    find=find,
)
