"""A command as people copy it, split into words as a shell would.

`shlex` does not know the quotes that browsers write (`$'…'`), joins lines where it should not, and
takes `$KEY` for text: a command would mean something else than it says.
"""

import re

from portico.importers.bash import Bash
from portico.importers.cmd import Cmd
from portico.importers.words import Line, check

#: A line of cmd.exe goes on behind a caret, and browsers write `^"` for its quotes. An address in
#: single quotes, which are none there, says that carets are part of some text.
_CMD = re.compile(r"""\^\r?\n|^\s*curl(\.exe)?\s[^\n"']*\^\"""", re.IGNORECASE)


def split(text: str) -> Line:
    """The words of a command written for bash or for cmd.exe, whichever it looks like.

    Raises CommandUnreadable for quotes without end, and for what only a shell could carry out.
    """
    check(text)
    text = text.replace("\r\n", "\n").strip().removeprefix("$ ")
    windows = _CMD.search(text) and "'http" not in text and "\\\n" not in text
    return Cmd(text).line() if windows else Bash(text).line()
