"""`portico auth probe`, as users call it: what it asks for, what it writes, and what nobody gets to see."""

import contextlib
import json
import os
import pty
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from portico.testing.dialect_file import read_dialect
from tests.importers.probe_apis import Asking, Reply, Running, api, signs_in

LOGIN, PASSWORD = "anna@example.com", "cNrY8f3Kq2Zx7Lw5Tn9B"
MANIFEST = """\
# An app.
name: Shop
home_page: Start   # where it begins
auth: none         # nobody signs in yet
theme:
  brand: "#2563eb"
"""
HAS_ONE = "{preset: strapi, url: 'http://x', entry_page: A, home_page: B}"
#: Takes the place of the way requests are made: it tells what is sent.
ECHOES = """\
import sys
from portico.importers.probe_talk import Talk
call = Talk.call
async def telling(self, made, purpose, given=None, **how):
    print(given, how, file=sys.stderr)
    return await call(self, made, purpose, given, **how)
Talk.call = telling
"""
BREAKS = """\
from portico.importers import {module}
async def broken(*arguments, **named):
    raise RuntimeError("broken for a test")
{module}.{name} = broken
"""


class Shop:
    """An API of one's own, which remembers every token that it handed out."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def answer(self, asking: Asking) -> Reply:
        """Answer a request; a wrong password is repeated in the refusal, as some do."""
        token = asking.headers.get("authorization", "").removeprefix("Bearer ")
        match asking.call:
            case "POST /login" if asking.fields.get("password") == PASSWORD:
                pair = [secrets.token_hex(20), secrets.token_hex(20)]
                self.tokens += pair
                cookie = ("Set-Cookie", f"session={pair[0]}")
                return Reply(status=200, body={"token": pair[0], "refresh_token": pair[1]}, headers=[cookie])
            case "POST /login":
                return Reply(status=401, body={"message": f"not {asking.fields}"})
            case "GET /me" if token in self.tokens:
                return Reply(status=200, body={"id": 7, "email": LOGIN, "token": token})
            case "GET /me":
                return Reply(status=401)
            case "POST /logout":
                return Reply(status=200, body={"bye": token})
        return Reply(status=404)


@pytest.fixture
def shop() -> Shop:
    """What the API does."""
    return Shop()


@pytest.fixture
def running(shop: Shop) -> Iterator[Running]:
    """The API."""
    with api(shop.answer) as started:
        yield started


def portico(
    *arguments: object,
    cwd: Path,
    text: str = f"{PASSWORD}\n",
    before: str = "",
    env: Mapping[str, str] = {},
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; `before` is Python that changes something first."""
    start = ["-c", f"{before}\nfrom portico.cli import main\nmain()"] if before else ["-m", "portico"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    return subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        input=text,
        env={**kept, **env},
    )


def made(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """An app without sign-in."""
    files = {"app.yaml": MANIFEST, "pages/Start/page.yaml": "title: Start\n", **(more or {})}
    for path, content in files.items():
        file = folder / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder / "shop"


def files_of(folder: Path) -> dict[str, str]:
    """Everything below a folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


SIGNED = ("--identifier", LOGIN, "--password-stdin")


def test_without_a_terminal_nobody_signs_in(running: Running, tmp_path: Path) -> None:
    """The report is text that is YAML with comments; no credentials are sent."""
    done = portico("auth", "probe", running.url, cwd=tmp_path, text="")
    assert done.returncode == 0, done.stderr
    assert "#   sign_in: POST /login (likely)" in done.stdout
    assert "\n# app.yaml\nauth:\n" in done.stdout
    assert [asking.fields for asking in running.asked if asking.fields] == []
    assert f"# {len(running.asked)} requests were made:" in done.stdout
    for asking in running.asked:
        assert f"{asking.method} {asking.path}: " in done.stdout


def test_an_app_gets_its_contract(running: Running, tmp_path: Path) -> None:
    """In the place of `auth: none`; the rest of app.yaml stays, and the app signs in as it is."""
    app = made(tmp_path)
    done = portico("auth", "probe", running.url, *SIGNED, "--app", app, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = (app / "app.yaml").read_text()
    assert manifest.startswith("# An app.\nname: Shop\nauth:\n  entry_page: Login\n  home_page: Start\n")
    assert manifest.endswith('theme:\n  brand: "#2563eb"\n')
    assert files_of(app).keys() == {
        *("app.yaml", "pages/Start/page.yaml", "pages/Login/page.yaml", "datasources/auth_api.yaml"),
        *("queries/sign_in.yaml", "queries/me.yaml", "queries/sign_out.yaml"),
    }
    assert f"written: {app}/queries/me.yaml" in done.stdout
    assert portico("check", app, cwd=tmp_path).returncode == 0


def test_a_new_apps_contract_signs_in(running: Running, tmp_path: Path) -> None:
    """What was printed is an app once it lies in files: no page was there, so both are written."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.yaml").write_text("name: Shop\nauth: none\n")
    done = portico("auth", "probe", running.url, *SIGNED, "--app", "shop", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # This API repeats a wrong password, and its words are shown: one too short for the search of canaries.
    assert "You are signed in as 7." in signs_in(tmp_path / "shop", LOGIN, PASSWORD, wrong="nope")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"app.yaml": f"name: Shop\nauth: {HAS_ONE}\n"}, "already"),
        ({"queries/me.yaml": "datasource: x\n"}, "There already: "),
        ({"datasources/auth_api.yaml": "url: http://x\n"}, "There already: "),
        ({"queries": "a file where a folder has to be"}, "cannot be written"),
        ({"app.yaml": "auth: [\n"}, "cannot be read"),
    ],
)
def test_what_is_there_is_not_written_over(
    running: Running, tmp_path: Path, more: Mapping[str, str], words: str
) -> None:
    """Nothing is written, half or whole."""
    app = made(tmp_path, more)
    before = files_of(app)
    done = portico("auth", "probe", running.url, *SIGNED, "--app", app, cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(app) == before


def test_a_contract_that_the_app_cannot_have_is_not_written(running: Running, tmp_path: Path) -> None:
    """Its own page Login is closed, and the entry page has to be open: the problem is told."""
    app = made(tmp_path, {"pages/Login/page.yaml": "title: Log in\naccess: signed-in\n"})
    before = files_of(app)
    done = portico("auth", "probe", running.url, *SIGNED, "--app", app, cwd=tmp_path)
    assert done.returncode == 1
    assert "E502" in done.stderr
    assert files_of(app) == before


def test_a_report_goes_into_a_file_that_is_not_there_yet(running: Running, tmp_path: Path) -> None:
    """And never over one that is."""
    done = portico("auth", "probe", running.url, "--out", "found.yaml", "--no-sign-in", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "found.yaml").read_text()
    assert "# app.yaml\nauth:\n" in report
    again = portico("auth", "probe", running.url, "--out", "found.yaml", "--no-sign-in", cwd=tmp_path)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert (tmp_path / "found.yaml").read_text() == report


def test_json_has_everything(running: Running, tmp_path: Path) -> None:
    """Requests, conclusions with their reasons, and the files."""
    done = portico("auth", "probe", running.url, *SIGNED, "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert [sent["path"] for sent in found["requests"]] == [asking.path for asking in running.asked]
    assert all(conclusion["reason"] for conclusion in found["conclusions"])
    assert found["signed_in"]["refreshes"] is True
    assert found["signed_out"] == {"status": 200, "afterwards": 200}
    assert "queries/sign_in.yaml" in found["files"]


def leaks(done: "subprocess.CompletedProcess[str]", folder: Path, shop: Shop) -> list[str]:
    """Of the password and the tokens, those that are in what was printed or written."""
    everywhere = done.stdout + done.stderr + "".join(files_of(folder).values())
    assert shop.tokens
    return [secret for secret in (PASSWORD, *shop.tokens) if secret in everywhere]


@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--out", "report.txt"), ("--app", "shop")])
def test_no_secret_is_printed_or_written(
    running: Running, shop: Shop, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Neither the password nor any token, whatever the API repeats of it."""
    made(tmp_path)
    done = portico("auth", "probe", running.url, *SIGNED, "--renew", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert leaks(done, tmp_path, shop) == []


def test_a_secret_that_is_told_would_be_found(running: Running, shop: Shop, tmp_path: Path) -> None:
    """The control: with a probe that tells what it sends."""
    done = portico("auth", "probe", running.url, *SIGNED, cwd=tmp_path, before=ECHOES)
    assert done.returncode == 0
    assert set(leaks(done, tmp_path, shop)) >= {PASSWORD, shop.tokens[0]}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("probe_reading", "Reading.sign_in"),
        ("probe_life", "Life.sign_out"),
        ("probe_trial", "Trial.read"),
        ("probe_sign_in", "SignIn._held"),
    ],
)
def test_a_bug_tells_no_secret(running: Running, shop: Shop, tmp_path: Path, module: str, name: str) -> None:
    """Its traceback holds no value."""
    before = BREAKS.format(module=module, name=name)
    done = portico("auth", "probe", running.url, *SIGNED, cwd=tmp_path, before=before)
    assert "broken for a test" in done.stderr
    assert leaks(done, tmp_path, shop) == []


def test_a_terminal_is_asked_and_shows_no_password(running: Running, shop: Shop, tmp_path: Path) -> None:
    """The identifier is seen while it is typed, the password is not; progress is shown."""
    screen, ours = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "portico", "auth", "probe", running.url],
        stdin=ours,
        stdout=ours,
        stderr=ours,
        cwd=tmp_path,
        start_new_session=True,
    )
    os.close(ours)
    seen = awaited(screen, "(nothing: nobody does): ")
    os.write(screen, f"{LOGIN}\n".encode())
    # The space comes once the terminal shows nothing any more.
    seen += awaited(screen, "Password: ")
    os.write(screen, f"{PASSWORD}\n".encode())
    seen += awaited(screen, None)
    os.close(screen)
    assert process.wait(60) == 0
    assert LOGIN in seen
    assert "POST /login: 200" in seen
    assert PASSWORD not in seen
    assert [token for token in shop.tokens if token in seen] == []
    assert shop.tokens


def awaited(screen: int, words: str | None) -> str:
    """What a terminal shows until these words, or until it is closed."""
    seen, limit = "", time.monotonic() + 120
    while words is None or words not in seen:
        assert time.monotonic() < limit, seen
        if select.select([screen], [], [], 0.1)[0]:
            read = b""
            with contextlib.suppress(OSError):
                read = os.read(screen, 65536)
            if not read:
                assert words is None, seen
                return seen
            seen += read.decode()
    return seen


def test_a_header_holds_a_secret_by_its_name(running: Running, tmp_path: Path) -> None:
    """It goes along with every request; the contract names it, and nobody sees its value."""
    key = secrets.token_hex(16)
    options = ("--secret-header", "apikey=SHOP_KEY", "--no-sign-in")
    done = portico("auth", "probe", running.url, *options, cwd=tmp_path, env={"PORTICO_SECRET_SHOP_KEY": key})
    assert done.returncode == 0, done.stderr
    assert {asking.headers.get("apikey") for asking in running.asked} == {key}
    assert "apikey: {secret: SHOP_KEY}" in done.stdout
    assert key not in done.stdout + done.stderr
    unset = portico("auth", "probe", running.url, *options, cwd=tmp_path)
    assert unset.returncode == 1
    assert "PORTICO_SECRET_SHOP_KEY" in unset.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("http://10.255.255.1",), "--allow-private"),
        (("http://[fd00::1]:81",), "--allow-private"),
        (("ftp://127.0.0.1",), "not an http or https URL"),
        ((f"https://anna:{PASSWORD}@example.com",), "not an http or https URL"),
        (("http://127.0.0.1", "--preset", "straapi"), "strapi"),
        (("http://127.0.0.1", "--sign-in", "login"), "--sign-in is a method and a path"),
        (("http://127.0.0.1", "--me", "FETCH /me"), "--me is a method and a path"),
        (("http://127.0.0.1", "--field-password", "a b"), "--field-password is the name of a field"),
        (("http://127.0.0.1", "--secret-header", f"apikey={PASSWORD}!"), "not its value"),
        (("http://127.0.0.1", "--app", "nowhere"), "is not a folder"),
        (("http://127.0.0.1", "--app", "shop", "--out", "found.yaml"), "choose one"),
    ],
)
def test_wrong_usage_is_told_in_words(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    """And nothing is repeated that may be a secret."""
    done = portico("auth", "probe", *options, cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert PASSWORD not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "text", "words"),
    [
        (("--password-stdin",), f"{PASSWORD}\n", "--identifier"),
        (("--identifier", LOGIN), "", "--password-stdin"),
        (SIGNED, "", "no password in the input"),
    ],
)
def test_half_of_the_credentials_is_not_enough(
    running: Running, tmp_path: Path, options: tuple[str, ...], text: str, words: str
) -> None:
    """What is missing is named, and nobody signs in."""
    done = portico("auth", "probe", running.url, *options, cwd=tmp_path, text=text)
    assert done.returncode == 1
    assert words in done.stderr
    assert [asking.fields for asking in running.asked if asking.fields] == []


def test_what_is_imitated_can_be_read(shop: Shop, running: Running, tmp_path: Path) -> None:
    """`--write-dialect`: a file that the auth server takes, of an API that repeats tokens and passwords where
    nobody expects them; neither is in it. A file that is there is left as it is."""
    command = ["auth", "probe", running.url, "--identifier", LOGIN, "--password-stdin", "--write-dialect"]
    done = portico(*command, "my-api.yaml", "--sign-in", "/login", "--me", "/me", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "my-api.yaml").read_text()
    for secret in (*shop.tokens, PASSWORD, LOGIN):
        assert secret not in text
    assert 'refresh_token: "{refresh_token}"' in text
    assert [route.path for route in read_dialect(tmp_path / "my-api.yaml").routes][:1] == ["/login"]
    again = portico(*command, "my-api.yaml", cwd=tmp_path)
    assert again.returncode == 1
    assert "Name another file with --write-dialect" in again.stderr
    assert (tmp_path / "my-api.yaml").read_text() == text


def test_nothing_is_imitated_without_a_sign_in(running: Running, tmp_path: Path) -> None:
    """And it is said what is missing."""
    command = ["auth", "probe", running.url, "--no-sign-in", "--sign-in", "/login", "--me", "/me"]
    done = portico(*command, "--write-dialect", "my-api.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "Sign in with --identifier" in done.stderr
    assert not (tmp_path / "my-api.yaml").exists()
