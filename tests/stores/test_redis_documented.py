"""Redis as `docs/deploy.md` and `docs/stores.md` set it up: its settings, and a user who may do no more than
Portico needs."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.testing.stores import CHECKS, Check
from tests.documented import DOCS, block, replaced
from tests.stores.redis_servers import BINARIES, RedisProcess
from tests.stores.trials import open_at, redis_trial

WORD = "A-LONG-PASSWORD"
#: Somebody who may empty the server between two tests.
ADMIN = "user admin on >admin ~* &* +@all\n"


def settings() -> str:
    """Those of the page without TLS, which the servers of the tests were built without; a proxy speaks it
    for them in `test_redis_opening.py`."""
    lines = block("deploy.md", having="appendonly").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("tls-", "port "))) + "\n"


def rights() -> str:
    """What the user of the page may do."""
    (found,) = re.findall(rf"^user portico on >{WORD} (.*)$", settings(), re.MULTILINE)
    return str(found)


class Documented(RedisProcess):
    """A server with these lines in its file, reached as the user `portico`."""

    def __init__(self, folder: Path, lines: str, *, binary: str) -> None:
        super().__init__(folder, binary=binary)
        self._lines = folder.with_suffix(".conf")
        self._lines.write_text(lines + ADMIN)
        self.settings = {"bind": "127.0.0.1", "dir": str(folder), "include": str(self._lines)}
        self.redis.close()
        self.redis = Redis(port=self.port, username="admin", password="admin")

    @property
    def address(self) -> str:
        """As `--store` takes it."""
        return f"redis://portico:{WORD}@127.0.0.1:{self.port}/0"


@pytest.fixture(scope="module", params=BINARIES)
def binary(request: pytest.FixtureRequest) -> str:
    """Redis, and Valkey."""
    return str(request.param)


@pytest.fixture(scope="module")
def server(binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """As the page says."""
    with Documented(tmp_path_factory.mktemp("redis"), settings(), binary=binary) as running:
        yield running


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_its_user_is_enough(server: Documented, check: Check) -> None:
    """For the whole of the suite."""
    async with redis_trial(server) as trial:
        await check(trial)


async def test_its_settings_are_what_portico_wants(
    server: Documented, caplog: pytest.LogCaptureFixture
) -> None:
    """Portico, which may read them, has nothing to warn of."""
    await open_at(server, Clock()).close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "command",
    ["FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG SET maxmemory 1", "ACL LIST", "SET other:key 1", "SHUTDOWN"],
)
def test_its_user_can_do_no_harm(server: Documented, command: str) -> None:
    """To what belongs to others, or to the server."""
    with (
        Redis(port=server.port, username="portico", password=WORD) as client,
        pytest.raises(NoPermissionError),
    ):
        client.execute_command(*command.split())


def test_nobody_else_gets_in(server: Documented) -> None:
    """The user that every server has is off."""
    with Redis(port=server.port) as client, pytest.raises(Exception, match=r"[Aa]uth"):
        client.ping()


@pytest.mark.parametrize("right", ["+@read", "+@write", "+@scripting", "+info"])
async def test_no_right_is_there_for_nothing(right: str, binary: str, tmp_path: Path) -> None:
    """The control: without any one of them the suite fails."""
    lines = replaced(settings(), {f" {right}": ""})
    with Documented(tmp_path / "redis", lines, binary=binary) as server, pytest.raises(StoreUnavailable):
        await _conform(server)


async def _conform(server: Documented) -> None:
    for check in CHECKS:
        async with redis_trial(server) as trial:
            await check(trial)


def test_both_pages_name_the_same_rights() -> None:
    """The one on stores gives reasons."""
    text = (DOCS / "stores.md").read_text()
    assert f"`{rights().removesuffix(' +config|get')}`" in text
