"""Dialogues with the auth API: plain ones need no script, others leave nothing for the next."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portico.clock import Clock
from portico.model.app import App
from portico.model.program import Program
from portico.runtime.dialogue import Dialogues
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import ScriptError, Turn
from tests.definition.apps import app
from tests.definition.test_presets import contract

WORLD = {"k": "env", "auth": {"isLoggedIn": False, "cookies": {}}}
#: A contract that tries to keep what it sees: in a global, in a prototype, in a query's own data.
KEEPING = {
    **contract(
        "strapi",
        "refresh:\n"
        "  query: mine\n"
        '  uid: "{{ (globalThis.seen = [...(globalThis.seen ?? []), response.body.jwt]).join() }}"\n'
        "  user: |\n"
        "    {{ ((all) => { all.kept = (all.kept ?? '') + response.body.jwt; return { kept: all.kept } })"
        "(Array.prototype) }}",
    ),
    "queries/mine.yaml": (
        "datasource: auth_api\nmethod: POST\npath: /renew\n"
        "body: \"{{ { token: (globalThis.sent = (globalThis.sent ?? '') + this.params.refreshToken) } }}\"\n"
    ),
}
NAMES = (
    "succeeded",
    "token",
    "refresh_token",
    "expires_in",
    "expires_at",
    "uid",
    "user",
    "roles",
    "error",
    "refused",
)


def asked(token: str, status: int = 200) -> list[dict[str, Any]]:
    """What is asked of the answer to `refresh`."""
    body = {"jwt": token, "refreshToken": f"r-{token}", "user": {"id": 7, "name": token}}
    shown = {"status": status, "headers": {}, "cookies": {}, "body": body}
    return [
        {"k": "evaluate", "ev": "refresh", "name": f"refresh.{name}", "values": {"response": shown}}
        for name in NAMES
    ]


@asynccontextmanager
async def dialogues(kind: type[Dialogues] = Dialogues) -> AsyncIterator[tuple[Dialogues, list[str]]]:
    """Dialogues, and what the sandbox had to do for them."""
    work: list[str] = []
    async with Pool(turned=lambda outcome, _: work.append(outcome)) as pool:
        yield kind(pool, Clock()), work


async def told(by: Dialogues, found: App, token: str, status: int = 200) -> tuple[object, Mapping[str, Any]]:
    """The body of the request that renews this token, and what the answer comes to."""
    program = found.contract_program
    assert program is not None
    errors: list[ScriptError] = []
    async with by.of(found, program, "refresh", {"refreshToken": token}, WORLD, errors.append) as dialogue:
        return dialogue.request.request.body, await dialogue.mapped(asked(token, status))


async def test_a_renewal_by_a_preset_runs_no_script(tmp_path: Path) -> None:
    """Neither for the request nor for the answer, also one that refuses; and it means what it says."""
    async with dialogues() as (by, work):
        for name in ("strapi", "supabase"):
            found = app(tmp_path / name, contract(name))
            field = "refreshToken" if name == "strapi" else "refresh_token"
            body, values = await told(by, found, "one")
            assert body == {field: "one"}
            assert (values["refresh.token"], values["refresh.refresh_token"]) == ("one", "r-one")
            assert values["refresh.succeeded"] is True
            assert values["refresh.refused"] is False
            assert (await told(by, found, "one", 401))[1]["refresh.refused"] is True
    assert work == []


async def test_what_is_not_plain_is_evaluated_by_the_engine(tmp_path: Path) -> None:
    """An answer that a mapping has to call something for is asked about in a context; the request is not."""
    async with dialogues() as (by, work):
        found = app(tmp_path, contract("supabase"))
        values = (await told(by, found, "one", 403))[1]
        assert values["refresh.refused"] is False
        assert work == ["ok"]


async def seen(kind: type[Dialogues], folder: Path) -> list[tuple[object, object, object]]:
    """What the contract that keeps things says of three sessions."""
    found = app(folder, KEEPING)
    async with dialogues(kind) as (by, work):
        rows = [await told(by, found, token) for token in ("one", "two", "three")]
        assert work, "no script ran"
    return [(body, values["refresh.uid"], values["refresh.user"]) for body, values in rows]


async def test_a_session_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    """Whatever a contract's code keeps of one session's tokens is gone with its dialogue."""
    for token, row in zip(("one", "two", "three"), await seen(Dialogues, tmp_path), strict=True):
        assert row == ({"token": token}, token, {"kept": token})


class _OneContext(Context):
    """A context that nobody closes."""

    async def close(self) -> None:
        """It stays."""


class Warm(Dialogues):
    """Keeps one context for all dialogues of an app."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        super().__init__(_WarmPool(pool), clock)  # type: ignore[arg-type]


class _WarmPool:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: Context | None = None

    async def open(self, key: str, program: Program, inputs: Sequence[Any], now: Any) -> tuple[Context, Turn]:
        if self._kept is None:
            self._kept, turn = await self._pool.open(key, program, inputs, now, cpu=timedelta(seconds=1))
            self._kept.__class__ = _OneContext
            return self._kept, turn
        return self._kept, await self._kept.turn(inputs, now)


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_what_is_kept_is_found(place: int, tmp_path: Path) -> None:
    """Positive control: with one context for all of them, each of the three ways shows another's tokens."""
    rows = await seen(Warm, tmp_path)
    assert "one" in str(rows[2][place])


async def test_what_is_told_is_a_copy(tmp_path: Path) -> None:
    """What is done to a value that was told changes neither the answer nor what is told next."""
    async with dialogues() as (by, _):
        found = app(tmp_path, contract("strapi"))
        program, questions = found.contract_program, asked("one")
        assert program is not None
        first = await by.values(found, program, questions, lambda _: None)
        first["refresh.user"]["id"] = "somebody else"
        assert (await by.values(found, program, questions, lambda _: None))["refresh.user"]["id"] == 7
