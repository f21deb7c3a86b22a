"""Embedded auth server: accounts, password hashes, and the pool they are made in."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from portico.authserver.accounts import Accounts, Taken
from portico.authserver.database import Database
from portico.authserver.passwords import HashingBusy, Passwords
from portico.authserver.settings import HashCost, NewAccount
from portico.clock import Clock
from portico.values import Secret
from tests.authserver.servers import ANNA, CHEAP, DEFAULTS, envelope, running

RIGHT, WRONG = Secret("correct horse"), Secret("wrong")


class CountingHasher(PasswordHasher):
    """A real hasher that counts the passwords it worked on."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checks = 0
        self.hashes = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashes += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.checks += 1
        return super().verify(hash, password)


@asynccontextmanager
async def accounts_over(
    path: Path | None = None, *, cost: HashCost = CHEAP, hasher: PasswordHasher | None = None
) -> AsyncIterator[Accounts]:
    """Accounts over a database and a pool of their own."""
    database, passwords = Database(path), Passwords(cost, hasher)
    await database.open()
    await passwords.open()
    try:
        yield Accounts(database, passwords, Clock())
    finally:
        passwords.close()
        await database.close()


def stored_hash(path: Path, username: str = "anna") -> str:
    """What the database keeps for a password."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(
            "SELECT password_hash FROM users WHERE username = ?", (username,)
        ).fetchone()
        return str(found[0])
    finally:
        connection.close()


async def test_default_cost(tmp_path: Path) -> None:
    """P72: with default settings the stored hash is argon2id, 19 MiB, two passes, one lane."""
    path = tmp_path / "auth.db"
    async with accounts_over(path, cost=HashCost()) as accounts:
        await accounts.add(ANNA)
    parameters = extract_parameters(stored_hash(path))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)


async def test_rehash_when_weaker(tmp_path: Path) -> None:
    """P72: a right password replaces a hash weaker than today's, and neither an equal nor a stronger one."""
    path = tmp_path / "auth.db"
    async with accounts_over(path) as accounts:
        await accounts.add(ANNA)
    weak = stored_hash(path)
    async with accounts_over(path, cost=replace(CHEAP, memory_kib=64, passes=2)) as accounts:
        assert not await accounts.verify(await accounts.find("anna"), WRONG)
        assert stored_hash(path) == weak
        assert await accounts.verify(await accounts.find("anna"), RIGHT)
    strong = stored_hash(path)
    parameters = extract_parameters(strong)
    assert (parameters.memory_cost, parameters.time_cost) == (64, 2)
    async with accounts_over(path) as accounts:
        assert await accounts.verify(await accounts.find("anna"), RIGHT)
    assert stored_hash(path) == strong


async def test_two_sign_ins_that_both_rehash(tmp_path: Path) -> None:
    """P72: of two right passwords at one moment one replaces the hash, and both know what is stored."""
    path = tmp_path / "auth.db"
    async with accounts_over(path) as accounts:
        await accounts.add(ANNA)
    async with accounts_over(path, cost=replace(CHEAP, memory_kib=64)) as accounts:
        weak = await accounts.find("anna")
        right, *others = await asyncio.gather(
            *(accounts.authenticate(weak, password) for password in (RIGHT, RIGHT, WRONG))
        )
    stored = Secret(stored_hash(path))
    assert [known and known.password_hash for known in (right, *others)] == [stored, stored, None]


async def test_unknown_user_costs_a_hash_too() -> None:
    """P67: a check for nobody does the same work as one for somebody, on a hash of the same cost."""
    hasher = CountingHasher()
    async with accounts_over(hasher=hasher) as accounts:
        await accounts.add(ANNA)
        for identifier in ("anna", "nobody"):
            before = hasher.checks
            assert not await accounts.verify(await accounts.find(identifier), WRONG)
            assert hasher.checks == before + 1, identifier


async def test_a_taken_address_costs_a_hash_too() -> None:
    """P67, P68: to add an account costs the same whether or not its address has one."""
    hasher = CountingHasher()
    async with accounts_over(hasher=hasher) as accounts:
        before = hasher.hashes
        await accounts.add(ANNA)
        assert hasher.hashes == before + 1
        with pytest.raises(Taken):
            await accounts.add(ANNA)
        assert hasher.hashes == before + 2


async def test_the_count_notices_a_shortcut() -> None:
    """Positive control: accounts that answer at once for nobody do less work, and the count shows it."""

    class Hasty(Accounts):
        async def verify(self, credentials: object, password: Secret) -> bool:
            return credentials is not None

    hasher = CountingHasher()
    async with accounts_over(hasher=hasher) as accounts:
        hasty = Hasty(accounts._database, accounts._passwords, Clock())
        before = hasher.checks
        assert not await hasty.verify(await hasty.find("nobody"), WRONG)
        assert hasher.checks == before


async def test_no_password_opens_an_account_that_is_not_there() -> None:
    """The hash that stands in for nobody has a password, too, and it opens nothing."""

    class Yes(CountingHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            return True

    async with accounts_over(hasher=Yes()) as accounts:
        assert not await accounts.verify(await accounts.find("nobody"), RIGHT)


async def test_long_passwords_count_whole() -> None:
    """P74: two passwords that differ only after 72 bytes are two passwords."""
    long = "x" * 100
    async with accounts_over() as accounts:
        await accounts.add(NewAccount(username="long", email="long@example.com", password=Secret(long + "1")))
        credentials = await accounts.find("long")
        assert not await accounts.verify(credentials, Secret(long + "2"))
        assert await accounts.verify(credentials, Secret(long + "1"))


async def test_seed_accounts_are_as_declared(tmp_path: Path) -> None:
    """An account of the settings has their password and address at every start, and keeps its id.

    P77: its sessions last from start to start, until the settings give it another password.
    """
    path = tmp_path / "auth.db"
    changed = replace(ANNA, email="new@example.com", password=Secret("open sesame"))
    async with running(replace(DEFAULTS, database=path)) as server:
        first = (await server.sign_in()).json()["user"]
        _, refresh = await server.tokens()
    unchanged = stored_hash(path)
    async with running(replace(DEFAULTS, database=path)) as server:
        refresh = (await server.refresh(refresh)).json()["refreshToken"]
        assert (await server.sign_in()).json()["user"]["documentId"] == first["documentId"]
    assert stored_hash(path) == unchanged
    async with running(replace(DEFAULTS, database=path, accounts=(changed,))) as server:
        assert (await server.sign_in()).status_code == 400
        assert (await server.refresh(refresh)).status_code == 401
        user = (await server.sign_in("anna", "open sesame")).json()["user"]
        assert (user["id"], user["email"]) == (first["id"], "new@example.com")


async def test_seed_accounts_that_exclude_each_other() -> None:
    """Two seed accounts with one address are a clear error at the start."""
    accounts = (ANNA, replace(ANNA, username="other"))
    with pytest.raises(Taken):
        async with running(replace(DEFAULTS, accounts=accounts)):
            pass


async def test_seed_account_with_an_address_of_another(tmp_path: Path) -> None:
    """Nor can a later start move an account onto an address that another has."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)):
        pass
    stolen = replace(ANNA, email="blocked@example.com")
    with pytest.raises(Taken):
        async with running(replace(DEFAULTS, database=path, accounts=(stolen,))):
            pass


async def test_nothing_secret_is_printed_or_sent() -> None:
    """P78: the hash is in no answer, and neither hash nor password in what an object prints."""
    async with accounts_over() as accounts:
        await accounts.add(ANNA)
        credentials = await accounts.find("anna")
        assert "argon2" not in repr(credentials)
        assert "correct horse" not in repr(ANNA) + repr(DEFAULTS)
    async with running() as server:
        answer = await server.sign_in()
        sent = json.dumps([answer.json(), (await server.me(answer.json()["jwt"])).json()])
        assert not [word for word in ("argon2", "password", "hash", "secret") if word in sent]


# The pool


class Gated(CountingHasher):
    """A hasher that waits for `gate` before it checks."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        self.begun.set()
        self.gate.wait(30)
        with self._lock:
            self._running -= 1
        return super().verify(hash, password)


async def test_pool_is_bounded() -> None:
    """P73: two work, three wait, the rest is told at once; afterwards there is room again."""
    hasher = Gated()
    passwords = Passwords(replace(CHEAP, workers=2, waiting=3), hasher)
    await passwords.open()
    stored = await passwords.hash(RIGHT)
    tasks = [asyncio.create_task(passwords.check(stored, RIGHT)) for _ in range(12)]
    await asyncio.sleep(0)
    refused = [task for task in tasks if task.done()]
    assert len(refused) == 7
    assert {type(task.exception()) for task in refused} == {HashingBusy}
    hasher.gate.set()
    assert await asyncio.gather(*(task for task in tasks if task not in refused)) == [True] * 5
    assert hasher.most <= 2
    assert await passwords.check(stored, RIGHT)
    passwords.close()


async def test_a_client_that_leaves_frees_no_place() -> None:
    """P73: giving up does not make room while the hash still runs."""
    hasher = Gated()
    passwords = Passwords(replace(CHEAP, workers=1, waiting=0), hasher)
    await passwords.open()
    stored = await passwords.hash(RIGHT)
    task = asyncio.create_task(passwords.check(stored, RIGHT))
    await asyncio.to_thread(hasher.begun.wait, 30)
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(HashingBusy):
        await passwords.check(stored, RIGHT)
    hasher.gate.set()
    while True:
        try:
            assert await passwords.check(stored, RIGHT)
            break
        except HashingBusy:
            await asyncio.sleep(0.001)
    passwords.close()


async def test_too_many_sign_ins_at_once() -> None:
    """P73: what the pool does not take is 503 in the envelope, and other routes answer meanwhile."""
    settings = replace(DEFAULTS, hash_cost=HashCost(workers=1, waiting=1))
    async with running(settings) as server:
        sign_ins = [asyncio.create_task(server.sign_in()) for _ in range(12)]
        health = await server.http.get("/_health")
        assert health.status_code == 204
        assert not all(task.done() for task in sign_ins), "the health check did not have to wait"
        answers = await asyncio.gather(*sign_ins)
        assert {answer.status_code for answer in answers} == {200, 503}
        (refused, *_) = [answer for answer in answers if answer.status_code == 503]
        assert refused.json() == envelope(503, "ServiceUnavailableError", "Service Unavailable")
        assert (await server.sign_in()).status_code == 200
