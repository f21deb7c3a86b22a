"""Attempts to sign in are counted by all processes together, and a restart forgives none (P71)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes.alternating import Cluster, cluster
from tests.processes.test_alternating import client_of
from tests.stores.shared import KINDS, store
from tests.web.contracts import AUTH, AuthApi, Reply, written
from tests.web.posts import Tab

#: Nothing comes back while a slow machine is at it.
FROZEN = """
from datetime import UTC, datetime
from portico.clock import Clock
Clock.now = lambda self: datetime(2030, 1, 1, tzinfo=UTC)
"""
APART = """
from portico.runtime.attempts import Attempts
from portico.stores.memory import Memory, MemoryTally
begin = Attempts.__init__
Attempts.__init__ = lambda self, tally, key: begin(self, MemoryTally(Memory(Clock())), key)
"""
MOST = 10


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API that refuses everybody."""
    with AuthApi() as running:
        running.answers["/login"] = lambda _: Reply(status=401, body={"message": "wrong"})
        yield running


@contextmanager
def pair(kind: str, api: AuthApi, folder: Path, broken: str = "") -> Iterator[Cluster]:
    """Two processes whose clocks stand still."""
    app, settings = written(folder / "app", AUTH, None), {"API_URL": api.url}
    with (
        store(kind, folder) as address,
        cluster([app], store=address, folder=folder, settings=settings, broken=FROZEN + broken) as running,
    ):
        yield running


def guessed(running: Cluster, count: int) -> list[str]:
    """What somebody is told who guesses a password so often, in turn at each process."""
    with client_of(running) as client:
        tab = Tab(client, "/app/Enter")
        return [tab.post("SignIn", Email="ann@x.org")["alerts"][0] for _ in range(count)]


def count_together(running: Cluster, api: AuthApi) -> None:
    """Ten reach the auth API, whichever process they come to, and no more after a restart."""
    said = guessed(running, MOST + 4)
    assert running.answered() == {0, 1}
    assert said[:MOST] == ["wrong"] * MOST
    assert all(words.startswith("Too many attempts") for words in said[MOST:])
    for server in running.servers:
        server.stop()
        server.start()
    assert guessed(running, 1)[0].startswith("Too many attempts")
    assert api.count("/login") == MOST


@pytest.mark.parametrize("kind", KINDS)
def test_processes_count_together(kind: str, api: AuthApi, tmp_path: Path) -> None:
    """On one file, and on one Redis."""
    with pair(kind, api, tmp_path) as running:
        count_together(running, api)


def test_control_processes_that_count_apart(api: AuthApi, tmp_path: Path) -> None:
    """Each would let ten through."""
    with pair("sqlite", api, tmp_path, APART) as running, pytest.raises(AssertionError):
        count_together(running, api)
    assert api.count("/login") > MOST
