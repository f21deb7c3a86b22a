"""`docs/lint.md` says of every rule what it finds, and shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portico.definition.lint.linter import CATALOGUE
from portico.definition.lint.rules import RULES
from tests.definition.linting import findings

MANUAL = Path(__file__).parents[2] / "docs" / "lint.md"

_SECTION = re.compile(r"^### (?P<rule>[a-z-]+)\n\n(?P<rest>(?:(?!^##).*\n?)*)", re.MULTILINE)
_FILE = re.compile(r"^`(?P<path>[^`\n]+)`\n\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTPUT = re.compile(r"^```text\n(?P<output>.*?)\n^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A section of the manual: files in which a rule finds something, what is printed, and a near miss."""

    rule: str
    bad: dict[str, str]
    output: str
    good: dict[str, str]


def sections() -> Iterator[Example]:
    """The sections of the manual, in order."""
    for section in _SECTION.finditer(MANUAL.read_text(encoding="utf-8")):
        words, bad, good = re.split(r"^(?:Found|Not found):$", section["rest"], flags=re.MULTILINE)
        assert words.strip()
        output = _OUTPUT.search(bad)
        assert output is not None, section["rule"]
        yield Example(
            rule=section["rule"],
            bad={file["path"]: file["content"] for file in _FILE.finditer(bad)},
            output=output["output"],
            good={file["path"]: file["content"] for file in _FILE.finditer(good)},
        )


EXAMPLES = {example.rule: example for example in sections()}


def test_the_manual_lists_the_rules() -> None:
    """Every rule has a section, in the order of the rules; the issues' seventeen are there."""
    assert list(EXAMPLES) == list(CATALOGUE)
    assert len(RULES) == 17


def test_a_rule_says_why_in_one_sentence_and_what_to_do() -> None:
    """As diagnostics do: no capital, no full stop."""
    for rule in CATALOGUE.values():
        assert rule.reason[0] not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ", rule.id
        assert not rule.reason.endswith("."), rule.id
        assert ". " not in rule.reason, rule.id
        assert rule.remedy, rule.id


@pytest.mark.parametrize("rule", list(EXAMPLES))
def test_what_the_manual_shows_is_found(rule: str, tmp_path: Path) -> None:
    """Word for word as printed, and by that rule alone."""
    example = EXAMPLES[rule]
    found = [one for one in findings(tmp_path, example.bad) if one.silenced is None]
    assert "\n".join(one.as_text() for one in found) == example.output
    assert {one.rule for one in found} == {rule}


@pytest.mark.parametrize("rule", list(EXAMPLES))
def test_the_near_miss_of_the_manual_is_not_found(rule: str, tmp_path: Path) -> None:
    """Nothing is found in it, by whatever rule."""
    assert [one.as_text() for one in findings(tmp_path, EXAMPLES[rule].good) if one.silenced is None] == []


def test_the_app_around_the_examples_is_sound(tmp_path: Path) -> None:
    """What is found is in the examples."""
    assert findings(tmp_path) == ()
