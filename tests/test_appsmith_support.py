"""The table of what comes over from Appsmith is made from the code, and is that of this code."""

from portico.importers.appsmith.libraries import KNOWN
from portico.importers.appsmith.widget_table import TABLE
from portico.model.program import LIBRARY_NAMES
from tools import appsmith


def test_the_table_is_up_to_date() -> None:
    """`make docs` was run."""
    assert appsmith.FILE.read_text(encoding="utf-8") == appsmith.text()


def test_it_names_every_type() -> None:
    """Once, each on a line of its own."""
    text = appsmith.text()
    assert all(text.count(f"| `{name}` |") == 1 for name in TABLE)


def test_libraries_that_are_said_to_be_here_are() -> None:
    """Each is a name that scripts have."""
    assert set(KNOWN) <= LIBRARY_NAMES
