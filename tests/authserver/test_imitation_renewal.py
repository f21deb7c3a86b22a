"""APIs that a file describes: tokens that renew themselves, slide, or go on after their sign-in."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from portico.authserver.dialects.imitated import Imitated
from portico.authserver.dialects.imitation import Carrying, Imitation, Json, Reply, Route
from portico.authserver.dialects.imitation_tokens import ImitationTokens
from portico.authserver.endpoints import Role
from portico.authserver.faults import Fault, Faults
from portico.authserver.settings import NewAccount
from portico.authserver.signing import Signer
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

TOKEN: Json = {"token": "{access_token}", "who": "{user}"}
SIGN_IN = Route(
    role=Role.SIGN_IN,
    method="POST",
    path="/in",
    fields={"login": "login", "password": "password"},
    reply=Reply(status=200, body=TOKEN, cookies={"sid": "{access_token}"}),
)
RENEW = Route(
    role=Role.REFRESH, method="POST", path="/renew", by="access_token", reply=Reply(status=200, body=TOKEN)
)
ME = Route(role=Role.ME, method="GET", path="/me", reply=Reply(status=200, body={"who": "{user}"}))
SIGN_OUT = Route(
    role=Role.SIGN_OUT,
    method="POST",
    path="/out",
    reply=Reply(status=200, body={}, cookies={"sid": ""}),
)
USER: Json = {"name": "{username}", "admin": "{role is admin}", "key": "{id_text}"}
API = Imitation(
    routes=(SIGN_IN, RENEW, ME, SIGN_OUT), user=USER, access_lifetime=timedelta(days=7), rotates=False
)
RIGHT = {"login": "anna", "password": "correct horse"}


def serving(api: Imitation, faults: Faults | None = None, **settings: Any) -> Any:
    """A server that answers like this."""
    return running(replace(DEFAULTS, imitation=api, **settings), clock=StoppedClock(), faults=faults)


async def token_of(server: AuthServer) -> str:
    """That of a new sign-in."""
    answer = await server.http.post("/in", json=RIGHT)
    server.http.cookies.clear()
    return str(answer.json()["token"])


async def asked(server: AuthServer, method: str, path: str, token: str) -> httpx.Response:
    """A call with a token."""
    answer = await server.http.request(method, path, headers=bearer(token))
    server.http.cookies.clear()
    return answer


def said(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


async def test_a_token_that_renews_itself() -> None:
    """For as long as it is good, and without an end; the one before stays good to its own."""
    async with serving(API) as server:
        first = await token_of(server)
        for _ in range(20):
            server.clock.advance(timedelta(days=6))
            answer = await asked(server, "POST", "/renew", first)
            assert answer.status_code == 200
            before, first = first, answer.json()["token"]
            assert (await asked(server, "GET", "/me", before)).status_code == 200
        server.clock.advance(timedelta(days=7))
        assert (await asked(server, "POST", "/renew", first)).status_code == 401


async def test_a_token_that_renews_itself_once() -> None:
    """Where it rotates: it opens what it opened, and renews nothing more."""
    async with serving(replace(API, rotates=True)) as server:
        first = await token_of(server)
        second = (await asked(server, "POST", "/renew", first)).json()["token"]
        assert (await asked(server, "POST", "/renew", first)).status_code == 401
        assert (await asked(server, "GET", "/me", first)).status_code == 200
        assert (await asked(server, "POST", "/renew", second)).status_code == 200


async def test_a_token_that_slides() -> None:
    """It stays the same, and lasts anew whenever it is used a day after the last time."""
    renew = replace(RENEW, reply=Reply(status=200, body={"token": "{access_token}", "until": "{expires_on}"}))
    api = replace(API, slides=timedelta(days=1), access="opaque", routes=(SIGN_IN, renew, ME, SIGN_OUT))
    async with serving(api) as server:
        token = await token_of(server)
        ends = [(await asked(server, "POST", "/renew", token)).json()["until"]]
        for step in (timedelta(hours=23), timedelta(hours=1), timedelta(days=6)):
            server.clock.advance(step)
            answer = (await asked(server, "POST", "/renew", token)).json()
            assert answer["token"] == token
            ends.append(answer["until"])
        assert [end[:10] for end in ends] == ["2026-01-08", "2026-01-08", "2026-01-09", "2026-01-15"]
        server.clock.advance(timedelta(days=7))
        assert (await asked(server, "GET", "/me", token)).status_code == 401


@pytest.mark.parametrize(("outlives", "status"), [(True, 200), (False, 401)])
async def test_a_token_after_its_sign_out(outlives: bool, status: int) -> None:
    """It goes on to its end where the file says so."""
    async with serving(replace(API, outlives_sign_out=outlives)) as server:
        token = await token_of(server)
        answer = await asked(server, "POST", "/out", token)
        assert answer.headers["set-cookie"].startswith('sid=""; ')
        assert (await asked(server, "GET", "/me", token)).status_code == status
        server.clock.advance(timedelta(days=7))
        assert (await asked(server, "GET", "/me", token)).status_code == 401


async def test_a_sign_out_by_the_refresh_token() -> None:
    """No access token is needed; one that was used, or is none, ends nothing."""
    fields = {"refresh_token": "again"}
    both = replace(
        SIGN_IN, reply=Reply(status=200, body={"token": "{access_token}", "again": "{refresh_token}"})
    )
    leave = replace(SIGN_OUT, by="refresh_token", fields=fields)
    async with serving(replace(API, routes=(both, ME, leave))) as server:
        tokens = (await server.http.post("/in", json=RIGHT)).json()
        statuses = [
            (await server.http.post("/out", json=body)).status_code
            for body in (
                {},
                {"again": tokens["token"]},
                {"again": tokens["again"]},
                {"again": tokens["again"]},
            )
        ]
        assert statuses == [400, 401, 200, 401]
        assert (await asked(server, "GET", "/me", tokens["token"])).status_code == 401


@pytest.mark.parametrize(
    ("takes", "statuses"), [("any", [200, 200]), ("json", [200, 422]), ("form", [422, 200])]
)
async def test_what_a_request_is_written_as(takes: Any, statuses: list[int]) -> None:
    """As the endpoint takes it; a refusal can be this endpoint's own."""
    refusals = {"bad_request": Reply(status=422, body=None)}
    api = replace(API, routes=(replace(SIGN_IN, takes=takes, refusals=refusals), RENEW))
    async with serving(api) as server:
        answers = [await server.http.post("/in", json=RIGHT), await server.http.post("/in", data=RIGHT)]
        assert [answer.status_code for answer in answers] == statuses
        assert {answer.text for answer in answers if answer.status_code == 422} <= {"null"}
        assert (await server.http.post("/renew")).json() == {"message": "A token is missing."}


async def test_what_a_token_says() -> None:
    """What the file has it say, besides what every token does."""
    api = replace(API, claims={"sub": "{uuid}", "n": "{id}", "admin": "{role is admin}", "for": "a {email}"})
    account = NewAccount(
        username="boss", email="boss@example.com", password=Secret("correct horse"), role="admin"
    )
    async with serving(api, accounts=(*DEFAULTS.accounts, account)) as server:
        claims = said(await token_of(server))
        assert set(claims) == {"sub", "n", "admin", "for", "jti", "iat", "exp"}
        assert (claims["n"], claims["admin"], claims["for"]) == (1, False, "a anna@example.com")
        answer = await server.http.post("/in", json={"login": "boss", "password": "correct horse"})
        assert answer.json()["who"] == {
            "name": "boss",
            "admin": True,
            "key": str(said(answer.json()["token"])["n"]),
        }


async def test_a_token_in_a_header_or_a_cookie() -> None:
    """Where both are named, in either."""
    async with serving(replace(API, carrying=Carrying(cookie="sid"))) as server:
        token = await token_of(server)
        for headers in (bearer(token), {"Cookie": f"sid={token}"}):
            assert (await server.http.get("/me", headers=headers)).status_code == 200
        assert (await server.http.get("/me")).status_code == 401


async def test_an_endpoint_that_is_two() -> None:
    """A renewal that says whose the token is, where nothing else does, is both to faults."""
    faults = Faults()
    async with serving(replace(API, routes=(SIGN_IN, RENEW)), faults) as server:
        token = await token_of(server)
        for fault in ("refresh: status 503 for anna", "me: status 503"):
            faults.add(Fault.parse(fault))
            assert (await asked(server, "POST", "/renew", token)).status_code == 503
            faults.clear()
        faults.add(Fault.parse("role admin for anna"))
        assert (await asked(server, "POST", "/renew", token)).json()["who"]["admin"] is True
        assert {count.endpoint for count in faults.counters} == {"sign_in", "refresh"}


async def test_asking_for_another_password() -> None:
    """Everybody is answered alike (P66)."""
    recover = Route(
        role=Role.RECOVER,
        method="POST",
        path="/forgot",
        fields={"email": "email"},
        reply=Reply(status=204, has_body=False),
    )
    async with serving(replace(API, routes=(*API.routes, recover))) as server:
        answers = [
            await server.http.post("/forgot", json={"email": email})
            for email in ("anna@example.com", "nobody@example.com")
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
        assert (await server.http.post("/forgot", json={})).status_code == 400


#: What a token of Strapi's says, as a file could have one say.
FORGED = {"type": "access", "userId": "1", "sessionId": "x"}


async def opened_by_a_forged_token() -> int:
    """What Strapi's dialect answers to a token of an imitation, of a server with the same secret."""
    secret = Secret("a secret of the two servers, long enough")
    async with serving(replace(API, claims=FORGED), secret=secret) as server:
        token = await token_of(server)
    async with running(replace(DEFAULTS, secret=secret), clock=StoppedClock()) as server:
        return (await server.http.get("/api/users/me", headers=bearer(token))).status_code


async def test_no_other_dialect_knows_such_a_token() -> None:
    """P85: whatever a file has its tokens say, they open nothing elsewhere."""
    assert await opened_by_a_forged_token() == 401


async def test_no_other_dialect_knows_such_a_token_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with one key for both, it would."""
    real = ImitationTokens.__init__

    def with_one_key(self: ImitationTokens, imitation: Imitation, signer: Signer, clock: Any) -> None:
        real(self, imitation, signer, clock)
        self._signer = signer

    monkeypatch.setattr(ImitationTokens, "__init__", with_one_key)
    assert await opened_by_a_forged_token() == 200


async def test_whose_a_token_is_is_asked_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """P85: a token that outlives its sign-in opens nothing for an account that is blocked; the control: a
    server that does not look does."""
    faults = Faults()
    async with serving(replace(API, outlives_sign_out=True), faults) as server:
        token = await token_of(server)
        faults.add(Fault.parse("disabled user for anna"))
        assert (await asked(server, "GET", "/me", token)).status_code == 401
        monkeypatch.setattr(Imitated, "_is_closed", lambda *_: False)
        assert (await asked(server, "GET", "/me", token)).status_code == 200
