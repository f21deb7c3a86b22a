"""Files that users chose, from their arrival until the visit that they belong to is over (promise 56).

Answers strangers who send much, many, or for ever; names that are paths; types that are not true. What is in
a file lies in a temporary file without a name: no upload is ever written to a path, and what a process held
is gone when it ends. Nothing here is ever sent back to a browser.
"""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO

from portico.clock import Clock
from portico.errors import TooLarge, TooMany
from portico.runtime.upload_kinds import HEAD, kind_of, safe_name

#: Bytes of one file.
FILE_LIMIT = 20 << 20
#: Files and bytes of one visit; of one session, or one address without a session; and of this process.
VISIT_FILES, VISIT_BYTES = 50, 50 << 20
VISITOR_FILES, VISITOR_BYTES = 100, 100 << 20
PROCESS_FILES, PROCESS_BYTES = 2000, 1 << 30
#: Uploads that one session or address, and everybody together, may be sending at once.
VISITOR_SENDING, SENDING = 4, 32
#: How long a file is kept after the last event of its visit.
LIFE = timedelta(minutes=30)
#: Bytes of a file that stay in memory, and that are written to disk in one go.
SPOOL, GULP = 64 << 10, 256 << 10

#: App, lineage of the session or "", and visit.
Owner = tuple[str, str, str]


@dataclass(eq=False, kw_only=True, slots=True)
class Upload:
    """One file. `who` sent it: the lineage of a session, or an address. `name` is safe to show, and no path;
    `kind` is the media type that its content has, whatever the browser said."""

    id: str
    owner: Owner
    who: str
    name: str
    kind: str
    size: int
    file: IO[bytes] = field(repr=False)
    used: datetime
    reading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def content(self) -> bytes:
        """All of it."""
        async with self.reading:
            return await asyncio.to_thread(_whole, self.file)


class Uploads:
    """The uploads that this process holds; `tag` begins their ids, so that others know whose they are."""

    def __init__(self, clock: Clock) -> None:
        self.tag = secrets.token_hex(4)
        self._clock = clock
        self._held: dict[str, Upload] = {}
        self._sending: dict[str, int] = {}

    # Arriving

    @contextmanager
    def sending(self, who: str) -> Iterator[None]:
        """Holds a place for one who sends. Raises TooMany."""
        if self._sending.get(who, 0) >= VISITOR_SENDING or sum(self._sending.values()) >= SENDING:
            raise TooMany("too many uploads at once")
        self._sending[who] = self._sending.get(who, 0) + 1
        try:
            yield
        finally:
            self._sending[who] -= 1
            if not self._sending[who]:
                del self._sending[who]

    async def take(self, owner: Owner, who: str, name: str, chunks: AsyncIterator[bytes]) -> Upload:
        """A file as it arrives. Raises TooLarge as soon as it is, and TooMany; nothing is then kept."""
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115  # lives on
        try:
            size, head, waiting = 0, b"", b""
            async for chunk in chunks:
                size += len(chunk)
                if size > FILE_LIMIT:
                    raise TooLarge("a file over the limit")
                head += chunk[: HEAD - len(head)]
                waiting += chunk
                if len(waiting) >= GULP:
                    self._make_room(owner, who, size)
                    await asyncio.to_thread(file.write, waiting)
                    waiting = b""
            self._make_room(owner, who, size)
            await asyncio.to_thread(file.write, waiting)
        except BaseException:
            file.close()
            raise
        return self._keep(owner, who, name, head, size, file)

    async def adopt(self, owner: Owner, who: str, name: str, file: IO[bytes], size: int) -> Upload:
        """A file that a form brought whole; it is closed if it is not kept. Raises TooLarge, TooMany."""
        try:
            if size > FILE_LIMIT:
                raise TooLarge("a file over the limit")
            self._make_room(owner, who, size)
            head = await asyncio.to_thread(_head, file)
        except BaseException:
            file.close()
            raise
        return self._keep(owner, who, name, head, size, file)

    def _keep(self, owner: Owner, who: str, name: str, head: bytes, size: int, file: IO[bytes]) -> Upload:
        name = safe_name(name)
        upload = Upload(
            id=self.tag + secrets.token_hex(16),
            owner=owner,
            who=who,
            name=name,
            kind=kind_of(name, head),
            size=size,
            file=file,
            used=self._clock.now(),
        )
        self._held[upload.id] = upload
        return upload

    def _make_room(self, owner: Owner, who: str, size: int) -> None:
        """Raises TooMany where this would be too much; what is not used any more goes first, and then what
        was used longest ago by those who are nobody's guests."""
        self.sweep()
        for mine, files, most in (
            ([held for held in self._held.values() if held.owner == owner], VISIT_FILES, VISIT_BYTES),
            ([held for held in self._held.values() if held.who == who], VISITOR_FILES, VISITOR_BYTES),
        ):
            if len(mine) >= files or sum(held.size for held in mine) + size > most:
                raise TooMany("too many files of one visitor")
        while len(self._held) >= PROCESS_FILES or self._bytes + size > PROCESS_BYTES:
            strangers = [held for held in self._held.values() if not held.owner[1] and held.who != who]
            if not strangers:
                raise TooMany("too many files")
            self._drop(min(strangers, key=lambda held: held.used))

    @property
    def _bytes(self) -> int:
        return sum(held.size for held in self._held.values())

    # Being there

    def of(self, owner: Owner) -> dict[str, Upload]:
        """The files of a visit, by their ids."""
        return {held.id: held for held in self._held.values() if held.owner == owner}

    def use(self, owner: Owner, ids: frozenset[str]) -> None:
        """A visit goes on with these of its files. Others of its are let go once they had the time to be
        chosen."""
        now = self._clock.now()
        for held in self.of(owner).values():
            if held.id in ids:
                held.used = now
            elif now - held.used > timedelta(minutes=1):
                self._drop(held)

    # Going

    def end(self, owner: Owner) -> None:
        """A visit is over."""
        for held in self.of(owner).values():
            self._drop(held)

    def end_session(self, slug: str, lineage: str) -> None:
        """All visits of a session are."""
        for held in list(self._held.values()):
            if held.owner[:2] == (slug, lineage):
                self._drop(held)

    def sweep(self) -> None:
        """Let go of what nobody used for long."""
        now = self._clock.now()
        for held in list(self._held.values()):
            if now - held.used > LIFE:
                self._drop(held)

    def close(self) -> None:
        """Let go of everything."""
        for held in list(self._held.values()):
            self._drop(held)

    @property
    def count(self) -> int:
        """How many are held."""
        return len(self._held)

    def _drop(self, upload: Upload) -> None:
        self._held.pop(upload.id, None)
        upload.file.close()


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(HEAD)
