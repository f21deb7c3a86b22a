"""Work beside requests does not end in silence."""

import asyncio
import logging

import pytest

from portico.web import background


async def test_work_that_fails_is_logged_and_begins_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also after the second time; a cancellation ends it."""
    monkeypatch.setattr(background, "PAUSE", 0.0)
    going = asyncio.Event()
    failures = [KeyError("first"), RuntimeError("second")]

    async def work() -> None:
        if failures:
            raise failures.pop(0)
        going.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(background.lasting(work))
    async with asyncio.timeout(10):
        await going.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    failed = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info[0] for record in failed if record.exc_info] == [KeyError, RuntimeError]
