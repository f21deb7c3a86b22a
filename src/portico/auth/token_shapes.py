"""What tokens look like, and where they stand in what auth APIs answer.

Everything here takes time in proportion to the length of a text, whoever wrote it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, unquote

#: Shorter strings under a name that tokens have are none: they occur by chance.
LEAST = 8

_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_SCHEME = re.compile(r"(?:Bearer|Token|JWT) +", re.IGNORECASE)
_SPACE = re.compile(r"\s")
#: Words of prose, markup and code, and in them what may be a JWT.
_WORD = re.compile(r"[^\s\"'`<>(){}\[\],;|\\]{20,}")
_PIECE = re.compile(r"[A-Za-z0-9_.-]{20,}")
#: `"name": "value"`, as JSON has it in a text, and with quotes escaped once more.
_PAIR = re.compile(
    r"(\\?\"([A-Za-z][A-Za-z_-]{1,39})\\?\"\s{0,20}:\s{0,20}\\?\"(?:(?:Bearer|Token|JWT) )?)"
    r"([^\"\\\s]{8,})(?=\\?\")"
)
_FORM = re.compile(r"[A-Za-z][\w.~-]*=[^&\s]*(?:&[\w.~%\[\]-]+=[^&\s]*)*")
#: Names under which auth APIs hand out tokens, without `_` and `-`.
_NAMES = frozenset(
    {
        *("token", "jwt", "authtoken", "accesstoken", "refreshtoken", "idtoken", "sessiontoken"),
        *("bearertoken", "providertoken", "providerrefreshtoken", "authorization"),
        *("setauthtoken", "xauthtoken", "xaccesstoken", "xsessiontoken", "setauthjwt"),
    }
)

#: How they end.
_ENDS = frozenset("nNtT")

Change = Callable[[str], str]


def names_token(name: str) -> bool:
    """Whether what stands under this name is a token."""
    return name[-1:] in _ENDS and len(name) <= 40 and _names_token(name)


@lru_cache(maxsize=1024)
def _names_token(name: str) -> bool:
    """Asked for every text of a list of rows, of the same few names."""
    return name.lower().replace("_", "").replace("-", "") in _NAMES


def is_jwt(text: str) -> bool:
    """Whether a text is a JWT as a whole."""
    return text.startswith("eyJ") and _JWT.fullmatch(text) is not None


def is_token(text: str) -> bool:
    """Whether a text can be a token, where one is expected."""
    return len(text) >= LEAST and _SPACE.search(text) is None


def is_simple(text: str) -> bool:
    """Whether a text is neither a JWT nor holds several things."""
    return " " not in text and "eyJ" not in text and "=" not in text and '"' not in text


def scheme_of(text: str) -> str:
    """`Bearer ` and its like, where a text begins with one."""
    found = _SCHEME.match(text)
    return found[0] if found is not None else ""


def in_text(text: str, change: Change) -> str:
    """A text in which tokens stand among other things, with `change` applied to JWTs and to what JSON in it
    calls a token. What is part of an address stays: browsers need it (mechanics 3)."""
    if '"' in text and ":" in text:
        text = _PAIR.sub(lambda found: found[1] + (change if names_token(found[2]) else str)(found[3]), text)
    if "eyJ" in text:
        text = _WORD.sub(lambda word: _in_word(word[0], change), text)
    return text


def _in_word(word: str, change: Change) -> str:
    if "eyJ" not in word or any(mark in word for mark in "/?#"):
        return word
    return _PIECE.sub(lambda piece: _in_piece(piece[0], change), word)


def _in_piece(piece: str, change: Change) -> str:
    token = piece.rstrip(".")
    return change(token) + piece[len(token) :] if is_jwt(token) else piece


def is_form(text: str) -> bool:
    """Whether a text is names and values, as forms and fragments have them."""
    return "=" in text and _FORM.fullmatch(text) is not None


def in_form(text: str, change: Callable[[str, str], str]) -> str:
    """Such a text with its values changed, given their names; decoded for that, and encoded again."""
    return "&".join(_in_pair(pair, change) for pair in text.split("&"))


def _in_pair(pair: str, change: Callable[[str, str], str]) -> str:
    name, equals, written = pair.partition("=")
    value = unquote(written)
    # A route of the page may stand before the first name.
    changed = change(unquote(re.split(r"[/?]", name)[-1]), value)
    return pair if changed == value else f"{name}{equals}{quote(changed, safe='')}"
