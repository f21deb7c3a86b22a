"""JSONForm: a form made of fields that are written down, or of the data that it is about.

Data and rules stay in the sandbox; what leaves it is what its user sees (`view.js`). Its JavaScript is the
type's library, a file a noun.
"""

import json

from portico.model.widget import Input, Property, WidgetType
from portico.ui.widgets import menu
from portico.ui.widgets.json_form import posted
from portico.ui.widgets.json_form.fields import KINDS, fields
from portico.ui.widgets.json_form.look import prepare
from portico.ui.widgets.json_form.template import TEMPLATE
from portico.ui.widgets.library import library
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL, SET_VISIBILITY

#: Values and dates as a Table reads them, and what a form makes of them.
_FILES = (
    *("table/values", "table/dates"),
    *(f"json_form/{name}" for name in ("shape", "tree", "rules", "acts", "view")),
)


#: Steps of what is shown, each computed anew only when what it is made of changed.
_STEPS = {
    "mark": "library.markOf(self.sourceData)",
    "tree": "library.treeOf(self, kit)",
    "values": "library.valuesOf(self.tree)",
    "judged": "library.judgedOf(self, kit)",
    "view": "library.viewOf(self, kit)",
}

#: What scripts read.
_MEMBERS = {
    "sourceData": "library.sourceOf(kit.given(self, 'sourceData'), kit)",
    "formData": "library.dataOf(self)",
    "fieldState": "library.stateAtRest(self.tree, self.judged)",
    "isValid": "library.everyNode(self.tree).every((node) => self.judged.get(node).isValid)",
    "isDirty": "library.isChanged(self)",
}

#: State, with what it is first, by the places of fields: what was typed, and of an Array the keys of its rows
#: once some were added or removed; which fields say what is wrong with them although nobody touched them.
#: `grown` counts rows that were added.
_STATE = {"typed": {}, "passwords": {}, "told": [], "grown": 0}

_COMMANDS = {
    "submit": "() => library.submit(self, kit)",
    "reset": "() => library.reset(self)",
    "addRow": "(place) => library.addRow(self, place, kit)",
    "removeRow": "(place) => library.removeRow(self, place, kit)",
    "changed": "(place) => library.changed(self, place, kit)",
}

TYPE = WidgetType(
    name="JSONForm",
    help="A form made of fields that are written down, or of the data that it is about.",
    properties={
        "sourceData": Property(
            kind="any", default="", help="What the form is about: an object, or JSON text of one."
        ),
        "fields": fields(),
        "title": Property(kind="text", default="", help="What stands above it."),
        "useSourceData": Property(
            kind="boolean",
            default=False,
            help="Whether `formData` has fields that are not visible too, as they came.",
        ),
        "disabledWhenInvalid": Property(
            kind="boolean", default=True, help="Whether `onSubmit` waits until all fields are valid."
        ),
        "submitButtonLabel": Property(
            kind="text", default="Submit", help="What stands on the button that submits it."
        ),
        "showReset": Property(
            kind="boolean", default=True, help="Whether a button takes back what was typed."
        ),
        "resetButtonLabel": Property(kind="text", default="Reset", help="What stands on that."),
        **SCROLL,
        **FRAME,
        **COMMON,
    },
    events=("onSubmit",),
    meta=_STATE,
    derived={**_STEPS, **_MEMBERS},
    methods={
        **SET_VISIBILITY,
        **_COMMANDS,
        "setSourceData": "(data) => { self.sourceData = data; }",
        "rowAt": "(place) => library.namesAt(self, place)",
    },
    library=library(*_FILES, known=f"const KINDS = {json.dumps(dict(KINDS))};\n"),
    zoned=True,
    commands=frozenset(_COMMANDS),
    inputs={
        "field": Input(
            meta="typed", parse=posted.field, command="changed", many=True, holds=posted.held_by_fields
        ),
        "password": Input(
            meta="passwords",
            parse=posted.password,
            command="changed",
            many=True,
            holds=posted.held_by_passwords,
        ),
    },
    private=frozenset({*_STATE, *_STEPS, *_COMMANDS, "rowAt"}),
    inner=frozenset({*_STEPS, *_MEMBERS, "fields", "told", "grown"} - {"view", "isValid", "isDirty"}),
    secrets=frozenset({"passwords"}),
    parts=frozenset({menu.PART}),
    reset=("typed", "passwords", "told"),
    offers=posted.offers,
)

LOOK = Look(template=TEMPLATE, prepare=prepare)
