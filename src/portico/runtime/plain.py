"""The values of plain expressions (`model.expression`), as the script engine would give them.

They are told for what JSON is made of, and only where both are sure to agree: whatever else an expression
comes to (an error, a method, a number that is not the same there) raises `NotPlain`, and the engine decides.
Nothing is kept: an expression has its names, and what it gives is a copy.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portico.model.expression import (
    Binary,
    Choice,
    Constant,
    Expression,
    Group,
    Items,
    Joined,
    Member,
    Members,
    Name,
    Not,
    Nothing,
    PlainRequest,
    TypeOf,
    Unknown,
)
from portico.model.query import Request

Names = Mapping[str, Any]

#: Beyond it whole numbers are not the same in JavaScript; and levels of a value.
_LARGEST, _DEEPEST = 2**53 - 1, 100
#: What every object of JavaScript has without having been given it.
_INHERITED = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


class NotPlain(Exception):
    """The engine has to say what this is."""


class _Undefined:
    """JavaScript's `undefined`, which JSON does not have."""


_UNDEFINED = _Undefined()
#: A chain that ended early, at `?.`.
_ENDED = _Undefined()


def evaluated(expression: Expression, names: Names) -> Any:
    """The value of an expression over JSON, as JSON. Raises NotPlain."""
    return _written(_value(expression, names), 0)


def requested(found: PlainRequest, params: Mapping[str, str]) -> Request:
    """The request of a query with these `this.params`. Raises NotPlain."""
    names = {"this": {"params": dict(params)}}
    body: Any
    if isinstance(found.body, tuple):
        body = [list(pair) for pair in _pairs(found.body, names)]
    else:
        body = evaluated(found.body, names)
    return Request(
        path=_text(_value(found.path, names)),
        params=_pairs(found.params, names),
        headers=_pairs(found.headers, names),
        body=body,
        body_is_text=found.body_is_text,
    )


def _pairs(pairs: Sequence[tuple[str, Expression]], names: Names) -> tuple[tuple[str, str], ...]:
    return tuple((name, _text(_value(value, names))) for name, value in pairs)


def _text(value: Any) -> str:
    """How a value reads inside text."""
    if value is None or value is _UNDEFINED:
        return ""
    if not isinstance(value, str):
        raise NotPlain
    return _whole(value)


def _written(value: Any, depth: int) -> Any:
    """A copy of a value as it leaves the engine: `undefined` is null, or left out of objects."""
    if depth > _DEEPEST:
        raise NotPlain
    match value:
        case dict():
            members = ((key, inner) for key, inner in value.items() if inner is not _UNDEFINED)
            return {_whole(key): _written(inner, depth + 1) for key, inner in members}
        case list():
            return [_written(inner, depth + 1) for inner in value]
        case _Undefined():
            return None
        case str():
            return _whole(value)
        case None | bool():
            return value
        case int() if abs(value) <= _LARGEST:
            return value
    raise NotPlain


def _whole(text: str) -> str:
    """The text, if it has no half of a surrogate pair, which is lost on the way out of the engine."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotPlain from None
    return text


def _value(expression: Expression, names: Names) -> Any:
    return _VALUES[type(expression)](expression, names)


def _unknown(_: Unknown, __: Names) -> Any:
    raise NotPlain


def _member(expression: Member, names: Names) -> Any:
    found = _chained(expression, names)
    return _UNDEFINED if found is _ENDED else found


def _chained(expression: Expression, names: Names) -> Any:
    """The value of a part of a chain; `_ENDED` where there is none any more."""
    if not isinstance(expression, Member):
        return _value(expression, names)
    of = _chained(expression.of, names)
    if of is _ENDED or (expression.optional and (of is None or of is _UNDEFINED)):
        return _ENDED
    match of, expression.key:
        case dict(), str() as name if name in of:
            return of[name]
        case dict(), str() as name if name not in _INHERITED:
            return _UNDEFINED
        case list(), int() as index:
            return of[index] if index < len(of) else _UNDEFINED
    raise NotPlain


def _choice(expression: Choice, names: Names) -> Any:
    chosen = _is_true(_value(expression.condition, names))
    return _value(expression.then if chosen else expression.otherwise, names)


def _members(expression: Members, names: Names) -> Any:
    return {key: _value(member, names) for key, member in expression.members}


def _joined(expression: Joined, names: Names) -> str:
    return "".join(_text(_value(part, names)) for part in expression.parts)


def _binary(expression: Binary, names: Names) -> Any:
    left, sign = _value(expression.left, names), expression.operator
    if (keeps := _KEEPS_LEFT.get(sign)) is not None:
        return left if keeps(left) else _value(expression.right, names)
    right = _value(expression.right, names)
    if sign in ("===", "!=="):
        return _is_same(left, right) is (sign == "===")
    if _type_of(left) != "number" or _type_of(right) != "number":
        raise NotPlain
    return _ORDERS[sign](left, right)


def _is_same(left: Any, right: Any) -> bool:
    kind = _type_of(left)
    if kind != _type_of(right):
        return False
    if kind == "object" and left is not None and right is not None:
        raise NotPlain
    return bool(left == right)


def _is_true(value: Any) -> bool:
    """Whether it counts as true: every object does, an empty one as well."""
    return isinstance(value, dict | list) or (value is not _UNDEFINED and bool(value))


def _type_of(value: Any) -> str:
    match value:
        case _Undefined():
            return "undefined"
        case bool():
            return "boolean"
        case str():
            return "string"
        case None | dict() | list():
            return "object"
        case int() if abs(value) <= _LARGEST:
            return "number"
    raise NotPlain


#: Operators that look at their right side only if they do not keep the left one.
_KEEPS_LEFT: Mapping[str, Callable[[Any], bool]] = {
    "&&": lambda left: not _is_true(left),
    "||": _is_true,
    "??": lambda left: left is not None and left is not _UNDEFINED,
}
_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_VALUES: Mapping[type, Callable[[Any, Names], Any]] = {
    Unknown: _unknown,
    Constant: lambda expression, _: expression.value,
    Nothing: lambda _, __: _UNDEFINED,
    Name: lambda expression, names: names[expression.name],
    Member: _member,
    Group: lambda expression, names: _value(expression.inner, names),
    Not: lambda expression, names: not _is_true(_value(expression.of, names)),
    TypeOf: lambda expression, names: _type_of(_value(expression.of, names)),
    Binary: _binary,
    Choice: _choice,
    Items: lambda expression, names: [_value(item, names) for item in expression.items],
    Members: _members,
    Joined: _joined,
}
