"""Quoting of bash (its manual, 3.1.2), and of the shells like it."""

import re
from collections.abc import Callable, Mapping

from portico.importers.words import CLOSE, OPEN, CommandUnreadable, Line, computed, several, unclosed

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Parameters of the shell, and what is no variable at all.
_COMPUTED = frozenset("({[*@#?-$!0123456789")
_CHARACTERS = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
#: Escapes by number in `$'…'`.
_HEXADECIMAL = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})")
_OCTAL = re.compile(r"[0-7]{1,3}")


class Bash:
    """One command, read character by character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._words: list[str] = []
        self._word: list[str] | None = None
        self._dropped: list[str] = []
        #: an open brace stands in this word outside quotes
        self._braces = False
        #: the next word is the target of a redirection
        self._target = False

    def line(self) -> Line:
        """Its words. Raises CommandUnreadable."""
        while self._at < len(self._text):
            handler = self._HANDLERS.get(self._text[self._at])
            if handler is not None:
                handler(self)
            else:
                self._put(self._text[self._at], 1)
        self._end()
        return Line(words=tuple(self._words), dropped=tuple(self._dropped))

    def _put(self, text: str, length: int) -> None:
        """Add to the word what `length` characters of the command mean."""
        self._word = [] if self._word is None else self._word
        self._word.append(text)
        self._at += length

    def _end(self) -> None:
        if self._word is not None:
            if not self._target:
                self._words.append("".join(self._word))
            self._target = False
        self._word, self._braces = None, False

    def _following(self) -> str:
        return self._text[self._at + 1 : self._at + 2]

    def _space(self) -> None:
        self._end()
        self._at += 1

    def _newline(self) -> None:
        self._end()
        rest = self._text[self._at :].strip()
        if rest and not rest.startswith("#"):
            raise CommandUnreadable(
                message="A line ends and another begins. End each line but the last with a backslash, with "
                "nothing behind it."
            )
        self._at = len(self._text)

    def _backslash(self) -> None:
        if not self._following():
            raise CommandUnreadable(message="The command ends with a backslash. Was all of it copied?")
        if self._following() == "\n":
            self._at += 2
        else:
            self._put(self._following(), 2)

    def _single(self) -> None:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise unclosed("'")
        self._put(self._text[self._at + 1 : end], end + 1 - self._at)

    def _double(self) -> None:
        self._put("", 1)
        while self._at < len(self._text):
            char = self._text[self._at]
            following = self._following()
            if char == '"':
                self._at += 1
                return
            if char == "\\" and following and following in '$`"\\\n':
                self._put("" if following == "\n" else following, 2)
            elif char == "$" and following not in ("'", '"'):
                self._variable()
            elif char == "`":
                self._backtick()
            else:
                self._put(char, 1)
        raise unclosed('"')

    def _dollar(self) -> None:
        if self._following() == "'":
            self._ansi()
        elif self._following() == '"':
            self._at += 1
            self._double()
        else:
            self._variable()

    def _variable(self) -> None:
        """`$NAME` or `${NAME}`; before anything else a dollar sign is one."""
        braced = self._following() == "{"
        found = _NAME.match(self._text, self._at + 1 + braced)
        if found is not None and (not braced or self._text.startswith("}", found.end())):
            self._put(f"{OPEN}{found[0]}{CLOSE}", found.end() + braced - self._at)
        elif self._following() in _COMPUTED:
            raise computed("$" + self._following())
        else:
            self._put("$", 1)

    def _ansi(self) -> None:
        r"""`$'…'`, where `\xc3\xa4` are bytes."""
        self._at += 2
        data = bytearray()
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == "'":
                self._put(_utf8(data), 0)
                return
            data += self._escape() if char == "\\" else char.encode()
        raise unclosed("$'")

    def _escape(self) -> bytes:
        """What stands behind a backslash in `$'…'`."""
        if found := _OCTAL.match(self._text, self._at):
            self._at = found.end()
            return bytes([int(found[0], 8) & 0xFF])
        if found := _HEXADECIMAL.match(self._text, self._at):
            self._at = found.end()
            if found[1]:
                return bytes([int(found[1], 16)])
            return _character(int(found[2] or found[3], 16))
        char = self._text[self._at : self._at + 1]
        if char == "c":
            raise computed("\\c")
        if char not in _CHARACTERS:
            return b"\\"
        self._at += 1
        return _CHARACTERS[char].encode()

    def _backtick(self) -> None:
        raise CommandUnreadable(
            message="A backtick runs a command in bash, and joins lines in PowerShell. In a browser choose "
            '"Copy as cURL (bash)"; elsewhere fill in what the command gives, or use single quotes.'
        )

    def _hash(self) -> None:
        """A comment, at the beginning of a word."""
        if self._word is not None:
            self._put("#", 1)
            return
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _pipe(self) -> None:
        if self._following() == "|":
            raise several("||")
        self._end()
        self._dropped.append("what follows `|`: an app uses the answer in bindings")
        self._at = len(self._text)

    def _semicolon(self) -> None:
        if self._text[self._at + 1 :].strip():
            raise several(";")
        self._end()
        self._at = len(self._text)

    def _ampersand(self) -> None:
        raise CommandUnreadable(
            message="An `&` outside quotes ends the command in a shell. Put the address in quotes, and "
            "import one command at a time."
        )

    def _output(self) -> None:
        """`> file`, `2>/dev/null`, `2>&1`: what becomes of the answer."""
        if self._word is not None and "".join(self._word).isdigit():
            self._word = None
        self._end()
        self._at += 2 if self._following() in (">", "&") else 1
        self._dropped.append("the redirection `>`")
        self._target = True

    def _input(self) -> None:
        raise CommandUnreadable(
            message="The command reads a file with `<`. Put what it holds into the command."
        )

    def _group(self) -> None:
        raise computed(self._text[self._at])

    def _brace(self) -> None:
        self._braces = True
        self._put("{", 1)

    def _between_braces(self) -> None:
        """`{a,b}` and `{1..3}` are several words."""
        char = self._text[self._at]
        if self._braces and (char == "," or self._following() == "."):
            raise CommandUnreadable(
                message="A shell makes several words of braces. Put them in single quotes."
            )
        self._put(char, 1)

    def _tilde(self) -> None:
        # A home folder, at the beginning of a word and of a value.
        if "".join(self._word or [])[-1:] in ("", "=", ":"):
            raise computed("~")
        self._put("~", 1)

    _HANDLERS: Mapping[str, Callable[["Bash"], None]] = {
        " ": _space, "\t": _space, "\n": _newline, "\\": _backslash, "'": _single, '"': _double,
        "$": _dollar, "`": _backtick, "#": _hash, "|": _pipe, ";": _semicolon, "&": _ampersand,
        ">": _output, "<": _input, "(": _group, ")": _group, "{": _brace, ",": _between_braces,
        ".": _between_braces, "~": _tilde,
    }  # fmt: skip


def _utf8(data: bytearray) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CommandUnreadable(message="The bytes in $'…' are not UTF-8.") from None


def _character(number: int) -> bytes:
    try:
        return chr(number).encode()
    except (ValueError, UnicodeEncodeError, OverflowError):
        raise CommandUnreadable(message="An escape in $'…' names no character.") from None
