"""The pages of docs/auth hold what works: their files make apps, and what they say of queries is so."""

import json
import re
from pathlib import Path

import pytest

from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.clock import Clock
from portico.definition.auth import DEFAULTS
from portico.definition.diagnostics import Problems
from portico.definition.load import load
from portico.definition.preset import NAMES, OIDC
from portico.definition.secrets import Secrets
from portico.definition.source import Scalar, Table, read
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from tests.journeys.portal import Recorder, Visitor, auth_server, serving
from tests.journeys.preset_app import shown

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "auth"
PRESETS = ROOT / "src" / "portico" / "definition" / "presets"
OWN = (GUIDES / "your-own.md").read_text("utf-8")
_FILE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANNA = NewAccount(username="anna", email="anna@example.com", password=Secret("correct horse"))


def text_at(table: Table, *path: str) -> str:
    """What stands in a YAML file; GET for a method that it does not say."""
    for key in path[:-1]:
        inner = table.entries[key].node
        assert isinstance(inner, Table)
        table = inner
    entry = table.entries.get(path[-1])
    if entry is None:
        return "GET"
    assert isinstance(entry.node, Scalar)
    return entry.node.text.value


def written(folder: Path, files: dict[str, str]) -> Path:
    """An app with these files."""
    for path, content in files.items():
        file = folder / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder / "shop"


@pytest.mark.parametrize("guide", [file.stem for file in sorted(GUIDES.glob("*.md"))])
def test_every_page_is_one_that_is_led_to(guide: str) -> None:
    """From the first page; and links of pages lead to pages."""
    text = (GUIDES / f"{guide}.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert (GUIDES / target).exists(), target
    if guide != "README":
        assert f"({guide}.md)" in (GUIDES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [name for name in NAMES if (GUIDES / f"{name}.md").exists()])
def test_the_files_of_a_presets_page_make_an_app(name: str, tmp_path: Path) -> None:
    """With one page more; the table says which queries there are, and what they call."""
    text = (GUIDES / f"{name}.md").read_text("utf-8")
    files = dict(_FILE.findall(text))
    assert f"preset: {name}\n" in files["app.yaml"]
    folder = written(tmp_path, {**files, "pages/Home/page.yaml": "title: Home\n"})
    secrets = Secrets({"PORTICO_SECRET_SUPABASE_KEY": "key", "PORTICO_SECRET_OIDC_SECRET": "secret"})
    result = load(folder, types=CATALOGUE, settings={}, secrets=secrets)
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    if name == OIDC:
        assert result.app.queries == {}
        return
    content = read(name, (PRESETS / f"{name}.yaml").read_text("utf-8"), Problems())
    assert isinstance(content, Table)
    calls = {
        query: f"{text_at(content, 'queries', query, 'method')} {text_at(content, 'queries', query, 'path')}"
        for query in result.app.queries
    }
    assert dict(re.findall(r"^\| `(\w+)` \|.*\| `([A-Z]+ \S+)` \|$", text, re.MULTILINE)) == calls


def test_the_presets_that_have_a_page() -> None:
    """All, the page for all others, the one for a table of users, the one that finds out which an API is, and
    the one that tries it."""
    others = {"README", "your-own", "sql", "probe", "try-your-login"}
    assert {file.stem for file in GUIDES.glob("*.md")} == {*others, *NAMES}


@pytest.mark.parametrize("contract", [0, 1], ids=["short", "every mapping"])
def test_a_contract_by_hand_signs_in_and_out(contract: int, tmp_path: Path) -> None:
    """The files of the page against the API that they are for; with every mapping, there is a role."""
    found = _FILE.findall(OWN)
    files = {path: content for path, content in found if path != "queries/refresh.yaml"}
    files["app.yaml"] = [content for path, content in found if path == "app.yaml"][contract]
    settings = Settings(hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(ANNA,))
    with (
        auth_server(settings, Clock()) as url,
        Recorder(f"{url}/plain") as api,
        serving(written(tmp_path, files), settings={"AUTH_URL": api.url}) as portal,
        Visitor(portal) as visitor,
    ):
        form = {"EmailInput": "anna@example.com", "PasswordInput": "wrong"}
        refused = shown(visitor.press("Login", "LoginButton", **form))
        assert api.exchanges[-1].status == 401
        assert json.loads(api.exchanges[-1].answer)["message"] in refused
        form["PasswordInput"] = "correct horse"
        assert visitor.press("Login", "LoginButton", **form).status_code == 303
        home = shown(visitor.get("Home"))
        assert re.search(r"\d+ employees", home)
        assert ("anna@example.com staff" in home) is (contract == 1)
        assert api.tokens()
        assert [token for token in api.tokens() if token in visitor.got] == []
        sent = api.last("GET /employees").headers
        assert sent["authorization"].startswith("Bearer ")
        answer = visitor.press("Home", "LogoutButton")
        assert answer.status_code == 303
        assert api.awaited("POST /auth/v1/revoke").status == 204
        assert visitor.get("Home").status_code == 303


def test_the_mappings_of_the_page_are_all_that_there_are() -> None:
    """Those of the table, and those of the long contract."""
    known = {mapping for mappings in DEFAULTS.values() for mapping in mappings}
    assert set(re.findall(r"^\| `(\w+)` \|", OWN, re.MULTILINE)) == known
    whole = [content for path, content in _FILE.findall(OWN) if path == "app.yaml"][1]
    for role in ("sign_in", "me", "sign_out"):
        block = re.search(rf"^  {role}:\n((?:    .*\n)+)", whole, re.MULTILINE)
        assert block is not None
        # The plain API knows no second step.
        assert set(re.findall(r"^    (\w+):", block[1], re.MULTILINE)) == {"query", *DEFAULTS[role]} - {
            "pending"
        }


def test_the_refresh_of_the_page_is_a_query(tmp_path: Path) -> None:
    """With the line that goes with it."""
    found = _FILE.findall(OWN)
    files = dict(found)
    short = next(content for path, content in found if path == "app.yaml")
    files["app.yaml"] = short + "  refresh: {query: refresh}\n"
    result = load(written(tmp_path, files), types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    assert result.app.contract is not None
    assert result.app.contract.refreshes
    assert not result.app.contract.slides
