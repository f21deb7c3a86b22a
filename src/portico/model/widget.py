"""Widgets: what a type is, and one placed on a page.

A type is data plus a little JavaScript of ours (`derived`, `methods`), which `definition`
puts into the page's program. How it looks is a template in `ui/widgets`, beside its type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.model.place import Place
from portico.model.program import RECORD_NAMES

Kind = Literal[
    "text", "boolean", "number", "choice", "color", "size", "list", "object", "any", "records", "record"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """A property an author may set, to a literal or a binding.

    `default` is what it is when nobody sets it; `choices` belong to kind `choice`.
    `help` is one line for the reference. Kind `records` is a list of mappings with `fields` and
    `events` of their own, such as a table's columns; each has an `id` that differs from the others. Kind
    `record` is one such mapping, without an id. `names` is what the code of such fields and events sees
    besides; none where they are of no row. `per_row`: a field that is computed for each row, over those.
    `part`: the part of the client, an asset of its own, that pages need where a widget sets it.
    `loads`: it is an address that browsers load; those of other origins have to be declared for this use.
    `foreign`: it holds what another tool knows of a widget: what is named like an event there, such as
    `onClick`, is data as it is written, and never runs.
    """

    kind: Kind
    default: Any = None
    choices: tuple[str, ...] = ()
    help: str = ""
    required: bool = False
    fields: "Mapping[str, Property]" = field(default_factory=dict)
    events: tuple[str, ...] = ()
    names: tuple[str, ...] = RECORD_NAMES
    per_row: bool = False
    part: str | None = None
    loads: Literal["images", "frames"] | None = None
    foreign: bool = False


def as_sent(posted: Any, props: Mapping[str, Any], detail: str) -> Any:
    """The `parse` of an input whose posted text is the value."""
    return posted


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """State of a widget that its user sets, by a posted value.

    meta    the meta property that the value is written to
    parse   (posted value, present properties, detail) → the value for `meta`; raises ValueError
            for what cannot be a value of this widget now
    event   the event that a changed value fires, e.g. `onTextChanged`
    also    further meta properties that get the same value
    typed   whether it stands in a control that holds it itself; else a press of a button posts it
    demand  (present properties) → what to tell a user whose click came without it: the click then does
            nothing. Empty where a click need not bring it
    many    whether it has a control for each of many details, such as the cells of a row
    shows   the property that its control shows, and what is parsed is compared with, where that is
            neither `meta` nor the `value` of the widget
    uploads (present properties) → how its files are read (`runtime.contents.Reading`), for an input whose
            value are files: what is posted are ids of uploads, and `parse` gets what is known of them
    command what a changed value runs besides, with its detail: one of the type's `commands`
    holds   (present properties) → what the control of each detail holds, of many that a turn may change:
            the browser is then told. None stands for what it must not be told
    """

    meta: str
    parse: Callable[[Any, Mapping[str, Any], str], Any] = as_sent
    event: str | None = None
    also: tuple[str, ...] = ()
    typed: bool = True
    demand: Callable[[Mapping[str, Any]], str] = lambda props: ""
    many: bool = False
    shows: str | None = None
    uploads: Callable[[Mapping[str, Any]], str] | None = None
    command: str | None = None
    holds: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None


#: The part of a widget's inputs that is its value.
VALUE = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WidgetType:
    """A kind of widget.

    name        as in `type:` of a page
    help        one line for the reference
    properties  what an author may set; every type also has `isVisible` and `animateLoading`
    events      what may carry an action, e.g. `onClick`
    children    `none`, `widgets`, `slots` (children grouped by tab; see `slot_property`), or `rows`
                (children that stand once for each row; see `rows`)
    meta        state of a widget that the user changes, with first values, e.g. {"typed": None}
    derived     name → JavaScript expression over `self` (this widget) and `kit`
                (`docs/design/program.md`); read like any property. One with the name of a property
                takes its place; `kit.given(self, name)` is then what the author set
    methods     name → JavaScript function expression over `self`, e.g. "(v) => { self.typed = v }"
    library     JavaScript expression over `kit`, whose value `derived` and `methods` see as `library`
    zoned       whether its JavaScript reads the visitor's time zone
    commands    methods that its own buttons run, each an event that no author has to declare; called
                with the row or the detail that it is of
    inputs      what its user sets, by part; the part "" is its value, as forms see it
    private     names of the above that only the type's own JavaScript and its page use: code of apps does
                not find them, and the reference leaves them out
    inner       properties that never leave the sandbox, and are computed only when something reads them
    members     the property whose fields code of apps reads like members of the widget
    parts       parts of the client, assets of their own, that pages with such a widget need
    secret      whether the value must never be kept or sent back (a PASSWORD)
    secrets     meta properties besides that must never be kept, whatever they hold: passwords by place
    slot_property the property that names the shown slot, e.g. `selectedTab`
    rows        the derived property that gives the rows of `children="rows"`: `{key, item, index}` each
    reset       meta properties that a reset sets back to their first values
    offers      (present properties, event, row) → whether its button for this event is there and can be
                pressed: for types that have several
    """

    name: str
    properties: Mapping[str, Property]
    help: str = ""
    events: tuple[str, ...] = ()
    children: Literal["none", "widgets", "slots", "rows"] = "none"
    meta: Mapping[str, Any] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    library: str | None = None
    zoned: bool = False
    commands: frozenset[str] = frozenset()
    inputs: Mapping[str, Input] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()
    members: str | None = None
    parts: frozenset[str] = frozenset()
    secret: Callable[[Mapping[str, Any]], bool] = lambda props: False
    secrets: frozenset[str] = frozenset()
    slot_property: str | None = None
    rows: str | None = None
    reset: tuple[str, ...] = ()
    offers: Callable[[Mapping[str, Any], str, str | None], bool] = lambda props, event, row: True

    def names_of(self, event: str) -> tuple[str, ...]:
        """What an event takes: nothing, or the row that it happens in, where it is of a record of rows."""
        name, dot, _ = event.partition(".")
        return self.properties[name].names if dot and name in self.properties else ()

    @property
    def value(self) -> str | None:
        """The meta property that holds its value; None for a type that is no input."""
        return self.inputs[VALUE].meta if VALUE in self.inputs else None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a widget stands on the page's grid of 64 columns and rows of 10 px, from 0."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """One widget of a page, addressed by `path` (`model.paths`).

    `literals` are the properties, and the state, that it begins with; the others are computed.
    `events` are those that carry an action here. `slot` is the tab it stands in, if its parent
    has slots. `live`: a binding depends on its value, so a change is worth a turn. `read`: the meta
    properties of its inputs that code reads. `repeats`: its children stand once for each of its rows.
    """

    path: str
    name: str
    type: str
    place: Place
    parent: str | None = None
    slot: str | None = None
    literals: Mapping[str, Any] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    children: tuple[str, ...] = ()
    position: Position | None = None
    live: bool = False
    read: frozenset[str] = frozenset()
    repeats: bool = False
