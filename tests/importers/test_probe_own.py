"""A probe of APIs of shapes that no preset has: what is found makes an app that signs in."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portico.importers.probe_contract import auth_of
from portico.importers.probe_look import Asked
from tests.importers.probe_apis import Asking, Reply, api, probed, said, signs_in, written

LOGIN, PASSWORD = "anna@example.com", "correct horse"
USER = {"id": 7, "email": LOGIN, "role": "editor"}


@dataclass(kw_only=True)
class Sessions:
    """The tokens of an API that are good."""

    good: set[str] = field(default_factory=set)
    renewing: set[str] = field(default_factory=set)

    def begin(self) -> str:
        """Another one."""
        token = secrets.token_hex(20)
        self.good.add(token)
        return token

    def pair(self) -> tuple[str, str]:
        """Another one, with what renews it."""
        refresh = secrets.token_hex(20)
        self.renewing.add(refresh)
        return self.begin(), refresh


def right(asking: Asking) -> bool:
    """Whether a sign-in brings the right fields."""
    return [*asking.fields.values()] == [LOGIN, PASSWORD]


def nested(sessions: Sessions) -> Callable[[Asking], Reply]:
    """A token in a header, bare in another header, and the user deep in the body; errors are bare strings."""

    def answer(asking: Asking) -> Reply:
        token = asking.headers.get("x-auth-token", "")
        match asking.call:
            case "POST /v2/login" if right(asking):
                return Reply(status=200, body={"ok": True}, headers=[("X-Auth-Token", sessions.begin())])
            case "POST /v2/login":
                return Reply(status=400, body="Wrong name or password")
            case "GET /v2/me" if token in sessions.good:
                return Reply(status=200, body={"data": {"profile": USER}})
            case "GET /v2/me":
                return Reply(status=404, body="No such thing")
            case "POST /v2/logout" if token in sessions.good:
                sessions.good.remove(token)
                return Reply(status=204)
            case "POST /v2/logout":
                return Reply(status=410, body="gone")
        return Reply(status=404, body={"message": "nothing"})

    return answer


def cookie_only(sessions: Sessions) -> Callable[[Asking], Reply]:
    """204 with a cookie; 200 `null` is signed out; a wrong password is 200, with words in an odd place."""

    def answer(asking: Asking) -> Reply:
        token = asking.cookies.get("sid", "")
        match asking.call:
            case "POST /login" if right(asking):
                cookies = [f"sid={sessions.begin()}; HttpOnly; Path=/", "csrftoken=abcdefghijkl"]
                return Reply(status=204, headers=[("Set-Cookie", cookie) for cookie in cookies])
            case "POST /login" if asking.fields:
                return Reply(status=200, body={"problem": {"text": "That is not right."}})
            case "POST /login":
                return Reply(status=422, body={"problem": {"text": "email is missing"}})
            case "GET /session":
                return Reply(status=200, body={"user": USER} if token in sessions.good else None)
            case "POST /logout":
                sessions.good.discard(token)
                return Reply(status=200, body={})
        return Reply(status=404)

    return answer


def renewing(sessions: Sessions) -> Callable[[Asking], Reply]:
    """A form; tokens under names of its own, with seconds beside them; a sign-out that takes what renews."""

    def handed_out() -> Reply:
        token, refresh = sessions.pair()
        result = {"sessionToken": token, "refreshKey": refresh, "expiresInSeconds": 900}
        return Reply(status=200, body={"result": result})

    def renewed(key: object) -> Reply:
        if key not in sessions.renewing:
            return Reply(status=401)
        sessions.renewing.remove(str(key))
        return handed_out()

    def answer(asking: Asking) -> Reply:
        token = asking.headers.get("authorization", "").removeprefix("Bearer ")
        key = asking.fields.get("refreshKey")
        match asking.call:
            case "POST /api/session":
                refused = Reply(status=401, body={"error": {"info": "Nobody is called so"}})
                return handed_out() if right(asking) else refused
            case "GET /api/who" if token in sessions.good:
                return Reply(status=200, body={"user_id": "u-7", "email": LOGIN})
            case "GET /api/who":
                return Reply(status=403)
            case "POST /api/renew":
                return renewed(key)
            case "POST /api/leave":
                sessions.good.discard(token if key is not None else "")
                return Reply(status=400 if key is None else 200)
        return Reply(status=404)

    return answer


RENEWING = Asked(
    calls={
        "sign_in": ("POST", "/api/session"),
        "me": ("GET", "/api/who"),
        "refresh": ("POST", "/api/renew"),
        "sign_out": ("POST", "/api/leave"),
    },
    login="login_name",
    password="secret_word",
    form=True,
)


def test_a_token_in_a_header_and_errors_as_bare_strings(tmp_path: Path) -> None:
    """The sign-in is named; everything else is found beside it."""
    asked = Asked(calls={"sign_in": ("POST", "/v2/login")})
    with api(nested(Sessions())) as running:
        found, draft = probed(running.url, LOGIN, PASSWORD, asked=asked)
        assert draft is not None
        assert auth_of(draft, "Login", "Home") == {
            "entry_page": "Login",
            "home_page": "Home",
            "sign_in": {"query": "sign_in", "token": "{{ response.headers['x-auth-token'] }}"},
            "me": {
                "query": "me",
                "uid": "{{ response.body?.data?.profile?.id }}",
                "user": "{{ response.body?.data?.profile }}",
            },
            "sign_out": {"query": "sign_out"},
            "send": {"header": "X-Auth-Token", "scheme": ""},
        }
        assert found.me is not None
        assert (found.me.status, found.me.signed_out) == (200, 404)
        assert said(found)["after sign_out"] == "the token is over"
        told = signs_in(written(found, draft, tmp_path), LOGIN, PASSWORD)
    assert "Wrong name or password" in told
    assert "You are signed in as 7." in told


def test_a_cookie_alone_and_200_for_nobody(tmp_path: Path) -> None:
    """Found by the usual paths; statuses say nothing here, so mappings have to."""
    with api(cookie_only(Sessions())) as running:
        found, draft = probed(running.url, LOGIN, PASSWORD)
        assert draft is not None
        auth = auth_of(draft, "Login", "Home")
        assert auth["send"] == {"cookie": "sid"}
        assert auth["sign_in"]["token"] == "{{ response.cookies['sid'] }}"
        assert auth["sign_in"]["error"] == "{{ response.body?.problem?.text }}"
        assert auth["me"]["succeeded"] == "{{ Boolean(response.body?.user?.id) }}"
        assert found.me is not None
        assert found.me.hidden
        told = signs_in(written(found, draft, tmp_path), LOGIN, PASSWORD)
    assert "That is not right." in told
    assert "You are signed in as 7." in told
    assert "roles" not in auth["me"], "users may be able to change them"
    assert said(found)["roles"] == "may stand in `user.role` of the body"


def test_a_form_with_names_of_its_own_and_a_renewal(tmp_path: Path) -> None:
    """All calls are named; the refresh token goes under the name that it came by."""
    sessions = Sessions()
    with api(renewing(sessions)) as running:
        found, draft = probed(running.url, LOGIN, PASSWORD, asked=RENEWING, renew=True)
        assert draft is not None
        auth = auth_of(draft, "Login", "Home")
        assert auth["sign_in"] == {
            "query": "sign_in",
            "token": "{{ response.body?.result?.sessionToken }}",
            "refresh_token": "{{ response.body?.result?.refreshKey }}",
            "expires_in": "{{ response.body?.result?.expiresInSeconds }}",
            "error": "{{ response.body?.error?.info }}",
        }
        assert auth["refresh"] == {
            "query": "refresh",
            "token": "{{ response.body?.result?.sessionToken }}",
            "refresh_token": "{{ response.body?.result?.refreshKey }}",
            "expires_in": "{{ response.body?.result?.expiresInSeconds }}",
        }
        assert found.calls["refresh"].fields == (("refreshKey", "{{ this.params.refreshToken }}"),)
        assert found.calls["sign_out"].fields == (("refreshKey", "{{ this.params.refreshToken }}"),)
        assert found.signed_in is not None
        assert (found.signed_in.kind, found.signed_in.lifetime) == ("opaque", 900)
        assert found.renewed is not None
        assert (found.renewed.rotates, found.renewed.old_status) == (True, 401)
        sign_ins = [asking.fields for asking in running.asked if asking.call == "POST /api/session"]
        assert [sorted(fields) for fields in sign_ins] == [["login_name", "secret_word"]] * 2
        signs_in(written(found, draft, tmp_path), LOGIN, PASSWORD)


def test_one_wrong_password_is_tried_and_it_is_a_random_one() -> None:
    """Nothing is guessed: the wrong one is long, and another each time."""
    tried = []
    for _ in range(2):
        with api(nested(Sessions())) as running:
            probed(running.url, LOGIN, PASSWORD, asked=Asked(calls={"sign_in": ("POST", "/v2/login")}))
        tried += [asking.fields["password"] for asking in running.asked if "password" in asking.fields]
    assert tried[1::2] == [PASSWORD, PASSWORD]
    assert tried[0] != tried[2]
    assert all(len(wrong) > 20 for wrong in tried[::2])


@pytest.mark.parametrize("renew", [True, False])
def test_a_renewal_that_was_only_guessed_is_not_written(renew: bool) -> None:
    """A renewal that fails ends the session, so there has to be something that speaks for it."""

    def answer(asking: Asking) -> Reply:
        if asking.call == "POST /v2/refresh":
            return Reply(status=401, body="no")
        return nested(sessions)(asking)

    sessions = Sessions()
    with api(answer) as running:
        asked = Asked(calls={"sign_in": ("POST", "/v2/login")})
        found, draft = probed(running.url, LOGIN, PASSWORD, asked=asked, renew=renew)
    assert "POST /v2/refresh" in [asking.call for asking in running.asked]
    assert draft is not None
    assert "refresh" not in draft.calls
    assert "refresh" not in found.calls


STEP: Mapping[str, Any] = {"status": "more", "mfa_challenge": "c-1"}


@pytest.mark.parametrize(
    ("reply", "about"),
    [
        (Reply(status=200, body=STEP), "another step may have to follow: `mfa_challenge` of the body"),
        (Reply(status=200, body={"fine": True}), "200 without a token"),
        (Reply(status=401, body={"message": "no"}), "not accepted: 401"),
        (Reply(status=429, body={"message": "slow down"}), "not accepted: 429"),
    ],
)
def test_a_sign_in_that_brings_no_token_is_said_to(reply: Reply, about: str) -> None:
    """In words, and the contract holds what is known: the queries."""
    with api(lambda asking: reply if asking.call == "POST /login" else Reply(status=404)) as running:
        asked = Asked(calls={"sign_in": ("POST", "/login")})
        found, draft = probed(running.url, LOGIN, PASSWORD, asked=asked)
    assert said(found)["sign_in"] == about
    assert found.conclusions[-1].sure != "seen"
    assert draft is not None
    assert found.signed_in is None


@pytest.mark.parametrize(
    ("wrong", "me", "about"),
    [
        (Reply(status=403, body={"message": "no"}), Reply(status=200, body={"id": 1}), "signs in"),
        (
            Reply(status=200, body={"token": "t" * 30}),
            Reply(status=200, body={"id": 1}),
            "takes any password",
        ),
        (Reply(status=403), Reply(status=200, body={"mood": "fine"}), "names no user"),
    ],
)
def test_a_contract_is_tried_on_what_was_answered(wrong: Reply, me: Reply, about: str) -> None:
    """One that would let in whoever comes, or nobody, is marked."""

    def answer(asking: Asking) -> Reply:
        if asking.call == "POST /login":
            return Reply(status=200, body={"token": "t" * 30}) if right(asking) else wrong
        return me if "authorization" in asking.headers and asking.call == "GET /me" else Reply(status=401)

    with api(answer) as running:
        asked = Asked(calls={"sign_in": ("POST", "/login"), "me": ("GET", "/me")})
        found, _ = probed(running.url, LOGIN, PASSWORD, asked=asked)
    assert said(found)["contract"] == about
    sure = {conclusion.about: conclusion.sure for conclusion in found.conclusions}
    assert (sure["contract"] == "seen") is (about == "signs in")


def test_a_refusal_that_is_a_page_is_told_in_words(tmp_path: Path) -> None:
    """Users do not get HTML for words."""
    sessions = Sessions()

    def answer(asking: Asking) -> Reply:
        token = asking.headers.get("authorization", "").removeprefix("Bearer ")
        match asking.call:
            case "POST /login" if right(asking):
                return Reply(status=200, body={"token": sessions.begin(), "user": USER})
            case "POST /login":
                return Reply(status=401, body=b"<html><body><h1>Unauthorized</h1></body></html>")
            case "GET /me" if token in sessions.good:
                return Reply(status=200, body=USER)
        return Reply(status=401)

    with api(answer) as running:
        asked = Asked(calls={"sign_in": ("POST", "/login"), "me": ("GET", "/me")})
        found, draft = probed(running.url, LOGIN, PASSWORD, asked=asked)
        assert found.refused is not None
        assert not found.refused.words
        told = signs_in(written(found, draft, tmp_path), LOGIN, PASSWORD)
    assert "The sign-in did not succeed." in told
    assert "Unauthorized" not in told


def test_a_description_says_where_to_sign_in(tmp_path: Path) -> None:
    """An OpenAPI document names the path, the fields and the form; what it says is tried all the same."""
    sessions = Sessions()
    schema = {"properties": {"login": {"type": "string"}, "passwd": {"type": "string"}}}
    content = {"application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Body"}}}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/accounts/register": {"post": {"requestBody": {"content": content}}},
            "/gate/token": {"post": {"requestBody": {"content": content}}},
            "/gate/whoami": {"get": {}},
        },
        "components": {"schemas": {"Body": schema}},
    }

    def answer(asking: Asking) -> Reply:
        token = asking.headers.get("authorization", "").removeprefix("Bearer ")
        match asking.call:
            case "GET /openapi.json":
                return Reply(status=200, body=document)
            case "POST /gate/token" if right(asking):
                return Reply(status=200, body={"access_token": sessions.begin()})
            case "POST /gate/token":
                return Reply(status=400, body={"detail": "wrong"})
            case "GET /gate/whoami":
                return Reply(status=200, body=USER) if token in sessions.good else Reply(status=401)
        return Reply(status=404)

    with api(answer) as running:
        found, draft = probed(running.url, LOGIN, PASSWORD)
        assert found.calls["sign_in"].path == "/gate/token"
        assert found.calls["sign_in"].form
        assert [name for name, _ in found.calls["sign_in"].fields] == ["login", "passwd"]
        assert found.calls["me"].path == "/gate/whoami"
        assert not [asking for asking in running.asked if asking.path == "/accounts/register"]
        signs_in(written(found, draft, tmp_path), LOGIN, PASSWORD)


def test_an_api_that_answers_everything_alike_has_nothing(tmp_path: Path) -> None:
    """A gateway that says 401 to every path is not taken for a sign-in."""
    with api(lambda _: Reply(status=401, body={"message": "no token"})) as running:
        found, draft = probed(running.url)
    assert draft is None
    assert said(found)["sign_in"] == "not found"
    assert len(found.requests) < 40
