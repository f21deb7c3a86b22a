"""What the mappings of an answer come to, and when a grant goes on with a session."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.model.app import App, Theme
from portico.model.identity import Identity
from portico.runtime.answer import Answer
from portico.runtime.grants import renewal
from portico.runtime.meaning import Grant, Meaning, meaning_of
from portico.runtime.queries import Result
from portico.values import Secret

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TOKEN = "opaque-canary-token"
APP = App(
    slug="app",
    name="app",
    version="1",
    theme=Theme(),
    contract=None,
    home="Home",
    pages={},
    datasources={},
)


def meaning(mapped: Mapping[str, Any], status: int = 200, message: str = "") -> Meaning:
    """Of an answer with this status."""
    answer = Answer(status=status, headers=(), body=b"", elapsed=timedelta(0))
    result = Result(ok=200 <= status < 300, answer=answer, message=message)
    return meaning_of("sign_in", mapped, result, Vault(), NOW)


def grant(**mapped: Any) -> Grant:
    """What a success with these mappings hands out."""
    found = meaning({"succeeded": True, "token": TOKEN, **mapped}).grant
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("mapped", "seconds"),
    [
        ({"expires_in": 60}, 60),
        ({"expires_in": "60"}, 60),
        ({"expires_in": 60, "expires_at": 1}, 60),
        ({"expires_at": NOW.timestamp() + 60}, 60),
        ({"expires_at": (NOW.timestamp() + 60) * 1000}, 60),
        ({"expires_at": "2030-01-01T00:01:00Z"}, 60),
        ({"expires_in": 0}, None),
        ({"expires_in": -1}, None),
        ({"expires_in": True}, None),
        ({"expires_in": "soon"}, None),
        ({"expires_in": 1e18}, None),
        ({"expires_at": 1e300}, None),
        ({"expires_at": float("inf")}, None),
        ({"expires_at": float("nan")}, None),
        ({"expires_in": "nan"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_when_a_token_ends(mapped: dict[str, Any], seconds: int | None) -> None:
    """Seconds from now before a time, and nothing that cannot be."""
    assert grant(**mapped).expires_at == (None if seconds is None else NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("token", [TOKEN, f"Bearer {TOKEN}", f"bearer  {TOKEN}", f"Token {TOKEN}"])
def test_a_token_without_its_scheme(token: str) -> None:
    """As headers carry it."""
    assert grant(token=token).token == Secret(TOKEN)


@pytest.mark.parametrize("token", [None, "", 7, True, {}, [TOKEN], "Bearer "])
def test_what_is_no_token_grants_nothing(token: Any) -> None:
    """It went well, and nobody is signed in."""
    assert meaning({"succeeded": True, "token": token}) == Meaning(succeeded=True)


@pytest.mark.parametrize("succeeded", [None, False, 1, "true", {}])
def test_only_true_succeeds(succeeded: Any) -> None:
    """A mapping that failed has no value."""
    found = meaning({"succeeded": succeeded, "token": TOKEN})
    assert (found.succeeded, found.grant) == (False, None)


@pytest.mark.parametrize(("value", "pending"), [({}, True), ([], True), ("x", True), (True, True), (1, True)])
def test_another_step(value: Any, pending: bool) -> None:
    """Before everything else: also where the answer has a token."""
    assert meaning({"succeeded": True, "token": TOKEN, "pending": value}).pending is pending
    assert meaning({"succeeded": True, "token": TOKEN, "pending": value}).grant is None


@pytest.mark.parametrize("value", [None, False, 0, ""])
def test_no_other_step(value: Any) -> None:
    """As JavaScript reads it."""
    assert meaning({"succeeded": True, "token": TOKEN, "pending": value}).grant is not None


@pytest.mark.parametrize(("status", "said"), [(400, "mine"), (200, "mine"), (429, "theirs"), (500, "theirs")])
def test_whose_words(status: int, said: str) -> None:
    """The author's, but for limits and outages."""
    assert meaning({"succeeded": False, "error": "mine"}, status, "theirs").message == said


def session(access: str = "opaque") -> Session:
    """Ann, a clerk."""
    return Session(
        app="a",
        ticket=Ticket.new(),
        lineage="l",
        identity=Identity(uid="ann", user={"name": "Ann"}, roles=frozenset({"clerk"})),
        tokens=TokenSet(access=Secret(access)),
        created_at=NOW,
        expires_at=NOW,
        version=1,
        generation=1,
        tag="t",
    )


#: {"sub": "ann"} and {"sub": "bob"}
ANN, BOB = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.x"


@pytest.mark.parametrize(
    ("held", "mapped", "expected"),
    [
        ("opaque", {}, ({"name": "Ann"}, {"clerk"})),
        ("opaque", {"uid": "ann", "user": {"name": "Anne"}}, ({"name": "Anne"}, {"clerk"})),
        ("opaque", {"uid": "ann", "roles": ["boss"]}, ({"name": "Ann"}, {"boss"})),
        ("opaque", {"uid": "ann", "roles": []}, ({"name": "Ann"}, set())),
        ("opaque", {"uid": "bob"}, None),
        (ANN, {"token": BOB}, None),
        (ANN, {"token": BOB, "uid": "ann"}, ({"name": "Ann"}, {"clerk"})),
        (ANN, {"token": TOKEN}, ({"name": "Ann"}, {"clerk"})),
    ],
)
def test_going_on_with_a_session(
    held: str, mapped: dict[str, Any], expected: tuple[dict[str, str], set[str]] | None
) -> None:
    """For the same user only; what the answer does not say stays."""
    found = renewal(APP, session(held), grant(**mapped), Vault())
    assert (None if found is None else (found.identity.user, set(found.identity.roles))) == expected
