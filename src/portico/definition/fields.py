"""Reading one mapping of a file: each key once, and at the end what nobody asked for."""

import re
from collections.abc import Iterable
from datetime import timedelta

from portico.definition.bindings import has_binding
from portico.definition.diagnostics import Problems
from portico.definition.names import suggestion
from portico.definition.shapes import Shape
from portico.definition.source import Items, Node, Scalar, Table
from portico.model.place import Place

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s)?")
_LASTING = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
LEAST_SECONDS = 0.1
MOST_SECONDS = 60


class Fields:
    """The keys of a mapping that is to have this shape: a reader asks for them, `done` reports others."""

    def __init__(self, table: Table, problems: Problems, shape: Shape) -> None:
        self.table = table
        self.problems = problems
        self._shape = shape

    @property
    def place(self) -> Place:
        """Where the mapping begins."""
        return self.table.place

    def node(self, key: str) -> Node | None:
        """The value of a key, or None. Raises ValueError for one that the shape does not have."""
        if key not in self._shape.keys:
            raise ValueError(f"{self._shape.what} has no {key}")
        entry = self.table.entries.get(key)
        return entry.node if entry is not None else None

    def place_of(self, key: str) -> Place:
        """Where a key stands; the mapping itself if it is missing."""
        entry = self.table.entries.get(key)
        return entry.key if entry is not None else self.table.place

    def required(self, key: str, remedy: str) -> Node | None:
        """The value of a key that must be there."""
        node = self.node(key)
        if node is None:
            self.problems.add("E203", self.place, f"{self._shape.what} needs `{key}`", remedy=remedy)
        return node

    def word(self, key: str) -> Scalar | None:
        """A literal text, if the key is there and right."""
        node = self.node(key)
        return None if node is None else literal(node, self.problems, key)

    def required_word(self, key: str, remedy: str) -> Scalar | None:
        """A literal text that must be there."""
        node = self.required(key, remedy)
        return None if node is None else literal(node, self.problems, key)

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """One of some words."""
        word = self.word(key)
        if word is None:
            return default
        allowed = tuple(choices)
        if word.text.value in allowed:
            return word.text.value
        self.problems.add(
            "E204",
            word.place,
            f"`{key}` cannot be this",
            received=word.text.value,
            remedy=f"write one of {', '.join(allowed)}",
        )
        return default

    def flag(self, key: str) -> bool | None:
        """`true` or `false`, if the key is there and right."""
        node = self.node(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        wrong_type(
            self.problems, node, f"`{key}` is true or false", "write `true` or `false`, without quotes"
        )
        return None

    def integer(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number in a range, if the key is there and right."""
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or not isinstance(node.value, int):
            wrong_type(
                self.problems, node, f"`{key}` is a whole number", f"write a number from {least} to {most}"
            )
            return None
        if not least <= node.value <= most:
            self.problems.add(
                "E219",
                node.place,
                f"`{key}` is out of range",
                received=node.value,
                remedy=f"write a number from {least} to {most}",
            )
            return None
        return node.value

    def duration(self, key: str) -> timedelta | None:
        """Seconds as a number, or text like `10s` or `500ms`, if the key is there and right."""
        node = self.node(key)
        if node is None:
            return None
        found = _DURATION.fullmatch(node.text.value) if isinstance(node, Scalar) else None
        if found is None:
            wrong_type(
                self.problems, node, f"`{key}` is a time", "write seconds like `10`, or `10s`, or `500ms`"
            )
            return None
        seconds = float(found[1]) / (1000 if found[2] == "ms" else 1)
        if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
            self.problems.add(
                "E219",
                node.place,
                f"`{key}` is out of range",
                received=f"{seconds:g} seconds",
                remedy=f"write {LEAST_SECONDS} to {MOST_SECONDS} seconds",
            )
            return None
        return timedelta(seconds=seconds)

    def lasting(self, key: str, *, least: timedelta, most: timedelta) -> timedelta | None:
        """Text like `30m`, `12h` or `14d`, in a range, if the key is there and right."""
        node = self.node(key)
        if node is None:
            return None
        found = _LASTING.fullmatch(node.text.value) if isinstance(node, Scalar) else None
        if found is None:
            wrong_type(
                self.problems,
                node,
                f"`{key}` is a time with its unit",
                "write one like `30m`, `12h` or `14d`",
            )
            return None
        lasting = int(found[1]) * _UNITS[found[2]]
        if not least <= lasting <= most:
            self.problems.add(
                "E219",
                node.place,
                f"`{key}` is out of range",
                received=found[0],
                remedy=f"write a time from {_spelled(least)} to {_spelled(most)}",
            )
            return None
        return lasting

    def table_of(self, key: str) -> Table | None:
        """A mapping, if the key is there and right."""
        node = self.node(key)
        if node is None or isinstance(node, Table):
            return node
        wrong_type(
            self.problems, node, f"`{key}` is a mapping", "write `key: value` lines, indented below it"
        )
        return None

    def items_of(self, key: str) -> tuple[Node, ...]:
        """The items of a list; none if the key is missing or wrong."""
        node = self.node(key)
        if node is None:
            return ()
        if isinstance(node, Items):
            return node.items
        wrong_type(self.problems, node, f"`{key}` is a list", "write one `- ` line for each item")
        return ()

    def words_of(self, key: str) -> tuple[Scalar, ...]:
        """The literal texts of a list."""
        found = (literal(item, self.problems, key) for item in self.items_of(key))
        return tuple(word for word in found if word is not None)

    def done(self, code: str = "E201") -> None:
        """Report the keys that the shape does not have."""
        for key, entry in self.table.entries.items():
            if key not in self._shape.keys:
                self.problems.add(
                    code,
                    entry.key,
                    f"{self._shape.what} has no `{key}`",
                    received=key,
                    remedy=suggestion(key, self._shape.keys, none="remove it"),
                )


def literal(node: Node, problems: Problems, key: str) -> Scalar | None:
    """A text or number without bindings, as it was written; None and a problem otherwise."""
    if not isinstance(node, Scalar) or node.value is None or isinstance(node.value, bool):
        wrong_type(problems, node, f"`{key}` is text", "write text; put words like true or null in quotes")
        return None
    if has_binding(node.text.value):
        problems.add(
            "E213",
            node.place,
            f"`{key}` cannot be a binding",
            received=node.text.value,
            remedy="write the value out",
        )
        return None
    return node


def table(node: Node | None, problems: Problems, what: str, file: str) -> Table | None:
    """The mapping that a file or item must be."""
    if isinstance(node, Table):
        return node
    if node is None or (isinstance(node, Scalar) and node.value is None):
        place = node.place if node is not None else Place(file, 1, 1)
        problems.add(
            "E202", place, f"{what} is a mapping", received="nothing", remedy="write `key: value` lines"
        )
    else:
        wrong_type(problems, node, f"{what} is a mapping", "write `key: value` lines")
    return None


def wrong_type(problems: Problems, node: Node, message: str, remedy: str, *, code: str = "E202") -> None:
    """Report a value of the wrong type, and say what it was."""
    problems.add(code, node.place, message, received=described(node), remedy=remedy)


def described(node: Node) -> str:
    """What a value is, for a message."""
    match node:
        case Items():
            return "a list"
        case Table():
            return "a mapping"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str()):
            return f'the text "{node.text.value}"'
        case Scalar(value=bool()):
            return f"{node.text.value}, true or false"
        case Scalar():
            return f"the number {node.text.value}"


def _spelled(time: timedelta) -> str:
    """A time in the largest unit that it is a whole number of."""
    name = next(name for name in reversed(_UNITS) if time % _UNITS[name] == timedelta(0))
    return f"{time // _UNITS[name]}{name}"
