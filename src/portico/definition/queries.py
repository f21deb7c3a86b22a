"""`queries/<name>.yaml`: one call of a datasource."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from portico.definition import behaviour, body, graphql
from portico.definition.behaviour import Behaviour
from portico.definition.bindings import Snippet, split
from portico.definition.diagnostics import Problems
from portico.definition.draft import QueryDraft, StatementDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.headers import check_name, check_value
from portico.definition.shapes import (
    DURATION,
    FLAG,
    TEXT,
    VALUE,
    WORD,
    Key,
    Kinds,
    Shape,
    each,
    either,
    one_of,
    table,
)
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.statements import changes_nothing
from portico.definition.value import Bound, Fixed, Value, of_list, of_node, of_text
from portico.model.place import Place
from portico.model.query import BodyType, Method, QueryKind

_METHODS: tuple[Method, ...] = get_args(Method)
_BODY_TYPES: tuple[BodyType, ...] = get_args(BodyType)
#: Methods whose requests have no content (RFC 9110, section 9.3).
_BODILESS = ("GET", "HEAD")

#: A module and a function, as Python names them.
_CALL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}:[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_BAD_PATH = re.compile(r"[\s\\#\x00-\x1f]")
_UP = re.compile(r"(^|/)(\.|%2[eE]){1,2}(/|$)")


_NAMED_TEXTS = table(either(TEXT, each(TEXT)))
_DATASOURCE = Key(schema=WORD, help="A file of the folder `datasources/`.", required=True)
_TIMEOUT = Key(schema=DURATION, help="The longest it may take; the datasource's by default.")
_SEAL = Key(schema=FLAG, help="Whether tokens in the auth API's answer are sealed; they are unless `false`.")
_HEADERS = Key(schema=_NAMED_TEXTS, help="Headers, which may hold bindings.")


def _kind(kind: str, help_: str) -> Key:
    return Key(schema=one_of((kind,)), help=help_, required=kind != "rest")


#: What stands in a query, by its kind.
SHAPES: Mapping[str, Shape] = {
    "rest": Shape(
        "a query",
        {
            "kind": _kind("rest", "What it calls: `rest` (an API, the default), `graphql`, `sql`, `python`."),
            "datasource": _DATASOURCE,
            "method": Key(schema=one_of(_METHODS), help="The HTTP method; `GET` by default."),
            "path": Key(schema=TEXT, help="The path below the address of the datasource.", required=True),
            "params": Key(schema=_NAMED_TEXTS, help="Parameters; a list gives its name several times."),
            "headers": _HEADERS,
            "body": Key(schema=body.SCHEMA, help="What is sent: JSON, a form, parts or text."),
            "body_type": Key(schema=one_of(_BODY_TYPES), help="What the body is; `json` where there is one."),
            **behaviour.keys(),
            "timeout": _TIMEOUT,
            "seal": _SEAL,
        },
    ),
    "graphql": Shape(
        "a query of kind graphql",
        {
            "kind": _kind("graphql", "It calls an API that speaks GraphQL."),
            "datasource": _DATASOURCE,
            "path": Key(schema=TEXT, help="The path below the address of the datasource; `/` by default."),
            "headers": _HEADERS,
            **graphql.KEYS,
            **behaviour.keys(),
            "timeout": _TIMEOUT,
            "seal": _SEAL,
        },
    ),
    "sql": Shape(
        "a query of kind sql",
        {
            "kind": _kind("sql", "It runs a statement in a database."),
            "datasource": _DATASOURCE,
            "statement": Key(
                schema=TEXT, help="The SQL, in which every binding is bound as a value.", required=True
            ),
            "prepared": Key(
                schema=FLAG,
                help="`false`: text that a binding gives is read as the literals of SQL that it holds, such "
                "as a list of numbers, and bound all the same.",
            ),
            **behaviour.keys(),
            "timeout": _TIMEOUT,
        },
    ),
    "python": Shape(
        "a query of kind python",
        {
            "kind": _kind("python", "It calls a function of a module of the app's own, if the server may."),
            "call": Key(schema=WORD, help="The function, as `module:function`.", required=True),
            "args": Key(schema=table(VALUE), help="What it is given, by the names of its parameters."),
            **behaviour.keys(),
            "timeout": Key(schema=DURATION, help="The longest it may take; 10 seconds by default."),
        },
    ),
}
SHAPE = Kinds("a query", SHAPES)
_KIND = Shape("a query", {"kind": SHAPES["rest"].keys["kind"]})


def read(name: str, source: Table, file: str, problems: Problems) -> QueryDraft:
    """The query. What is wrong was reported and stands there as if it were missing."""
    written = Fields(source, problems, _KIND).choice("kind", SHAPES, "rest")
    kind = next(found for found in _READERS if found == written)
    fields = Fields(source, problems, SHAPES[kind])
    query = replace(
        _READERS[kind](name, fields),
        kind=kind,
        place=Place(file, 1, 1),
        behaviour=behaviour.read(fields),
        timeout=fields.duration("timeout"),
        places={key: fields.place_of(key) for key in SHAPES[kind].keys if key in source.entries},
    )
    fields.done()
    return query


def _draft(name: str, **parts: Any) -> QueryDraft:
    """A query of which `parts` are known."""
    general: dict[str, Any] = {
        "datasource": None,
        "method": "POST",
        "path": Fixed("/"),
        "params": (),
        "headers": (),
        "body": None,
        "body_type": "json",
        "behaviour": Behaviour(),
        "timeout": None,
    }
    return QueryDraft(**{"name": name, "place": Place("", 1, 1), **general, **parts})


def _datasource(fields: Fields) -> Scalar | None:
    return fields.required_word("datasource", "name a file of the folder datasources/")


def _rest(name: str, fields: Fields) -> QueryDraft:
    datasource = _datasource(fields)
    method = next(found for found in _METHODS if found == fields.choice("method", _METHODS, "GET"))
    path = _path(fields)
    params = _pairs(fields, "params")
    content = fields.node("body")
    body_type = _body_type(fields, content, method)
    return _draft(
        name,
        datasource=datasource,
        method=method,
        path=path,
        params=params,
        headers=_headers(fields, body_type),
        body=body.read(content, body_type, fields.problems) if content is not None else None,
        body_type=body_type,
        seal=fields.flag("seal") is not False,
        cookie=_cookie(fields),
    )


def _graphql(name: str, fields: Fields) -> QueryDraft:
    document = graphql.read(fields)
    return _draft(
        name,
        datasource=_datasource(fields),
        method="GET" if document.reads else "POST",
        path=_path(fields, required=False),
        headers=_headers(fields, "json"),
        body=document.body,
        seal=fields.flag("seal") is not False,
        cookie=_cookie(fields),
    )


def _sql(name: str, fields: Fields) -> QueryDraft:
    """What its bindings give is its body; what the statement makes of that its dialect decides."""
    datasource, prepared = _datasource(fields), fields.flag("prepared") is not False
    node = fields.required("statement", "write `statement: |` and the SQL below it")
    text = node.text if isinstance(node, Scalar) and node.value is not None else None
    if node is not None and text is None:
        wrong_type(fields.problems, node, "`statement` is text", "write the SQL after `statement: |`")
    parts = split(text, fields.problems) if text is not None else None
    if text is None or parts is None:
        return _draft(name, datasource=datasource)
    values: list[Value] = [Bound((part,)) for part in parts if isinstance(part, Snippet)]
    return _draft(
        name,
        datasource=datasource,
        method="GET" if changes_nothing(parts) else "POST",
        body=of_list(values),
        statement=StatementDraft(text=text, parts=parts, prepared=prepared),
    )


def _python(name: str, fields: Fields) -> QueryDraft:
    word = fields.required_word("call", "write `call: module:function`")
    args = fields.table_of("args")
    if word is not None and not _CALL.fullmatch(word.text.value):
        fields.problems.add(
            "E225",
            word.place,
            "`call` names a module of the folder python/ and a function in it",
            received=word.text.value,
            remedy="write it like pricing:quote",
        )
    given = of_node(args, fields.problems) if args is not None else None
    call = word.text.value if word is not None else ""
    return _draft(name, call=call, body=given or Fixed({}))


_READERS: Mapping[QueryKind, Callable[[str, Fields], QueryDraft]] = {
    "rest": _rest,
    "graphql": _graphql,
    "sql": _sql,
    "python": _python,
}


def _cookie(fields: Fields) -> Place | None:
    headers = fields.node("headers")
    entries = headers.entries if isinstance(headers, Table) else {}
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


def _path(fields: Fields, *, required: bool = True) -> Value:
    remedy = "write `path: /`, or the path below the datasource's address"
    node = fields.required("path", remedy) if required else fields.node("path")
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
    written = fields.node("headers")
    for name, entry in written.entries.items() if isinstance(written, Table) else ():
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
            if isinstance(part, str) and isinstance(written, Table):
                check_value(part, written.entries[name].node.place, fields.problems)
    return found


def _pairs(fields: Fields, key: str) -> tuple[tuple[str, Value], ...]:
    """A mapping of names to text; a list gives its name several times."""
    written = fields.table_of(key)
    problems = fields.problems
    found: list[tuple[str, Value]] = []
    for name, entry in written.entries.items() if written is not None else ():
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
