"""Real Portico processes over a real store, with nothing in between that costs much."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from portico.clock import Clock
from portico.testing.serving import free_port
from tests.journeys.fleet import HARNESS, Dialect, Fleet, set_clock
from tests.journeys.servers import PATIENT, Server
from tests.stress.upstream import cheap_api

KEY = "k" * 43


@contextmanager
def rig(
    dialect: Dialect,
    address: str,
    folder: Path,
    *options: str,
    count: int = 1,
    harness: str = HARNESS,
    broken: str = PATIENT,
) -> Iterator[Fleet]:
    """So many processes over the store at `address`; `broken` is Python that changes something in each.
    `harness` MOVED has no points at which they can be stopped, and so costs next to nothing."""
    app = dialect.preset.write(folder)
    clock = Clock()
    set_clock(folder, 0)
    with ExitStack() as stack:
        api = stack.enter_context(cheap_api(dialect, clock))
        env = {
            "AUTH_URL": api.url,
            "CLOCK": str(folder / "clock"),
            "DOOM": str(folder / "doom"),
            "PORTICO_KEY": KEY,
        }
        servers = [
            stack.enter_context(
                Server(
                    ["run", str(app), "--store", address, *options],
                    port=free_port(),
                    log=folder / f"{number}.log",
                    env=env,
                    broken=harness + broken,
                    tapped=False,
                )
            )
            for number in range(count)
        ]
        yield Fleet(dialect=dialect, servers=servers, api=api, folder=folder, clocks=[clock], stack=stack)
