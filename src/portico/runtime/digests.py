"""Digests, MACs and keys out of passwords that scripts ask for, by the server: in the script engine they
would take seconds of CPU (hard-cases 36).

They block, so they have threads of their own, a few: who signs in waits for those before, and nobody else.
Of one visit one is done at a time, so that nobody has all of the threads.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_never
from weakref import WeakValueDictionary

import bcrypt

from portico.sandbox.digest import Bcrypt, Digest, Hash, HashData, MacData, Pbkdf2, Scrypt, Work

THREADS = 2
#: How many visits may wait at once.
WAITING = 64
#: What bcrypt reads of a text; the library that scripts know cuts off the rest as well.
_BYTES = 72
#: The highest cost, which takes about a second.
_COST = 14
#: As much as that: iterations times the blocks of the key, and what scrypt multiplies.
ITERATIONS = 2_000_000
MIXES = 1 << 21
#: Bytes that scrypt may hold, and bytes of a key.
SCRYPT_BYTES = 64 << 20
KEY_BYTES = 1024

BUSY = "Too many passwords are being checked right now. Please try again in a moment."
_UNUSABLE = "This is no hash of bcrypt, or one that would take too long."
_NAMES: Mapping[Hash, str] = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class Refused(Exception):
    """Nothing that is done for a script; the message says why."""


class Digests:
    """Does it, for all apps of the server."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "digest")
        self._waiting = 0
        #: A lock lives as long as somebody holds it or waits for it.
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def close(self) -> None:
        """Do no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def answer(self, asked: Digest, visit: str) -> Mapping[str, Any]:
        """What a script of this visit gets for what it asked. Never raises for what it gave."""
        line = self._lines.setdefault(visit, asyncio.Lock())
        async with line:
            found: Mapping[str, Any] = {"ok": False, "value": None, "message": BUSY}
            if self._waiting < WAITING:
                self._waiting += 1
                try:
                    value = await asyncio.get_running_loop().run_in_executor(self._threads, done, asked.work)
                    found = {"ok": True, "value": value, "message": ""}
                except Refused as why:
                    found = {"ok": False, "value": None, "message": str(why)}
                finally:
                    self._waiting -= 1
        return {"k": "result", "id": asked.id, **found}


def done(work: Work) -> str | bool:
    """What comes of it: bytes as base64. Raises Refused for what cannot be done, or would take too long."""
    match work:
        case Bcrypt():
            try:
                return _bcrypt(work)
            except ValueError:
                raise Refused(_UNUSABLE) from None
        case HashData():
            return _text(hashlib.new(_NAMES[work.hash], work.data).digest())
        case MacData():
            made = hmac.digest(work.key, work.data, _NAMES[work.hash])
            return _text(made) if work.signature is None else hmac.compare_digest(made, work.signature)
        case Pbkdf2():
            return _text(_pbkdf2(work))
        case Scrypt():
            return _text(_scrypt(work))
        case _:
            assert_never(work)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _pbkdf2(work: Pbkdf2) -> bytes:
    _check_length(work.length)
    name = _NAMES[work.hash]
    blocks = -(-work.length // hashlib.new(name).digest_size)
    if not 1 <= work.iterations * blocks <= ITERATIONS:
        raise Refused(f"PBKDF2: iterations times the blocks of the key must be from 1 to {ITERATIONS}")
    return hashlib.pbkdf2_hmac(name, work.password, work.salt, work.iterations, work.length)


def _scrypt(work: Scrypt) -> bytes:
    _check_length(work.length)
    n, r, p = work.n, work.r, work.p
    if n < 2 or n & (n - 1):
        raise Refused("scrypt: N must be a power of 2, and at least 2")
    if r < 1 or p < 1 or 128 * n * r > SCRYPT_BYTES or n * r * p > MIXES:
        raise Refused(
            f"scrypt: at most {SCRYPT_BYTES >> 20} MiB of memory (128 * N * r), and {MIXES} for N * r * p"
        )
    # What it holds besides: the blocks of all `p`, and some to work with.
    room = 128 * n * r + 128 * r * p + (1 << 20)
    try:
        return hashlib.scrypt(work.password, salt=work.salt, n=n, r=r, p=p, maxmem=room, dklen=work.length)
    except ValueError:
        raise Refused("scrypt: these numbers do not go together") from None


def _check_length(length: int) -> None:
    if not 1 <= length <= KEY_BYTES:
        raise Refused(f"a key has from 1 to {KEY_BYTES} bytes here")


def _bcrypt(work: Bcrypt) -> str | bool:
    """Raises ValueError for what is no salt, hash or cost."""
    text = work.text.encode(errors="replace")[:_BYTES]
    match work.act:
        case "bcrypt.salt":
            return bcrypt.gensalt(_cost(work.more), b"2b").decode()
        case "bcrypt.hash":
            salt = _hash(work.more) if work.more.startswith("$") else bcrypt.gensalt(_cost(work.more), b"2b")
            return bcrypt.hashpw(text, salt).decode()
        case "bcrypt.compare":
            # A column of a fixed length has white space after it.
            return bcrypt.checkpw(text, _hash(work.more.strip()))
        case _:
            assert_never(work.act)


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
