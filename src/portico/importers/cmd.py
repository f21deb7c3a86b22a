r"""Quoting of cmd.exe, and then that of the C runtime, which splits a line into words.

Browsers copy commands for Windows so ("Copy as cURL (cmd)"): every special character behind a
caret, quotes as `^\^"`.
"""

import re

from portico.importers.words import CommandUnreadable, Line, computed, unclosed

_PIECE = re.compile(r'(?P<slashes>\\+"?)|(?P<doubled>"")|(?P<quote>")|(?P<space>\s+)|(?P<text>[^\\"\s]+)')


class Cmd:
    """One command."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._dropped: list[str] = []

    def line(self) -> Line:
        """Its words. Raises CommandUnreadable."""
        words = _words(self._without_carets())
        return Line(words=words, dropped=tuple(self._dropped))

    def _without_carets(self) -> str:
        """Outside quotes a caret takes the meaning from what follows it; at the end of a line it
        takes that away, and the meaning from the character behind it."""
        found: list[str] = []
        quoted = False
        at = 0
        while at < len(self._text):
            char = self._text[at]
            if char == "^" and not quoted:
                at += 2 if self._text.startswith("\n", at + 1) else 1
                found.append(self._text[at : at + 1])
            elif char == "\n":
                raise CommandUnreadable(
                    message="A line ends and another begins. End each line but the last with a caret, with "
                    "nothing behind it."
                )
            elif char in "&<>|" and not quoted:
                if char != "|" or self._text.startswith("||", at):
                    raise computed(char)
                self._dropped.append("what follows `|`: an app uses the answer in bindings")
                break
            else:
                quoted ^= char == '"'
                found.append(char)
            at += 1
        return "".join(found)


def _words(line: str) -> tuple[str, ...]:
    """Words by the rules of the C runtime: backslashes count before a quote only, and a doubled quote
    within quotes is one."""
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    for piece in _PIECE.finditer(line):
        text = piece[0]
        match piece.lastgroup:
            case "space" if not quoted:
                words += ["".join(word)] if word is not None else []
                word = None
                continue
            case "slashes" if text.endswith('"'):
                count = len(text) - 1
                quoted ^= count % 2 == 0
                text = "\\" * (count // 2) + '"' * (count % 2)
            case "doubled":
                text = '"' if quoted else ""
            case "quote":
                quoted = not quoted
                text = ""
        word = [] if word is None else word
        word.append(text)
    if quoted:
        raise unclosed('"')
    return (*words, *(["".join(word)] if word is not None else []))
