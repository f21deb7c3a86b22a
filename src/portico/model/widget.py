"""Widgets: what a type is, and one placed on a page.

A type is data plus a little JavaScript of ours (`derived`, `methods`), which `definition`
puts into the page's program. How it looks is a template in `ui/widgets`, beside its type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.model.place import Place

Kind = Literal["text", "boolean", "number", "choice", "color", "size", "list", "object", "any"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """A property an author may set, to a literal or a binding.

    `default` is what it is when nobody sets it; `choices` belong to kind `choice`.
    `help` is one line for the reference.
    """

    kind: Kind
    default: Any = None
    choices: tuple[str, ...] = ()
    help: str = ""
    required: bool = False


def as_sent(value: Any, props: Mapping[str, Any]) -> Any:
    """The `parse` of types whose posted text is the value."""
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class WidgetType:
    """A kind of widget.

    name        as in `type:` of a page
    properties  what an author may set; every type also has `isVisible` and `animateLoading`
    events      what may carry an action, e.g. `onClick`
    children    `none`, `widgets`, or `slots` (children grouped by tab; see `slot_property`)
    meta        state of a widget that the user changes, with first values, e.g. {"typed": None}
    derived     name → JavaScript expression over `self` (this widget) and `kit`
                (`kit.inputs(self)`: the input widgets inside); read like any property
    methods     name → JavaScript function expression over `self`, e.g. "(v) => { self.typed = v }"
    value       the meta property that a posted value is written to; None: it takes no input
    parse       (posted value, present properties) → the value for `value`;
                raises ValueError for what cannot be a value of this widget
    secret      whether the value must never be kept or sent back (a PASSWORD)
    change_event  the event that a changed value fires, e.g. `onTextChanged`
    slot_property the property that names the shown slot, e.g. `selectedTab`
    reset       meta properties that a reset sets back to their first values
    """

    name: str
    properties: Mapping[str, Property]
    events: tuple[str, ...] = ()
    children: Literal["none", "widgets", "slots"] = "none"
    meta: Mapping[str, Any] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    value: str | None = None
    parse: Callable[[Any, Mapping[str, Any]], Any] = as_sent
    secret: Callable[[Mapping[str, Any]], bool] = lambda props: False
    change_event: str | None = None
    slot_property: str | None = None
    reset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a widget stands on the page's grid of 64 columns and rows of 10 px, from 0."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """One widget of a page, addressed by `path`. Its property values are in the program.

    `events` are those that carry an action here. `slot` is the tab it stands in, if its parent
    has slots. `live`: a binding depends on its value, so a change is worth a turn.
    """

    path: str
    name: str
    type: str
    place: Place
    parent: str | None = None
    slot: str | None = None
    events: frozenset[str] = frozenset()
    children: tuple[str, ...] = ()
    position: Position | None = None
    live: bool = False
