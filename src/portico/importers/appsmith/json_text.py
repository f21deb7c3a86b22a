"""Bodies of JSON as Appsmith takes them: names without quotes, single quotes, commas too many and comments
are made JSON; bindings stay where they are."""

import json
from collections.abc import Iterator, Sequence

from portico.definition.bindings import Snippet
from portico.importers.appsmith import code

#: What stands for a binding while the text around it is looked at.
_MARK = "\ue000"
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$-+.")


def strict(text: str) -> str | None:
    """The same as JSON text with bindings; None if it cannot be made any."""
    found = code.parts(text)
    if found is None or _MARK in text:
        return None
    if _is_json(found):
        return text
    written = _written(found)
    return written if written is not None and _is_json(code.parts(written) or ()) else None


def _is_json(parts: Sequence[str | Snippet]) -> bool:
    sample, quoted = "", False
    for part in parts:
        if isinstance(part, Snippet):
            sample += "" if quoted else "0"
            continue
        escaped = False
        for char in part:
            quoted ^= char == '"' and not escaped
            escaped = char == "\\" and not escaped
        sample += part
    try:
        json.loads(sample)
    except (ValueError, RecursionError):
        return False
    return True


def _written(parts: Sequence[str | Snippet]) -> str | None:
    codes = [f"{{{{{part.text}}}}}" for part in parts if isinstance(part, Snippet)]
    plain = "".join(_MARK if isinstance(part, Snippet) else part for part in parts)
    try:
        tokens = list(_tokens(plain))
    except ValueError:
        return None
    result, waiting = "", iter(codes)
    for at, piece in enumerate(tokens):
        following = next((one for one in tokens[at + 1 :] if one.strip()), "")
        if piece == "," and following in ("}", "]", ""):
            continue
        quoted = _is_bare(piece) and (following == ":" or not _is_word(piece))
        written = json.dumps(piece, ensure_ascii=False) if quoted else piece
        for part in written.split(_MARK)[:-1]:
            result += part + next(waiting)
        result += written.split(_MARK)[-1]
    return result.strip()


def _is_bare(piece: str) -> bool:
    return bool(piece) and all(char in _BARE for char in piece)


def _is_word(piece: str) -> bool:
    """Whether a bare word is a value of JSON itself."""
    try:
        json.loads(piece)
    except ValueError:
        return False
    return True


def _tokens(text: str) -> Iterator[str]:
    """Strings as JSON writes them, bare words, signs and white space; without comments."""
    at = 0
    while at < len(text):
        char = text[at]
        if char in "\"'`":
            end = _closing(text, at)
            yield _string(text[at + 1 : end], char)
            at = end + 1
        elif text.startswith("//", at) or text.startswith("/*", at):
            closer = "\n" if text[at + 1] == "/" else "*/"
            end = text.find(closer, at + 2)
            at = len(text) if end < 0 else end + (0 if closer == "\n" else 2)
        elif char in _BARE:
            end = at
            while end < len(text) and text[end] in _BARE:
                end += 1
            yield text[at:end]
            at = end
        else:
            yield char
            at += 1


def _closing(text: str, start: int) -> int:
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == text[start]:
            return at
        at += 1
    raise ValueError


def _string(inner: str, quote: str) -> str:
    if quote == '"':
        # Line ends in strings are none in JSON.
        return '"' + inner.replace("\n", "\\n").replace("\t", "\\t") + '"'
    plain = inner.replace(f"\\{quote}", quote)
    return json.dumps(plain, ensure_ascii=False)
