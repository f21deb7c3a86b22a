"""What bindings depend on, through the script objects they use."""

from collections.abc import Iterable, Mapping

from portico.definition.draft import ScriptDraft
from portico.definition.scope import Reading, Use

#: A name and the first member read of it; the member is "" where the whole is taken.
Reached = frozenset[tuple[str, str]]


def reached(
    readings: Iterable[Reading], scripts: Mapping[str, ScriptDraft], *, script: str | None = None
) -> Reached:
    """Everything that `readings` read, and what the members of scripts that they use read in turn.

    `script`: they are parts of this one, which is what `this` means in them.
    """
    found: set[tuple[str, str]] = set()
    waiting = [_step(use, script) for reading in readings for use in reading.uses]
    while waiting:
        name, member = waiting.pop()
        if (name, member) in found:
            continue
        found.add((name, member))
        used = scripts.get(name)
        if used is None:
            continue
        for reading in _members(used, member):
            waiting.extend(_step(use, name) for use in reading.uses)
    return frozenset(found)


def _step(use: Use, script: str | None) -> tuple[str, str]:
    """A use as a name and a member; `this` in a script is the script."""
    name = script if use.name == "this" and script is not None else use.name
    return name, use.path[0] if use.path else ""


def _members(script: ScriptDraft, member: str) -> list[Reading]:
    """What a member reads, with the helpers of its file; all of the script where it is not one member."""
    if member in script.members:
        return [script.members[member], script.helpers]
    return [*script.members.values(), script.helpers]
