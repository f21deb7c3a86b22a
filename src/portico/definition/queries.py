"""`queries/<name>.yaml`: one call of a datasource."""

import re
from typing import get_args

from portico.definition import behaviour, body
from portico.definition.diagnostics import Problems
from portico.definition.draft import QueryDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.headers import check_name, check_value
from portico.definition.shapes import DURATION, FLAG, TEXT, WORD, Key, Shape, each, either, one_of
from portico.definition.shapes import table as named
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.value import Bound, Fixed, Value, of_text
from portico.model.place import Place
from portico.model.query import BodyType, Method

_METHODS: tuple[Method, ...] = get_args(Method)
_BODY_TYPES: tuple[BodyType, ...] = get_args(BodyType)
#: Methods whose requests have no content (RFC 9110, section 9.3).
_BODILESS = ("GET", "HEAD")

_BAD_PATH = re.compile(r"[\s\\#\x00-\x1f]")
_UP = re.compile(r"(^|/)(\.|%2[eE]){1,2}(/|$)")


_NAMED_TEXTS = named(either(TEXT, each(TEXT)))
SHAPE = Shape(
    "a query",
    {
        "kind": Key(schema=one_of(("rest",)), help="The only kind so far."),
        "datasource": Key(schema=WORD, help="A file of the folder `datasources/`.", required=True),
        "method": Key(schema=one_of(_METHODS), help="The HTTP method; `GET` by default."),
        "path": Key(schema=TEXT, help="The path below the address of the datasource.", required=True),
        "params": Key(schema=_NAMED_TEXTS, help="Parameters; a list gives its name several times."),
        "headers": Key(schema=_NAMED_TEXTS, help="Headers, which may hold bindings."),
        "body": Key(schema=body.SCHEMA, help="What is sent: JSON, a form, parts or text."),
        "body_type": Key(schema=one_of(_BODY_TYPES), help="What the body is; `json` where there is one."),
        **behaviour.keys(),
        "timeout": Key(schema=DURATION, help="The longest it may take; the datasource's by default."),
        "seal": Key(
            schema=FLAG, help="Whether tokens in the auth API's answer are sealed; they are unless `false`."
        ),
    },
)


def read(name: str, table: Table, file: str, problems: Problems) -> QueryDraft:
    """The query. What is wrong was reported and stands there as if it were missing."""
    fields = Fields(table, problems, SHAPE)
    fields.choice("kind", ("rest",), "rest")
    datasource = fields.required_word("datasource", "name a file of the folder datasources/")
    method = next(found for found in _METHODS if found == fields.choice("method", _METHODS, "GET"))
    path = _path(fields)
    params = _pairs(fields, "params")
    content = fields.node("body")
    body_type = _body_type(fields, content, method)
    headers = _headers(fields, body_type)
    query = QueryDraft(
        name=name,
        place=Place(file, 1, 1),
        datasource=datasource,
        method=method,
        path=path,
        params=params,
        headers=headers,
        body=body.read(content, body_type, problems) if content is not None else None,
        body_type=body_type,
        behaviour=behaviour.read(fields),
        timeout=fields.duration("timeout"),
        seal=fields.flag("seal") is not False,
        cookie=_cookie(fields),
        places={key: fields.place_of(key) for key in SHAPE.keys if key in table.entries},
    )
    fields.done()
    return query


def _cookie(fields: Fields) -> Place | None:
    table = fields.node("headers")
    entries = table.entries if isinstance(table, Table) else {}
    return next((entry.key for name, entry in entries.items() if name.lower() == "cookie"), None)


def _body_type(fields: Fields, content: Node | None, method: Method) -> BodyType:
    default: BodyType = "none" if content is None else "json"
    chosen = fields.choice("body_type", _BODY_TYPES, default)
    if content is not None and (chosen == "none" or method in _BODILESS):
        fields.problems.add(
            "E217",
            fields.place_of("body"),
            "a query of this kind sends no body",
            received=f"body_type: {chosen}, method: {method}",
            remedy="remove the body, or choose another method or body_type",
        )
    elif content is None and chosen != "none":
        fields.problems.add(
            "E217", fields.place_of("body_type"), "there is no body", received=chosen, remedy="write a `body`"
        )
        return "none"
    return next(found for found in _BODY_TYPES if found == chosen)


def _path(fields: Fields) -> Value:
    node = fields.required("path", "write `path: /`, or the path below the datasource's address")
    value = None if node is None else _text(node, fields.problems, "path")
    if value is None or node is None:
        return Fixed("/")
    parts = value.parts if isinstance(value, Bound) else (value.value,)
    first = parts[0]
    words = [part for part in parts if isinstance(part, str)]
    problem = None
    if isinstance(first, str) and (not first.startswith("/") or first.startswith("//")):
        problem = "a path begins with one `/`; the address stands in the datasource"
    elif any(_BAD_PATH.search(word) for word in words):
        problem = "a path has no space, no line end, no `\\` and no `#`"
    elif any(_UP.search(word.partition("?")[0]) for word in words):
        problem = "a path cannot go up with `.` or `..`"
    if problem is not None:
        fields.problems.add(
            "E214",
            node.place,
            problem,
            received="".join(words),
            remedy="write a path like /api/users; after `|` use `|-`",
        )
    return value


def _headers(fields: Fields, body_type: BodyType) -> tuple[tuple[str, Value], ...]:
    table = fields.node("headers")
    for name, entry in table.entries.items() if isinstance(table, Table) else ():
        check_name(name, entry.key, fields.problems)
        if body_type == "multipart" and name.lower() == "content-type":
            fields.problems.add(
                "E216",
                entry.key,
                "a multipart body sets its `Content-Type` itself: it names the boundary of the parts",
                remedy="remove it",
            )
    found = _pairs(fields, "headers")
    for name, value in found:
        parts = (
            value.parts if isinstance(value, Bound) else (value.value,) if isinstance(value, Fixed) else ()
        )
        for part in parts:
            if isinstance(part, str) and isinstance(table, Table):
                check_value(part, table.entries[name].node.place, fields.problems)
    return found


def _pairs(fields: Fields, key: str) -> tuple[tuple[str, Value], ...]:
    """A mapping of names to text; a list gives its name several times."""
    table = fields.table_of(key)
    problems = fields.problems
    found: list[tuple[str, Value]] = []
    for name, entry in table.entries.items() if table is not None else ():
        if "{{" in name:
            problems.add(
                "E213", entry.key, "a name cannot be a binding", received=name, remedy="write the name out"
            )
        nodes = entry.node.items if isinstance(entry.node, Items) else (entry.node,)
        values = [_text(node, problems, name) for node in nodes]
        found.extend((name, value) for value in values if value is not None)
    return tuple(found)


def _text(node: Node, problems: Problems, key: str) -> Fixed | Bound | None:
    if isinstance(node, Table) and "secret" in node.entries:
        problems.add(
            "E602",
            node.place,
            "a query names no secrets: they belong to an origin, and so to the datasource",
            remedy=f"write `{key}: {{secret: …}}` below `headers` or `auth` of the datasource",
        )
        return None
    if not isinstance(node, Scalar) or node.value is None:
        wrong_type(
            problems,
            node,
            f"`{key}` is text",
            'write text, a number or a `{{ }}` binding; `""` is empty text',
        )
        return None
    return of_text(node.text, problems)
