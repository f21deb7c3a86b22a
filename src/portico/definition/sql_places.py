"""What a value is at its place in a statement, as the parser sees it: whether it can stand there at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from portico.definition.sql_sample import Sample
from portico.model.statement import Use

NO_VALUE = "no value can stand here, and a name, a keyword or a piece of SQL cannot be bound"
_WHOLE = "the statement is what the binding gives, so that nothing in it can be told from its values"
_ORDER = "a column to sort by, or its direction, is no value: bound, it would sort by nothing"
_GROUP = "a column to group by is no value: bound, it would group by nothing"
_NAME = "it stands for a name, and names cannot be bound"

#: What makes a yes or no of what stands in it.
_CONDITIONS = (exp.Where, exp.Having, exp.Connector, exp.Not)
_COUNTS = (exp.Limit, exp.Offset, exp.Fetch)
_ARRAYS = (exp.Any, exp.All, exp.Unnest, exp.ArrayContainsAll, exp.ArrayOverlaps, exp.ArraySize)
_CHANGES = (exp.DML, exp.DDL, exp.Into, exp.Command, exp.Set, exp.Merge)


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Of each binding of a command what it is there, or why it cannot be; what neither names could not be
    told, and is left to the database. `untyped`: nothing beside it says of what type it is. `columns` are
    those that they are compared with, or written to, by name; `unchanged` goes there as it
    is. `reads`: the
    command changes nothing. `around`: it is only the beginning or the end of a transaction."""

    uses: Mapping[int, Use] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)
    untyped: frozenset[int] = frozenset()
    columns: Mapping[int, str] = field(default_factory=dict)
    unchanged: frozenset[int] = frozenset()
    reads: bool = False
    around: bool = False


def places(text: str, sample: Sample, dialect: str) -> Places:
    """The places of one command, a piece of the sample. Where the parser does not know the statement, only
    what it stumbles over is a fault."""
    try:
        tree = sqlglot.parse_one(text, dialect=dialect or None)
    except ParseError as error:
        stumbled = error.errors[0].get("highlight") or "" if error.errors else ""
        found = [part for part in sample.split(stumbled) if isinstance(part, int)]
        return Places(faults=dict.fromkeys(found, NO_VALUE))
    except (SqlglotError, RecursionError, ValueError):
        return Places()
    uses: dict[int, Use] = {}
    faults: dict[int, str] = {}
    untyped: set[int] = set()
    columns: dict[int, str] = {}
    unchanged: set[int] = set()
    for node in tree.walk():
        for index in _bindings(node, sample):
            use, fault = _judged(node, text, sample.marks[index])
            if fault:
                faults.setdefault(index, fault)
            else:
                uses[index] = use
            if isinstance(node.parent, exp.Is) and node.arg_key == "this":
                untyped.add(index)
            if (column := _column(node)) is not None:
                columns.setdefault(index, column)
                unchanged |= {index} if _is_unchanged(node) else set()
    return Places(
        uses=uses,
        faults=faults,
        untyped=frozenset(untyped),
        columns=columns,
        unchanged=frozenset(unchanged),
        reads=isinstance(tree, exp.Query | exp.Show | exp.Describe) and tree.find(*_CHANGES) is None,
        around=isinstance(tree, exp.Transaction | exp.Commit),
    )


def _bindings(node: exp.Expr, sample: Sample) -> list[int]:
    """The bindings in the own text of a node."""
    if not isinstance(node, exp.Literal | exp.Identifier):
        return []
    return [part for part in sample.split(str(node.this)) if isinstance(part, int)]


def _judged(node: exp.Expr, text: str, mark: str) -> tuple[Use, str]:
    """What a binding is, or why it cannot be."""
    if isinstance(node, exp.Identifier):
        return "value", _NAME
    inner = node
    while isinstance(inner.parent, exp.Paren):
        inner = inner.parent
    parent, key = inner.parent, inner.arg_key
    quoted = node.is_string and not _bare(text, mark)
    fault = _fault(parent, key, quoted=quoted, typed=_typed(text, mark))
    return ("value", fault) if fault else (_use(parent, key), "")


def _column(node: exp.Expr) -> str | None:
    """The column beside a value: of a comparison, of an assignment, of a row that is inserted."""
    inner: exp.Expr = node
    while (parent := inner.parent) is not None:
        if isinstance(parent, exp.Predicate):
            found = parent.find(exp.Column)
            return found.name if found is not None else None
        if isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Values):
            return _inserted(parent, inner)
        inner = parent
    return None


def _is_unchanged(node: exp.Expr) -> bool:
    """Whether nothing is made of a value, or of the column, before one meets the other."""
    inner = node
    while isinstance(inner.parent, exp.Paren | exp.Cast):
        inner = inner.parent
    parent = inner.parent
    if isinstance(parent, exp.Predicate):
        sides = (parent.args.get("this"), parent.args.get("expression"))
        return any(isinstance(side, exp.Column) for side in sides)
    return isinstance(parent, exp.Tuple)


def _inserted(row: exp.Tuple, value: exp.Expr) -> str | None:
    insert = row.find_ancestor(exp.Insert)
    names = insert.this.expressions if insert is not None and isinstance(insert.this, exp.Schema) else []
    index = next((number for number, other in enumerate(row.expressions) if other is value), len(names))
    return names[index].name if index < len(names) else None


def _bare(text: str, mark: str) -> bool:
    at = text.find(mark)
    return text[at - 1 : at] not in ("'", '"')


def _typed(text: str, mark: str) -> bool:
    """Whether a bare binding follows a word, as a text follows its type: `name 'x'`."""
    at = text.find(mark)
    before = text[:at].rstrip()
    if text[at + len(mark) :].lstrip().startswith("::"):
        return False
    return at > len(before) and (before[-1:].isalnum() or before[-1:] in ('"', "_"))


def _fault(parent: exp.Expr | None, key: str | None, *, quoted: bool, typed: bool) -> str:
    match parent:
        case None:
            return _WHOLE
        case exp.Ordered():
            return _ORDER
        case exp.Group():
            return _GROUP
        case exp.Schema() | exp.Table() | exp.Alias(args={"alias": _}) if key == "alias":
            return _NAME
        case exp.Schema() | exp.Table():
            return _NAME
        case exp.EQ() if key == "this" and _assigns(parent):
            return _NAME
        case exp.Cast() if not quoted and typed and not isinstance(parent.parent, exp.Interval):
            return NO_VALUE
    return ""


def _assigns(parent: exp.Expr) -> bool:
    """Whether `a = b` is no comparison: `SET a = b`."""
    return isinstance(parent.parent, exp.Update | exp.OnConflict | exp.SetItem) and parent.arg_key in (
        "expressions",
        "this",
    )


def _use(parent: exp.Expr | None, key: str | None) -> Use:
    if isinstance(parent, _COUNTS):
        return "count"
    if isinstance(parent, _CONDITIONS) or (isinstance(parent, exp.If) and key == "this"):
        return "condition"
    if isinstance(parent, exp.Join) and key == "on":
        return "condition"
    if isinstance(parent, _ARRAYS) or (isinstance(parent, exp.Cast) and _of_array(parent)):
        return "array"
    compared = isinstance(parent, exp.Predicate) and key == "this"
    return "name" if compared or (isinstance(parent, exp.Select) and key == "expressions") else "value"


def _of_array(cast: exp.Cast) -> bool:
    return cast.to.is_type(exp.DataType.Type.ARRAY)
