"""Events of widgets: code in one binding, or a list of actions."""

from collections.abc import Iterator
from dataclasses import replace

from portico.definition import action_shapes, actions
from portico.definition.actions import Actions
from portico.definition.bindings import Snippet, has_binding, only, split
from portico.definition.diagnostics import Problems
from portico.definition.fields import wrong_type
from portico.definition.shapes import BINDING, either
from portico.definition.source import Items, Node, Scalar

Event = Snippet | Actions

SCHEMA = either(BINDING, action_shapes.SCHEMA)


def read(name: str, node: Node, file: str, problems: Problems) -> Event | None:
    """What an event does, or None and a problem."""
    if isinstance(node, Items):
        return actions.read(node, file, problems)
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not has_binding(node.text.value):
        wrong_type(
            problems,
            node,
            f"`{name}` is an event: a {{{{ }}}} binding, or a list of actions",
            'put the code between braces: "{{ … }}"; or write one `- ` line for each action',
            code="E208",
        )
        return None
    parts = split(node.text, problems, action=True)
    snippet = only(parts) if parts is not None else None
    if parts is not None and snippet is None:
        problems.add(
            "E208",
            node.place,
            f"`{name}` is one {{{{ }}}} binding with nothing around it",
            received=node.text.value,
            remedy="put all of the code into one pair of {{ }}",
        )
    return snippet


def declaring(event: Event, names: tuple[str, ...]) -> Event:
    """The same event as a function of `names`, which its code may read."""
    more = frozenset(names)
    if isinstance(event, Snippet):
        return replace(event, declared=event.declared | more)
    parts = (
        replace(part, declared=part.declared | more) if isinstance(part, Snippet) else part
        for part in event.parts
    )
    return replace(event, parts=tuple(parts))


def snippets(event: Event) -> Iterator[Snippet]:
    """The author's code in an event."""
    if isinstance(event, Snippet):
        yield event
    else:
        yield from (part for part in event.parts if isinstance(part, Snippet))
