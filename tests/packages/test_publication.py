"""Publishing: only sound packages, under a version that does not promise too much."""

from pathlib import Path

import pytest

from portico.definition.versions import version
from portico.errors import PackageNotFound, PackagesConflict, PublicationRefused
from portico.packages.publication import base_of, prepare, publish
from portico.packages.reader import ProblemsFound
from portico.packages.registry import Registry
from tests.packages.shelves import GREETING, READER, content, package, put, shelf

MORE = GREETING.replace("outputs:\n", 'outputs:\n  more: "{{ 1 }}"\n')
LESS = GREETING.replace('  shown: {value: "{{ Hello.text }}", type: string}\n', '  more: "{{ 1 }}"\n')


def published(root: Path, *packages: tuple[str, str]) -> Registry:
    """A registry with versions and their modules."""
    registry = shelf(root)
    for number, module in packages:
        put(registry, package(root / "sources" / number, number, module=module), "greeting", number)
    return registry


def test_the_first_version_may_be_any(tmp_path: Path) -> None:
    """Nothing to compare it with; published again it is there already."""
    registry = shelf(tmp_path)
    for there in (False, True):
        found = prepare(package(tmp_path / "greeting", "3.1.4"), registry, READER)
        assert (found.is_there, found.comparison, found.shortfall) == (there, None, None)
        assert publish(found, registry) is not there


@pytest.mark.parametrize(
    ("base", "module", "number", "wanted"),
    [
        ("1.0.0", GREETING, "1.0.1", None),
        ("1.0.0", MORE, "1.0.1", "1.1.0"),
        ("1.0.0", MORE, "1.1.0", None),
        ("1.0.0", LESS, "1.1.0", "2.0.0"),
        ("1.0.0", LESS, "2.0.0", None),
        ("1.0.0", LESS, "2.0.0-rc.1", None),
        ("1.0.0", LESS, "1.1.0-rc.1", "2.0.0"),
        ("0.1.0", LESS, "0.1.1", "0.2.0"),
        ("0.1.0", LESS, "0.2.0", None),
        ("1.0.0-rc.1", LESS, "1.0.0-rc.2", None),
        ("1.0.0-rc.1", LESS, "1.0.0", None),
    ],
)
def test_the_least_version(base: str, module: str, number: str, wanted: str | None, tmp_path: Path) -> None:
    """What is less than the changes ask for is refused, with a version that would do, and that does."""
    registry = published(tmp_path, (base, GREETING))
    before = content(registry.folder)
    source = package(tmp_path / "greeting", number, module=module)
    found = prepare(source, registry, READER)
    if wanted is None:
        assert publish(found, registry)
        return
    with pytest.raises(PublicationRefused) as caught:
        publish(found, registry)
    assert f"a version that would do is {wanted}." in caught.value.message
    assert content(registry.folder) == before
    again = prepare(package(source, wanted, module=module), registry, READER)
    assert publish(again, registry)


def test_a_version_between_others(tmp_path: Path) -> None:
    """Compared with the one below it; what would do is a version after all of them."""
    registry = published(tmp_path, ("1.0.0", GREETING), ("1.1.0", MORE))
    patch = prepare(package(tmp_path / "patch", "1.0.1"), registry, READER)
    assert patch.comparison is not None
    assert str(patch.comparison.base) == "1.0.0"
    assert publish(patch, registry)
    both = MORE.replace("outputs:\n", 'outputs:\n  most: "{{ 2 }}"\n')
    with pytest.raises(PublicationRefused, match=r"would do is 1\.2\.0\."):
        publish(prepare(package(tmp_path / "more", "1.0.2", module=both), registry, READER), registry)


def test_the_base_is_the_newest_lower_release() -> None:
    """A prerelease counts only where there is nothing else."""
    versions = [version(text) for text in ("1.0.0", "1.1.0-rc.1", "1.2.0")]
    assert str(base_of(version("1.1.0"), versions)) == "1.0.0"
    assert str(base_of(version("1.1.0"), versions[1:])) == "1.1.0-rc.1"
    assert base_of(version("0.9.0"), versions) is None


def test_another_content_under_the_same_version(tmp_path: Path) -> None:
    """Refused, with a version that would do for what changed."""
    registry = published(tmp_path, ("1.0.0", GREETING))
    with pytest.raises(PublicationRefused) as caught:
        prepare(package(tmp_path / "greeting", module=MORE), registry, READER)
    assert "another content" in caught.value.message
    assert "`version: 1.1.0`" in caught.value.message


def test_a_package_with_errors(tmp_path: Path) -> None:
    """All of them are told, with places in the package; nothing is published."""
    registry = shelf(tmp_path)
    broken = GREETING.replace("kind: ui", "kind: gui").replace("Hello.text", "Hullo.text")
    source = package(tmp_path / "greeting", "1.0", module=broken)
    with pytest.raises(ProblemsFound) as caught:
        prepare(source, registry, READER)
    places = [str(problem.place) for problem in caught.value.problems]
    assert any(place.startswith("package.yaml:2") for place in places)
    assert any(place.startswith("modules/Greeting/module.yaml:1") for place in places)
    assert registry.names() == ()


WRAPPER = """\
kind: ui
widgets:
  - {name: Inner, module: greeting/Greeting, inputs: {name: "Bob"}}
"""


def test_what_it_needs_comes_from_the_same_registry(tmp_path: Path) -> None:
    """Read with the newest version in its range; missing or out of range is told."""
    registry = shelf(tmp_path)
    source = package(tmp_path / "wrapper", name="wrapper", module=WRAPPER, needs={"greeting": "^1.0"})
    with pytest.raises(PackageNotFound, match="no package greeting"):
        prepare(source, registry, READER)
    put(registry, package(tmp_path / "two", "2.0.0"), "greeting", "2.0.0")
    with pytest.raises(PackagesConflict, match=r"wanted is \^1\.0 for .*wrapper; there is 2\.0\.0"):
        prepare(source, registry, READER)
    put(registry, package(tmp_path / "one", "1.0.0"), "greeting", "1.0.0")
    assert publish(prepare(source, registry, READER), registry)
    package(
        source,
        name="wrapper",
        module=WRAPPER.replace("name:", "nme:", 2).replace("nme:", "name:", 1),
        number="1.0.1",
        needs={"greeting": "^1.0"},
    )
    with pytest.raises(ProblemsFound) as caught:
        prepare(source, registry, READER)
    assert {problem.code for problem in caught.value.problems} == {"E707"}
