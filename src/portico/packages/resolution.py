"""Choosing versions: one of each package, the newest that everybody who needs it can use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from semantic_version import NpmSpec, Version

from portico.errors import PackageNotFound, PackagesConflict
from portico.packages.needs import head
from portico.packages.registry import Published, Registry

#: How many versions are looked at before packages count as impossible to put together.
STEPS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Want:
    """A package that somebody needs: `by` says who, for people."""

    name: str
    within: NpmSpec
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Where versions come from. What has no registry here comes from that of whoever needs it.

    `fixed` are packages that are there already and stay as they are; None stands for one that is
    whatever its files say. `limits` hold for packages that are wanted, and ask for none.
    """

    registries: Mapping[str, Registry]
    fixed: Mapping[str, Version | None] = field(default_factory=dict)
    limits: Mapping[str, Want] = field(default_factory=dict)


def resolve(wants: Sequence[Want], sources: Sources) -> dict[str, Published]:
    """A version for every package that is wanted, and for what those need; without those that are fixed.

    Each package of `wants` has a registry in `sources`. Raises PackageNotFound for one that is
    nowhere, PackagesConflict where no choice suits everybody.
    """
    return _Search(sources).solve(tuple(wants))


class _Search:
    """Tries the newest first and goes back where that leads nowhere."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._registries = dict(sources.registries)
        self._needs: dict[tuple[str, Version], tuple[Want, ...]] = {}
        self._versions: dict[str, tuple[Version, ...]] = {}
        self._conflict: str | None = None
        self._steps = 0

    def solve(self, wants: tuple[Want, ...]) -> dict[str, Published]:
        found = self._from(wants, {})
        if found is None:
            raise PackagesConflict(message=self._conflict)
        return {name: self._registries[name].get(name, number) for name, number in found.items()}

    def _from(self, wants: tuple[Want, ...], chosen: dict[str, Version]) -> dict[str, Version] | None:
        if not self._holds(wants, chosen):
            return None
        name = next((want.name for want in wants if want.name not in {**chosen, **self._sources.fixed}), None)
        if name is None:
            return chosen
        mine = [want for want in (*wants, *self._sources.limits.values()) if want.name == name]
        candidates = [number for number in self._all(name) if all(number in want.within for want in mine)]
        if not candidates:
            self._note(name, mine, f"there is {', '.join(map(str, self._all(name)))}")
        for number in reversed(candidates):
            self._steps += 1
            if self._steps > STEPS:
                raise PackagesConflict(message=self._conflict)
            more = tuple(want for want in self._needed(name, number) if want not in wants)
            found = self._from((*wants, *more), {**chosen, name: number})
            if found is not None:
                return found
        return None

    def _holds(self, wants: tuple[Want, ...], chosen: Mapping[str, Version]) -> bool:
        """Whether what was chosen, and what is there already, suits everybody."""
        known = {**chosen, **self._sources.fixed}
        for want in wants:
            number = known.get(want.name)
            if number is not None and number not in want.within:
                mine = [other for other in wants if other.name == want.name]
                there = "is installed" if want.name in self._sources.fixed else "was chosen"
                self._note(want.name, mine, f"{number} {there}")
                return False
        return True

    def _note(self, name: str, wants: Sequence[Want], there: str) -> None:
        """Remember the first conflict: it is the one of the newest versions."""
        if self._conflict is None:
            who = ", ".join(f"{want.within.expression} for {want.by}" for want in wants)
            what = "is in the range" if len(wants) == 1 else "suits everybody"
            self._conflict = f"No version of {name} {what}: wanted is {who}; {there}."

    def _all(self, name: str) -> tuple[Version, ...]:
        if name not in self._versions:
            registry = self._registries[name]
            found = registry.versions(name)
            if not found:
                raise PackageNotFound(message=f"{registry.folder} has no package {name}.")
            self._versions[name] = found
        return self._versions[name]

    def _needed(self, name: str, number: Version) -> tuple[Want, ...]:
        if (name, number) not in self._needs:
            registry = self._registries[name]
            needs = head(registry.get(name, number).folder).packages
            self._needs[name, number] = tuple(
                Want(name=other, within=within, by=f"{name} {number}") for other, within in needs.items()
            )
            for other in needs:
                self._registries.setdefault(other, registry)
        return self._needs[name, number]
