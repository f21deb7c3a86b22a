"""Small apps written as text, and a small set of widget types to check them against."""

from collections.abc import Mapping
from pathlib import Path

from portico.definition.diagnostics import Diagnostic
from portico.definition.load import Loaded, load
from portico.model.app import App
from portico.model.widget import VALUE, Input, Property, WidgetType

TYPES: Mapping[str, WidgetType] = {
    found.name: found
    for found in (
        WidgetType(
            name="Form",
            properties={},
            children="widgets",
            derived={"data": "kit.inputs(self).length", "hasChanges": "self.data > 0"},
        ),
        WidgetType(
            name="Container", properties={"backgroundColor": Property(kind="color")}, children="widgets"
        ),
        WidgetType(
            name="Input",
            properties={
                "label": Property(kind="text", default="Label"),
                "inputType": Property(kind="choice", default="TEXT", choices=("TEXT", "PASSWORD", "EMAIL")),
                "isRequired": Property(kind="boolean", default=False),
                "maxChars": Property(kind="number"),
            },
            events=("onTextChanged", "onSubmit"),
            meta={"typed": None},
            derived={"text": 'self.typed ?? ""'},
            methods={"setValue": "(value) => { self.typed = value }"},
            inputs={VALUE: Input(meta="typed", event="onTextChanged")},
            reset=("typed",),
        ),
        WidgetType(name="Iframe", properties={"source": Property(kind="text", loads="frames")}),
        WidgetType(
            name="Button",
            properties={
                "text": Property(kind="text", default="Submit"),
                "isDisabled": Property(kind="boolean", default=False),
            },
            events=("onClick",),
        ),
        WidgetType(
            name="Text",
            properties={
                "text": Property(kind="text", default=""),
                "fontSize": Property(kind="size", default="1rem"),
            },
        ),
        WidgetType(
            name="Image",
            properties={"image": Property(kind="text", required=True, help="write the picture's address")},
        ),
        WidgetType(
            name="Select",
            properties={
                "options": Property(kind="list", default=()),
                "extra": Property(kind="object"),
                "any": Property(kind="any"),
            },
            meta={"chosen": None},
            inputs={VALUE: Input(meta="chosen")},
        ),
        WidgetType(
            name="List",
            properties={"listData": Property(kind="any", default=())},
            children="rows",
            derived={"shown": "self.listData.map((item, index) => ({key: String(index), item, index}))"},
            rows="shown",
            inner=frozenset({"listData", "shown"}),
        ),
        WidgetType(
            name="Grid",
            properties={
                "columns": Property(
                    kind="records",
                    default=(),
                    fields={
                        "label": Property(kind="text", default=""),
                        "type": Property(kind="choice", default="text", choices=("text", "button")),
                        "value": Property(kind="any", per_row=True),
                        "isVisible": Property(kind="boolean", default=True),
                    },
                    events=("onClick",),
                )
            },
            methods={"rowAt": "(key) => [null, Number(key)]"},
        ),
        WidgetType(
            name="Tabs",
            properties={
                "tabsObj": Property(kind="list", default=()),
                "defaultTab": Property(kind="text", default=""),
                "shouldShowTabs": Property(kind="boolean", default=True),
            },
            children="slots",
            meta={"chosen": None},
            derived={"selectedTab": "self.chosen ?? self.defaultTab"},
            slot_property="selectedTab",
        ),
        WidgetType(name="Module", properties={}, events=("onOutputChange",), children="widgets"),
    )
}

HOME_PAGE = "pages/Home/page.yaml"

#: An app that is fine: cases change a file of it, or add one.
PLAIN: Mapping[str, str] = {
    "app.yaml": "name: Shop\nauth: none\n",
    "datasources/api.yaml": "url: https://api.example.com/v1\n",
    "pages/Home/page.yaml": "title: Home\nwidgets:\n  - {name: NameInput, type: Input}\n",
    "pages/Home/queries/getUser.yaml": "datasource: api\npath: /user\n",
}

#: The same with a contract.
GUARDED: Mapping[str, str] = {
    **PLAIN,
    "app.yaml": """\
auth:
  entry_page: Login
  home_page: Home
  store_keys: {token: jwt}
  me: {query: me}
""",
    "pages/Login/page.yaml": "title: Login\n",
    "queries/me.yaml": """\
datasource: api
path: /me
headers: {Authorization: "Bearer {{ this.params.token }}"}
""",
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write an app; a name of the folder `shop` below `folder`."""
    root = folder / "shop"
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return root


def loaded(folder: Path, files: Mapping[str, str], settings: Mapping[str, str] | None = None) -> Loaded:
    """Load an app after writing it."""
    return load(write(folder, files), types=TYPES, settings=settings or {})


def app(folder: Path, files: Mapping[str, str], settings: Mapping[str, str] | None = None) -> App:
    """The app, which must have no problem."""
    result = loaded(folder, files, settings)
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    return result.app


def page(folder: Path, text: str, more: Mapping[str, str] | None = None) -> Loaded:
    """Load the plain app with another page Home and further files."""
    return loaded(folder, {**PLAIN, "pages/Home/page.yaml": text, **(more or {})})


def brief(problems: tuple[Diagnostic, ...]) -> list[str]:
    """Place and code of each problem."""
    return [f"{problem.place} {problem.code}" for problem in problems]
