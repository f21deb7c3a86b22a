"""A user's own sessions, by scripts: which there are, and ending them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.auth.directory import Directory
from portico.auth.timeline import End
from tests.web.contracts import BUTTON, AuthApi, House, portico
from tests.web.histories import Operator
from tests.web.posts import Tab

MINE = {
    "pages/Mine/page.yaml": "title: Mine\nwidgets:\n"
    "  - {name: Id, type: Input, label: Id}\n"
    + BUTTON.format("List", "auth.sessions.list().then((found) => showAlert(JSON.stringify(found)))")
    + BUTTON.format("End", 'auth.sessions.end(Id.text).then(() => showAlert("ended"))')
    + BUTTON.format("Others", "auth.sessions.endOthers().then((count) => showAlert(String(count)))"),
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app with a page of the user's own sessions."""
    with AuthApi() as api, portico(tmp_path, api, files=MINE) as running:
        yield running


def press(client: httpx.Client, button: str, **values: Any) -> dict[str, Any]:
    """Press a button of that page."""
    return Tab(client, "/app/Mine").post(button, **values)


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    """The sessions that the user sees."""
    (alert,) = press(client, "List")["alerts"]
    return list(json.loads(alert))


def test_users_see_their_own_sessions_alone(house: House) -> None:
    """`auth.sessions.list()`: this one first; when it began, its user was last there, on what browser."""
    one, two = house.user("ann"), house.client()
    two.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    house.sign_in(two, "ann")
    house.user("bob")
    rows = listed(two)
    assert [row["current"] for row in rows] == [True, False]
    assert [row["browser"].partition("/")[0] for row in rows] == ["Firefox on Linux", "python-httpx"]
    assert {row["app"] for row in rows} == {"App"}
    assert {row["id"] for row in rows} == {row["id"] for row in listed(one)}
    assert set(rows[0]) == {"id", "current", "app", "browser", "startedAt", "lastSeenAt", "expiresAt"}


def test_ending_another_session_leaves_this_one(house: House) -> None:
    """And its timeline says who did it."""
    one, two = house.user("ann"), house.user("ann")
    other = next(row["id"] for row in listed(two) if not row["current"])
    assert press(two, "End", Id=other)["alerts"] == ["ended"]
    assert not house.signed_in(one)
    assert house.signed_in(two)
    assert Operator(house).waits_for(other, End) == [End(reason="own list")]


def test_ending_the_very_session_is_a_log_out(house: House) -> None:
    """On to the entry page, and the auth API is told."""
    user = house.user("ann")
    (row,) = listed(user)
    answer = press(user, "End", Id=row["id"])
    assert answer["navigate"]["url"].startswith("/app/Enter")
    assert answer["session"] == "signed-out"
    assert not house.signed_in(user)
    assert Operator(house).waits_for(row["id"], End) == [End(reason="user")]


def test_all_others_can_be_ended_at_once(house: House) -> None:
    """Not those of other users."""
    clients = [house.user("ann") for _ in range(3)]
    bob = house.user("bob")
    assert press(clients[1], "Others")["alerts"] == ["2"]
    assert [house.signed_in(client) for client in clients] == [False, True, False]
    assert house.signed_in(bob)


def test_the_session_of_somebody_else_is_not_there(house: House) -> None:
    """Its id is as unknown as one that never was."""
    ann, bob = house.user("ann"), house.user("bob")
    row = next(row for row in listed(ann) if row["current"])
    (refused,) = press(bob, "End", Id=row["id"])["alerts"]
    assert "no such session" in refused
    assert press(bob, "End", Id="x" * 12)["alerts"] == [refused]
    assert house.signed_in(ann)


def test_control_ending_by_id_alone_reaches_everybody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why it is looked for among the user's own."""

    async def anybody(self: Directory, app: str, uid: str) -> list[object]:
        return [found async for found in self.of_app(app)]

    monkeypatch.setattr(Directory, "of_user", anybody)
    with pytest.raises(AssertionError):
        test_the_session_of_somebody_else_is_not_there(house)
