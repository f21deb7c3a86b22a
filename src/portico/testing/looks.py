"""What of a page its user can see, as text, and what its controls are called.

One way for both kinds of browsers: Chromium hands its page over as HTML, with what it does not show marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from portico.testing.markup import Element

#: Put by `chromium.py` on what a style sheet hides.
UNSHOWN = "data-unshown"

_SILENT = frozenset({"head", "script", "style", "template", "noscript", "svg", "portico-dev"})
_BLOCKS = """
address article aside blockquote caption dd details dialog div dl dt fieldset figure footer form h1 h2 h3 h4
h5 h6 header hr label legend li main nav ol option p pre section summary table tbody td tfoot th thead tr ul
"""
#: Elements that begin and end a line.
_LINES = frozenset(_BLOCKS.split())
#: Read aloud, but not shown: to be seen, something has to be visible.
_SPOKEN = ("unseen", "skip")
_TICKS = ("checkbox", "radio")
_PRESSED = ("submit", "button", "image", "reset")

Kind = Literal["field", "choice", "tick", "button", "link"]


def kind_of(element: Element) -> Kind | None:
    """What a user does with it; None if nothing."""
    match element.tag:
        case "input":
            sort = element.attrs.get("type", "text").lower()
            if sort == "hidden":
                return None
            return "tick" if sort in _TICKS else "button" if sort in _PRESSED else "field"
        case "textarea":
            return "field"
        case "select":
            return "choice"
        case "button" | "summary":
            return "button"
        case "a" if "href" in element.attrs:
            return "link"
    return "field" if is_editor(element) else None


def is_editor(element: Element) -> bool:
    """Whether it is text that is edited where it stands."""
    return element.attrs.get("contenteditable") == "true"


def is_shown(element: Element) -> bool:
    """Whether it is there for the eye."""
    return all(_lets_see(at) for at in element.around())


def _lets_see(element: Element) -> bool:
    """Whether an element hides neither itself nor what is in it."""
    if element.tag in _SILENT or "hidden" in element.attrs or UNSHOWN in element.attrs:
        return False
    if element.tag == "dialog" and "open" not in element.attrs:
        return False
    if element.attrs.get("role") == "tooltip" or any(element.has_class(name) for name in _SPOKEN):
        return False
    around = element.parent
    closed = around is not None and around.tag == "details" and "open" not in around.attrs
    return not closed or element.tag == "summary"


def reach(root: Element) -> Element:
    """What can be used now: the page, or the dialog that lies over it."""
    dialogs = root.all(lambda one: one.tag == "dialog" and "open" in one.attrs and UNSHOWN not in one.attrs)
    return dialogs[-1] if dialogs else root


def words(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())


def text_of(root: Element) -> str:
    """What can be seen, line by line; controls with what stands in them."""
    lines = [words(line) for line in "".join(_pieces(root)).split("\n")]
    return "\n".join(line for line in lines if line)


def _pieces(element: Element) -> Iterator[str]:
    if not _lets_see(element):
        return
    kind = kind_of(element)
    if kind in ("field", "choice", "tick"):
        yield f" [{_state(element, kind)}] "
        return
    block = element.tag in _LINES
    yield "\n" if block else " " if kind or element.tag == "br" else ""
    if kind and (label := element.attrs.get("aria-label")):
        yield label
    else:
        for child in element.children:
            yield child if isinstance(child, str) else "".join(_pieces(child))
    yield "\n" if block or element.tag == "br" else " " if kind else ""


def _state(element: Element, kind: Kind) -> str:
    if kind == "tick":
        return "x" if is_ticked(element) else " "
    if is_secret(element):
        return "•" * min(len(value_of(element)), 8)
    if kind == "choice":
        option = chosen(element)
        return words(option.text) if option else ""
    return value_of(element)


def is_secret(element: Element) -> bool:
    """Whether what stands in it is for nobody's eyes."""
    return element.attrs.get("type") == "password" or "data-secret" in element.attrs


def is_ticked(element: Element) -> bool:
    """Whether a box is ticked."""
    return element.ticked if element.ticked is not None else "checked" in element.attrs


def is_list(control: Element) -> bool:
    """Whether all boxes of its name are one value together."""
    return control.attrs.get("name", "").startswith("m.")


def mates(control: Element) -> list[Element]:
    """The boxes or radio buttons that are one value with this one; others are alone."""
    if not is_list(control) and control.attrs.get("type") != "radio":
        return [control]
    top = list(control.around())[-1]
    same = control.attrs.get("name")
    return top.all(lambda one: one.attrs.get("name") == same and one.has_class("control"))


def value_of(element: Element) -> str:
    """What stands in a control."""
    if element.typed is not None:
        return element.typed
    if element.tag == "select":
        option = chosen(element)
        return option_value(option) if option else ""
    if element.tag == "textarea" or is_editor(element):
        return element.text
    return element.attrs.get("value", "on" if kind_of(element) == "tick" else "")


def options_of(select: Element) -> list[Element]:
    """The options of a choice."""
    return select.all(lambda one: one.tag == "option")


def option_value(option: Element) -> str:
    """What an option stands for."""
    return option.attrs.get("value", words(option.text))


def chosen(select: Element) -> Element | None:
    """The option that is chosen."""
    options = options_of(select)
    if select.typed is not None:
        return next((one for one in options if option_value(one) == select.typed), None)
    return next((one for one in options if "selected" in one.attrs), options[0] if options else None)


@dataclass(frozen=True, slots=True)
class Control:
    """A control that can be seen. `names` are what it is called on the page, `path` is its widget's."""

    element: Element
    kind: Kind
    names: tuple[str, ...]
    path: str

    @property
    def called(self) -> str:
        """It, in a list: `button "Sign in" (LoginButton)`."""
        name = f' "{self.names[0]}"' if self.names else ""
        return f"{self.kind}{name}" + (f" ({self.path})" if self.path else "")


def controls(root: Element) -> list[Control]:
    """All controls that can be seen, in their order."""
    found = []
    for element in root.walk():
        kind = kind_of(element)
        if kind is not None and is_shown(element):
            found.append(Control(element, kind, tuple(_names(element, root)), _path(element)))
    return found


def _names(element: Element, root: Element) -> Iterator[str]:
    """What a control is called, the best name first."""
    seen = {""}
    for name in _spoken(element, root):
        if (clean := words(name)) not in seen:
            seen.add(clean)
            yield clean


def _spoken(element: Element, root: Element) -> Iterator[str]:
    top = list(element.around())[-1]
    labelled = element.attrs.get("aria-labelledby", "").split()
    if labelled:
        parts = [_label(found) for wanted in labelled if (found := top.by_id(wanted))]
        yield from (" ".join(parts), *parts[:1])
    yield element.attrs.get("aria-label", "")
    if (own := element.attrs.get("id")) is not None:
        for label in top.all(lambda one: one.tag == "label" and one.attrs.get("for") == own):
            yield _label(label)
    around = element.closest(lambda one: one.tag == "label")
    if around is not None:
        yield _label(around)
    if element.tag in ("button", "a", "summary"):
        yield _label(element)
    if element.tag == "input" and element.attrs.get("type") in _PRESSED:
        yield element.attrs.get("value", "")
    yield element.attrs.get("placeholder", "")


def _label(element: Element) -> str:
    """The words of a label: without what is only drawn, with what pictures say."""
    if element.attrs.get("aria-hidden") == "true" or element.tag in ("svg", "select", "textarea"):
        return ""
    if element.tag == "img":
        return element.attrs.get("alt", "")
    return " ".join(child if isinstance(child, str) else _label(child) for child in element.children)


_OF_WIDGET = re.compile(r"[cv]\.(.+)")


def _path(element: Element) -> str:
    """The path of the widget whose control this is: empty for a control that is only part of one. Tabs are
    called by their widget and what is written on them: a button is often called the same."""
    found = _OF_WIDGET.fullmatch(element.attrs.get("id", ""))
    if found is None and element.attrs.get("role") == "tab":
        tabs = _OF_WIDGET.fullmatch(element.attrs.get("name", ""))
        return f"{tabs[1]}.{words(_label(element))}" if tabs else ""
    return found[1] if found else ""
