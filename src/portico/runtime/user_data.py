"""What is known of a user, in the form that the app's user data type gives it (S4-4, S4-9).

What does not fit refuses a sign-in. What is said about it names fields and kinds, never values: it goes to
the log.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from portico.errors import SignInRefused
from portico.model.app import App
from portico.model.data_type import DataField, DataType

#: Levels of data types inside each other; JSON of others can be deeper, and types hold themselves.
_DEEPEST = 50
_EXPECTED = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "datetime": "a date of ISO 8601, or seconds or milliseconds since 1970",
}
_MILLISECONDS = 1e11


class Unfit(SignInRefused):
    """JSON that the data type does not take."""

    code = "user_data_unfit"


def of_json(app: App, user: Mapping[str, Any]) -> dict[str, Any]:
    """The user data in JSON of the auth API; as it is where the app has no type for them. Raises Unfit."""
    return _converted(app, user, by_name=False)


def merged(app: App, known: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """User data of which some fields, by their own names, become what is given; None for all. Raises
    Unfit."""
    wanted = {**known, **given} if given is not None else {}
    return _converted(app, wanted, by_name=True)


def _converted(app: App, user: Mapping[str, Any], *, by_name: bool) -> dict[str, Any]:
    name = app.contract.user_type if app.contract is not None else None
    if name is None:
        return dict(user)
    return _Conversion(app.types, by_name=by_name).record(user, app.types[name], name, 1)


class _Conversion:
    """From JSON to data types. `by_name`: its fields are called as those of the types."""

    def __init__(self, types: Mapping[str, DataType], *, by_name: bool) -> None:
        self._types = types
        self._by_name = by_name

    def record(self, value: object, kind: DataType, path: str, depth: int) -> dict[str, Any]:
        """The fields of a type, all of them and no others."""
        if not isinstance(value, Mapping):
            raise _unfit(path, f"an object of the type {kind.name}", value)
        if depth > _DEEPEST:
            raise Unfit(f"user data: {path} is nested more than {_DEEPEST} levels deep")
        if self._by_name and (unknown := sorted(value.keys() - kind.fields.keys())):
            raise Unfit(f"user data: {path} has no field {', '.join(unknown)[:200]}")
        found = {}
        for name, field in kind.fields.items():
            given = value.get(name) if self._by_name else _at(value, field.source)
            found[name] = self._field(given, field, f"{path}.{name}", depth)
        return found

    def _field(self, value: object, field: DataField, path: str, depth: int) -> Any:
        if value is None:
            if field.required:
                raise Unfit(f"user data: {path} is missing; expected {_expected(field)}")
            return [] if field.list else None
        if not field.list:
            return self._one(value, field, path, depth)
        if not isinstance(value, list):
            raise _unfit(path, _expected(field), value)
        return [self._one(item, field, f"{path}[{at}]", depth) for at, item in enumerate(value)]

    def _one(self, value: object, field: DataField, path: str, depth: int) -> Any:
        if field.type == "json":
            return value
        if field.type in self._types:
            return self.record(value, self._types[field.type], path, depth + 1)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        match field.type:
            case "string" if isinstance(value, str):
                return value
            case "boolean" if isinstance(value, bool):
                return value
            case "number" if number:
                return value
            case "integer" if isinstance(value, int | float) and number and value == math.floor(value):
                return int(value)
            case "datetime" if (moment := _moment(value)) is not None:
                return moment
        raise _unfit(path, _EXPECTED[field.type], value)


def _at(value: object, source: Sequence[str]) -> object:
    """What a path leads to; None where it leads nowhere."""
    for step in source:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _moment(value: object) -> str | None:
    """A time as ISO 8601 has it; one without a zone is taken for UTC."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) > _MILLISECONDS else value
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            return None
        return found.replace(tzinfo=found.tzinfo or UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def _expected(field: DataField) -> str:
    one = _EXPECTED.get(field.type, "any value" if field.type == "json" else f"the type {field.type}")
    return f"a list of {one}" if field.list else one


def _unfit(path: str, expected: str, value: object) -> Unfit:
    return Unfit(f"user data: {path} does not fit: expected {expected}, received {_kind(value)}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
