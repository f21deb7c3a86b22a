"""Small apps and pages, written down literally, for the tests of this folder."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from portico.model.access import Public
from portico.model.app import App, Theme
from portico.model.page import Page
from portico.model.place import Place
from portico.model.program import Program
from portico.model.widget import Position, Widget
from portico.ui.assets import SHEETS, Assets
from portico.ui.render import PageView

HERE = Place("page.yaml", 1, 1)

#: A widget as (type, name, properties) and the widgets inside; further keys are those of Widget.
Tree = Mapping[str, Any]


def widget(kind: str, name: str, *inside: Tree, **props: Any) -> Tree:
    """One widget of a tree. `events`, `slot`, `position`, `live`, `read` and `repeats` are no properties."""
    keys = ("events", "slot", "position", "live", "read", "repeats")
    model = {key: props.pop(key) for key in keys if key in props}
    return {"type": kind, "name": name, "inside": inside, "props": props, "model": model}


def app_of(**changes: Any) -> App:
    """An app without pages."""
    fields: dict[str, Any] = {
        "slug": "hr",
        "name": "HR Portal",
        "version": "1",
        "theme": Theme(),
        "contract": None,
        "home": "Home",
        "pages": {},
        "datasources": {},
    }
    return App(**{**fields, **changes})


def view_of(
    *trees: Tree,
    app: Mapping[str, Any] | None = None,
    title: str = "Home",
    parts: frozenset[str] = frozenset(),
    **view: Any,
) -> PageView:
    """A view of a page made of these widgets, whose properties are as given."""
    widgets: dict[str, Widget] = {}
    props: dict[str, Mapping[str, Any]] = {}
    for tree in trees:
        _place(tree, None, widgets, props)
    page = Page(
        name="Home",
        title=title,
        access=Public(),
        widgets=widgets,
        roots=tuple(tree["name"] for tree in trees),
        queries={},
        program=Program(source=""),
        cacheable=False,
        place=HERE,
        parts=parts,
    )
    made = app_of(**{"pages": {"Home": page}, **(app or {})})
    plain = (
        made.theme == Theme()
        and not parts
        and all(placed.position is None and placed.type not in SHEETS for placed in widgets.values())
    )
    assets = plain_assets() if plain else Assets([made])
    return PageView(**{"app": made, "page": page, "assets": assets, "props": props, **view})


@cache
def plain_assets() -> Assets:
    """Those of an app without a theme and positions of its own, made once."""
    return Assets([app_of()])


def _place(
    tree: Tree,
    parent: str | None,
    widgets: dict[str, Widget],
    props: dict[str, Mapping[str, Any]],
    prefix: str = "",
) -> None:
    path = prefix + tree["name"]
    within = f"{path}[]." if tree["model"].get("repeats") else prefix
    widgets[path] = Widget(
        path=path,
        name=tree["name"],
        type=tree["type"],
        place=HERE,
        parent=parent,
        children=tuple(within + inner["name"] for inner in tree["inside"]),
        **tree["model"],
    )
    props[path] = tree["props"]
    for inner in tree["inside"]:
        _place(inner, path, widgets, props, within)


def login(*more: Tree, **view: Any) -> PageView:
    """The sign-in page of seed S2."""
    form = widget(
        "Form",
        "LoginForm",
        widget("Text", "Heading", text="Sign in", fontSize="1.5rem", fontStyle="BOLD"),
        widget("Text", "Hint", text="Use the name and password that your administrator gave you."),
        widget("Input", "UsernameInput", label="Username", isRequired=True, text="", isValid=True),
        widget(
            "Input",
            "PasswordInput",
            label="Password",
            inputType="PASSWORD",
            isRequired=True,
            text="",
            isValid=True,
        ),
        widget("Button", "LoginButton", text="Log in", events=frozenset({"onClick"})),
        *more,
    )
    return view_of(form, title="Sign in", **view)


LOGO = Path(__file__).parent / "logo.svg"
TABS: Sequence[Mapping[str, Any]] = (
    {"id": "people", "label": "People"},
    {"id": "requests", "label": "Requests"},
    {"id": "reports", "label": "Reports"},
)


def main_page(**view: Any) -> PageView:
    """A page with tabs, texts and boxes."""
    return view_of(
        widget("Text", "Title", text="Good morning, Vihar", fontSize="1.875rem", fontStyle="BOLD"),
        widget(
            "Text",
            "Lead",
            text="Three requests wait for you. See https://example.com/handbook for the rules.",
        ),
        widget(
            "Tabs",
            "Sections",
            widget(
                "Container",
                "Card",
                widget("Text", "CardTitle", text="Leave of absence", fontSize="1.25rem", fontStyle="BOLD"),
                widget(
                    "Text", "CardText", text="<p>From <b>3 May</b> to <b>7 May</b>.</p><ul><li>paid</li></ul>"
                ),
                widget(
                    "Input", "Comment", inputType="MULTI_LINE_TEXT", label="Comment", text="", isValid=True
                ),
                widget("Button", "Approve", text="Approve", events=frozenset({"onClick"})),
                widget(
                    "Button",
                    "Reject",
                    text="Reject",
                    buttonVariant="SECONDARY",
                    buttonColor="#dc2626",
                    events=frozenset({"onClick"}),
                ),
                widget(
                    "Button",
                    "Later",
                    text="Later",
                    buttonVariant="TERTIARY",
                    tooltip="Ask again tomorrow",
                    events=frozenset({"onClick"}),
                ),
                slot="people",
            ),
            tabsObj=TABS,
            visibleTabs=TABS,
            selectedTab="people",
            shouldShowTabs=True,
        ),
        title="Overview",
        **view,
    )


def at(left: int, top: int, width: int, height: int) -> Position:
    """A place on the grid."""
    return Position(left, top, width, height)


def in_modal(**props: Any) -> PageView:
    """A page with a modal that is open, and one that is not."""
    return view_of(
        widget("Text", "Behind", text="Orders", fontSize="1.5rem", fontStyle="BOLD"),
        widget("Button", "Open", text="Change the address", events=frozenset({"onClick"})),
        widget(
            "Modal",
            "Details",
            widget("Text", "Lead", text="Where should it go?"),
            widget("Input", "Street", label="Street", text="", isValid=True),
            widget("Button", "Save", text="Save", events=frozenset({"onClick"})),
            **{"title": "Change the address", "isOpen": True, "isVisible": True, **props},
        ),
        widget("Modal", "Other", widget("Text", "Never", text="never shown"), isVisible=False),
    )


def people(rows: Sequence[str] = ("1", "2", "3"), **props: Any) -> PageView:
    """A list whose rows hold a name and a button; `rows` are their keys."""
    click = frozenset({"onClick"})
    view = view_of(
        widget(
            "List",
            "People",
            widget("Text", "Name", fontStyle="BOLD"),
            widget("Button", "Greet", text="Greet", buttonVariant="SECONDARY", events=click),
            rows=tuple(rows),
            repeats=True,
            events=props.pop("events", frozenset()),
            **{"pageNo": 1, "pages": 1, **props},
        ),
    )
    shown = {
        f"People[{key}].{name}": {**view.props[f"People[].{name}"], **more}
        for key in rows
        for name, more in (("Name", {"text": f"Person {key}"}), ("Greet", {}))
    }
    return replace(view, props={"People": view.props["People"], **shown})
