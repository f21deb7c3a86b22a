"""Promise 59: the log has frames, never what an exception says, whoever logs it."""

import asyncio
import gc
import logging
from collections.abc import Iterator

import pytest

from portico.cli import log
from portico.clock import Clock

SAID = "cNrY0123456789abcdef"


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """The log of `portico run`, for one test."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


async def _fails() -> None:
    raise RuntimeError(SAID) from ValueError(SAID)


async def _forgotten() -> None:
    task = asyncio.ensure_future(_fails())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_soon(_breaks, SAID)
    await asyncio.sleep(0)


def _breaks(said: str) -> None:
    raise RuntimeError(said)


def test_asyncio_does_not_say_what_an_exception_says(capfd: pytest.CaptureFixture[str]) -> None:
    """A task whose exception nobody fetched, and a callback that failed with its arguments."""
    log.configure(Clock())
    asyncio.run(_forgotten())
    gc.collect()
    said = capfd.readouterr().err
    assert '"event": "Task exception was never retrieved"' in said
    assert '"event": "Exception in callback _breaks"' in said
    assert "_fails" in said
    assert SAID not in said


def test_a_record_that_cannot_be_written_says_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Should the formatter fail while an exception is logged, `logging` would print both."""

    class Broken(Clock):
        def now(self) -> None:  # type: ignore[override]
            raise OSError("no time")

    log.configure(Broken())
    try:
        raise RuntimeError(SAID)
    except RuntimeError:
        logging.getLogger("portico.web").exception("problem")
    said = capfd.readouterr().err
    assert said == '{"level": "error", "logger": "portico.web", "event": "not logged"}\n'
    # The control: the handler of the library says all of it.
    logging.getLogger().handlers[0].__class__ = logging.StreamHandler
    try:
        raise RuntimeError(SAID)
    except RuntimeError:
        logging.getLogger("portico.web").exception("problem")
    assert SAID in capfd.readouterr().err
