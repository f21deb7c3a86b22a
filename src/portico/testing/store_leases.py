"""Checks of leases: `SessionStore` and `VisitStore` have the same."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from portico.auth.ports import Held, Lease, Taken
from portico.testing.store_trial import MINUTE, RACERS, Trial, expect


def _leases(trial: Trial) -> Iterator[tuple[Callable[[], Lease], Callable[[], Lease]]]:
    for mine, other in (
        (trial.stores.sessions.lease, trial.other.sessions.lease),
        (trial.stores.visits.lease, trial.other.visits.lease),
    ):
        yield partial(mine, "k", ttl=MINUTE), partial(other, "k", ttl=MINUTE)


def _fence(lease: Held | Taken) -> int:
    if not isinstance(lease, Held):
        raise AssertionError("a free lease was not given")  # noqa: TRY004
    return lease.fence


async def a_lease_is_exclusive(trial: Trial) -> None:
    """Until it is given back, also when its holder fails."""
    for mine, other in _leases(trial):
        async with mine() as first:
            _fence(first)
            async with other() as second, mine() as third:
                expect(isinstance(second, Taken) and isinstance(third, Taken), "two hold one lease")
            async with other() as fourth:
                expect(isinstance(fourth, Taken), "leaving without the lease gave it away")
        async with other() as fifth:
            _fence(fifth)
        try:
            async with mine():
                raise KeyError
        except KeyError:
            pass
        async with other() as sixth:
            _fence(sixth)


async def leases_of_keys_and_ports_are_apart(trial: Trial) -> None:
    """One key's lease holds up no other, nor a visit's that of a session."""
    sessions, visits = trial.stores.sessions, trial.stores.visits
    async with (
        sessions.lease("k", ttl=MINUTE) as one,
        sessions.lease("l", ttl=MINUTE) as two,
        visits.lease("k", ttl=MINUTE) as three,
    ):
        expect(len({_fence(one), _fence(two), _fence(three)}) == 3, "two leases have one fence")


async def one_of_many_leases_is_held(trial: Trial) -> None:
    """Whichever handle they come through."""
    for mine, other in _leases(trial):
        leases = [lease() for lease in (mine, other) * (RACERS // 2)]
        results = await asyncio.gather(*(lease.__aenter__() for lease in leases))
        expect(sum(isinstance(result, Held) for result in results) == 1, "several hold one lease")
        for lease in leases:
            await lease.__aexit__(None, None, None)


async def a_lease_runs_out_and_the_late_holder_is_fenced(trial: Trial) -> None:
    """The next holder's fence is greater, and the late one gives back nothing that is not its own."""
    for mine, other in _leases(trial):
        async with mine() as late:
            trial.clock.advance(timedelta(seconds=59))
            async with other() as early:
                expect(isinstance(early, Taken), "the lease ran out early")
            trial.clock.advance(timedelta(seconds=2))
            second = other()
            expect(_fence(await second.__aenter__()) > _fence(late), "the fence did not rise")
        async with mine() as third:
            expect(isinstance(third, Taken), "a late holder gave back the lease of another")
        await second.__aexit__(None, None, None)


async def fences_rise(trial: Trial) -> None:
    """From holder to holder, also where the lease was given back in between."""
    for mine, other in _leases(trial):
        fences = []
        for lease in (mine, other, mine, other):
            async with lease() as held:
                fences.append(_fence(held))
        expect(fences == sorted(set(fences)), f"fences {fences}")
