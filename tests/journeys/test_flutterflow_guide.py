"""The guide that follows seed S4: every file of it makes the app that it promises."""

import re
from pathlib import Path

import httpx
import pytest

from tests.journeys.servers import AuthServer, PorticoServer

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "flutterflow-authentication.md"
_FILE = re.compile(r"^`(?P<path>staff/[^`\n]+)`\n\n```yaml\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The app, written as the guide says."""
    for found in _FILE.finditer(GUIDE.read_text(encoding="utf-8")):
        file = tmp_path / found["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found["content"])
    return tmp_path / "staff"


def test_the_guide_leads_where_it_says(app: Path, tmp_path: Path) -> None:
    """From its files to somebody who is logged in, sees the list, and logs out; without scripts in the
    browser."""
    options = ("--account", "emilys:emily.sample@example.com:emilyspass")
    with (
        AuthServer(*options) as auth,
        PorticoServer([app], folder=tmp_path, settings={"AUTH_URL": auth.url}) as server,
        httpx.Client(
            base_url=server.url, headers={"Origin": server.url}, trust_env=False, follow_redirects=True
        ) as client,
    ):
        assert client.get("/staff/").url.path == "/staff/Entry"
        form = {"v.UsernameInput": "emilys", "portico.event": "LoginButton onClick"}
        refused = client.post("/staff/Entry", data={**form, "v.PasswordInput": "wrong"})
        assert refused.url.path == "/staff/Entry"
        assert "Invalid credentials" in refused.text
        home = client.post("/staff/Entry", data={**form, "v.PasswordInput": "emilyspass"})
        assert home.url.path == "/staff/Home"
        assert "Hello Emily" in home.text
        assert "sophia.pattern@example.com" in home.text
        left = client.post("/staff/Home", data={"portico.event": "LogoutButton onClick"})
        assert left.url.path == "/staff/Entry"
        assert client.get("/staff/Home").url.path == "/staff/Entry"
