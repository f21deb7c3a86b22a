"""The uploads of a process: how many, how large, and how long (promise 56)."""

import asyncio
import gc
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portico.clock import Clock
from portico.errors import TooLarge, TooMany
from portico.runtime import uploads as module
from portico.runtime.uploads import Owner, Upload, Uploads

MINE: Owner = ("shop", "lineage", "visit1")
OTHER: Owner = ("shop", "lineage", "visit2")
STRANGER: Owner = ("shop", "", "visit3")


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="held")
def _held(clock: Clock) -> Iterator[Uploads]:
    held = Uploads(clock)
    yield held
    held.close()


async def bytes_of(*parts: bytes) -> AsyncIterator[bytes]:
    """A body that arrives in these parts."""
    for part in parts:
        yield part


async def take(held: Uploads, content: bytes = b"x", owner: Owner = MINE, who: str = "ada") -> Upload:
    """One file."""
    return await held.take(owner, who, "a.txt", bytes_of(content))


def open_files() -> int:
    """File descriptors of this process."""
    gc.collect()
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_what_came_is_what_is_there(held: Uploads) -> None:
    """In parts, small and large; by its owner alone."""
    parts = [bytes([number]) * 100_000 for number in range(20)]
    upload = await held.take(MINE, "ada", "../big.bin", bytes_of(*parts))
    assert await upload.content() == b"".join(parts) == await upload.content()
    assert (upload.name, upload.kind, upload.size) == ("big.bin", "application/octet-stream", 2_000_000)
    assert list(held.of(MINE)) == [upload.id]
    assert held.of(OTHER) == {}
    assert "\\x01\\x01" not in repr(upload)


async def test_no_file_is_written_to_a_path(
    held: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called, the folder for temporary files stays empty, also while it is held."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("../../a", "/etc/passwd", "a\0b", "x" * 4096):
        await held.take(MINE, "ada", name, bytes_of(b"x" * 300_000))
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_a_file_over_the_limit_is_not_read_to_its_end(
    held: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with the part that is too much, and nothing stays."""
    monkeypatch.setattr(module, "FILE_LIMIT", 1000)
    read, before = 0, open_files()

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 400
            yield b"x" * 400

    with pytest.raises(TooLarge):
        await held.take(MINE, "ada", "a", endless())
    assert read == 1200
    assert held.count == 0
    assert open_files() == before


async def test_aborted_uploads_leave_nothing(held: Uploads) -> None:
    """A thousand that end in the middle: no file is open, none is held, no place is taken."""
    before = open_files()

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 300_000
        raise ConnectionResetError

    for _ in range(1000):
        with held.sending("ada"), pytest.raises(ConnectionResetError):
            await held.take(MINE, "ada", "a", broken())
    assert (held.count, open_files()) == (0, before)
    with held.sending("ada"):
        assert (await take(held)).size == 1


async def test_visits_and_visitors_have_limits(held: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """By count and by size; what is over is refused, what is there stays."""
    monkeypatch.setattr(module, "VISIT_FILES", 3)
    monkeypatch.setattr(module, "VISITOR_BYTES", 100)
    for _ in range(3):
        await take(held)
    with pytest.raises(TooMany):
        await take(held)
    with pytest.raises(TooMany):
        await take(held, b"x" * 98, owner=OTHER)
    assert (await take(held, b"x" * 97, owner=OTHER)).size == 97
    assert held.count == 4


async def test_strangers_do_not_fill_the_process(held: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is full, files of visitors without a session give way, oldest first; those of users never."""
    monkeypatch.setattr(module, "PROCESS_FILES", 3)
    mine = await take(held)
    first = await take(held, owner=STRANGER, who="10.0.0.1")
    second = await take(held, owner=STRANGER, who="10.0.0.2")
    await take(held, owner=OTHER)
    assert held.of(STRANGER).keys() == {second.id}
    assert first.file.closed
    await take(held, owner=OTHER)
    assert held.of(MINE).keys() == {mine.id}
    with pytest.raises(TooMany):
        await take(held, owner=STRANGER, who="10.0.0.3")


def test_senders_have_places(held: Uploads) -> None:
    """A few at once for each, some for all; a place is free again afterwards."""
    with held.sending("a"), held.sending("a"), held.sending("a"), held.sending("a"):
        with pytest.raises(TooMany), held.sending("a"):
            pass
        with held.sending("b"):
            pass
    with held.sending("a"):
        pass


async def test_files_end_with_their_visit_their_session_and_their_time(held: Uploads, clock: Clock) -> None:
    """Each in its way; closed, not only forgotten."""
    mine, other, stranger = await take(held), await take(held, owner=OTHER), await take(held, owner=STRANGER)
    held.end(MINE)
    assert (mine.file.closed, held.count) == (True, 2)
    held.end_session("shop", "lineage")
    assert (other.file.closed, held.count) == (True, 1)
    clock.advance(timedelta(minutes=29))
    held.use(STRANGER, frozenset({stranger.id}))
    clock.advance(timedelta(minutes=29))
    held.sweep()
    assert held.count == 1
    clock.advance(timedelta(minutes=2))
    held.sweep()
    assert (held.count, stranger.file.closed) == (0, True)


async def test_files_that_are_not_chosen_go_first(held: Uploads, clock: Clock) -> None:
    """What a visit does not hold any more is let go; what was just sent has a minute to be chosen."""
    kept, dropped = await take(held), await take(held)
    held.use(MINE, frozenset({kept.id}))
    assert held.count == 2
    clock.advance(timedelta(seconds=61))
    held.use(MINE, frozenset({kept.id}))
    assert held.of(MINE).keys() == {kept.id}
    assert dropped.file.closed
