"""An API that a file describes: signed in to, renewed, ended and refused, by names of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from portico.authserver.accounts import Credentials
from portico.authserver.dialects.imitated import Refused
from portico.authserver.dialects.imitation import Carrying, Data, Imitation, Json, Reply, Route
from portico.authserver.endpoints import Role
from portico.authserver.faults import Fault, Faults
from portico.authserver.password_check import PasswordCheck
from portico.authserver.passwords import Passwords
from portico.authserver.settings import RateLimit
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

TOKENS: Json = {"result": {"sessionToken": "{access_token}", "again": "{refresh_token}", "s": "{expires_in}"}}
SESSION = "/v2/session"
API = Imitation(
    routes=(
        Route(
            role=Role.SIGN_IN,
            method="POST",
            path=SESSION,
            query={"kind": "password"},
            fields={"login": "who", "password": "secret"},
            reply=Reply(
                status=201,
                body=TOKENS,
                headers={"X-Ends": "at {expires_at}"},
                cookies={"sid": "{access_token}"},
            ),
        ),
        Route(
            role=Role.REFRESH,
            method="POST",
            path=SESSION,
            query={"kind": "renew"},
            fields={"refresh_token": "again"},
            by="refresh_token",
            reply=Reply(status=200, body=TOKENS),
        ),
        Route(
            role=Role.SIGN_UP,
            method="POST",
            path="/v2/people",
            fields={"email": "mail", "password": "secret", "username": "nick"},
            reply=Reply(status=201, body={"token": "{access_token}", "hello": "Hello, {username}!"}),
        ),
        Route(role=Role.ME, method="GET", path="/v2/me", reply=Reply(status=200, body={"data": "{user}"})),
        Route(
            role=Role.SIGN_OUT,
            method="DELETE",
            path=SESSION,
            reply=Reply(status=204, has_body=False),
        ),
    ),
    data=(
        Data(method="GET", path="/v2/orders", reply=Reply(status=200, body=[{"of": "{email}", "n": 3}])),
        Data(method="GET", path="/v2/prices", reply=Reply(status=200, body=[]), public=True),
    ),
    user={"key": "{id}", "mail": "{email}", "roles": ["{role}"]},
    refusals={
        "wrong_password": Reply(status=400, body={"oops": {"text": "{message}", "code": "{status}"}}),
        "not_found": Reply(status=404, body="nothing"),
    },
)
RIGHT = {"who": "anna", "secret": "correct horse"}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(params=["jwt", "opaque"])
async def server(faults: Faults, request: pytest.FixtureRequest) -> AsyncIterator[AuthServer]:
    """The API, with tokens of either kind."""
    settings = replace(DEFAULTS, imitation=replace(API, access=request.param))
    async with running(settings, clock=StoppedClock(), faults=faults) as running_server:
        yield running_server


async def post(server: AuthServer, kind: str, form: dict[str, Any]) -> httpx.Response:
    """A call that hands out tokens; its cookies are not kept."""
    answer = await server.http.post(SESSION, params={"kind": kind}, json=form)
    server.http.cookies.clear()
    return answer


async def tokens(server: AuthServer) -> tuple[str, str]:
    """Access and refresh token of a new sign-in."""
    result = (await post(server, "password", RIGHT)).json()["result"]
    return result["sessionToken"], result["again"]


async def me(server: AuthServer, token: str) -> httpx.Response:
    """Whose a token is."""
    return await server.http.get("/v2/me", headers=bearer(token))


async def test_signing_in(server: AuthServer) -> None:
    """By the names of the file, with values in their types."""
    answer = await post(server, "password", RIGHT)
    assert answer.status_code == 201
    result = answer.json()["result"]
    assert result["s"] == 900
    assert answer.headers["x-ends"] == "at 1767226500"
    assert answer.headers["set-cookie"].startswith(f"sid={result['sessionToken']};")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert (await me(server, result["sessionToken"])).json() == {
        "data": {"key": 1, "mail": "anna@example.com", "roles": ["user"]}
    }
    orders = await server.http.get("/v2/orders", headers=bearer(result["sessionToken"]))
    assert orders.json() == [{"of": "anna@example.com", "n": 3}]


async def refusals(server: AuthServer) -> set[tuple[int, bytes]]:
    """What whoever has an account and a wrong password is answered, and who has none."""
    answers = [
        await post(server, "password", {"who": who, "secret": "wrong"}) for who in ("anna", "nobody", "x@y")
    ]
    return {(answer.status_code, answer.content) for answer in answers}


def telling(check: PasswordCheck, credentials: Credentials | None, password: Secret, **named: Any) -> Any:
    """A check that is over at once for whom nobody knows, and says so."""
    if credentials is None:
        raise Refused("not_found")
    return REAL_CHECK(check, credentials, password, **named)


REAL_CHECK = PasswordCheck.passes


async def test_whatever_is_wrong_with_a_sign_in_looks_the_same(server: AuthServer) -> None:
    """P66: an unknown user and a wrong password, to the byte."""
    said = b'{"oops":{"text":"Wrong name or password.","code":400}}'
    assert await refusals(server) == {(400, said)}


async def test_whatever_is_wrong_control(server: AuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a server that says whom it does not know is noticed."""
    monkeypatch.setattr(PasswordCheck, "passes", telling)
    assert len(await refusals(server)) > 1


async def hashed(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many passwords are checked against a hash when one with an account and one without try."""
    counted: list[str] = []
    real = Passwords._verify

    def counting(self: Passwords, stored: str, password: Secret) -> bool:
        counted.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", counting)
    async with running(replace(DEFAULTS, imitation=API), clock=StoppedClock()) as server:
        for who in ("anna", "nobody"):
            await post(server, "password", {"who": who, "secret": "wrong"})
    return len(counted)


async def test_an_unknown_user_costs_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """P67: as does one that is known."""
    assert await hashed(monkeypatch) == 2


async def test_an_unknown_user_costs_a_hash_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a server that has no decoy does less for nobody."""
    monkeypatch.setattr(PasswordCheck, "passes", telling)
    assert await hashed(monkeypatch) == 1


async def test_a_renewal(server: AuthServer) -> None:
    """Good once; the access token before it lives on to its end."""
    access, refresh = await tokens(server)
    renewed = (await post(server, "renew", {"again": refresh})).json()["result"]
    for token in (access, renewed["sessionToken"]):
        assert (await me(server, token)).status_code == 200
    assert (await post(server, "renew", {"again": refresh})).status_code == 401
    server.clock.advance(timedelta(minutes=15))
    assert (await me(server, access)).status_code == 401
    assert (await post(server, "renew", {"again": renewed["again"]})).status_code == 200


async def test_a_refresh_token_that_stays() -> None:
    """Where the file says that it does not rotate."""
    api = replace(API, rotates=False, refresh_lifetime=timedelta(hours=2))
    async with running(replace(DEFAULTS, imitation=api), clock=StoppedClock()) as server:
        _, refresh = await tokens(server)
        for _ in range(3):
            assert (await post(server, "renew", {"again": refresh})).status_code == 200
        server.clock.advance(timedelta(hours=2))
        assert (await post(server, "renew", {"again": refresh})).status_code == 401


async def test_signing_out(server: AuthServer) -> None:
    """Ends the sign-in with every token that came of it, and no other."""
    beside, _ = await tokens(server)
    access, refresh = await tokens(server)
    renewed = (await post(server, "renew", {"again": refresh})).json()["result"]
    answer = await server.http.delete(SESSION, headers=bearer(access))
    assert (answer.status_code, answer.content) == (204, b"")
    assert [(await me(server, token)).status_code for token in (access, renewed["sessionToken"], beside)] == [
        401,
        401,
        200,
    ]
    assert (await post(server, "renew", {"again": renewed["again"]})).status_code == 401


async def test_signing_up(server: AuthServer) -> None:
    """Signs in; a name that is taken is refused."""
    form = {"mail": "new@example.com", "secret": "correct horse", "nick": "new"}
    answer = await server.http.post("/v2/people", json=form)
    assert answer.json()["hello"] == "Hello, new!"
    assert (await me(server, answer.json()["token"])).status_code == 200
    again = await server.http.post("/v2/people", json=form)
    assert (again.status_code, again.json()) == (409, {"message": "There is such an account already."})


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 400),
        ({"who": "anna"}, 400),
        ({"who": ["anna"], "secret": "correct horse"}, 400),
        ({"who": "anna", "secret": None}, 400),
        ({"who": "blocked", "secret": "correct horse"}, 403),
    ],
)
async def test_what_does_not_sign_in(server: AuthServer, form: dict[str, Any], status: int) -> None:
    """With words that repeat nothing of what was sent."""
    answer = await post(server, "password", form)
    assert answer.status_code == status
    assert "correct horse" not in answer.text


async def test_tokens_are_told_apart(server: AuthServer) -> None:
    """P85: a refresh token opens nothing, an access token renews nothing, nor does anything else."""
    access, refresh = await tokens(server)
    assert (await me(server, refresh)).status_code == 401
    assert (await post(server, "renew", {"again": access})).status_code == 401
    for token in ("", "x", "a.b.c", access[:-2], "é"):
        answer = await server.http.get("/v2/me", headers={b"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401


async def test_nothing_else_is_there(server: AuthServer) -> None:
    """No other dialect, whose paths a probe would find; public data and the server's own pages are."""
    for method, path in (("POST", "/api/auth/local"), ("GET", "/auth/v1/user"), ("GET", "/v2/else")):
        answer = await server.http.request(method, path)
        assert (answer.status_code, answer.json()) == (404, "nothing")
    assert (await server.http.post(SESSION, params={"kind": "other"}, json=RIGHT)).status_code == 404
    assert (await server.http.get("/v2/prices")).json() == []
    assert (await server.http.get("/")).json()["dialects"] == ["imitation"]


@pytest.mark.parametrize(
    ("carrying", "headers"),
    [
        (Carrying(header="X-Auth-Token", scheme=""), {"X-Auth-Token": "{}"}),
        (Carrying(header="Authorization", scheme="Token"), {"Authorization": "Token {}"}),
        (Carrying(header="", scheme="", cookie="sid"), {"Cookie": "sid={}"}),
    ],
)
async def test_how_a_token_is_carried(carrying: Carrying, headers: dict[str, str]) -> None:
    """As the file says, and in no other way."""
    api = replace(API, carrying=carrying)
    async with running(replace(DEFAULTS, imitation=api), clock=StoppedClock()) as server:
        access, _ = await tokens(server)
        said = {name: text.format(access) for name, text in headers.items()}
        assert (await server.http.get("/v2/me", headers=said)).status_code == 200
        assert (await me(server, access)).status_code == 401


async def test_attempts_are_limited() -> None:
    """P69: as in every dialect."""
    settings = replace(DEFAULTS, imitation=API, rate_limit=RateLimit(attempts=3))
    async with running(settings, clock=StoppedClock()) as server:
        statuses = [(await post(server, "password", RIGHT)).status_code for _ in range(4)]
        assert statuses == [201, 201, 201, 429]
        assert (await post(server, "password", RIGHT)).headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("sign_in: status 503 x1", 503),
        ("sign_in: status 429 for anna", 429),
        ("disabled user for anna@example.com", 403),
    ],
)
async def test_faults_know_it(server: AuthServer, faults: Faults, fault: str, status: int) -> None:
    """Its endpoints and its users, in its own shape of errors."""
    faults.add(Fault.parse(fault))
    answer = await post(server, "password", RIGHT)
    assert answer.status_code == status
    assert list(answer.json()) == ["message"]


async def test_faults_know_whose_a_token_is(server: AuthServer, faults: Faults) -> None:
    """Of either kind; keys, sessions and roles go wrong as in other dialects."""
    access, refresh = await tokens(server)
    for fault, status in (("me: status 503 for anna", 503), ("me: new key", 401)):
        faults.add(Fault.parse(fault))
        assert (await me(server, access)).status_code == status
        faults.clear()
    faults.add(Fault.parse("me: role editor x1"))
    assert (await me(server, access)).json()["data"]["roles"] == ["editor"]
    assert {count.user for count in faults.counters if count.endpoint == "me"} == {"anna"}
    faults.add(Fault.parse("refresh: status 503 for anna x1"))
    assert (await post(server, "renew", {"again": refresh})).status_code == 503
    faults.add(Fault.parse("revoked session for anna"))
    assert (await me(server, access)).status_code == 401
    assert (await post(server, "renew", {"again": refresh})).status_code == 401
