"""Sealed tokens: what a sign-in's answer costs, and a query beside a direct call of the same client.

Sealing is measured in this process, in CPU time; the two calls take turns, by the clock and in CPU time.
"""

import asyncio
import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Self

from bench.api import TOKEN
from bench.figures import Goal, Row, Sample
from bench.product import APPS, PORTICO
from bench.server import BenchError
from bench.stand import Stand
from portico.auth.sealing import Vault
from portico.clock import Clock
from portico.definition.load import load
from portico.model.app import App
from portico.model.query import Query, Request
from portico.runtime import queries
from portico.runtime.http import Client
from portico.ui.widgets import CATALOGUE

#: Of one round.
ANSWERS, CALLS = 500, 40
PAGE, QUERY = "MainPage", "rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """Medians of a round, in seconds: of a query, of a direct call, and of what each query took more than the
    call beside it, by the clock and of CPU time."""

    through: float
    direct: float
    more: float
    more_work: float


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds by the clock, and of CPU time."""

    seconds: float
    work: float

    @classmethod
    def now(cls) -> Self:
        return cls(time.perf_counter(), time.process_time())

    def so_far(self) -> "_Cost":
        now = _Cost.now()
        return _Cost(now.seconds - self.seconds, now.work - self.work)


def measure(stand: Stand) -> list[Row]:
    """Both, and the difference between the two calls."""
    app = _app(stand)
    sealings: list[float] = []
    calls: list[Calls] = []
    # A browser that an earlier part opened keeps an event loop in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        for _ in range(stand.rounds):
            sealings.append(_sealed())
            calls.append(elsewhere.submit(asyncio.run, _calls(app)).result())
            more, work = calls[-1].more * 1e6, calls[-1].more_work * 1e6
            stand.say(f"sealing {sealings[-1] * 1e6:.0f} µs, a query {more:+.0f} µs, {work:+.0f} µs of CPU")
    return [
        _row("sealing a sign-in's answer, in process, CPU", sealings, Goal(bound=0.0001)),
        _row("query of 200 rows with a sealed token, API 20 ms", [found.through for found in calls]),
        _row("the same by a direct call of the same client", [found.direct for found in calls]),
        _row("what the query takes more", [found.more for found in calls], Goal(bound=0.001)),
        _row("what the query takes more, CPU", [found.more_work for found in calls]),
    ]


def _answer() -> dict[str, Any]:
    """As Supabase answers a sign-in."""
    claims = {"sub": "7b1b0f4e", "email": "ada@example.com", "role": "authenticated", "session_id": "x" * 36}
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    header, payload = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    user = {"id": "7b1b0f4e", "aud": "authenticated", "email": "ada@example.com", "created_at": "2030-01-01"}
    return {
        "access_token": f"{header}.{payload}.{'s' * 43}",
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": "abcdefgh1234",
        "user": {**user, "app_metadata": {"provider": "email", "providers": ["email"]}, "identities": [user]},
    }


def _sealed() -> float:
    """CPU seconds of one, each for a browser that has no tokens yet."""
    answers = [_answer() for _ in range(ANSWERS)]
    begin = time.process_time()
    for answer in answers:
        Vault().seal_answer(answer)
    return (time.process_time() - begin) / ANSWERS


async def _calls(app: App) -> Calls:
    """Queries, and calls that send and get the same."""
    query = app.pages[PAGE].queries[QUERY]
    vault = Vault()
    request = Request(path="/rows", headers=(("Authorization", f"Bearer {vault.seal(TOKEN)}"),))
    plain = replace(request, headers=(("Authorization", f"Bearer {TOKEN}"),))
    through, direct = [], []
    async with Client(clock=Clock()) as client:
        for number in range(CALLS):
            # Each goes first as often as the other.
            if number % 2:
                direct.append(await _direct(client, app, query, plain))
            through.append(await _through(client, app, query, request, vault))
            if not number % 2:
                direct.append(await _direct(client, app, query, plain))
    pairs = list(zip(through, direct, strict=True))
    return Calls(
        through=median(one.seconds for one in through),
        direct=median(one.seconds for one in direct),
        more=median(one.seconds - other.seconds for one, other in pairs),
        more_work=median(one.work - other.work for one, other in pairs),
    )


async def _direct(client: Client, app: App, query: Query, request: Request) -> _Cost:
    begin = _Cost.now()
    answer = await client.send(app.datasources[query.datasource], query, request)
    answer.json()
    return begin.so_far()


async def _through(client: Client, app: App, query: Query, request: Request, vault: Vault) -> _Cost:
    begin = _Cost.now()
    result = await queries.run(client, app, query, request, vault)
    if not result.ok:
        raise BenchError(f"the query was refused: {result.message}")
    return begin.so_far()


def _app(stand: Stand) -> App:
    loaded = load(APPS / "portico", types=CATALOGUE, settings={"BENCH_API": stand.api.url})
    if loaded.app is None:
        raise BenchError(f"{loaded.problems}")
    return loaded.app


def _row(what: str, values: list[float], goal: Goal | None = None) -> Row:
    return Row(part="sealing", what=what, unit="s", figures={PORTICO.name: Sample.of(values)}, goal=goal)
