"""What load balancers and supervisors ask."""

import asyncio
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from portico.auth.ports import SessionStore
from portico.testing.serving import free_port
from portico.web.health import Drain, Health
from tests.journeys.servers import EXAMPLES, Server
from tests.stores.redis_servers import RedisProcess, until
from tests.web.contracts import AUTH, BUTTON, written

APP = EXAMPLES / "jwt-login"
COOKIE = {"Cookie": "portico-1.jwt-login=" + "A" * 43 + "." + "A" * 43}


def portico(
    folder: Path, store: str, *options: str, broken: str = "", app: Path = APP, tapped: bool = True
) -> Server:
    """A process with this store."""
    port = free_port()
    return Server(
        ["run", str(app), "--port", str(port), "--store", store, *options],
        port=port,
        log=folder / "portico.log",
        env={"PORTICO_KEY": "k" * 43, "API_URL": "http://127.0.0.1:9"},
        broken=broken,
        tapped=tapped,
    )


def ask(server: Server, what: str) -> httpx.Response:
    """One of the two questions, on a connection of its own."""
    return httpx.get(f"{server.url}/_portico/{what}", trust_env=False, timeout=20, headers=COOKIE)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """A store that can be taken away."""
    with RedisProcess(tmp_path / "redis") as running:
        yield running


def test_a_store_that_is_out_takes_the_process_out_of_rotation(redis: RedisProcess, tmp_path: Path) -> None:
    """It is alive all the time, ready only while the store is. A word is told, and no cookie set."""
    with portico(tmp_path, redis.address) as server:
        assert (ask(server, "ready").status_code, ask(server, "health").status_code) == (200, 200)
        redis.kill()
        until(lambda: ask(server, "ready").status_code == 503)
        refused = ask(server, "ready")
        assert refused.text == "store\n"
        assert "set-cookie" not in refused.headers
        assert refused.headers["cache-control"] == "no-store"
        alive = ask(server, "health")
        assert (alive.status_code, alive.text) == (200, "alive\n")
        assert "set-cookie" not in alive.headers
        redis.start()
        until(lambda: ask(server, "ready").status_code == 200)


class Counted:
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def check(self) -> None:
        """Fine."""
        self.asked += 1
        await asyncio.sleep(0)


@pytest.mark.parametrize(("holds", "checks"), [(60.0, 1), (-1.0, 100)])
async def test_many_questions_are_one_for_the_store(
    monkeypatch: pytest.MonkeyPatch, holds: float, checks: int
) -> None:
    """Whoever asks a hundred times costs no more than one; the control has no memory."""
    monkeypatch.setattr("portico.web.health.HOLDS", holds)
    store = Counted()
    health = Health(cast(SessionStore, store), Drain(), up=lambda: True, apps=lambda: True)
    assert set(await asyncio.gather(*(health.reason() for _ in range(100)))) == {""}
    assert store.asked == checks


def test_health_never_asks_the_store(redis: RedisProcess, tmp_path: Path) -> None:
    """A store that hangs does not have the process killed by its supervisor."""
    with portico(tmp_path, redis.address) as server:
        redis.signal(signal.SIGSTOP)
        try:
            assert ask(server, "health").status_code == 200
            until(lambda: ask(server, "ready").text == "store\n")
        finally:
            redis.signal(signal.SIGCONT)


def _drained(server: Server) -> list[tuple[int, int]]:
    """Told to end, with a request every now and then: the statuses of readiness and of a page, until nobody
    listens any more."""
    process = server._process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    seen = []
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        while process.poll() is None:
            try:
                page = client.get("/jwt-login/LoginPage")
                seen.append((client.get("/_portico/ready").status_code, page.status_code))
            except httpx.TransportError:
                break
    process.wait(30)
    return seen


def test_a_process_that_ends_says_so_first(tmp_path: Path) -> None:
    """Ready answers 503 while pages are still answered; then it ends by itself."""
    server = portico(tmp_path, "memory:", "--drain", "5")
    with server:
        seen = _drained(server)
        assert seen.count((503, 200)) >= 3, seen
        assert (200, 200) not in seen[1:], seen


def test_without_a_drain_it_just_ends(tmp_path: Path) -> None:
    """The control: nobody would be told."""
    with portico(tmp_path, "memory:") as server:
        assert (503, 200) not in _drained(server)[3:]


def told_to_end(server: Server) -> None:
    """Until it says so."""
    assert server._process is not None
    server._process.send_signal(signal.SIGTERM)
    until(lambda: ask(server, "ready").text == "draining\n")


def test_connections_are_not_kept_for_a_process_that_ends(tmp_path: Path) -> None:
    """A proxy that holds one would send the next request over it, to nobody. Before that they are kept."""
    with (
        portico(tmp_path, "memory:", "--drain", "500") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client,
    ):
        paths = ("/_portico/ready", "/jwt-login/LoginPage", "/jwt-login/MainPage", "/no/such")
        assert {client.get(path).headers.get("connection") for path in paths} == {None}
        told_to_end(server)
        assert {client.get(path).headers.get("connection") for path in paths} == {"close"}


@pytest.mark.parametrize(("lingers", "heard"), [(30, True), (0, False)])
def test_who_had_just_come_in_is_heard(lingers: int, heard: bool, tmp_path: Path) -> None:
    """A request over a connection that was there when the process stopped to listen is answered: its proxy
    could not send it elsewhere. The control does not wait for it."""
    broken = f"import portico.cli.serving as serving; serving.LINGERS = {lingers}"
    with portico(tmp_path, "memory:", "--drain", "2", broken=broken, tapped=False) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with connection:
            told_to_end(server)
            until(lambda: not _listens(server))
            try:
                connection.sendall(b"GET /_portico/health HTTP/1.1\r\nHost: a\r\n\r\n")
                answered = connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
            except ConnectionError:
                answered = False
        assert answered is heard
        server.stop(signal.SIGKILL)


def _listens(server: Server) -> bool:
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", server.port)):
        return True
    return False


#: uvicorn's own.
SHORT = "import portico.web.framing as framing; framing.IDLE_SECONDS = 5"


@pytest.mark.parametrize(("broken", "kept"), [("", True), (SHORT, False)])
def test_proxies_let_go_of_connections_first(broken: str, kept: bool, tmp_path: Path) -> None:
    """One that was idle for six seconds is still there; the control closes it, maybe under a request."""
    with (
        portico(tmp_path, "memory:", broken=broken) as server,
        socket.create_connection(("127.0.0.1", server.port)) as connection,
    ):
        connection.sendall(b"GET /_portico/health HTTP/1.1\r\nHost: a\r\n\r\n")
        while not connection.recv(65536).endswith(b"alive\n"):
            pass
        connection.settimeout(6 if kept else 60)
        try:
            assert (connection.recv(1) == b"") is not kept
        except TimeoutError:
            assert kept


SAYS = "title: Open\naccess: public\nwidgets:\n" + BUTTON.format("Say", 'showAlert("said it")')


def test_scripts_run_on_when_all_processes_are_told_to_end(tmp_path: Path) -> None:
    """As supervisors do, and terminals: a process that drains still has its workers, and what they hold."""
    app = written(tmp_path / "app", AUTH, {"pages/Open/page.yaml": SAYS})
    with portico(tmp_path, "memory:", "--drain", "500", app=app) as server:
        assert _says(server)
        workers = psutil.Process(server.pid).children()
        assert workers
        told_to_end(server)
        for worker in workers:
            for number in (signal.SIGTERM, signal.SIGINT):
                worker.send_signal(number)
        assert _says(server)
        assert psutil.Process(server.pid).children() == workers
    assert not psutil.wait_procs(workers, timeout=60)[1]


def _says(server: Server) -> bool:
    """Whether the page's button runs its script."""
    data, headers = {"portico.event": "Say onClick"}, {"Origin": server.url}
    answer = httpx.post(f"{server.url}/app/Open", data=data, headers=headers, trust_env=False, timeout=60)
    return "said it" in answer.text


def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    """Whoever is in a hurry sends the signal again."""
    with portico(tmp_path, "memory:", "--drain", "500") as server:
        process = server._process
        assert process is not None
        told_to_end(server)
        process.send_signal(signal.SIGTERM)
        ended = threading.Event()
        threading.Thread(target=_wait, args=(process, ended), daemon=True).start()
        assert ended.wait(60)


def _wait(process: subprocess.Popen[bytes], ended: threading.Event) -> None:
    process.wait()
    ended.set()
