"""The reference that is made from the code is that of this code."""

import re

from portico.ui.widgets import CATALOGUE
from tools import reference


def test_the_reference_is_up_to_date() -> None:
    """`make docs` was run."""
    assert reference.FILE.read_text(encoding="utf-8") == reference.text()


def test_it_names_everything() -> None:
    """Every type with each of its properties, events and methods, and nothing without a word about it."""
    text = reference.text()
    for kind in CATALOGUE.values():
        section = text.partition(f"### {kind.name}\n")[2].partition("\n### ")[0]
        written = [name for name in kind.properties if name != "tabsObj"]
        for name in (*written, *kind.events, *kind.methods, *kind.meta, *kind.derived):
            assert (f"`{name}`" in section) is (name not in kind.private), (kind.name, name)
    assert re.findall(r"^\|.*\|\s+\|$", text, re.MULTILINE) == []
