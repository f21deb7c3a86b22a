"""The files of imitated APIs that come with Portico, and the APIs themselves: a new app and whoever asks by
hand are answered alike by both, as far as statuses and the shape of answers go.

What a file leaves out is said at its head, and below.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.authserver.dialects.imitation import Imitation, Reply
from portico.authserver.endpoints import Role
from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.cli import new, new_auth
from portico.clock import Clock
from portico.testing.dialect_file import SHIPPED, dialect_called
from portico.values import Secret
from tests.backends.answers import bearer, claims
from tests.backends.servers import Backend, Credentials
from tests.journeys.portal import Recorder, Visitor, auth_server, serving
from tests.journeys.preset_app import shown

pytestmark = pytest.mark.parametrize("backend", SHIPPED, indirect=True)

#: Keys of answers that one side alone has: what a file leaves out, and roles, which better-auth has with a
#: plugin that is not installed here.
ONE_SIDED: Mapping[str, frozenset[str]] = {
    "better-auth": frozenset({"createdAt", "updatedAt", "ipAddress", "userAgent", "role"}),
    "allauth": frozenset({"methods", "param"}),
    "pocketbase": frozenset({"identity", "password"}),
}
#: After what time a token is to be renewed, where something renews it.
DUE = {"pocketbase": timedelta(days=4), "better-auth": timedelta(days=4), "simplejwt": timedelta(minutes=61)}
#: What every token that is imitated says of itself besides.
OWN_CLAIMS = {"exp", "iat", "jti"}

Heard = list[tuple[Any, ...]]


@contextmanager
def imitated(imitation: Imitation, user: Credentials) -> Iterator[str]:
    """An auth server that answers like this, and has this user."""
    name = user.email.partition("@")[0] if user.login == user.email else user.login
    account = NewAccount(username=name, email=user.email, password=Secret(user.password))
    settings = Settings(
        hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(account,), imitation=imitation
    )
    with auth_server(settings, Clock()) as url:
        yield url


def shape(value: Any, left_out: frozenset[str] = frozenset()) -> Any:
    """What an answer looks like: its keys, and the types of values, also of what a token says."""
    match value:
        case dict():
            return {key: shape(inner, left_out) for key, inner in value.items() if key not in left_out}
        case list():
            return sorted({repr(shape(inner, left_out)) for inner in value})
        case str() if value.startswith("eyJ") and value.count(".") == 2:
            said = {key: shape(inner) for key, inner in claims(value).items() if key not in OWN_CLAIMS}
            # Who renews reads nothing in what renews.
            return "text" if said.get("token_type") and claims(value)["token_type"] == "refresh" else said
        case bool() | None:
            return repr(value)
        case int() | float():
            return "number"
        case _:
            return "text"


class Talk:
    """Requests to a server by hand, and what can be compared of its answers. No cookie is kept."""

    def __init__(self, url: str, name: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self._left_out = ONE_SIDED.get(name, frozenset())
        self.heard: Heard = []

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def __call__(self, method: str, path: str, token: str = "", **more: Any) -> httpx.Response:
        """Ask; with a token in the header that most APIs take it in."""
        headers = {**(bearer(token) if token else {}), **more.pop("headers", {})}
        answer = self._http.request(method, path, headers=headers, **more)
        self._http.cookies.clear()
        body = shape(answer.json(), self._left_out) if answer.content else "nothing"
        self.heard.append((method, path, answer.status_code, body, "set-auth-token" in answer.headers))
        return answer


def pocketbase(ask: Talk, user: Credentials) -> None:
    """Wrong, missing and good; the token renews itself, and stays good."""
    users = "/api/collections/users"
    form = {"email": user.email, "password": "long enough", "passwordConfirm": "long enough"}
    ask("POST", f"{users}/records", json=form)
    for body in ({"identity": user.login, "password": "wrong"}, {}):
        ask("POST", f"{users}/auth-with-password", json=body)
    body = {"identity": user.login, "password": user.password}
    token = ask("POST", f"{users}/auth-with-password", json=body).json()["token"]
    again = ask("POST", f"{users}/auth-refresh", token).json()["token"]
    for each in (token, again, "", "nonsense"):
        ask("POST", f"{users}/auth-refresh", each)
    ask("POST", f"{users}/request-password-reset", json={"email": user.email})
    ask("POST", f"{users}/request-password-reset", json={"email": "nobody@example.com"})
    ask("POST", f"{users}/logout", token)


def better_auth(ask: Talk, user: Credentials) -> None:
    """Who is not signed in is told nothing, and 200; signing out is always well."""
    api = "/api/auth"
    ask("POST", f"{api}/sign-up/email", json={"name": "x", "email": user.email, "password": "long enough"})
    for body in ({"email": user.login, "password": "wrong"}, {}):
        ask("POST", f"{api}/sign-in/email", json=body)
    answer = ask("POST", f"{api}/sign-in/email", json={"email": user.login, "password": user.password})
    token = answer.headers["set-auth-token"]
    for each in (token, answer.json()["token"], "", "nonsense"):
        ask("GET", f"{api}/get-session", each)
    for _ in range(2):
        ask("POST", f"{api}/sign-out", token, json={})
        ask("GET", f"{api}/get-session", token)
    ask("POST", f"{api}/sign-out", json={})


def fastapi_users(ask: Talk, user: Credentials) -> None:
    """Signing in takes a form; signing out ends nothing."""
    ask("POST", "/auth/register", json={"email": user.email, "password": "long enough"})
    ask("POST", "/auth/jwt/login", data={"username": user.login, "password": "wrong"})
    good = {"username": user.login, "password": user.password}
    ask("POST", "/auth/jwt/login", json=good)
    token = ask("POST", "/auth/jwt/login", data=good).json()["access_token"]
    for each in (token, "", "nonsense"):
        ask("GET", "/users/me", each)
    for each in (token, ""):
        ask("POST", "/auth/jwt/logout", each)
    ask("GET", "/users/me", token)
    ask("GET", "/nothing")


def simplejwt(ask: Talk, user: Credentials) -> None:
    """A refresh token is good once; signing out ends it, and nothing else."""
    ask("POST", "/api/token/", json={"username": user.login, "password": "wrong"})
    both = ask("POST", "/api/token/", json={"username": user.login, "password": user.password}).json()
    access, refresh = both["access"], both["refresh"]
    renewed = ask("POST", "/api/token/refresh/", json={"refresh": refresh}).json()
    for each in (refresh, "nonsense", access):
        ask("POST", "/api/token/refresh/", json={"refresh": each})
    for _ in range(2):
        ask("POST", "/api/token/blacklist/", access, json={"refresh": renewed["refresh"]})
    ask("POST", "/api/token/refresh/", json={"refresh": renewed["refresh"]})
    for each in (access, renewed["access"], "", "nonsense"):
        ask("GET", "/api/me/", each)


def allauth(ask: Talk, user: Credentials) -> None:
    """401 is who is not signed in, and a sign-out that went well; 410 is a token that is over."""
    api = "/_allauth/app/v1/auth"
    ask("POST", f"{api}/signup", json={"email": user.email, "password": "a long sentence"})
    ask("POST", f"{api}/login", json={"email": user.login, "password": "wrong"})
    ask("POST", f"{api}/login", json={})
    good = {"email": user.login, "password": user.password}
    token = ask("POST", f"{api}/login", json=good).json()["meta"]["session_token"]
    ask("GET", f"{api}/session", token)
    for headers in ({"X-Session-Token": token}, {}, {"X-Session-Token": "nonsense"}):
        ask("GET", f"{api}/session", headers=headers)
    for headers in ({"X-Session-Token": token}, {"X-Session-Token": token}, {}):
        ask("DELETE", f"{api}/session", headers=headers)
        ask("GET", f"{api}/session", headers=headers)


TALKS: Mapping[str, Callable[[Talk, Credentials], None]] = {
    "pocketbase": pocketbase,
    "better-auth": better_auth,
    "fastapi-users": fastapi_users,
    "simplejwt": simplejwt,
    "allauth": allauth,
}


def heard(url: str, name: str, user: Credentials) -> Heard:
    """What a server answers whoever asks by hand."""
    with Talk(url, name) as ask:
        TALKS[name](ask, user)
        return ask.heard


def lived(url: str, name: str, user: Credentials, folder: Path) -> Heard:
    """What a server answers a new app, whose user signs up, in and out, and comes back after a while."""
    folder.mkdir()
    new.create("shop", folder, new.DEFAULT, name)
    left_out, start = ONE_SIDED.get(name, frozenset()), new_auth.STARTS[name]
    form = {"LoginInput": user.login, "PasswordInput": user.password}
    with (
        Recorder(url) as api,
        serving(folder / "shop", settings={"AUTH_URL": api.url}) as portal,
        Visitor(portal) as visitor,
    ):
        if start.sign_up is not None:
            fields = {"email": f"{folder.name}@example.com", "name": folder.name, "username": folder.name}
            given = {f"{field.title()}Input": fields[field] for field in start.sign_up}
            answer = visitor.press("SignUp", "SignUpButton", **given, PasswordInput="a long sentence")
            assert answer.status_code == 303, shown(answer)
            log_out(visitor, api, name)
        visitor.press("Login", "LoginButton", **form | {"PasswordInput": "wrong"})
        assert visitor.press("Login", "LoginButton", **form).status_code == 303
        assert "Hello, " in shown(visitor.get("Home"))
        portal.clock.advance(DUE.get(name, timedelta(minutes=2)))
        if start.asks:
            visitor.press("Home", "AskButton")
        assert "Hello, " in shown(visitor.get("Home"))
        log_out(visitor, api, name)
        return [
            (
                one.method,
                one.path,
                one.status,
                shape(httpx.Response(200, content=one.answer).json(), left_out),
            )
            if one.answer
            else (one.method, one.path, one.status, "nothing")
            for one in api.exchanges
        ]


def ends(imitation: Imitation) -> list[tuple[str, str]]:
    """Where a sign-in is ended."""
    return [(one.method, one.path) for one in imitation.routes if one.role is Role.SIGN_OUT]


def log_out(visitor: Visitor, api: Recorder, name: str) -> None:
    """Log out, and wait until the API was told, if it is."""
    told = ends(dialect_called(name))
    before = len(api.exchanges)
    assert visitor.press("Home", "LogoutButton").status_code == 303
    limit = time.monotonic() + 30
    while told and not any((one.method, one.path) in told for one in api.exchanges[before:]):
        assert time.monotonic() < limit, "the API was not told"
        time.sleep(0.02)


def as_served(name: str) -> Imitation:
    """The API that comes with Portico, with tokens that live as long as those of the server here."""
    found = dialect_called(name)
    return replace(found, access_lifetime=timedelta(hours=1)) if name == "simplejwt" else found


def test_both_answer_alike(backend: Backend) -> None:
    """Good calls and all kinds of bad ones."""
    with imitated(as_served(backend.name), backend.credentials) as url:
        ours = heard(url, backend.name, backend.credentials)
    theirs = heard(backend.url, backend.name, backend.credentials)
    assert len(theirs) > 8
    assert [pair for pair in zip(theirs, ours, strict=True) if pair[0] != pair[1]] == []


def test_a_new_app_lives_alike_with_both(backend: Backend, tmp_path: Path) -> None:
    """It makes the same calls, which are answered alike."""
    with imitated(as_served(backend.name), backend.credentials) as url:
        ours = lived(url, backend.name, backend.credentials, tmp_path / "ours")
    theirs = lived(backend.url, backend.name, backend.credentials, tmp_path / "theirs")
    assert [one[:3] for one in theirs] == [one[:3] for one in ours]
    assert [pair for pair in zip(theirs, ours, strict=True) if pair[0] != pair[1]] == []


def test_other_answers_are_noticed(backend: Backend) -> None:
    """The positive control: an imitation that hands out its token under another name, refuses with another
    status, forgets its tokens at once, renews none, or treats them otherwise after a sign-out, is told from
    itself."""
    right, user = as_served(backend.name), backend.credentials
    sign_in, *others = right.routes
    renamed = replace(sign_in, reply=replace(sign_in.reply, body={"of": sign_in.reply.body}, headers={}))

    def told(imitation: Imitation) -> Heard | None:
        """What it answers; None where that cannot be gone on with."""
        with imitated(imitation, user) as url:
            try:
                return heard(url, backend.name, user)
            except KeyError:
                return None

    expected = told(right)
    assert expected is not None
    assert expected == told(right)
    for wrong in (
        replace(right, routes=(renamed, *others)),
        replace(right, refusals={**right.refusals, "wrong_password": Reply(status=418, body={})}),
        replace(right, access_lifetime=timedelta(0)),
        replace(right, routes=tuple(route for route in right.routes if route.role is not Role.REFRESH)),
        # Where there is a sign-out.
        *([replace(right, outlives_sign_out=not right.outlives_sign_out)] if ends(right) else []),
    ):
        if wrong != right:
            assert told(wrong) != expected, wrong
