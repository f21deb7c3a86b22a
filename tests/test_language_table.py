"""The table of what apps can be made of is made from this code, and leaves nothing without a test."""

from tools import language


def test_the_table_is_up_to_date() -> None:
    """`make docs` was run."""
    assert language.FILE.read_text(encoding="utf-8") == language.text()


def test_everything_has_a_test_that_names_it() -> None:
    """Each step, function, field, property, event and method."""
    missing = [
        (title, name) for title, items in language.sections() for name, _, test in items if test is None
    ]
    assert missing == []


def test_control_a_name_without_a_test_is_found() -> None:
    """Nothing names what does not exist."""
    nowhere = "set" + "Nothing" + "AtAll"
    assert language.naming(rf"\b{nowhere}\b", language.tests()) is None
