"""Stylesheets of single widgets: a page with several of them has all of theirs."""

import re
from importlib.resources import files
from itertools import combinations

from portico.ui.assets import SHEETS

NAMES = frozenset(name for names in SHEETS.values() for name in names.split())
#: What stands around widgets, and is nobody's own.
COMMON = frozenset({"js", "grid", "flow"})


def begins_with(css: str) -> frozenset[str]:
    """The classes that selectors of a sheet begin with, and which it therefore speaks for."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    selectors = [one for one in re.findall(r"([^{}]+)\{", css) if not one.strip().startswith("@")]
    parts = [part.strip() for one in selectors for part in re.split(r",(?![^(]*\))", one)]
    return frozenset(found[1] for part in parts if (found := re.match(r"\.([\w-]+)", part))) - COMMON


def test_no_two_sheets_speak_for_one_class() -> None:
    """A name that two builders hit upon gave one widget the other's looks, on pages that have both."""
    folder = files("portico.ui") / "static"
    sheets = {name: begins_with((folder / name).read_text("utf-8")) for name in NAMES}
    assert all(sheets.values()), "each has some"
    shared = {(one, other): sheets[one] & sheets[other] for one, other in combinations(sorted(sheets), 2)}
    assert {pair: found for pair, found in shared.items() if found} == {}


def test_control_two_rules_for_one_class_are_found() -> None:
    """Also inside a media rule, behind a comma and in front of another selector."""
    css = "/* .no { } */ @media (min-width: 1px) { .a > .b, .c:is(.d, .e) { x: y } } .f .g { }"
    assert begins_with(css) == {"a", "c", "f"}
