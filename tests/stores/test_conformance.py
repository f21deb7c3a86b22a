"""The shipped suite over the shipped stores."""

from pathlib import Path

import pytest

from portico.testing.stores import CHECKS, Check, conform
from tests.stores.trials import Opener, memory_trial, sqlite_trial


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("open_trial", [memory_trial, sqlite_trial])
async def test_store_conforms(open_trial: Opener, check: Check, tmp_path: Path) -> None:
    """Each promise of the ports holds for each store, SQLite through two connections."""
    async with open_trial(tmp_path) as trial:
        await check(trial)


async def test_conform_runs_the_whole_suite(tmp_path: Path) -> None:
    """Without a test framework, one call does the same."""
    await conform(lambda: memory_trial(tmp_path))
