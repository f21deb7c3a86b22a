"""`scripts/<name>.js`: one object of functions and variables, `export default { … }`."""

from dataclasses import replace

from tree_sitter import Node

from portico.definition import behaviour, javascript
from portico.definition.bindings import checked, remedy
from portico.definition.diagnostics import Problems
from portico.definition.draft import ScriptDraft
from portico.definition.fields import Fields
from portico.definition.fields import table as table_of
from portico.definition.javascript import Broken, Code
from portico.definition.names import suggestion
from portico.definition.parameters import functions
from portico.definition.scope import Reading, reading
from portico.definition.shapes import Key, Shape
from portico.definition.shapes import table as named
from portico.definition.source import Table
from portico.definition.text import Text
from portico.model.query import Run

_DECLARATIONS = frozenset(
    {
        "lexical_declaration",
        "variable_declaration",
        "function_declaration",
        "generator_function_declaration",
        "class_declaration",
        "empty_statement",
        "comment",
    }
)
_REMEDY = "write declarations, if any, and then `export default { … }` with functions and variables"


#: When functions of a script can run by themselves.
_RUNS: tuple[Run, ...] = ("manual", "on_load")
_FUNCTION = Shape("settings of a function", behaviour.keys(_RUNS))
SHAPE = Shape(
    "settings of a script",
    {"functions": Key(schema=named(_FUNCTION.schema()), help="Functions of the script, by name.")},
)


def read(name: str, text: Text, problems: Problems) -> ScriptDraft | None:
    """The script object, or None and problems."""
    original = javascript.module(text.value)
    if isinstance(original, Broken):
        fault = original.fault()
        place = text.place(fault.offset)
        problems.add(fault.code, place, fault.message, received=fault.received, remedy=remedy(fault))
        return None
    exported = _exported(original, text, problems)
    if exported is None:
        return None
    program = _overwritten(original, exported)
    code = javascript.module(program)
    whole = checked(text, 0, code, problems) if isinstance(code, Code) else None
    if whole is None or not isinstance(code, Code):
        return None
    members = _members(code, text, problems)
    rest = [node for node in code.root.named_children if node.type != "expression_statement"]
    return ScriptDraft(
        name=name,
        text=text,
        program=program,
        # The name that stands where the export was is ours.
        reading=replace(whole, uses=tuple(use for use in whole.uses if use.name != "$$")),
        members=members,
        helpers=reading(code, *rest) if rest else Reading(),
        functions=functions(code, _object(code)),
    )


def with_behaviours(draft: ScriptDraft, table: Table, file: str, problems: Problems) -> ScriptDraft:
    """The script with what `scripts/<name>.yaml` says of its functions."""
    fields = Fields(table, problems, SHAPE)
    named_ones = fields.table_of("functions")
    fields.done()
    found = {}
    for name, entry in named_ones.entries.items() if named_ones is not None else ():
        if name not in draft.members:
            near = suggestion(name, draft.members, none="the script has none")
            problems.add(
                "E408", entry.key, f"the script has no function `{name}`", received=name, remedy=near
            )
            continue
        settings = table_of(entry.node, problems, "settings of a function", file)
        if settings is not None:
            inner = Fields(settings, problems, _FUNCTION)
            found[name] = behaviour.read(inner, _RUNS)
            inner.done()
    return replace(draft, behaviours=found)


def _exported(code: Code, text: Text, problems: Problems) -> Node | None:
    """The one export statement of the file, whose value is an object."""
    found: Node | None = None
    sound = True
    for node in code.root.named_children:
        if node.type == "export_statement":
            value = node.child_by_field_name("value")
            if found is None and value is not None and value.type == "object":
                found = node
                continue
        elif node.type in _DECLARATIONS:
            continue
        sound = False
        place = text.place(code.start(node))
        problems.add(
            "E306", place, "a script holds nothing but one object", received=code.word(node), remedy=_REMEDY
        )
    if found is None and sound:
        problems.add("E306", text.place(0), "the script exports nothing", remedy=_REMEDY)
    return found if sound else None


def _overwritten(code: Code, exported: Node) -> str:
    """The text with `export default` overwritten, every other character at its place."""
    text = code.text
    for word, instead in (("export", "$$ =  "), ("default", "       ")):
        token = next(child for child in exported.children if child.type == word)
        start = code.start(token)
        text = text[:start] + instead + text[start + len(word) :]
    return text


def _members(code: Code, text: Text, problems: Problems) -> dict[str, Reading]:
    """What each member of the exported object reads."""
    members: dict[str, Reading] = {}
    for node in _object(code).named_children:
        if node.type == "comment":
            continue
        key = node if node.type == "shorthand_property_identifier" else node.child_by_field_name("key")
        key = key or node.child_by_field_name("name")
        name = code.word(key).strip("\"'") if key is not None else None
        accessor = node.type == "method_definition" and any(
            child.type in ("get", "set") for child in node.children
        )
        place = text.place(code.start(node))
        if name is None or key is None or key.type in ("computed_property_name", "number") or accessor:
            problems.add(
                "E307",
                place,
                "a member is a function or a variable with a name",
                received=code.word(node),
                remedy="write `name: value`, `name() { … }` or `async name() { … }`",
            )
        elif name in members:
            problems.add(
                "E401", place, f"the script has `{name}` twice", received=name, remedy="rename one of them"
            )
        else:
            members[name] = reading(code, node)
    return members


def _object(code: Code) -> Node:
    """The object that stands where it was exported."""
    statement = next(node for node in code.root.named_children if node.type == "expression_statement")
    assignment = statement.named_children[0]
    found = assignment.child_by_field_name("right")
    return found if found is not None else statement
