"""Each rule of the lint beyond its manual: what it must find, and what it must not."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.lint.rules import RULES
from tests.definition.linting import found

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("lint_cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_what_is_found_is_what_is_named(case: Mapping[str, Any], tmp_path: Path) -> None:
    """By whatever rule, in the order of the places."""
    assert [line.partition(" ")[2] for line in found(tmp_path, case["files"])] == case["expected"]


def test_every_rule_has_cases_that_it_finds_and_near_misses() -> None:
    """A rule that finds nothing, or everything, fails here."""
    by_rule: dict[str, list[bool]] = defaultdict(list)
    for case in CASES:
        rule = case["name"].partition(":")[0]
        by_rule[rule].append(rule in case["expected"])
    # `seal: false` has one way to be written, and the manual shows it.
    assert by_rule.keys() == {rule.id for rule in RULES}
    assert {rule for rule, found_ones in by_rule.items() if True not in found_ones} == {"unsealed-answer"}
    assert {rule for rule, found_ones in by_rule.items() if False not in found_ones} == set()
