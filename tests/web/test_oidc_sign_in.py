"""Signing in at an OpenID provider: what starts it, what comes back, and whom nobody signs in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.web.oidc_walk import (
    CALLBACK,
    FROM_ELSEWHERE,
    HOME,
    START,
    begin,
    come_back,
    is_signed_in,
    post,
    press,
    refused,
    sign_in,
    with_provider,
)
from tests.web.served import Served
from tests.web.small_provider import SmallProvider

NOT_BEGUN = "This sign-in was not begun in this browser, took too long, or is over. Please try again."


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
async def browser(portico: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that knows nothing."""
    async with portico.browser() as client:
        yield client


async def test_a_sign_in(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """There and back: the page that was wanted, the claims as the user, roles by the app's mapping."""
    answer = await sign_in(browser, provider, f"{HOME}?at=1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?at=1")
    page = (await browser.get(answer.headers["location"])).text
    assert "user ada" in page
    assert "roles staff" in page
    assert "ada@example.com" in page


async def test_what_is_asked(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """Code with PKCE S256, and state, nonce and verifier that are new each time (P89)."""
    for _ in range(50):
        provider.authorize(await begin(browser))
    asked = provider.asked
    assert {one["response_type"] for one in asked} == {"code"}
    assert {one["code_challenge_method"] for one in asked} == {"S256"}
    assert {one["scope"] for one in asked} == {"openid profile email offline_access"}
    assert {one["prompt"] for one in asked} == {"consent"}
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name] for one in asked}) == 50
        assert all(len(one[name]) == 43 for one in asked)
    assert len({one[name] for one in asked for name in ("state", "nonce", "code_challenge")}) == 150


async def test_the_address_to_come_back_to_is_the_public_one(provider: SmallProvider) -> None:
    """P30: neither Host nor forwarded headers have a say; cookies are bound to the host (`__Host-`)."""
    async with (
        with_provider(provider, url="https://apps.example.com") as portico,
        portico.browser() as browser,
    ):
        forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
        answer = await browser.get(START, headers=forged)
        back = parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"]
        assert back == ["https://apps.example.com/provider/_auth/callback"]
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-portico-signin.provider.")
        assert "; Path=/;" in cookie
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Domain" not in cookie


async def test_another_name_of_this_machine_starts_at_the_public_one(
    browser: httpx.AsyncClient, portico: Served
) -> None:
    """The provider comes back to the first: the cookie of the sign-in has to be there."""
    answer = await browser.get(f"{START}?next={HOME}", headers={"Host": "localhost:8000"})
    assert answer.headers["location"] == f"{portico.url}{START}?next={HOME}"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("button", ["SignIn", "SignInToo"])
async def test_a_button_leads_there(browser: httpx.AsyncClient, provider: SmallProvider, button: str) -> None:
    """`auth.signIn()` and the action `sign_in`; with the way back that the guard kept."""
    wanted = await browser.get(f"{HOME}?at=2")
    line = await press(browser, wanted.headers["location"], button)
    assert line["navigate"]["url"].startswith(f"{START}?next=")
    there = await browser.get(line["navigate"]["url"])
    answer = await come_back(browser, provider.authorize(there.headers["location"]))
    assert answer.headers["location"] == f"{HOME}?at=2"
    assert await is_signed_in(browser)


@pytest.mark.parametrize("button", ["SignIn", "SignInToo"])
async def test_a_button_without_scripts(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served, button: str
) -> None:
    """Hard-case 24: a form post never ends at another origin, but in a page with a link of ours."""
    page = await post(browser, "/provider/Enter", button)
    assert page.status_code == 200
    assert "location" not in page.headers
    assert provider.url not in page.text
    assert f"You are on your way to <strong>{provider.url.removeprefix('http://')}</strong>." in page.text
    link = f"{portico.url}{START}?next="
    assert f'href="{link}' in page.text
    assert await is_signed_in_by(browser, provider, f"{link}{HOME}")


async def is_signed_in_by(browser: httpx.AsyncClient, provider: SmallProvider, link: str) -> bool:
    """Follow the link."""
    there = await browser.get(link)
    await come_back(browser, provider.authorize(there.headers["location"]))
    return await is_signed_in(browser)


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch"},
    ],
)
async def test_whoever_comes_from_elsewhere_is_asked(
    browser: httpx.AsyncClient, provider: SmallProvider, said: dict[str, str]
) -> None:
    """P20: another site's link starts nothing by itself; nor does a browser that guesses ahead."""
    page = await browser.get(f"{START}?next={HOME}", headers=said)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert "Sign in to Provider?" in page.text
    assert f'action="{START}?next={HOME}"' in page.text
    assert "http-equiv" not in page.text
    leave = await browser.post(f"{START}?next={HOME}")
    assert leave.status_code == 200
    assert f"{provider.url}/authorize?" in leave.text
    assert "set-cookie" in leave.headers


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)
async def test_a_post_from_elsewhere_is_refused(browser: httpx.AsyncClient, said: dict[str, str]) -> None:
    """The cross-site rule for writes (P17)."""
    answer = await browser.post(START, headers=said)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/other/Page", "/provider/../x", "javascript:1", ""],
)
async def test_the_way_on_stays_in_the_app(
    browser: httpx.AsyncClient, provider: SmallProvider, wanted: str
) -> None:
    """P25: anything else leads to the home page."""
    assert (await sign_in(browser, provider, wanted)).headers["location"] == HOME


async def test_a_long_way_on_is_left_out(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """Browsers keep no cookie that is larger than 4 KB."""
    answer = await sign_in(browser, provider, f"{HOME}?at={'x' * 3000}")
    assert answer.headers["location"] == "/provider/"
    assert await is_signed_in(browser)


async def test_tabs_in_parallel_all_succeed(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """P90: begun one after the other, and come back the other way round."""
    there = [await begin(browser, f"{HOME}?tab={tab}") for tab in range(4)]
    for tab in (3, 1, 0, 2):
        answer = await come_back(browser, provider.authorize(there[tab]))
        assert answer.headers["location"] == f"{HOME}?tab={tab}"
    assert await is_signed_in(browser)
    assert not [name for name in browser.cookies if "signin" in name]
    assert len({form["code_verifier"] for form in provider.forms}) == 4


async def test_a_browser_has_five_sign_ins_at_most(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """Of more, the oldest goes: cookies that pile up would end in refused requests."""
    there = []
    for _ in range(9):
        there.append(await begin(browser))
        portico.clock.advance(timedelta(seconds=1))
    assert len([name for name in browser.cookies if "signin" in name]) == 5
    await refused(browser, await come_back(browser, provider.authorize(there[0])))
    assert (await come_back(browser, provider.authorize(there[8]))).headers["location"] == HOME


async def test_an_answer_is_good_once(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """A replay signs nobody in, whether or not the browser still has the cookie of the sign-in."""
    there = await begin(browser)
    before = dict(browser.cookies)
    back = provider.authorize(there)
    assert (await come_back(browser, back)).headers["location"] == HOME
    browser.cookies.clear()
    assert await refused(browser, await come_back(browser, back)) == NOT_BEGUN
    for name, value in before.items():
        browser.cookies.set(name, value)
    calls = provider.calls["/token"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    fresh = provider.authorize(there)
    assert state in fresh
    assert await refused(browser, await come_back(browser, fresh)) == NOT_BEGUN
    assert provider.calls["/token"] == calls


async def test_two_answers_at_once_are_one(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """A race: one of them signs in."""
    there = await begin(browser)
    backs = [provider.authorize(there) for _ in range(5)]
    answers = await asyncio.gather(*(come_back(browser, back) for back in backs))
    places = sorted(answer.headers["location"] for answer in answers)
    assert places == [HOME] + ["/provider/_auth/failed"] * 4


async def test_another_browsers_answer(portico: Served, provider: SmallProvider) -> None:
    """P20: an attacker's code and state in the victim's browser, and the two states swapped."""
    async with portico.browser() as victim, portico.browser() as attacker:
        provider.user = "mallory"
        planted = provider.authorize(await begin(attacker))
        assert await refused(victim, await come_back(victim, planted)) == NOT_BEGUN
        provider.user = "ada"
        own = httpx.URL(provider.authorize(await begin(victim)))
        mixed = own.copy_set_param("state", httpx.URL(planted).params["state"])
        assert await refused(victim, await come_back(victim, str(mixed))) == NOT_BEGUN
        # The other way round: the victim's own state with the attacker's code. The nonce tells.
        other = own.copy_set_param("code", httpx.URL(planted).params["code"])
        await refused(victim, await come_back(victim, str(other)))
        assert (await sign_in(attacker, provider)).headers["location"] == HOME


async def test_ten_minutes_are_enough(
    browser: httpx.AsyncClient, provider: SmallProvider, portico: Served
) -> None:
    """P90: at 9:59 it is good, at 10:01 not."""
    back = provider.authorize(await begin(browser))
    portico.clock.advance(timedelta(minutes=10, seconds=1))
    assert await refused(browser, await come_back(browser, back)) == NOT_BEGUN
    portico.clock.offset = timedelta(0)
    there = await begin(browser)
    portico.clock.advance(timedelta(minutes=9, seconds=59))
    provider.claims = lambda claims: {**claims, "exp": claims["exp"] + 600, "iat": claims["iat"] + 600}
    assert (await come_back(browser, provider.authorize(there))).headers["location"] == HOME


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x",
        "code=x&state=",
        "code=x&state=x&iss=x",
        "error=access_denied",
        "code=x&state=%F0%9F%98%80",
        "code=x&state=a&state=a",
        "%00=%00&state=%ff",
    ],
)
async def test_no_sign_in_of_this_browser(browser: httpx.AsyncClient, query: str) -> None:
    """One clean page, and no session."""
    assert await refused(browser, await come_back(browser, f"{CALLBACK}?{query}")) == NOT_BEGUN


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
async def test_a_parameter_twice_is_none(
    browser: httpx.AsyncClient, provider: SmallProvider, name: str
) -> None:
    """Two readers could take one each."""
    back = httpx.URL(provider.authorize(await begin(browser)))
    value = back.params.get(name, "access_denied")
    doubled = f"{back}&{name}={value}&{name}={value}" if name == "error" else f"{back}&{name}={value}"
    await refused(browser, await come_back(browser, doubled))


EVIL = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "The sign-in was cancelled."),
        ("login_required", "The provider asks you to sign in there first. Please try again."),
        ("interaction_required", "The provider needs you to do something there first. Please try again."),
        ("server_error", "The provider could not sign you in right now. Please try again in a moment."),
        (EVIL, "The sign-in could not be confirmed. Please try again."),
        ("", "The sign-in could not be confirmed. Please try again."),
    ],
)
async def test_an_error_of_the_provider_ends_in_one_page(
    browser: httpx.AsyncClient, provider: SmallProvider, error: str, words: str
) -> None:
    """P96: our words, a clean address, no way back to the provider but by the user; nothing reflected."""
    provider.back = lambda back: {
        "error": error,
        "error_description": EVIL,
        "error_uri": "https://evil.example",
        "state": back["state"],
        "iss": back["iss"],
    }
    back = provider.authorize(await begin(browser))
    assert await refused(browser, await come_back(browser, back)) == words
    page = await browser.get("/provider/_auth/failed")
    assert "evil" not in page.text
    assert "<script>alert" not in page.text
    assert 'href="/provider/Enter"' in page.text
    assert "http-equiv" not in page.text
    assert provider.calls["/token"] == 0


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo", "/.well-known/openid-configuration"])
async def test_a_provider_that_is_down(
    browser: httpx.AsyncClient, provider: SmallProvider, path: str
) -> None:
    """P96: the same page; once it is back, so is the sign-in."""
    provider.down = {path}
    if path.startswith("/.well"):
        assert (await browser.get(START)).status_code == 502
    else:
        assert await refused(browser, await sign_in(browser, provider)) == "The service did not answer."
    provider.down = set()
    assert (await sign_in(browser, provider)).headers["location"] == HOME


def named(issuer: str | None, back: dict[str, str]) -> dict[str, str]:
    """What comes back, from this issuer or from nobody in particular."""
    said = {} if issuer is None else {"iss": issuer}
    return {"code": back["code"], "state": back["state"], **said}


async def test_an_answer_without_iss_of_a_provider_that_names_itself(
    browser: httpx.AsyncClient, provider: SmallProvider
) -> None:
    """Mix-up (P91): left out, or of another one; the code goes nowhere."""
    for other in (None, "https://evil.example", f"{provider.url}/"):
        provider.back = partial(named, other)
        await refused(browser, await sign_in(browser, provider))
    assert provider.calls["/token"] == 0


async def test_a_provider_that_does_not_name_itself(provider: SmallProvider) -> None:
    """It need not, but may not be another one."""
    name = "authorization_response_iss_parameter_supported"
    provider.document = lambda found: {key: value for key, value in found.items() if key != name}
    async with with_provider(provider) as portico, portico.browser() as browser:
        provider.back = lambda back: {
            "code": back["code"],
            "state": back["state"],
            "iss": "https://evil.example",
        }
        await refused(browser, await sign_in(browser, provider))
        provider.back = lambda back: {"code": back["code"], "state": back["state"]}
        assert (await sign_in(browser, provider)).headers["location"] == HOME


async def test_an_address_that_names_the_code_never_stays(
    browser: httpx.AsyncClient, provider: SmallProvider
) -> None:
    """P60: whatever comes back, the next address has nothing of it."""
    for _ in range(2):
        back = provider.authorize(await begin(browser))
        params = httpx.URL(back).params
        answer = await come_back(browser, back)
        for text in (str(answer.headers), answer.text):
            assert params["code"] not in text
            assert params["state"] not in text
        provider.claims = lambda claims: {**claims, "aud": "another"}


async def test_a_new_session_each_time(browser: httpx.AsyncClient, provider: SmallProvider) -> None:
    """P5: the session before is dead, and somebody else's store does not go over."""
    await sign_in(browser, provider)
    first = browser.cookies["portico-8000.provider"]
    provider.user = "bob"
    await sign_in(browser, provider)
    assert browser.cookies["portico-8000.provider"] != first
    assert "user bob" in (await browser.get(HOME)).text
    browser.cookies.clear()
    browser.cookies.set("portico-8000.provider", first)
    assert not await is_signed_in(browser)


async def test_apps_without_a_provider_have_no_such_addresses(portico: Served) -> None:
    """404 for anything below `_auth` of an app that is not there."""
    async with portico.browser() as browser:
        for path in ("start", "callback", "leave/x", "signed-out", "failed"):
            assert (await browser.get(f"/nowhere/_auth/{path}")).status_code == 404
        assert (await browser.get("/provider/_auth/leave/x")).status_code == 404
        assert (await browser.get("/provider/_auth/start", headers=FROM_ELSEWHERE)).status_code == 200
