"""The order of what runs when a page opens.

A function of a script is meant to get things ready (row S3-12: renew the token before the calls that
need it), so functions come before queries, unless one reads what a query of the load brings. What
reads the data of another comes after it. What could run in any order is one stage and runs at once.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from portico.definition.draft import QueryDraft, ScriptDraft
from portico.definition.parts import query_snippets
from portico.definition.reach import Reached, members, reached
from portico.definition.scopes import Located, Scope, World

#: Members of query objects that its run fills.
DATA = frozenset({"", "data", "responseMeta"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing to run: a query by its id, or a function as `Script.name`."""

    name: str
    query: str | None
    reached: Reached
    readings: tuple[Located, ...]

    def waits_for(self, other: "Step") -> bool:
        """Whether it reads what `other` brings, and does not fetch it itself."""
        if other.query is not None:
            read = any((other.query, member) in self.reached for member in DATA)
            return read and (other.query, "run") not in self.reached
        script, _, function = other.name.rpartition(".")
        steps = (step for reading in self.readings for step in reading.steps())
        return any(name == script and path[:2] == (function, "data") for name, path in steps)


def of_query(draft: QueryDraft, scope: Scope, world: World) -> Step:
    """The run of a query."""
    readings = tuple(Located(scope=scope, reading=snippet.reading) for snippet in query_snippets(draft))
    return Step(name=draft.name, query=draft.name, reached=reached(readings, world), readings=readings)


def of_function(script: ScriptDraft, function: str, scope: Scope, world: World) -> Step:
    """The call of a function."""
    readings = tuple(members(scope, script, function))
    return Step(
        name=f"{script.name}.{function}", query=None, reached=reached(readings, world), readings=readings
    )


def stages(steps: Iterable[Step]) -> tuple[tuple[str, ...], ...]:
    """The names of the steps, stage by stage, each stage in the order given."""
    given = tuple(steps)
    before = {step.name: {other.name for other in given if step.waits_for(other)} for step in given}
    for step in given:
        before[step.name].discard(step.name)
    for query in given:
        for function in given:
            first = query.query is not None and function.query is None
            if first and not _follows(function.name, query.name, before):
                before[query.name].add(function.name)
    return tuple(
        tuple(step.name for step in given if step.name in stage) for stage in _levels(before) if stage
    )


def _follows(later: str, earlier: str, before: Mapping[str, set[str]]) -> bool:
    """Whether `later` waits for `earlier`, itself or through others."""
    waiting, seen = [later], set()
    while waiting:
        name = waiting.pop()
        if name == earlier:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(before[name])
    return False


def _levels(before: Mapping[str, set[str]]) -> list[set[str]]:
    """Sets of names, each after all it waits for. What waits for itself in a circle is one last set."""
    sorter = TopologicalSorter(before)
    # It complains of a circle, and goes on to order what is outside of it.
    with suppress(CycleError):
        sorter.prepare()
    levels, done = [], set()
    while ready := set(sorter.get_ready()):
        levels.append(ready)
        done |= ready
        sorter.done(*ready)
    return [*levels, set(before) - done]
