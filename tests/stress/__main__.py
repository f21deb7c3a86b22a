"""`python -m tests.stress`, or `make stress`: what the tests try in short, at length.

Closes on a line `N passed, N failed`; the exit code says whether all passed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

import typer

from tests.stress import held, outages, renewals
from tests.stress.trial import Size, Trial, run

PARTS: Mapping[str, Callable[[Size], Iterator[Trial]]] = {
    "storm": renewals.storms,
    "stop": renewals.stops,
    "crash": renewals.crashes,
    "kill": renewals.killings,
    "outage": outages.outages,
    "held": held.holdings,
}


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of the storm.")] = 1000,
    requests: Annotated[int, typer.Option(min=1, help="Requests at once, at each of four processes.")] = 200,
    kills: Annotated[int, typer.Option(min=1, help="Random kills.")] = 1000,
    sessions: Annotated[int, typer.Option(min=1000, help="Sessions that are held.")] = 100_000,
    only: Annotated[
        list[str] | None, typer.Option(help=f"A part: {', '.join(PARTS)}. May be given several times.")
    ] = None,
) -> None:
    """Sessions under stress."""
    wanted = only or list(PARTS)
    for name in wanted:
        if name not in PARTS:
            raise typer.BadParameter(f"{name} is none of {', '.join(PARTS)}", param_hint="--only")
    size = Size(rounds=rounds, requests=requests, kills=kills, sessions=sessions)
    trials = [trial for name in wanted for trial in PARTS[name](size)]
    if not run(trials):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
