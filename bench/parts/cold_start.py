"""From the start of the process to the first good answer of the login page."""

from collections import defaultdict

from bench.figures import Goal, Row, Sample
from bench.process import cpu_seconds
from bench.product import PRODUCTS
from bench.stand import Stand


def measure(stand: Stand) -> list[Row]:
    """Cold start, by the clock on the wall and in CPU time."""
    wall: dict[str, list[float]] = defaultdict(list)
    work: dict[str, list[float]] = defaultdict(list)
    for product in PRODUCTS:
        # Once beforehand: what Python compiles, and the disk reads, belongs to the installation.
        with stand.fresh(product):
            pass
    for product in stand.alternated():
        with stand.fresh(product) as server:
            wall[product.name].append(server.started_in)
            work[product.name].append(cpu_seconds(server.pid))
        stand.say(f"{product.title}: first answer after {wall[product.name][-1]:.2f} s")
    return [
        Row(
            part="cold-start",
            what="cold start: process to first answer with 200",
            unit="s",
            figures={name: Sample.of(values) for name, values in wall.items()},
            goal=Goal(bound=1.0),
        ),
        Row(
            part="cold-start",
            what="cold start: CPU time",
            unit="s",
            figures={name: Sample.of(values) for name, values in work.items()},
        ),
    ]
