"""P111: log-outs that an OpenID provider tells of behind the browser's back.

Which tokens hold: `tests/auth/test_logout_token.py`. With a real provider: `tests/backends`.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from portico.auth.directory import Sealed
from portico.auth.dismissal import Dismissals
from portico.auth.manager import SessionManager
from portico.auth.timeline import End, Entry
from portico.auth.timeline_words import words
from portico.errors import StoreUnavailable
from portico.runtime import discovery
from portico.web import back_channel, pace
from tests.auth.sessions import manager_of
from tests.web.oidc_walk import APP, HOME, is_signed_in, press, sign_in, with_provider
from tests.web.served import Served, served
from tests.web.small_provider import SECRET, SmallProvider
from tests.web.test_shared_provider import OTHER, both

HERE = "/provider/_auth/backchannel"
#: Seconds until something that happens behind the user's back must have happened.
PATIENCE = 10.0


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """The app's provider."""
    with SmallProvider(sid="s1") as running:
        yield running


async def tell(portico: Served, token: str, path: str = HERE, **headers: str) -> httpx.Response:
    """What a provider is answered that posts a token: it is no browser, and has no cookie."""
    transport = httpx.ASGITransport(app=portico.app)
    async with httpx.AsyncClient(transport=transport, base_url=portico.url, headers=headers) as client:
        return await client.post(path, data={"logout_token": token})


async def entries(portico: Served, session: str) -> list[Entry]:
    """The timeline of a session, once its end is in it."""
    manager, end = manager_of(portico.stores, portico.clock), time.monotonic() + PATIENCE
    while True:
        history = await manager.directory.history(session)
        found = list(history.entries) if history is not None else []
        if any(isinstance(entry.event, End) for entry in found):
            return found
        assert time.monotonic() < end, found
        await asyncio.sleep(0.05)


async def session_ids(portico: Served) -> list[str]:
    """The public ids of those that live."""
    manager = manager_of(portico.stores, portico.clock)
    return [found.card.id async for found in manager.directory.all() if not isinstance(found, Sealed)]


async def test_the_session_that_ended_there_ends_here(provider: SmallProvider) -> None:
    """And no other of the same user; its timeline says why, and its user is told."""
    async with with_provider(provider) as portico, portico.browser() as one, portico.browser() as two:
        await sign_in(one, provider)
        (public,) = await session_ids(portico)
        provider.sid = "s2"
        await sign_in(two, provider)
        answer = await tell(portico, provider.logout_token(sub="ada", sid="s1"))
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert not await is_signed_in(one)
        assert await is_signed_in(two)
        said = [words(entry) for entry in await entries(portico, public)]
        assert any(line.startswith("ended: the provider ended it (its session there)") for line in said), said
        assert "at the sign-in provider has ended" in (await one.get(HOME, follow_redirects=True)).text


@pytest.mark.parametrize("sid", ["", "s1"], ids=["no names of sessions", "names of sessions"])
async def test_all_sessions_of_a_user_end(provider: SmallProvider, sid: str) -> None:
    """Where the token names nobody's session, whatever they are called; those of others go on."""
    provider.sid = sid
    async with (
        with_provider(provider) as portico,
        portico.browser() as one,
        portico.browser() as two,
        portico.browser() as eve,
    ):
        await sign_in(one, provider)
        await sign_in(two, provider)
        provider.user = "eve"
        await sign_in(eve, provider)
        assert (await tell(portico, provider.logout_token(sub="ada"))).status_code == 200
        assert [await is_signed_in(browser) for browser in (one, two, eve)] == [False, False, True]


async def test_a_session_of_which_no_name_is_known_ends_with_any_of_its_user(provider: SmallProvider) -> None:
    """The ID token did not say it: a log-out too many, rather than one that is missed."""
    provider.sid = ""
    async with with_provider(provider) as portico, portico.browser() as one, portico.browser() as eve:
        await sign_in(one, provider)
        provider.user = "eve"
        await sign_in(eve, provider)
        assert (await tell(portico, provider.logout_token(sub="ada", sid="s9"))).status_code == 200
        assert [await is_signed_in(browser) for browser in (one, eve)] == [False, True]


async def test_a_session_and_a_user_that_do_not_belong_together(provider: SmallProvider) -> None:
    """End nothing; nor does a session that is not known: both are fine with us."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        for named in ({"sub": "eve", "sid": "s1"}, {"sid": "s9"}, {"sub": "eve"}):
            assert (await tell(portico, provider.logout_token(**named))).status_code == 200
            assert await is_signed_in(browser)
        assert (await tell(portico, provider.logout_token(sid="s1"))).status_code == 200
        assert not await is_signed_in(browser)


async def test_the_name_outlives_a_renewal_that_does_not_say_it(provider: SmallProvider) -> None:
    """ID tokens of a renewal may leave `sid` out (OpenID Connect Core, 12.2)."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        portico.clock.advance(timedelta(seconds=280))
        await press(browser, HOME, "Ask")
        assert [form["grant_type"] for form in provider.forms][1:] == ["refresh_token"]
        token = provider.logout_token(sid="s1", iat=int(time.time()) + 280, exp=int(time.time()) + 400)
        assert (await tell(portico, token)).status_code == 200
        assert not await is_signed_in(browser)


async def test_apps_that_share_a_sign_in_end_together(provider: SmallProvider, tmp_path: Path) -> None:
    """Whichever of them the provider tells."""
    async with both(tmp_path, provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        assert (await browser.get(OTHER)).status_code == 200
        token = provider.logout_token(sid="s1")
        assert (await tell(portico, token, "/other/_auth/backchannel")).status_code == 200
        assert [(await browser.get(path)).status_code for path in (HOME, OTHER)] == [303, 303]


async def _comes_twice(provider: SmallProvider) -> None:
    async with with_provider(provider) as portico, portico.browser() as one, portico.browser() as two:
        await sign_in(one, provider)
        token = provider.logout_token(sub="ada")
        assert (await tell(portico, token)).status_code == 200
        assert not await is_signed_in(one)
        await sign_in(two, provider)
        answer = await tell(portico, token)
        assert await is_signed_in(two)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
        assert "came before" in answer.json()["error_description"]
        portico.clock.advance(timedelta(minutes=6, seconds=1))
        assert "came before" not in (await tell(portico, token)).json()["error_description"]
        assert await is_signed_in(two)


async def test_a_token_counts_once(provider: SmallProvider) -> None:
    """Whoever has seen one cannot end the next session with it: not as long as it is remembered, and then it
    is too old."""
    await _comes_twice(provider)


async def test_control_tokens_that_are_forgotten(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if each came for the first time."""

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(SessionManager, "is_spent", never)
    with pytest.raises(AssertionError):
        await _comes_twice(provider)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"nonce": "n" * 43},
        {"events": None},
        {"events": {}},
        {"jti": None},
        {"sub": None, "sid": None},
        {"iat": 1_700_000_000},
    ],
    ids=str,
)
async def test_what_does_not_hold_ends_nothing(provider: SmallProvider, changes: dict[str, Any]) -> None:
    """400, without a cookie or a word of the token's; what is right but for that ends it."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        answer = await tell(portico, provider.logout_token(**{"sub": "ada", "sid": "s1", **changes}))
        assert answer.status_code == 400
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json()) == {"error", "error_description"}
        assert "evil" not in answer.text
        assert await is_signed_in(browser)
        assert (await tell(portico, provider.logout_token(sub="ada", sid="s1"))).status_code == 200
        assert not await is_signed_in(browser)


async def test_another_providers_token_ends_nothing(provider: SmallProvider) -> None:
    """However it says whose it is; the fields of its header lead nowhere."""
    with SmallProvider() as evil:
        evil.header = lambda found: {**found, "jku": f"{evil.url}/jwks", "kid": "one"}
        async with with_provider(provider) as portico, portico.browser() as browser:
            await sign_in(browser, provider)
            for header in (evil.header, lambda found: found):
                evil.header = header
                token = evil.logout_token(iss=provider.url, sub="ada", sid="s1")
                assert (await tell(portico, token)).status_code == 400
            assert await is_signed_in(browser)
        assert not evil.calls


async def test_a_key_that_is_new_there_is_fetched(provider: SmallProvider) -> None:
    """Providers change them; a provider that cannot be asked is no refusal, and may tell again."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        portico.clock.advance(discovery.KEYS_LIFE / 2)
        provider.key = RSAKey.generate_key(2048, {"kid": "two"})
        at = int(portico.clock.now().timestamp())
        token = provider.logout_token(sid="s1", iat=at, exp=at + 120)
        assert (await tell(portico, token)).status_code == 200
        assert not await is_signed_in(browser)
    async with with_provider(provider) as portico:
        provider.down = {"/jwks"}
        token = provider.logout_token(sid="s1")
        assert (await tell(portico, token)).status_code == 502
        provider.down = set()
        assert (await tell(portico, token)).status_code == 200


async def test_where_it_comes_from_and_with_which_cookies_does_not_count(provider: SmallProvider) -> None:
    """The token alone does: no browser posts here. A user's own cookie ends nothing, and is not changed."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        answer = await browser.post(HERE, data={"logout_token": "x"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)
        assert await is_signed_in(browser)
        said = {"Origin": "https://id.example", "Sec-Fetch-Site": "cross-site"}
        assert (await tell(portico, provider.logout_token(sid="s1"), **said)).status_code == 200
        assert not await is_signed_in(browser)


async def test_only_forms_with_one_token_are_read(provider: SmallProvider) -> None:
    """And none that are long: a token has a limit."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        token = provider.logout_token(sid="s1")
        refused = [
            await browser.post(HERE, json={"logout_token": token}),
            await browser.post(HERE, content=b"\xff\xfe", headers={"Content-Type": back_channel._FORM}),
            await browser.post(HERE, data={"token": token}),
            await browser.post(HERE, data={"logout_token": [token, token]}),
            await browser.post(HERE, data={"logout_token": ""}),
            await browser.post(HERE, data={f"f{number}": "x" for number in range(20)}),
            await browser.post(HERE, params={"logout_token": token}, data={"x": "y"}),
        ]
        assert [answer.status_code for answer in refused] == [400] * len(refused)
        too_long = await browser.post(HERE, data={"logout_token": token, "x": "y" * back_channel.BODY_LIMIT})
        assert too_long.status_code == 413
        assert (await browser.get(HERE)).status_code == 405
        assert await is_signed_in(browser)
        assert (await tell(portico, token)).status_code == 200


async def test_how_often_one_address_may_tell(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages are not in the same bucket; without the limit it goes on."""
    monkeypatch.setattr(pace, "BURST", 3.0)
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        monkeypatch.setattr(pace, "RATE", 0.0)
        found = {(await tell(portico, "x")).status_code for _ in range(9)}
        assert found == {400, 429}
        assert await is_signed_in(browser)
    monkeypatch.setattr(pace.Pace, "count", lambda *_: None)
    async with with_provider(provider) as portico:
        assert {(await tell(portico, "x")).status_code for _ in range(9)} == {400}


async def test_a_log_out_that_meets_a_store_that_is_out_may_be_told_again(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same token: it is used up when the sessions are over."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        token = provider.logout_token(sid="s1")

        async def out(*_: object, **__: object) -> bool:
            raise StoreUnavailable("out")

        with monkeypatch.context() as patch:
            patch.setattr(Dismissals, "end", out)
            assert (await tell(portico, token)).status_code == 503
        assert await is_signed_in(browser)
        assert (await tell(portico, token)).status_code == 200
        assert not await is_signed_in(browser)


async def test_apps_without_a_provider_have_no_such_address(provider: SmallProvider) -> None:
    """Nor what is no app."""
    example = Path(__file__).parents[2] / "examples" / "jwt-login"
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    async with served(example, APP, settings=settings, secrets={"OIDC_SECRET": SECRET}) as portico:
        token = provider.logout_token(sid="s1")
        found = [await tell(portico, token, f"/{app}/_auth/backchannel") for app in ("jwt-login", "nothing")]
        assert [answer.status_code for answer in found] == [404, 404]
        assert (await tell(portico, token)).status_code == 200
