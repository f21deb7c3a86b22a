"""Two contracts of a package: what changed in words, and the least version that this asks for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from semantic_version import Version

from portico.model.package import (
    ANYTHING,
    FunctionContract,
    InputContract,
    ModuleContract,
    OutputContract,
    PackageContract,
)

Level = Literal["patch", "minor", "major"]
#: What a change is about: apps that use it are told of the change.
Subject = Literal["module", "input", "output", "function", "store", "page", "datasource", "secret", "package"]

LEVELS: tuple[Level, ...] = ("patch", "minor", "major")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference. `module` is empty where it is one of the whole package; `name` is the subject's.

    `everyone`: it concerns each instance of the module, whatever that gives and reads. `gone`: an output
    or a function that is not there any more.
    """

    level: Level
    subject: Subject
    module: str
    name: str
    words: str
    everyone: bool = False
    gone: bool = False


def compare(old: PackageContract, new: PackageContract) -> tuple[Change, ...]:
    """What changed, the gravest first; nothing for contracts that promise the same."""
    changes = [*_modules(old, new), *_calls(old, new), *_datasources(old, new), *_packages(old, new)]
    return tuple(sorted(changes, key=lambda change: -LEVELS.index(change.level)))


def level_of(changes: Sequence[Change]) -> Level:
    """The gravest level; of no change it is patch."""
    return max((change.level for change in changes), key=LEVELS.index, default="patch")


def demanded(old: Version, level: Level) -> Level:
    """The bump that a change of `level` asks for after `old`: before 1.0.0 a minor one may break."""
    return "minor" if level == "major" and old.major == 0 else level


def bump_of(old: Version, new: Version) -> Level:
    """The bump from one version to a higher one."""
    if new.major != old.major:
        return "major"
    return "minor" if new.minor != old.minor else "patch"


def bumped(old: Version, bump: Level) -> Version:
    """The next version by a bump."""
    if bump == "major":
        return Version(f"{old.major + 1}.0.0")
    if bump == "minor":
        return Version(f"{old.major}.{old.minor + 1}.0")
    # What comes after a prerelease is that version itself.
    return Version(f"{old.major}.{old.minor}.{old.patch + (0 if old.prerelease else 1)}")


def _modules(old: PackageContract, new: PackageContract) -> Iterator[Change]:
    for name in _all(old.modules, new.modules):
        before, after = old.modules.get(name), new.modules.get(name)
        if before is None and after is not None:
            yield _change("minor", "module", name, name, f"the {after.kind} module {name} is new")
        elif before is not None and after is None:
            yield _change("major", "module", name, name, f"the module {name} is gone", everyone=True)
        elif before is not None and after is not None:
            yield from _module(before, after)


def _module(old: ModuleContract, new: ModuleContract) -> Iterator[Change]:
    if old.kind != new.kind:
        words = f"{new.name} is a {new.kind} module and was a {old.kind} module"
        yield _change("major", "module", new.name, new.name, words, everyone=True)
    if old.description != new.description:
        yield _change("patch", "module", new.name, new.name, f"{new.name} is described in other words")
    yield from _inputs(new.name, old.inputs, new.inputs)
    yield from _outputs(new.name, old.outputs, new.outputs)
    yield from _functions(new.name, old.functions, new.functions)
    yield from _effects(old, new)
    for name in sorted(new.secrets - old.secrets):
        words = f"{new.name} needs the secret {name}"
        yield _change("major", "secret", new.name, name, words, everyone=True)
    for name in sorted(old.secrets - new.secrets):
        yield _change("patch", "secret", new.name, name, f"{new.name} needs the secret {name} no more")


def _inputs(
    module: str, old: Mapping[str, InputContract], new: Mapping[str, InputContract]
) -> Iterator[Change]:
    for name in _all(old, new):
        before, after, what = old.get(name), new.get(name), f"the input {name} of {module}"
        if before is None and after is not None and after.required:
            words = f"{what} is new and has no default, so every instance has to give it"
            yield _change("major", "input", module, name, words, everyone=True)
        elif before is None:
            yield _change("minor", "input", module, name, f"{what} is new")
        elif after is None:
            yield _change("major", "input", module, name, f"{what} is gone")
        else:
            if before.type != after.type:
                words = f"{what} takes {after.type} and took {before.type}"
                yield _change("major", "input", module, name, words)
            if before.required != after.required:
                words = f"{what} has {'no default any more' if after.required else 'a default now'}"
                level: Level = "major" if after.required else "minor"
                yield _change(level, "input", module, name, words, everyone=after.required)
            if before.description != after.description:
                yield _change("patch", "input", module, name, f"{what} is described in other words")


def _outputs(
    module: str, old: Mapping[str, OutputContract], new: Mapping[str, OutputContract]
) -> Iterator[Change]:
    for name in _all(old, new):
        before, after, what = old.get(name), new.get(name), f"the output {name} of {module}"
        if before is None:
            yield _change("minor", "output", module, name, f"{what} is new")
        elif after is None:
            yield _change("major", "output", module, name, f"{what} is gone", gone=True)
        else:
            if before.type != after.type:
                words = f"{what} gives {after.type} and gave {before.type}"
                yield _change("major", "output", module, name, words)
            if before.description != after.description:
                yield _change("patch", "output", module, name, f"{what} is described in other words")


def _functions(
    module: str, old: Mapping[str, FunctionContract], new: Mapping[str, FunctionContract]
) -> Iterator[Change]:
    for name in _all(old, new):
        before, after, what = old.get(name), new.get(name), f"the function {name} of {module}"
        if before is None:
            yield _change("minor", "function", module, name, f"{what} is new")
        elif after is None:
            yield _change("major", "function", module, name, f"{what} is gone", gone=True)
        else:
            if before.parameters != after.parameters:
                # Callers give arguments by position: what is added last changes no place.
                appended = after.parameters[: len(before.parameters)] == before.parameters
                words = f"{what} takes {_listed(after.parameters)} and took {_listed(before.parameters)}"
                yield _change("minor" if appended else "major", "function", module, name, words)
            if before.description != after.description:
                yield _change("patch", "function", module, name, f"{what} is described in other words")


def _effects(old: ModuleContract, new: ModuleContract) -> Iterator[Change]:
    """What the module does in the app that uses it, which that may count on."""
    for key in sorted(old.stores | new.stores):
        what = "store keys that it computes" if key == ANYTHING else f"the store key {key}"
        if key not in old.stores:
            words = f"{new.name} writes {what}"
            yield _change("minor", "store", new.name, key, words, everyone=True)
        elif key not in new.stores:
            words = f"{new.name} writes {what} no more"
            yield _change("major", "store", new.name, key, words, everyone=True)
    for page in sorted(old.navigates | new.navigates):
        what = "pages that it computes" if page == ANYTHING else f"the page {page}"
        if page not in old.navigates:
            words = f"{new.name} goes to {what}"
            yield _change("minor", "page", new.name, page, words, everyone=True)
        elif page not in new.navigates:
            words = f"{new.name} goes to {what} no more"
            yield _change("major", "page", new.name, page, words, everyone=True)


def _calls(old: PackageContract, new: PackageContract) -> Iterator[Change]:
    """Modules that call other ones of the datasources that the package had and has."""
    kept = _called(old) & _called(new)
    for module in sorted(old.modules.keys() & new.modules.keys()):
        before, after = old.modules[module].datasources, new.modules[module].datasources
        for name in sorted((after - before) & kept):
            bound = name not in new.datasources
            words = f"{module} calls the datasource {name}" + (
                ", which has no default, so every app has to bind it" if bound else ""
            )
            level: Level = "major" if bound else "minor"
            yield _change(level, "datasource", module, name, words, everyone=True)
        for name in sorted((before - after) & kept):
            words = f"{module} calls the datasource {name} no more"
            yield _change("patch", "datasource", module, name, words)


def _datasources(old: PackageContract, new: PackageContract) -> Iterator[Change]:
    """The package's datasources as apps bind them: one that no module calls cannot be bound."""
    before, after = _called(old), _called(new)
    for name in sorted(before - after):
        words = f"the datasource {name} is called no more, and apps may bind it"
        yield _change("major", "datasource", "", name, words)
    for name in sorted(after - before):
        if name in new.datasources:
            yield _change("minor", "datasource", "", name, f"the datasource {name} is new")
        else:
            words = f"the datasource {name} is new and has no default, so every app has to bind it"
            yield _change("major", "datasource", "", name, words, everyone=True)
    for name in sorted(before & after):
        if (name in old.datasources) != (name in new.datasources):
            gone = name in old.datasources
            words = f"the datasource {name} has {'no default any more' if gone else 'a default now'}"
            yield _change("major" if gone else "minor", "datasource", "", name, words, everyone=gone)


def _packages(old: PackageContract, new: PackageContract) -> Iterator[Change]:
    for name in _all(old.packages, new.packages):
        before, after = old.packages.get(name), new.packages.get(name)
        if before == after:
            continue
        level: Level = "patch" if after is None else "minor"
        words = (
            f"the package {name} is needed, {after}"
            if before is None
            else f"the package {name} is needed no more"
            if after is None
            else f"the package {name} is needed as {after} and was as {before}"
        )
        yield _change(level, "package", "", name, words)


def _called(package: PackageContract) -> frozenset[str]:
    return frozenset(name for module in package.modules.values() for name in module.datasources)


def _change(level: Level, subject: Subject, module: str, name: str, words: str, **more: bool) -> Change:
    return Change(level=level, subject=subject, module=module, name=name, words=words, **more)


def _all(old: Collection[str], new: Collection[str]) -> list[str]:
    return sorted({*old, *new})


def _listed(parameters: Sequence[str]) -> str:
    return f"({', '.join(parameters)})"
