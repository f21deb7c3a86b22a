"""Properties that several widget types share."""

from portico.model.widget import Property

#: Of every type.
COMMON = {
    "isVisible": Property(kind="boolean", default=True, help="Whether the widget leaves the server at all."),
    "animateLoading": Property(
        kind="boolean",
        default=True,
        help="Whether its place shimmers while the page still loads what it shows.",
    ),
}

TOOLTIP = {
    "tooltip": Property(kind="text", default="", help="A hint; screen readers read it with the label.")
}

DISABLED = {"isDisabled": Property(kind="boolean", default=False, help="Whether it can be used.")}

SCROLL = {
    "shouldScrollContents": Property(
        kind="boolean",
        default=False,
        help="Whether content that is higher than the widget's place on the grid scrolls inside it.",
    )
}

#: What a box around other widgets looks like. None: the theme's own look.
FRAME = {
    "backgroundColor": Property(kind="color", help="A colour as in CSS."),
    "borderColor": Property(kind="color", help="A colour as in CSS."),
    "borderWidth": Property(kind="size", help="A length as in CSS; a number is pixels."),
    "borderRadius": Property(kind="size", help="A length as in CSS; a number is pixels."),
    "boxShadow": Property(kind="text", help="A shadow as in CSS, or `none`."),
}

#: Methods by name.
SET_VISIBILITY = {"setVisibility": "(visible) => { self.isVisible = Boolean(visible); }"}
SET_DISABLED = {"setDisabled": "(disabled) => { self.isDisabled = Boolean(disabled); }"}
SET_REQUIRED = {"setRequired": "(required) => { self.isRequired = Boolean(required); }"}

#: JavaScript: the number that a value is, or that its text reads as; NaN for anything else.
NUMBER_OF = """((value) => typeof value === "number" ? value
  : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN)"""
