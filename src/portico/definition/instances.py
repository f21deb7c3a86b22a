"""Instances of modules: what stands where one is used."""

from collections.abc import Iterator

from portico.definition import behaviour
from portico.definition.behaviour import Behaviour
from portico.definition.diagnostics import Problems
from portico.definition.draft import Given, InstanceDraft
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.names import entity_name_problem
from portico.definition.shapes import VALUE, WORD, Key, Shape
from portico.definition.shapes import table as named
from portico.definition.source import Scalar
from portico.definition.value import of_node
from portico.model.place import Place
from portico.model.query import Run

#: When functions can run by themselves.
_RUNS: tuple[Run, ...] = ("manual", "on_load")
_FUNCTION = Shape("settings of a function", behaviour.keys(_RUNS))

#: What every instance says.
KEYS = {
    "module": Key(
        schema=WORD, help="The module: `package/Module`; in a package also `Module`.", required=True
    ),
    "inputs": Key(schema=named(VALUE), help="What it is given, by the names of its inputs."),
}
SHAPE = Shape(
    "an instance of a module",
    {
        **KEYS,
        **behaviour.keys(),
        "functions": Key(
            schema=named(_FUNCTION.schema()), help="Functions of a script module that run by themselves."
        ),
    },
)
#: What `modules:` of a page, an app or a module is.
MODULES = Key(
    schema=named(SHAPE.schema()), help="Query and script modules that it uses, by their names here."
)


def read_all(fields: Fields, file: str) -> tuple[InstanceDraft, ...]:
    """The query and script modules below `modules`."""
    found = fields.table_of("modules")
    read = []
    for name, entry in found.entries.items() if found is not None else ():
        problem = entity_name_problem(name)
        if problem is not None:
            fields.problems.add(
                "E402", entry.key, problem, received=name, remedy="choose another name, like Login1"
            )
        content = table(entry.node, fields.problems, "an instance of a module", file)
        if content is not None:
            inner = Fields(content, fields.problems, SHAPE)
            read.append(_instance(name, entry.key, inner, file))
            inner.done()
    return tuple(read)


def of_widget(name: str, fields: Fields) -> InstanceDraft:
    """The instance of a UI module that a widget is."""
    return InstanceDraft(
        name=name,
        place=fields.place,
        reference=fields.required_word("module", "name a UI module, like login/Login"),
        inputs=_inputs(fields),
    )


def _instance(name: str, place: Place, fields: Fields, file: str) -> InstanceDraft:
    return InstanceDraft(
        name=name,
        place=place,
        reference=fields.required_word("module", "name a query or script module, like login/sign_in"),
        inputs=_inputs(fields),
        behaviour=behaviour.read(fields),
        functions=dict(_functions(fields, file)),
        settings={
            key: fields.place_of(key)
            for key in ("run", "confirm", "functions")
            if key in fields.table.entries
        },
    )


def _functions(fields: Fields, file: str) -> Iterator[tuple[str, Behaviour]]:
    """What `functions` says of each function."""
    content = fields.table_of("functions")
    for name, entry in content.entries.items() if content is not None else ():
        settings = table(entry.node, fields.problems, "settings of a function", file)
        if settings is not None:
            inner = Fields(settings, fields.problems, _FUNCTION)
            yield name, behaviour.read(inner, _RUNS)
            inner.done()


def _inputs(fields: Fields) -> dict[str, Given]:
    content = fields.table_of("inputs")
    found = {}
    for name, entry in content.entries.items() if content is not None else ():
        if isinstance(entry.node, Scalar) and entry.node.value is None:
            _missing(entry.node, name, fields.problems)
            continue
        value = of_node(entry.node, fields.problems)
        if value is not None:
            found[name] = Given(place=entry.node.place, value=value)
    return found


def _missing(node: Scalar, name: str, problems: Problems) -> None:
    wrong_type(
        problems,
        node,
        f"the input `{name}` has no value",
        'write a value or a "{{ }}" binding, or leave it out',
    )
