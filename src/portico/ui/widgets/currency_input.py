"""CurrencyInput: an amount of money, in a currency."""

import re
from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text
from portico.ui.widgets import prefixed
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import NUMBER_OF, SET_DISABLED, SET_REQUIRED, SET_VISIBILITY

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP
LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF
XPF YER ZAR ZMW ZWG
"""
#: Currencies in use, by ISO 4217.
CODES = tuple(_CODES.split())
SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "USD": "$",
    "VND": "₫",
}
MOST_DECIMALS = 6

#: An amount, with commas between thousands or without: sign, whole part, decimals.
_AMOUNT = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})?(?:\.(\d{0,20}))?", re.ASCII)

#: Amounts as they are written: a point before the decimals, commas between thousands. What is written
#: another way is no amount, rather than one that might be wrong.
LIBRARY = rf"""({{
  decimalsOf: (self) => {{
    const wanted = {NUMBER_OF}(self.decimals);
    return Number.isInteger(wanted) && wanted >= 0 && wanted <= {MOST_DECIMALS} ? wanted : 0;
  }},
  numberOf: (text) => {{
    const amount = /^[+-]?(\d{{1,3}}(,\d{{3}}){{1,4}}|\d{{1,15}})?(\.\d{{0,20}})?$/;
    return amount.test(text) && /\d/.test(text) ? Number(text.replace(/,/g, "")) : null;
  }},
  written: (value, decimals) => {{
    if (value === null || value === undefined || value === "") return "";
    const number = {NUMBER_OF}(value);
    const usable = Number.isFinite(number) && Math.abs(number) < 1e15;
    if (!usable) return typeof value === "object" ? "" : String(value);
    const [whole, part = ""] = number.toFixed({MOST_DECIMALS}).split(".");
    const short = part.replace(/0+$/, "");
    const grouped = whole.replace(/\B(?=(\d{{3}})+$)/g, ",");
    const kept = short.length > decimals ? short : part.slice(0, decimals);
    return kept === "" ? grouped : grouped + "." + kept;
  }},
}})"""

CURRENCY = """((code) => code === "" ? "USD" : code)(
  String(self.currency ?? self.defaultCurrencyCode ?? "").trim().toUpperCase().slice(0, 3)
)"""

PROBLEM = f"""(() => {{
  if (self.text === "") return self.isRequired ? "required" : "";
  if (self.value === null) return "amount";
  if ((self.text.split(".")[1] ?? "").length > library.decimalsOf(self)) return "decimals";
  return {prefixed.OWN_RULES};
}})()"""


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """What was typed, written as amounts are; what is none stays as it is. Raises ValueError for what is
    no text."""
    text = prefixed.typed(posted)
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return text
    sign, whole, part = (
        "-" if found[1] == "-" else "",
        int((found[2] or "0").replace(",", "")),
        found[3] or "",
    )
    return f"{sign}{whole:,}{_decimals(part, props.get('decimals'))}"


def _decimals(part: str, wanted: object) -> str:
    """The decimals, as many as are wanted, or as there are."""
    least = _number(wanted)
    kept = part.rstrip("0").ljust(least, "0")
    return f".{kept}" if kept else ""


def _number(wanted: object) -> int:
    text = as_text(wanted)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    return number if number <= MOST_DECIMALS else 0


def parse_currency(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """A currency. Raises ValueError for none, and where it cannot be chosen."""
    if not props.get("allowCurrencyChange") or not isinstance(posted, str) or posted not in CODES:
        raise ValueError("no currency to be chosen")
    return posted


TYPE = WidgetType(
    name="CurrencyInput",
    help="A field for an amount of money.",
    properties={
        "defaultText": Property(kind="any", default="", help="The amount until the user types, a number."),
        "defaultCurrencyCode": Property(
            kind="text",
            default="USD",
            help="The currency until the user chooses, by its ISO 4217 code, such as `EUR`.",
        ),
        "allowCurrencyChange": Property(
            kind="boolean", default=False, help="Whether users may choose the currency."
        ),
        "decimals": Property(
            kind="number",
            default=0,
            help=f"Digits after the point, {MOST_DECIMALS} at most; more are refused.",
        ),
        **prefixed.PROPERTIES,
    },
    events=prefixed.EVENTS,
    meta={"typed": None, "currency": None, "isDirty": False},
    derived={
        "currencyCode": CURRENCY,
        "countryCode": 'self.currencyCode.startsWith("X") ? "" : self.currencyCode.slice(0, 2)',
        "text": "self.typed ?? library.written(self.defaultText, library.decimalsOf(self))",
        "value": "library.numberOf(self.text)",
        "problem": PROBLEM,
        "isValid": 'self.problem === ""',
        "message": prefixed.message(
            '{amount: "Please enter an amount, such as 1,234.50.",'
            ' decimals: library.decimalsOf(self) === 0 ? "Please enter a whole amount."'
            ' : "Please enter at most " + library.decimalsOf(self) + " digits after the point."}'
        ),
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": "(value) => { self.typed = library.written(value, library.decimalsOf(self)); }",
    },
    library=LIBRARY,
    inputs={
        VALUE: Input(meta="typed", parse=parse, event="onTextChanged", shows="text"),
        "currency": Input(meta="currency", parse=parse_currency, shows="currencyCode"),
    },
    private=frozenset({"typed", "currency", "problem"}),
    reset=("typed", "currency", "isDirty"),
    parts=frozenset({"amounts"}),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The field, and the currencies to choose from."""
    props = node.props
    code = as_text(props["currencyCode"])
    more = [] if code in CODES else [code]
    return {
        **prefixed.attributes(
            node,
            **{
                "autocomplete": "transaction-amount",
                "inputmode": "decimal",
                "data-decimals": str(_number(props["decimals"])),
            },
        ),
        "type": "text",
        "part": "currency",
        "part_name": "Currency",
        "before": SIGNS.get(code, code),
        "chosen": code,
        "choices": [(one, f"{one} {SIGNS.get(one, '')}".strip()) for one in (*more, *CODES)]
        if props["allowCurrencyChange"]
        else [],
    }


LOOK = Look(template=prefixed.TEMPLATE, prepare=prepare)
