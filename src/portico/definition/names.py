"""Names: which can be used, which exist without being defined, which was probably meant."""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

from portico.model.program import FRAMEWORK_NAMES, LIBRARY_NAMES, RECORD_NAMES, ROW_NAMES

_KEYWORDS = """
break case catch class const continue debugger default delete do else enum export extends false finally for
function if import in instanceof new null return super switch this throw true try typeof var void while with
"""
_CONTEXTUAL = """
arguments async await eval implements interface let package private protected public static yield
"""
_GLOBALS = """
undefined NaN Infinity globalThis eval arguments parseInt parseFloat isNaN isFinite decodeURI
decodeURIComponent encodeURI encodeURIComponent escape unescape Object Function Boolean Symbol Error
AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError Number BigInt Math Date
String RegExp Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
BigInt64Array BigUint64Array Float32Array Float64Array Map Set WeakMap WeakSet WeakRef structuredClone
Float16Array DOMException InternalError SuppressedError DisposableStack AsyncDisposableStack
ArrayBuffer DataView JSON Promise Reflect Proxy Iterator queueMicrotask console atob btoa
TextEncoder TextDecoder
"""

#: Words of the language that name nothing.
KEYWORDS = frozenset(_KEYWORDS.split())
#: What ECMAScript and the sandbox define everywhere.
GLOBALS = frozenset(_GLOBALS.split()) | LIBRARY_NAMES

#: Names of pages and datasources: they stand in addresses and file names.
_FILE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}")
#: What `navigateTo` takes for a page when it is written out: no address has neither dot, slash nor colon.
_PAGE_LIKE = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]*")


def file_name_problem(name: str) -> str | None:
    """Why a file or folder name cannot name a page or a datasource, or None."""
    if _FILE_NAME.fullmatch(name):
        return None
    return "a name has at most 64 letters, digits, `_` and `-`, a letter first"


def entity_name_problem(name: str) -> str | None:
    """Why a widget, query or script cannot have this name, or None."""
    if not _IDENTIFIER.fullmatch(name):
        return "a name has at most 64 letters, digits, `_` and `$`, no digit first"
    if name in KEYWORDS or name in _CONTEXTUAL.split():
        return "this is a word of JavaScript"
    if name in FRAMEWORK_NAMES or name in ROW_NAMES or name in RECORD_NAMES:
        return "this is a name of the framework"
    if name in LIBRARY_NAMES:
        return "this is the name of a library"
    if name in GLOBALS or name == "$$":
        return "this name is taken by JavaScript itself"
    return None


def is_page_like(target: str) -> bool:
    """Whether a target of `navigateTo` can only be meant as a page."""
    return _PAGE_LIKE.fullmatch(target) is not None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    return _nearest(name, tuple(sorted(known)))


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """One name is often missing in many places, and comparing it with all others is slow."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold()[:200], folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggestion(name: str, known: Iterable[str], *, none: str) -> str:
    """A remedy: the nearest name, else all of them, else `none`."""
    names = sorted(known)
    if found := nearest(name, names):
        return f"did you mean `{found}`?"
    if not names:
        return none
    shown = ", ".join(f"`{known_name}`" for known_name in names[:12])
    return f"known are {shown}" + (" and others" if len(names) > 12 else "")
