"""`pages/<Name>/page.yaml`: title, access, widgets."""

from collections.abc import Mapping
from dataclasses import replace

from portico.definition import instances
from portico.definition.bindings import Snippet, has_binding
from portico.definition.diagnostics import Problems
from portico.definition.draft import Entities, PageDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.shapes import BINDING, WORD, Key, Shape, each, either, named, one_of
from portico.definition.source import Node, Scalar, Table
from portico.definition.value import Bound, is_binding, of_text
from portico.definition.widgets import WidgetReader
from portico.model.access import AnyRole, Public, SignedIn
from portico.model.place import Place
from portico.model.widget import WidgetType

_ACCESS_REMEDY = (
    'write public, signed-in, {roles: [admin]}, or a binding over auth like "{{ auth.uid === 1 }}"'
)

_ROLES = Shape(
    "`access`", {"roles": Key(schema=each(WORD), help="Roles, one of which is needed.", required=True)}
)
SHAPE = Shape(
    "a page",
    {
        "title": Key(schema=WORD, help="What stands on the browser's tab; the page's name by default."),
        "access": Key(
            schema=either(one_of(("public", "signed-in")), _ROLES.schema(), BINDING),
            help="Who may open it: `public`, `signed-in`, `{roles: [admin]}`, or a binding over `auth`.",
        ),
        "modules": instances.MODULES,
        "widgets": Key(schema=each(named("widget")), help="What stands on it."),
    },
)


def read(
    name: str,
    table: Table,
    file: str,
    entities: Entities,
    types: Mapping[str, WidgetType],
    problems: Problems,
) -> PageDraft:
    """The page. What is wrong was reported and stands there as if it were missing."""
    fields = Fields(table, problems, SHAPE)
    title = fields.word("title")
    node = fields.node("access")
    access = None if node is None else _access(node, problems)
    widgets = WidgetReader(types, file, problems).read(fields.items_of("widgets"))
    page = PageDraft(
        name=name,
        title=title.text.value if title is not None else name,
        place=Place(file, 1, 1),
        # A rule that is wrong must not become the default.
        access=SignedIn() if access is None and node is not None else access,
        access_place=fields.place_of("access"),
        widgets=widgets,
        entities=replace(entities, instances=instances.read_all(fields, file)),
    )
    fields.done()
    return page


def broken(name: str, file: str, entities: Entities) -> PageDraft:
    """A page whose file cannot be read: its name exists, what stands on it is not known."""
    place = Place(file, 1, 1)
    return PageDraft(
        name=name,
        title=name,
        place=place,
        access=None,
        access_place=place,
        widgets=(),
        entities=entities,
        broken=True,
    )


def _access(node: Node, problems: Problems) -> Public | SignedIn | AnyRole | Snippet | None:
    if isinstance(node, Table):
        return _roles(node, problems)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        match node.text.value:
            case "public":
                return Public()
            case "signed-in":
                return SignedIn()
            case text if has_binding(text):
                return rule(node, problems, "access")
    wrong_type(problems, node, "`access` cannot be this", _ACCESS_REMEDY, code="E204")
    return None


def rule(node: Node, problems: Problems, key: str) -> Snippet | None:
    """The one binding that a value must be."""
    value = of_text(node.text, problems) if isinstance(node, Scalar) else None
    if isinstance(value, Bound) and is_binding(value):
        return next(part for part in value.parts if isinstance(part, Snippet))
    if value is not None or not isinstance(node, Scalar):
        wrong_type(
            problems,
            node,
            f"`{key}` is exactly one binding",
            'write "{{ … }}" with nothing around it',
            code="E305",
        )
    return None


def _roles(node: Table, problems: Problems) -> AnyRole | None:
    fields = Fields(node, problems, _ROLES)
    roles = fields.words_of("roles")
    fields.done()
    if roles:
        return AnyRole(frozenset(role.text.value for role in roles))
    problems.add("E203", node.place, "`access` names no role", remedy="write {roles: [admin, editor]}")
    return None
