"""Digests, MACs and keys that the server computes for scripts: right, within limits, and in turn."""

import asyncio
import base64
import hashlib
import threading
from collections.abc import AsyncIterator

import pytest

from portico.runtime import digests
from portico.runtime.digests import Digests, Refused, done
from portico.sandbox.digest import Bcrypt, Digest, Hash, HashData, MacData, Pbkdf2, Scrypt, Work

#: FIPS 180-4: the message "abc".
ABC: dict[Hash, str] = {
    "SHA-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SHA-384": (
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    ),
    "SHA-512": (
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
}
#: RFC 4231, test case 2, with the HMAC of SHA-1 of RFC 2202.
MACS: dict[Hash, str] = {
    "SHA-1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "SHA-256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "SHA-384": (
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
    ),
    "SHA-512": (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    ),
}
#: RFC 6070 (SHA-1) and RFC 7914, section 11 (SHA-256).
KEYS: list[tuple[Pbkdf2, str]] = [
    (
        Pbkdf2(hash="SHA-1", password=b"password", salt=b"salt", iterations=1, length=20),
        "0c60c80f961f0e71f3a9b524af6012062fe037a6",
    ),
    (
        Pbkdf2(hash="SHA-1", password=b"password", salt=b"salt", iterations=4096, length=20),
        "4b007901b765489abead49d926f721d065a429c1",
    ),
    (
        Pbkdf2(
            hash="SHA-1",
            password=b"passwordPASSWORDpassword",
            salt=b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
            iterations=4096,
            length=25,
        ),
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    ),
    (
        Pbkdf2(hash="SHA-1", password=b"pass\0word", salt=b"sa\0lt", iterations=4096, length=16),
        "56fa6aa75548099dcc37d7f03425e0c3",
    ),
    (
        Pbkdf2(hash="SHA-256", password=b"Password", salt=b"NaCl", iterations=80000, length=64),
        (
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"
        ),
    ),
]
#: RFC 7914, section 12; the last of its vectors takes 1 GiB.
SCRYPTS: list[tuple[Scrypt, str]] = [
    (
        Scrypt(password=b"", salt=b"", n=16, r=1, p=1, length=64),
        (
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
    ),
    (
        Scrypt(password=b"password", salt=b"NaCl", n=1024, r=8, p=16, length=64),
        (
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
    ),
    (
        Scrypt(password=b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, length=64),
        (
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ),
]
VECTORS: list[tuple[Work, str]] = [
    *((HashData(hash=name, data=b"abc"), made) for name, made in ABC.items()),
    *(
        (MacData(hash=name, key=b"Jefe", data=b"what do ya want for nothing?"), made)
        for name, made in MACS.items()
    ),
    *KEYS,
    *SCRYPTS,
]


@pytest.mark.parametrize(("work", "expected"), VECTORS, ids=[repr(work) for work, _ in VECTORS])
def test_vectors_of_the_standards(work: Work, expected: str) -> None:
    """FIPS 180-4, RFC 2202, 4231, 6070 and 7914."""
    made = done(work)
    assert isinstance(made, str)
    assert base64.b64decode(made).hex() == expected


def test_a_mac_is_compared() -> None:
    """As a whole: a beginning of it is not enough."""
    right = bytes.fromhex(MACS["SHA-256"])
    for signature, expected in ((right, True), (right[:-1], False), (right + b"\0", False), (b"", False)):
        work = MacData(hash="SHA-256", key=b"Jefe", data=b"what do ya want for nothing?", signature=signature)
        assert done(work) is expected


def pbkdf2(hash_: Hash, iterations: int, length: int) -> Pbkdf2:
    return Pbkdf2(hash=hash_, password=b"p", salt=b"s", iterations=iterations, length=length)


def scrypt(n: int, r: int, p: int, length: int = 32) -> Scrypt:
    return Scrypt(password=b"p", salt=b"s", n=n, r=r, p=p, length=length)


@pytest.mark.parametrize(
    "work",
    [
        pbkdf2("SHA-256", digests.ITERATIONS + 1, 32),
        pbkdf2("SHA-256", digests.ITERATIONS // 2 + 1, 33),
        pbkdf2("SHA-512", digests.ITERATIONS // 16, digests.KEY_BYTES + 1),
        pbkdf2("SHA-1", 0, 20),
        pbkdf2("SHA-1", 1, 0),
        scrypt(0, 1, 1),
        scrypt(1, 1, 1),
        scrypt(3, 1, 1),
        scrypt(2, 0, 1),
        scrypt(2, 1, 0),
        scrypt(1 << 17, 8, 1),
        scrypt(2, 1 << 18 | 1, 1),
        scrypt(1 << 16, 8, 5),
        scrypt(2, 1, 1 << 21),
        scrypt(2, 1, 1, digests.KEY_BYTES + 1),
    ],
    ids=repr,
)
def test_what_takes_too_long_or_too_much_is_refused(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything of it is done, whoever asked: the worker that checked it first is not believed."""

    def no(*args: object, **kwargs: object) -> bytes:
        raise AssertionError("it was done")

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", no)
    monkeypatch.setattr(hashlib, "scrypt", no)
    with pytest.raises(Refused):
        done(work)


@pytest.mark.parametrize(
    "work",
    [
        pbkdf2("SHA-256", digests.ITERATIONS, 32),
        pbkdf2("SHA-256", digests.ITERATIONS // 2, 33),
        pbkdf2("SHA-512", digests.ITERATIONS // 16, digests.KEY_BYTES),
        scrypt(1 << 16, 8, 1),
        scrypt(1 << 16, 8, 4),
        scrypt(2, 1 << 18, 1),
        scrypt(2, 1, 1 << 20),
    ],
    ids=repr,
)
def test_control_what_is_just_within_the_limits_is_done(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the limits are where they are said to be."""
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *args: b"made")
    monkeypatch.setattr(hashlib, "scrypt", lambda *args, **kwargs: b"made")
    assert done(work) == base64.b64encode(b"made").decode()


@pytest.mark.parametrize(("n", "r", "p"), [(1 << 16, 8, 1), (2, 1, 1), (2, 1, 1 << 10), (1 << 10, 1, 1 << 6)])
def test_scrypt_is_given_the_memory_that_its_limits_allow(n: int, r: int, p: int) -> None:
    """The library refuses what needs more than it is told; nothing that passes our limits does."""
    assert isinstance(done(scrypt(n, r, p)), str)


# ---- In turn


def ask(name: str) -> Digest:
    return Digest(id=name, ev=None, work=HashData(hash="SHA-1", data=name.encode()))


class Gate:
    """Holds the threads until it is opened, and notes what they were given."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.opened = threading.Event()

    def __call__(self, work: Work) -> str:
        assert isinstance(work, HashData)
        self.begun.append(work.data.decode())
        assert self.opened.wait(30)
        return "done"


@pytest.fixture(name="gate")
def closed_gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(digests, "done", gate)
    return gate


@pytest.fixture(name="server")
async def of_the_server() -> AsyncIterator[Digests]:
    found = Digests()
    yield found
    found.close()


async def begun(gate: Gate, *names: str) -> None:
    """Wait until these, and only these, have begun."""
    for _ in range(1000):
        if len(gate.begun) >= len(names):
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert sorted(gate.begun) == sorted(names)


async def test_of_one_visit_one_is_done_at_a_time(gate: Gate, server: Digests) -> None:
    """However much it asks for, the other thread is for others."""
    greedy = [asyncio.create_task(server.answer(ask(f"greedy {n}"), "greedy")) for n in range(20)]
    await begun(gate, "greedy 0")
    other = asyncio.create_task(server.answer(ask("other"), "other"))
    await begun(gate, "greedy 0", "other")
    gate.opened.set()
    answers = await asyncio.gather(other, *greedy)
    assert [answer["id"] for answer in answers] == ["other", *(f"greedy {n}" for n in range(20))]
    assert all(answer["ok"] for answer in answers)
    assert gate.begun[2:] == [f"greedy {n}" for n in range(1, 20)]


async def test_control_visits_without_a_line_of_their_own_take_all_threads(
    gate: Gate, server: Digests
) -> None:
    """Where each asks as a visit of its own, both threads are taken, and the next one waits."""
    tasks = [asyncio.create_task(server.answer(ask(f"one {n}"), f"one {n}")) for n in range(3)]
    await begun(gate, "one 0", "one 1")
    gate.opened.set()
    await asyncio.gather(*tasks)


async def test_who_goes_leaves_the_line(gate: Gate, server: Digests) -> None:
    """What a closed visit waited for is not done, and nothing of the visit is kept."""
    first = asyncio.create_task(server.answer(ask("first"), "visit"))
    await begun(gate, "first")
    second = asyncio.create_task(server.answer(ask("second"), "visit"))
    third = asyncio.create_task(server.answer(ask("third"), "visit"))
    await asyncio.sleep(0)
    second.cancel()
    gate.opened.set()
    assert (await first)["ok"]
    assert (await third)["ok"]
    assert gate.begun == ["first", "third"]
    del first, second, third
    assert dict(server._lines) == {}


async def test_many_visits_at_once_are_told_so(
    gate: Gate, server: Digests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds too many waiting does not wait too; one visit counts once."""
    monkeypatch.setattr(digests, "WAITING", 2)
    greedy = [asyncio.create_task(server.answer(ask(f"greedy {n}"), "greedy")) for n in range(5)]
    other = asyncio.create_task(server.answer(ask("other"), "other"))
    await begun(gate, "greedy 0", "other")
    late = await server.answer(ask("late"), "late")
    assert (late["ok"], late["message"]) == (False, digests.BUSY)
    gate.opened.set()
    assert all(answer["ok"] for answer in await asyncio.gather(other, *greedy))


async def test_a_refusal_is_an_answer(server: Digests) -> None:
    """With its reason, and without what was asked."""
    refused = await server.answer(Digest(id="g1.1", ev=None, work=scrypt(3, 1, 1)), "visit")
    message = "scrypt: N must be a power of 2, and at least 2"
    assert refused == {"k": "result", "id": "g1.1", "ok": False, "value": None, "message": message}
    junk = Digest(id="g1.2", ev=None, work=Bcrypt(act="bcrypt.compare", text="a", more="b"))
    assert (await server.answer(junk, "visit"))["message"].startswith("This is no hash of bcrypt")
