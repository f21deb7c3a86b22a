"""The commands, as users call them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from portico.authserver.demo_accounts import EMAIL, PASSWORD, USERNAME
from portico.cli import new
from portico.cli.embedded import api_of
from portico.cli.loading import load_apps
from portico.testing.serving import free_port
from tests.authserver.oidc_calls import APP, ASKED, LEFT, VERIFIER, form_of, landed
from tests.journeys.servers import EXAMPLES, AuthServer, PorticoServer
from tests.journeys.tap import BEHIND


def portico(*arguments: object, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    command = [sys.executable, "-m", "portico", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=cwd)


def app(folder: Path, **files: str) -> Path:
    """A small app: a page of one Text, and whatever `files` replace (`__` stands for a slash)."""
    texts = {
        "app.yaml": "name: Small\nauth: none\n",
        "pages__Home__page.yaml": "title: Home\nwidgets:\n  - {name: Hello, type: Text, text: hello}\n",
    } | {name.replace("_yaml", ".yaml"): text for name, text in files.items()}
    root = folder / "small"
    for name, text in texts.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_version_and_help() -> None:
    """`--version` prints one line; every command's help ends with examples."""
    assert portico("--version").stdout.startswith("portico 0.")
    assert "Examples" in portico("--help").stdout
    for command in ("run", "dev", "new", "check", "schema", "auth-server", "demo", "package", "sessions"):
        answer = portico(command, "--help")
        assert answer.returncode == 0
        assert "Example" in answer.stdout


def test_check_passes_a_good_app(tmp_path: Path) -> None:
    """Nothing to say: status 0, and an empty array for tools."""
    assert portico("check", EXAMPLES / "jwt-login", app(tmp_path)).returncode == 0
    answer = portico("check", app(tmp_path), "--format", "json")
    assert answer.returncode == 0
    assert json.loads(answer.stdout) == []


LEAKY = """\
title: Home
widgets:
  - {name: Hello, type: Text, text: "{{ appsmith.store.jwt }}"}
"""
SILENCE = "  # portico: ignore exposed-token -- an app to look at tokens with\n"


def test_check_ends_badly_with_a_finding(tmp_path: Path) -> None:
    """The lint's words beside those of diagnostics; status 1, though the app has no error."""
    root = app(tmp_path, pages__Home__page_yaml=LEAKY)
    answer = portico("check", root)
    assert answer.returncode == 1
    assert "ok" not in answer.stdout
    lines = answer.stderr.splitlines()
    assert lines[0].startswith(f"{root}/pages/Home/page.yaml:3:41 exposed-token a token in a page")
    assert lines[1:2] == ["    received: appsmith.store.jwt"]
    assert lines[2].startswith("    fix: give what is meant")
    (row,) = json.loads(portico("check", root, "--format", "json").stdout)
    assert (row["code"], row["severity"], row["silenced"]) == ("exposed-token", "finding", None)


def test_check_lists_what_is_silenced_for_tools(tmp_path: Path) -> None:
    """It passes; JSON has the finding with its rule and the author's reason."""
    silenced = LEAKY.replace("  - {name", SILENCE + "  - {name")
    root = app(tmp_path, pages__Home__page_yaml=silenced)
    answer = portico("check", root)
    assert (answer.returncode, answer.stderr) == (0, "")
    answer = portico("check", root, "--format", "json")
    assert answer.returncode == 0
    (row,) = json.loads(answer.stdout)
    assert (row["app"], row["code"], row["line"]) == (str(root), "exposed-token", 4)
    assert row["silenced"] == "an app to look at tokens with"


def test_the_examples_pass(tmp_path: Path) -> None:
    """Where one keeps a defect of its seed, that is silenced beside it, with the reason."""
    apps = sorted(path.parent for path in EXAMPLES.glob("*/app.yaml"))
    answer = portico("check", *apps, "--format", "json")
    assert (answer.returncode, answer.stderr) == (0, "")
    rows = json.loads(answer.stdout)
    assert all(row["silenced"] for row in rows)
    told = {(row["app"].rpartition("/")[2], row["code"]) for row in rows}
    assert {
        ("sign-up", "key-not-stored"),
        ("jwt-login", "stale-gate"),
        ("hr-portal", "exposed-token"),
    } <= told


def test_a_finding_does_not_keep_an_app_from_starting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run` tells it and goes on."""
    (loaded,) = load_apps([app(tmp_path, pages__Home__page_yaml=LEAKY)], None)
    assert loaded.slug == "small"
    assert "exposed-token" in capsys.readouterr().err


BROKEN = """\
title: Home
widgets:
  - {name: Hello, type: Txt, text: hello}
  - {name: Other, type: Text, txet: hello}
  - {name: Bad, type: Text, text: "{{ appsmith.store. }}"}
  - {name: Bare, type: Text, text: {{ Hello.text }}}
"""

MORE = """\
title: More
widgets:
  - {name: Twice, type: Text, text: a}
  - {name: Twice, type: Text, text: b}
  - {name: Ghost, type: Text, text: "{{ Nobody.text }}"}
  - {name: Go, type: Button, onClick: "{{ navigateTo('Hme') }}"}
"""


def test_check_lists_every_problem_at_once(tmp_path: Path) -> None:
    """Each with file, line, column, code, what was received and a remedy; status 1."""
    root = app(tmp_path, pages__Home__page_yaml=BROKEN, pages__More__page_yaml=MORE)
    answer = portico("check", root, "--format", "json")
    assert answer.returncode == 1
    problems = json.loads(answer.stdout)
    places = {(problem["file"], problem["line"]) for problem in problems}
    assert ("pages/Home/page.yaml", 6) in places, "the unquoted binding"
    assert {("pages/More/page.yaml", line) for line in (4, 5, 6)} <= places
    for problem in problems:
        assert {
            "code",
            "severity",
            "file",
            "line",
            "column",
            "message",
            "received",
            "remedy",
        } <= problem.keys()
    text = portico("check", root)
    assert text.returncode == 1
    assert "pages/More/page.yaml:6:" in text.stderr


def test_check_offers_the_nearest_name(tmp_path: Path) -> None:
    """An unknown type, property or page comes with what was probably meant."""
    root = app(tmp_path, pages__Home__page_yaml=BROKEN.rpartition("  - {name: Bare")[0])
    problems = json.loads(portico("check", root, "--format", "json").stdout)
    remedies = " ".join(str(problem["remedy"]) for problem in problems)
    assert "Text" in remedies
    assert "text" in remedies
    assert any(problem["line"] == 5 and problem["column"] > 30 for problem in problems), "inside the snippet"


def test_run_refuses_a_broken_app(tmp_path: Path) -> None:
    """Nothing is started, and the problems are printed."""
    answer = portico("run", app(tmp_path, pages__Home__page_yaml=BROKEN), "--port", free_port())
    assert answer.returncode == 1
    assert "nothing was started" in answer.stderr
    assert "page.yaml:6:" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "no-such-folder"], "not a folder"),
        (["run", "APP", "--host", "0.0.0.0"], "--public-url"),
        (["run", "APP", "--public-url", "http://apps.example.com"], "https"),
        (["run", "APP", "--public-url", "https://apps.example.com/path"], "origin"),
        (["run", "APP", "--public-url", "https://apps.example.com:port"], "origin"),
        (["run", "APP", "--public-url", "https://[apps"], "origin"),
        (["run", "APP", "--trusted-proxy", "nonsense"], "10.0.0.0/8"),
        (["run", "APP", "--store", "mysql:x"], "sqlite:PATH"),
        (["run", "APP", "APP"], "Rename one"),
        (["dev", "APP", "--host", "0.0.0.0"], "can be reached from other machines"),
        (["dev", "APP", "--host", "example.com"], "can be reached from other machines"),
        (["dev", "no-such-folder"], "not a folder"),
        (["check", "APP", "--format", "xml"], "text or json"),
        (["auth-server", "--account", "alice"], "username:email:password"),
        (["auth-server", "--host", "0.0.0.0"], "does not listen"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(arguments: list[str], words: str, tmp_path: Path) -> None:
    """No traceback: what is wrong, and what would be right."""
    root = str(app(tmp_path))
    answer = portico(*(root if argument == "APP" else argument for argument in arguments), cwd=tmp_path)
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert words in " ".join(answer.stderr.replace("│", " ").split())


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """The second server says so and ends."""
    with PorticoServer([app(tmp_path)], folder=tmp_path) as server:
        answer = portico("run", app(tmp_path), "--port", server.port, cwd=tmp_path)
        assert answer.returncode == 1
        assert "Cannot listen" in answer.stderr


def test_several_apps_are_listed_and_led_to(tmp_path: Path) -> None:
    """`/` lists them; `/<app>/` leads to the entry page, or home once signed in."""
    with PorticoServer([app(tmp_path), EXAMPLES / "jwt-login"], folder=tmp_path) as server:
        index = httpx.get(server.url, trust_env=False).text
        assert "/small/" in index
        assert "JWT login" in index
        assert httpx.get(f"{server.url}/small/", trust_env=False).headers["location"] == "/small/Home"
        entry = httpx.get(f"{server.url}/jwt-login", trust_env=False)
        assert entry.headers["location"] == "/jwt-login/LoginPage"


def test_only_the_documented_ports_listen(tmp_path: Path) -> None:
    """Promise 42: the server's process tree listens on its address, and nowhere else."""
    with PorticoServer([app(tmp_path)], folder=tmp_path) as server:
        httpx.get(f"{server.url}/small/Home", trust_env=False)
        # Its own address is the one behind the tap of every server of the tests.
        host = socket.inet_aton(BEHIND)[::-1].hex().upper()
        assert listening(server.pid) == {f"{host}:{server.port:04X}"}


def listening(pid: int) -> set[str]:
    """Local addresses on which a process or its children listen, as the kernel writes them."""
    pids = {pid}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) in pids:
                pids.add(int(stat.parent.name))
        except OSError:
            continue
    inodes = set()
    for process in pids:
        for handle in Path(f"/proc/{process}/fd").glob("*"):
            try:
                inodes.add(str(handle.readlink()))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                found.add(fields[1])
    return found


def test_schema_writes_what_editors_read(tmp_path: Path) -> None:
    """One file for each kind of file, and the settings that say which is for which."""
    answer = portico("schema", tmp_path / "deep" / "schemas")
    assert answer.returncode == 0
    settings = json.loads(answer.stdout[answer.stdout.index("{") :])["yaml.schemas"]
    assert {Path(path) for path in settings} == set((tmp_path / "deep" / "schemas").iterdir())
    for path, pattern in settings.items():
        assert json.loads(Path(path).read_text())["title"].endswith(pattern.removeprefix("**/"))
    (tmp_path / "file").write_text("")
    refused = portico("schema", tmp_path / "file")
    assert (refused.returncode, "cannot be written" in refused.stderr) == (1, True)


@contextmanager
def started(command: list[str], folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """A command that serves, in a process group of its own; none of it outlives the test."""
    with subprocess.Popen(
        [sys.executable, "-m", "portico", *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """What it prints until these words are among it."""
    assert process.stdout is not None
    shown = ""
    while words not in shown:
        line = process.stdout.readline()
        assert line, shown
        shown += line
    return shown


def interrupt(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C in its terminal."""
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) in (0, 130, -signal.SIGINT)


def nobody_answers(port: int) -> bool:
    """Whether a server has gone, or goes within some seconds."""
    for _ in range(50):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=1)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


def test_demo_starts_everything_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """The table names each app, its address and the credentials, good for all dialects; packages are none.
    SIGINT leaves nothing running."""
    port, auth_port = free_port(), free_port()
    command = ["demo", str(EXAMPLES), "--port", str(port), "--auth-port", str(auth_port)]
    with started(command, tmp_path) as process:
        shown = read_until(process, "Ctrl-C")
        for example in EXAMPLES.iterdir():
            is_app = (example / "app.yaml").exists()
            assert (f"http://127.0.0.1:{port}/{example.name}/" in shown) is is_app, example
        assert (EXAMPLES / "packages").is_dir(), "a folder that is no app"
        assert "appsmith_user or appsmith_user@example.com" in shown
        assert signed_in(f"http://127.0.0.1:{auth_port}")
        interrupt(process)
    assert nobody_answers(auth_port)


def signed_in(url: str) -> set[str]:
    """The tokens that the demo's account is given by its address, one from each dialect."""
    form = {"email": EMAIL, "identifier": EMAIL, "username": USERNAME, "password": PASSWORD}
    answers = {
        field: httpx.post(f"{url}{path}", json=form, trust_env=False).raise_for_status().json()[field]
        for field, path in {
            "jwt": "/api/auth/local",
            "access_token": "/auth/v1/token?grant_type=password",
            "token": "/plain/auth/v1/token?grant_type=password",
            "accessToken": "/dummyjson/auth/login",
        }.items()
    }
    assert all(answers.values()), answers
    return set(answers.values())


def test_access_lifetime_is_for_every_dialect() -> None:
    """`--access-lifetime` says how long tokens live that do not follow Strapi's older way."""
    with AuthServer("--jwt-management", "refresh", "--access-lifetime", "7") as server:
        for token in signed_in(server.url):
            claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
            assert claims["exp"] - claims["iat"] == 7, claims


def test_the_openid_provider_of_the_auth_server() -> None:
    """`--redirect-url` says where its browsers go back to, letter for letter; `--access-lifetime` is for its
    tokens, too."""
    with AuthServer("--access-lifetime", "7", "--redirect-url", APP) as server:
        page = httpx.get(f"{server.url}/oidc/authorize", params=ASKED, trust_env=False)
        fields = {"form": form_of(page), "username": USERNAME, "password": PASSWORD}
        with httpx.Client(trust_env=False, cookies=page.cookies) as browser:
            back = landed(browser.post(f"{server.url}/oidc/login", data=fields))
            elsewhere = browser.get(f"{server.url}/oidc/authorize", params={**ASKED, "redirect_uri": LEFT})
        assert (elsewhere.status_code, "location" in elsewhere.headers) == (400, False)
        form = {"grant_type": "authorization_code", "client_id": "shop", "redirect_uri": APP}
        form |= {"code": back["code"], "code_verifier": VERIFIER}
        answer = httpx.post(f"{server.url}/oidc/token", data=form, trust_env=False)
        assert answer.json()["expires_in"] == 7


def test_dev_names_the_api_of_each_preset(tmp_path: Path) -> None:
    """Where the auth server speaks it; the root for every other app."""
    found = {}
    for preset in ("supabase", "strapi", "dummyjson", "oidc"):
        new.create(preset, tmp_path, new.DEFAULT, preset)
        found[preset] = api_of(tmp_path / preset, 8001).removeprefix("http://127.0.0.1:8001")
    assert found == {"supabase": "", "strapi": "", "dummyjson": "/dummyjson", "oidc": "/oidc"}
    assert api_of(app(tmp_path), 8001) == "http://127.0.0.1:8001"


def test_sigterm_ends_the_auth_server_too(tmp_path: Path) -> None:
    """As a process manager sends it: to the command alone, which ends what it began."""
    port, auth_port = free_port(), free_port()
    command = ["dev", str(app(tmp_path)), "--port", str(port), "--auth-server", "--auth-port", str(auth_port)]
    with started(command, tmp_path) as process:
        read_until(process, "Ctrl-C")
        process.terminate()
        assert process.wait(20) in (143, -signal.SIGTERM)
        assert nobody_answers(auth_port)


def test_dev_tells_what_changes_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """Problems as `check` says them, a new version, mended errors; an open page does not hold the end up."""
    root, port, auth_port = app(tmp_path), free_port(), free_port()
    page = root / "pages/Home/page.yaml"
    sound = page.read_text()
    command = ["dev", str(root), "--port", str(port), "--auth-server", "--auth-port", str(auth_port)]
    with started(command, tmp_path) as process:
        shown = read_until(process, "Ctrl-C")
        assert f"http://127.0.0.1:{port}/small/" in shown
        assert "appsmith_user or appsmith_user@example.com" in shown
        assert httpx.get(f"http://127.0.0.1:{auth_port}/", trust_env=False).status_code == 200
        page.write_text(sound.replace("type: Text", "type: Txt"))
        shown = read_until(process, "goes on")
        assert "pages/Home/page.yaml:3:25 E205" in shown
        assert "small: 1 error; what was sound before goes on" in shown
        page.write_text(sound)
        assert "small: sound again" in read_until(process, "sound")
        page.write_text(sound.replace("hello", "good morning"))
        assert "small: version " in read_until(process, "version")
        stream = f"http://127.0.0.1:{port}/_portico/dev/events?app=small"
        with httpx.stream("GET", stream, trust_env=False) as answer:
            lines = answer.iter_lines()
            assert next(lines).startswith("retry:")
            interrupt(process)
            assert list(lines)[-1] == "", "it ended, and was not cut off"
    assert nobody_answers(auth_port)


def test_dev_of_a_broken_app_says_so_and_waits(tmp_path: Path) -> None:
    """It is served with its errors, and the terminal has them as well."""
    root, port = app(tmp_path, pages__Home__page_yaml=BROKEN), free_port()
    with started(["dev", str(root), "--port", str(port)], tmp_path) as process:
        shown = read_until(process, "Ctrl-C")
        assert "page.yaml:6:" in shown
        assert httpx.get(f"http://127.0.0.1:{port}/small/Home", trust_env=False).status_code == 503
        (root / "pages/Home/page.yaml").write_text(BROKEN + "\n# more")
        interrupt(process)


def test_a_port_of_the_auth_server_in_use_is_told(tmp_path: Path) -> None:
    """With the option that chooses another."""
    root, port = app(tmp_path), free_port()
    with PorticoServer([root], folder=tmp_path) as server:
        answer = portico(
            "dev", root, "--port", port, "--auth-server", "--auth-port", server.port, cwd=tmp_path
        )
        assert answer.returncode == 1
        assert "--auth-port" in answer.stderr


ROLES = """\
name: Small
auth:
  entry_page: Home
  home_page: Staff
  store_keys: {token: jwt}
  me: {query: me}
"""


def test_check_shows_who_may_open_what(tmp_path: Path) -> None:
    """Every page for everybody whom the app tells apart, by the guard itself; a rule says that it decides."""
    folder = app(
        tmp_path,
        app_yaml=ROLES,
        datasources__api_yaml="url: https://api.example.com\n",
        queries__me_yaml="datasource: api\npath: /me\n",
        pages__Home__page_yaml="title: Home\naccess: public\n",
        pages__Staff__page_yaml="title: Staff\n",
        pages__Books__page_yaml="title: Books\naccess: {roles: [clerk, boss]}\n",
        pages__Team__page_yaml="title: Team\naccess: \"{{ auth.user.team === 'a' }}\"\n",
    )
    shown = portico("check", folder, "--access").stdout
    assert "by rule: the binding" in shown
    assert [line.rstrip() for line in shown.splitlines()][2:8] == [
        "Small",
        "page   access     signed out  signed in  with a role",
        "Books  roles      sign in     not found  open: boss, clerk",
        "Home   public     open        open       open",
        "Staff  signed-in  sign in     open       open",
        "Team   a rule     by rule     by rule    by rule",
    ]
    answer = portico("check", folder, "--access", "--format", "json")
    assert answer.returncode == 0
    found = {row["page"]: row for row in json.loads(answer.stdout)}
    gets = {page: [cell["gets"] for cell in row["who"].values()] for page, row in found.items()}
    assert list(found["Home"]["who"]) == ["signed out", "signed in", "role boss", "role clerk"]
    assert gets == {
        "Home": ["open"] * 4,
        "Staff": ["sign in", "open", "open", "open"],
        "Books": ["sign in", "not found", "open", "open"],
        "Team": ["by rule"] * 4,
    }
    assert found["Team"]["rule"].startswith("pages/Team/page.yaml:")
    assert found["Books"]["who"]["signed in"]["reason"] == "no_role"
    assert found["Books"]["access"] == "roles: boss, clerk"


def test_who_may_open_what_fits_a_terminal_of_80_columns(tmp_path: Path) -> None:
    """With many roles and long names, brackets among them: nothing is cut off."""
    roles = ["accountant", "administrator", "controller", "hr-manager", "[works] council"]
    folder = app(
        tmp_path,
        app_yaml=ROLES.replace("name: Small", 'name: "Office [beta]"'),
        datasources__api_yaml="url: https://api.example.com\n",
        queries__me_yaml="datasource: api\npath: /me\n",
        pages__Home__page_yaml="title: Home\naccess: public\n",
        pages__Staff__page_yaml="title: Staff\n",
        pages__EmployeeAdministration__page_yaml=f"title: E\naccess: {{roles: {json.dumps(roles)}}}\n",
    )
    shown = portico("check", folder, "--access").stdout
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80
    for word in ["Office [beta]", "EmployeeAdministration", "not found", *roles]:
        assert word in shown
