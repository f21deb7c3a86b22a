"""The words of a command, and why there may be none."""

import re
from dataclasses import dataclass

from portico.errors import PorticoError

#: Around the name of a variable in a word: its value is not known here. Characters of nobody's.
OPEN, CLOSE = "\ue000", "\ue001"
VARIABLE = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")

_PRIVATE = re.compile("[\ue000-\ue00f]")


class CommandUnreadable(PorticoError):
    """A command that cannot be imported. The message says why and what to do, and quotes no values."""

    code = "command_unreadable"
    default_message = "This command cannot be read."


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """The words of one command. A variable in a word stands as its name between OPEN and CLOSE.
    `dropped` says what of the line was left out."""

    words: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def check(text: str) -> None:
    """Raises CommandUnreadable for text that no file can hold, or that means something else here."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CommandUnreadable(message="The command is not UTF-8.") from None
    if _PRIVATE.search(text):
        raise CommandUnreadable(message="The command holds a character of Unicode's private use area.")


def unclosed(quote: str) -> CommandUnreadable:
    """For a quote that is opened only."""
    return CommandUnreadable(
        message=f"A quote {quote} is opened and not closed. Was the whole command copied? A shell takes the "
        "quotes of a command off before this sees it: pass it as a file: portico import curl - < command.txt"
    )


def several(operator: str) -> CommandUnreadable:
    """For an operator that joins commands."""
    return CommandUnreadable(message=f"`{operator}` joins commands. Import one at a time.")


def computed(what: str) -> CommandUnreadable:
    """For what only a shell can find out."""
    return CommandUnreadable(
        message=f"`{what}` is worked out by a shell, which there is none of here. Fill in what it gives, "
        "or put it in single quotes if it is meant as it stands."
    )
