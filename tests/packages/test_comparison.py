"""Contracts compared: every kind of change, its level, and the version that it asks for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semantic_version import Version

from portico.model.package import (
    FunctionContract,
    InputContract,
    ModuleContract,
    OutputContract,
    PackageContract,
)
from portico.packages.comparison import Level, bump_of, bumped, compare, demanded, level_of
from portico.packages.contract_json import of_changes, of_package

MODULE = ModuleContract(
    name="Login",
    kind="script",
    inputs={"appName": InputContract(type="string"), "logoUrl": InputContract(type="string", required=True)},
    outputs={"token": OutputContract(type="string")},
    functions={"signin": FunctionContract(parameters=("email", "password"))},
    stores=frozenset({"access_token"}),
    navigates=frozenset({"Home"}),
    datasources=frozenset({"auth_api"}),
    secrets=frozenset({"API_KEY"}),
)
PACKAGE = PackageContract(
    name="login",
    version="1.0.0",
    modules={"Login": MODULE},
    datasources=frozenset({"auth_api"}),
    packages={"codes": "^1.0"},
)


def changed(**changes: Any) -> PackageContract:
    """The package with another module."""
    return replace(PACKAGE, modules={"Login": replace(MODULE, **changes)})


def inputs(**more: InputContract) -> PackageContract:
    """The package with other inputs."""
    return changed(inputs={**MODULE.inputs, **more})


CASES: list[tuple[PackageContract, Level, str]] = [
    (replace(PACKAGE, modules={}), "major", "the module Login is gone"),
    (changed(kind="query"), "major", "Login is a query module and was a script module"),
    (changed(inputs={}), "major", "the input appName of Login is gone"),
    (inputs(appName=InputContract(type="any")), "major", "takes any and took string"),
    (
        inputs(appName=InputContract(type="string", required=True)),
        "major",
        "appName of Login has no default any more",
    ),
    (inputs(more=InputContract(required=True)), "major", "every instance has to give it"),
    (changed(outputs={}), "major", "the output token of Login is gone"),
    (changed(outputs={"token": OutputContract()}), "major", "gives any and gave string"),
    (changed(functions={}), "major", "the function signin of Login is gone"),
    (
        changed(functions={"signin": FunctionContract(parameters=("password", "email"))}),
        "major",
        "takes (password, email) and took (email, password)",
    ),
    (changed(stores=frozenset()), "major", "writes the store key access_token no more"),
    (changed(stores=frozenset({"*"})), "major", "writes store keys that it computes"),
    (changed(navigates=frozenset()), "major", "goes to the page Home no more"),
    (changed(datasources=frozenset()), "major", "the datasource auth_api is called no more"),
    (changed(datasources=frozenset({"auth_api", "other"})), "major", "every app has to bind it"),
    (replace(PACKAGE, datasources=frozenset()), "major", "the datasource auth_api has no default any more"),
    (changed(secrets=frozenset({"API_KEY", "MORE"})), "major", "Login needs the secret MORE"),
    (
        replace(PACKAGE, modules={"Login": MODULE, "More": ModuleContract(name="More", kind="ui")}),
        "minor",
        "the ui module More is new",
    ),
    (inputs(more=InputContract()), "minor", "the input more of Login is new"),
    (inputs(logoUrl=InputContract(type="string")), "minor", "has a default now"),
    (
        changed(outputs={**MODULE.outputs, "more": OutputContract()}),
        "minor",
        "the output more of Login is new",
    ),
    (
        changed(functions={"signin": FunctionContract(parameters=("email", "password", "code"))}),
        "minor",
        "takes (email, password, code)",
    ),
    (changed(stores=frozenset({"access_token", "more"})), "minor", "writes the store key more"),
    (changed(navigates=frozenset({"Home", "More"})), "minor", "goes to the page More"),
    (replace(PACKAGE, packages={}), "patch", "the package codes is needed no more"),
    (replace(PACKAGE, packages={"codes": "^2.0"}), "minor", "is needed as ^2.0 and was as ^1.0"),
    (
        replace(PACKAGE, packages={"codes": "^1.0", "more": "^1.0"}),
        "minor",
        "the package more is needed, ^1.0",
    ),
    (changed(secrets=frozenset()), "patch", "needs the secret API_KEY no more"),
    (changed(description="new"), "patch", "Login is described in other words"),
]


@pytest.mark.parametrize(("new", "level", "words"), CASES, ids=[words for _, _, words in CASES])
def test_a_change_has_its_level_and_words(new: PackageContract, level: Level, words: str) -> None:
    """Every way in which a contract can change."""
    changes = compare(PACKAGE, new)
    assert level_of(changes) == level
    assert any(words in change.words for change in changes)
    assert [change.level for change in changes] == sorted(
        (change.level for change in changes), key=["major", "minor", "patch"].index
    )


def test_a_datasource_with_a_default() -> None:
    """A new one is an addition if the package brings it; a module that calls one without is a demand."""
    names = frozenset({"auth_api", "more"})
    more = replace(changed(datasources=names), datasources=names)
    assert [change.words for change in compare(PACKAGE, more)] == ["the datasource more is new"]
    assert level_of(compare(PACKAGE, more)) == "minor"
    bare = replace(PACKAGE, datasources=frozenset())
    assert level_of(compare(bare, PACKAGE)) == "minor"
    other = ModuleContract(name="Other", kind="ui")
    two = replace(bare, modules={"Login": MODULE, "Other": other})
    calling = replace(two, modules={"Login": MODULE, "Other": replace(other, datasources=MODULE.datasources)})
    assert level_of(compare(two, calling)) == "major"


@pytest.mark.parametrize(
    ("old", "level", "least", "next_version"),
    [
        ("1.2.3", "patch", "patch", "1.2.4"),
        ("1.2.3", "minor", "minor", "1.3.0"),
        ("1.2.3", "major", "major", "2.0.0"),
        ("0.2.3", "patch", "patch", "0.2.4"),
        ("0.2.3", "minor", "minor", "0.3.0"),
        ("0.2.3", "major", "minor", "0.3.0"),
        ("1.2.0-rc.1", "patch", "patch", "1.2.0"),
    ],
)
def test_the_least_version(old: str, level: Level, least: Level, next_version: str) -> None:
    """Before 1.0.0 a minor bump may break."""
    assert demanded(Version(old), level) == least
    assert str(bumped(Version(old), least)) == next_version
    assert Version(next_version) > Version(old)


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [("1.2.3", "1.2.9", "patch"), ("1.2.3", "1.3.0-rc.1", "minor"), ("0.9.0", "1.0.0", "major")],
)
def test_the_bump_between_versions(old: str, new: str, bump: Level) -> None:
    """By the first number that differs."""
    assert bump_of(Version(old), Version(new)) == bump


# Properties

_names = st.sampled_from(["a", "b", "c", "d"])
_types = st.sampled_from(["any", "string", "number", "boolean", "object", "list"])
_words = st.sampled_from(["", "words"])
_inputs = st.dictionaries(
    _names, st.builds(InputContract, type=_types, required=st.booleans(), description=_words), max_size=3
)
_outputs = st.dictionaries(_names, st.builds(OutputContract, type=_types, description=_words), max_size=3)
_functions = st.dictionaries(
    _names,
    st.builds(FunctionContract, parameters=st.lists(_names, max_size=3).map(tuple), description=_words),
    max_size=3,
)
_sets = st.frozensets(_names, max_size=3)


@st.composite
def packages(draw: st.DrawFn) -> PackageContract:
    """A package with modules of every kind; it brings the datasources that they call."""
    modules = {
        name: ModuleContract(
            name=name,
            kind=draw(st.sampled_from(["ui", "query", "script"])),
            inputs=draw(_inputs),
            outputs=draw(_outputs),
            functions=draw(_functions),
            stores=draw(_sets),
            navigates=draw(_sets),
            datasources=draw(_sets),
            secrets=draw(_sets),
        )
        for name in draw(st.frozensets(_names, min_size=1, max_size=3))
    }
    called = frozenset(name for module in modules.values() for name in module.datasources)
    return PackageContract(
        name="p",
        version="1.0.0",
        modules=modules,
        datasources=called,
        packages=draw(st.dictionaries(_names, st.just("^1.0"), max_size=2)),
    )


def _removals(package: PackageContract) -> list[PackageContract]:
    """The package without one of the things that apps may use, for each of them."""
    found = []
    for name, module in package.modules.items():
        rest = {other: it for other, it in package.modules.items() if other != name}
        found.append(replace(package, modules=rest))
        less: list[dict[str, Any]] = []
        for part in ("inputs", "outputs", "functions"):
            values = getattr(module, part)
            less += [{part: {other: values[other] for other in values if other != key}} for key in values]
        for part in ("stores", "navigates"):
            less += [{part: getattr(module, part) - {key}} for key in getattr(module, part)]
        found += [replace(package, modules={**rest, name: replace(module, **it)}) for it in less]
    return found


@given(packages())
def test_the_same_contract_is_a_patch(package: PackageContract) -> None:
    """Nothing changed, whatever the version is called."""
    assert compare(package, replace(package, version="9.9.9", description="words")) == ()
    assert level_of(()) == "patch"


@given(packages(), st.data())
def test_a_removal_is_major_and_its_reverse_is_not_worse_than_its_demand(
    package: PackageContract, data: st.DataObject
) -> None:
    """Whatever is taken away; put back, it is an addition unless it asks something of apps."""
    less = data.draw(st.sampled_from(_removals(package)))
    assert level_of(compare(package, less)) == "major"
    added = compare(less, package)
    assert level_of(added) != "patch"
    asks = [change for change in added if change.level == "major"]
    assert all("has to" in change.words or "needs the secret" in change.words for change in asks)


@given(packages(), st.data())
def test_an_addition_is_minor(package: PackageContract, data: st.DataObject) -> None:
    """Whatever is added that apps need not give."""
    name = data.draw(st.sampled_from(sorted(package.modules)))
    module = package.modules[name]
    more = data.draw(
        st.sampled_from(
            [
                replace(module, inputs={**module.inputs, "new": InputContract()}),
                replace(module, outputs={**module.outputs, "new": OutputContract()}),
                replace(module, functions={**module.functions, "new": FunctionContract()}),
                replace(module, stores=module.stores | {"new"}),
                replace(module, navigates=module.navigates | {"new"}),
                replace(module, name="New", secrets=frozenset()),
            ]
        )
    )
    changes = compare(package, replace(package, modules={**package.modules, more.name: more}))
    assert [change.level for change in changes] == ["minor"]


@given(packages(), packages())
def test_no_change_goes_unseen(old: PackageContract, new: PackageContract) -> None:
    """Contracts that are written differently are compared as different."""
    same = of_package(old) == of_package(replace(new, version=old.version))
    assert (compare(old, new) == ()) == same
    assert len(of_changes(compare(old, new))) == len(compare(old, new))
