"""Passwords that a database of the app's own keeps as they were typed."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.bindings import Snippet
from portico.definition.draft import QueryDraft
from portico.definition.lint import meanings, piece, trace
from portico.definition.lint.facts import Facts, is_password
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece
from portico.definition.scopes import Scope
from portico.definition.statements import understood
from portico.definition.value import Bound
from portico.model.statement import dialect_of

_EQUAL = frozenset({"==", "===", "!=", "!=="})


def find(subject: Subject) -> Iterator[Spot]:
    """Statements that compare or store what was typed, and scripts that compare it with what a query gave."""
    for page in subject.pages:
        for scope in page.view.world.scopes:
            for query in scope.queries:
                yield from _statement(page, scope, query)
        for found in (*page.view.acting(), *(part.piece for part in page.view.properties)):
            for node in found.all("binary_expression", found.root):
                if _compares(page, found, node):
                    yield Spot(place=found.place(node), received=found.excerpt(node))


def _statement(page: Facts, scope: Scope, query: QueryDraft) -> Iterator[Spot]:
    draft, word = query.statement, query.datasource
    source = page.app.datasources.get(word.text.value) if word is not None else None
    if draft is None:
        return
    dialect = dialect_of(source.url) if source is not None else ""
    statement = understood(draft.parts, dialect, prepared=draft.prepared).statement
    bindings = [part for part in draft.parts if isinstance(part, Snippet)]
    for index in sorted(statement.unchanged):
        column, snippet = statement.columns[index], bindings[index]
        if _keeps_passwords(column) and _typed(page, scope, snippet):
            place = draft.text.place(snippet.start - 2)
            yield Spot(place=place, received=f"{column}: {{{{{snippet.text}}}}}")


def _keeps_passwords(column: str) -> bool:
    found = meanings.plain(column)
    return meanings.is_password(column) or found.endswith(("password", "passwd"))


def _typed(page: Facts, scope: Scope, snippet: Snippet) -> bool:
    """Whether a binding gives what a user typed as a password, as it is."""
    made = piece.of_value(Bound((snippet,)), scope)
    return any(_is_typed(page, found, found.root) for found in made)


def _is_typed(page: Facts, found: Piece, node: Node) -> bool:
    return any(is_password(page.view, origin.name) for origin in trace.origins(page.view, found, node))


def _compares(page: Facts, found: Piece, node: Node) -> bool:
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or left is None or right is None or found.word(operator) not in _EQUAL:
        return False
    return any(
        _is_typed(page, found, one) and _is_kept(page, found, other)
        for one, other in ((left, right), (right, left))
    )


def _is_kept(page: Facts, found: Piece, node: Node) -> bool:
    """Whether it is what a query of a database gave under the name of a password."""
    return any(
        origin.name.id in page.view.queries
        and page.view.queries[origin.name.id].kind == "sql"
        and origin.name.path[:1] == ("data",)
        and _keeps_passwords(origin.name.path[-1])
        for origin in trace.origins(page.view, found, node)
    )


RULE = Rule(
    id="plain-password",
    reason="passwords are kept as they are typed: whoever reads the table, or a copy of it, has them all",
    remedy="keep a hash and compare with that: `password_hash = crypt(…, password_hash)` of pgcrypto, or "
    "`await bcryptjs.compare(…)` in a script",
    find=find,
)
