"""What scripts have the server compute, as it would take the script engine seconds: digests, MACs, and keys
out of passwords."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from portico.errors import ScriptFailed
from portico.sandbox.answer import Fields

BcryptAct = Literal["bcrypt.hash", "bcrypt.compare", "bcrypt.salt"]
BCRYPT_ACTS: tuple[BcryptAct, ...] = ("bcrypt.hash", "bcrypt.compare", "bcrypt.salt")
Hash = Literal["SHA-1", "SHA-256", "SHA-384", "SHA-512"]
HASHES: tuple[Hash, ...] = ("SHA-1", "SHA-256", "SHA-384", "SHA-512")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bcrypt:
    """`text` is the password, `more` the hash that it is compared with, the salt, or the cost."""

    act: BcryptAct
    text: str = field(repr=False)
    more: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HashData:
    """The digest of some data."""

    hash: Hash
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class MacData:
    """The HMAC of some data; or, with a `signature`, whether that is it."""

    hash: Hash
    key: bytes = field(repr=False)
    data: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pbkdf2:
    """`length` bytes of PBKDF2 with an HMAC."""

    hash: Hash
    password: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    iterations: int
    length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scrypt:
    """`length` bytes of scrypt; `n`, `r` and `p` as in RFC 7914."""

    password: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    n: int
    r: int
    p: int
    length: int


Work = Bcrypt | HashData | MacData | Pbkdf2 | Scrypt


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A request: do the work, and answer with an input `result` that carries `id`, bytes as base64."""

    id: str
    ev: str | None
    work: Work


def read_digest(fields: Fields, ev: str | None) -> Digest:
    """One, in a worker's answer."""
    act = fields.one_of("act", tuple(READERS))
    return Digest(id=fields.text("id"), ev=ev, work=READERS[act](fields))


def _bcrypt(fields: Fields) -> Work:
    act = fields.one_of("act", BCRYPT_ACTS)
    return Bcrypt(act=act, text=fields.text("text"), more=fields.text("more"))


def _hash(fields: Fields) -> Work:
    return HashData(hash=fields.one_of("hash", HASHES), data=_bytes(fields, "data"))


def _mac(fields: Fields) -> Work:
    return MacData(
        hash=fields.one_of("hash", HASHES),
        key=_bytes(fields, "key"),
        data=_bytes(fields, "data"),
        signature=_bytes(fields, "signature") if "signature" in fields.values else None,
    )


def _pbkdf2(fields: Fields) -> Work:
    return Pbkdf2(
        hash=fields.one_of("hash", HASHES),
        password=_bytes(fields, "password"),
        salt=_bytes(fields, "salt"),
        iterations=fields.count("iterations"),
        length=fields.count("length"),
    )


def _scrypt(fields: Fields) -> Work:
    return Scrypt(
        password=_bytes(fields, "password"),
        salt=_bytes(fields, "salt"),
        n=fields.count("N"),
        r=fields.count("r"),
        p=fields.count("p"),
        length=fields.count("dkLen"),
    )


def _bytes(fields: Fields, name: str) -> bytes:
    try:
        return base64.b64decode(fields.text(name), validate=True)
    except (binascii.Error, ValueError):
        raise ScriptFailed(f"the worker's answer has no proper {name}") from None


READERS: Mapping[str, Callable[[Fields], Work]] = {
    **dict.fromkeys(BCRYPT_ACTS, _bcrypt),
    "hash": _hash,
    "mac": _mac,
    "pbkdf2": _pbkdf2,
    "scrypt": _scrypt,
}
