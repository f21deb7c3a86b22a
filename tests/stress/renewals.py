"""Renewals in a storm, by a holder that is stopped, at named points of death and under random kills."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.journeys.fleet import DIALECTS
from tests.journeys.ordeals import POINTS, QUIET, STOPS, crash, kills, stopped_holder, storm
from tests.journeys.servers import PATIENT
from tests.stores.shared import KINDS, store
from tests.stress.rig import rig
from tests.stress.trial import Bench, Size, Trial

PROCESSES = 4
#: Requests that one open page has under way, which it serves one after the other.
IN_A_TAB = 10
#: Seconds of a lease: a holder is stopped for three of them.
LEASE = 10.0
#: Seconds in which kills fall: what a request takes that renews, on a busy machine.
WINDOW = 1.5
#: Of a token, where kills are many: time moves on by it with each, and a session is over after two weeks.
LIFE = timedelta(minutes=10)


def storms(size: Size) -> Iterator[Trial]:
    """P98, P99: all ask at once, one renews."""
    for name in KINDS:
        title = f"storm, {name}: {PROCESSES} x {size.requests} requests, {size.rounds} rounds"
        yield Trial(name=title, run=partial(_storm, name, size))


def _storm(name: str, size: Size, bench: Bench) -> str:
    with (
        store(name, bench.folder) as address,
        rig(DIALECTS["strapi"], address, bench.folder, count=PROCESSES) as running,
    ):
        tabs = max(size.requests // IN_A_TAB, 1)
        told = bench.progress(size.rounds)
        storm(running, rounds=size.rounds, requests=size.requests, tabs=tabs, told=told)
        count = PROCESSES * size.requests * size.rounds
        return f"{count:,} requests, {len(running.refreshes())} renewals, 0 errors"


def stops(_: Size) -> Iterator[Trial]:
    """P100: stopped for 30 s with the lease in its hand."""
    for name in KINDS:
        for point in STOPS:
            title = f"holder stopped for {3 * LEASE:.0f} s {point}, {name}"
            yield Trial(name=title, run=partial(_stop, name, point))


def _stop(name: str, point: str, bench: Bench) -> str:
    options = ("--renewal-lease", str(LEASE))
    with (
        store(name, bench.folder) as address,
        rig(DIALECTS["strapi"], address, bench.folder, *options, count=2, broken=PATIENT + QUIET) as running,
    ):
        stopped_holder(running, point, lease=LEASE)
        assert set(running.uses().values()) == {1}, running.uses()
        assert set(running.refreshes()) == {200}, running.refreshes()
        return f"{len(running.refreshes())} renewed, each token sent once"


def crashes(_: Size) -> Iterator[Trial]:
    """P112: at each named point, with both kinds of auth API."""
    for name in KINDS:
        for dialect in DIALECTS:
            yield Trial(name=f"crash points, {name}, {dialect}", run=partial(_crashes, name, dialect))


def _crashes(name: str, dialect: str, bench: Bench) -> str:
    told = bench.progress(len(POINTS))
    with (
        store(name, bench.folder) as address,
        rig(DIALECTS[dialect], address, bench.folder) as running,
    ):
        for done, point in enumerate(POINTS, 1):
            try:
                crash(running, point)
            except AssertionError as error:
                raise AssertionError(f"{point}: {error}") from error
            told(done)
    return f"{len(POINTS)} points"


def killings(size: Size) -> Iterator[Trial]:
    """P112, P113: `kill -9` at random, under load."""
    for name, dialect in (("sqlite", "gotrue"), ("sqlite", "strapi"), ("redis", "gotrue")):
        title = f"{size.kills} kills, {name}, {dialect}"
        yield Trial(name=title, run=partial(_kills, name, dialect, size.kills))


def _kills(name: str, dialect: str, count: int, bench: Bench) -> str:
    with (
        store(name, bench.folder) as address,
        rig(replace(DIALECTS[dialect], life=LIFE), address, bench.folder) as running,
    ):
        toll = kills(running, count, window=WINDOW, told=bench.progress(count))
        sent = sum(uses > 1 for uses in running.uses().values())
        return f"{toll.cut} requests cut off, {sent} tokens sent a second time, {toll.lost} sessions lost"
