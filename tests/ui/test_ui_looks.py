"""Every document with every rule of axe, in the light and in the dark, from narrow to wide; and no
payload ever runs in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portico.model.app import Theme
from portico.ui.assets import Assets
from portico.ui.render import render_index, render_leave, render_problem
from tests.ui.conftest import OpenPage
from tests.ui.payloads import PAYLOADS
from tests.ui.sites import LOGO, app_of, at, in_modal, login, main_page, people, view_of, widget
from tests.ui.stage import Stage

AXE = Path(__file__).parents[2] / "build" / "test-assets" / "axe.min.js"
BRANDED: dict[str, Any] = {
    "app": {"theme": Theme(brand="#0f766e", logo="logo.svg"), "files": {"logo.svg": LOGO}}
}


class Said:
    """An alert."""

    def __init__(self, message: str, style: str) -> None:
        self.message = message
        self.style = style


class Asked:
    """A question that an event waits for."""

    id = "7"
    about = "confirm"
    question = "Delete the order? It cannot be brought back."
    yes = "Yes"
    no = "No"


class Given:
    """A file for a browser without scripts."""

    name = "orders.csv"
    type = "text/csv"
    text = "a,b"
    url = None


def refused() -> Any:
    """A form that was sent in vain, and alerts."""
    wrong = {"isDirty": True, "isValid": False, "message": "Please fill in this field."}
    alerts = [Said("Invalid identifier or password", "error"), Said("Hello", "info")]
    props = {path: {**values, **wrong} for path, values in login().props.items()}
    return login(props=props, alerts=alerts)


VIEWS: dict[str, Callable[[], Any]] = {
    "login": lambda: login(**BRANDED),
    "refused": refused,
    "main": lambda: main_page(**BRANDED),
    "yellow": lambda: main_page(app={"theme": Theme(brand="#ffe100")}),
    "placed": lambda: placed(),
    "modal": in_modal,
    "list": lambda: people(pages=3, events=frozenset({"onItemClick"}), selectedKey="2"),
    "dressed": lambda: dressed(),
    "asked": lambda: main_page(asked=Asked(), files=[Given()], copied=["ada@example.com"]),
}
_ASSETS = Assets([app_of()])
PLAIN: dict[str, Callable[[], str]] = {
    "problem": lambda: render_problem(_ASSETS, title="Page not found", message="None here.", id="Zx81"),
    "index": lambda: render_index([app_of(), app_of(slug="crm", name="CRM")], _ASSETS),
    "leave": lambda: render_leave("mailto:someone@example.com", _ASSETS),
}
NAMES = (*VIEWS, *PLAIN)


def show(stage: Stage, name: str) -> str:
    """One of the documents on the stage; its address."""
    if name in VIEWS:
        return stage.show(VIEWS[name]())
    stage.views.append(login())
    return stage.serve(PLAIN[name]())


def placed() -> Any:
    """A page with positions, a scrolling box and coloured boxes."""
    return view_of(
        widget("Text", "T", text="Orders", fontSize="1.5rem", fontStyle="BOLD", position=at(0, 0, 64, 5)),
        widget(
            "Container",
            "Scrolling",
            *(widget("Text", f"Line{number}", text=f"Line {number}") for number in range(30)),
            shouldScrollContents=True,
            position=at(0, 5, 30, 20),
        ),
        widget(
            "Container",
            "Dark",
            widget("Text", "Inside", text="On a dark box, with a link: https://example.com"),
            widget("Input", "Filter", label="Filter", labelPosition="Left", text="", tooltip="Any word"),
            widget("Button", "Act", text="Do it", buttonVariant="SECONDARY", tooltip="Really"),
            backgroundColor="#111827",
            position=at(32, 5, 32, 20),
        ),
    )


def dressed() -> Any:
    """Texts that are muted and marked, buttons with icons, one that needs a token, pictures with tools."""
    click = frozenset({"onClick"})
    tools = {"maxZoomLevel": 4, "enableRotation": True, "enableDownload": True}
    return view_of(
        widget("Text", "Marked", text="<p>Delivery <b>address</b></p>", isRequired=True),
        widget("Text", "Muted", text="See https://example.com", textColor="#dc2626", isDisabled=True),
        widget("Button", "Save", text="Save", iconName="floppy-disk", events=click),
        widget("Button", "Next", text="Next", iconName="arrow-right", iconAlign="right", placement="BETWEEN"),
        widget("Button", "Bare", text="", iconName="trash", buttonVariant="TERTIARY"),
        widget("Button", "Guarded", text="Sign up", googleRecaptchaKey="key", events=click),
        widget("Image", "Small", image="logo.svg", **tools, position=at(0, 30, 8, 8)),
        widget("Image", "Large", image="logo.svg", alt="The logo", **tools, position=at(10, 30, 40, 20)),
        **BRANDED,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """0 violations of any rule, best practices included, on every document."""
    page = open_page(
        bypass_csp=True,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    found = {}
    for name in NAMES:
        page.goto(show(stage, name))
        page.wait_for_load_state("networkidle")
        page.add_script_tag(path=AXE)
        violations = page.evaluate("axe.run().then((found) => found.violations)")
        found[name] = [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in violations]
    assert [name for name in NAMES if found[name]] == [], found


def test_axe_would_notice(stage: Stage, open_page: OpenPage) -> None:
    """The same check finds a picture without words and text without contrast."""
    page = open_page(bypass_csp=True)
    page.goto(
        stage.serve(
            '<!doctype html><title>x</title><img src="x"><p style="color:#ccc;background:#fff">pale</p>'
        )
    )
    page.add_script_tag(path=AXE)
    violations = page.evaluate("axe.run().then((found) => found.violations.map((v) => v.id))")
    assert {"image-alt", "color-contrast", "html-has-lang"} <= set(violations)


@pytest.mark.parametrize("width", [320, 375, 720, 1280])
def test_nothing_overflows(stage: Stage, open_page: OpenPage, width: int) -> None:
    """No document is wider than its window."""
    page = open_page(viewport={"width": width, "height": 700})
    wide = []
    for name in NAMES:
        page.goto(show(stage, name))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(name)
    assert wide == []


def test_positions_are_places(stage: Stage, open_page: OpenPage) -> None:
    """On a wide window widgets stand where their position says; on a narrow one below each other."""
    page = open_page(viewport={"width": 1280, "height": 800})
    page.goto(show(stage, "placed"))

    def box(name: str) -> dict[str, float]:
        found: dict[str, float] = page.evaluate(
            f"document.getElementById('w.{name}').getBoundingClientRect().toJSON()"
        )
        return found

    left, right = box("Scrolling"), box("Dark")
    assert abs(left["top"] - right["top"]) < 1
    assert left["right"] < right["left"]
    # Its 20 rows, and the room around what stands in it.
    assert 190 <= left["height"] <= 240
    page.set_viewport_size({"width": 375, "height": 800})
    left, right = box("Scrolling"), box("Dark")
    assert left["bottom"] <= right["top"]
    assert abs(left["left"] - right["left"]) < 1


def test_no_payload_runs(stage: Stage, open_page: OpenPage) -> None:
    """40 payloads in the texts of every widget, in Chromium, under the real policy: nothing runs, and
    nothing even tries (the policy reports no violation)."""
    trees = []
    for number, payload in enumerate(PAYLOADS):
        tabs = [{"id": payload, "label": payload}]
        words = {"text": payload, "label": payload, "tooltip": payload, "placeholderText": payload}
        trees += [
            widget("Text", f"Text{number}", text=payload, textColor=payload, fontSize=payload),
            widget(
                "Input",
                f"Input{number}",
                **words,
                message=payload,
                isDirty=True,
                isValid=False,
                regex=payload,
            ),
            widget("Button", f"Button{number}", **words, buttonColor=payload),
            widget("Image", f"Image{number}", image=payload, defaultImage=payload, alt=payload),
            widget(
                "Container", f"Box{number}", backgroundColor=payload, borderWidth=payload, boxShadow=payload
            ),
            widget("Tabs", f"Tabs{number}", visibleTabs=tabs, selectedTab=payload, shouldShowTabs=True),
        ]
    page = open_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(stage.show(view_of(*trees, title=PAYLOADS[0], alerts=[Said(PAYLOADS[4], "error")])))
    page.wait_for_load_state("networkidle")
    page.mouse.move(200, 200)
    assert page.evaluate("window.__xss") is None
    assert dialogs == []
    assert page.url.startswith(stage.url)
