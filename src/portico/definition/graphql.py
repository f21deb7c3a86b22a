"""`kind: graphql` of a query: a document with its variables, sent as JSON.

A binding in the document becomes a literal of GraphQL, or inside quotes a part of a text: never a field, an
argument or a piece of the document.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portico.definition import body
from portico.definition.bindings import Part, Snippet, split
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, wrong_type
from portico.definition.shapes import TEXT, VALUE, WORD, Key, Shape
from portico.definition.source import Node, Scalar, Table
from portico.definition.value import (
    Composed,
    Fixed,
    JsonText,
    Value,
    inlined,
    of_fields,
    of_node,
)

_PAGE_PART = Shape(
    "a variable of the pagination",
    {
        "name": Key(schema=WORD, help="The name of the variable.", required=True),
        "value": Key(schema=VALUE, help="Its value.", required=True),
    },
)


def _step(*names: str) -> Shape:
    keys = {name: Key(schema=_PAGE_PART.schema(), help=f"The variable that is the {name}.") for name in names}
    return Shape("a step of the pagination", keys)


_BY_OFFSET = _step("limit", "offset")
_BY_CURSOR = _step("limit", "cursor")
_STEPS = ("next", "previous")
_PAGINATION = Shape(
    "`pagination`",
    {
        **_BY_OFFSET.keys,
        "next": Key(schema=_BY_CURSOR.schema(), help="Variables of the page after this one."),
        "previous": Key(
            schema=_BY_CURSOR.schema(),
            help="Variables of the page before, which `run({paginationField: 'PREV'})` asks for.",
        ),
    },
)

KEYS: Mapping[str, Key] = {
    "query": Key(schema=TEXT, help="The document: one operation and its fragments.", required=True),
    "variables": Key(
        schema=VALUE, help="Its variables: a mapping, JSON, or one binding that gives an object."
    ),
    "operation": Key(schema=WORD, help="The operation to run, where the document has several."),
    "pagination": Key(schema=_PAGINATION.schema(), help="Variables that say which page is wanted."),
}

#: A value as a literal of GraphQL, whose objects have names for keys.
_LITERAL = (
    '((f)=>f(f))((f)=>(v)=>v==null?"null":typeof v==="string"?JSON.stringify(v):Array.isArray(v)?'
    '"["+v.map(f(f)).join(",")+"]":typeof v==="object"?"{"+Object.entries(v).map(([k,x])=>{'
    'if(!/^[_A-Za-z][_0-9A-Za-z]*$/.test(k))throw new TypeError("no name in GraphQL: "+k);'
    'return k+":"+f(f)(x)}).join(",")+"}":String(v))('
)
_AS_TEXT = '((v)=>v==null?"":typeof v==="object"?JSON.stringify(v):String(v))('
_AS_JSON = '((v)=>v===undefined?"null":JSON.stringify(v))('


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What is sent, and whether it `reads` only."""

    body: Value
    reads: bool


def read(fields: Fields) -> Document:
    """The document and its variables. What is wrong was reported."""
    problems = fields.problems
    node = fields.required("query", "write `query: |` and the document below it")
    parts = _parts(node, problems) if node is not None else ()
    members = {"query": _joined(tuple(_document(parts)))}
    variables = _paged(_variables(fields), fields)
    if variables is not None:
        members["variables"] = variables
    if (operation := fields.word("operation")) is not None:
        members["operationName"] = Fixed(operation.text.value)
    return Document(body=of_fields(members), reads=_reads(parts))


def _parts(node: Node, problems: Problems) -> tuple[Part, ...]:
    if not isinstance(node, Scalar) or node.value is None:
        wrong_type(problems, node, "`query` is text", "write the document after `query: |`")
        return ()
    return split(node.text, problems) or ()


def _reads(parts: tuple[Part, ...]) -> bool:
    """Whether no operation of the document is more than a query."""
    words = {
        word for text, quoted in _code(parts) if not quoted and isinstance(text, str) for word in text.split()
    }
    return not words & {"mutation", "subscription"} and any(isinstance(part, str) for part in parts)


def _code(parts: tuple[Part, ...]) -> Iterator[tuple[Part, str]]:
    """The parts of a document cut where texts and comments begin and end, each with its quote."""
    quote = ""
    for part in parts:
        if isinstance(part, Snippet):
            yield part, quote
            continue
        start = index = 0
        while index < len(part):
            mark = _mark(part, index, quote)
            if mark is None:
                index += 2 if quote and part[index] == "\\" and quote != "#" else 1
                continue
            stop = index + len(mark) if quote else index
            yield part[start:stop], quote
            start, index = stop, index + len(mark)
            quote = "" if quote else mark
        yield part[start:], quote


def _mark(text: str, index: int, quote: str) -> str | None:
    """What ends the text or comment at this place, or begins one."""
    if quote:
        end = "\n" if quote == "#" else quote
        return end if text.startswith(end, index) else None
    return next((mark for mark in ('"""', '"', "#") if text.startswith(mark, index)), None)


def _document(parts: tuple[Part, ...]) -> Iterator[Part]:
    """JavaScript that gives the pieces of the document."""
    for part, quote in _code(parts):
        if isinstance(part, str):
            yield json.dumps(part)
        elif quote == '"':
            yield from ("JSON.stringify(", _AS_TEXT, part, ")).slice(1,-1)")
        elif quote == '"""':
            yield from (_AS_TEXT, part, ').replaceAll(\'"""\',\'\\\\"""\')')
        elif quote == "#":
            yield '""'
        else:
            yield from (_LITERAL, part, ")")
        yield ","


def _joined(parts: tuple[Part, ...]) -> Value:
    if all(isinstance(part, str) for part in parts):
        return Fixed("".join(json.loads(part) for part in parts if isinstance(part, str) and part != ","))
    return Composed(("[", *parts, '].join("")'))


def _variables(fields: Fields) -> Value | None:
    """A mapping, JSON with bindings in it, or one binding."""
    node, problems = fields.node("variables"), fields.problems
    if node is None:
        return None
    if isinstance(node, Table):
        return of_node(node, problems)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        wrong_type(
            problems, node, "`variables` is a mapping", "write `name: value` lines, JSON, or one binding"
        )
        return None
    found = body.json_text(node.text, problems)
    return _of_json(found) if isinstance(found, JsonText) else found


def _of_json(text: JsonText) -> Value:
    """The value that a JSON text gives."""
    parts: list[Part] = ["JSON.parse(["]
    for part in text.parts:
        if isinstance(part, str):
            parts.append(json.dumps(part))
        elif part[1]:
            parts += ["JSON.stringify(", _AS_TEXT, part[0], ")).slice(1,-1)"]
        else:
            parts += [_AS_JSON, part[0], ")"]
        parts.append(",")
    return Composed((*parts, '].join(""))'))


def _paged(variables: Value | None, fields: Fields) -> Value | None:
    """The variables and those of the page that is wanted."""
    table = fields.table_of("pagination")
    if table is None:
        return variables
    inner = Fields(table, fields.problems, _PAGINATION)
    page, steps = _page(inner, ("limit", "offset")), dict[str, Value]()
    for name in _STEPS:
        if (found := inner.table_of(name)) is not None:
            step = Fields(found, fields.problems, _BY_CURSOR)
            steps[name] = _page(step, ("limit", "cursor"))
            step.done()
    inner.done()
    parts: list[Part] = ["Object.assign({},", *_inline(variables), ",", *inlined(page), ","]
    if steps:
        parts += ["this.params?.paginationField==='PREV'?"]
        parts += [*_inline(steps.get("previous")), ":", *_inline(steps.get("next")), ","]
    return Composed((*parts, ")"))


def _inline(value: Value | None) -> Iterator[Part]:
    yield from inlined(value) if value is not None else ("{}",)


def _page(fields: Fields, names: tuple[str, ...]) -> Value:
    found: dict[str, Value] = {}
    for name in names:
        table = fields.table_of(name)
        if table is None:
            continue
        inner = Fields(table, fields.problems, _PAGE_PART)
        word = inner.required_word("name", "write the name of the variable")
        node = inner.required("value", "write its value")
        value = of_node(node, fields.problems) if node is not None else None
        inner.done()
        if word is not None and value is not None:
            found[word.text.value] = value
    return of_fields(found)
