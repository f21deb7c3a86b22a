"""GoTrue's request bodies: unknown keys are ignored, null counts as absent, other types are refused.

Source: `encoding/json` of Go over the structures in `internal/api`, `checkPasswordStrength`, `validateEmail`
and `validatePKCEParams` of `supabase/auth`.
"""

import re
from collections.abc import Mapping

from portico.authserver.dialects.gotrue_errors import (
    GoTrueRefusal,
    bad_json,
    validation_failed,
    weak_password,
)

_LONGEST_EMAIL = 255
_LONGEST_PASSWORD = 72  # bytes; bcrypt's limit, which is part of the wire format here
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
_CHALLENGE = re.compile(r"[a-zA-Z0-9._~-]+")
_CHALLENGE_LENGTHS = range(43, 129)


class Fields:
    """A body that is an object or null. Raises `bad_json`, then and for each field of another type."""

    def __init__(self, body: object) -> None:
        if body is not None and not isinstance(body, dict):
            raise bad_json(f"json: cannot unmarshal {_kind(body)} into Go value of type object")
        self._fields: Mapping[str, object] = body or {}

    def text(self, name: str) -> str:
        """A string; empty where there is none."""
        return self.text_or_none(name) or ""

    def text_or_none(self, name: str) -> str | None:
        """A string, or None where there is none, which may differ from an empty one."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise _mistyped(name, value, "string")
        return value

    def mapping(self, name: str) -> Mapping[str, object] | None:
        """An object, or None where there is none."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, dict):
            raise _mistyped(name, value, "object")
        return value


def email_address(text: str) -> str:
    """The address in lower case. Raises `validation_failed`."""
    if not text:
        raise validation_failed("An email address is required")
    if len(text.encode()) > _LONGEST_EMAIL:
        raise validation_failed("An email address is too long")
    if _EMAIL.fullmatch(text) is None:
        raise validation_failed("Unable to validate email address: invalid format")
    return text.lower()


def weakness(password: str, least: int) -> GoTrueRefusal | None:
    """What is wrong with a password as a password, if anything; lengths count bytes, as in Go."""
    if len(password.encode()) < least:
        return weak_password(f"Password should be at least {least} characters.", ["length"])
    return None


def check_password(password: str, least: int) -> None:
    """Raises `validation_failed` for one that is too long, `weak_password` for one that is too short."""
    if len(password.encode()) > _LONGEST_PASSWORD:
        raise validation_failed(f"Password cannot be longer than {_LONGEST_PASSWORD} characters")
    weak = weakness(password, least)
    if weak is not None:
        raise weak


def check_challenge(fields: Fields) -> None:
    """Raises `validation_failed` for half a code challenge or one that RFC 7636 does not allow."""
    challenge, method = fields.text("code_challenge"), fields.text("code_challenge_method")
    if bool(challenge) != bool(method):
        raise validation_failed("PKCE flow requires code_challenge_method and code_challenge")
    if challenge and len(challenge.encode()) not in _CHALLENGE_LENGTHS:
        raise validation_failed("code challenge has to be between 43 and 128 characters")
    if challenge and _CHALLENGE.fullmatch(challenge) is None:
        allowed = "alphanumeric characters, hyphens, periods, underscores and tildes"
        raise validation_failed(f"code challenge can only contain {allowed}")


def _mistyped(name: str, value: object, wanted: str) -> GoTrueRefusal:
    return bad_json(f"json: cannot unmarshal {_kind(value)} into Go struct field {name} of type {wanted}")


def _kind(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
