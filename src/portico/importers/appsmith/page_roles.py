"""Guards that compare a role: which roles a page is for, as far as they compare it with words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from portico.definition.lint import calls, gates, meanings, names, syntax, trace
from portico.definition.lint.facts import Facts
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece
from portico.importers.appsmith.reached import Condition, conditions
from portico.importers.appsmith.sign_in import SignIn
from portico.importers.appsmith.word_set import ALL, NONE, WordSet

_ENDINGS = ("role", "roles", "rolename", "group", "groups", "usertype")
_ROLES = frozenset({"rol", "userrol", "tipousuario"})
_SAME = {"===": True, "==": True, "!==": False, "!=": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRoles:
    """The roles that a page is for. `path` leads to the role in the store, its key first; `reason` is what
    the guard compares."""

    roles: tuple[str, ...]
    path: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Guards:
    """What the guards of pages say about roles: of some it is known, of others only that they ask."""

    known: Mapping[str, PageRoles] = field(default_factory=dict)
    unclear: Mapping[str, str] = field(default_factory=dict)


def guards(pages: Sequence[Facts], found: SignIn) -> Guards:
    """The guards of all pages but the open ones. They count where they run when the page opens and lead away
    from it."""
    known: dict[str, PageRoles] = {}
    unclear: dict[str, str] = {}
    states = {one.key for one in found.kept if one.query == found.query} | {found.token.key}
    for page in pages:
        name = page.view.page.name
        if name in (found.open or {}):
            continue
        reader = _Guard(page, states, {one.view.page.name for one in pages})
        if (said := reader.roles()) is not None:
            known[name] = said
        elif reader.unclear:
            unclear[name] = reader.unclear
    return Guards(known=known, unclear=unclear)


def is_role(word: str) -> bool:
    """Whether something of this name is a user's role."""
    plain = meanings.plain(word)
    return plain in _ROLES or plain.endswith(_ENDINGS)


class _Guard:
    """The guard of one page. `states` are keys of the store that hold something of whoever is signed in."""

    def __init__(self, page: Facts, states: set[str], pages: set[str]) -> None:
        self._page = page
        self._states = states
        self._pages = pages - {page.view.page.name}
        self._paths: set[tuple[str, ...]] = set()
        self._words: list[str] = []
        self.unclear = ""

    def roles(self) -> PageRoles | None:
        """The roles that are not led away; None where nothing says so, or `unclear`."""
        stay, reason = ALL, ""
        for away in self._ways_away():
            asked = [one for one in away if self._asks_role(one)]
            if not asked:
                continue
            excerpt = asked[0].piece.excerpt(syntax.bare(asked[0].node))
            reason = reason or excerpt
            led = self._led(away)
            left = _joined("&&", stay, ~led, many=self._many) if led is not None else None
            if left is None:
                self.unclear = self.unclear or excerpt
            else:
                stay = left
        words = tuple(dict.fromkeys(word for word in self._words if word in stay.words and word))
        if self.unclear or not reason:
            return None
        if stay.outside or not words or len(self._paths) != 1:
            self.unclear = reason
            return None
        return PageRoles(roles=words, path=next(iter(self._paths)), reason=reason)

    def _ways_away(self) -> Iterator[list[Condition]]:
        """The conditions of each call at load that leads to another page."""
        view = self._page.view
        for piece, function in view.at_load():
            for call in calls.of(self._page, piece, function):
                outer = list(conditions(piece, call.node, function))
                if self._leads_away(call):
                    yield outer
                inner = view.function(call.name.id, call.name.path[0]) if len(call.name.path) == 1 else None
                for one in calls.opened(self._page, call) if inner is not None else ():
                    if inner is not None and self._leads_away(one):
                        yield [*outer, *conditions(one.piece, one.node, inner)]

    def _leads_away(self, call: calls.Call) -> bool:
        given = syntax.arguments(call.node)
        if not calls.is_function(call, "navigateTo") or not given:
            return False
        target = syntax.text(call.piece, given[0])
        return target is None or target in self._pages

    def _asks_role(self, condition: Condition) -> bool:
        """Whether it asks for a role, of the store or of an answer; also by a variable."""
        piece = condition.piece
        named = [self._value(piece, one) for one in piece.nodes("identifier", root=condition.node)]
        return any(
            any(map(is_role, name.path))
            and (name.store_key is not None or name.id in self._page.view.queries)
            for node in (condition.node, *named)
            for name, _ in gates.named_in(self._page, piece, node)
        )

    def _led(self, away: list[Condition]) -> WordSet | None:
        """The roles that are led away where all of this holds; None if that cannot be told."""
        led = ALL
        for condition in away:
            found = self._words_of(condition.piece, condition.node)
            if found is None or condition.holds is None:
                return None
            joined = _joined("&&", led, found if condition.holds else ~found, many=self._many)
            if joined is None:
                return None
            led = joined
        return led

    @property
    def _many(self) -> bool:
        """Whether the user has a list of roles: each word is then a question of its own."""
        return any(_is_list(path) for path in self._paths)

    def _words_of(self, piece: Piece, node: Node) -> WordSet | None:
        """The roles for which a condition is true, for somebody who is signed in; None if it asks more."""
        node = self._value(piece, syntax.bare(node))
        match node.type:
            case "unary_expression" if piece.word(node).startswith("!"):
                inner = node.child_by_field_name("argument")
                found = self._words_of(piece, inner) if inner is not None else None
                return None if found is None else ~found
            case "binary_expression":
                return self._of_two(piece, node)
            case "call_expression":
                return self._included(piece, node)
            case "true" | "false":
                return ALL if node.type == "true" else NONE
        return self._compared(piece, node, "", same=False)

    def _of_two(self, piece: Piece, node: Node) -> WordSet | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return None
        if operator.type in _SAME:
            for value, word in ((left, right), (right, left)):
                said = "" if syntax.is_nothing(piece, word) else syntax.text(piece, syntax.bare(word))
                if said is not None:
                    return self._compared(piece, value, said, same=_SAME[operator.type])
            return None
        first, second = self._words_of(piece, left), self._words_of(piece, right)
        if first is None or second is None or operator.type not in ("&&", "||"):
            return None
        return _joined(operator.type, first, second, many=self._many)

    def _compared(self, piece: Piece, value: Node, word: str, *, same: bool) -> WordSet | None:
        """What `value === word` says; `""` is no value at all."""
        name = self._only(piece, value)
        if name is None or name.store_key is None:
            return None
        if is_role(name.path[-1]) and (not _is_list(name.path) or not word):
            found = self._noted(name, (word,))
        elif not word and len(name.path) == 2 and name.store_key in self._states:
            # Who is signed in has it.
            found = NONE
        else:
            return None
        return found if same else ~found

    def _included(self, piece: Piece, call: Node) -> WordSet | None:
        """What `['a', 'b'].includes(role)`, or `roles.includes('a')`, says."""
        method, given = syntax.method(piece, call), syntax.arguments(call)
        if method is None or method[1] != "includes" or len(given) != 1:
            return None
        owner = self._value(piece, syntax.bare(method[0]))
        if owner.type == "array":
            words = [syntax.text(piece, one) for one in owner.named_children if one.type != "comment"]
            name = self._only(piece, given[0])
            if name is None or name.store_key is None or not is_role(name.path[-1]) or _is_list(name.path):
                return None
            return self._noted(name, tuple(word for word in words if word)) if all(words) else None
        word, name = syntax.text(piece, given[0]), self._only(piece, owner)
        if not word or name is None or name.store_key is None or not _is_list(name.path):
            return None
        return self._noted(name, (word,))

    def _noted(self, name: Named, words: tuple[str, ...]) -> WordSet:
        self._paths.add(name.path[1:])
        self._words += words
        if _is_list(name.path) and words == ("",):
            return NONE
        return WordSet(words=frozenset(words))

    def _only(self, piece: Piece, node: Node) -> Named | None:
        """The one name of the app that a value is."""
        found = {origin.name for origin in trace.origins(self._page.view, piece, node)}
        return found.pop() if len(found) == 1 else None

    def _value(self, piece: Piece, node: Node) -> Node:
        """What a variable stands for that is given a value once."""
        if node.type != "identifier":
            return node
        found = list(names.declared(piece, node))
        value = found[0] if len(found) == 1 and found[0].kind == "value" and not found[0].path else None
        return syntax.bare(value.node) if value is not None else node


def _is_list(path: tuple[str, ...]) -> bool:
    """Whether a role is one of several, by the name that they have together."""
    return is_role(path[-1]) and meanings.plain(path[-1]).endswith("s")


def _joined(operator: str, first: WordSet, second: WordSet, *, many: bool) -> WordSet | None:
    """Both, or one of both. Somebody with several roles can have one and lack another: what asks for both is
    no list of roles."""
    both = operator == "&&"
    if (
        many
        and not first.constant
        and not second.constant
        and (first.outside, second.outside) != (both, both)
    ):
        return None
    return first & second if both else first | second
