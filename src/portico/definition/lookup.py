"""Names that are used, against the names that there are."""

from collections.abc import Iterable

from portico.definition.diagnostics import Problems
from portico.definition.names import GLOBALS, suggestion
from portico.definition.scope import Reading
from portico.definition.text import Text
from portico.model.place import Place


def check_exists(
    code: str, place: Place, name: str, known: Iterable[str], what: str, problems: Problems
) -> None:
    """Report a `name` that is not one of `known`."""
    names = frozenset(known)
    if name not in names:
        remedy = suggestion(name, names, none=f"there is no {what} at all")
        problems.add(code, place, f"there is no {what} `{name}`", received=name, remedy=remedy)


def check_defined(
    text: Text, start: int, reading: Reading, known: frozenset[str], problems: Problems
) -> None:
    """Report names that code, which begins at `start` of `text`, reads and nothing defines, once each.

    Under `typeof` a name may be missing.
    """
    reported: set[str] = set()
    for use in reading.uses:
        if use.tested or use.name in known or use.name in GLOBALS or use.name in ("this", *reported):
            continue
        reported.add(use.name)
        problems.add(
            "E403",
            text.place(start + use.offset),
            f"nothing here is called `{use.name}`",
            received=use.name,
            remedy=suggestion(use.name, known, none="only JavaScript itself can be used here"),
        )
