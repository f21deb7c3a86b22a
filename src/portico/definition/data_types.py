"""`types/<Name>.yaml`: the shapes that an app gives to data."""

import re
from collections.abc import Iterable, Mapping

from portico.definition.diagnostics import Problems
from portico.definition.draft import TypeDraft, TypeFieldDraft
from portico.definition.fields import Fields
from portico.definition.fields import table as mapping
from portico.definition.lookup import check_exists
from portico.definition.shapes import FLAG, WORD, Key, Shape
from portico.definition.shapes import table as named
from portico.definition.source import Scalar, Table
from portico.model.data_type import BASICS, DataField, DataType
from portico.model.place import Place

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

_FIELD = Shape(
    "a field",
    {
        "type": Key(
            schema=WORD,
            help=f"What it holds: {', '.join(f'`{basic}`' for basic in BASICS)}, or another type of the app.",
            required=True,
        ),
        "required": Key(schema=FLAG, help="Whether JSON without it is refused; it is null else."),
        "list": Key(schema=FLAG, help="Whether it holds a list of these."),
        "from": Key(schema=WORD, help="Where it stands in the JSON, as `address.city`; under its own name."),
    },
)
SHAPE = Shape(
    "a data type",
    {"fields": Key(schema=named(_FIELD.schema()), help="The fields, by name.", required=True)},
)


def read(name: str, table: Table, file: str, problems: Problems) -> TypeDraft:
    """The type. Fields with problems are left out."""
    fields = Fields(table, problems, SHAPE)
    place = Place(file, 1, 1)
    if name in BASICS:
        problems.add(
            "E241", place, "this is the name of a basic type", received=name, remedy="rename the file"
        )
    fields.required("fields", "list its fields, by name")
    given = fields.table_of("fields")
    found = {}
    for key, entry in given.entries.items() if given is not None else ():
        if not _NAME.fullmatch(key):
            problems.add(
                "E241",
                entry.key,
                "a field's name is letters, digits and `_`, no digit first",
                received=key,
                remedy=f"rename it, and write `from: {key}`",
            )
            continue
        content = mapping(entry.node, problems, "a field", file)
        field = None if content is None else _field(key, content, entry.key, problems)
        if field is not None:
            found[key] = field
    fields.done()
    return TypeDraft(name=name, place=place, fields=found)


def _field(name: str, table: Table, place: Place, problems: Problems) -> TypeFieldDraft | None:
    fields = Fields(table, problems, _FIELD)
    kind = fields.required_word("type", f"write one of {', '.join(BASICS)}, or the name of another type")
    required, is_list = fields.flag("required") is True, fields.flag("list") is True
    source = _source(fields.word("from"), name, problems)
    fields.done()
    if kind is None or source is None:
        return None
    return TypeFieldDraft(place=place, type=kind, required=required, list=is_list, source=source)


def _source(word: Scalar | None, name: str, problems: Problems) -> tuple[str, ...] | None:
    if word is None:
        return (name,)
    steps = tuple(word.text.value.split("."))
    if all(step and step.strip() == step for step in steps):
        return steps
    problems.add(
        "E241",
        word.place,
        "`from` is names with dots between them",
        received=word.text.value,
        remedy="write a path such as `address.city`",
    )
    return None


def check(types: Mapping[str, TypeDraft], problems: Problems) -> None:
    """Report types that fields name and that do not exist, and those that no JSON could fill."""
    for draft in types.values():
        for field in draft.fields.values():
            known = (*BASICS, *types)
            check_exists("E410", field.type.place, field.type.text.value, known, "data type", problems)
        if draft.name in _needed(draft.name, types):
            problems.add(
                "E241",
                draft.place,
                f"nothing can be a {draft.name}: it needs another one inside",
                remedy="take `required` from a field on the way",
            )


def _needed(name: str, types: Mapping[str, TypeDraft]) -> frozenset[str]:
    """The types without which there is none of this name."""
    found: set[str] = set()
    waiting: list[str] = [name]
    while waiting:
        for inner in _inside(types[waiting.pop()]):
            if inner in types and inner not in found:
                found.add(inner)
                waiting.append(inner)
    return frozenset(found)


def _inside(draft: TypeDraft) -> Iterable[str]:
    fields = draft.fields.values()
    return (field.type.text.value for field in fields if field.required and not field.list)


def compiled(types: Mapping[str, TypeDraft]) -> dict[str, DataType]:
    """The types as the server sees them."""
    return {
        name: DataType(
            name=name,
            fields={
                key: DataField(
                    type=field.type.text.value, source=field.source, required=field.required, list=field.list
                )
                for key, field in draft.fields.items()
            },
        )
        for name, draft in types.items()
    }
