"""What rules ask about a page: which queries sign in, which carry the user's token, what a token is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.draft import AppDraft, QueryDraft
from portico.definition.lint import meanings, names, trace
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece
from portico.definition.lint.trace import Origin
from portico.definition.lint.view import View, view
from portico.definition.module_check import INPUTS
from portico.definition.module_lookup import query_id
from portico.definition.value import Bound, Fixed, Value
from portico.model.query import OWN, READING, Role

#: The contract's queries whose answers sign in.
_SIGNING: tuple[Role, ...] = ("sign_in", "sign_up", "verify")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """A page and what its queries are for. `carrying` are, by id, the places at which a query reads the
    token that it sends; `signing` those that take a password; `renewing` those that send a refresh token.
    `contract` are the app's own queries by what they are for."""

    app: AppDraft
    view: View
    token_key: str | None
    contract: Mapping[Role, str]
    carrying: Mapping[str, tuple[Origin, ...]]
    signing: frozenset[str]
    renewing: frozenset[str]

    def tokens(self, piece: Piece, node: Node) -> Iterator[Origin]:
        """The tokens that the value of an expression may be, or hold."""
        for origin in trace.origins(self.view, piece, node):
            if self.is_token(origin.name):
                yield origin

    def is_token(self, name: Named) -> bool:
        """Whether this is a token of the user."""
        return _is_token(self.view, self.token_key, name)

    def is_stored_token(self, name: Named) -> bool:
        """Whether this is a token in the store, or something of one, such as its length."""
        key = name.store_key
        return key is not None and (key == self.token_key or meanings.is_token(key))

    def is_sign_in_state(self, name: Named) -> bool:
        """Whether this tells, or is meant to tell, whether somebody is signed in."""
        return name.id == "auth" or self.is_stored_token(name) or name.id in self.carrying

    def runs(self, piece: Piece) -> Iterator[tuple[Node, str]]:
        """The calls that run a query, with its id."""
        for call in piece.nodes("call_expression"):
            found = names.called(self.view, piece, call)
            if found is not None and found.path == ("run",) and found.id in self.view.queries:
                yield call, found.id


def facts(app: AppDraft) -> tuple[Facts, ...]:
    """The pages of an app that has no error."""
    return tuple(_facts(app, view(app, page)) for page in app.pages.values())


def path_text(query: QueryDraft) -> str:
    """What of a query's path is written out."""
    return literal(query.path)


def literal(value: Value) -> str:
    """What of a text is written out."""
    match value:
        case Fixed():
            return str(value.value)
        case Bound():
            return "".join(part for part in value.parts if isinstance(part, str))
        case _:
            return ""


def _facts(app: AppDraft, found: View) -> Facts:
    draft = app.manifest.auth
    key = draft.token_key.text.value if draft is not None and draft.token_key is not None else None
    contract = {
        role: query_id(app, word.text.value)
        for role, said in (draft.roles.items() if draft is not None else ())
        if (word := said.query) is not None
    }
    carrying: dict[str, list[Origin]] = {}
    signing = {contract[role] for role in _SIGNING if role in contract}
    renewing = {contract["refresh"]} if "refresh" in contract else set()
    for sent in found.requests:
        for origin in trace.origins(found, sent.piece, sent.piece.root):
            if _is_token(found, key, origin.name):
                carrying.setdefault(sent.query.name, []).append(origin)
            if _renews(origin.name, sent.query) and sent.part != "headers":
                renewing.add(sent.query.name)
            if (sent.query.method not in READING or sent.query.kind in OWN) and is_password(
                found, origin.name
            ):
                signing.add(sent.query.name)
    return Facts(
        app=app,
        view=found,
        token_key=key,
        contract=contract,
        carrying={name: tuple(origins) for name, origins in carrying.items()},
        signing=frozenset(signing),
        renewing=frozenset(renewing),
    )


def _is_token(found: View, key: str | None, name: Named) -> bool:
    if (stored := name.store_key) is not None:
        last = name.path[-1]
        return meanings.is_token(last) or (len(name.path) == 2 and stored == key)
    if name.id == "auth":
        return name.path in (("token",), ("refreshToken",))
    if name.path == ("store",):
        return name.id in ("appsmith", "portico")
    answered = name.id in found.queries and name.path[:1] == ("data",)
    return answered and len(name.path) > 1 and meanings.is_token(name.path[-1])


def _renews(name: Named, query: QueryDraft) -> bool:
    if (stored := name.store_key) is not None:
        return meanings.is_refresh_token(stored)
    if name.id == "auth":
        return name.path[:1] == ("refreshToken",)
    return (
        name.id == "this" and name.path[:1] == ("params",) and any(map(meanings.is_refresh_token, name.path))
    )


def is_password(found: View, name: Named) -> bool:
    """Whether this is what a user typed as a password."""
    _, widget = found.world.by_id.get(name.id, (None, None))
    if widget is not None:
        kind = widget.properties.get("inputType")
        return isinstance(kind, Fixed) and kind.value == "PASSWORD" and name.path[:1] == ("text",)
    given = name.path[1:] if name.id == "this" and name.path[:1] == ("params",) else ()
    if name.id == INPUTS or name.id.endswith(f".{INPUTS}"):
        given = name.path
    return any(map(meanings.is_password, given))
