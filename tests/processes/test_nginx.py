"""Two processes on one Redis behind nginx, both as `docs/deploy.md` says, over https."""

import json
import re
import shlex
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from prometheus_client.parser import text_string_to_metric_families

from portico.testing.serving import free_port
from portico.values import new_id
from tests.documented import block, replaced
from tests.journeys.servers import PATIENT, Server
from tests.processes.nginx import Nginx, Turn
from tests.stores.redis_servers import RedisProcess
from tests.web.contracts import AUTH, BUTTON, FILES, AuthApi, Reply, written
from tests.web.posts import Tab

HOME = (
    "title: Home\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid }}\"}\n"
    "  - {name: Note, type: Input, label: Note}\n"
    + BUTTON.format("Say", 'showAlert("said " + Note.text)')
    + BUTTON.format("Again", '(() => { showAlert("wait"); return login.run({email: Note.text}) })()')
    + BUTTON.format("Far", 'showAlert("a".repeat(2000)); navigateTo("Open", {words: "w".repeat(9000)})')
    + BUTTON.format("Leave", "logoutUser()")
)
OTHERS = {
    "pages/Home/page.yaml": HOME,
    "datasources/api.yaml": FILES["datasources/api.yaml"].replace("timeout: 5", "timeout: 30"),
}
SIGN_IN = {"v.Email": "ann@example.com", "portico.event": "SignIn onClick"}


@dataclass(frozen=True, kw_only=True)
class Site:
    """Processes, and nginx before them; `api` is the auth API of the app."""

    nginx: Nginx
    servers: Sequence[Server]
    metrics: Sequence[str]
    api: AuthApi

    @contextmanager
    def user(self) -> Iterator[httpx.Client]:
        """A browser without scripts, in which Ann has signed in."""
        with self.nginx.browser() as client:
            assert client.post("/app/Enter", data=SIGN_IN).status_code == 303
            yield client

    @contextmanager
    def passing(self, count: int) -> Iterator[list[Turn]]:
        """What nginx passes on in the block, once there are so many of it."""
        found: list[Turn] = []
        begun = self.nginx.settled()
        yield found
        while len(self.nginx.turns()) < begun + count:
            time.sleep(0.01)
        found.extend(self.nginx.turns()[begun:])


def options(port: int, metrics: str) -> list[str]:
    """What the unit of systemd gives a process after its app."""
    (line,) = re.findall("^ExecStart=(.*)$", block("deploy.md", "ini"), re.MULTILINE)
    changes = {"127.0.0.1:1%i": metrics, "%i": str(port), "--drain 10": "--drain 1"}
    return shlex.split(replaced(line, changes))[3:]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole of it."""
    folder = tmp_path_factory.mktemp("site")
    ports = [free_port(), free_port()]
    metrics = [f"127.0.0.1:{free_port()}" for _ in ports]
    with (
        AuthApi() as api,
        RedisProcess(folder / "redis") as redis,
        Nginx(folder / "nginx", ports) as nginx,
    ):
        app = written(folder / "app", AUTH, OTHERS)
        env = {
            "PORTICO_KEY": "k" * 43,
            "PORTICO_STORE": redis.address,
            "PORTICO_PUBLIC_URL": nginx.url,
            "API_URL": api.url,
        }
        servers = [
            Server(
                ["run", str(app), *options(port, at)],
                port=port,
                log=folder / f"portico-{port}.log",
                env=env,
                broken=PATIENT,
                tapped=False,
            )
            for port, at in zip(ports, metrics, strict=True)
        ]
        try:
            with ThreadPoolExecutor(len(servers)) as starting:
                list(starting.map(Server.start, servers))
            yield Site(nginx=nginx, servers=servers, metrics=metrics, api=api)
        finally:
            for server in servers:
                server.stop(signal.SIGKILL)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab with scripts, of a browser that does not know the authority of the certificate."""
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(40_000)
    yield page
    context.close()


def places(turns: Sequence[Turn]) -> list[int]:
    """The processes that answered."""
    return [turn.tried[-1] for turn in turns]


def test_a_session_is_everybodys(site: Site) -> None:
    """Requests take turns; the cookie is for https and this host alone, which browsers are told so."""
    with site.nginx.browser() as client, site.passing(7) as turns:
        answer = client.post("/app/Enter", data=SIGN_IN)
        cookies = answer.headers.get_list("set-cookie")
        (cookie,) = [cookie for cookie in cookies if cookie.startswith("__Host-portico.app=")]
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["location"] == "/app/Home"
        assert all("user ann" in client.get("/app/Home").text for _ in range(4))
        client.post("/app/Home", data={"portico.event": "Leave onClick"})
        assert client.get("/app/Home").status_code == 303
    assert places(turns) in ([0, 1, 0, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0, 1])


def test_plain_http_leads_to_https(site: Site) -> None:
    """To the same address."""
    answer = httpx.get(
        f"http://127.0.0.1:{site.nginx.plain_port}/app/Home?a=1", headers={"Host": "localhost"}
    )
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/app/Home?a=1")


def test_writes_of_other_sites_and_what_is_too_large_are_refused(site: Site) -> None:
    """What a browser says of a page's origin arrives; bodies up to 1 MiB do, and no larger ones."""
    with site.user() as client:
        for foreign in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        ):
            assert client.post("/app/Home", data={"v.Note": "n"}, headers=foreign).status_code == 403
        form = {"v.Note": "n", "portico.event": "Say onClick", "v.None": "n" * 900_000}
        assert "said n" in client.post("/app/Home", data=form).text
        assert client.post("/app/Home", data={"v.Note": "n" * (1 << 20)}).status_code == 413
        assert client.get("/app/Home", headers={"X-Long": "n" * 15_000}).status_code == 200
        assert client.get("/app/Home", headers={"X-Long": "n" * 40_000}).status_code in (400, 431)


def test_an_answer_with_a_long_head_arrives(site: Site) -> None:
    """Alerts and addresses of pages stand in it."""
    with site.user() as client:
        answer = client.post("/app/Home", data={"portico.event": "Far onClick"})
        assert answer.status_code == 303
        assert len(str(answer.headers)) > 12_000
        assert "a" * 2000 in client.get(answer.headers["location"]).text


def test_with_the_buffers_of_nginx_itself_it_would_be_lost(site: Site) -> None:
    """The control: and where failures count, two such answers would take both processes out for everybody."""
    changes = {"proxy_buffer_size 32k;": "", "proxy_buffers 4 32k;": "", "max_fails=0": "max_fails=1"}
    with (
        Nginx(site.nginx.folder / "narrow", site.nginx.ports, changes=changes) as nginx,
        site.user() as client,
        nginx.browser(Origin=site.nginx.url, Cookie=_cookie(client)) as narrow,
    ):
        data = {"portico.event": "Far onClick"}
        assert [narrow.post("/app/Home", data=data).status_code for _ in range(2)] == [502, 502]
        assert narrow.get("/_portico/health").status_code == 502


def test_who_asks_to_change_the_protocol_gets_the_page(site: Site) -> None:
    """Headers of one connection alone are not passed on."""
    with site.user() as client:
        headers = {"Connection": "Upgrade, X-Own", "Upgrade": "websocket", "X-Own": "1"}
        assert "user ann" in client.get("/app/Home", headers=headers).text


def signs_in_again(client: httpx.Client, gate: threading.Event) -> tuple[bool, str]:
    """A sign-in in an answer that streams: whether its first line came before the auth API's answer, which
    the gate holds back; and where the last one leads."""
    tab = Tab(client, "/app/Home")
    body = {
        "visit": tab.visit,
        "n": 1,
        "widget": "Again",
        "event": "onClick",
        "values": {"Note": "bob@x.org"},
    }
    with client.stream("POST", "/app/Home", json=body, headers={"Portico-Event": "1"}) as answer:
        lines = answer.iter_lines()
        first = json.loads(next(lines))
        early = not gate.is_set()
        gate.set()
        last = json.loads([line for line in lines if line][-1])
    assert (first["done"], last["done"]) == (False, True)
    return early, str(last["navigate"]["url"])


@contextmanager
def held(site: Site) -> Iterator[threading.Event]:
    """The auth API answers a sign-in once this is set, and then lets in Bob."""
    gate = threading.Event()
    site.api.answers["/login"] = lambda _: Reply(body=site.api.grant("bob"), gate=gate)
    try:
        yield gate
    finally:
        gate.set()
        del site.api.answers["/login"]


def test_a_streamed_sign_in_is_handed_over_to_the_other_process(site: Site) -> None:
    """Lines come as they are said, and the session is fetched where it was not made."""
    with site.user() as client, held(site) as gate, site.passing(3) as turns:
        early, url = signs_in_again(client, gate)
        assert early
        assert "/_continue/" in url
        assert client.get(url).headers["location"] == "/app/Home"
    assert [turn.method for turn in turns] == ["GET", "POST", "GET"]
    assert turns[1].tried != turns[2].tried
    with site.nginx.browser() as stranger:
        assert stranger.get(url).status_code == 404


def test_what_is_buffered_comes_at_the_end(site: Site) -> None:
    """The control: nginx as it is by itself."""
    changes = {"proxy_buffering off": "proxy_buffering on"}
    with (
        Nginx(site.nginx.folder / "buffering", site.nginx.ports, changes=changes) as nginx,
        site.user() as client,
        nginx.browser(Origin=site.nginx.url, Cookie=_cookie(client)) as buffered,
        held(site) as gate,
    ):
        threading.Timer(1, gate.set).start()
        assert not signs_in_again(buffered, gate)[0]


def _cookie(client: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def attempts(client: httpx.Client, most: int) -> int:
    """How many sign-ins Portico lets through to the auth API until it refuses one by itself, up to so many;
    each is of another account, and says that it comes from another address."""
    tab = Tab(client, "/app/Enter")
    for at in range(most):
        client.headers["X-Forwarded-For"] = f"198.51.100.{at}"
        (said,) = tab.post("SignIn", Email=f"u{new_id()}@x.org")["alerts"]
        if said.startswith("Too many attempts"):
            return at
        assert said == "wrong"
    return most


def test_limits_count_by_where_users_come_from(site: Site) -> None:
    """Thirty attempts of an address at one process are the most, whatever a browser says of itself, and
    other addresses have theirs. The control believes browsers."""
    one = [site.nginx.ports[0]] * 2
    believing = {"X-Forwarded-For $remote_addr": "X-Forwarded-For $http_x_forwarded_for"}
    site.api.answers["/login"] = lambda _: Reply(status=401, body={"message": "wrong"})
    try:
        with Nginx(site.nginx.folder / "limits", one) as nginx:
            with nginx.browser(address="127.0.0.9", Origin=site.nginx.url) as client:
                passed = attempts(client, most=200)
                assert 30 <= passed < 200
            with nginx.browser(address="127.0.0.8", Origin=site.nginx.url) as client:
                assert attempts(client, most=1) == 1
        with (
            Nginx(site.nginx.folder / "believing", one, changes=believing) as nginx,
            nginx.browser(Origin=site.nginx.url) as client,
        ):
            assert attempts(client, most=passed + 2) == passed + 2
    finally:
        del site.api.answers["/login"]


def test_nothing_is_lost_with_a_process(page: Page, site: Site) -> None:
    """One is killed between two clicks: what was typed goes on at the other, which knows the session."""
    page.goto(f"{site.nginx.url}/app/Enter")
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_role("button", name="SignIn").click()
    expect(page.get_by_text("user ann")).to_be_visible()
    with site.passing(1) as turns:
        page.get_by_label("Note").fill("typed here")
        page.get_by_role("button", name="Say").click()
        expect(page.get_by_text("said typed here")).to_be_visible()
    page.get_by_label("Note").fill("typed since")
    dead = site.servers[[turn.tried[-1] for turn in turns if turn.method == "POST"][-1]]
    dead.kill()
    try:
        page.get_by_role("button", name="Say").click()
        expect(page.get_by_text("said typed since")).to_be_visible()
        expect(page.get_by_label("Note")).to_have_value("typed since")
        for _ in range(2):
            page.reload()
            expect(page.get_by_text("user ann")).to_be_visible()
    finally:
        dead.restart(signal.SIGKILL)


def clicks(client: httpx.Client, over: threading.Event) -> tuple[int, list[str]]:
    """What a user meets who clicks again and again: how often what is right, and what else."""
    good, wrong = 0, []
    while True:
        for method, data, mark in (
            ("GET", None, "user ann"),
            ("POST", {"v.Note": f"n{good}", "portico.event": "Say onClick"}, f"said n{good}"),
        ):
            answer = client.request(method, "/app/Home", data=data)
            if answer.status_code == 200 and mark in answer.text:
                good += 1
            else:
                wrong.append(f"{method} {answer.status_code}: {answer.text[:200]}")
        if over.wait(0.1):
            return good, wrong


def test_a_user_without_processes_meets_errors(tmp_path: Path) -> None:
    """The control of the next: nobody listens."""
    over = threading.Event()
    over.set()
    with Nginx(tmp_path / "nginx", [free_port(), free_port()]) as nginx, nginx.browser() as client:
        good, wrong = clicks(client, over)
    assert (good, [words[:8] for words in wrong]) == (0, ["GET 502:", "POST 502"])


@pytest.mark.timeout(400)  # Four starts and ends of processes, on a machine that may be busy.
def test_processes_are_restarted_one_after_the_other(site: Site) -> None:
    """As the page says, under clicks all the time: nobody meets an error."""
    over = threading.Event()
    with site.user() as client, ThreadPoolExecutor(1) as elsewhere:
        acting = elsewhere.submit(clicks, client, over)
        try:
            for server in site.servers:
                server.restart()
                _await_ready(server)
        finally:
            over.set()
        good, wrong = acting.result(60)
    assert not wrong, wrong
    assert good > 10


def _await_ready(server: Server) -> None:
    while httpx.get(f"{server.url}/_portico/ready", trust_env=False, timeout=20).status_code != 200:
        time.sleep(0.05)


def test_operators_addresses(site: Site) -> None:
    """Health and readiness are answered through nginx; metrics only at the addresses of the processes."""
    with site.nginx.browser() as client:
        assert [client.get(f"/_portico/{what}").text for what in ("health", "ready")] == [
            "alive\n",
            "ready\n",
        ]
        assert client.get("/metrics").status_code == 404
    for metrics in site.metrics:
        text = httpx.get(f"http://{metrics}/metrics", trust_env=False, timeout=20).text
        assert {"portico_requests", "portico_sessions"} <= {
            family.name for family in text_string_to_metric_families(text)
        }
