"""GoTrue dialect: signing in by a provider, and the exchange of codes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portico.authserver.dialects import gotrue_flows
from portico.authserver.dialects.gotrue_flows import Flows as FlowStore
from portico.authserver.settings import GoTrueSettings, RateLimit
from tests.authserver.gotrue_calls import StoppedClock, refusal
from tests.authserver.gotrue_flows_calls import (
    APP,
    CHALLENGE,
    CONFIRMING,
    NOBODY,
    PKCE,
    VERIFIER,
    Browser,
    Flows,
    browsing,
    files,
    flows_of,
    landed,
    methods_of,
    said,
)
from tests.authserver.servers import DEFAULTS, AuthServer, running

NO_FLOW = (404, "flow_state_not_found", "invalid flow state, no valid flow state found")
ANNA = {"account": "anna-at-github", "name": "Anna", "email": "anna@example.com"}
GONE = {"error": "invalid_request", "error_code": "bad_oauth_state"}


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


# There and back


async def test_pkce(browser: Browser, app: Flows) -> None:
    """P89: a new user comes back with a code alone, which the verifier turns into a session."""
    back = await browser.trip(**PKCE)
    assert (back.address, list(back.query), back.fragment) == (APP, ["code"], {})
    answer = await app.exchange(back.query["code"])
    body = answer.json()
    assert answer.status_code == 200
    user = body["user"]
    assert user["email"] == "nora@example.com"
    assert user["app_metadata"] == {"provider": "github", "providers": ["github"]}
    assert user["user_metadata"].items() >= {"full_name": "Nora New", "user_name": "nora"}.items()
    (identity,) = user["identities"]
    assert (identity["provider"], identity["id"]) == ("github", "nora")
    assert methods_of(body["access_token"]) == ["oauth"]
    assert (await app.user(body["access_token"])).json() == user
    assert (await app.refresh(body["refresh_token"])).status_code == 200


async def test_implicit(browser: Browser, app: Flows) -> None:
    """Without a challenge the session itself lands behind the `#`, as the clients look for it."""
    back = await browser.trip()
    assert (back.address, back.query) == (APP, {})
    assert list(back.fragment) == [
        "access_token",
        "expires_at",
        "expires_in",
        "refresh_token",
        "sb",
        "token_type",
    ]
    assert (back.fragment["token_type"], back.fragment["expires_in"]) == ("bearer", "3600")
    assert back.fragment["expires_at"] == str(said(back.fragment["access_token"])["exp"])
    assert (await app.user(back.fragment["access_token"])).status_code == 200
    assert (await app.refresh(back.fragment["refresh_token"])).status_code == 200


async def test_the_address_keeps_its_query(browser: Browser) -> None:
    """What an app wrote into its address is there when the browser comes back; its fragment is not."""
    asked = "http://127.0.0.1:4000/a/b?x=1&y=%C3%BC&code=mine#old"
    back = await browser.trip(redirect_to=asked, **PKCE)
    assert back.address == "http://127.0.0.1:4000/a/b"
    assert list(back.query) == ["code", "x", "y"]
    assert back.query["y"] == "ü"
    assert back.query["code"] != "mine"
    assert back.fragment == {}


async def test_a_known_identity(browser: Browser, app: Flows) -> None:
    """P92: an identity opens its account again, whatever address and name it has by then."""
    first = (await app.exchange((await browser.trip(**PKCE)).query["code"])).json()["user"]
    moved = {"email": "other@example.com", "verified": ""}
    again = (await app.exchange((await browser.trip(as_=moved, **PKCE)).query["code"])).json()["user"]
    assert again["id"] == first["id"]
    assert again["email"] == "nora@example.com"


async def test_a_verified_address_links(browser: Browser, app: Flows) -> None:
    """P92: an address that the provider verified opens the account that has confirmed it."""
    user = (await app.exchange((await browser.trip(as_=ANNA, **PKCE)).query["code"])).json()["user"]
    assert user["email"] == "anna@example.com"
    assert user["app_metadata"] == {"provider": "email", "providers": ["email", "github"]}
    assert [identity["provider"] for identity in user["identities"]] == ["email", "github"]
    assert (await app.sign_in()).json()["user"]["id"] == user["id"]


@pytest.mark.parametrize("as_", [ANNA, NOBODY], ids=["an account's address", "a new address"])
async def test_an_unverified_address_opens_nothing(browser: Browser, app: Flows, as_: dict[str, str]) -> None:
    """P92: what a provider has not verified is nobody's; the same with the mark is let in."""
    back = await browser.trip(as_={**as_, "verified": ""}, **PKCE)
    message = "Unverified email with github. Verify the email with github in order to sign in"
    told = {
        "error": "access_denied",
        "error_code": "provider_email_needs_verification",
        "error_description": message,
    }
    assert back.query == told
    assert back.fragment == {**told, "sb": ""}
    assert list((await browser.trip(as_={**as_, "verified": "yes"}, **PKCE)).query) == ["code"]


async def test_a_stranger_who_was_there_first() -> None:
    """P92: a password of a stranger for an address they never confirmed ends when its owner comes."""
    async with running(CONFIRMING) as server, browsing(server.app) as browser:
        app = flows_of(server)
        await app.sign_up("victim@example.com", "the stranger's")
        back = await browser.trip(as_={"account": "victim", "email": "victim@example.com"})
        assert (await app.user(back.fragment["access_token"])).json()["email"] == "victim@example.com"
        answer = await app.sign_in("victim@example.com", "the stranger's")
        assert refusal(answer) == (400, "invalid_credentials", "Invalid login credentials")


async def test_who_is_not_let_in(browser: Browser) -> None:
    """A blocked account stays closed, and says so to whoever has its address."""
    blocked = {"account": "b", "email": "blocked@example.com"}
    back = await browser.trip(as_=blocked, **PKCE)
    told = {"error": "access_denied", "error_code": "user_banned", "error_description": "User is banned"}
    assert back.query == told


async def test_no_new_users() -> None:
    """Where nobody may sign up, nobody does by a provider; who has an account is let in."""
    settings = replace(DEFAULTS, gotrue=GoTrueSettings(sign_up=False))
    async with running(settings) as server, browsing(server.app) as browser:
        back = await browser.trip(**PKCE)
        assert (back.query["error"], back.query["error_code"]) == ("access_denied", "signup_disabled")
        assert list((await browser.trip(as_=ANNA, **PKCE)).query) == ["code"]


async def test_denied(browser: Browser) -> None:
    """P96: who denies is back at the app with an error, once, in the query and behind the `#`."""
    back = await browser.trip("deny", **PKCE)
    told = {"error": "access_denied", "error_description": "The sign-in was denied"}
    assert (back.address, back.query, back.fragment) == (APP, told, {**told, "sb": ""})


async def test_nothing_a_provider_says_is_passed_on(browser: Browser) -> None:
    """P96: text in the address of the callback does not reach the app."""
    begun = await browser.authorize(**PKCE)
    state = dict(parse(begun.headers["location"]))["state"]
    path = f"{browser.prefix}/callback"
    asked = {"state": state, "error": "<script>", "error_description": "<img onerror=alert(1)>"}
    answer = await browser.http.get(path, params=asked)
    assert "%3C" not in answer.headers["location"]
    assert "onerror" not in answer.headers["location"]
    assert landed(answer, 302).query["error"] == "access_denied"


def parse(location: str) -> list[tuple[str, str]]:
    """The parameters of an address."""
    return [tuple(pair.split("=", 1)) for pair in location.partition("?")[2].split("&")]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"provider": ""}, "Unsupported provider: Provider  could not be found"),
        ({"provider": "nobody"}, "Unsupported provider: Provider nobody could not be found"),
        ({"code_challenge": CHALLENGE}, "PKCE flow requires code_challenge_method and code_challenge"),
        ({"code_challenge_method": "s256"}, "PKCE flow requires code_challenge_method and code_challenge"),
        (
            {"code_challenge": "x", "code_challenge_method": "s256"},
            "code challenge has to be between 43 and 128 characters",
        ),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "Invalid code_challenge_method"),
    ],
)
async def test_what_cannot_be_begun(browser: Browser, query: dict[str, str], message: str) -> None:
    """P89: half a challenge and one in clear are refused where GoTrue would refuse them, in its words."""
    answer = await browser.authorize(**query)
    assert refusal(answer) == (400, "validation_failed", message)


async def test_providers_can_be_chosen() -> None:
    """Only the providers that the settings name are there, in any case, and the settings page says which."""
    settings = replace(DEFAULTS, gotrue=GoTrueSettings(providers=("gitlab",)))
    async with running(settings) as server, browsing(server.app) as browser:
        answer = await browser.authorize(provider="github")
        assert refusal(answer)[2] == "Unsupported provider: provider is not enabled"
        assert (await browser.authorize(provider="GitLab")).status_code == 302
        external = (await browser.http.get("/settings")).json()["external"]
        assert sorted(name for name, on in external.items() if on) == ["email", "gitlab"]


# The trip belongs to its browser, and is made once


async def test_a_state_is_good_once(browser: Browser) -> None:
    """P90: who comes back a second time lands at the site, with an error."""
    decided = await browser.decide(await browser.authorize(**PKCE))
    assert list(landed(await browser.return_(decided), 302).query) == ["code"]
    browser.http.cookies.clear()
    again = landed(await browser.return_(decided), 303)
    assert again.address == "http://localhost:3000"
    assert again.query.items() >= GONE.items()


@pytest.mark.parametrize("bound", [True, False])
async def test_a_state_of_another_browser(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, bound: bool
) -> None:
    """P20, P90: a trip that a stranger began cannot be ended in this browser; unbound, it could."""
    if not bound:
        end = FlowStore.end

        async def anywhere(flows: FlowStore, state: str, browser: str) -> gotrue_flows.Trip:
            await flows._database.write(
                lambda connection: connection.execute(
                    "UPDATE gotrue_flow_states SET browser_hash = ?", (gotrue_flows.hash_of(browser),)
                )
            )
            return await end(flows, state, browser)

        monkeypatch.setattr(FlowStore, "end", anywhere)
    async with browsing(server.app) as stranger, browsing(server.app) as victim:
        decided = await stranger.decide(await stranger.authorize(**PKCE))
        answer = await victim.return_(decided)
        back = landed(answer, 303 if bound else 302)
        assert ("code" in back.query) != bound
        assert not bound or back.query.items() >= GONE.items()


async def test_two_tabs(browser: Browser, app: Flows) -> None:
    """P90: two trips of one browser do not disturb each other."""
    one, other = await browser.authorize(**PKCE), await browser.authorize(**PKCE)
    for begun in (other, one):
        back = landed(await browser.return_(await browser.decide(begun)), 302)
        assert (await app.exchange(back.query["code"])).status_code == 200


async def test_a_trip_takes_five_minutes(server: AuthServer, browser: Browser) -> None:
    """P90: after that it is over, and says so at the site."""
    begun = await browser.authorize(**PKCE)
    server.clock.advance(timedelta(minutes=5))
    state = dict(parse(begun.headers["location"]))["state"]
    answer = await browser.http.get(f"{browser.prefix}/callback", params={"state": state, "code": "x"})
    assert landed(answer, 303).query["error_description"] == "OAuth state has expired"


@pytest.mark.parametrize("query", ["", "?state=", "?state=x", "?state=x&code=y", "?code=y", "?state=%00"])
async def test_callbacks_of_nobody(browser: Browser, query: str) -> None:
    """P20: without a trip there is no session, and the browser lands at the site."""
    answer = await browser.http.get(f"{browser.prefix}/callback{query}")
    back = landed(answer, 303)
    assert back.address == "http://localhost:3000"
    assert back.query["error_code"] in ("bad_oauth_callback", "bad_oauth_state")


@pytest.mark.parametrize("change", ["provider", "code", "reused", "late"])
async def test_codes_of_the_provider(server: AuthServer, browser: Browser, change: str) -> None:
    """P91: a code of another provider, of nobody, that was used or is over opens nothing."""
    begun = await browser.authorize(**PKCE)
    decided = await browser.decide(begun, **({"provider": "google"} if change == "provider" else {}))
    location = decided.headers["location"]
    if change == "code":
        location = location.replace("code=", "code=x")
    if change == "late":
        server.clock.advance(timedelta(minutes=1))
    if change == "reused":
        await browser.return_(decided)
        state = dict(parse((await browser.authorize(**PKCE)).headers["location"]))["state"]
        location = location.partition("&state=")[0] + f"&state={state}"
    back = landed(await browser.http.get(location), 302)
    assert back.query["error"] == "server_error"
    assert back.query["error_description"] == "Unable to exchange external code"


# The code


async def test_a_code_is_good_once(browser: Browser, app: Flows) -> None:
    """P95: the second exchange is refused, and ends the session of the first."""
    code = (await browser.trip(**PKCE)).query["code"]
    tokens = (await app.exchange(code)).json()
    assert (await app.user(tokens["access_token"])).status_code == 200
    assert refusal(await app.exchange(code)) == NO_FLOW
    assert refusal(await app.user(tokens["access_token"]))[1] == "session_not_found"
    assert (await app.refresh(tokens["refresh_token"])).status_code == 400


@pytest.mark.parametrize("atomic", [True, False])
async def test_fifty_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, atomic: bool) -> None:
    """P95: of fifty exchanges at once one succeeds; in two transactions, more would."""
    if not atomic:
        split_exchange(monkeypatch)
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server, browsing(server.app) as browser:
        app = flows_of(server)
        for _ in range(5 if atomic else 1):
            code = (await browser.trip(**PKCE)).query["code"]
            answers = await asyncio.gather(*(app.exchange(code) for _ in range(50)))
            statuses = sorted(answer.status_code for answer in answers)
            assert (statuses == [200] + [404] * 49) == atomic


def split_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """What GoTrue does: find the code, and later, in another transaction, use it up."""
    exchange = gotrue_flows._exchange

    async def apart(flows: FlowStore, code: str, verifier: str) -> Any:
        def look(connection: sqlite3.Connection) -> tuple[Any, ...]:
            row = connection.execute(
                "SELECT * FROM gotrue_auth_codes WHERE code_hash = ?", (gotrue_flows.hash_of(code),)
            ).fetchone()
            return tuple(row)

        seen = await flows._database.read(look)
        await asyncio.sleep(0)

        def use(connection: sqlite3.Connection) -> Any:
            connection.execute("REPLACE INTO gotrue_auth_codes VALUES (?, ?, ?, ?, ?, ?)", seen)
            return exchange(connection, code, verifier, flows._clock.now())

        return await flows._database.write(use)

    monkeypatch.setattr(FlowStore, "exchange", apart)


async def test_a_code_is_good_for_a_minute(server: AuthServer, browser: Browser, app: Flows) -> None:
    """P95: and at its end no more."""
    one, other = [(await browser.trip(**PKCE)).query["code"] for _ in range(2)]
    server.clock.advance(timedelta(seconds=59))
    assert (await app.exchange(one)).status_code == 200
    server.clock.advance(timedelta(seconds=1))
    expired = (422, "flow_state_expired", "invalid flow state, flow state has expired")
    assert refusal(await app.exchange(other)) == expired


@pytest.mark.parametrize("verifier", ["w" * 60, VERIFIER + "v", VERIFIER[:-1], CHALLENGE, "\ud800", "ü" * 50])
async def test_verifiers_of_others(browser: Browser, app: Flows, verifier: str) -> None:
    """P89: a code without its verifier is worth nothing; its owner can still go on."""
    code = (await browser.trip(**PKCE)).query["code"]
    if verifier != "\ud800":
        message = "code challenge does not match previously saved code verifier"
        assert refusal(await app.exchange(code, verifier)) == (400, "bad_code_verifier", message)
    assert (await app.exchange(code)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"auth_code": "x"},
        {"code_verifier": VERIFIER},
        {"auth_code": "", "code_verifier": VERIFIER},
        {"auth_code": None, "code_verifier": VERIFIER},
        {"auth_code": "x", "code_verifier": ""},
    ],
)
async def test_exchanges_of_nothing(app: Flows, body: dict[str, object]) -> None:
    """P76: nothing is exchanged for nothing."""
    message = "invalid request: both auth code and code verifier should be non-empty"
    assert refusal(await app.token("pkce", body)) == (400, "validation_failed", message)


@pytest.mark.parametrize("code", ["x", "0" * 43, "' OR 1=1 --", "x" * 10_000, "\0"])
async def test_codes_of_nobody(browser: Browser, app: Flows, code: str) -> None:
    """What was never issued is not found, whatever it looks like."""
    await browser.trip(**PKCE)
    assert refusal(await app.exchange(code)) == NO_FLOW


@pytest.mark.parametrize("code", [[], {}, 0, True, ["x"]])
async def test_codes_that_are_no_text(app: Flows, code: object) -> None:
    """P76: other types never match."""
    assert refusal(await app.exchange(code))[:2] == (400, "bad_json")


async def test_a_new_password_ends_codes(server: AuthServer, browser: Browser, app: Flows) -> None:
    """P77: a code that waits when the password changes is over."""
    code = (await browser.trip(as_=ANNA, **PKCE)).query["code"]
    access, _ = await app.tokens()
    assert (await app.change(access, password="another password")).status_code == 200
    assert refusal(await app.exchange(code)) == NO_FLOW


async def test_nothing_is_kept_in_clear(tmp_path: Path) -> None:
    """P7, P76: states, what binds them to a browser, and codes are nowhere in the database's files."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server, browsing(server.app) as browser:
        begun = await browser.authorize(**PKCE)
        secrets = [dict(parse(begun.headers["location"]))["state"], *browser.http.cookies.values()]
        decided = await browser.decide(begun)
        secrets.append(dict(parse(decided.headers["location"]))["code"])
        kept = files(tmp_path)
        secrets.append(landed(await browser.return_(decided), 302).query["code"])
        kept += files(tmp_path)
    assert b"github" in kept
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret.encode() in kept]


async def test_many_trips_are_limited() -> None:
    """P69: thirty trips in five minutes can be begun by one client."""
    settings = replace(DEFAULTS, rate_limit=RateLimit())
    async with running(settings, StoppedClock()) as server, browsing(server.app) as browser:
        answers = [await browser.authorize(**PKCE) for _ in range(31)]
        assert [answer.status_code for answer in answers] == [302] * 30 + [429]
