"""What answers look like, without what they say: names stay, values are replaced by what they stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, final

from portico.importers.probe_findings import Sample
from portico.importers.probe_places import Search
from portico.importers.probe_talk import Heard
from portico.values import Secret

_EPOCH_RANGE = range(1_000_000_000, 10_000_000_000)
_IDS = frozenset({"id", "_id", "sub", "uid", "uuid", "user_id", "userid", "guid", "pk"})
_BY_NAME = {
    "email": "email",
    "username": "username",
    "name": "username",
    "login": "username",
    "role": "role",
    **dict.fromkeys(("message", "msg", "error_description", "detail", "description", "reason"), "message"),
}
_ENDS = re.compile(r"expir|ttl|lifetime", re.IGNORECASE)
#: Words beside a status, whatever holds them.
_WORDS = frozenset({"", "error", "title", "info", "text"})
_LARGEST = 1000
_SOMETHING = "Some text."
_OF_USERS = frozenset({"id", "uuid", "email", "username", "role"})
_ISSUED = frozenset({"access_token", "refresh_token", "expires_in", "expires_at", "expires_on"})


class Kind(Enum):
    """What an answer is to, and so what it can say: a name that stands for nothing there is not written."""

    ISSUE = _OF_USERS | _ISSUED
    USER = _OF_USERS
    REFUSAL = frozenset({"message"})


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """Draws answers of one sign-in. `known` are its secrets, and what stands for each."""

    search: Search
    known: Mapping[Secret, str]

    def of(self, heard: Heard, kind: Kind) -> Sample:
        """An answer. Headers and cookies are those alone that carry one of the secrets."""
        return Sample(
            status=heard.status,
            body=self._value(heard.body, "", kind),
            has_body=heard.body is not None or bool(heard.answer.body),
            headers=dict(self._carrying(heard.headers, kind)),
            cookies=dict(self._carrying(heard.answer.cookies, kind)),
        )

    def _carrying(self, found: Mapping[str, str], kind: Kind) -> Iterator[tuple[str, str]]:
        for name, value in found.items():
            stands = self._secret(value, kind)
            if stands not in ("", _SOMETHING) and name != "set-cookie" and self.search.takes(name):
                yield name, stands

    def _value(self, value: Any, key: str, kind: Kind) -> Any:
        match value:
            case dict():
                names = [name for name in value if self.search.takes(name)]
                return {name: self._value(value[name], name, kind) for name in names}
            case [first, *_]:
                return [self._value(first, key, kind)]
            case str():
                return self._secret(value, kind) or _named(_of_text(key, kind), kind) or _SOMETHING
            case bool() | None:
                return value
            case int():
                return _named(_of_number(value, key), kind) or (value if abs(value) < _LARGEST else 0)
            case float():
                return 0
            case _:
                return []

    def _secret(self, value: str, kind: Kind) -> str:
        """What stands for a secret, with what is before it; nothing for what is none."""
        for secret, stands in self.known.items():
            if secret.reveal() and value.removeprefix("Bearer ") == secret.reveal():
                named = _named(stands, kind)
                return value.replace(secret.reveal(), named) if named else _SOMETHING
        return ""


def _named(stands: str, kind: Kind) -> str:
    return f"{{{stands}}}" if stands in kind.value else ""


def _of_text(key: str, kind: Kind) -> str:
    lowered = key.lower()
    if lowered in _IDS:
        return "uuid"
    if _ENDS.search(key):
        return "expires_on"
    return "message" if kind is Kind.REFUSAL and lowered in _WORDS else _BY_NAME.get(lowered, "")


def _of_number(value: int, key: str) -> str:
    if key.lower() in _IDS:
        return "id"
    if not _ENDS.search(key):
        return ""
    is_moment = value in _EPOCH_RANGE or value // 1000 in _EPOCH_RANGE
    return "expires_at" if is_moment else "expires_in"
