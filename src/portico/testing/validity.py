"""What is wrong with a control, as browsers and the client tell before anything is posted. The server
decides in any case."""

import re

from portico.testing.looks import chosen, is_list, is_ticked, mates, value_of
from portico.testing.markup import Element

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_SLASHED = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)


def wrong(control: Element) -> str:
    """What to say about it; empty if nothing."""
    if "disabled" in control.attrs:
        return ""
    if is_list(control):
        missing = control.attrs.get("data-missing", "")
        return missing if not any(is_ticked(mate) for mate in mates(control)) else ""
    value = value_of(control)
    if "required" in control.attrs and _is_empty(control, value):
        return control.attrs.get("data-missing") or "Please fill in this field."
    if ("data-broken" in control.attrs) or (
        value and not (_fits(control, value) and _matches(control, value))
    ):
        return control.attrs.get("data-error") or "Please check this value."
    return ""


def _is_empty(control: Element, value: str) -> bool:
    if control.attrs.get("type") in ("checkbox", "radio"):
        return not any(is_ticked(mate) for mate in mates(control))
    if control.tag == "select":
        option = chosen(control)
        return option is None or option.attrs.get("value") == ""
    return value == ""


def _fits(control: Element, value: str) -> bool:
    """Whether it is what the type of the control asks for."""
    match control.attrs.get("type"):
        case "email":
            return _EMAIL.fullmatch(value) is not None
        case "number":
            try:
                number = float(value)
                least, most = (float(control.attrs.get(name) or number) for name in ("min", "max"))
            except ValueError:
                return False
            return least <= number <= most
    return True


def _matches(control: Element, value: str) -> bool:
    """JavaScript's regular expressions are read as far as ours are the same; of others the server judges."""
    pattern = control.attrs.get("data-regex", "")
    slashed = _SLASHED.fullmatch(pattern)
    try:
        found = re.search(
            slashed[1] if slashed else pattern, value, re.I if slashed and "i" in slashed[2] else 0
        )
    except re.error:
        return True
    return found is not None


def scope_of(element: Element) -> Element | None:
    """The form that it is part of."""
    return element.closest(lambda one: "data-form" in one.attrs)


def controls_of(scope: Element) -> list[Element]:
    """The controls of a form."""
    return scope.all(lambda one: one.has_class("control"))


def tell(page: Element, control: Element) -> str:
    """Show what is wrong with a control beside it, or nothing; returns that."""
    text = wrong(control)
    place = page.by_id("e." + control.attrs.get("name", "")[2:])
    if place is not None:
        place.children = [text] if text else []
        place.attrs.pop("hidden", None)
        if not text:
            place.attrs["hidden"] = ""
    for mate in mates(control):
        if text:
            mate.attrs["aria-invalid"] = "true"
        else:
            mate.attrs.pop("aria-invalid", None)
    return text


def hold_buttons(page: Element) -> None:
    """Buttons that need a valid form are dead while theirs is not."""
    for button in page.all(lambda one: "data-needs-valid" in one.attrs):
        scope = scope_of(button)
        if scope is not None and any(wrong(control) for control in controls_of(scope)):
            if "disabled" not in button.attrs:
                button.attrs["disabled"] = button.attrs["data-held"] = "true"
        elif "data-held" in button.attrs:
            del button.attrs["disabled"], button.attrs["data-held"]
