"""The JavaScript program a page (or a contract) compiles to, and the way back to the files.

The format is written down in `docs/design/program.md`: `definition.compile` writes it,
`sandbox/runtime.js` reads it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portico.model.place import Place

#: Functions and objects that every snippet sees without defining them.
FRAMEWORK_NAMES = frozenset(
    {
        "appsmith",
        "portico",
        "auth",
        "storeValue",
        "removeValue",
        "clearStore",
        "navigateTo",
        "showAlert",
        "showModal",
        "closeModal",
        "resetWidget",
        "copyToClipboard",
        "download",
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "clearInterval",
        "logoutUser",
    }
)

#: What code in the rows of a list sees besides.
ROW_NAMES = frozenset({"currentItem", "currentIndex", "currentView"})
#: What a field of a record that is computed for each row sees besides, such as a column of a table.
RECORD_NAMES = ("currentRow", "currentIndex")
#: What every snippet sees as well, and what is loaded only where a snippet names it.
LIBRARY_NAMES = frozenset(
    {
        *("_", "moment", "Intl", "CryptoJS", "crypto", "uuid", "scrypt", "bcryptjs", "dcodeIO"),
        *("jsonwebtoken", "jwt_decode", "jwtDecode"),
    }
)
_BCRYPT_SYNC = {"hashSync": "hash", "compareSync": "compare", "genSaltSync": "genSalt"}
#: Functions of libraries that would take seconds in the engine, by the name of the library, and the form of
#: each that can be used.
SYNC_NAMES: Mapping[str, Mapping[str, str]] = {
    "bcryptjs": _BCRYPT_SYNC,
    "dcodeIO": _BCRYPT_SYNC,
    "scrypt": {"syncScrypt": "scrypt"},
}

#: `zones` makes `Date` local, `crypto` brings random numbers, `crypto.subtle` and `scrypt`; the others are
#: what they are called.
Library = Literal[
    "zones", "intl", "crypto", "lodash", "moment", "moment-timezone", "crypto-js", "jwt-decode", "uuid"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What has to be at hand in a context for a program's code, besides the language itself.

    `locales` are those that the code writes out, `sections` further parts of their data
    (`portico.culture.locales.SECTIONS`). `zones`: any time zone may be asked for, not only the visitor's.
    """

    libraries: tuple[Library, ...] = ()
    locales: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    zones: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of the program that were copied from one place of a file.

    `line` is the program's first line (from 1); `indent` is what block scalars cut off each
    further line, so that columns point into the file.
    """

    line: int
    lines: int
    place: Place
    indent: int = 0
    owner: str = ""
    property: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One script text, its line table, sorted by line, and what it needs."""

    source: str
    runs: tuple[Run, ...] = ()
    needs: Needs = Needs()

    def locate(self, line: int, column: int) -> Place | None:
        """The place in the app's files of a position in `source`, or None for lines of ours."""
        index = bisect_right(self.runs, line, key=lambda run: run.line) - 1
        if index < 0:
            return None
        run = self.runs[index]
        offset = line - run.line
        if offset >= run.lines:
            return None
        shift = run.place.column - 1 if offset == 0 else run.indent
        return Place(run.place.file, run.place.line + offset, column + shift)
