"""Events as lists of actions, for people who write no JavaScript (row S4-6).

A list becomes JavaScript of ours around the author's bindings: the body of one async function, so both
ways of writing an event have the same effects. What follows an action runs only if it went well.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from portico.definition.action_shapes import CREDENTIALS, SHAPES, STYLES, WINDOWS
from portico.definition.bindings import Part, Snippet, has_binding, only, split
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, literal, table, wrong_type
from portico.definition.names import nearest
from portico.definition.shapes import BINDING, Schema, each, either, one_of
from portico.definition.source import Items, Node, Scalar
from portico.definition.value import Composed, Fixed, Value, inlined, of_fields, of_node
from portico.model.package import ANYTHING
from portico.model.place import Place

#: What actions in `on_success` and `on_error` can read.
RESULT, ERROR = "result", "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A name that an action gives: of a query or `Script.function` ("runnable"), of a page, of a widget, of
    a key of the store that is written ("key"), of the app's "provider"; or an action that names nothing, as
    "word", or that gives "credentials". Of a page that is computed, and of all keys, it is `*`."""

    kind: str
    name: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Actions:
    """A list of actions as the body of a function. `names` are those that the JavaScript of ours takes."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]
    references: tuple[Reference, ...]


@dataclass(kw_only=True, slots=True)
class _Writer:
    """Collects the body."""

    problems: Problems
    file: str
    declared: frozenset[str] = frozenset()
    parts: list[Part] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    answers: int = 0

    def answer(self) -> str:
        """A name that no code of an author uses."""
        self.answers += 1
        return f"$answer{self.answers}"

    def say(self, *parts: Part) -> None:
        for part in parts:
            self.parts.append(replace(part, declared=self.declared) if isinstance(part, Snippet) else part)

    def within(self, nodes: tuple[Node, ...], name: str) -> None:
        """Actions that can read `name` besides."""
        around, self.declared = self.declared, self.declared | {name}
        _list(nodes, self)
        self.declared = around

    def call(self, function: str, *arguments: Value | str) -> None:
        """`await function(…);`; text arguments are JavaScript already."""
        self.names.append(function.partition(".")[0])
        self.say(f"await {function}(")
        for index, argument in enumerate(arguments):
            self.say(", " if index else "")
            self.say(*([argument] if isinstance(argument, str) else inlined(argument)))
        self.say(");\n")

    def refer(self, kind: str, word: Scalar) -> str:
        self.references.append(Reference(kind=kind, name=word.text.value, place=word.place))
        return word.text.value


def read(node: Items, file: str, problems: Problems) -> Actions | None:
    """The actions of a list; None and problems if one is wrong."""
    writer = _Writer(problems=problems, file=file)
    before = problems.count
    _list(node.items, writer)
    if problems.count > before:
        return None
    return Actions(
        parts=tuple(writer.parts),
        names=tuple(dict.fromkeys(writer.names)),
        references=tuple(writer.references),
    )


def _list(nodes: tuple[Node, ...], writer: _Writer) -> None:
    for node in nodes:
        _action(node, writer)


def _action(node: Node, writer: _Writer) -> None:
    """One action: a mapping with the key that says what it does, a word, or a binding."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        _word(node, writer)
        return
    found = table(node, writer.problems, "an action", writer.file)
    if found is None:
        return
    kind = next((key for key in found.entries if key in SHAPES), None)
    if kind is None:
        unknown = next(iter(found.entries), "")
        near = nearest(unknown, SHAPES)
        writer.problems.add(
            "E221",
            found.place,
            "this is no action",
            received=unknown,
            remedy=f"did you mean `{near}`?" if near else f"write one of {', '.join(SHAPES)}",
        )
        return
    fields = Fields(found, writer.problems, SHAPES[kind])
    _KINDS[kind](fields, writer)
    fields.done()


def _word(node: Scalar, writer: _Writer) -> None:
    """Actions that need nothing, and code."""
    text = node.text.value
    if text in _WORDS:
        writer.call(_WORDS[text])
        if _WORDS[text] == "clearStore":
            writer.references.append(Reference(kind="key", name=ANYTHING, place=node.place))
        elif text == "sign_in":
            writer.references.append(Reference(kind="provider", name=text, place=node.place))
        else:
            writer.references.append(Reference(kind="word", name=text, place=node.place))
        return
    if has_binding(text):
        parts = split(node.text, writer.problems, action=True)
        snippet = only(parts) if parts is not None else None
        if snippet is not None and not snippet.statements:
            writer.say("await ", snippet, ";\n")
        elif parts is not None:
            writer.problems.add(
                "E221",
                node.place,
                "code among actions is one expression in {{ }}",
                received=text,
                remedy="call a function of a script: `- run: Script.function`",
            )
        return
    near = nearest(text, _WORDS)
    remedy = f"did you mean `{near}`?" if near else f"write one of {', '.join(_WORDS)}, or `key: value`"
    writer.problems.add("E221", node.place, "this is no action", received=text, remedy=remedy)


def _run(fields: Fields, writer: _Writer) -> None:
    """`run`: a query, or a function of a script. Its branches see `result` and `error`."""
    word = fields.required_word("run", "name a query, or a function as Script.name")
    params = _value(fields, "params", writer)
    arguments = _value(fields, "with", writer)
    good, bad = fields.items_of("on_success"), fields.items_of("on_error")
    if word is None:
        return
    name = writer.refer("runnable", word)
    owner, dot, function = name.partition(".")
    writer.names.append(owner)
    call = f"{owner}.{function}" if dot else f"{owner}.run"
    # A name of its own: the parameters can read the `result` of the action around this one.
    answer = writer.answer()
    writer.say(f"let {answer};\n", "try { " if bad else "", f"{answer} = await {call}(")
    if dot and arguments is not None:
        writer.say("...[].concat(", *inlined(arguments), ")")
    elif not dot and params is not None:
        writer.say(*inlined(params))
    writer.say(");\n")
    if bad:
        writer.say(f"}} catch ({ERROR}) {{\n")
        writer.within(bad, ERROR)
        writer.say("return;\n}\n")
    writer.say(f"{{ const {RESULT} = {answer};\n")
    writer.within(good, RESULT)
    writer.say("}\n")


def _if(fields: Fields, writer: _Writer) -> None:
    """`if`: a condition, `then` and `else`."""
    condition = _value(fields, "if", writer)
    yes, no = fields.items_of("then"), fields.items_of("else")
    if condition is None:
        return
    writer.say("if (", *inlined(condition), ") {\n")
    _list(yes, writer)
    writer.say("} else {\n")
    _list(no, writer)
    writer.say("}\n")


def _store(fields: Fields, writer: _Writer) -> None:
    """`store`: keys and values, for good or for this tab."""
    values = fields.table_of("store")
    persist = fields.flag("persist")
    for key, entry in values.entries.items() if values is not None else ():
        value = of_node(entry.node, writer.problems)
        writer.references.append(Reference(kind="key", name=key, place=entry.key))
        if value is not None:
            writer.call("storeValue", json.dumps(key), value, json.dumps(persist is not False))


def _remove(fields: Fields, writer: _Writer) -> None:
    """`remove`: a key, or several."""
    node = fields.node("remove")
    for one in node.items if isinstance(node, Items) else (node,) if node is not None else ():
        word = literal(one, writer.problems, "remove")
        if word is not None:
            writer.call("removeValue", json.dumps(writer.refer("key", word)))


def _navigate(fields: Fields, writer: _Writer) -> None:
    """`navigate`: a page or an address."""
    to = _value(fields, "navigate", writer)
    node = fields.table.entries["navigate"].node
    params = _value(fields, "params", writer)
    window = fields.choice("window", WINDOWS, WINDOWS[0])
    if to is None:
        return
    named_page = node.text.value if isinstance(to, Fixed) and isinstance(node, Scalar) else ANYTHING
    writer.references.append(Reference(kind="page", name=named_page, place=node.place))
    writer.call("navigateTo", _as_text(to), params if params is not None else "{}", json.dumps(window))


def _alert(fields: Fields, writer: _Writer) -> None:
    """`alert`: a message."""
    message = _value(fields, "alert", writer)
    style = fields.choice("style", STYLES, STYLES[0])
    if message is not None:
        writer.call("showAlert", *_joined(message), json.dumps(style))


def _credentials(function: str, key: str) -> "_Kind":
    """An action that gives `auth` what there is of a sign-in."""

    def action(fields: Fields, writer: _Writer) -> None:
        given = fields.table_of(key)
        if given is None:
            return
        inner = Fields(given, writer.problems, CREDENTIALS)
        values = {}
        for name in CREDENTIALS.keys:
            node = inner.node(name)
            value = None if node is None else of_node(node, writer.problems)
            if value is not None:
                head, *rest = name.split("_")
                values[head + "".join(word.capitalize() for word in rest)] = value
        inner.done()
        writer.references.append(Reference(kind="credentials", name=key, place=given.place))
        writer.names.append("auth")
        writer.say(f"await auth.{function}(", *inlined(of_fields(values)), ");\n")

    return action


def _widget(function: str, key: str) -> "_Kind":
    """An action on a widget that is named."""

    def action(fields: Fields, writer: _Writer) -> None:
        word = fields.required_word(key, "name a widget of the page")
        if word is not None:
            writer.call(function, json.dumps(writer.refer("widget", word)))

    return action


def _copy(fields: Fields, writer: _Writer) -> None:
    """`copy`: a text for the clipboard."""
    value = _value(fields, "copy", writer)
    if value is not None:
        writer.call("copyToClipboard", value)


def _download(fields: Fields, writer: _Writer) -> None:
    """`download`: data, the file's `name` and `type`."""
    value, name, media_type = (_value(fields, key, writer) for key in ("download", "name", "type"))
    if value is not None:
        writer.call("download", value, name or "undefined", media_type or "undefined")


def _value(fields: Fields, key: str, writer: _Writer) -> Value | None:
    node = fields.node(key)
    if node is None:
        return None
    if isinstance(node, Scalar) and node.value is None:
        wrong_type(writer.problems, node, f"`{key}` is a value", "write text, a number or a {{ }} binding")
        return None
    return of_node(node, writer.problems)


def _joined(value: Value) -> tuple[Value | str, ...]:
    """A message is text, whatever a binding gives."""
    return (Composed(("String(", *inlined(value), ")")),)


def _as_text(value: Value) -> Value:
    return Fixed(str(value.value)) if isinstance(value, Fixed) else value


_Kind = Callable[[Fields, _Writer], None]

#: How each is written.
_KINDS: Mapping[str, _Kind] = {
    "run": _run,
    "if": _if,
    "store": _store,
    "remove": _remove,
    "navigate": _navigate,
    "alert": _alert,
    "log_in": _credentials("logIn", "log_in"),
    "update_user": _credentials("update", "update_user"),
    "show_modal": _widget("showModal", "show_modal"),
    "close_modal": _widget("closeModal", "close_modal"),
    "reset": _widget("resetWidget", "reset"),
    "copy": _copy,
    "download": _download,
}
#: Actions that need nothing.
_WORDS: Mapping[str, str] = {
    "clear_store": "clearStore",
    "log_out": "logoutUser",
    "sign_in": "auth.signIn",
}


def schema() -> Schema:
    """A list of actions."""
    words = either(one_of(_WORDS), BINDING)
    return each(either(words, *(shape.schema() for shape in SHAPES.values())))
