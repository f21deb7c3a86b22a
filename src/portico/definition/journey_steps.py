"""The steps of journeys, as they are written: a mapping with one key, or one of three words."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Literal

from portico.definition.diagnostics import Problems
from portico.definition.names import suggestion
from portico.definition.shapes import Schema, each, either, mapping
from portico.definition.shapes import table as named
from portico.definition.source import Items, Node, Scalar, Table
from portico.model.journey import (
    Action,
    Advance,
    As,
    At,
    ClearFaults,
    Click,
    Fill,
    Holds,
    Open,
    OpenMail,
    See,
    Select,
    SetFault,
    Simple,
    SwitchTab,
)
from portico.model.place import Place

#: Steps that stand alone.
WORDS = ("reload", "restart", "back")
#: Takes the steps of a list of this name.
USE = "use"
#: Faults are taken away by this word.
NONE = "none"

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_PAIRS = named(_TEXT)
_KEYS: Mapping[str, tuple[Schema, str]] = {
    "open": (_TEXT, "Opens a page by its name, with `?` parameters if need be; or a path of the server."),
    "fill": (_PAIRS, "Types into fields: what each is called, and the text."),
    "click": (either(_TEXT, each(_TEXT)), "Clicks on a button, a link or a box, or on several in turn."),
    "select": (_PAIRS, "Chooses options: what the choice is called, and the option's words or value."),
    "see": (
        either(_TEXT, each(_TEXT), _PAIRS),
        "These texts are on the page, or come; or this stands in these fields.",
    ),
    "not_see": (either(_TEXT, each(_TEXT), _PAIRS), "They are not there, or go."),
    "at": (_TEXT, "This page is open."),
    "advance": (_TEXT, "Lets time pass, as `61m`, `2h` or `1d12h`, for both servers."),
    "fault": (
        either(_TEXT, each(_TEXT), {"type": "object"}),
        "Lets something go wrong at the auth server, as `refresh: status 401`; `none` ends all of that.",
    ),
    "as": (_TEXT, "Goes on as another user, with a browser of their own; the first one is `user`."),
    "tab": (_TEXT, "Goes to another tab; the first one is `1`."),
    "mail": (
        either(_TEXT, mapping({"to": _TEXT, "code_into": _TEXT}, ["to"])),
        "Opens the link of the last mail to an address, or types its code into a field.",
    ),
    USE: (_TEXT, "Takes the steps of this name, of `steps`."),
}
_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_TIME = re.compile(r"(?:[0-9]{1,6}[dhms])+")
_PART = re.compile(r"([0-9]+)([dhms])")
_CODE = "E802"


def schema() -> Schema:
    """What an editor checks a list of steps against."""
    steps = [mapping({key: {**inner, "description": text}}, [key]) for key, (inner, text) in _KEYS.items()]
    bare = [mapping({word: {"type": "null"}}, [word]) for word in WORDS]
    return each({"anyOf": [{"enum": list(WORDS)}, *steps, *bare]})


def help_of() -> Iterator[tuple[str, str]]:
    """Each step and what it does, for the manual."""
    for key, (_, text) in _KEYS.items():
        yield key, text


class StepReader:
    """Reads single steps."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def read(self, node: Node) -> tuple[str, Place, Node | None] | None:
        """The key, its place and its value; None and a problem for what is no step."""
        known = (*_KEYS, *WORDS)
        match node:
            case Scalar() if node.text.value in WORDS:
                return node.text.value, node.place, None
            case Table() if len(node.entries) == 1:
                ((key, entry),) = node.entries.items()
                if key in known:
                    return key, entry.key, entry.node
                self._add(entry.key, f"there is no step `{key}`", key, suggestion(key, known, none=""))
                return None
        remedy = "write one key, as `click: Sign in`, or one of " + ", ".join(WORDS)
        received = node.text.value if isinstance(node, Scalar) else None
        self._add(node.place, "a step is a mapping with one key", received, remedy)
        return None

    def actions(self, key: str, place: Place, node: Node | None) -> Iterator[tuple[Action, Place, str]]:
        """What a step other than `use` does, each with its place and its words."""
        if key in WORDS:
            if node is not None and not (isinstance(node, Scalar) and node.value is None):
                self._add(place, f"`{key}` takes nothing", None, f"write `- {key}`")
                return
            yield Simple(_WORD[key]), place, key
        elif node is None:
            self._add(place, f"`{key}` needs a value", None, _KEYS[key][1])
        elif key in ("fill", "select"):
            yield from self._pairs(key, node)
        elif key in ("see", "not_see"):
            yield from self._seen(node, key)
        elif key == "fault":
            yield from self._faults(node)
        elif key == "mail":
            yield from self._mail(node)
        else:
            yield from self._plain(key, node)

    def _plain(self, key: str, node: Node) -> Iterator[tuple[Action, Place, str]]:
        several = node.items if key == "click" and isinstance(node, Items) else (node,)
        for one in several:
            text = self._text(key, one)
            if text is None:
                continue
            action = self._advance(text, one.place) if key == "advance" else _ACTIONS[key](text)
            if action is not None:
                yield action, one.place, f"{key}: {text}"

    def _advance(self, text: str, place: Place) -> Action | None:
        if not _TIME.fullmatch(text):
            self._add(place, "this is no time", text, "write it as `61m`, `2h` or `1d12h`")
            return None
        return Advance(sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(text)), timedelta(0)))

    def _pairs(self, key: str, node: Node) -> Iterator[tuple[Action, Place, str]]:
        if not isinstance(node, Table):
            self._add(node.place, f"`{key}` is a mapping", None, f"write `{key}: {{Name: value}}`")
            return
        for name, entry in node.entries.items():
            text = self._text(key, entry.node)
            if text is None:
                continue
            # What is typed may be a password: it is in nobody's way in a report.
            if key == "fill":
                yield Fill(name, text), entry.key, f"fill: {name}"
            else:
                yield Select(name, text), entry.key, f"select: {{{name}: {text}}}"

    def _seen(self, node: Node, key: str) -> Iterator[tuple[Action, Place, str]]:
        wanted = key == "see"
        if isinstance(node, Table):
            for name, entry in node.entries.items():
                text = self._held(key, entry.node)
                if text is not None:
                    yield Holds(name, text, wanted), entry.key, f"{key}: {{{name}: {text}}}"
            return
        for one in node.items if isinstance(node, Items) else (node,):
            text = self._text(key, one)
            if text is not None:
                yield See(text, wanted), one.place, f"{key}: {text}"

    def _held(self, key: str, node: Node) -> str | None:
        """What stands in a control; of a box, whether it is ticked."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return "ticked" if node.value else "not ticked"
        return self._text(key, node, empty=True)

    def _faults(self, node: Node) -> Iterator[tuple[Action, Place, str]]:
        for one in node.items if isinstance(node, Items) else (node,):
            if isinstance(one, Table):
                yield from self._fault_mapping(one)
                continue
            text = self._text("fault", one)
            if text == NONE:
                yield ClearFaults(), one.place, "fault: none"
            elif text is not None:
                yield SetFault(text), one.place, f"fault: {text}"

    def _fault_mapping(self, table: Table) -> Iterator[tuple[Action, Place, str]]:
        """`{refresh: status 401}` is what YAML makes of a text with a colon that is not quoted."""
        values = {
            key: entry.node.value for key, entry in table.entries.items() if isinstance(entry.node, Scalar)
        }
        if len(values) == 1 and "what" not in values:
            ((where, what),) = values.items()
            text = f"{where}: {what}"
            yield SetFault(text), table.place, f"fault: {text}"
        elif len(values) == len(table.entries):
            yield SetFault(values), table.place, "fault: " + ", ".join(f"{k} {v}" for k, v in values.items())
        else:
            self._add(
                table.place, "a fault is text, or a mapping of texts", None, "write `refresh: status 401`"
            )

    def _mail(self, node: Node) -> Iterator[tuple[Action, Place, str]]:
        if not isinstance(node, Table):
            if (text := self._text("mail", node)) is not None:
                yield OpenMail(text), node.place, f"mail: {text}"
            return
        found = {key: self._text("mail", entry.node) for key, entry in node.entries.items()}
        unknown = [key for key in found if key not in ("to", "code_into")]
        if unknown or not found.get("to"):
            self._add(node.place, "`mail` takes `to` and `code_into`", None, "write `mail: ada@example.com`")
            return
        yield OpenMail(found["to"] or "", found.get("code_into") or ""), node.place, f"mail: {found['to']}"

    def _text(self, key: str, node: Node, *, empty: bool = False) -> str | None:
        if isinstance(node, Scalar) and (node.text.value or empty or key in ("fill", "open")):
            return node.text.value
        self._add(node.place, f"`{key}` takes text", None, "write text; put it in quotes if need be")
        return None

    def _add(self, place: Place, message: str, received: object, remedy: str) -> None:
        self._problems.add(_CODE, place, message, received=received, remedy=remedy)


_ACTIONS: Mapping[str, Callable[[str], Action]] = {
    "open": Open,
    "click": Click,
    "at": At,
    "as": As,
    "tab": SwitchTab,
}
_WORD: Mapping[str, Literal["reload", "restart", "back"]] = {
    "reload": "reload",
    "restart": "restart",
    "back": "back",
}
