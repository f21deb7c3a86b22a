"""GoTrue's request bodies: unknown keys are ignored, null counts as absent, other types are refused.

Source: `encoding/json` of Go over the structures in `internal/api`, `checkPasswordStrength`, `validateEmail`
and `validatePKCEParams` of `supabase/auth`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from portico.authserver.dialects.gotrue_errors import (
    GoTrueRefusal,
    bad_json,
    validation_failed,
    weak_password,
)
from portico.authserver.dialects.gotrue_users import MetadataTooLarge, check_metadata

_LONGEST_EMAIL = 255
_LONGEST_PASSWORD = 72  # bytes; bcrypt's limit, which is part of the wire format here
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
_CHALLENGE = re.compile(r"[a-zA-Z0-9._~-]+")
_CHALLENGE_LENGTHS = range(43, 129)
_Value = TypeVar("_Value", str, bool, dict[str, object])


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """The fields of a body that have a type; whatever else is in it is ignored."""

    texts: Sequence[str]
    mappings: Sequence[str] = ()
    flags: Sequence[str] = ()


SIGN_UP = Shape(
    texts=("email", "phone", "password", "channel", "code_challenge_method", "code_challenge"),
    mappings=("data",),
)
PASSWORD_GRANT = Shape(texts=("email", "phone", "password"))
REFRESH_GRANT = Shape(texts=("refresh_token",))
PKCE_GRANT = Shape(texts=("auth_code", "code_verifier"))
OTP = Shape(
    texts=("email", "phone", "channel", "code_challenge", "code_challenge_method"),
    mappings=("data",),
    flags=("create_user",),
)
RECOVERY = Shape(texts=("email", "code_challenge", "code_challenge_method"))
RESEND = Shape(texts=("type", "email", "phone", "code_challenge", "code_challenge_method"))
VERIFY = Shape(texts=("type", "token", "token_hash", "email", "phone", "redirect_to"))
USER_CHANGE = Shape(
    texts=(
        "email",
        "password",
        "current_password",
        "nonce",
        "phone",
        "channel",
        "code_challenge",
        "code_challenge_method",
    ),
    mappings=("data", "app_metadata"),
)


class Fields:
    """A body of a known shape."""

    def __init__(self, body: object, shape: Shape) -> None:
        """Raises `bad_json` for what is neither object nor null, and for each field of another type."""
        if body is not None and not isinstance(body, dict):
            raise bad_json(f"json: cannot unmarshal {_kind(body)} into Go value of type object")
        fields: Mapping[str, object] = body or {}
        self._texts = _typed(fields, shape.texts, str)
        self._mappings = _typed(fields, shape.mappings, dict)
        self._flags = _typed(fields, shape.flags, bool)

    def text(self, name: str) -> str:
        """A string; empty where there is none."""
        return self._texts.get(name, "")

    def text_or_none(self, name: str) -> str | None:
        """A string, or None where there is none, which may differ from an empty one."""
        return self._texts.get(name)

    def flag(self, name: str, *, default: bool) -> bool:
        """A truth value, or the default where there is none."""
        return self._flags.get(name, default)

    def mapping(self, name: str) -> Mapping[str, object] | None:
        """An object, or None where there is none."""
        return self._mappings.get(name)


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


def metadata(fields: Fields) -> Mapping[str, object]:
    """What a user says about themselves. Raises `validation_failed` for too much of it."""
    data = fields.mapping("data") or {}
    try:
        check_metadata(data)
    except MetadataTooLarge as error:
        raise validation_failed(error.message) from error
    return data


def check_challenge(fields: Fields) -> None:
    """Raises `validation_failed` for a code challenge that will not do."""
    check_challenge_of(fields.text("code_challenge"), fields.text("code_challenge_method"))


def check_challenge_of(challenge: str, method: str) -> None:
    """Raises `validation_failed` for half a challenge, one that RFC 7636 does not allow, or one in clear.

    GoTrue lets `plain` pass; both its clients hash (P89).
    """
    if bool(challenge) != bool(method):
        raise validation_failed("PKCE flow requires code_challenge_method and code_challenge")
    if challenge and len(challenge.encode()) not in _CHALLENGE_LENGTHS:
        raise validation_failed("code challenge has to be between 43 and 128 characters")
    if challenge and _CHALLENGE.fullmatch(challenge) is None:
        allowed = "alphanumeric characters, hyphens, periods, underscores and tildes"
        raise validation_failed(f"code challenge can only contain {allowed}")
    if method and method.lower() != "s256":
        raise validation_failed("Invalid code_challenge_method")


def _typed(fields: Mapping[str, object], names: Sequence[str], kind: type[_Value]) -> dict[str, _Value]:
    typed = {}
    for name in names:
        value = fields.get(name)
        if isinstance(value, kind):
            typed[name] = value
        elif value is not None:
            raise _mistyped(name, value, _kind(kind()))
    return typed


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
