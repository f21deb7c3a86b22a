"""The OpenID provider: addresses that browsers are sent to, and the codes that they bring there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portico.authserver.dialects import oidc_logins
from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_logins import Logins, Proof
from portico.authserver.moments import to_ms
from portico.authserver.settings import OidcClient, OidcSettings
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.gotrue_flows_calls import files
from tests.authserver.oidc_calls import (
    APP,
    BAD_GRANT,
    CHALLENGE,
    LEFT,
    VERIFIER,
    Oidc,
    browsing,
    error,
    landed,
)
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

REGISTERED = replace(
    DEFAULTS,
    oidc=OidcSettings(
        clients=(
            OidcClient(client_id="shop", redirect_uris=(APP, LEFT)),
            OidcClient(client_id="other", redirect_uris=("https://other.example/back?x=1",)),
        )
    ),
)
NARROWED = replace(DEFAULTS, oidc=OidcSettings(redirect_uris=(APP, LEFT)))
#: Addresses that are not the app's, whichever way they look like it.
STRANGE = (
    "https://evil.example/shop/_auth/callback",
    "http://evil.example/shop/_auth/callback",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://evil.example#@127.0.0.1/",
    "http://127.0.0.1:4000\\@evil.example/",
    "http://localhost.evil.example/",
    "//evil.example/",
    "/shop/_auth/callback",
    "javascript:alert(1)",
    "http://127.0.0.1:99999/",
    "http://10.0.0.1/",
    "http://0x7f000001/",
    "https://127.0.0.1/",
    f"{APP}#fragment",
    f"{APP}\n",
    f" {APP}",
    "",
)
#: Addresses of this machine that are not registered.
NEAR = (
    "http://127.0.0.1:4001/shop/_auth/callback",
    "http://localhost:4000/shop/_auth/callback",
    f"{APP}/",
    f"{APP}?x=1",
    f"{APP}/../../evil",
    APP.upper(),
    "http://127.0.0.1:4000/",
)


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


@pytest.fixture
async def browser(server: AuthServer) -> AsyncIterator[Oidc]:
    async with browsing(server.app) as browser:
        yield browser


# Where browsers are sent (P27)


@pytest.mark.parametrize("uri", STRANGE)
async def test_nobody_is_sent_elsewhere(browser: Oidc, uri: str) -> None:
    """Not with a code, not with an error, not after a log-out: the browser stays on a page that says why."""
    await browser.code()
    for changes in ({}, {"scope": ""}, {"prompt": "none"}):
        answer = await browser.authorize(redirect_uri=uri, **changes)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "redirect_uri" in answer.text
    if uri:
        answer = await browser.leave(client_id="shop", post_logout_redirect_uri=uri)
        assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("settings", [REGISTERED, NARROWED], ids=["registered", "narrowed"])
@pytest.mark.parametrize("uri", NEAR)
async def test_addresses_are_compared_letter_for_letter(settings: Any, uri: str) -> None:
    """RFC 9700, 2.1: where some are named, nothing that is only like one of them will do."""
    async with running(settings, StoppedClock()) as server, browsing(server.app) as browser:
        assert (await browser.authorize(redirect_uri=uri)).status_code == 400
        answer = await browser.leave(client_id="shop", post_logout_redirect_uri=uri)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert "code" in landed(await browser.sign_in())


@pytest.mark.parametrize("uri", STRANGE[:4])
async def test_nobody_is_sent_elsewhere_control(
    browser: Oidc, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    """The control: a provider that does not compare sends a code there."""
    monkeypatch.setattr(Clients, "admits", lambda *_: True)
    answer = await browser.sign_in(redirect_uri=uri)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(uri)
    assert "code=" in answer.headers["location"]


@pytest.mark.parametrize("uri", [APP, "http://localhost:3000/", "http://[::1]:80/x?y=z", "http://127.8.9.1"])
async def test_addresses_of_this_machine(browser: Oidc, uri: str) -> None:
    """Nothing has to be registered for these."""
    answer = await browser.sign_in(redirect_uri=uri)
    assert answer.headers["location"].startswith(f"{uri}{'&' if '?' in uri else '?'}code=")


async def test_clients_that_are_registered() -> None:
    """There are no others, and each has its own addresses."""
    async with running(REGISTERED, StoppedClock()) as server, browsing(server.app) as browser:
        assert (await browser.authorize(client_id="nobody")).status_code == 400
        assert (await browser.authorize(client_id="other")).status_code == 400
        answer = await browser.sign_in(client_id="other", redirect_uri="https://other.example/back?x=1")
        assert answer.headers["location"].startswith("https://other.example/back?x=1&code=")


@pytest.mark.parametrize("client_id", ["", "a b", "ü", "x" * 201, "\x00"])
async def test_names_that_no_client_has(browser: Oidc, client_id: str) -> None:
    """RFC 6749, A.1."""
    assert (await browser.authorize(client_id=client_id)).status_code == 400


# What a code is bound to


#: What is wrong with an exchange, and the check that notices it.
BOUND: dict[str, tuple[dict[str, str], Callable[[Proof, sqlite3.Row], Proof]]] = {
    "client": (
        {"client_id": "other"},
        lambda proof, row: replace(proof, client_id=row["client_id"]),
    ),
    "redirect_uri": (
        {"redirect_uri": LEFT},
        lambda proof, row: replace(proof, redirect_uri=row["redirect_uri"]),
    ),
    "verifier": (
        {"code_verifier": "w" * 60},
        lambda proof, _: replace(proof, verifier=VERIFIER),
    ),
}


@pytest.mark.parametrize("what", BOUND)
@pytest.mark.parametrize("checked", [True, False])
async def test_a_code_is_bound(
    browser: Oidc, monkeypatch: pytest.MonkeyPatch, what: str, checked: bool
) -> None:
    """P89: to the client, the address and the verifier of its request. Whoever has it without these gets
    nothing, and its owner can still go on. A provider that lacks the one check is found out."""
    wrong, lax = BOUND[what]
    if not checked:
        proves = oidc_logins._proves
        monkeypatch.setattr(oidc_logins, "_proves", lambda proof, row: proves(lax(proof, row), row))
    code = await browser.code()
    answer = await browser.exchange(code, None, **wrong)
    if not checked:
        assert answer.status_code == 200
        return
    assert error(answer) == BAD_GRANT
    assert (await browser.exchange(code)).status_code == 200


@pytest.mark.parametrize("verifier", [VERIFIER + "v", VERIFIER[:-1], CHALLENGE])
async def test_verifiers_of_others(browser: Oidc, verifier: str) -> None:
    """P89: nearly the right one, or what was sent in the open."""
    assert error(await browser.exchange(await browser.code(), code_verifier=verifier)) == BAD_GRANT


@pytest.mark.parametrize("verifier", ["short", "v" * 129, "ü" * 50, "v" * 50 + "\n", "v" * 50 + " "])
async def test_verifiers_that_are_none(browser: Oidc, verifier: str) -> None:
    """RFC 7636, 4.1."""
    answer = await browser.exchange(await browser.code(), code_verifier=verifier)
    assert error(answer) == (400, "invalid_request")


# Once, and not for long


async def test_a_code_is_good_once(browser: Oidc) -> None:
    """P76, P95: the second exchange is refused, and ends what the first one got, and nothing beside."""
    beside = await browser.tokens()
    code = landed(await browser.authorize())["code"]
    tokens = (await browser.exchange(code)).json()
    assert await browser.opens(tokens["access_token"])
    assert error(await browser.exchange(code)) == BAD_GRANT
    assert not await browser.opens(tokens["access_token"])
    assert error(await browser.refresh(tokens["refresh_token"])) == BAD_GRANT
    assert await browser.opens(beside["access_token"])


@pytest.mark.parametrize("atomic", [True, False])
async def test_fifty_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, atomic: bool) -> None:
    """P76, P95: of fifty exchanges at once one succeeds; in two transactions, more would."""
    if not atomic:
        split_exchange(monkeypatch)
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server, browsing(server.app) as browser:
        for _ in range(5 if atomic else 1):
            browser.http.cookies.clear()
            code = await browser.code()
            answers = await asyncio.gather(*(browser.exchange(code) for _ in range(50)))
            statuses = sorted(answer.status_code for answer in answers)
            assert (statuses == [200] + [400] * 49) == atomic


def split_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the code, and later, in another transaction, use it up."""

    async def apart(logins: Logins, code: str, proof: Proof) -> Any:
        def look(connection: sqlite3.Connection) -> tuple[Any, ...]:
            return tuple(connection.execute("SELECT * FROM oidc_codes").fetchone())

        seen = await logins._database.read(look)
        await asyncio.sleep(0)

        def use(connection: sqlite3.Connection) -> Any:
            connection.execute("REPLACE INTO oidc_codes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", seen)
            now = to_ms(logins._clock.now())
            return oidc_logins._redeem(connection, code, proof, now, logins._sessions)

        return await logins._database.write(use)

    monkeypatch.setattr(Logins, "redeem", apart)


async def test_a_code_is_good_for_a_minute(server: AuthServer, browser: Oidc) -> None:
    """P76: and at its end no more."""
    one, other = await browser.code(), landed(await browser.authorize())["code"]
    server.clock.advance(timedelta(seconds=59))
    assert (await browser.exchange(one)).status_code == 200
    server.clock.advance(timedelta(seconds=1))
    assert error(await browser.exchange(other)) == BAD_GRANT


async def test_a_used_code_is_remembered(server: AuthServer, browser: Oidc) -> None:
    """P95: also when it would be over."""
    code = await browser.code()
    tokens = (await browser.exchange(code)).json()
    server.clock.advance(timedelta(minutes=4))
    await browser.code(prompt="login")
    assert error(await browser.exchange(code)) == BAD_GRANT
    assert not await browser.opens(tokens["access_token"])


@pytest.mark.parametrize("code", ["x", "0" * 43, "' OR 1=1 --", "x" * 10_000, "\0"])
async def test_codes_of_nobody(browser: Oidc, code: str) -> None:
    """P76: what was never issued is good for nothing, whatever it looks like."""
    await browser.code()
    assert error(await browser.exchange(code)) == BAD_GRANT


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier", "grant_type"])
@pytest.mark.parametrize("value", [None, ""])
async def test_exchanges_of_nothing(browser: Oidc, name: str, value: str | None) -> None:
    """P76: nothing is exchanged for nothing, and the code is as good as before."""
    code = await browser.code()
    form = {"code": code, "redirect_uri": APP, "code_verifier": VERIFIER, "grant_type": "authorization_code"}
    status, name_of_it = error(await browser.token(None, **{**form, name: value}))
    assert (status, name_of_it in ("invalid_request", "unsupported_grant_type")) == (400, True)
    assert (await browser.exchange(code)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"code": ["x"]}},
        {"json": [1]},
        {"content": b"\xff\xfe"},
        {"content": b"grant_type=authorization_code&code=a&code=b"},
        {"content": b"client_id=shop&" * 2},
        {"content": b"x" * 70_000},
        {"data": {"grant_type": "password", "username": "anna", "password": "correct horse"}},
    ],
)
async def test_bodies_that_are_none(browser: Oidc, body: dict[str, Any]) -> None:
    """P76: other types, fields that are there twice, and too much never match."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if "content" in body else {}
    answer = await browser.http.post("/oidc/token", headers=headers, **body)
    assert answer.status_code in (400, 401, 413)
    assert answer.json()["error"] in ("invalid_request", "invalid_client", "unsupported_grant_type")


@pytest.mark.parametrize("ends", [True, False])
async def test_a_new_password_ends_all(
    server: AuthServer, browser: Oidc, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """P16, P77: browsers that are signed in, codes that wait, and tokens. The control is a server that ends
    nothing."""
    if not ends:
        monkeypatch.setattr("portico.authserver.accounts.end_for_new_password", lambda *_: None)
    tokens = await browser.tokens()
    code = landed(await browser.authorize())["code"]
    access, _ = await server.tokens()
    form = {"currentPassword": "correct horse", "password": "another", "passwordConfirmation": "another"}
    await server.http.post("/api/auth/change-password", json=form, headers=bearer(access))
    assert (await browser.authorize()).status_code == (200 if ends else 303)
    assert ((await browser.exchange(code)).status_code == 400) is ends
    assert await browser.opens(tokens["access_token"]) is not ends
    assert ((await browser.refresh(tokens["refresh_token"])).status_code == 400) is ends


async def test_nothing_is_kept_in_clear(tmp_path: Path) -> None:
    """P7, P76: neither what tells browsers apart nor codes are in the database's files."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server, browsing(server.app) as browser:
        code = await browser.code()
        kept = files(tmp_path)
        tokens = (await browser.exchange(code)).json()
        secrets = [code, *browser.http.cookies.values(), tokens["access_token"], tokens["refresh_token"]]
        kept += files(tmp_path)
    assert APP.encode() in kept
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret.encode() in kept]
