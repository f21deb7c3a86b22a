"""Passwords that scripts hash and compare, by the server: in the script engine that would take seconds of CPU
(hard-cases 36).

They block, so they have threads of their own, a few: who signs in waits for those before, and nobody else.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_never

import bcrypt

from portico.sandbox.digest import Digest

THREADS = 2
#: How many may wait at once.
WAITING = 64
#: What bcrypt reads of a text; the library that scripts know cuts off the rest as well.
_BYTES = 72
#: The highest cost, which takes about a second.
_COST = 14

BUSY = "Too many passwords are being checked right now. Please try again in a moment."
_UNUSABLE = "This is no hash of bcrypt, or one that would take too long."


class Digests:
    """Does it, for all apps of the server."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "digest")
        self._waiting = 0

    def close(self) -> None:
        """Do no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def answer(self, asked: Digest) -> Mapping[str, Any]:
        """What a script gets for what it asked. Never raises for what it gave."""
        found: Mapping[str, Any] = {"ok": False, "value": None, "message": BUSY}
        if self._waiting < WAITING:
            self._waiting += 1
            try:
                value = await asyncio.get_running_loop().run_in_executor(self._threads, _done, asked)
                found = {"ok": True, "value": value, "message": ""}
            except ValueError:
                found = {"ok": False, "value": None, "message": _UNUSABLE}
            finally:
                self._waiting -= 1
        return {"k": "result", "id": asked.id, **found}


def _done(asked: Digest) -> str | bool:
    """Raises ValueError for what is no salt, hash or cost."""
    text = asked.text.encode(errors="replace")[:_BYTES]
    match asked.act:
        case "bcrypt.salt":
            return bcrypt.gensalt(_cost(asked.more), b"2b").decode()
        case "bcrypt.hash":
            salt = (
                _hash(asked.more) if asked.more.startswith("$") else bcrypt.gensalt(_cost(asked.more), b"2b")
            )
            return bcrypt.hashpw(text, salt).decode()
        case "bcrypt.compare":
            # A column of a fixed length has white space after it.
            return bcrypt.checkpw(text, _hash(asked.more.strip()))
        case _:
            assert_never(asked.act)


def _cost(text: str) -> int:
    cost = int(text)
    if not 4 <= cost <= _COST:
        raise ValueError("a cost out of range")
    return cost


def _hash(text: str) -> bytes:
    """What names its own cost, which has to be one that can be paid."""
    parts = text.split("$")
    if len(parts) != 4:
        raise ValueError("no hash of bcrypt")
    _cost(parts[2])
    return text.encode("ascii")
