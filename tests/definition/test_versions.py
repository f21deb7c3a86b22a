"""Versions and ranges: which texts are one, and what is in a range."""

import pytest

from portico.definition.versions import LENGTH_LIMIT, version, versions_range


@pytest.mark.parametrize("text", ["0.0.0", "1.2.3", "10.20.30", "1.0.0-rc.1", "1.0.0-alpha"])
def test_a_version(text: str) -> None:
    """Three numbers, and a prerelease if there is one; it is written as it was."""
    assert str(version(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+build"),
        *(" 1.2.3", "1.2.3\n", "１.2.3", "^1.0", "latest", "../1.2.3", "1.2.3-" + "a" * LENGTH_LIMIT),
    ],
)
def test_what_is_no_version(text: str) -> None:
    """Anything else is none: what is shorter, has a build, spaces, or digits of other scripts."""
    assert version(text) is None


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^1.0", ["1.0.0", "1.9.3"], ["0.9.9", "2.0.0", "1.1.0-rc.1", "2.0.0-rc.1"]),
        ("^0.2", ["0.2.0", "0.2.9"], ["0.3.0", "1.0.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.2.3", ["1.2.3"], ["1.2.4"]),
        (">=1 <3", ["1.0.0", "2.9.9"], ["0.9.0", "3.0.0"]),
        ("^1.0.0-rc.1", ["1.0.0-rc.2", "1.0.0"], ["1.1.0-rc.1", "1.0.0-alpha"]),
        ("1.x || 3", ["1.5.0", "3.0.0"], ["2.0.0"]),
        ("*", ["0.0.1", "9.0.0"], ["1.0.0-rc.1"]),
        (" ^1.0 ", ["1.0.0"], ["2.0.0"]),
    ],
)
def test_a_range(text: str, inside: list[str], outside: list[str]) -> None:
    """Ranges are npm's; a prerelease has to be asked for."""
    found = versions_range(text)
    assert found is not None
    assert [number for number in inside + outside if version(number) in found] == inside


@pytest.mark.parametrize(
    "text", ["", "  ", "latest", "^", "a.b", "1.0.0.0", "^1.0;", "^1\n", "1" * (LENGTH_LIMIT + 1), "^１.0"]
)
def test_what_is_no_range(text: str) -> None:
    """Anything else is none, and never an error of its own."""
    assert versions_range(text) is None
