"""The shipped suite over the shipped stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portico.testing.stores import CHECKS, Check, conform
from tests.stores.redis_servers import BINARIES, RedisProcess
from tests.stores.trials import Opener, memory_trial, redis_trial, sqlite_trial

_each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@_each_check
@pytest.mark.parametrize("open_trial", [memory_trial, sqlite_trial])
async def test_store_conforms(open_trial: Opener, check: Check, tmp_path: Path) -> None:
    """Each promise of the ports holds for each store, SQLite through two connections."""
    async with open_trial(tmp_path) as trial:
        await check(trial)


@pytest.fixture(scope="module", params=BINARIES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisProcess]:
    """A Redis and a Valkey server."""
    with RedisProcess(tmp_path_factory.mktemp("redis"), binary=request.param) as running:
        yield running


@_each_check
async def test_redis_conforms(server: RedisProcess, check: Check) -> None:
    """Through two clients, on the oldest server that is supported and on a new one."""
    async with redis_trial(server) as trial:
        await check(trial)


async def test_conform_runs_the_whole_suite(tmp_path: Path) -> None:
    """Without a test framework, one call does the same."""
    await conform(lambda: memory_trial(tmp_path))
