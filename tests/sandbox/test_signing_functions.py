"""`auth.logIn`, `auth.update` and `auth.logOut`: what scripts may say, and what they are told."""

# ruff: noqa: E501  (scripts stand on one line)

import json
from typing import Any

import pytest

from portico.errors import ScriptFailed
from portico.sandbox.turn import LogIn, Navigate, ShowAlert, SignOut, StoreValue, Turn, UpdateUser, parse
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import Session, commands, unhandled


def pressed(code: str) -> tuple[Session, Turn]:
    """A page, and the turn of its button."""
    session = Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}"})))
    return session, session.event()


def answered(session: Session, command: LogIn | UpdateUser, refused: str = "") -> Turn:
    """The turn in which the server says what became of it."""
    ok = not refused
    answer = {"k": "result", "id": command.id, "ok": ok, "value": None, "meta": None, "message": refused}
    return session.turn(answer)


@pytest.mark.parametrize(
    ("code", "kind", "given"),
    [
        ("auth.logIn()", LogIn, {}),
        ("auth.logIn({token: 't', refreshToken: 'r', expiresIn: 60, uid: 7, user: {a: [1]}})", LogIn, {"token": "t", "refreshToken": "r", "expiresIn": 60, "uid": 7, "user": {"a": [1]}}),
        ("auth.logIn({token: 't', expiresAt: new Date(0), user: undefined})", LogIn, {"token": "t", "expiresAt": "1970-01-01T00:00:00.000Z"}),
        ("auth.update({token: null, user: null})", UpdateUser, {"token": None, "user": None}),
        ("auth.update({expiresIn: '60'})", UpdateUser, {"expiresIn": "60"}),
    ],
)  # fmt: skip
def test_what_is_given_is_sent(code: str, kind: type, given: dict[str, Any]) -> None:
    """`auth.logIn` and `auth.update`: what is undefined is not given; null is."""
    _, turn = pressed(code)
    (command,) = commands(turn)
    assert isinstance(command, LogIn | UpdateUser)
    assert (type(command), command.given) == (kind, given)
    assert turn.open == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("auth.logIn({roles: ['admin']})", "auth.logIn has no roles; it takes token, refreshToken, expiresAt, expiresIn, uid, user"),
        ("auth.update({isLoggedIn: true})", "auth.update has no isLoggedIn"),
        ("auth.logIn('t')", "auth.logIn needs an object"),
        ("auth.logIn(['t'])", "auth.logIn needs an object"),
        ("auth.logIn({token: ''})", "auth.logIn: token must be a text"),
        ("auth.logIn({token: {}})", "auth.logIn: token must be a text"),
        ("auth.update({expiresAt: true})", "auth.update: expiresAt must be a date, a text or a number"),
        ("auth.update({expiresIn: []})", "auth.update: expiresIn must be a number of seconds"),
        ("auth.update({uid: {}})", "auth.update: uid must be a text or a number"),
        ("auth.update({user: 'Ada'})", "auth.update: user must be an object"),
        ("auth.logOut('')", "auth.logOut needs an address, or nothing"),
    ],
)  # fmt: skip
def test_wrong_arguments_reject(code: str, message: str) -> None:
    """Nothing is sent, and the message says what is wrong; no script names its roles."""
    _, turn = pressed(code)
    assert commands(turn) == []
    (error,) = unhandled(turn)
    assert error.message.startswith(message)


def test_a_promise_waits_for_the_server() -> None:
    """What follows `await` runs once the server has answered, with who is signed in by then."""
    session, turn = pressed("auth.logIn({token: 't'}).then(() => showAlert('as ' + auth.uid))")
    (command,) = commands(turn)
    assert isinstance(command, LogIn)
    assert not turn.done
    session.turn({"k": "env", "auth": {"isLoggedIn": True, "uid": "u1", "user": {}, "roles": []}})
    turn = answered(session, command)
    assert commands(turn) == [ShowAlert(ev="e1", message="as u1", style="info")]
    assert turn.done[0].ok
    assert turn.open == 0


def test_a_refusal_rejects() -> None:
    """With the server's message, which is for users: the script may deal with it."""
    session, turn = pressed("auth.logIn({token: 't'}).catch((e) => showAlert(e.message))")
    (command,) = commands(turn)
    assert isinstance(command, LogIn)
    turn = answered(session, command, "not confirmed")
    assert commands(turn) == [ShowAlert(ev="e1", message="not confirmed", style="info")]
    assert unhandled(turn) == []


def test_a_refusal_that_nobody_catches_is_told_to_the_user() -> None:
    """As that of a query: its message is public."""
    session, turn = pressed("auth.update({user: {}})")
    (command,) = commands(turn)
    assert isinstance(command, UpdateUser)
    (error,) = unhandled(answered(session, command, "Nobody is signed in."))
    assert (error.query, error.message) == ("auth.update", "Nobody is signed in.")


def test_who_says_no_is_told_nothing() -> None:
    """The promise rejects, and no error is reported."""
    session, turn = pressed("auth.logIn({token: 't'})")
    (command,) = commands(turn)
    assert isinstance(command, LogIn)
    answer = {
        "k": "result",
        "id": command.id,
        "ok": False,
        "value": "cancelled",
        "meta": None,
        "message": "no",
    }
    turn = session.turn(answer)
    assert turn.errors == ()
    assert not turn.done[0].ok


def test_commands_keep_their_order() -> None:
    """A sign-in stands where it was called, among the others."""
    _, turn = pressed("(storeValue('a', 1), auth.logIn({token: 't'}), navigateTo('Home'))")
    assert [type(command) for command in commands(turn)] == [StoreValue, LogIn, Navigate]


@pytest.mark.parametrize(("code", "to"), [("auth.logOut()", None), ("auth.logOut('Bye')", "Bye")])
def test_log_out(code: str, to: str | None) -> None:
    """`auth.logOut` is `logoutUser`."""
    _, turn = pressed(code)
    assert commands(turn) == [SignOut(ev="e1", to=to)]
    assert turn.done[0].ok


def test_bindings_sign_nobody_in() -> None:
    """A property reads; that it calls one of these is an error of it."""
    session = Session(page(Widget("A", props={"text": "{{ auth.logIn({token: 't'}) && 1 }}"})))
    (error,) = session.turns[0].errors
    assert "auth.logIn" in error.message
    assert session.turns[0].effects == ()


def test_nothing_replaces_them() -> None:
    """`auth` is read only, its functions included."""
    _, turn = pressed("{ auth.logIn = () => 1 }")
    assert "auth.logIn cannot be assigned" in unhandled(turn)[0].message


@pytest.mark.parametrize(
    "given",
    [{"roles": ["admin"]}, {"token": 5}, {"uid": True}, {"user": [1]}, {"user": "Ada"}, [], None],
)
def test_a_worker_that_lies_is_not_believed(given: Any) -> None:
    """What no script could have said is ScriptFailed."""
    effect = {"id": "g1.1", "ev": "e1", "k": "logIn", "given": given}
    empty: dict[str, Any] = {"patch": {}, "gone": [], "errors": [], "logs": [], "done": [], "results": {}}

    with pytest.raises(ScriptFailed):
        parse(json.dumps({**empty, "effects": [effect], "open": 0, "timers": 0}))
