"""The guides of seeds S0 and S1, followed: every file written, every command run, what they build used."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portico.testing.serving import free_port
from tests.cli.test_package_commands import portico
from tests.journeys.servers import DevServer

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
_BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`\n\n)?^```(?P<kind>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL
)
EMAIL, PASSWORD = "appsmith_user@example.com", "appsmith_password"


class Reader:
    """Somebody who does what a guide says, in a folder of their own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.text = (GUIDES / f"{name}.md").read_text()
        self.folder = folder
        self.commands = 0
        self.said = ""

    def follow(self) -> Iterator[list[str]]:
        """Write files and run commands, step by step; what serves apps is left to the test."""
        for block in _BLOCK.finditer(self.text):
            if block["path"]:
                file = self.folder / block["path"]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block["content"])
            elif block["kind"] == "sh":
                for line in block["content"].splitlines():
                    self.commands += 1
                    yield from self._run(shlex.split(line))

    def _run(self, words: list[str]) -> Iterator[list[str]]:
        if words[0] == "mkdir":
            (self.folder / words[1]).mkdir()
            return
        assert words[0] == "portico"
        if words[1] == "dev":
            yield words[2:]
            return
        answer = portico(*words[1:], cwd=self.folder)
        assert answer.returncode == 0, f"{words}: {answer.stdout}{answer.stderr}"
        self.said += answer.stdout


def signed_in(url: str, app: str, values: dict[str, str], button: str) -> str:
    """Sign in as the guide says and log out again, without scripts in the browser; what Home showed."""
    with httpx.Client(
        base_url=url, headers={"Origin": url}, trust_env=False, follow_redirects=True
    ) as client:
        assert (answer := client.get(f"/{app}/Home")).url.path == f"/{app}/LoginPage", answer.text
        wrong = {**values, next(reversed(values)): "wrong"}
        refused = client.post(f"/{app}/LoginPage", data={**wrong, "portico.event": f"{button} onClick"})
        assert refused.url.path == f"/{app}/LoginPage", refused.text
        assert 'role="alert"' in refused.text
        home = client.post(f"/{app}/LoginPage", data={**values, "portico.event": f"{button} onClick"})
        assert home.url.path == f"/{app}/Home", home.text
        left = client.post(f"/{app}/Home", data={"portico.event": "LogoutButton onClick"})
        assert left.url.path == f"/{app}/LoginPage", left.text
        assert (answer := client.get(f"/{app}/Home")).url.path == f"/{app}/LoginPage", answer.text
        return home.text


@pytest.mark.parametrize(
    ("guide", "app", "prefix", "button", "shown", "commands"),
    [
        ("login-module", "hr-portal", "LoginModule1.emailInput LoginModule1.passwordInput",
         "LoginModule1.loginButton", "engineering", 10),
        ("login-code", "notes", "Email Password", "LoginButton", f"Hello {EMAIL}", 5),
    ],
)  # fmt: skip
def test_a_guide_leads_where_it_says(
    guide: str, app: str, prefix: str, button: str, shown: str, commands: int, tmp_path: Path
) -> None:
    """From an empty folder to a signed-in user, and on to the end of the guide (rows S0-1…19, S1-1…14)."""
    reader = Reader(guide, tmp_path)
    values = dict(zip((f"v.{name}" for name in prefix.split()), (EMAIL, PASSWORD), strict=True))
    served = 0
    for arguments in reader.follow():
        served += 1
        assert arguments == [app, "--auth-server"]
        folders, options = [tmp_path / app], ["--auth-server", "--auth-port", str(free_port())]
        tells = {"portico.stdout": "the demo's credentials, for whoever tries it out"}
        with DevServer(folders, *options, folder=tmp_path, tells=tells) as server:
            home = signed_in(server.url, app, values, button)
            assert shown.casefold() in home.casefold()
    assert (served, reader.commands) == (1, commands)


def test_the_guide_ends_with_both_apps_upgraded(tmp_path: Path) -> None:
    """What `upgrade` did is in both locks, and the first version is still in the registry."""
    reader = Reader("login-module", tmp_path)
    for _ in reader.follow():
        pass
    for app in ("hr-portal", "crm-dashboard"):
        assert "version: 1.1.0" in (tmp_path / app / "portico.lock").read_text()
        module = tmp_path / app / "packages/login/modules/Login/module.yaml"
        assert "buttonText" in module.read_text()
    assert (tmp_path / "registry/login/1.0.0/package.yaml").exists()
    assert "buttonText" in reader.said
