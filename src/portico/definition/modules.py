"""`modules/<Name>/module.yaml`: the contract of a module, and the widgets of a UI module."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import get_args

from portico.definition import instances, properties
from portico.definition.diagnostics import Problems
from portico.definition.draft import Entities, ModuleDraft, OutputDraft, ScriptDraft
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.names import entity_name_problem, suggestion
from portico.definition.shapes import BINDING, FLAG, VALUE, WORD, Key, Shape, each, either, named, one_of
from portico.definition.shapes import table as mapping
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.value import Composed, Fixed, Value, is_binding, of_node
from portico.definition.widgets import MODULE_TYPE, WidgetReader
from portico.model.package import (
    FunctionContract,
    InputContract,
    ModuleContract,
    ModuleKind,
    OutputContract,
    ValueType,
)
from portico.model.place import Place
from portico.model.widget import WidgetType

_KINDS: tuple[ModuleKind, ...] = get_args(ModuleKind)
_TYPES: tuple[ValueType, ...] = get_args(ValueType)
#: What code outside finds of an instance besides its outputs.
MEMBERS: Mapping[ModuleKind, frozenset[str]] = {
    "ui": frozenset(),
    "query": frozenset({"run", "data", "responseMeta", "isLoading", "clear"}),
    "script": frozenset(),
}
#: Those of them that are no functions.
VALUES = frozenset({"data", "responseMeta", "isLoading"})

_TYPE = Key(schema=one_of(_TYPES), help="What it is; `any` by default.")
INPUT = Shape(
    "an input",
    {
        "type": _TYPE,
        "default": Key(
            schema=VALUE,
            help="What it is where an instance gives nothing; without it every instance gives it.",
        ),
        "required": Key(schema=FLAG, help="`false`: without a default it may be left out, and is undefined."),
        "description": Key(schema=WORD, help="What it is for."),
    },
)
OUTPUT = Shape(
    "an output",
    {
        "value": Key(schema=BINDING, help="What it gives, one binding over the module.", required=True),
        "type": _TYPE,
        "description": Key(schema=WORD, help="What it is for."),
    },
)
FUNCTION = Shape("a function", {"description": Key(schema=WORD, help="What it does.")})
SHAPE = Shape(
    "a module",
    {
        "kind": Key(schema=one_of(_KINDS), help="What it is: widgets, a query, or functions.", required=True),
        "description": Key(schema=WORD, help="What it is for."),
        "inputs": Key(
            schema=mapping(either({"type": "null"}, INPUT.schema())),
            help="What it takes: `inputs.name` in it.",
        ),
        "outputs": Key(
            schema=mapping(either(BINDING, OUTPUT.schema())), help="What it gives: `Instance.name` outside."
        ),
        "query": Key(schema=WORD, help="The query that a query module runs; its only one by default."),
        "script": Key(schema=WORD, help="The script that a script module exports; its only one by default."),
        "functions": Key(
            schema=either(each(WORD), mapping(either({"type": "null"}, FUNCTION.schema()))),
            help="The functions that a script module exports.",
        ),
        "stores": Key(schema=each(WORD), help='Keys of the store that it writes; `"*"` for computed ones.'),
        "navigates": Key(schema=each(WORD), help='Pages that it goes to; `"*"` for computed ones.'),
        "datasources": Key(schema=each(WORD), help="Datasources that its queries call."),
        "secrets": Key(schema=each(WORD), help="Secrets that the package's own datasources need."),
        "modules": instances.MODULES,
        "widgets": Key(schema=each(named("widget")), help="The widgets of a UI module."),
    },
)


def read(
    package: str,
    name: str,
    content: Table,
    file: str,
    entities: Entities,
    types: Mapping[str, WidgetType],
    problems: Problems,
) -> ModuleDraft | None:
    """The module; None and a problem without a kind. What else is wrong was reported, and stands there as
    if it were missing."""
    fields = Fields(content, problems, SHAPE)
    fields.required("kind", f"write one of {', '.join(_KINDS)}")
    chosen = fields.choice("kind", _KINDS, "")
    kind = next((one for one in _KINDS if one == chosen), None)
    reader = _Reader(fields, file)
    inputs, defaults = reader.inputs()
    outputs, values = reader.outputs()
    described = dict(reader.functions())
    query, script = fields.word("query"), fields.word("script")
    words = {
        key: frozenset(word.text.value for word in fields.words_of(key))
        for key in ("stores", "navigates", "datasources", "secrets")
    }
    widgets = WidgetReader(types, file, problems).read(fields.items_of("widgets"))
    inner = instances.read_all(fields, file)
    description = fields.word("description")
    fields.done()
    if kind is None:
        return None
    reader.belongs(kind)
    main = reader.main(kind, query if kind == "query" else script, entities)
    exported = next((found for found in entities.scripts if found.name == main and kind == "script"), None)
    contract = ModuleContract(
        name=name,
        kind=kind,
        description=description.text.value if description is not None else "",
        inputs=inputs,
        outputs=outputs,
        functions=dict(reader.exported(described, exported)),
        stores=words["stores"],
        navigates=words["navigates"],
        datasources=words["datasources"],
        secrets=words["secrets"],
    )
    members = frozenset({*MEMBERS[kind], *contract.functions, *_of_container(kind, types)})
    reader.names(contract, members)
    return ModuleDraft(
        package=package,
        contract=contract,
        place=Place(file, 1, 1),
        defaults=defaults,
        outputs=values,
        main=main,
        members=members,
        widgets=widgets,
        entities=replace(entities, instances=inner),
    )


class _Reader:
    """The parts of one file."""

    def __init__(self, fields: Fields, file: str) -> None:
        self._fields = fields
        self._file = file
        self._problems = fields.problems

    def inputs(self) -> tuple[dict[str, InputContract], dict[str, Value]]:
        """The inputs, and what they are where nothing is given."""
        contracts: dict[str, InputContract] = {}
        defaults: dict[str, Value] = {}
        for name, entry in self._members("inputs"):
            content = self._table(entry, INPUT.what)
            fields = Fields(content, self._problems, INPUT)
            node = fields.node("default")
            value = None if node is None else self._default(name, node)
            kind = self._type(fields)
            required = fields.flag("required")
            if node is not None and value is not None:
                defaults[name] = value
                check_type(f"the default of `{name}`", kind, value, node.place, self._problems)
            contracts[name] = InputContract(
                type=kind,
                required=node is None and required is not False,
                description=_text(fields.word("description")),
            )
            fields.done()
        return contracts, defaults

    def outputs(self) -> tuple[dict[str, OutputContract], dict[str, OutputDraft]]:
        """The outputs, and how they come about."""
        contracts: dict[str, OutputContract] = {}
        values: dict[str, OutputDraft] = {}
        for name, entry in self._members("outputs"):
            fields = None
            node: Node | None = entry
            if isinstance(entry, Table):
                fields = Fields(entry, self._problems, OUTPUT)
                node = fields.required(
                    "value", 'write "{{ … }}" over the widgets, queries and scripts inside'
                )
            value = None if node is None else self._binding(name, node)
            if value is not None and node is not None:
                values[name] = OutputDraft(place=node.place, value=value)
            contracts[name] = OutputContract(
                type=self._type(fields) if fields is not None else "any",
                description=_text(fields.word("description")) if fields is not None else "",
            )
            if fields is not None:
                fields.done()
        return contracts, values

    def functions(self) -> Iterator[tuple[str, tuple[Place, str]]]:
        """Names of functions, with their places and descriptions."""
        node = self._fields.node("functions")
        if isinstance(node, Items):
            for word in self._fields.words_of("functions"):
                yield word.text.value, (word.place, "")
            return
        for name, entry in self._members("functions"):
            fields = Fields(self._table(entry, FUNCTION.what), self._problems, FUNCTION)
            yield name, (entry.place, _text(fields.word("description")))
            fields.done()

    def belongs(self, kind: ModuleKind) -> None:
        """Report what modules of another kind have."""
        owners: Mapping[str, ModuleKind] = {
            "query": "query",
            "script": "script",
            "functions": "script",
            "widgets": "ui",
        }
        for key, owner in owners.items():
            if owner != kind and key in self._fields.table.entries:
                self._problems.add(
                    "E706",
                    self._fields.place_of(key),
                    f"`{key}` belongs to modules of kind {owner}, and this one is of kind {kind}",
                    remedy="remove it, or change `kind`",
                )

    def main(self, kind: ModuleKind, word: Scalar | None, entities: Entities) -> str | None:
        """The query or script that a module is about."""
        if kind == "ui" or entities.broken:
            return None
        found = entities.queries if kind == "query" else entities.scripts
        names = [one.name for one in found]
        if word is not None and word.text.value in names:
            return word.text.value
        if word is None and len(names) == 1:
            return names[0]
        folder = "queries" if kind == "query" else "scripts"
        self._problems.add(
            "E713",
            word.place if word is not None else self._fields.place,
            f"the module has no {kind} `{word.text.value}`"
            if word is not None
            else f"a {kind} module says which {kind} it is about, unless it has just one",
            received=word.text.value if word is not None else ", ".join(names) or "none",
            remedy=suggestion(word.text.value if word else "", names, none=f"write one into {folder}/"),
        )
        return None

    def exported(
        self, described: Mapping[str, tuple[Place, str]], script: ScriptDraft | None
    ) -> Iterator[tuple[str, FunctionContract]]:
        """The functions of a script module, with the parameters that its code gives them."""
        for name, (place, description) in described.items():
            if script is not None and name not in script.functions:
                self._problems.add(
                    "E408",
                    place,
                    f"the script `{script.name}` has no function `{name}`",
                    received=name,
                    remedy=suggestion(name, script.functions, none="it has none"),
                )
                continue
            names = script.functions[name].names if script is not None else ()
            yield name, FunctionContract(parameters=names, description=description)

    def names(self, contract: ModuleContract, members: frozenset[str]) -> None:
        """Report names that apps could not tell from others of the same instance."""
        taken = {"inputs", "outputs", *members}
        clashes = [("outputs", name) for name in contract.outputs if name in taken]
        clashes += [("functions", name) for name in contract.functions if name == "outputs"]
        for key, name in clashes:
            self._problems.add(
                "E713",
                self._place(key, name),
                f"an instance already has something called `{name}`",
                received=name,
                remedy=f"give the {key.removesuffix('s')} another name",
            )

    def _place(self, key: str, name: str) -> Place:
        node = self._fields.node(key)
        if isinstance(node, Table):
            return node.entries[name].key
        items = node.items if isinstance(node, Items) else ()
        named = [item.place for item in items if isinstance(item, Scalar) and item.text.value == name]
        return named[0] if named else self._fields.place

    def _members(self, key: str) -> Iterator[tuple[str, Node]]:
        content = self._fields.table_of(key)
        for name, entry in content.entries.items() if content is not None else ():
            problem = entity_name_problem(name)
            if problem is not None:
                self._problems.add("E402", entry.key, problem, received=name, remedy="choose another name")
            yield name, entry.node

    def _table(self, node: Node, what: str) -> Table:
        """A mapping, which may be left empty."""
        found = None
        if not isinstance(node, Scalar) or node.value is not None:
            found = table(node, self._problems, what, self._file)
        return found or Table(place=node.place, entries={})

    def _default(self, name: str, node: Node) -> Value | None:
        if isinstance(node, Scalar) and node.value is None:
            wrong_type(
                self._problems,
                node,
                f"the default of `{name}` has no value",
                "write one, or `required: false` for an input that may be undefined",
            )
            return None
        return of_node(node, self._problems)

    def _type(self, fields: Fields) -> ValueType:
        chosen = fields.choice("type", _TYPES, "any")
        return next(one for one in _TYPES if one == chosen)

    def _binding(self, name: str, node: Node) -> Value | None:
        value = of_node(node, self._problems)
        if value is not None and not is_binding(value):
            wrong_type(
                self._problems,
                node,
                f"the output `{name}` is exactly one binding",
                'write "{{ … }}" with nothing around it',
                code="E305",
            )
            return None
        return value


def _of_container(kind: ModuleKind, types: Mapping[str, WidgetType]) -> Iterator[str]:
    """What code finds of the widget that an instance of a UI module is."""
    container = types.get(MODULE_TYPE)
    if kind == "ui" and container is not None:
        yield from ("name", "widgetName")
        yield from (*properties.of(container), *container.meta, *container.derived, *container.methods)


_PYTHON: Mapping[ValueType, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "list": (list,),
}


def check_type(what: str, kind: ValueType, value: Value, place: Place, problems: Problems) -> None:
    """Report a literal that is not of the type; what a binding gives is known only when it runs."""
    if kind == "any" or is_binding(value):
        return
    found, shown = _known(value)
    if not isinstance(found, _PYTHON[kind]) or (isinstance(found, bool) and kind != "boolean"):
        problems.add(
            "E707",
            place,
            f"{what} is of type {kind}",
            received=shown,
            remedy="write a value of that type, or a binding that gives one",
        )


def _known(value: Value) -> tuple[object, str]:
    """A value of the type that this one has, and what to call it."""
    match value:
        case Fixed():
            return value.value, json.dumps(value.value, ensure_ascii=False)
        case Composed() if value.parts[0] == "[":
            return [], "a list with bindings in it"
        case Composed():
            return {}, "a mapping with bindings in it"
        case _:
            return "", "text around a binding"


def _text(word: Scalar | None) -> str:
    return word.text.value if word is not None else ""
