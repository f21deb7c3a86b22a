"""The modules that instances of an application are of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portico.importers.appsmith.model import Instance


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """A module as apps name it. `inputs` say whether each has to be given."""

    reference: str
    kind: str
    inputs: Mapping[str, bool]
    functions: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Modules:
    """Those of the packages that came over, by Appsmith's ids of package and module."""

    known: Mapping[tuple[str, str], Module] = field(default_factory=dict)

    def of(self, instance: Instance) -> Module | None:
        """What an instance is of; None where its package is not there."""
        return self.known.get((instance.package, instance.module))
