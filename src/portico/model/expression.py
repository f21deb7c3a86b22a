"""Plain expressions: members, comparisons, choices. Their values can be told without a script engine.

`definition.plain` reads them, `runtime.plain` tells their values. What is none of these is `Unknown`: the
engine decides about the whole expression where it comes to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Operator = Literal["===", "!==", "<", "<=", ">", ">=", "&&", "||", "??"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything that is not plain."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of JSON."""

    value: Any


@dataclass(frozen=True, slots=True)
class Nothing:
    """`undefined`."""


@dataclass(frozen=True, slots=True)
class Name:
    """What the expression is computed over: `response`, or `this`."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.key` and `of[key]`; `optional`: `of?.key`, which ends its chain where there is nothing."""

    of: "Expression"
    key: str | int
    optional: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses, at which a chain ends."""

    inner: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """`!of`"""

    of: "Expression"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`typeof of`"""

    of: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`"""

    operator: Operator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`"""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Items:
    """`[…]`"""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Members:
    """`{…}`"""

    members: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Text around bindings."""

    parts: tuple["Expression", ...]


Expression = (
    Unknown
    | Constant
    | Nothing
    | Name
    | Member
    | Group
    | Not
    | TypeOf
    | Binary
    | Choice
    | Items
    | Members
    | Joined
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainRequest:
    """The request of a query, over `this.params` alone; the body of a form is a tuple of names and texts."""

    path: Expression
    params: tuple[tuple[str, Expression], ...]
    headers: tuple[tuple[str, Expression], ...]
    body: Expression | tuple[tuple[str, Expression], ...]
    body_is_text: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """What of a program is plain: requests by the path of their query, evaluations by their name."""

    requests: Mapping[str, PlainRequest] = field(default_factory=dict)
    evaluations: Mapping[str, Expression] = field(default_factory=dict)
