"""A secret that is written in a file of the app."""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator

from portico.definition.lint import meanings, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece
from portico.definition.source import Items, Node, Scalar, Table
from portico.model.place import Place

#: Headers that hold a credential, whatever API it is.
_HEADERS = frozenset(
    {"authorization", "cookie", "apikey", "api-key", "x-api-key", "x-auth-token", "x-access-token"}
)
#: What keys of well-known services begin with.
_BEGINNINGS = (
    "sk_live_", "sk_test_", "rk_live_", "sb_secret_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-",
    "xoxb-", "xoxp-", "sk-ant-", "sk-proj-", "npm_", "shpat_", "AKIA", "ASIA", "AIza", "-----BEGIN",
)  # fmt: skip
#: Shortest of them.
_LEAST = 16
#: What a key for browsers, which is no secret, begins with.
_FOR_BROWSERS = ("sb_publishable_", "pk_live_", "pk_test_")


def find(subject: Subject) -> Iterator[Spot]:
    """Credentials that are written out in YAML and JavaScript."""
    for file, node in subject.documents.items():
        yield from _in_yaml(node, file, "")
    for page in subject.pages:
        for piece in _code(page):
            yield from _in_code(piece)


def _in_yaml(node: Node, file: str, around: str) -> Iterator[Spot]:
    match node:
        case Table():
            for key, entry in node.entries.items():
                if isinstance(entry.node, Scalar) and _is_held(key, entry.node, file, around):
                    yield _spot(entry.node.place, key)
                else:
                    yield from _in_yaml(entry.node, file, key)
        case Items():
            for item in node.items:
                yield from _in_yaml(item, file, around)
        case Scalar():
            if isinstance(node.value, str) and _is_key(node.value):
                yield _spot(node.place, around)


def _is_held(key: str, value: Scalar, file: str, around: str) -> bool:
    """Whether a value is secret by its name. A binding, a setting and the name of a type are not."""
    text = value.text.value
    if value.value in (None, "") or "{{" in text or "${" in text or _is_for_browsers(text):
        return False
    if around == "headers":
        return key.lower() in _HEADERS
    secret = meanings.is_secret(key)
    return secret and around != "fields" and len(text.split()) == 1 and not file.startswith("types/")


def _in_code(piece: Piece) -> Iterator[Spot]:
    for node in piece.nodes("string", "template_string"):
        text = syntax.text(piece, node)
        if text is None or not piece.is_written(node):
            continue
        pair = node.parent if node.parent is not None and node.parent.type == "pair" else None
        key = pair.child_by_field_name("key") if pair is not None else None
        name = piece.word(key).strip("\"'") if key is not None and key != node else ""
        named = meanings.is_secret(name)
        if _is_key(text) or (named and _looks_secret(text)):
            yield _spot(piece.place(node), name)


def _looks_secret(text: str) -> bool:
    """Whether a text is no word for people, such as a label or a message."""
    return len(text) >= 4 and len(text.split()) == 1 and not text.isalpha() and not _is_for_browsers(text)


def _is_key(text: str) -> bool:
    """Whether a text holds a key of a well-known service, or a whole JWT."""
    for word in text.replace('"', " ").replace("'", " ").split():
        if word.startswith(_BEGINNINGS) and (len(word) >= _LEAST or "PRIVATE KEY-----" in text):
            return True
        if _claims(word) is not None and not _is_for_browsers(word):
            return True
    return False


def _is_for_browsers(text: str) -> bool:
    """Whether it is a key that every browser gets, such as Supabase's `anon`."""
    claims = _claims(text)
    return text.startswith(_FOR_BROWSERS) or (claims is not None and claims.get("role") == "anon")


def _claims(word: str) -> dict[str, object] | None:
    """What a JWT says; None of one that is none, or has no signature that could be one."""
    parts = word.split(".")
    if len(parts) != 3 or not word.startswith("eyJ") or len(parts[2]) < 20:
        return None
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return None
    return found if isinstance(found, dict) else None


def _code(page: Facts) -> Iterator[Piece]:
    yield from page.view.acting()
    seen = page.view
    for group in (seen.properties, seen.requests, seen.outputs, seen.inputs):
        yield from (part.piece for part in group)


def _spot(place: Place, key: str) -> Spot:
    """Without the secret: what is reported is read by more people than the file."""
    return Spot(place=place, received=f"{key}: ***" if key else "***")


RULE = Rule(
    id="written-secret",
    reason="whoever gets the app's files, a copy of the repository or a backup has this secret",
    remedy="write `{secret: NAME}` into the datasource, set PORTICO_SECRET_NAME, and replace the old one",
    find=find,
)
