"""What scripts said of a user, beside what the auth API says later: roles follow it, the user does not."""

# ruff: noqa: E501  (scripts stand on one line)

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.contracts import AUTH, BUTTON, FILES, AuthApi, House, Reply, portico
from tests.web.posts import Tab

WHO = '  - {name: Who, type: Text, text: "{{ JSON.stringify([auth.uid, auth.user, auth.roles, !!auth.token]) }}"}\n'
PAGES = {
    "pages/Enter/page.yaml": FILES["pages/Enter/page.yaml"]
    + BUTTON.format("Anew", "clearStore(), login.run({email: Email.text}).then(() => auth.logIn({}))")
    + BUTTON.format(
        "InAndOut", "login.run({email: Email.text}).then(() => auth.logIn({})).then(() => clearStore())"
    )
    + BUTTON.format(
        "SignInAs", 'login.run({email: Email.text}).then((d) => auth.logIn({user: {name: "Given"}}))'
    ),
    "pages/Home/page.yaml": "title: Home\nwidgets:\n"
    + WHO
    + BUTTON.format("Rename", 'auth.update({user: {name: "Bo"}})')
    + BUTTON.format("Renew", 'renew.run({refreshToken: "some-refresh-token"})')
    + BUTTON.format("NoToken", "auth.update({token: null})")
    + BUTTON.format("NoRefresh", "auth.update({refreshToken: null})")
    + BUTTON.format("Anew", 'login.run({email: "ann@"}).then((d) => auth.update({token: d.access_token}))')
    + BUTTON.format("Ask", "secret.run(() => showAlert(secret.data.word))"),
}
#: A `me` that says more of a user than sign-ins do.
ME = "  me: {query: me, roles: '{{ response.body.roles }}', user: '{{ response.body }}'}\n"
CONTRACT = AUTH.partition("  me:")[0] + ME
TYPED = {"types/AuthUser.yaml": "fields:\n  name: {type: string}\n  age: {type: integer, from: years}\n"}


def who(user: httpx.Client) -> Any:
    """Whom the page shows: uid, user, roles, and whether there is a token."""
    found = re.search(r"\[&#34;.*?\](?=<)|\[&quot;.*?\](?=<)", user.get("/app/Home").text)
    assert found is not None
    return json.loads(html.unescape(found[0]))


def says(api: AuthApi, **more: Any) -> None:
    """Let `me` say this of whoever has a good token."""

    def answer(call: Any) -> Reply:
        user = api.access.get(call.token)
        roles = api.roles.get(user or "", [])
        return Reply(body={"id": user, "roles": roles, **more}) if user else Reply(status=401)

    api.answers["/me"] = answer


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API in which Ann is an admin."""
    with AuthApi(roles={"ann": ["admin"]}) as running:
        says(running, name="Ann")
        yield running


def house_of(folder: Path, api: AuthApi, auth: str = CONTRACT, files: Mapping[str, str] | None = None) -> Any:
    """Portico in front of it."""
    return portico(folder, api, auth=auth, files={**PAGES, **(files or {})})


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """An app without a type of its own."""
    with house_of(tmp_path, api) as running:
        yield running


def test_what_the_auth_api_says_of_a_user_follows_it(house: House, api: AuthApi) -> None:
    """As long as no script said otherwise: the control of the tests below."""
    user = house.user()
    assert who(user)[1]["name"] == "Ann"
    says(api, name="Anne")
    house.advance(seconds=61)
    assert who(user)[1]["name"] == "Anne"


def test_what_a_script_changed_stays_when_me_is_asked_again(house: House, api: AuthApi) -> None:
    """Its user stays; the roles are the auth API's all the same."""
    user = house.user()
    Tab(user, "/app/Home").post("Rename")
    before = api.count("/me")
    api.roles["ann"] = ["clerk"]
    says(api, name="Anne")
    house.advance(seconds=61)
    uid, known, roles, _ = who(user)
    assert api.count("/me") == before + 1
    assert (uid, known["name"], roles) == ("ann", "Bo", ["clerk"])
    assert user.get("/app/Admin").status_code == 404


def test_what_a_script_gave_at_the_sign_in_stays(house: House, api: AuthApi) -> None:
    """The user of `auth.logIn` is in the form that the app wanted; `me` may say it in another."""
    user = house.client()
    assert Tab(user, "/app/Enter").post("SignInAs", Email="ann@example.com")["session"] == "signed-in"
    house.advance(seconds=61)
    assert who(user)[:3] == ["ann", {"name": "Given"}, ["admin"]]


def test_what_a_script_changed_stays_when_a_token_is_renewed(house: House, api: AuthApi) -> None:
    """Though the answer of `refresh` brings a user, too; a session without a change has that one."""
    for changes in (False, True):
        user = house.user()
        tab = Tab(user, "/app/Home")
        if changes:
            tab.post("Rename")
        renewed = api.count("/refresh")
        api.revoke_access()
        assert tab.post("Ask")["alerts"] == ["secret of ann"]
        assert api.count("/refresh") == renewed + 1
        assert who(user)[1].get("name") == ("Bo" if changes else None)


@pytest.mark.parametrize(("years", "age"), [(40, 40), ("forty", 39)])
def test_what_does_not_fit_the_type_ends_no_session(
    years: Any, age: int, api: AuthApi, tmp_path: Path
) -> None:
    """When `me` is asked again: what fits counts, in the type's form, and what does not changes nothing."""
    says(api, name="Ann", years=39)
    with house_of(tmp_path, api, CONTRACT + "  user_type: AuthUser\n", TYPED) as house:
        user = house.user()
        assert who(user)[1] == {"name": "Ann", "age": 39}
        says(api, name="Ann", years=years)
        api.roles["ann"] = ["clerk"]
        house.advance(seconds=61)
        assert who(user)[:3] == ["ann", {"name": "Ann", "age": age}, ["clerk"]]


def test_a_session_without_a_token_is_not_asked_about(api: AuthApi, tmp_path: Path) -> None:
    """Where scripts are trusted there is nothing that `me` could be asked with: the session goes on."""
    trusting = "sign_in: {query: login, trust: script, token: '{{ null }}'}"
    with house_of(tmp_path, api, CONTRACT.replace("sign_in: {query: login}", trusting)) as house:
        user = house.client()
        assert Tab(user, "/app/Enter").post("SignInAs", Email="ann@example.com")["session"] == "signed-in"
        house.advance(seconds=61)
        assert who(user) == ["ann", {"name": "Given"}, [], False]
        assert api.count("/me") == 0


@pytest.mark.parametrize("asks", [True, False], ids=["with me", "without me"])
def test_roles_go_with_the_token(asks: bool, api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 27: a session whose token was cleared stays its user's (S4-11), and has nobody who could say
    whether its roles still hold. A token that the auth API hands out brings them back; as long as there is
    one, an update leaves them alone."""
    says_roles = "sign_in: {query: login, roles: '{{ [\"admin\"] }}'}"
    auth = CONTRACT if asks else CONTRACT.partition("  me:")[0].replace("sign_in: {query: login}", says_roles)
    with house_of(tmp_path, api, auth) as house:
        user = house.user()
        assert user.get("/app/Admin").status_code == 200
        Tab(user, "/app/Home").post("NoRefresh")
        assert user.get("/app/Admin").status_code == 200
        assert Tab(user, "/app/Home").post("NoToken")["alerts"] == []
        assert user.get("/app/Admin").status_code == 404
        for minutes in (0, 2, 20):
            house.advance(minutes=minutes)
            assert (who(user)[0], who(user)[2:]) == ("ann", [[], False])
        assert user.get("/app/Admin").status_code == 404
        Tab(user, "/app/Home").post("Anew")
        assert who(user)[2:] == [["admin"], True]
        assert user.get("/app/Admin").status_code == 200


@pytest.mark.parametrize(("answer", "found"), [({}, False), ({"user": {"id": "ann"}}, True)])
def test_a_refresh_without_a_token_before_it_renews_nothing(
    answer: dict[str, Any], found: bool, api: AuthApi, tmp_path: Path
) -> None:
    """Where the answer says whose its token is, that counts; else it is nobody's, and who is there stays."""
    auth = CONTRACT.partition("  me:")[0].replace(
        "sign_in: {query: login}", "sign_in: {query: login, trust: script, token: '{{ null }}'}"
    )
    with house_of(tmp_path, api, auth) as house:
        user = house.client()
        Tab(user, "/app/Enter").post("SignInAs", Email="ann@example.com")
        api.answers["/refresh"] = lambda _: Reply(body={"access_token": "a-token-of-somebody", **answer})
        Tab(user, "/app/Home").post("Renew")
        uid, _, _, has_token = who(user)
        assert (uid, has_token) == ("ann", found)


def test_a_first_step_is_no_sign_in(api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 30: `auth.logIn` after an answer that asks for another step signs nobody in."""
    waits = "sign_in: {query: login, pending: '{{ response.body.mfa }}'}"
    auth = CONTRACT.replace("sign_in: {query: login}", waits) + "  pending_page: Open\n"
    with house_of(tmp_path, api, auth) as house:
        api.answers["/login"] = lambda _: Reply(body={"mfa": True, **api.grant("ann")})
        user = house.client()
        answer = Tab(user, "/app/Enter").post("SignInAs", Email="ann@example.com")
        assert answer["navigate"]["url"] == "/app/Open"
        assert not house.signed_in(user)
        api.answers["/login"] = lambda _: Reply(body=api.grant("ann"))
        Tab(user, "/app/Enter").post("SignInAs", Email="ann@example.com")
        assert house.signed_in(user)


@pytest.mark.parametrize(("button", "signed_in"), [("Anew", True), ("InAndOut", False)])
def test_the_later_of_signing_in_and_clearing_the_store_counts(
    button: str, signed_in: bool, api: AuthApi, tmp_path: Path
) -> None:
    """Where a key of the store is the way in: taking it away signs out whoever was there before that."""
    with house_of(tmp_path, api, CONTRACT + "  store_keys: {token: jwt}\n") as house:
        user = house.client()
        Tab(user, "/app/Enter").post(button, Email="ann@example.com")
        assert house.signed_in(user) is signed_in


def test_a_token_that_the_app_renews_itself_ends_no_session(api: AuthApi, tmp_path: Path) -> None:
    """S4-11: with a refresh token and no `refresh` in the contract, a 401 is the script's to handle. Until then
    roles open nothing. An auth API that does not know the user any more (403) ends the session."""
    with house_of(tmp_path, api, CONTRACT.replace("  refresh: {query: renew}\n", "")) as house:
        user = house.user()
        api.revoke_access()
        assert Tab(user, "/app/Home").post("Ask")["alerts"] == ["who are you?"]
        assert house.signed_in(user)
        assert user.get("/app/Admin").status_code == 200
        house.advance(seconds=61)
        assert house.signed_in(user)
        assert user.get("/app/Admin").status_code == 503
        api.answers["/me"] = lambda _: Reply(status=403)
        assert not house.signed_in(user)
