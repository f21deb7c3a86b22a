"""What sign-in costs every request: finding the session of a cookie in SQLite, and deciding about a page.

In one process, without HTTP; CPU time of all its threads, as the store works in one of its own.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bench.figures import Goal, Row, Sample
from bench.product import PORTICO
from bench.server import BenchError
from bench.stand import Stand
from portico.auth.evidence import Granted
from portico.auth.guard import Allow, decide
from portico.auth.manager import SessionManager
from portico.clock import Clock
from portico.model.access import AnyRole
from portico.model.identity import Identity
from portico.stores.sqlite import open_sqlite
from portico.values import Secret

REQUESTS = 2000
SESSIONS = 1000
ROLES = frozenset({"clerk"})


def measure(stand: Stand) -> list[Row]:
    """CPU time of guard and resume, a request."""
    # A browser that an earlier part opened keeps an event loop in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        found = [elsewhere.submit(asyncio.run, _round(stand)).result() for _ in range(stand.rounds)]
    stand.say(f"Portico: session and guard take {found[-1] * 1e6:.0f} µs")
    figures = {PORTICO.name: Sample.of(found)}
    what = "session and guard of a request, SQLite, CPU"
    return [Row(part="access", what=what, unit="s", figures=figures, goal=Goal(bound=0.0003))]


async def _round(stand: Stand) -> float:
    clock = Clock()
    stores = open_sqlite(stand.scratch() / "store.db", clock)
    manager = SessionManager(
        stores.sessions, stores.index, stores.visits, stores.outbox, stores.timeline, clock, stores.key
    )
    identity = Identity(uid="u", user={"email": "ann@example.com", "name": "Ann"}, roles=ROLES)
    evidence = Granted(
        token=Secret("t" * 600),
        identity=identity,
        refresh=Secret("r" * 40),
        expires_at=clock.now() + timedelta(hours=1),
    )
    try:
        sessions = [
            await manager.sign_in(evidence, app="app", current=None, renewable=True) for _ in range(SESSIONS)
        ]
        cookies = [session.ticket.cookie_value() for session in sessions]
        begin = time.process_time()
        for number in range(REQUESTS):
            session = await manager.resume("app", cookies[number % SESSIONS])
            if session is None or not isinstance(decide(AnyRole(ROLES), session.identity), Allow):
                raise BenchError("a session that was not found")
        return (time.process_time() - begin) / REQUESTS
    finally:
        await stores.close()
