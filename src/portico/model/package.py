"""What a package promises to the apps that use it (`docs/design/modules.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ModuleKind = Literal["ui", "query", "script"]
#: What an input takes and an output gives; `any` says nothing.
ValueType = Literal["any", "string", "number", "boolean", "object", "list"]

#: Stands in `stores` and `navigates` for what is computed.
ANYTHING = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class InputContract:
    """An input; `required`: it has no default, so every instance gives it."""

    type: ValueType = "any"
    required: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputContract:
    """An output."""

    type: ValueType = "any"
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionContract:
    """A function that a script module exports, with the names of its parameters."""

    parameters: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleContract:
    """What a module takes, gives and does.

    `stores` are the store keys that it writes and `navigates` the pages it goes to, `*` among them where
    these are computed. `datasources` are names of the package, `secrets` what the package's default
    datasources need of the app's owner.
    """

    name: str
    kind: ModuleKind
    description: str = ""
    inputs: Mapping[str, InputContract] = field(default_factory=dict)
    outputs: Mapping[str, OutputContract] = field(default_factory=dict)
    functions: Mapping[str, FunctionContract] = field(default_factory=dict)
    stores: frozenset[str] = frozenset()
    navigates: frozenset[str] = frozenset()
    datasources: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageContract:
    """A package: `datasources` are those that it carries a default of, `packages` what it needs, as
    ranges of versions by name."""

    name: str
    version: str
    description: str = ""
    modules: Mapping[str, ModuleContract] = field(default_factory=dict)
    datasources: frozenset[str] = frozenset()
    packages: Mapping[str, str] = field(default_factory=dict)
