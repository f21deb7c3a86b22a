"""Apps of one server that share a sign-in: one password opens them all, one log-out ends it, and what the
user is to one of them is nothing to the others."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.auth import appstore, groups
from portico.auth.shared import Shared
from portico.model.identity import Identity
from tests.web.contracts import AUTH, BUTTON, AuthApi, Call, House, Reply, at_once, portico, wait_for, written
from tests.web.posts import Tab
from tests.web.test_timeline import command

GROUP = "  session: shared\n"
#: What makes somebody somebody, in the second app.
TEAMS = AUTH.replace("response.body.roles", "response.body.teams")
KEEP = "  keep: [lang]\n"


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API in which Ann has a role in the first app, and another in the second."""
    teams: dict[str, list[str]] = {"ann": ["sales"]}
    with AuthApi(roles={"ann": ["admin"]}) as running:

        def me(call: Call) -> Reply:
            usual = running._usual(call)
            if usual.status == 200:
                usual.body["teams"] = teams.get(usual.body["id"], [])
            return usual

        running.answers["/me"] = me
        yield running


@contextmanager
def both(
    folder: Path,
    api: AuthApi,
    *,
    group: str = GROUP,
    auth: tuple[str, str] = (AUTH, TEAMS),
    files: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """Two apps, /app/ and /crm/, with the same contract."""
    crm = written(folder / "crm", f"{auth[1]}{group}", files)
    with portico(folder, api, auth=f"{auth[0]}{group}", files=files, beside=[crm]) as house:
        yield house


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Both apps, sharing."""
    with both(tmp_path, api) as running:
        yield running


def into_crm(house: House, client: httpx.Client, name: str) -> dict[str, Any]:
    """Sign in to the second app."""
    return Tab(client, "/crm/Enter").post("SignIn", Email=f"{name}@example.com")


def test_one_sign_in_opens_both(house: House, api: AuthApi) -> None:
    """The second app asks the auth API once what the user is to it, and for no password."""
    user = house.user()
    assert api.count("/me") == 1
    assert "user ann admin" in user.get("/app/Home").text
    assert "user ann sales" in user.get("/crm/Home").text
    assert "user ann sales" in user.get("/crm/Home").text
    assert (api.count("/me"), api.count("/login")) == (2, 1)
    assert user.get("/crm/", follow_redirects=False).headers["location"] == "/crm/Home"
    names = [cookie.name for cookie in user.cookies.jar if cookie.name.startswith("portico-")]
    assert names == [f"portico-{house.port}.shared"]


def test_separate_apps_have_separate_sign_ins(api: AuthApi, tmp_path: Path) -> None:
    """The default: a session of one opens nothing in the other, not even under the other's name."""
    with both(tmp_path, api, group="") as house:
        user = house.user()
        assert user.get("/app/Home").status_code == 200
        assert user.get("/crm/Home").headers["location"].startswith("/crm/Enter")
        user.cookies.set(f"portico-{house.port}.crm", str(house.cookie(user)))
        assert user.get("/crm/Home").headers["location"].startswith("/crm/Enter")


def test_a_role_of_one_app_opens_nothing_in_the_other(api: AuthApi, tmp_path: Path) -> None:
    """Ann is an admin of the first app; the page of that role in the second is as if it were not there."""
    rule = {
        "pages/Rule/page.yaml": "title: R\naccess: \"{{ auth.roles.includes('admin') }}\"\n"
        "widgets: [{name: Mark, type: Text, text: rule mark}]\n"
    }
    with both(tmp_path, api, files=rule) as house:
        user = house.user()
        for page, mark in (("Admin", "admin mark"), ("Rule", "rule mark")):
            assert mark in user.get(f"/app/{page}").text
            assert user.get(f"/crm/{page}").status_code == 404
        assert "user ann sales" in user.get("/crm/Home").text
        assert "user ann admin" in user.get("/app/Home").text


def test_public_pages_know_the_user_too(api: AuthApi, tmp_path: Path) -> None:
    """The first page of the second app that is opened may be one that all may see."""
    page = {
        "pages/Open/page.yaml": "title: Open\naccess: public\nwidgets:\n"
        "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + ' ' + auth.roles.join() }}\"}\n"
    }
    with both(tmp_path, api, files=page) as house:
        user = house.user()
        assert "user ann sales" in user.get("/crm/Open").text


def test_while_the_auth_api_does_not_say_who_that_is(house: House, api: AuthApi) -> None:
    """Pages for all who are signed in open, those for roles answer 503, and nobody is signed out."""
    user, usual = house.user(), api.answers["/me"]
    api.answers["/me"] = lambda _: Reply(status=503)
    assert "user ann  " in user.get("/crm/Home").text.replace("<", " <")
    assert user.get("/crm/Admin").status_code == 503
    assert user.get("/app/Admin").status_code == 200
    api.answers["/me"] = usual
    house.advance(seconds=6)
    assert user.get("/crm/Admin").status_code == 404
    assert "user ann sales" in user.get("/crm/Home").text


def test_a_role_that_is_taken_away_is_gone_in_each(house: House, api: AuthApi) -> None:
    """Each app asks for itself, once a minute."""
    user = house.user()
    user.get("/crm/Home")
    api.roles["ann"] = []
    house.advance(seconds=61)
    assert "user ann sales" in user.get("/crm/Home").text
    assert user.get("/app/Admin").status_code == 404
    assert "user ann sales" in user.get("/crm/Home").text


def test_one_log_out_ends_both(house: House, api: AuthApi) -> None:
    """Session, cookie, and pages of both; the auth API is told once."""
    user = house.user()
    here, there, cookie = Tab(user, "/app/Home"), Tab(user, "/crm/Home"), dict(user.cookies)
    there.post("Store")
    assert here.post("Leave")["session"] == "signed-out"
    wait_for(api, "/logout")
    for client in (user, house.client()):
        client.cookies.update(cookie)
        assert client.get("/app/Home").headers["location"].startswith("/app/Enter")
        assert client.get("/crm/Home").headers["location"].startswith("/crm/Enter")
        assert client.get("/_portico/alive?app=crm").json() == {"session": ""}
    assert there.post("Ask")["session"] == "signed-out"
    assert (api.count("/logout"), api.count("/secret")) == (1, 0)


def test_what_each_app_keeps_is_its_own(api: AuthApi, tmp_path: Path) -> None:
    """`storeValue` of one is not seen in the other; a log-out drops both but for what each wants kept."""
    with both(tmp_path, api, auth=(AUTH, TEAMS + KEEP)) as house:
        user = house.user()
        Tab(user, "/app/Home").post("Store")
        assert _kept(user, "app") == '{"cart":1,"lang":"de"}'
        assert _kept(user, "crm") == "{}"
        Tab(user, "/crm/Home").post("Store")
        Tab(user, "/app/Home").post("Leave")
        house.sign_in(user)
        assert _kept(user, "app") == "{}"
        assert _kept(user, "crm") == '{"lang":"de"}'


def _kept(client: httpx.Client, app: str) -> str:
    """What an app keeps for the user."""
    shown = client.get(f"/{app}/Home").text.replace("&#34;", '"').replace("&quot;", '"')
    return shown.partition("kept ")[2].partition("<")[0]


def test_what_a_visitor_keeps_goes_along(house: House) -> None:
    """Somebody who was in both before signing in to one has it still, in each what was its own."""
    client = house.client()
    for app in ("app", "crm"):
        assert client.get(f"/{app}/Open").status_code == 200
    house.sign_in(client)
    Tab(client, "/crm/Home").post("Store")
    into_crm(house, client, "ann")
    assert _kept(client, "crm") == '{"cart":1,"lang":"de"}'
    assert _kept(client, "app") == "{}"


def test_one_renewal_is_for_both(house: House, api: AuthApi) -> None:
    """Pages of both ask at once with a token that has ended: the auth API is asked for one."""
    user = house.user()
    tabs = [Tab(user, "/app/Home"), Tab(user, "/crm/Home")]
    usual = api._usual
    api.answers["/refresh"] = lambda call: replace(usual(call), delay=0.3)
    house.advance(seconds=api.life + 60)
    event = {"n": 1, "widget": "Ask", "event": "onClick", "values": {}}
    found = at_once(2, lambda number: tabs[number].raw({"visit": tabs[number].visit, **event}))
    assert [answer["alerts"] for answer in found] == [["secret of ann"]] * 2
    assert (api.count("/refresh"), api.reused) == (1, [])
    assert "user ann admin" in user.get("/app/Home").text
    assert "user ann sales" in user.get("/crm/Home").text


def test_a_refused_renewal_ends_both(house: House, api: AuthApi) -> None:
    """What the auth API ended is over in each."""
    user = house.user()
    here = Tab(user, "/app/Home")
    user.get("/crm/Home")
    api.refreshes.clear()
    house.advance(seconds=api.life + 60)
    assert here.post("Ask")["session"] == "signed-out"
    assert user.get("/crm/Home").headers["location"].startswith("/crm/Enter")


def test_another_user_takes_the_place_in_both(house: House, api: AuthApi) -> None:
    """Bob signs in to the second app: Ann is out of the first, her token is revoked, her pages are his no
    more."""
    user = house.user()
    here = Tab(user, "/app/Home")
    here.post("Store")
    alive = user.get("/_portico/alive?app=app").json()["session"]
    assert into_crm(house, user, "bob")["session"] == "signed-in"
    wait_for(api, "/logout")
    assert api.count("/logout") == 1
    assert api.last("/logout").json()["refresh_token"].endswith("-ann")
    assert user.get("/_portico/alive?app=app").json()["session"] not in ("", alive)
    assert "user bob" in user.get("/app/Home").text
    assert _kept(user, "app") == "{}"
    assert user.get("/app/Admin").status_code == 404
    event: dict[str, Any] = {"visit": here.visit, "n": 9, "widget": "Ask", "event": "onClick", "values": {}}
    assert here.raw({**event, "session": alive}).status_code == 409
    assert api.count("/secret") == 0


def test_without_me_the_answer_of_the_sign_in_counts(api: AuthApi, tmp_path: Path) -> None:
    """Both apps have the same mappings then. What a script of one says of the user is not the other's."""
    auth = (
        "  entry_page: Enter\n  home_page: Home\n  sign_in: {query: login, roles: \"{{ ['clerk'] }}\"}\n"
        "  refresh: {query: renew, roles: \"{{ ['chief'] }}\"}\n"
    )
    page = (
        "title: Home\nwidgets:\n"
        "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.user.email + ' ' + auth.roles.join() }}\"}\n"
        + BUTTON.format("Ask", "secret.run()")
        + BUTTON.format("Call", "auth.update({user: {email: `me`}})")
    )
    with both(tmp_path, api, auth=(auth, auth), files={"pages/Home/page.yaml": page}) as house:
        user = house.user()
        assert Tab(user, "/app/Home").post("Call")["status"] == 200
        assert "user me clerk" in user.get("/app/Home").text
        assert "user ann@example.com clerk" in user.get("/crm/Home").text
        house.advance(seconds=api.life + 60)
        Tab(user, "/app/Home").post("Ask")
        assert "user me chief" in user.get("/app/Home").text
        assert "user ann@example.com chief" in user.get("/crm/Home").text
        assert api.count("/me") == 0


def test_a_second_step_is_that_apps(api: AuthApi, tmp_path: Path) -> None:
    """A sign-in that waits for a code in one app waits for none in the other."""
    auth = AUTH.replace("{query: login}", '{query: login, pending: "{{ response.body.mfa }}"}')
    shown = "  - {name: Step, type: Text, text: \"{{ 'step ' + JSON.stringify(auth.pending) }}\"}\n"
    files = {
        "pages/Code/page.yaml": f"title: Code\naccess: public\nwidgets:\n{shown}",
    }
    more = "  pending_page: Code\n"
    api.answers["/login"] = lambda _: Reply(body={"mfa": "challenge"})
    with both(tmp_path, api, auth=(auth + more, auth + more), files=files) as house:
        client = house.client()
        house.sign_in(client)
        assert "challenge" in client.get("/app/Code").text
        assert "step null" in client.get("/crm/Code").text
        assert "challenge" in client.get("/app/Code").text


def test_scripts_that_hold_the_token_find_it_under_their_key(api: AuthApi, tmp_path: Path) -> None:
    """With `store_keys`, the second app's scripts have the token where they look for it, by another name;
    and clearing it there signs out of both."""
    auth = (
        "  entry_page: Enter\n  home_page: Home\n  store_keys: {token: jwt}\n"
        '  me: {query: me, roles: "{{ response.body.roles }}"}\n'
    )
    sent = 'headers: {Authorization: "Bearer {{ %s }}"}\n'
    files = {
        "queries/me.yaml": "datasource: api\npath: /me\nrun: manual\n" + sent % "this.params.token",
        "queries/secret.yaml": "datasource: api\npath: /secret\nrun: manual\n" + sent % "appsmith.store.jwt",
        "pages/Enter/page.yaml": "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
        + BUTTON.format(
            "SignIn", "login.run({email: Email.text}).then((r) => storeValue(`jwt`, r.access_token))"
        ),
        "pages/Home/page.yaml": "title: Home\nwidgets:\n"
        '  - {name: Kept, type: Text, text: "{{ `kept ` + appsmith.store.jwt }}"}\n'
        + BUTTON.format("Ask", "secret.run(() => showAlert(secret.data.word))")
        + BUTTON.format("Drop", "removeValue(`jwt`)"),
    }
    with both(tmp_path, api, auth=(auth, auth), files=files) as house:
        user = house.user()
        names = [_kept(user, app) for app in ("app", "crm")]
        assert all(name.startswith("sealed") for name in names)
        assert names[0] != names[1]
        assert Tab(user, "/crm/Home").post("Ask")["alerts"] == ["secret of ann"]
        assert Tab(user, "/crm/Home").post("Drop")["session"] == "signed-out"
        assert user.get("/app/Home").headers["location"].startswith("/app/Enter")


# Sessions of another time


def test_an_app_that_is_added_later_is_open_too(api: AuthApi, tmp_path: Path) -> None:
    """The session is older than the app's place in the group."""
    with portico(tmp_path, api, auth=f"{AUTH}{GROUP}") as house:
        cookie = house.user().cookies.get(f"portico-{house.port}.shared")
    with both(tmp_path, api) as house:
        user = _holding(house, str(cookie))
        assert "user ann sales" in user.get("/crm/Home").text
        assert "user ann admin" in user.get("/app/Home").text


@pytest.mark.parametrize("change", ["group", "origin", "separate"])
def test_a_session_of_another_group_is_ignored(api: AuthApi, tmp_path: Path, change: str) -> None:
    """Under whatever name its cookie comes, and without an error; nor does its token go to another API."""
    with both(tmp_path, api) as house:
        cookie = str(house.user().cookies.get(f"portico-{house.port}.shared"))
    group = {"group": "  session: {shared: company}\n", "separate": ""}.get(change, GROUP)
    with AuthApi() as other, both(tmp_path, other if change == "origin" else api, group=group) as house:
        before = len(api.calls)
        user = _holding(house, cookie)
        for app in ("app", "crm"):
            assert user.get(f"/{app}/Home").status_code == 303
        assert (len(api.calls), other.calls) == (before, [])


def _holding(house: House, cookie: str) -> httpx.Client:
    """A browser with a cookie of before, under every name that it may have."""
    client = house.client()
    for name in ("shared", "company", "app", "crm"):
        client.cookies.set(f"portico-{house.port}.{name}", cookie)
    return client


# Controls: what each of these promises would be worth otherwise


def test_control_roles_that_go_along(api: AuthApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that is the same for every app hands on roles."""
    usual = groups._turned

    def turned(session: Any, shared: Shared, member: groups.Member) -> Any:
        return replace(
            usual(session, shared, member),
            identity=session.identity
            and Identity(uid=session.identity.uid, user=session.identity.user, roles=session.identity.roles),
            joining=False,
        )

    monkeypatch.setattr(groups, "_turned", turned)
    with pytest.raises(AssertionError):
        test_a_role_of_one_app_opens_nothing_in_the_other(api, tmp_path)


def test_control_one_store_for_all(api: AuthApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record for the group is read by each."""
    monkeypatch.setattr(appstore, "_key", lambda session, app: session.ticket.key("store"))
    with pytest.raises(AssertionError):
        test_what_each_app_keeps_is_its_own(api, tmp_path)


def test_control_sessions_are_taken_whatever_their_group(
    api: AuthApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a look at the auth API that a session is of, its token goes to another."""
    usual = groups.Groups.seen

    def seen(self: groups.Groups, session: Any, app: str) -> Any:
        member = self._members.get(app)
        if member is not None and session.shared is not None:
            ours = replace(session.shared, group=member.group, origin=member.origin)
            session = replace(session, shared=ours)
        return usual(self, session, app)

    monkeypatch.setattr(groups.Groups, "seen", seen)
    with pytest.raises(AssertionError):
        test_a_session_of_another_group_is_ignored(api, tmp_path, "origin")


@pytest.mark.parametrize("app", ["app", "crm", "shared"])
def test_an_operator_finds_it_by_each_app(house: House, app: str) -> None:
    """And by the group, and by no other name."""
    house.user()
    (found,) = json.loads(command(house, "list", "--app", app, "--format", "json").stdout)
    assert (found["app"], found["apps"]) == ("shared", ["app", "crm"])
    assert json.loads(command(house, "list", "--app", "other", "--format", "json").stdout) == []
