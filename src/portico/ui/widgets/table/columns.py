"""Columns: what an author may say of each, and what may be done in its cells."""

from portico.model.widget import Property
from portico.ui.widgets import menu
from portico.ui.widgets.button import VARIANTS

#: Kinds of columns; `editActions` is the place of the buttons that edit a row.
KINDS = (
    *("text", "number", "currency", "date", "checkbox", "switch", "select"),
    *("url", "image", "html", "button", "iconButton", "menuButton", "editActions"),
)
ALIGNMENTS = ("AUTO", "LEFT", "CENTER", "RIGHT")

_SHOWN = {
    "label": Property(kind="text", help="The heading; the id if not set."),
    "type": Property(kind="choice", default="text", choices=KINDS, help="How its cells are shown."),
    "alias": Property(
        kind="text", default="", help="The field of the row that it shows and edits; the id if not set."
    ),
    "value": Property(kind="any", per_row=True, help="What it shows instead of that field."),
    "isVisible": Property(kind="boolean", default=True, help="Whether it is shown."),
    "isCellVisible": Property(
        kind="boolean", default=True, per_row=True, help="Whether there is anything in the cell of a row."
    ),
    "isSortable": Property(kind="boolean", default=True, help="Whether users may sort by it."),
    "isFilterable": Property(kind="boolean", default=True, help="Whether users may filter by it."),
    "align": Property(
        kind="choice", default="AUTO", choices=ALIGNMENTS, help="On which side of the cell it stands."
    ),
    "textColor": Property(kind="color", per_row=True, help="A colour as in CSS."),
    "cellBackground": Property(kind="color", per_row=True, help="A colour as in CSS."),
}
_FORMAT = {
    "inputFormat": Property(
        kind="text",
        default="",
        help="How dates are written in the data, such as `DD/MM/YYYY`, `Epoch` (seconds) or "
        "`Milliseconds`; ISO 8601 if not set.",
    ),
    "outputFormat": Property(kind="text", default="", help="How dates are shown, such as `D MMM YYYY`."),
    "decimals": Property(kind="number", help="Digits behind the point; for money 2 if not set."),
    "currencyCode": Property(kind="text", default="USD", help="A code of ISO 4217, such as `EUR`."),
    "thousandSeparator": Property(
        kind="boolean", help="Whether thousands are set apart; for money they are if not set."
    ),
    "displayText": Property(
        kind="text", default="", per_row=True, help="The words of a link; its address if not set."
    ),
}
_ACTING = {
    "buttonLabel": Property(kind="text", default="Action", per_row=True, help="What stands on the button."),
    "buttonVariant": Property(
        kind="choice",
        choices=VARIANTS,
        per_row=True,
        help="Filled, outlined, or plain; icons are plain if not set.",
    ),
    "buttonColor": Property(kind="color", per_row=True, help="A colour as in CSS."),
    "iconName": Property(kind="text", default="add", per_row=True, help="The icon, as of an IconButton."),
    "tooltip": Property(kind="text", default="", per_row=True, help="What an icon's button is called."),
    "isDisabled": Property(
        kind="boolean", default=False, per_row=True, help="Whether the button can be used."
    ),
    "menuItems": Property(
        kind="records",
        default=(),
        help="The items of the menu that a `menuButton` opens, each with an `id` and an `onClick`.",
        fields=menu.fields(per_row=True),
        events=("onClick",),
    ),
}
_EDITED = {
    "isEditable": Property(kind="boolean", default=False, help="Whether users may change its cells."),
    "isCellEditable": Property(
        kind="boolean", default=True, per_row=True, help="Whether they may in this row."
    ),
    "selectOptions": Property(
        kind="any", default=(), per_row=True, help="The choices of a select: as `sourceData` of a Select."
    ),
    "isRequired": Property(
        kind="boolean", default=False, per_row=True, help="Whether it may not be left empty."
    ),
    "regex": Property(kind="text", default="", per_row=True, help="A pattern that the value has to have."),
    "min": Property(kind="number", per_row=True, help="The least number."),
    "max": Property(kind="number", per_row=True, help="The greatest number."),
    "validation": Property(
        kind="boolean", default=True, per_row=True, help="A rule of your own over the row as it is typed."
    ),
    "errorMessage": Property(
        kind="text", default="", per_row=True, help="What is said when a rule is broken."
    ),
    "saveActionLabel": Property(
        kind="text", default="Save", help="What stands on the button that saves a row."
    ),
    "discardActionLabel": Property(
        kind="text", default="Discard", help="What stands on the button that takes its changes back."
    ),
}

COLUMNS = Property(
    kind="records",
    default=(),
    help="The columns, each with an `id`; without them, the fields of the data.",
    fields={**_SHOWN, **_FORMAT, **_ACTING, **_EDITED},
    events=("onClick", "onCheckChange", "onOptionChange", "onSubmit", "onSave", "onDiscard"),
)
