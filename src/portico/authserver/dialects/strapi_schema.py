"""What Strapi's body schemas accept, and the words in which they refuse.

Strapi uses yup 0.32 in strict mode and reports all errors at once; `tests` compares with what that answered.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portico.authserver.dialects.strapi_errors import validation_error

_WIDE = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_WORD = rf"[a-z0-9!#$%&'*+\-/=?^_`{{|}}~{_WIDE}]+"
_LABEL = rf"[a-z0-9{_WIDE}](?:[a-z0-9\-_~{_WIDE}]*[a-z0-9{_WIDE}])?"
_LAST_LABEL = rf"[a-z{_WIDE}](?:[a-z0-9\-_~{_WIDE}]*[a-z{_WIDE}])?"
_EMAIL = re.compile(rf"{_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_LAST_LABEL}", re.IGNORECASE | re.ASCII)

_LONGEST_PASSWORD = 72  # bytes of UTF-8; bcrypt's limit, which is part of the wire format here
_SHORTEST = {"username": 3, "email": 6, "password": 6}

_Problem = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """The body of `POST /api/auth/local`."""

    identifier: str
    password: str
    device_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """The body of `POST /api/auth/local/register`, but for its lengths."""

    username: str
    email: str
    password: str

    def check_lengths(self) -> None:
        """Raise what Strapi raises only once the name is known to be free."""
        _raise_all(_too_short({"username": self.username, "email": self.email, "password": self.password}))


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordChange:
    """The body of `POST /api/auth/change-password`."""

    current: str
    password: str

    def check_new(self) -> None:
        """Raise what Strapi raises only once the current password is known to be right."""
        if self.current == self.password:
            raise validation_error("Your new password must be different than your current password")
        _raise_all(_too_short({"password": self.password}))


def login(body: object) -> Login:
    """Read a sign-in. Raises a ValidationError that names each field at fault."""
    fields = _object(body)
    checked = _strings(fields, {"identifier": _anything, "password": _anything})
    return Login(
        identifier=checked["identifier"], password=checked["password"], device_id=text_field(body, "deviceId")
    )


def registration(body: object) -> Registration:
    """Read a sign-up. Raises a ValidationError, first of all for fields that a sign-up does not have."""
    unknown = [key for key in _keys(body) if key not in _SHORTEST]
    if unknown:
        raise validation_error(f"Invalid parameters: {', '.join(unknown)}")
    fields = body if isinstance(body, dict) else {}
    checked = _strings(
        fields, {"email": _email_problem, "username": _anything, "password": _password_problem}
    )
    return Registration(username=checked["username"], email=checked["email"], password=checked["password"])


def password_change(body: object) -> PasswordChange:
    """Read a change of password. Raises a ValidationError that names each field at fault."""
    fields = _object(body)
    _raise_all(
        [
            *_confirmation_problems(fields),
            *_problems(fields, "password", _password_problem),
            *_problems(fields, "currentPassword", _anything),
            *_unspecified(fields, ("currentPassword", "password", "passwordConfirmation")),
        ]
    )
    return PasswordChange(current=str(fields["currentPassword"]), password=str(fields["password"]))


def text_field(body: object, name: str) -> str | None:
    """A field that counts only where it is a string that is not empty."""
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) and value else None


def print_value(value: object) -> str:
    """A value as yup quotes it in messages: JSON, in which every scalar is printed first."""
    if isinstance(value, list | dict):
        return json.dumps(_printed(value), indent=2, ensure_ascii=False)
    return _print_scalar(value)


def _object(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        message = f"this must be a `object` type, but the final value was: `{print_value(body)}`."
        raise validation_error(
            message, [{"path": [], "message": message, "name": "ValidationError", "value": body}]
        )
    return body


def _keys(body: object) -> list[str]:
    """JavaScript's `Object.keys`."""
    match body:
        case dict():
            return list(body)
        case list():
            return [str(index) for index in range(len(body))]
        case _:
            return []


def _strings(
    fields: Mapping[str, object], rules: Mapping[str, Callable[[str], str | None]]
) -> dict[str, str]:
    _raise_all([problem for path, rule in rules.items() for problem in _problems(fields, path, rule)])
    return {path: str(fields[path]) for path in rules}


def _problems(fields: Mapping[str, object], path: str, rule: Callable[[str], str | None]) -> list[_Problem]:
    """What is wrong with one field: nothing, or the first thing that is."""
    value = fields.get(path)
    if path not in fields or value == "":
        return [_problem(path, f"{path} is a required field", value)]
    if not isinstance(value, str):
        return [_mistyped(path, value)]
    message = rule(value)
    return [] if message is None else [_problem(path, message, value)]


def _confirmation_problems(fields: Mapping[str, object]) -> list[_Problem]:
    """As `_problems`, but yup compares first, whatever the type is, and says both."""
    path = "passwordConfirmation"
    if path not in fields:
        return _problems(fields, path, _anything)
    value = fields[path]
    problems = [] if isinstance(value, str) else [_mistyped(path, value)]
    if "password" not in fields or not _is_identical(value, fields["password"]):
        problems.append(_problem(path, "Passwords do not match", value, present=True))
    return problems or _problems(fields, path, _anything)


def _unspecified(fields: Mapping[str, object], known: Sequence[str]) -> list[_Problem]:
    unknown = [key for key in fields if key not in known]
    message = f"this field has unspecified keys: {', '.join(unknown)}"
    return [{"path": [], "message": message, "name": "ValidationError", "value": fields}] if unknown else []


def _too_short(fields: Mapping[str, str]) -> list[_Problem]:
    return [
        _problem(path, f"{path} must be at least {_SHORTEST[path]} characters", value)
        for path, value in fields.items()
        if _length(value) < _SHORTEST[path]
    ]


def _mistyped(path: str, value: object) -> _Problem:
    message = f"{path} must be a `string` type, but the final value was: `{print_value(value)}`."
    return _problem(path, message, value, present=True)


def _problem(path: str, message: str, value: object, *, present: bool = False) -> _Problem:
    problem: _Problem = {"path": [path], "message": message, "name": "ValidationError"}
    return problem | {"value": value} if present or value is not None else problem


def _length(text: str) -> int:
    """JavaScript's `length`: a character beyond U+FFFF counts twice."""
    return len(text.encode("utf-16-le")) // 2


def _is_identical(one: object, other: object) -> bool:
    """JavaScript's `===` over what JSON can say."""
    if isinstance(one, list | dict) or isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other


def _raise_all(problems: list[_Problem]) -> None:
    if problems:
        message = str(problems[0]["message"]) if len(problems) == 1 else f"{len(problems)} errors occurred"
        raise validation_error(message, problems)


def _anything(_: str) -> None:
    return None


def _email_problem(value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else "email must be a valid email"


def _password_problem(value: str) -> str | None:
    return "Password must be less than 73 bytes" if len(value.encode()) > _LONGEST_PASSWORD else None


def _printed(value: object) -> object:
    match value:
        case list():
            return [_printed(item) for item in value]
        case dict():
            return {key: _printed(item) for key, item in value.items()}
        case _:
            return _print_scalar(value)


def _print_scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _print_number(float(value))
        case _:
            return f'"{value}"'


def _print_number(number: float) -> str:
    """ECMAScript's Number::toString, except that yup prints the negative zero."""
    if number == 0:
        return "-0" if str(number).startswith("-") else "0"
    decimal = Decimal(repr(number)).normalize()
    if 1e-6 <= abs(number) < 1e21:
        return format(decimal, "f")
    digits, _, exponent = format(decimal, "e").partition("e")
    return f"{digits}e{int(exponent):+d}"
