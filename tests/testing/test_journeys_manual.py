"""What `docs/journeys.md` shows runs as it is printed, and a new app passes its journeys."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from portico.cli import new
from portico.cli.new_auth import STARTS
from portico.definition.journeys import STANDARDS, load
from portico.definition.preset import NAMES
from portico.testing.adversary import SPOKEN

MANUAL = (Path(__file__).parents[2] / "docs" / "journeys.md").read_text(encoding="utf-8")
#: They start servers by the dozen, and other tests run beside.
pytestmark = pytest.mark.timeout(600)
EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_file_of_the_manual_passes(tmp_path: Path) -> None:
    """With the command line of the manual, and a report for other tools."""
    new.create("shop", tmp_path, new.DEFAULT, "supabase")
    (text,) = re.findall(r"`shop/tests/carts\.yaml`\n\n```yaml\n(.*?)```", MANUAL, re.DOTALL)
    (tmp_path / "shop/tests/carts.yaml").write_text(text)
    answer = tried(tmp_path, "shop", "-k", "carts", "--junit", "report.xml")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "ok: 4 journeys" in answer.stdout
    suite = parse(tmp_path / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "0")


def test_the_python_of_the_manual_runs(tmp_path: Path) -> None:
    """In the folder that holds the app."""
    new.create("shop", tmp_path, new.DEFAULT, "supabase")
    (code,) = re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL)
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=500
    )
    assert answer.returncode == 0, answer.stderr


def test_a_failing_journey_shows_all_there_is(tmp_path: Path) -> None:
    """Line, page, timeline and calls; no password, no token; status 1 and a failure in the report."""
    new.create("shop", tmp_path, new.DEFAULT, "supabase")
    (tmp_path / "shop/tests/sign_in.yaml").write_text(
        "journeys:\n  one:\n    - open: Login\n"
        "    - fill: {E-mail: appsmith_user@example.com, Password: appsmith_password}\n"
        "    - click: Sign in\n    - at: Home\n    - click: Sing out\n"
    )
    answer = tried(tmp_path, "shop", "--junit", "report.xml")
    assert answer.returncode == 1
    told = answer.stdout + answer.stderr + (tmp_path / "report.xml").read_text()
    for words in (
        "shop/tests/sign_in.yaml:7:14  click: Sing out",
        'there is no button or link or tick "Sing out". Did you mean "Sign out"?',
        'button "Sign out" (LogoutButton)',
        "Hello, appsmith_user@example.com",
        "signed in by query sign_in",
        "POST /auth/v1/token?grant_type=… → 200",
        '<testsuite name="shop/tests/sign_in.yaml" tests="1" failures="1">',
    ):
        assert words in told
    assert "appsmith_password" not in told
    assert "eyJ" not in told


def test_every_preset_has_an_auth_server() -> None:
    """That journeys can be taken with: by itself, or by a file that it imitates."""
    assert set(SPOKEN) == set(NAMES)


@pytest.mark.parametrize("preset", ["supabase", "oidc"])
def test_no_journey_signs_in_at_an_api_of_the_real_world(preset: str, tmp_path: Path) -> None:
    """An app that says where its API is, whatever AUTH_URL says, is refused."""
    new.create("shop", tmp_path, new.DEFAULT, preset)
    manifest = tmp_path / "shop/app.yaml"
    manifest.write_text(re.sub(r"url: \$\{.*\}", "url: https://auth.example.com", manifest.read_text()))
    answer = tried(tmp_path, "shop", "-k", "right password")
    assert answer.returncode == 1
    assert "The auth API of this app is https://auth.example.com" in answer.stderr


def test_every_example_has_the_standard_journeys() -> None:
    """Each takes them, and says why for those that it leaves out."""
    apps = sorted(file.parent for file in EXAMPLES.glob("*/app.yaml"))
    assert apps
    for app in apps:
        (file,) = load(app).files
        assert load(app).problems == ()
        assert all(file.left_out.values())
        assert len(file.journeys) + len(file.left_out) >= 8, app
    assert STANDARDS == ("sign-in",)


#: Presets that new apps have journeys for; those that nothing renews, and those that say no roles.
PRESETS = tuple(name for name, start in STARTS.items() if start.account)
NOT_RENEWED = {"fastapi-users", "allauth"}
WITHOUT_ROLES = {"strapi", "pocketbase", "simplejwt", "allauth", "oidc"}


@pytest.mark.parametrize(("preset", "options"), [*((name, []) for name in PRESETS), ("oidc", ["--browser"])])
def test_a_new_app_passes_its_journeys(preset: str, options: list[str], tmp_path: Path) -> None:
    """As `portico new` made it; where users go to a page of the provider's in Chromium, too. Of the standard,
    what its API cannot have is left out, and why."""
    new.create("shop", tmp_path, new.DEFAULT, preset)
    (file,) = load(tmp_path / "shop").files
    left_out = {"refresh refused": preset in NOT_RENEWED, "role taken away": preset in WITHOUT_ROLES}
    assert set(file.left_out) == {name for name, is_left_out in left_out.items() if is_left_out}
    answer = tried(tmp_path, "shop", *options)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"ok: {len(file.journeys)} journeys" in answer.stdout
    assert len(file.journeys) + len(file.left_out) > 8


def test_a_plain_new_app_passes_its_journeys(tmp_path: Path) -> None:
    """As `portico new` made it without a preset."""
    new.create("shop", tmp_path, new.DEFAULT)
    answer = tried(tmp_path, "shop")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "ok: 7 journeys" in answer.stdout


@pytest.mark.parametrize(
    ("preset", "old", "new_text", "journey"),
    [
        ("better-auth", "access: {roles: [admin]}", "access: signed-in", "role taken away"),
        ("simplejwt", "  preset: simplejwt", "  preset: simplejwt\n  refresh: none", "token expires"),
        ("pocketbase", "logoutUser()", "navigateTo('Login')", "signed out in another tab"),
        ("allauth", "  preset: allauth", "  preset: allauth\n  refused: '{{ false }}'", "token expires"),
    ],
)
def test_a_new_app_that_was_broken_fails(
    preset: str, old: str, new_text: str, journey: str, tmp_path: Path
) -> None:
    """The control: without the guard of a page, a renewal, a log-out, or a word for what is over."""
    files = [file for file in new.create("shop", tmp_path, new.DEFAULT, preset) if old in file.read_text()]
    for file in files:
        file.write_text(file.read_text().replace(old, new_text))
    assert files
    answer = tried(tmp_path, "shop", "-k", journey)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "1 of 1 failed" in answer.stdout


OWN = """\
access_token: {lifetime: 10m}
user: {id: "{id}", nick: "{username}"}
endpoints:
  sign_in: {path: /enter, fields: {login: who, password: secret}, body: {ticket: "{access_token}"}}
  me: {path: /self, body: "{user}"}
  sign_out: {path: /leave, status: 204}
"""
OWN_APP = {
    "app.yaml": "name: Own\nauth:\n  entry_page: Login\n  home_page: Home\n"
    "  sign_in: {query: enter, token: '{{ response.body.ticket }}'}\n  me: {query: self}\n"
    "  sign_out: {query: leave}\n",
    "datasources/api.yaml": "url: ${AUTH_URL:-http://127.0.0.1:8001}\nallow_private: true\n",
    "queries/enter.yaml": "datasource: api\nmethod: POST\npath: /enter\n"
    "body: {who: '{{ this.params.who }}', secret: '{{ this.params.secret }}'}\n",
    "queries/self.yaml": "datasource: api\npath: /self\n",
    "queries/leave.yaml": "datasource: api\nmethod: POST\npath: /leave\n",
    "pages/Login/page.yaml": "access: public\nwidgets:\n  - {name: Who, type: Input, label: Who}\n"
    "  - {name: Secret, type: Input, inputType: PASSWORD, label: Secret}\n  - name: Enter\n    type: Button\n"
    "    text: Enter\n    onClick: '{{ enter.run({who: Who.text, secret: Secret.text}) }}'\n",
    "pages/Home/page.yaml": "widgets:\n  - {name: Hello, type: Text, text: 'Hello {{ auth.user.nick }}'}\n",
    "tests/dialects/own.yaml": OWN,
    "tests/enter.yaml": "auth: {dialect: dialects/own.yaml}\njourneys:\n  one:\n    - open: Login\n"
    "    - fill: {Who: appsmith_user, Secret: appsmith_password}\n    - click: Enter\n    - at: Home\n"
    "    - see: Hello appsmith_user\n    - advance: 11m\n    - reload\n    - at: Login\n",
}


def test_an_api_of_ones_own_is_imitated(tmp_path: Path) -> None:
    """By a file that the journeys name; a mistake in it is told with its place, by `check` too, and nothing
    begins. The control: without it the app signs nobody in."""
    for path, text in OWN_APP.items():
        (tmp_path / "own" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / path).write_text(text)
    answer = tried(tmp_path, "own")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert command(tmp_path, "check", "own").returncode == 0
    (tmp_path / "own/tests/dialects/own.yaml").write_text(OWN.replace("/self", "self"))
    for refused in (tried(tmp_path, "own"), command(tmp_path, "check", "own")):
        assert refused.returncode == 1
        assert "own/tests/dialects/own.yaml:5:14 E204 `path` is not the path of an endpoint" in refused.stderr
    (tmp_path / "own/tests/enter.yaml").write_text(OWN_APP["tests/enter.yaml"].replace("auth:", "# auth:"))
    assert tried(tmp_path, "own").returncode == 1


@pytest.mark.parametrize("app", sorted(file.parent.name for file in EXAMPLES.glob("*/app.yaml")))
def test_an_example_passes_its_journeys(app: str, tmp_path: Path) -> None:
    """As it lies there."""
    answer = tried(tmp_path, str(EXAMPLES / app))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_package_is_published_if_its_journeys_pass(tmp_path: Path) -> None:
    """And the control: one whose module was broken is refused, and nothing of it is in the registry."""
    package, registry = tmp_path / "greeter", tmp_path / "registry"
    registry.mkdir()
    texts = {
        "package.yaml": "name: greeter\nversion: 1.0.0\ndescription: It greets\n",
        "modules/Greeter/module.yaml": "kind: ui\ndescription: It greets\nwidgets:\n"
        "  - {name: Words, type: Text, text: Good day}\n",
        "tests/demo/app.yaml": "name: Demo\nauth: none\npackages: {greeter: {path: ../..}}\n",
        "tests/demo/pages/Home/page.yaml": "widgets: [{name: One, module: greeter/Greeter}]\n",
        "tests/demo/tests/greeting.yaml": "journeys: {one: [{open: Home}, {see: Good day}]}\n",
    }
    for path, text in texts.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text)
    module = package / "modules/Greeter/module.yaml"
    module.write_text(texts["modules/Greeter/module.yaml"].replace("Good day", "Good night"))
    refused = command(tmp_path, "package", "publish", str(package), "--to", str(registry))
    assert refused.returncode == 1
    assert '"Good day" is not there' in refused.stdout + refused.stderr
    assert "nothing was published" in refused.stderr
    assert list(registry.iterdir()) == []
    module.write_text(texts["modules/Greeter/module.yaml"])
    answer = command(tmp_path, "package", "publish", str(package), "--to", str(registry))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "published: greeter 1.0.0" in answer.stdout


def tried(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`portico test`, one journey at a time: other tests run beside."""
    return command(folder, "test", *arguments, "-j", "1")


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command of ours, however long it takes."""
    line = [sys.executable, "-m", "portico", *arguments]
    env = {name: value for name, value in os.environ.items() if name != "AUTH_URL"}
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, timeout=580, env=env)
