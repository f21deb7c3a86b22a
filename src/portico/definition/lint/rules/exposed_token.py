"""A token that is given to a widget, to the app around a module, or to an address (seed S0)."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint import calls, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece

#: Functions of widgets that show what they are given.
_SETTERS = frozenset({"setText", "setValue", "setData", "setImage"})


def find(subject: Subject) -> Iterator[Spot]:
    """Tokens as values of properties, of outputs, of addresses and of their parameters."""
    for page in subject.pages:
        for piece, node in _shown(page):
            for token in page.tokens(piece, node):
                # What a function elsewhere gives is reported where it is shown.
                shown = token.node if token.piece is piece else node
                yield Spot(place=piece.place(shown), received=piece.excerpt(shown))


def _shown(page: Facts) -> Iterator[tuple[Piece, Node]]:
    """Everything that a user, the app around a module or a log could read."""
    for part in page.view.properties:
        yield part.piece, _inside(part.piece)
    for output in page.view.outputs:
        yield output.piece, _inside(output.piece)
    for sent in page.view.requests:
        if sent.part in ("path", "params"):
            yield sent.piece, _inside(sent.piece)
    for piece in page.view.acting():
        for call in calls.of(page, piece):
            given = syntax.arguments(call.node)
            if calls.is_function(call, "navigateTo"):
                yield from ((piece, one) for one in given[:2])
            elif (
                call.name.id in page.view.world.by_id
                and call.name.path[-1:]
                and call.name.path[-1] in _SETTERS
            ):
                yield from ((piece, one) for one in given[:1])


def _inside(piece: Piece) -> Node:
    """The code of a value, without the parentheses that are ours."""
    return syntax.bare(piece.root)


RULE = Rule(
    id="exposed-token",
    reason="a token in a page, in what a module gives to its app, or in an address, is where users, "
    "other code "
    "and logs can read it",
    remedy="give what is meant: `auth.isLoggedIn`, a name, a number; tokens go into headers, and "
    "contracts send "
    "them by themselves",
    find=find,
)
