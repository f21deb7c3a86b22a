"""The OpenID provider: clients that prove who they are, and tokens that are renewed, shown and ended."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portico.authserver.dialects import oidc_clients
from portico.authserver.dialects.oidc_tokens import OidcTokens, Said
from portico.authserver.settings import OidcClient, OidcSettings
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.oidc_calls import APP, BAD_GRANT, Oidc, basic, browsing, error, landed
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

SECRET = "s3cret +/%:ü"
#: As a client writes it into the header (RFC 6749, 2.3.1).
QUOTED = "s3cret+%2B%2F%25%3A%C3%BC"
CONFIDENTIAL = replace(
    DEFAULTS,
    oidc=OidcSettings(
        clients=(
            OidcClient(client_id="shop", secret=Secret(SECRET), redirect_uris=(APP,)),
            OidcClient(client_id="public", redirect_uris=(APP,)),
        )
    ),
)
NO_CLIENT = (401, "invalid_client")


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


@pytest.fixture
async def browser(server: AuthServer) -> AsyncIterator[Oidc]:
    async with browsing(server.app) as browser:
        yield browser


@pytest.fixture
async def confidential() -> AsyncIterator[Oidc]:
    """A browser, and a client that has a secret."""
    async with running(CONFIDENTIAL, StoppedClock()) as server, browsing(server.app) as browser:
        yield browser


# Clients


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (basic("shop", QUOTED), {"client_id": None}),
        (basic("shop", QUOTED), {}),
        ({}, {"client_secret": SECRET}),
    ],
    ids=["header", "header and id", "body"],
)
async def test_a_client_with_a_secret(
    confidential: Oidc, headers: dict[str, str], fields: dict[str, str | None]
) -> None:
    """As Portico's preset proves it, by header or in the body; for codes, renewals and revocations alike."""
    code = await confidential.code()
    answer = await confidential.exchange(code, headers, **fields)
    assert answer.status_code == 200
    token = answer.json()["refresh_token"]
    answer = await confidential.refresh(token, headers, **fields)
    assert answer.status_code == 200
    form = {"client_id": "shop", "token": answer.json()["refresh_token"], **fields}
    sent = {name: value for name, value in form.items() if value is not None}
    assert (await confidential.http.post("/oidc/revoke", data=sent, headers=headers)).status_code == 200
    assert not await confidential.opens(answer.json()["access_token"])


@pytest.mark.parametrize(
    ("headers", "fields", "refusal"),
    [
        ({}, {}, NO_CLIENT),
        ({}, {"client_secret": "wrong"}, NO_CLIENT),
        ({}, {"client_secret": ""}, NO_CLIENT),
        ({}, {"client_id": None}, NO_CLIENT),
        ({}, {"client_id": "nobody", "client_secret": SECRET}, NO_CLIENT),
        ({}, {"client_id": "public", "client_secret": SECRET}, BAD_GRANT),
        (basic("shop", "wrong"), {}, NO_CLIENT),
        (basic("shop", ""), {}, NO_CLIENT),
        (basic("public", QUOTED), {"client_id": None}, BAD_GRANT),
        (basic("public", QUOTED), {}, (400, "invalid_request")),
        (basic("shop", QUOTED), {"client_secret": SECRET}, (400, "invalid_request")),
        ({"Authorization": "Basic"}, {}, NO_CLIENT),
        ({"Authorization": "Basic x"}, {}, NO_CLIENT),
        ({"Authorization": "Basic //8="}, {}, NO_CLIENT),
        ({"Authorization": "Basic c2hvcA=="}, {}, NO_CLIENT),
        ({"Authorization": "Bearer x"}, {"client_secret": SECRET}, (400, "invalid_request")),
    ],
)
async def test_a_client_that_does_not_prove_it(
    confidential: Oidc, headers: dict[str, str], fields: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    """A code is worth nothing to whoever is not the client that it was made for, and stays good for it."""
    code = await confidential.code()
    answer = await confidential.exchange(code, headers, **fields)
    assert error(answer) == refusal
    assert ("www-authenticate" in answer.headers) is (refusal == NO_CLIENT)
    assert (await confidential.exchange(code, client_secret=SECRET)).status_code == 200


async def test_a_secret_is_compared_control(confidential: Oidc, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a provider that does not compare takes a wrong one."""
    monkeypatch.setattr(oidc_clients, "_proves", lambda *_: True)
    answer = await confidential.exchange(await confidential.code(), client_secret="wrong")
    assert answer.status_code == 200


# Renewals


async def test_a_refresh_token_is_good_once(browser: Oidc) -> None:
    """RFC 9700, 4.14.2: whoever uses one again ends the sign-in for all who have tokens of it; another one of
    the same browser goes on."""
    first = await browser.tokens()
    beside = (await browser.exchange(landed(await browser.authorize())["code"])).json()
    second = (await browser.refresh(first["refresh_token"])).json()
    assert await browser.opens(second["access_token"])
    assert error(await browser.refresh(first["refresh_token"])) == BAD_GRANT
    assert error(await browser.refresh(second["refresh_token"])) == BAD_GRANT
    assert not await browser.opens(second["access_token"])
    assert await browser.opens(beside["access_token"])


async def test_what_a_renewal_says(browser: Oidc, server: AuthServer) -> None:
    """OpenID Connect Core, 12.2: the same user, client, session and time of the sign-in, and no nonce."""
    first = await browser.tokens()
    server.clock.advance(timedelta(minutes=3))
    second = (await browser.refresh(first["refresh_token"])).json()
    before, after = [await browser.said(tokens["id_token"]) for tokens in (first, second)]
    same = ("iss", "sub", "aud", "auth_time", "sid", "email")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert "nonce" not in after
    assert (after["iat"], after["exp"]) == (before["iat"] + 180, before["exp"] + 180)
    assert after["at_hash"] != before["at_hash"]


async def test_a_narrower_scope(browser: Oidc) -> None:
    """RFC 6749, 6: less may be asked for, for a while; more may not."""
    first = await browser.tokens(scope="openid email")
    assert error(await browser.refresh(first["refresh_token"], scope="openid profile")) == (
        400,
        "invalid_scope",
    )
    second = (await browser.refresh(first["refresh_token"], scope="openid")).json()
    assert (await browser.me(second["access_token"])).json().keys() == {"sub"}
    third = (await browser.refresh(second["refresh_token"])).json()
    assert third["scope"] == "openid email"


@pytest.mark.parametrize("bound", [True, False])
async def test_a_refresh_token_is_its_clients(
    browser: Oidc, monkeypatch: pytest.MonkeyPatch, bound: bool
) -> None:
    """RFC 6749, 10.4: another client renews nothing by it, and ends nothing. A provider that does not look
    whose it is would."""
    token = (await browser.tokens())["refresh_token"]
    if not bound:
        read = OidcTokens.read

        def anybodys(tokens: OidcTokens, token: str, kind: Any) -> Said | None:
            said = read(tokens, token, kind)
            return None if said is None else replace(said, client_id="other")

        monkeypatch.setattr(OidcTokens, "read", anybodys)
        assert (await browser.refresh(token, client_id="other")).status_code == 200
        return
    assert error(await browser.refresh(token, client_id="other")) == BAD_GRANT
    assert (await browser.revoke(token, client_id="other")).status_code == 200
    assert (await browser.refresh(token)).status_code == 200


@pytest.mark.parametrize("kind", ["access", "id", "strapi", "form", "x", "a.b.c", "other key"])
async def test_other_tokens_renew_nothing(browser: Oidc, server: AuthServer, kind: str) -> None:
    """P85: tokens of other kinds, which the same key signs, and of other keys."""
    tokens = await browser.tokens()
    token = {"access": tokens["access_token"], "id": tokens["id_token"]}.get(kind, kind)
    if kind == "strapi":
        _, token = await server.tokens()
    elif kind == "other key":
        async with running(clock=StoppedClock()) as other, browsing(other.app) as elsewhere:
            token = (await elsewhere.tokens())["refresh_token"]
    assert error(await browser.refresh(token)) == BAD_GRANT


async def test_sessions_end(browser: Oidc, server: AuthServer) -> None:
    """A refresh token that waits for two weeks is over, and an access token after five minutes."""
    tokens = await browser.tokens()
    server.clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    assert await browser.opens(tokens["access_token"])
    server.clock.advance(timedelta(seconds=1))
    assert not await browser.opens(tokens["access_token"])
    server.clock.advance(timedelta(days=14) - timedelta(minutes=5))
    assert error(await browser.refresh(tokens["refresh_token"])) == BAD_GRANT


# Whose a token is


@pytest.mark.parametrize("kind", ["", "refresh_token", "id_token", "strapi", "x"])
async def test_what_does_not_open_userinfo(browser: Oidc, server: AuthServer, kind: str) -> None:
    """P85: 401 with the challenge of RFC 6750, and no word about anybody."""
    token = (await browser.tokens()).get(kind, kind)
    if kind == "strapi":
        token, _ = await server.tokens()
    answer = await browser.http.get("/oidc/userinfo", headers=bearer(token) if token else {})
    assert error(answer) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_its_tokens_open_nothing_else(browser: Oidc, server: AuthServer) -> None:
    """P85: other dialects do not take them, though the same key signs theirs."""
    tokens = await browser.tokens()
    for name in ("access_token", "refresh_token", "id_token"):
        for path in ("/api/users/me", "/auth/v1/user", "/plain/employees", "/dummyjson/auth/me"):
            answer = await server.http.get(path, headers=bearer(tokens[name]))
            assert answer.status_code >= 400, (name, path)
        assert (await server.refresh(tokens[name])).status_code == 401


# The end of a token


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revocation(browser: Oidc, kind: str) -> None:
    """RFC 7009: of either kind, and with it the other; what the browser got for another code goes on."""
    tokens = await browser.tokens()
    beside = (await browser.exchange(landed(await browser.authorize())["code"])).json()
    answer = await browser.revoke(tokens[kind])
    assert (answer.status_code, answer.content) == (200, b"")
    assert not await browser.opens(tokens["access_token"])
    assert error(await browser.refresh(tokens["refresh_token"])) == BAD_GRANT
    assert await browser.opens(beside["access_token"])
    assert (await browser.revoke(tokens[kind])).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "0" * 40_000])
async def test_revoking_what_is_none(browser: Oidc, token: str) -> None:
    """RFC 7009, 2.2: 200; without a token 400."""
    assert (await browser.revoke(token)).status_code == 200
    assert error(await browser.revoke("")) == (400, "invalid_request")
