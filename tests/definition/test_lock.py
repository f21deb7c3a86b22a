"""`portico.lock`: what is written is read again, and what is wrong is told with its place."""

import pytest

from portico.definition import lock, source
from portico.definition.diagnostics import Problems
from portico.definition.lock import Locked
from portico.definition.source import Table
from portico.model.place import Place
from tests.definition.test_diagnostics import EXAMPLES

HASH = "sha256:" + "0123456789abcdef" * 4
GOOD = f'packages:\n  login: {{version: 1.0.0, hash: "{HASH}", registry: ../registry}}\n'


def read(text: str) -> tuple[dict[str, Locked], list[str]]:
    """What a file says, and its problems."""
    problems = Problems()
    node = source.read(lock.FILE_NAME, text, problems)
    assert isinstance(node, Table)
    found = lock.read(node, problems)
    return found, [problem.as_text() for problem in problems.sorted()]


def test_a_lock_as_in_the_design() -> None:
    """Version, hash, registry, and where it stands."""
    found, problems = read(GOOD)
    assert problems == []
    place = Place("portico.lock", 2, 10)
    assert found == {"login": Locked(version="1.0.0", hash=HASH, registry="../registry", place=place)}


@pytest.mark.parametrize(
    "registry",
    [
        None,
        "../registry",
        "/srv/my packages",
        "./r",
        "true",
        "~/r",
        "a: b",
        'a"b\\c',
        "ä{}, #x",
        "1.0",
        "..",
        "\x85",
    ],
)
def test_what_is_written_is_read_again(registry: str | None) -> None:
    """Whatever the path of the registry is; sorted, so that the same packages are the same text."""
    place = Place("portico.lock", 1, 1)
    packages = {
        name: Locked(version=number, hash=HASH, registry=registry, place=place)
        for name, number in (("login", "1.0.0"), ("auth-code", "0.2.0-rc.1"), ("true", "2.0.0"))
    }
    text = lock.text(packages)
    found, problems = read(text)
    assert problems == []
    assert {name: (it.version, it.hash, it.registry) for name, it in found.items()} == {
        name: (it.version, it.hash, it.registry) for name, it in packages.items()
    }
    assert text == lock.text(dict(reversed(packages.items())))
    assert text.startswith("# Written by `portico package`")


def test_an_empty_lock() -> None:
    """No packages are a lock too."""
    assert read(lock.text({})) == ({}, [])


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("1.0.0", "latest", "2:20 E712 a version is x.y.z"),
        ("1.0.0", "1.0.0+build", "2:20 E712 a version is x.y.z"),
        ("sha256:", "sha1:", "2:33 E712 a hash is"),
        ("abcdef", "ABCDEF", "2:33 E712 a hash is"),
        ("  login", "  ../login", "2:3 E712 no package is called this"),
        ("version", "versoin", "2:11 E201 a package of portico.lock has no `versoin`"),
        (', hash: "', ', digest: "', "2:10 E203 a package of portico.lock needs `hash`"),
        ("packages", "package", "1:1 E203 portico.lock needs `packages`"),
        ("../registry", "[]", "E202 `registry` is text"),
    ],
)
def test_what_is_wrong_is_told(before: str, after: str, problem: str) -> None:
    """With its place; a package that is not sound is left out."""
    assert before in GOOD
    found, problems = read(GOOD.replace(before, after))
    assert any(problem in told for told in problems), problems
    assert found == {} or "registry" in problem


def test_e712_is_told_as_the_manual_has_it() -> None:
    """The manual's example, word for word."""
    _, problems = read(f'packages:\n  auth: {{version: 1.0, hash: "{HASH}"}}\n')
    assert problems == [EXAMPLES["E712"].output]
