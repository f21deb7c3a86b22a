"""The embedded server's Strapi dialect and Strapi itself: the same requests to both, the same answers.

Left out is what depends on the version of Node (the words of its JSON parser) and what `test_facts_strapi.py`
says of Strapi alone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from portico.authserver.settings import HashCost, JwtManagement, NewAccount, RateLimit, Settings
from portico.clock import Clock
from portico.values import Secret
from tests.backends.answers import bearer
from tests.backends.servers import Backend, Credentials
from tests.backends.strapi_server import IN_BODY, LEGACY, LIMITED, Administrator, strapi
from tests.backends.strapi_talk import Talk, account, login
from tests.journeys.portal import auth_server

pytestmark = pytest.mark.parametrize("backend", ["strapi"], indirect=True)

DIALECT = Settings(hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None)
COOKIE = {"x-strapi-refresh-cookie": "httpOnly"}


def sign_ins(talk: Talk) -> None:
    """By name and address, and everything that a body can be."""
    path = "/api/auth/local"
    talk.post(f"{path}/register", account("ina"))
    jwt = talk.post(path, login("ina"))["jwt"]
    for name in ("ina@example.com", "INA@Example.com", "Ina", " ina", "nobody"):
        talk.post(path, login(name))
    for password in ("Correct horse", "correct horse ", "correct horse\0", "x" * 100_000, "", None, 1, ["x"]):
        talk.post(path, login("ina", password))
    odd = {"identifier": {"a": 1}, "password": 1e30}
    bodies: list[Any] = [{}, [], {"identifier": ""}, odd, login("ina", x=1)]
    for body in bodies:
        talk.post(path, body)
    talk.ask("POST", path, data=login("ina"))
    talk.ask("POST", path, content=b'"x"', headers={"content-type": "application/json"})
    talk.post(path, login("ina"), headers=bearer(jwt))
    talk.post(path, login("ina"), headers=bearer("nonsense"))
    talk.post(path, login("ina"), headers=COOKIE)


def sign_ups(talk: Talk) -> None:
    """Good ones, taken ones, and those of a wrong shape."""
    path = "/api/auth/local/register"
    jwt = talk.post(path, {**account("Ulla"), "email": "Ulla@Example.com"})["jwt"]
    for body in (
        account("Ulla"),
        {**account("ulla2"), "email": "ULLA@example.com"},
        {**account("ulla2"), "username": "ulla@example.com"},
        {**account("ulla"), "email": "other@example.com"},
        {**account("ulla3"), "role": 1, "blocked": True},
        {**account("ulla3"), "deviceId": "phone"},
        {**account("ulla3"), "password": "p" * 73},
        {**account("ulla3"), "password": "ü" * 37},
        {"username": "ul", "email": "u@u.co", "password": "p"},
        {"username": 1, "email": "no address", "password": None},
        {},
        ["x"],
    ):
        talk.post(path, body)
    talk.post(path, account("ulla4"), headers=COOKIE)
    talk.post(path, account("ulla5"), headers=bearer(jwt))


def tokens_in_headers(talk: Talk) -> None:
    """`me`, with everything that may stand in the header."""
    both = talk.post("/api/auth/local/register", account("hedda"))
    jwt, path = both["jwt"], "/api/users/me"
    talk.ask("GET", path)
    for header in (
        *(f"Bearer {jwt}", f"bearer {jwt}", f"Bearer  {jwt}", jwt, f"Token {jwt}", f"Bearer {jwt} x"),
        *("Bearer", "Bearer x", f"Bearer {jwt[:-4]}AAAA", f"Bearer {both['refreshToken']}"),
    ):
        talk.ask("GET", path, headers={"Authorization": header})
    talk.ask("GET", f"{path}?populate=role", headers=bearer(jwt))
    talk.ask("GET", "/api/nothing")


def renewals(talk: Talk) -> None:
    """Each refresh token once, from the body or as a cookie, which comes first and whose signature nobody
    asks for."""
    path = "/api/auth/refresh"
    both = talk.post("/api/auth/local/register", account("rena"))
    first = both["refreshToken"]
    talk.post(path, {"refreshToken": first}, headers=bearer(both["jwt"]))
    wrongs: list[Any] = [None, "", 0, True, [], ["x"], {}, "x", "a.b.c", both["jwt"]]
    for wrong in wrongs:
        talk.post(path, {"refreshToken": wrong})
    talk.post(path)
    talk.post(path, [])
    second = talk.post(path, {"refreshToken": first})["refreshToken"]
    talk.post(path, {"refreshToken": first})
    third = talk.post(path, headers={"Cookie": f"strapi_up_refresh={second}"})["refreshToken"]
    talk.post(path, {"refreshToken": third}, headers={"Cookie": f"strapi_up_refresh={second}"})
    talk.post(path, {"refreshToken": third}, headers=COOKIE)


def log_outs(talk: Talk) -> None:
    """Of this session, of a device, of all; the access token goes on."""
    path, refresh = "/api/auth/logout", "/api/auth/refresh"
    one = talk.post("/api/auth/local/register", account("lola"))
    two = talk.post("/api/auth/local", login("lola", deviceId="phone"))
    headers = bearer(one["jwt"])
    talk.ask("GET", "/api/auth/sessions", headers=headers)
    talk.ask("GET", "/api/auth/sessions")
    talk.post(path)
    talk.post(path, headers=bearer("nonsense"))
    talk.post(path, {"deviceId": "phone"}, headers=headers)
    talk.post(refresh, {"refreshToken": two["refreshToken"]})
    talk.post(path, {}, headers=headers)
    talk.post(refresh, {"refreshToken": one["refreshToken"]})
    talk.ask("GET", "/api/users/me", headers=headers)
    three = talk.post("/api/auth/local", login("lola"))
    talk.post(path, {"scope": "all"}, headers=headers | COOKIE)
    talk.post(refresh, {"refreshToken": three["refreshToken"]})
    talk.ask("DELETE", "/api/auth/sessions/unknown", headers=headers)
    talk.ask("DELETE", "/api/auth/sessions/unknown")


def new_passwords(talk: Talk) -> None:
    """Wrong, short, the same, unconfirmed, and at last a good one, which ends every session."""
    path = "/api/auth/change-password"
    one = talk.post("/api/auth/local/register", account("pia"))
    good = {
        "currentPassword": "correct horse",
        "password": "other horse",
        "passwordConfirmation": "other horse",
    }
    talk.post(path, good)
    for body in (
        {},
        {**good, "currentPassword": "wrong"},
        {**good, "passwordConfirmation": "another"},
        {**good, "password": "short", "passwordConfirmation": "short"},
        {**good, "password": "correct horse", "passwordConfirmation": "correct horse"},
        {**good, "more": 1},
        good,
    ):
        talk.post(path, body, headers=bearer(one["jwt"]))
    talk.post("/api/auth/refresh", {"refreshToken": one["refreshToken"]})
    talk.post("/api/auth/local", login("pia"))
    talk.post("/api/auth/local", login("pia", "other horse"))


def locked_out(talk: Talk) -> None:
    """Ten sign-ins a minute of one address, good and bad; other calls are not counted with them."""
    talk.post("/api/auth/local/register", account("luca"))
    for number in range(12):
        talk.post("/api/auth/local", login("luca", "correct horse" if number % 2 else "wrong"))
    talk.post("/api/auth/local", {**login("luca"), "email": "other@example.com"})
    talk.post("/api/auth/refresh", {"refreshToken": "x"})


def without_renewal(talk: Talk) -> None:
    """Legacy: one token for thirty days, and nothing that renews or ends it."""
    both = talk.post("/api/auth/local/register", account("leo"))
    headers = bearer(both["jwt"])
    talk.post("/api/auth/local", login("leo"), headers=COOKIE)
    talk.ask("GET", "/api/users/me", headers=headers)
    talk.post("/api/auth/refresh", {"refreshToken": both["jwt"]})
    talk.post("/api/auth/logout", {}, headers=headers)
    talk.post("/api/auth/logout", {})
    talk.ask("GET", "/api/auth/sessions", headers=headers)
    new = {"currentPassword": "correct horse", "password": "another horse"}
    talk.post("/api/auth/change-password", {**new, "passwordConfirmation": new["password"]}, headers=headers)


def in_cookies(talk: Talk) -> None:
    """What new projects do: the refresh token in a cookie, but for sign-ups and new passwords."""
    both = talk.post("/api/auth/local/register", account("cora"))
    headers = bearer(both["jwt"])
    talk.post("/api/auth/local", login("cora"))
    talk.post("/api/auth/refresh", {"refreshToken": both["refreshToken"]})
    talk.post("/api/auth/logout", {}, headers=headers)
    new = {"currentPassword": "correct horse", "password": "another horse"}
    talk.post("/api/auth/change-password", {**new, "passwordConfirmation": new["password"]}, headers=headers)


def blocked(talk: Talk) -> None:
    """Who knows the password is told why; everybody else is not."""
    talk.post("/api/auth/local", login("bert"))
    talk.post("/api/auth/local", login("bert", "wrong"))


def unconfirmed(talk: Talk) -> None:
    """A sign-up gives no token, and a sign-in none either until the address is confirmed."""
    talk.post("/api/auth/local/register", account("uma"))
    talk.post("/api/auth/local", login("uma"))
    talk.post("/api/auth/local", login("uma", "wrong"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """Settings of Strapi, where none are those of the project here, and of the dialect that say the same."""

    strapi: dict[str, Any]
    dialect: Settings
    prepare: Callable[[Backend], None] = lambda _: None


def block_bert(backend: Backend) -> None:
    """What the dialect is told at its start, an administrator does here."""
    user = Credentials(login="bert", **{key: account("bert")[key] for key in ("email", "password")})
    httpx.post(f"{backend.url}/api/auth/local/register", json=account("bert"), trust_env=False, timeout=30)
    Administrator(backend).block(user)


BERT = NewAccount(username="bert", email="bert@example.com", password=Secret("correct horse"), blocked=True)
MODES = {
    "body": Mode(strapi=IN_BODY, dialect=replace(DIALECT, accounts=(BERT,)), prepare=block_bert),
    "cookie": Mode(strapi={}, dialect=replace(DIALECT, httponly=True)),
    "legacy": Mode(strapi=LEGACY, dialect=replace(DIALECT, jwt_management=JwtManagement.LEGACY)),
    "limited": Mode(strapi=IN_BODY | LIMITED, dialect=replace(DIALECT, rate_limit=RateLimit())),
    "confirming": Mode(
        strapi=IN_BODY,
        dialect=replace(DIALECT, email_confirmation=True),
        prepare=lambda backend: Administrator(backend).ask_for_confirmation(),
    ),
}
TOPICS: Mapping[str, Sequence[Callable[[Talk], None]]] = {
    "body": (sign_ins, sign_ups, tokens_in_headers, renewals, log_outs, new_passwords, blocked),
    "cookie": (in_cookies,),
    "legacy": (without_renewal,),
    "limited": (locked_out,),
    "confirming": (unconfirmed,),
}


def heard(url: str, topic: Callable[[Talk], None]) -> list[tuple[Any, ...]]:
    """What a server answers."""
    with Talk(url) as talk:
        topic(talk)
        return talk.heard


def heard_from_dialect(settings: Settings, topic: Callable[[Talk], None]) -> list[tuple[Any, ...]]:
    """What the embedded server answers."""
    with auth_server(settings, Clock()) as url:
        return heard(url, topic)


@pytest.mark.parametrize("name", list(MODES))
def test_both_answer_alike(name: str, backend: Backend) -> None:
    """Statuses, bodies, cookies, limits, and what tokens say."""
    mode, differences = MODES[name], []
    with strapi(mode.strapi) if mode.strapi else nullcontext(backend) as server:
        mode.prepare(server)
        for topic in TOPICS[name]:
            theirs, ours = heard(server.url, topic), heard_from_dialect(mode.dialect, topic)
            pairs = zip(theirs, ours, strict=True)
            differences += [(topic.__name__, *pair) for pair in pairs if pair[0] != pair[1]]
    assert differences == []


@pytest.mark.parametrize(
    ("topic", "right", "wrong"),
    [
        (in_cookies, replace(DIALECT, httponly=True), DIALECT),
        (renewals, DIALECT, replace(DIALECT, access_lifetime=timedelta(minutes=9))),
        (sign_ins, DIALECT, replace(DIALECT, jwt_management=JwtManagement.LEGACY)),
        (locked_out, replace(DIALECT, rate_limit=RateLimit()), DIALECT),
        (blocked, replace(DIALECT, accounts=(BERT,)), DIALECT),
        (unconfirmed, replace(DIALECT, email_confirmation=True), DIALECT),
    ],
)
def test_other_answers_are_noticed(
    topic: Callable[[Talk], None], right: Settings, wrong: Settings, backend: Backend
) -> None:
    """The positive control: a dialect with other settings is not taken for the same, but itself is."""
    assert heard_from_dialect(right, topic) == heard_from_dialect(right, topic)
    assert heard_from_dialect(wrong, topic) != heard_from_dialect(right, topic)
