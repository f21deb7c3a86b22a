"""Odd values for every property and method of every type of widget, in the sandbox and the renderer."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.definition.records import KINDS
from portico.model.app import App
from portico.model.widget import WidgetType
from portico.sandbox.turn import ShowAlert
from portico.ui.assets import Assets
from portico.ui.render import render_widget
from portico.ui.view import PageView
from portico.ui.widgets import CATALOGUE
from tests.sandbox.sessions import Session, commands

#: What no value may become: an element, or an attribute of one.
MARKUP = "\\\"'></textarea></title></style><xss-probe onfocus=alert(1)><img src=x onerror=alert(1)>"

#: Values by what they are, as JavaScript. None of them is a choice, a colour, a size or a number.
UNUSABLE: Mapping[str, str] = {
    "null": "null",
    "undefined": "undefined",
    "not a number": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "empty": '""',
    "space": '" "',
    "markup": f'"{MARKUP}"',
    "object": f'({{ a: 1, "<b>": "{MARKUP}" }})',
    "empty object": "({})",
    "empty list": "[]",
    "nested list": f'[[1, [2, ["{MARKUP}"]]]]',
    "one number in a list": "[3]",
    "function": "() => 1",
    "date": "new Date(2030, 1, 2)",
    "date that is none": "new Date(NaN)",
    "circle": "(() => { const a = { b: [] }; a.b.push(a); return a; })()",
    "list of circles": "(() => { const a = {}; a.a = a; return [a, a]; })()",
    "list of big integers": "[10n, 11n]",
    "big integer": "10n",
    "symbol": 'Symbol("s")',
    "expression": "/x/",
    "map": "new Map([[1, 2]])",
    "no text": "({ toString() { throw new Error('no'); }, toJSON() { throw new Error('no'); } })",
    "proxy": "new Proxy({}, { get() { throw new Error('no'); }, ownKeys() { throw new Error('no'); } })",
    "half a character": '"a\\ud800b"',
    "nul": '"a\\0b"',
    "very long": '"x".repeat(100000)',
    "deep": "(() => { let a = []; for (let n = 0; n < 960; n++) a = [a]; return a; })()",
    "rejection": "Promise.reject(new Error('no'))",
    "thrown": "(() => { throw { toString() { throw 1; } }; })()",
    "many": "Array.from({ length: 5000 }, (_, n) => n)",
}
#: Values that some properties can use.
USABLE: Mapping[str, str] = {
    "true": "true",
    "false": "false",
    "zero": "0",
    "negative": "-7",
    "fraction": "2.5",
    "huge": "1e308",
    "beyond integers": "2 ** 64",
    "number as text": '"12"',
    "objects": '[{ id: 1, label: "a", value: 1 }, { id: {}, label: [] }, null, "x", 5]',
}
VALUES: Mapping[str, str] = {**UNUSABLE, **USABLE}

#: Properties that let the others matter, for each type as often as it has ways to be.
WAYS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "ButtonGroup": (
        {
            "groupButtons": [
                {"id": "a", "label": "A"},
                {"id": "b", "buttonType": "MENU", "menuItems": [{"id": "c", "label": "C"}]},
            ]
        },
    ),
    "CheckboxGroup": ({"options": ["a", "b"], "isSelectAll": True},),
    "CurrencyInput": ({"defaultText": 7, "allowCurrencyChange": True},),
    "DatePicker": ({"defaultDate": "2026-03-04"},),
    "Input": tuple({"inputType": kind, "defaultText": "7"} for kind in ("TEXT", "NUMBER", "MULTI_LINE_TEXT")),
    "List": (
        {"listData": "{{ [{id: 1}, {id: 2}, {id: 3}] }}", "rowsPerPage": 2},
        {"listData": "{{ [{id: 1}, {id: 2}, {id: 3}] }}", "serverSidePagination": True},
    ),
    "MenuButton": (
        {"menuItems": [{"id": "a", "label": "A", "iconName": "plus"}]},
        {"sourceData": [1, 2], "configureMenuItems": {"label": "{{ currentItem }}"}},
    ),
    "MultiSelect": tuple(
        {"sourceData": ["a", "b"], "serverSideFiltering": searched, "allowSelectAll": True}
        for searched in (False, True)
    ),
    "PhoneInput": ({"defaultText": "7", "allowDialCodeChange": True},),
    "Progress": tuple({"progressType": kind, "showResult": True} for kind in ("linear", "circular")),
    "RadioGroup": ({"options": ["a", "b"]},),
    "Select": tuple(
        {
            "sourceData": "{{ [{label: 'a', value: 1}, {label: 'b', value: 2}] }}",
            "serverSideFiltering": searched,
        }
        for searched in (False, True)
    ),
    "Tabs": ({"tabs": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]},),
}


#: What the pages of Module use: a module whose widgets and outputs are the value too.
PACKAGE: Mapping[str, str] = {
    "package.yaml": "name: kit\nversion: 1.0.0\n",
    "modules/Box/module.yaml": json.dumps(
        {
            "kind": "ui",
            "inputs": {"odd": {"type": "any"}},
            "outputs": {"same": "{{ inputs.odd }}"},
            "widgets": [{"name": "inner", "type": "Input", "defaultText": "{{ inputs.odd }}"}],
        }
    ),
}

#: The name of a spot that is every property at once.
ALL = "(all)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a value is put: a property that is bound to it, or a method that is called with it; `page`
    is the page that does so, `plain` the one where that property is left alone."""

    kind: str
    name: str
    method: bool
    page: str
    plain: str


def bound(name: str) -> Mapping[str, Any]:
    """A property bound to the value. Tabs are written one by one: here their labels and visibility."""
    if name == "tabsObj":
        odd = "{{ Odd.value() }}"
        return {"tabs": [{"id": "a", "label": odd}, {"id": "b", "label": "B", "isVisible": odd}]}
    return {name: "{{ Odd.value() }}"}


def spots() -> Iterator[tuple[Spot, Mapping[str, Any]]]:
    """All of them, each with the widget of its page."""
    for kind in CATALOGUE.values():
        for way, given in enumerate(WAYS.get(kind.name, ({},))):
            yield from _spots(kind, f"{kind.name}{way}", given)


def _spots(
    kind: WidgetType, plain: str, given: Mapping[str, Any]
) -> Iterator[tuple[Spot, Mapping[str, Any]]]:
    base: dict[str, Any] = {"name": "Target", "type": kind.name, **given}
    if kind.name == "Module":
        base = {"name": "Target", "module": "kit/Box", "inputs": {"odd": "inside"}}
    elif kind.children in ("widgets", "rows"):
        base["widgets"] = [{"name": "Inner", "type": "Input", "defaultText": "inside"}]

    def spot(name: str = "", page: str = "", plain: str = plain, *, method: bool = False) -> Spot:
        return Spot(kind=kind.name, name=name, method=method, page=page or plain, plain=plain)

    names = [name for name, declared in kind.properties.items() if declared.kind not in KINDS]
    yield spot(), base
    for name in names:
        without = f"{plain}Without{name}" if name in given else plain
        if name in given:
            yield spot(plain=without), {key: value for key, value in base.items() if key != name}
        yield spot(name, f"{plain}{name}", without), {**base, **bound(name)}
    for name in kind.methods:
        yield spot(name, f"{plain}{name}Method", method=True), base
    every = dict(item for name in names for item in bound(name).items())
    if kind.name == "Module":
        every["inputs"] = {"odd": "{{ Odd.value() }}"}
    yield spot(ALL, f"{plain}All"), {**base, **every}


def write(folder: Path, only: Collection[str] = ()) -> Path:
    """The app of all these pages, or of some."""
    root = folder / "odd"
    cases = ",\n".join(f"    () => ({code})" for code in VALUES.values())
    script = f"""\
export default {{
  cases: () => [
{cases}
  ],
  value() {{ return this.cases()[Number(appsmith.URL.queryParams.n)]?.(); }},
}}
"""
    pages: dict[str, str] = {}
    for spot, widget in spots():
        if only and spot.page not in only:
            continue
        method = f"Target.{spot.name}(Odd.value())" if spot.method else "null"
        widgets: list[Mapping[str, Any]] = [
            widget,
            {"name": "Give", "type": "Button", "onClick": f"{{{{ {method} }}}}"},
            {"name": "Alive", "type": "Button", "onClick": "{{ showAlert('alive') }}"},
        ]
        if spot.kind == "Modal":
            widgets.append({"name": "Open", "type": "Button", "onClick": "{{ showModal('Target') }}"})
        home = f"pages/{spot.page}"
        # JSON is YAML.
        pages[f"{home}/page.yaml"] = json.dumps({"title": spot.page, "widgets": widgets})
        pages[f"{home}/scripts/Odd.js"] = script
    first = next(iter(only), next(spot.page for spot, _ in spots()))
    manifest = f"auth: none\nhome_page: {first}\npackages:\n  kit: {{path: ../kit}}\n"
    package = {f"../kit/{name}": text for name, text in PACKAGE.items()}
    for name, text in {"app.yaml": manifest, **pages, **package}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def app_in(folder: Path) -> App:
    """The same, compiled."""
    found = load(write(folder), types=CATALOGUE, settings={})
    assert found.app is not None, found.problems[:5]
    return found.app


class Visitor:
    """One page that is open, and what its widget looks like with one value after another."""

    def __init__(self, app: App, spot: Spot, assets: Assets) -> None:
        self.spot, self.session = spot, Session(app.pages[spot.page].program)
        self.view = PageView(app=app, page=app.pages[spot.page], assets=assets, props=self.session.props)
        if spot.kind == "Modal":
            self.session.event("Open")

    def html(self, value: str = "") -> str:
        """What leaves the server. Without a value of these, the binding has none."""
        number = str(list(VALUES).index(value)) if value else ""
        env = {"k": "env", "url": {"queryParams": {"n": number}, "fullPath": "", "hash": ""}}
        if self.spot.method:
            self.session.event("Give", "onClick", env)
        else:
            self.session.turn(env)
        return render_widget(self.view, "Target")

    def answers(self) -> bool:
        """Whether the page still does what its user wants."""
        turn = self.session.event("Alive")
        said = [command.message for command in commands(turn) if isinstance(command, ShowAlert)]
        return said == ["alive"] and turn.done[0].ok
