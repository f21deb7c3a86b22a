"""Words of users and authors never become elements, attributes or handlers (promise 51)."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portico.ui import render
from portico.ui.prose import TAGS
from portico.ui.render import render_page, render_problem
from portico.ui.widgets import CATALOGUE
from tests.ui.markup import parse
from tests.ui.payloads import PAYLOADS
from tests.ui.sites import Tree, view_of, widget

BENIGN = "harmless words"
#: Properties that are text in one way or another, by type.
TEXTS = [
    (kind.name, name)
    for kind in CATALOGUE.values()
    for name, declared in kind.properties.items()
    if declared.kind not in ("boolean", "list")
]
DERIVED = [("Input", "text"), ("Input", "message")]


def shape(html: str) -> tuple[Counter[str], set[tuple[str, str]]]:
    """The elements of a document, and which attributes each kind of element has."""
    elements = list(parse(html).all)
    names = {(element.tag, name) for element in elements for name in element.attributes}
    return Counter(element.tag for element in elements), names


def page(kind: str, name: str, value: str) -> str:
    """A page with one widget whose property is `value`."""
    props: dict[str, Any] = {name: value, "isDirty": True, "isValid": False, "text": "", "visibleTabs": []}
    props |= {name: value}
    return render_page(view_of(widget(kind, "Target", **props, events=frozenset(CATALOGUE[kind].events))))


def broken(kind: str, name: str, payload: str) -> Iterator[str]:
    """What a payload in this property brought into the page."""
    tags, attributes = shape(page(kind, name, BENIGN))
    found_tags, found_attributes = shape(page(kind, name, payload))
    if kind == "Text" and name == "text":
        found_tags = Counter({tag: count for tag, count in found_tags.items() if tag not in TAGS})
        tags = Counter({tag: count for tag, count in tags.items() if tag not in TAGS})
        attributes |= {("a", name) for name in ("href", "target", "rel", "title")}
        attributes |= {
            (tag, f"data-{look}") for tag in TAGS for look in ("color", "align", "weight", "font-size")
        }
    yield from (f"element {tag}" for tag in found_tags - tags)
    yield from (f"attribute {name} of {tag}" for tag, name in found_attributes - attributes)
    for element in parse(page(kind, name, payload)).all:
        for name_, value in element.attributes.items():
            if name_ in ("href", "src", "action") and value.strip().lower().startswith(
                ("javascript:", "vbscript:")
            ):
                yield f"address {value}"


@pytest.mark.parametrize(("kind", "name"), [*TEXTS, *DERIVED])
def test_no_property_breaks_out(kind: str, name: str) -> None:
    """40 payloads in every text property: no new element, attribute, handler or address."""
    assert [(payload, found) for payload in PAYLOADS for found in broken(kind, name, payload)] == []


def test_the_check_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """With escaping switched off, the same check finds breakouts."""
    monkeypatch.setattr(render, "_environment", render._environment.overlay(autoescape=False))
    found = [payload for payload in PAYLOADS if any(broken("Input", "label", payload))]
    assert len(found) > 20


PLACES: dict[str, Callable[[str], str]] = {
    "title": lambda payload: render_page(view_of(title=payload)),
    "app": lambda payload: render_page(view_of(app={"name": payload})),
    "alert": lambda payload: render_page(view_of(alerts=[Said(payload)])),
    "marks": lambda payload: render_page(view_of(visit=payload, session_tag=payload, entry_url=payload)),
    "problem": lambda payload: render_problem(view_of().assets, title=payload, message=payload, id=payload),
    "tabs": lambda payload: render_page(view_of(tabs_named(payload))),
}


def tabs_named(name: str) -> Tree:
    """Tabs with one tab of this name."""
    tabs = [{"id": name, "label": name}]
    return widget("Tabs", "T", visibleTabs=tabs, selectedTab=name, shouldShowTabs=True)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_documents_do_not_break_out(place: Callable[[str], str]) -> None:
    """The same for titles, names, alerts, ids, problems and tabs."""
    benign = shape(place(BENIGN))
    assert [payload for payload in PAYLOADS if shape(place(payload)) != benign] == []


class Said:
    """An alert."""

    style = "error"

    def __init__(self, message: str) -> None:
        self.message = message
