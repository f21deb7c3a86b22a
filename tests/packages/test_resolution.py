"""Versions are chosen so that there is one of each, the newest that suits everybody."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from semantic_version import NpmSpec, Version

from portico.errors import PackageNotFound, PackagesConflict
from portico.packages.registry import Registry
from portico.packages.resolution import Sources, Want, resolve
from tests.packages.shelves import package, put, shelf


def stocked(root: Path, packages: Mapping[str, Mapping[str, str]]) -> Registry:
    """A registry of packages `name@version`, with what each needs."""
    registry = shelf(root)
    for key, needs in packages.items():
        name, _, number = key.partition("@")
        put(registry, package(root / "sources" / key, number, name=name, needs=needs), name, number)
    return registry


def chosen(
    registry: Registry, wants: Mapping[str, str], fixed: Mapping[str, Version | None] | None = None
) -> dict[str, str]:
    """What is chosen for these ranges, beside what is there already."""
    found = resolve(
        [want(name, text) for name, text in wants.items()],
        Sources(registries=dict.fromkeys(wants, registry), fixed=fixed or {}),
    )
    return {name: str(package.version) for name, package in found.items()}


def want(name: str, text: str = "*") -> Want:
    """What the app wants."""
    return Want(name=name, within=NpmSpec(text), by="the app")


def test_the_newest_that_suits_everybody(tmp_path: Path) -> None:
    """What is needed by what is needed comes too; an older one is taken where the newest does not fit."""
    registry = stocked(
        tmp_path,
        {
            "a@1.0.0": {"c": "^1.0"},
            "a@1.1.0": {"c": "^2.0"},
            "b@1.0.0": {"c": "^1.0"},
            "c@1.0.0": {},
            "c@1.4.0": {"d": "*"},
            "c@2.0.0": {},
            "d@0.1.0": {},
        },
    )
    assert chosen(registry, {"a": "^1.0"}) == {"a": "1.1.0", "c": "2.0.0"}
    assert chosen(registry, {"a": "^1.0", "b": "^1.0"}) == {
        "a": "1.0.0",
        "b": "1.0.0",
        "c": "1.4.0",
        "d": "0.1.0",
    }
    fixed = {"c": Version("1.0.0")}
    assert chosen(registry, {"a": "^1.0"}, fixed=fixed) == {"a": "1.0.0"}
    assert chosen(registry, {"a": "^1.0"}, fixed={"c": None}) == {"a": "1.1.0"}


def test_what_cannot_be(tmp_path: Path) -> None:
    """Told with who wants what, and what there is."""
    needs = {"a@1.0.0": {"c": "^1.0"}, "b@1.0.0": {"c": "^2.0"}, "c@1.0.0": {}, "c@2.0.0": {}}
    registry = stocked(tmp_path, needs)
    with pytest.raises(PackagesConflict) as caught:
        chosen(registry, {"a": "*", "b": "*"})
    assert caught.value.message == (
        "No version of c suits everybody: wanted is ^1.0 for a 1.0.0, ^2.0 for b 1.0.0; "
        "there is 1.0.0, 2.0.0."
    )
    with pytest.raises(PackagesConflict, match=r"2\.0\.0 is installed"):
        chosen(registry, {"a": "*"}, fixed={"c": Version("2.0.0")})
    with pytest.raises(PackageNotFound, match="no package x"):
        chosen(registry, {"x": "*"})


def test_packages_that_need_each_other(tmp_path: Path) -> None:
    """A circle is no circle here; that modules make none is checked when they are read."""
    registry = stocked(tmp_path, {"a@1.0.0": {"b": "^1.0"}, "b@1.0.0": {"a": "^1.0"}})
    assert chosen(registry, {"a": "*"}) == {"a": "1.0.0", "b": "1.0.0"}


def test_needs_come_from_where_they_are_needed(tmp_path: Path) -> None:
    """A package without a registry of its own comes from that of the package that needs it."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = stocked(tmp_path / "one", {"a@1.0.0": {"c": "*"}, "c@1.0.0": {}})
    two = stocked(tmp_path / "two", {"b@1.0.0": {"c": "*"}, "c@9.0.0": {}})
    found = resolve([want("b"), want("a")], Sources(registries={"a": one, "b": two}))
    assert str(found["c"].version) == "9.0.0"
    assert found["c"].registry is two


def test_a_limit_asks_for_nothing(tmp_path: Path) -> None:
    """It holds for a package that is needed, and brings none that is not."""
    registry = stocked(tmp_path, {"a@1.0.0": {"c": "*"}, "b@1.0.0": {}, "c@1.0.0": {}, "c@2.0.0": {}})
    limits = {"c": want("c", "^1.0"), "b": want("b")}
    found = resolve([want("a")], Sources(registries={"a": registry}, limits=limits))
    assert {name: str(package.version) for name, package in found.items()} == {"a": "1.0.0", "c": "1.0.0"}
