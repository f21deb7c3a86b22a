"""Fields of a JSONForm: what an author may say of each, and what they are called."""

from collections.abc import Mapping
from types import MappingProxyType

from portico.model.widget import Property

#: Appsmith's names of fields → how the form treats them.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "Text Input": "text",
        "Email Input": "email",
        "Password Input": "password",
        "Number Input": "number",
        "Multiline Text Input": "lines",
        "Phone Number Input": "phone",
        "Currency Input": "money",
        "Select": "choice",
        "Radio Group": "radios",
        "Multiselect": "several",
        "Checkbox": "check",
        "Switch": "switch",
        "Datepicker": "date",
        "Object": "object",
        "Array": "array",
    }
)
#: What the code of a field sees besides.
NAMES = ("sourceData", "formData", "fieldState", "currentItem", "currentIndex")
#: How many levels of fields there are: a form, what stands in it, and what stands in that.
LEVELS = 3

_SAID = {
    "label": Property(kind="text", per_row=True, help="What it is called; the id in words if not set."),
    "fieldType": Property(
        kind="choice",
        default="Text Input",
        choices=tuple(KINDS),
        help="What is asked for, and by which control.",
    ),
    "alias": Property(
        kind="text",
        default="",
        help="The key that it has in `sourceData` and in `formData`; the id if not set.",
    ),
    "defaultValue": Property(
        kind="any", per_row=True, help="Its value until the user sets one, instead of that of `sourceData`."
    ),
    "placeholderText": Property(
        kind="text", default="", per_row=True, help="An example, shown while it is empty."
    ),
    "tooltip": Property(
        kind="text", default="", per_row=True, help="A hint; screen readers read it with the label."
    ),
    "options": Property(
        kind="any", default=(), per_row=True, help="The choices: as `sourceData` of a Select."
    ),
}
_RULES = {
    "isVisible": Property(
        kind="boolean", default=True, per_row=True, help="Whether it leaves the server at all."
    ),
    "isDisabled": Property(kind="boolean", default=False, per_row=True, help="Whether it can be used."),
    "isRequired": Property(
        kind="boolean", default=False, per_row=True, help="Whether it is invalid while it is empty, or off."
    ),
    "maxChars": Property(kind="number", per_row=True, help="The most characters it takes."),
    "minNum": Property(kind="number", per_row=True, help="The least number it takes."),
    "maxNum": Property(kind="number", per_row=True, help="The greatest number it takes."),
    "regex": Property(
        kind="text",
        default="",
        per_row=True,
        help="A JavaScript regular expression that the text has to match somewhere.",
    ),
    "validation": Property(
        kind="boolean", default=True, per_row=True, help="Whether the value is valid, by your own rule."
    ),
    "errorMessage": Property(kind="text", default="", per_row=True, help="What to say when it is not valid."),
    "minDate": Property(kind="any", default="", per_row=True, help="The first date that it takes."),
    "maxDate": Property(kind="any", default="", per_row=True, help="The last date that it takes."),
    "dateFormat": Property(
        kind="text",
        default="",
        help="How its date is written in the data, such as `DD/MM/YYYY`; as it came if not set. With an hour "
        "in it, a time is asked for.",
    ),
    "currencyCode": Property(
        kind="text", default="USD", help="The currency of a Currency Input, a code of ISO 4217."
    ),
}


def fields(levels: int = LEVELS) -> Property:
    """The property `fields` of a form, or of an Object or Array in it."""
    outer = levels == LEVELS
    nested = {"fields": fields(levels - 1)} if levels > 1 else {}
    words = (
        "The fields, each with an `id`; without them, what `sourceData` has."
        if outer
        else "The fields of an Object, or of each item of an Array; without them, what its data have."
    )
    return Property(
        kind="records",
        default=(),
        help=words,
        fields={**_SAID, **_RULES, **nested},
        events=("onChange",),
        names=NAMES,
    )
