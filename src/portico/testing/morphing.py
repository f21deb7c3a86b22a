"""Putting fresh HTML in the place of old, as the client does: what users typed and opened stays."""

from portico.testing.looks import option_value, options_of, value_of
from portico.testing.markup import Element, fragment


def put(page: Element, path: str, html: str) -> None:
    """Replace a widget. One that is not on the page is left out."""
    old, fresh = page.by_id(f"w.{path}"), fragment(html)
    if old is None or fresh is None:
        return
    carry(old, fresh)
    old.replace(fresh)


def carry(old: Element, fresh: Element) -> None:
    """Give the controls of `fresh` what stands in those of `old`, and leave open what was."""
    before = {one.attrs["id"]: one for one in (old, *old.walk()) if "id" in one.attrs}
    for one in (fresh, *fresh.walk()):
        known = before.get(one.attrs.get("id", ""))
        if known is None or known.tag != one.tag:
            continue
        if one.has_class("control"):
            _keep(known, one)
        if one.tag in ("details", "dialog"):
            one.attrs.pop("open", None)
            if "open" in known.attrs:
                one.attrs["open"] = ""


def _keep(known: Element, one: Element) -> None:
    if one.attrs.get("type") in ("checkbox", "radio"):
        one.ticked = known.ticked if known.ticked is not None else "checked" in known.attrs
    elif one.tag == "select":
        # What is not offered any more gives way to what the server says.
        if value_of(known) in [option_value(option) for option in options_of(one)]:
            one.typed = value_of(known)
    else:
        one.typed = value_of(known)


def write(control: Element | None, value: object) -> None:
    """Set a control to what an answer says; a password is only ever taken away."""
    if control is not None and control.has_class("options"):
        wanted = [as_posted(one) for one in (value if isinstance(value, list) else [value])]
        for box in control.all(lambda one: one.attrs.get("type") in ("checkbox", "radio")):
            box.ticked = value_of(box) in wanted
        return
    if control is None or not control.has_class("control"):
        return
    text = "" if value is None else str(value)
    if "data-secret" in control.attrs and text:
        return
    if control.attrs.get("type") == "checkbox":
        control.ticked = value is True
    elif control.tag == "select" and text not in [option_value(one) for one in options_of(control)]:
        control.typed = None
    else:
        control.typed = text


def as_posted(option: object) -> str:
    """An option of a group, or its value, as a browser posts it."""
    value = option.get("value") if isinstance(option, dict) else option
    return str(value).lower() if isinstance(value, bool) else str(value)
