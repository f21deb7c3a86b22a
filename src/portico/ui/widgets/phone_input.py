"""PhoneInput: a phone number, with the country that it is dialled in."""

import json
from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text
from portico.ui.widgets import prefixed
from portico.ui.widgets.countries import BY_NUMBER, COUNTRIES
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import SET_DISABLED, SET_REQUIRED, SET_VISIBILITY

#: Numbers by country, and the country that a number stands for.
LIBRARY = (
    "({numbers: "
    + json.dumps({code: number for code, (number, _) in COUNTRIES.items()})
    + ", countries: "
    + json.dumps(dict(BY_NUMBER))
    + "})"
)

TEXT = """((text) => text === null || text === undefined ? "" : typeof text === "object" ? "" : String(text))(
  self.typed ?? self.defaultText
)"""

#: With the sign or without, as `+49` or 49.
DIAL_CODE = """(() => {
  if (self.country !== null) return "+" + library.numbers[self.country];
  const digits = String(self.defaultDialCode ?? "").replace(/[^0-9]/g, "");
  return digits === "" ? "" : "+" + digits;
})()"""

PROBLEM = f"""(() => {{
  if (self.text === "") return self.isRequired ? "required" : "";
  if (!/^[+]?[0-9 ().\\/-]+$/.test(self.text) || self.value.replace("+", "") === "") return "phone";
  return {prefixed.OWN_RULES};
}})()"""


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """What was typed. Raises ValueError for what is no text."""
    return prefixed.typed(posted)


def parse_country(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """A country. Raises ValueError for none, and where it cannot be chosen."""
    if not props.get("allowDialCodeChange") or not isinstance(posted, str) or posted not in COUNTRIES:
        raise ValueError("no country to be chosen")
    return posted


TYPE = WidgetType(
    name="PhoneInput",
    help="A field for a phone number, with the code of its country.",
    properties={
        "defaultText": Property(kind="any", default="", help="The number until the user types."),
        "defaultDialCode": Property(
            kind="text", default="+1", help="The code of the country until the user chooses, such as `+49`."
        ),
        "allowDialCodeChange": Property(
            kind="boolean", default=False, help="Whether users may choose the country."
        ),
        **prefixed.PROPERTIES,
    },
    events=prefixed.EVENTS,
    meta={"typed": None, "country": None, "isDirty": False},
    derived={
        "dialCode": DIAL_CODE,
        "countryCode": 'self.country ?? library.countries[self.dialCode.slice(1)] ?? ""',
        "text": TEXT,
        # Digits alone, and the sign of a number with a country of its own.
        "value": 'self.text.replace(/[^0-9+]|(?!^)[+]/g, "")',
        "problem": PROBLEM,
        "isValid": 'self.problem === ""',
        "message": prefixed.message('{phone: "Please enter a phone number."}'),
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": '(value) => { self.typed = value ?? ""; }',
    },
    library=LIBRARY,
    inputs={
        VALUE: Input(meta="typed", parse=parse, event="onTextChanged", shows="text"),
        "country": Input(meta="country", parse=parse_country, shows="countryCode"),
    },
    private=frozenset({"typed", "country", "problem"}),
    reset=("typed", "country", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The field, and the countries to choose from."""
    props = node.props
    dial, chosen = as_text(props["dialCode"]), as_text(props["countryCode"])
    choices = [(code, f"{name} (+{number})") for code, (number, name) in COUNTRIES.items()]
    return {
        **prefixed.attributes(node, autocomplete="tel-national" if dial else "tel", inputmode="tel"),
        "type": "tel",
        "part": "country",
        "part_name": "Country",
        "before": dial,
        "chosen": chosen,
        "choices": ([] if chosen in COUNTRIES else [(chosen, dial or "None")]) + choices
        if props["allowDialCodeChange"]
        else [],
    }


LOOK = Look(template=prefixed.TEMPLATE, prepare=prepare)
