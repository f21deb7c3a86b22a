"""The timeline of a session as its operator reads it, beside a running server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portico.auth.timeline import Asked, Denied, End, Refreshed, Retried, SignedIn, Told
from tests.web.contracts import AuthApi, House, Reply, portico
from tests.web.histories import Operator
from tests.web.posts import Tab


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API whose refresh tokens are good once."""
    with AuthApi() as running:
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api) as running:
        yield running


def command(house: House, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`portico sessions …` beside the server."""
    store = f"sqlite:{house.folder.parent / 'store.db'}"
    words = [sys.executable, "-m", "portico", "sessions", *arguments, "--store", store]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def test_a_sign_in_and_a_log_out_tell_who_and_how(house: House, api: AuthApi) -> None:
    """By which query, with which roles; and that the auth API heard of the end."""
    api.roles["ann"] = ["clerk"]
    operator, user = Operator(house), house.user()
    session = operator.session()
    (event,) = operator.waits_for(session, SignedIn)
    assert event == SignedIn(by="query", name="login", roles=("clerk",), session=session)
    Tab(user, "/app/Home").post("Leave")
    assert operator.waits_for(session, End) == [End(reason="user")]
    assert Told(state="delivered") in operator.waits_for(session, Told, 2)
    history = operator.history(session)
    assert history is not None
    assert not history.lives


def test_a_page_that_is_denied_again_and_again_leaves_one_entry(house: House) -> None:
    """And its count, once something else happens."""
    operator, user = Operator(house), house.user()
    session = operator.session()
    for _ in range(4):
        assert user.get("/app/Admin").status_code == 404
    assert operator.waits_for(session, Denied) == [Denied(page="Admin", reason="no_role")]
    Tab(user, "/app/Home").post("Leave")
    operator.waits_for(session, End)
    denied = [entry for entry in operator.entries(session) if isinstance(entry.event, Denied)]
    assert [entry.times for entry in denied] == [4]


def test_renewals_tell_why_and_what_came_of_them(house: House, api: AuthApi) -> None:
    """Due, refused with 401 and repeated, put off, and refused for good."""
    operator, user = Operator(house), house.user()
    session = operator.session()
    home = Tab(user, "/app/Home")
    house.advance(seconds=3590)
    home.post("Ask")
    api.revoke_access()
    home.post("Ask")
    due, refused = operator.waits_for(session, Refreshed, 2)
    assert due == Refreshed(why="due", outcome="renewed", rotated=True)
    assert refused == Refreshed(why="refused", outcome="renewed", rotated=True)
    assert operator.waits_for(session, Retried) == [Retried(query="secret", status="200 OK")]
    house.advance(seconds=3590)
    api.answers["/refresh"] = lambda _: Reply(status=503)
    user.get("/app/Home")
    deferred = operator.waits_for(session, Refreshed, 3)[-1]
    assert deferred == Refreshed(why="due", outcome="deferred", cause="call_failed")
    house.advance(seconds=60)
    api.answers["/refresh"] = lambda _: Reply(status=400, body={"message": "gone"})
    user.get("/app/Home")
    ended = operator.waits_for(session, Refreshed, 4)[-1]
    assert isinstance(ended, Refreshed)
    assert (ended.outcome, "400" in ended.cause) == ("ended", True)
    assert operator.waits_for(session, End) == [End(reason="auth API")]


def test_roles_that_change_are_told(house: House, api: AuthApi) -> None:
    """What was gained and lost, by the next answer of `me`."""
    api.roles["ann"] = ["clerk"]
    operator, user = Operator(house), house.user()
    session = operator.session()
    api.roles["ann"] = ["admin"]
    house.advance(seconds=61)
    user.get("/app/Home")
    (asked,) = operator.waits_for(session, Asked)
    assert asked == Asked(outcome="known", gained=("admin",), lost=("clerk",))


def test_nothing_secret_is_in_the_store_or_on_the_terminal(house: House, api: AuthApi) -> None:
    """No token, no address with parameters, no cookie; in the store no word of what happened (row 59)."""
    operator, user = Operator(house), house.user()
    session = operator.session()
    secret = f"{user.cookies.get(f'portico-{house.port}.app')}"
    user.get("/app/Admin?code=cAnArY-in-an-address-0123456789")
    api.answers["/refresh"] = lambda call: Reply(status=400, body={"message": call.json()["refresh_token"]})
    tokens = [*api.access, *api.refreshes]
    house.advance(seconds=3590)
    user.get("/app/Home")
    operator.waits_for(session, End)
    printed = [
        command(house, "timeline", session),
        command(house, "timeline", session, "--format", "json"),
        command(house, "list"),
    ]
    text = "".join(answer.stdout + answer.stderr for answer in printed)
    assert "Admin" in text, "the search looks at what was printed"
    kept = b"".join(
        path.read_bytes() for path in house.folder.parent.glob("store.db*") if path.suffix != ".key"
    )
    for canary in (*tokens, *secret.split("."), "cAnArY"):
        assert canary not in text
        assert canary.encode() not in kept
    for word in (b"Admin", b"no_role", b"login", b"ann@example.com"):
        assert word not in kept


@pytest.mark.timeout(400)
def test_the_commands_list_show_and_end_sessions(house: House) -> None:
    """Beside the server: its next answer knows of it."""
    ann, bob = house.user("ann"), house.user("bob")
    listed = json.loads(command(house, "list", "--format", "json").stdout)
    assert [(row["uid"], row["app"]) for row in listed] == [("ann", "app"), ("bob", "app")]
    first = listed[0]["id"]
    table = command(house, "list").stdout
    assert all(len(line) <= 80 for line in table.splitlines())
    assert first in table
    assert "ann@example.com" in table
    of_bob = command(house, "list", "--user", "BOB@example.com", "--format", "json").stdout
    assert [row["uid"] for row in json.loads(of_bob)] == ["bob"]
    assert "python-httpx" in command(house, "show", first).stdout
    wrong = first.swapcase()
    unknown = command(house, "show", wrong)
    assert unknown.returncode == 1
    assert f"Did you mean {first}?" in " ".join(unknown.stderr.split())
    answer = command(house, "revoke", first)
    assert (answer.returncode, f"ended {first}" in answer.stdout) == (0, True)
    assert "The auth API was not told" in answer.stderr
    assert not house.signed_in(ann)
    assert house.signed_in(bob)
    assert "has ended" in command(house, "show", first).stderr
    assert "the operator ended it" in command(house, "timeline", first).stdout
    assert command(house, "revoke", "--user", "bob").returncode != 0, "nobody said yes"
    assert house.signed_in(bob)
    assert command(house, "revoke", "--user", "bob", "--yes").returncode == 0
    assert not house.signed_in(bob)


def test_a_name_that_several_users_have_ends_no_session(house: House, api: AuthApi) -> None:
    """Names are the users' own; a uid is not, and is what counts where somebody's name is another's uid."""
    api.emails |= {"bob": "ann", "cleo": "ann"}
    ann, bob, cleo = house.user("ann"), house.user("bob"), house.user("cleo")
    answer = command(house, "revoke", "--user", "Ann", "--yes")
    assert answer.returncode == 1
    assert "Name one by uid: bob, cleo" in " ".join(answer.stderr.split())
    assert all(house.signed_in(user) for user in (ann, bob, cleo))
    assert command(house, "revoke", "--user", "ann", "--yes").returncode == 0
    assert [house.signed_in(user) for user in (ann, bob, cleo)] == [False, True, True]


def test_who_ended_a_session_is_told_to_its_user_once(house: House) -> None:
    """With the next page that needs somebody; not a second time."""
    operator, user = Operator(house), house.user()
    operator.waits_for(operator.session(), SignedIn)
    operator.end(operator.session())
    shown = user.get("/app/Home", follow_redirects=True)
    assert "ended by an administrator" in shown.text
    assert "ended by an administrator" not in user.get("/app/Home", follow_redirects=True).text


def test_the_commands_say_what_is_wrong(house: House, tmp_path: Path) -> None:
    """No store, a store of another process' memory, another key, no session of this name."""
    house.user()
    words = [sys.executable, "-m", "portico", "sessions", "list"]

    def said(*more: str, **environment: str) -> str:
        found = subprocess.run(
            [*words, *more], capture_output=True, text=True, timeout=120, check=False, env=environment
        )
        assert found.returncode == 1, found
        return " ".join(found.stderr.split())

    assert "There is no store at" in said("--store", f"sqlite:{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()
    assert "in the server's process alone" in said("--store", "memory:")
    store = f"sqlite:{house.folder.parent / 'store.db'}"
    assert "1 sessions here, sealed with another server key" in said("--store", store, PORTICO_KEY="x" * 43)
    assert "portico sessions list" in command(house, "timeline", "nobody").stderr
    assert command(house, "revoke").returncode == 1
