"""Finding what a step of a journey names: exactly one control, or a failure that lists what is there."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from portico.testing.failure import StepFailed
from portico.testing.looks import (
    Control,
    Kind,
    chosen,
    controls,
    is_secret,
    is_ticked,
    option_value,
    options_of,
    reach,
    text_of,
    value_of,
    words,
)
from portico.testing.markup import Element

FIELDS: tuple[Kind, ...] = ("field",)
CHOICES: tuple[Kind, ...] = ("choice",)
PRESSED: tuple[Kind, ...] = ("button", "link", "tick")
HOLDING: tuple[Kind, ...] = ("field", "choice", "tick")


def find(page: Element, name: str, kinds: Collection[Kind]) -> Control:
    """The one control of these kinds that is called `name`: by what is written on or beside it, by what it
    is called for those who cannot see, or by the name of its widget. Raises StepFailed for none or several.
    """
    there = [control for control in controls(reach(page)) if control.kind in kinds]
    wanted = words(name)
    for called in (_by_name, _by_name_in_any_case, _by_widget):
        found = [control for control in there if called(control, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise StepFailed(_several(name, found))
    raise StepFailed(_none(name, kinds, there))


def option(control: Control, name: str) -> str:
    """The value of the option that is called `name`, or is it. Raises StepFailed for none."""
    options = options_of(control.element)
    wanted = words(name)
    by_text = [option_value(one) for one in options if words(one.text) == wanted]
    by_value = [option_value(one) for one in options if option_value(one) == name]
    for value in (*by_text, *by_value):
        return value
    there = ", ".join(f'"{words(one.text)}"' for one in options)
    raise StepFailed(f'{control.called} has no option "{name}". There is: {there or "none"}.')


def shows(page: Element, text: str) -> bool:
    """Whether the text can be seen, whatever its line breaks."""
    return words(text) in words(text_of(reach(page)))


def holds(page: Element, name: str, value: str) -> str | None:
    """None if the control called `name` holds this; else, in words, what it holds."""
    control = find(page, name, HOLDING)
    element = control.element
    if control.kind == "tick":
        held = "ticked" if is_ticked(element) else "not ticked"
        return None if held == value else f"{control.called} is {held}"
    if control.kind == "choice" and (option := chosen(element)) is not None:
        if value == words(option.text):
            return None
        return f'{control.called} is "{words(option.text)}"'
    held = value_of(element)
    if held == value:
        return None
    return f"{control.called} holds " + ("something else" if is_secret(element) else f'"{held}"')


def usable(control: Control) -> Control:
    """The control, if it can be used now. Raises StepFailed."""
    if "disabled" in control.element.attrs or control.element.attrs.get("aria-disabled") == "true":
        raise StepFailed(f"{control.called} is disabled")
    return control


def _by_name(control: Control, name: str) -> bool:
    return name in control.names


def _by_name_in_any_case(control: Control, name: str) -> bool:
    return name.casefold() in (known.casefold() for known in control.names)


def _by_widget(control: Control, name: str) -> bool:
    return bool(control.path) and name in (control.path, control.path.rpartition(".")[2])


def _several(name: str, found: Sequence[Control]) -> str:
    return f'"{name}" is ambiguous: {_listed(found)}. Name one of them by its widget, or rename one.'


def _none(name: str, kinds: Collection[Kind], there: Sequence[Control]) -> str:
    known = [called for control in there for called in (*control.names, control.path) if called]
    near = get_close_matches(name, known, 1)
    meant = f' Did you mean "{near[0]}"?' if near else ""
    return f'there is no {" or ".join(kinds)} "{name}".{meant} There is: {_listed(there) or "none"}.'


def _listed(found: Sequence[Control]) -> str:
    return ", ".join(control.called for control in found)
