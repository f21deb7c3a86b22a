"""How a form is rendered: its fields, each with its control, in their groups and rows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from portico.ui.prose import as_text, humanised
from portico.ui.style import attribute
from portico.ui.widgets.currency_input import SIGNS
from portico.ui.widgets.json_form.posted import controls_of
from portico.ui.widgets.menu import records
from portico.ui.widgets.node import Node

#: Kinds of controls that are one element → the types of that.
_NATIVE = {
    "text": "text",
    "email": "email",
    "password": "password",
    "number": "number",
    "phone": "tel",
    "money": "text",
}
_ASKED = {"email": "email", "password": "new-password", "phone": "tel"}
_KEYBOARD = {"email": "email", "number": "decimal", "phone": "tel", "money": "decimal"}
#: What to say while nothing is chosen and something has to be, where the browser has no words of its own.
_MISSING = {
    "choice": "Please choose one.",
    "radios": "Please choose one.",
    "several": "Please choose at least one.",
    "check": "Please check this box.",
    "switch": "Please switch this on.",
    "date": "Please pick a date.",
}


def prepare(node: Node) -> Mapping[str, Any]:
    """The view as the template wants it."""
    view = node.props["view"] if isinstance(node.props["view"], Mapping) else {}
    controls = controls_of(node.props)
    live = "value" if node.widget.live or view.get("lively") else ""
    title = as_text(node.props["title"])
    return {
        "title": title,
        "name": None if title else humanised(node.widget.name),
        "fields": [_field(node, one, controls, live) for one in records(view.get("nodes"))],
        "pending": node.pending(view.get("nodes")),
        "submit": as_text(node.props["submitButtonLabel"]) or "Submit",
        "reset": as_text(node.props["resetButtonLabel"]) or "Reset",
    }


def _field(
    node: Node, one: Mapping[str, Any], controls: Mapping[str, Mapping[str, Any]], live: str
) -> Mapping[str, Any]:
    """A field, or a group of them."""
    place, alias = as_text(one.get("detail")), as_text(one.get("alias"))
    label = humanised(alias) if one.get("label") is None else as_text(one["label"])
    words = {
        "label": label,
        "name": label or humanised(alias),
        "tooltip": as_text(one.get("tooltip")),
        "wrong": as_text(one.get("wrong")),
        "required": bool(one.get("required")),
        "off": bool(one.get("off")),
        "place": place,
        "group": as_text(one.get("group")),
    }

    def inside(nodes: object) -> list[Mapping[str, Any]]:
        return [_field(node, inner, controls, live) for inner in records(nodes)]

    match words["group"]:
        case "object":
            return {**words, "address": f"{node.path}:field:{place}", "fields": inside(one.get("nodes"))}
        case "array":
            rows = [
                {"place": f"{place}/{as_text(row.get('key'))}", "fields": inside(row.get("nodes"))}
                for row in records(one.get("rows"))
            ]
            grows = bool(one.get("grows"))
            return {**words, "address": f"{node.path}:field:{place}", "rows": rows, "grows": grows}
    return {**words, **_control(node, words, controls.get(place, {}), live)}


def _control(
    node: Node, words: Mapping[str, Any], control: Mapping[str, Any], live: str
) -> Mapping[str, Any]:
    kind = as_text(control.get("kind"))
    part = "password" if kind == "password" else "field"
    address = f"{node.path}:{part}:{words['place']}"
    described = [f"h.{address}"] if words["tooltip"] else []
    options = _options(address, control)
    own = {
        "address": address,
        "kind": kind,
        "value": control.get("value"),
        "sign": SIGNS.get(code := as_text(control.get("currency")), code),
        "hint": as_text(control.get("placeholder")),
        "described": " ".join([*described, f"e.{address}"]),
        "options": options,
        "more": _more(node, control, words, live),
    }
    if kind == "several":
        chosen = [one["label"] for one in options if one["chosen"]]
        return {**own, "said": ", ".join(chosen)}
    return {**own, "attributes": _attributes(kind, own, control), "rows": 4 if kind == "lines" else None}


def _options(address: str, control: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    held = control.get("value")
    chosen = set(held) if isinstance(held, list | tuple) else {as_text(held)}
    return [
        {
            # A letter before, as a value may hold what an id may not.
            "id": f"o.{address}:{quote(key, safe='')}",
            "key": key,
            "label": as_text(one.get("label")),
            "chosen": key in chosen,
        }
        for one in records(control.get("options"))
        for key in [as_text(one.get("value"))]
    ]


def _more(node: Node, control: Mapping[str, Any], words: Mapping[str, Any], live: str) -> Markup:
    """The attributes that every control has, and each box of several."""
    kind = as_text(control.get("kind"))
    required = bool(control.get("required"))
    fires = node.fires(as_text(control.get("event")))
    flags = {
        "required": required and kind != "several",
        "disabled": bool(control.get("off")),
        "data-broken": bool(control.get("broken")) and kind != "several",
    }
    return (
        attribute("data-live", "event" if fires else live)
        + attribute("data-missing", _MISSING.get(kind) if required else None)
        + attribute(
            "data-error", as_text(control.get("error")) if control.get("broken") or not required else None
        )
        + attribute("aria-invalid", "true" if words["wrong"] else None)
        + Markup().join(Markup(" {}").format(name) for name, is_set in flags.items() if is_set)
    )


def _attributes(kind: str, own: Mapping[str, Any], control: Mapping[str, Any]) -> Markup:
    """What a control has that is one element: what has the same meaning in HTML."""
    moment = "datetime-local" if control.get("timed") else "date"
    most = as_text(control.get("most"))
    bounds = {"min": "least", "max": "greatest"} if kind in ("number", "date") else {}
    given: dict[str, str | None] = {
        "type": moment if kind == "date" else _NATIVE.get(kind),
        "placeholder": own["hint"],
        "autocomplete": _ASKED.get(kind),
        "inputmode": _KEYBOARD.get(kind),
        "maxlength": most if most.isascii() and most.isdigit() and most.strip("0") else None,
        "step": "any" if kind == "number" else None,
        "spellcheck": "false" if kind in ("email", "password") else None,
        "autocapitalize": "none" if kind in ("email", "password") else None,
        "data-regex": as_text(control.get("regex")),
        **{name: as_text(control.get(bound)) for name, bound in bounds.items()},
    }
    given["aria-describedby"] = own["described"]
    secret = Markup(" data-secret") if kind == "password" else Markup()
    return Markup().join(attribute(name, value) for name, value in given.items()) + secret
