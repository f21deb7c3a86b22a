"""The tokens of a session with a provider: where they go, how they are renewed, how they end."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.web.oidc_walk import HOME, START, begin, is_signed_in, post, press, refused, sign_in, with_provider
from tests.web.served import Served, served
from tests.web.small_provider import CLIENT, SECRET, SmallProvider


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """An honest provider, until a test makes it lie."""
    with SmallProvider() as running:
        yield running


@pytest.fixture
async def portico(provider: SmallProvider) -> AsyncIterator[Served]:
    """Portico with an app that signs in there."""
    async with with_provider(provider) as running:
        yield running


@pytest.fixture
async def browser(portico: Served, provider: SmallProvider) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is signed in."""
    async with portico.browser() as client:
        await sign_in(client, provider)
        yield client


async def asked(browser: httpx.AsyncClient) -> str:
    """What the page shows of the API's answer after a query of the user's."""
    line = await press(browser, HOME, "Ask")
    return str(line.get("html", {}).get("Answer", line))


async def test_a_datasource_of_the_audience_gets_the_token(
    browser: httpx.AsyncClient, provider: SmallProvider
) -> None:
    """The API knows whose it is; nobody wrote a header."""
    assert "ada@example.com" in await asked(browser)
    assert provider.calls["/me"] == 1


async def test_nothing_of_a_token_reaches_browser_or_log(
    portico: Served, provider: SmallProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """P58, P59, P94: pages, lines, headers and cookies of a whole stay, and every line of the log."""
    caplog.set_level("DEBUG")
    seen: list[str] = []

    async def record(answer: httpx.Response) -> None:
        await answer.aread()
        seen.append(f"{answer.headers} {answer.text}")

    async with portico.browser() as browser:
        browser.event_hooks["response"] = [record]
        await sign_in(browser, provider)
        await asked(browser)
        portico.clock.advance(timedelta(seconds=280))
        await asked(browser)
        line = await press(browser, HOME, "Leave")
        await browser.get(line["navigate"]["url"])
    own = [record for record in caplog.records if record.name.startswith("portico")]
    whole = "\n".join([*seen, *(f"{record.getMessage()} {record.__dict__}" for record in own)])
    assert "ada@example.com" in whole
    assert "cNrY" in str(provider.forms)
    assert "cNrY" not in whole
    assert "eyJ" not in whole


async def test_a_token_is_renewed_before_it_ends(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """With the refresh token and the client's own credentials; the cookie stays."""
    cookie = browser.cookies["portico-8000.provider"]
    portico.clock.advance(timedelta(seconds=280))
    assert "ada@example.com" in await asked(browser)
    assert [form["grant_type"] for form in provider.forms] == ["authorization_code", "refresh_token"]
    assert browser.cookies["portico-8000.provider"] == cookie
    portico.clock.advance(timedelta(seconds=280))
    assert "ada@example.com" in await asked(browser)
    assert len(provider.forms) == 3


async def test_a_token_that_is_refused_is_renewed(
    browser: httpx.AsyncClient, provider: SmallProvider
) -> None:
    """401 from the API: once, and the query is made again."""
    provider.access.clear()
    assert "ada@example.com" in await asked(browser)
    assert (provider.calls["/me"], len(provider.forms)) == (2, 2)


async def test_roles_follow_at_a_renewal(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """P125: what the provider says of the user then."""
    provider.claims = lambda claims: {**claims, "groups": ["boss"]}
    portico.clock.advance(timedelta(seconds=280))
    await asked(browser)
    assert "roles boss" in (await browser.get(HOME)).text


async def test_a_provider_that_will_not_renew_ends_the_session(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """P11: `invalid_grant` is a log-out; one clean way to the entry page, and back from there."""
    provider.refresh.clear()
    portico.clock.advance(timedelta(seconds=280))
    line = await press(browser, HOME, "Ask")
    assert line["navigate"]["url"] == "/provider/Enter?next=%2Fprovider%2FHome"
    assert not await is_signed_in(browser)


@pytest.mark.parametrize("path", ["/token", "/.well-known/openid-configuration"])
async def test_an_outage_signs_nobody_out(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served, path: str
) -> None:
    """P106: the session stays as it is, and goes on once the provider is back."""
    provider.down = {path}
    portico.clock.advance(timedelta(seconds=280))
    await press(browser, HOME, "Ask")
    assert await is_signed_in(browser)
    provider.down = set()
    assert "ada@example.com" in await asked(browser)


async def test_this_servers_own_mistake_signs_nobody_out(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """`invalid_client` is about this server, such as a secret that was changed there."""
    provider.granted = lambda request, form: (401, {"error": "invalid_client"})  # type: ignore[method-assign]
    portico.clock.advance(timedelta(seconds=280))
    await press(browser, HOME, "Ask")
    assert await is_signed_in(browser)


@pytest.mark.parametrize("path", ["/jwks", "/userinfo"])
async def test_a_new_refresh_token_is_kept_whatever_else_fails(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served, path: str
) -> None:
    """P103: the old one is gone at the provider."""
    portico.clock.advance(timedelta(seconds=700))
    provider.down = {path}
    provider.claims = lambda claims: {**claims, "iat": claims["iat"] + 700, "exp": claims["exp"] + 700}
    assert "ada@example.com" in await asked(browser)
    provider.down = set()
    portico.clock.advance(timedelta(seconds=280))
    assert "ada@example.com" in await asked(browser)
    assert len(provider.forms) == 3


@pytest.mark.parametrize(
    "more", [{"sub": "mallory"}, {"iss": "https://evil.example"}, {"nonce": "another"}, {"aud": "another"}]
)
async def test_a_renewal_for_somebody_else_ends_the_session(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served, more: dict[str, Any]
) -> None:
    """OpenID Connect Core, 12.2: same issuer, subject and audience, and no other nonce."""
    provider.claims = lambda claims: {**claims, **more}
    portico.clock.advance(timedelta(seconds=280))
    await press(browser, HOME, "Ask")
    assert not await is_signed_in(browser)


async def test_a_renewal_need_not_bring_an_id_token(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """Then what was verified at the sign-in holds; nor another refresh token."""
    provider.answer = lambda answer: {
        key: answer[key] for key in ("access_token", "token_type", "expires_in")
    }
    portico.clock.advance(timedelta(seconds=280))
    assert "ada@example.com" in await asked(browser)
    assert "roles staff" in (await browser.get(HOME)).text


async def test_without_a_refresh_token_the_session_ends_with_the_access_token(
    portico: Served, provider: SmallProvider
) -> None:
    """P11."""
    provider.answer = lambda answer: {key: value for key, value in answer.items() if key != "refresh_token"}
    async with portico.browser() as browser:
        await sign_in(browser, provider)
        portico.clock.advance(timedelta(seconds=299))
        assert await is_signed_in(browser)
        portico.clock.advance(timedelta(seconds=2))
        assert not await is_signed_in(browser)


async def test_an_api_that_refuses_a_token_ends_no_session(portico: Served, provider: SmallProvider) -> None:
    """Without a refresh token there is nothing to try: a 401 of an audience is that API's own word."""
    provider.answer = lambda answer: {key: value for key, value in answer.items() if key != "refresh_token"}
    async with portico.browser() as browser:
        await sign_in(browser, provider)
        provider.access.clear()
        await press(browser, HOME, "Ask")
        assert await is_signed_in(browser)
        assert len(provider.forms) == 1


# Log-out


async def revoked(provider: SmallProvider) -> None:
    """Wait until the provider was told: that happens behind the user's back."""
    async with asyncio.timeout(20):
        while provider.revoked[-2:] != ["refresh_token", "access_token"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_log_out_ends_everything(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """Session here first, tokens at the provider, and its own session with the browser."""
    cookie = browser.cookies["portico-8000.provider"]
    line = await press(browser, HOME, "Leave")
    way = line["navigate"]["url"]
    assert way.startswith("/provider/_auth/leave/")
    there = await browser.get(way)
    assert there.status_code == 303
    params = parse_qs(urlsplit(there.headers["location"]).query)
    assert there.headers["location"].startswith(f"{provider.url}/end?")
    assert params["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/provider/_auth/signed-out"]
    assert params["client_id"] == [CLIENT]
    assert set(params) == {"client_id", "post_logout_redirect_uri"}
    back = await browser.get("/provider/_auth/signed-out?state=x", headers={"Sec-Fetch-Site": "cross-site"})
    assert back.headers["location"] == "/provider/Enter"
    assert (await browser.get(way)).status_code == 404
    browser.cookies.set("portico-8000.provider", cookie)
    assert not await is_signed_in(browser)
    await revoked(provider)
    assert not provider.access
    assert not provider.refresh


async def test_an_id_token_in_an_address_is_the_apps_own_word(
    provider: SmallProvider, tmp_path: Path
) -> None:
    """P60: `logout: id_token`, for a provider that leads back only who shows it."""
    async with small_app(provider, tmp_path, "logout: id_token") as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        way = (await press(browser, HOME, "Leave"))["navigate"]["url"]
        params = parse_qs(urlsplit((await browser.get(way)).headers["location"]).query)
    assert params["id_token_hint"][0].count(".") == 2
    assert set(params) == {"client_id", "post_logout_redirect_uri", "id_token_hint"}


async def test_a_log_out_without_scripts(browser: httpx.AsyncClient, portico: Served) -> None:
    """A page with a link of ours, as a form post must not end at another origin."""
    page = await post(browser, HOME, "Leave")
    assert page.status_code == 200
    assert f'href="{portico.url}/provider/_auth/leave/' in page.text
    assert not await is_signed_in(browser)


async def test_a_log_out_to_an_address(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """Where a script says where to go, that wins: the tokens end, the provider's session stays."""
    line = await press(browser, HOME, "LeaveFor")
    assert line["navigate"]["url"] == "https://example.com/bye"
    assert not await is_signed_in(browser)


async def test_a_log_out_while_the_provider_is_down(
    browser: httpx.AsyncClient, provider: SmallProvider
) -> None:
    """P109: the user is logged out at once."""
    provider.down = {"/revoke", "/.well-known/openid-configuration"}
    line = await press(browser, HOME, "Leave")
    assert line["session"] == "signed-out"
    assert not await is_signed_in(browser)


async def test_a_local_log_out(provider: SmallProvider, tmp_path: Path) -> None:
    """`logout: local`, and a provider without such an address: to the entry page."""
    provider.document = lambda found: {name: found[name] for name in found if name != "end_session_endpoint"}
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        line = await press(browser, HOME, "Leave")
        assert (await browser.get(line["navigate"]["url"])).headers["location"] == "/provider/Enter"
    async with small_app(provider, tmp_path, "logout: local") as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        assert (await press(browser, HOME, "Leave"))["navigate"]["url"] == "/provider/Enter"
        await revoked(provider)


# Keys


async def test_a_new_key_is_found(portico: Served, provider: SmallProvider) -> None:
    """P87: rotation without a restart; the key before is known as long as it is published."""
    old = provider.key
    async with portico.browser() as browser:
        await sign_in(browser, provider)
        portico.clock.advance(timedelta(seconds=31))
        provider.key = RSAKey.generate_key(2048, {"kid": "two"})
        both = {"keys": [old.as_dict(private=False), provider.key.as_dict(private=False)]}
        provider.key_set = lambda _: both
        assert (await sign_in(browser, provider)).headers["location"] == HOME
        provider.key = old
        assert (await sign_in(browser, provider)).headers["location"] == HOME
        assert provider.calls["/jwks"] == 2


async def test_unknown_keys_are_asked_about_once_in_30_seconds(
    portico: Served, provider: SmallProvider
) -> None:
    """P87: made-up names do not make this server a nuisance."""
    async with portico.browser() as browser:
        await sign_in(browser, provider)
        for number in range(8):
            provider.header = partial(dict, kid=f"made up {number}")
            portico.clock.advance(timedelta(seconds=10))
            await sign_in(browser, provider)
        assert provider.calls["/jwks"] == 1 + 80 // 30


async def test_keys_outlive_an_outage(portico: Served, provider: SmallProvider) -> None:
    """P87: the ones that were known are used; for a day."""
    async with portico.browser() as browser:
        await sign_in(browser, provider)
        provider.down = {"/jwks", "/.well-known/openid-configuration"}
        portico.clock.advance(timedelta(hours=23))
        later = int(timedelta(hours=23).total_seconds())
        provider.claims = lambda claims: {
            **claims,
            "iat": claims["iat"] + later,
            "exp": claims["exp"] + later,
        }
        assert (await sign_in(browser, provider)).headers["location"] == HOME
        portico.clock.advance(timedelta(hours=2))
        assert (await browser.get(START)).status_code == 502


async def test_what_is_known_is_not_asked_again(portico: Served, provider: SmallProvider) -> None:
    """One fetch of document and keys for many sign-ins, at once or one after the other."""
    async with portico.browser() as browser:
        there = [await begin(browser) for _ in range(5)]
        for address in there:
            await browser.get(provider.authorize(address), headers={"Sec-Fetch-Site": "cross-site"})
    assert provider.calls["/jwks"] == 1
    assert provider.calls["/.well-known/openid-configuration"] == 1


# Clients


@pytest.mark.parametrize(
    ("methods", "proof"),
    [
        (None, "Basic"),
        (["client_secret_post", "client_secret_basic"], "Basic"),
        (["client_secret_post"], "body"),
    ],
)
async def test_how_the_client_proves_itself(
    provider: SmallProvider, methods: list[str] | None, proof: str
) -> None:
    """As the provider says, and never both ways at once."""
    if methods is not None:
        provider.document = lambda found: {**found, "token_endpoint_auth_methods_supported": methods}
    async with with_provider(provider) as portico, portico.browser() as browser:
        assert (await sign_in(browser, provider)).headers["location"] == HOME
    (form,) = provider.forms
    assert ("client_secret" in form) is (proof == "body")
    assert provider.proofs[0].startswith("Basic") is (proof == "Basic")


async def test_a_public_client_sends_its_name_alone(provider: SmallProvider, tmp_path: Path) -> None:
    """Without a secret; PKCE is what protects it."""
    async with small_app(provider, tmp_path, "logout: local") as portico, portico.browser() as browser:
        assert (await sign_in(browser, provider)).headers["location"] == HOME
    (form,) = provider.forms
    assert form["client_id"] == CLIENT
    assert "client_secret" not in form


async def test_a_secret_that_is_not_set(provider: SmallProvider) -> None:
    """Nobody is led anywhere; the log names it."""
    folder = Path(__file__).parent / "apps" / "provider"
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    async with served(folder, settings=settings) as portico, portico.browser() as browser:
        assert (await browser.get(START)).status_code == 502


# Mappings


async def test_mappings_of_the_app(provider: SmallProvider, tmp_path: Path) -> None:
    """`uid`, `user` and `roles` over `claims` and `userinfo`."""
    more = """
  uid: "{{ claims.groups[0] + ' ' + claims.sub }}"
  user: "{{ ({ mail: userinfo.email, from: claims.groups[0] }) }}"
  roles: "{{ [...claims.groups, 7, 'reader'] }}" """
    async with small_app(provider, tmp_path, more) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        page = (await browser.get(HOME)).text
    assert "user staff ada" in page
    assert (
        json.dumps({"mail": "ada@example.com", "from": "staff"}, separators=(",", ":")).replace('"', "&#34;")
        in page
    )
    assert "reader" in page


@pytest.mark.parametrize(
    "mapping", ['uid: "{{ undefined }}"', 'uid: "{{ claims.no.such }}"', 'user: "{{ 1 }}"']
)
async def test_mappings_that_name_nobody(provider: SmallProvider, tmp_path: Path, mapping: str) -> None:
    """Fail closed."""
    async with small_app(provider, tmp_path, mapping) as portico, portico.browser() as browser:
        await refused(browser, await sign_in(browser, provider))


async def test_without_userinfo(provider: SmallProvider, tmp_path: Path) -> None:
    """`userinfo: false` asks for nothing."""
    async with small_app(provider, tmp_path, "userinfo: false") as portico, portico.browser() as browser:
        assert (await sign_in(browser, provider)).headers["location"] == HOME
    assert provider.calls["/userinfo"] == 0


def small_app(provider: SmallProvider, folder: Path, more: str) -> Any:
    """A public client, with more lines below `auth`; served."""
    root = folder / "provider"
    pages = Path(__file__).parent / "apps" / "provider" / "pages"
    for name in ("Enter", "Home"):
        (root / "pages" / name).mkdir(parents=True, exist_ok=True)
        text = (pages / name / "page.yaml").read_text()
        lines = [line for line in text.splitlines() if "ask." not in line]
        (root / "pages" / name / "page.yaml").write_text("\n".join(lines))
    (root / "app.yaml").write_text(
        "name: Provider\nauth:\n  entry_page: Enter\n  home_page: Home\n  preset: oidc\n"
        f"  url: {provider.url}\n  client_id: {CLIENT}\n  allow_private: true\n  {more.strip()}\n"
    )
    provider.checks_secret = False
    return served(root, settings={}, secrets={"OIDC_SECRET": SECRET})
