"""Contracts and their differences as plain values that `json` can write."""

from collections.abc import Sequence

from portico.model.package import ModuleContract, PackageContract
from portico.packages.comparison import Change


def of_package(package: PackageContract) -> dict[str, object]:
    """A contract; sets are sorted, so that the same contract is the same text."""
    return {
        "name": package.name,
        "version": package.version,
        "description": package.description,
        "packages": dict(sorted(package.packages.items())),
        "datasources": sorted(package.datasources),
        "modules": {name: of_module(package.modules[name]) for name in sorted(package.modules)},
    }


def of_module(module: ModuleContract) -> dict[str, object]:
    """A module; inputs, outputs and functions in the order in which they are declared."""
    return {
        "kind": module.kind,
        "description": module.description,
        "inputs": {
            name: {"type": it.type, "required": it.required, "description": it.description}
            for name, it in module.inputs.items()
        },
        "outputs": {
            name: {"type": it.type, "description": it.description} for name, it in module.outputs.items()
        },
        "functions": {
            name: {"parameters": list(it.parameters), "description": it.description}
            for name, it in module.functions.items()
        },
        "stores": sorted(module.stores),
        "navigates": sorted(module.navigates),
        "datasources": sorted(module.datasources),
        "secrets": sorted(module.secrets),
    }


def of_changes(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Differences, the gravest first."""
    return [
        {
            "level": change.level,
            "subject": change.subject,
            "module": change.module,
            "name": change.name,
            "words": change.words,
        }
        for change in changes
    ]
