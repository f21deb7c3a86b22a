"""User data in the form of the app's type: JSON of an auth API, and changes by a script (S4-4, S4-9)."""

# ruff: noqa: E501  (messages stand on one line)

from pathlib import Path
from typing import Any

import pytest

from portico.model.app import App
from portico.runtime.user_data import Unfit, merged, of_json
from tests.definition.apps import GUARDED, app

FILES = {
    **GUARDED,
    "app.yaml": GUARDED["app.yaml"] + "  user_type: AuthUser\n",
    "types/AuthUser.yaml": """\
fields:
  firstName: {type: string, required: true, from: profile.first_name}
  age: {type: integer}
  height: {type: number}
  active: {type: boolean}
  since: {type: datetime}
  tags: {type: string, list: true}
  raw: {type: json}
  home: {type: Address, from: addresses.0}
  boss: {type: AuthUser}
""",
    "types/Address.yaml": "fields:\n  city: {type: string, required: true, from: town}\n",
}
EMPTY = dict.fromkeys(("age", "height", "active", "since", "raw", "home", "boss")) | {"tags": []}
ADA = {"profile": {"first_name": "Ada"}}


@pytest.fixture
def typed(tmp_path: Path) -> App:
    """An app with a type of its own."""
    return app(tmp_path, FILES)


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        ({}, {}),
        ({"age": 36, "more": "x", "accessToken": "t"}, {"age": 36}),
        ({"age": 36.0, "height": 1, "active": False}, {"age": 36, "height": 1, "active": False}),
        ({"since": "2030-01-02"}, {"since": "2030-01-02T00:00:00Z"}),
        ({"since": 0}, {"since": "1970-01-01T00:00:00Z"}),
        ({"since": 1_893_456_000_000}, {"since": "2030-01-01T00:00:00Z"}),
        ({"tags": None, "raw": {"any": [1, None]}}, {"tags": [], "raw": {"any": [1, None]}}),
        ({"addresses": [{"town": "London", "zip": 1}]}, {"home": {"city": "London"}}),
        ({"addresses": []}, {"home": None}),
        ({"boss": {"profile": {"first_name": "Bo"}}}, {"boss": {**EMPTY, "firstName": "Bo"}}),
    ],
)
def test_json_becomes_the_type(json: dict[str, Any], expected: dict[str, Any], typed: App) -> None:
    """Exactly its fields: what JSON lacks is null, or an empty list; what the type lacks is left out."""
    assert of_json(typed, {**ADA, **json}) == {"firstName": "Ada", **EMPTY, **expected}


@pytest.mark.parametrize(
    ("json", "why"),
    [
        ({"profile": {}}, "AuthUser.firstName is missing; expected text"),
        ({"profile": "secret"}, "AuthUser.firstName is missing; expected text"),
        ({"age": "secret"}, "AuthUser.age does not fit: expected a whole number, received a text"),
        ({"age": 1.5}, "AuthUser.age does not fit: expected a whole number, received a number"),
        ({"age": True}, "AuthUser.age does not fit: expected a whole number, received true or false"),
        ({"height": "1"}, "AuthUser.height does not fit: expected a number, received a text"),
        ({"active": 1}, "AuthUser.active does not fit: expected true or false, received a number"),
        ({"tags": "secret"}, "AuthUser.tags does not fit: expected a list of text, received a text"),
        ({"tags": ["a", None]}, "AuthUser.tags[1] does not fit: expected text, received null"),
        ({"addresses": ["secret"]}, "AuthUser.home does not fit: expected an object of the type Address, received a text"),
        ({"addresses": [{"town": []}]}, "AuthUser.home.city does not fit: expected text, received a list"),
        ({"since": "secret"}, "AuthUser.since does not fit: expected a date of ISO 8601, or seconds or milliseconds since 1970, received a text"),
        ({"since": 1e300}, "AuthUser.since does not fit: expected a date of ISO 8601, or seconds or milliseconds since 1970, received a number"),
    ],
)  # fmt: skip
def test_what_does_not_fit(json: dict[str, Any], why: str, typed: App) -> None:
    """The field, what it expects and what kind it got; never the value, and nothing of it for the user."""
    with pytest.raises(Unfit) as refused:
        of_json(typed, {**ADA, **json})
    assert refused.value.detail == f"user data: {why}"
    assert "secret" not in refused.value.detail
    assert refused.value.message == "The sign-in could not be confirmed."


def test_depth_ends(typed: App) -> None:
    """A type may hold itself; JSON of others may be endless."""
    user: dict[str, Any] = dict(ADA)
    for _ in range(5000):
        user = {**ADA, "boss": user}
    with pytest.raises(Unfit):
        of_json(typed, user)


def test_changes_are_by_name(typed: App) -> None:
    """A change has the type's own names, and leaves the rest; null empties a field that may be empty."""
    known = of_json(typed, {**ADA, "age": 36})
    assert merged(typed, known, {"age": None, "tags": ["a"]}) == {**known, "age": None, "tags": ["a"]}
    assert merged(typed, known, {"home": {"city": "Rome"}}) == {**known, "home": {"city": "Rome"}}
    for given in (
        {"profile": {"first_name": "Bo"}},
        {"firstName": None},
        {"age": "1"},
        {"home": {"town": "x"}},
        None,
    ):
        with pytest.raises(Unfit):
            merged(typed, known, given)


def test_without_a_type_anything_goes(tmp_path: Path) -> None:
    """As it came; changes go over it."""
    plain = app(tmp_path, GUARDED)
    assert of_json(plain, {"a": [1]}) == {"a": [1]}
    assert merged(plain, {"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "b": None, "c": 3}
    assert merged(plain, {"a": 1}, None) == {}
