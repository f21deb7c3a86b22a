"""The manual of the app format holds no example that does not work."""

import re
from pathlib import Path

from portico.definition.load import load
from portico.model.app import App
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import write

MANUAL = (Path(__file__).parents[2] / "docs" / "app-format.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?:yaml|js)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(heading: str) -> list[str]:
    """The code blocks of a section."""
    section = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    return _BLOCK.findall(section[1])


def _load(folder: Path, files: dict[str, str]) -> App:
    root = write(folder, files)
    (root / "logo.svg").write_text("<svg/>")
    result = load(root, types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    return result.app


def test_the_examples_of_the_manual_make_an_app(tmp_path: Path) -> None:
    """Every block, put into its file, together with what the blocks name."""
    anonymous, contract = blocks("`app.yaml`")
    (datasource,) = blocks("`datasources/<name>.yaml`")
    (query,) = blocks("`queries/<name>.yaml`")
    (script,) = blocks("`scripts/<name>.js`")
    (orders,) = blocks("`pages/<Name>/page.yaml`")
    (tabs,) = blocks("Widgets")
    plain = "datasource: api\npath: /x\n"
    common = {
        "datasources/api.yaml": datasource,
        "queries/login_api.yaml": plain,
        "queries/me.yaml": plain + 'headers: {Authorization: "Bearer {{ this.params.token }}"}\n',
        "scripts/Tools.js": script,
        "pages/Home/page.yaml": "widgets:\n  - {name: NameInput, type: Input}\n",
        "pages/Home/queries/save.yaml": query,
        "pages/LoginPage/page.yaml": "title: Sign in\n",
        "pages/MainPage/page.yaml": f"widgets:\n{tabs}",
        "pages/MainPage/queries/SecureQuery.yaml": plain,
    }
    open_app = _load(tmp_path / "a", {**common, "app.yaml": anonymous})
    assert open_app.home == "Home"
    guarded = _load(
        tmp_path / "b",
        {
            **common,
            "app.yaml": contract,
            "pages/Orders/page.yaml": orders,
            "pages/Orders/queries/send.yaml": plain,
        },
    )
    assert guarded.pages["MainPage"].on_load == ("SecureQuery",)


def test_the_ways_to_write_a_binding(tmp_path: Path) -> None:
    """The block about quotes is right about quotes."""
    (values,) = blocks("YAML")
    indented = "".join(f"    {line}\n" for line in values.splitlines() if not line.startswith("label"))
    files = {
        "app.yaml": "auth: none\n",
        "datasources/api.yaml": "url: https://api.example.com\n",
        "pages/Home/page.yaml": f"widgets:\n  - name: Go\n    type: Button\n{indented}",
        "pages/Home/queries/getUser.yaml": "datasource: api\npath: /user\n",
        "pages/Home/queries/save.yaml": "datasource: api\npath: /save\nmethod: POST\n",
    }
    assert _load(tmp_path, files).pages["Home"].on_load == ("getUser",)
