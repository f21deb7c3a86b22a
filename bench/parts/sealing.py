"""Sealed tokens: what a sign-in's answer costs, and a query beside a direct call of the same client.

Sealing is measured in this process, in CPU time; the two calls take turns, by the clock.
"""

import asyncio
import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import median
from typing import Any

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


def measure(stand: Stand) -> list[Row]:
    """Both, and the difference between the two calls."""
    app = _app(stand)
    sealings: list[float] = []
    pairs: list[tuple[float, float, float]] = []
    # A browser that an earlier part opened keeps an event loop in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        for _ in range(stand.rounds):
            sealings.append(_sealed())
            pairs.append(elsewhere.submit(asyncio.run, _calls(app)).result())
            stand.say(f"sealing {sealings[-1] * 1e6:.0f} µs, a query {pairs[-1][2] * 1e6:+.0f} µs")
    return [
        _row("sealing a sign-in's answer, in process, CPU", sealings, Goal(bound=0.0001)),
        _row("query of 200 rows with a sealed token, API 20 ms", [through for through, _, _ in pairs]),
        _row("the same by a direct call of the same client", [direct for _, direct, _ in pairs]),
        _row("what the query takes more", [more for _, _, more in pairs], Goal(bound=0.001)),
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


async def _calls(app: App) -> tuple[float, float, float]:
    """Median seconds of a query, of a call that sends and gets the same, and of what each query took more
    than the call beside it."""
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
    more = [one - other for one, other in zip(through, direct, strict=True)]
    return median(through), median(direct), median(more)


async def _direct(client: Client, app: App, query: Query, request: Request) -> float:
    begin = time.perf_counter()
    answer = await client.send(app.datasources[query.datasource], query, request)
    answer.json()
    return time.perf_counter() - begin


async def _through(client: Client, app: App, query: Query, request: Request, vault: Vault) -> float:
    begin = time.perf_counter()
    result = await queries.run(client, app, query, request, vault)
    if not result.ok:
        raise BenchError(f"the query was refused: {result.message}")
    return time.perf_counter() - begin


def _app(stand: Stand) -> App:
    loaded = load(APPS / "portico", types=CATALOGUE, settings={"BENCH_API": stand.api.url})
    if loaded.app is None:
        raise BenchError(f"{loaded.problems}")
    return loaded.app


def _row(what: str, values: list[float], goal: Goal | None = None) -> Row:
    return Row(part="sealing", what=what, unit="s", figures={PORTICO.name: Sample.of(values)}, goal=goal)
