"""Row S2-15: signing in at a provider of the auth API, GoTrue's `/authorize` with PKCE."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.journeys.servers import AuthServer
from tests.web.oidc_walk import post, press
from tests.web.served import Served, served

APP = Path(__file__).parent / "apps" / "supabase"
START, CALLBACK, HOME = "/supabase/_auth/start", "/supabase/_auth/callback", "/supabase/Home"
FAILED = "/supabase/_auth/failed"


@pytest.fixture(scope="module")
def gotrue() -> Iterator[AuthServer]:
    """The embedded auth server, which sends browsers back to Portico's address."""
    with AuthServer("--site-url", "http://127.0.0.1:8000") as server:
        yield server


@pytest.fixture
async def portico(gotrue: AuthServer) -> AsyncIterator[Served]:
    """An app with the preset of Supabase."""
    async with served(APP, settings={"AUTH_URL": gotrue.url}) as running:
        yield running


async def there(browser: httpx.AsyncClient, back: str = HOME) -> str:
    """Where the browser is sent."""
    answer = await browser.get(START, params={"next": back, "provider": "github"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def decided(address: str, account: str, decision: str = "allow") -> str:
    """A user at the page that stands in for every provider; the address that GoTrue sends them back to."""
    with httpx.Client(trust_env=False, timeout=30) as browser:
        page = browser.get(place(browser.get(address)))
        asked = {name: value[0] for name, value in parse_qs(page.url.query.decode()).items()}
        form = {"account": account, "name": account.title(), "email": f"{account}@example.com"}
        form |= {"verified": "yes", "decision": decision, **asked}
        answer = browser.post(page.url.copy_with(query=None), data=form)
        return place(browser.get(place(answer)))


def place(answer: httpx.Response) -> str:
    """Where an answer leads."""
    return str(answer.url.join(answer.headers["location"]))


async def back(browser: httpx.AsyncClient, address: str) -> str:
    """Come back; where Portico leads on to."""
    answer = await browser.get(address.partition("#")[0], headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_sign_in(portico: Served, gotrue: AuthServer) -> None:
    """By a button, with PKCE; the code is traded here, and the next address is clean."""
    async with portico.browser() as browser:
        line = await press(browser, f"/supabase/Enter?next={HOME}?at=1", "GitHub")
        answer = await browser.get(line["navigate"]["url"])
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        assert answer.headers["location"].startswith(f"{gotrue.url}/auth/v1/authorize?")
        assert (asked["provider"], asked["code_challenge_method"]) == (["github"], ["s256"])
        address = decided(answer.headers["location"], "ada")
        assert address.startswith("http://127.0.0.1:8000/supabase/_auth/callback?")
        assert await back(browser, address) == f"{HOME}?at=1"
        assert "user ada@example.com" in (await browser.get(HOME)).text
        assert "access_token" not in address
        line = await press(browser, HOME, "Leave")
        assert line["navigate"]["url"] == "/supabase/Enter"
        assert (await browser.get(HOME)).status_code == 303


async def test_without_scripts(portico: Served, gotrue: AuthServer) -> None:
    """A page with a link of ours, not a redirect to another origin."""
    async with portico.browser() as browser:
        page = await post(browser, "/supabase/Enter", "GitHub")
        assert page.status_code == 200
        assert f'href="{portico.url}{START}?next=' in page.text
        assert gotrue.url not in page.text


async def test_a_provider_must_be_named(portico: Served) -> None:
    """The app has none of its own."""
    async with portico.browser() as browser:
        line = await press(browser, "/supabase/Enter", "Nobody")
        assert [alert["message"] for alert in line["alerts"]] == [
            "This app has no such provider to sign in with."
        ]
        for name in ("", "Git Hub", "<b>", "x" * 99, "github&redirect_to=x"):
            answer = await browser.get(START, params={"provider": name})
            assert (answer.status_code, "location" in answer.headers) == (403, False)
            elsewhere = {"Sec-Fetch-Site": "cross-site"}
            asked = await browser.get(START, params={"provider": name}, headers=elsewhere)
            assert asked.status_code == 404


async def test_answers_of_other_browsers_and_replays(portico: Served) -> None:
    """P20, P90: neither an attacker's answer nor the same one twice; two tabs both succeed."""
    async with portico.browser() as victim, portico.browser() as attacker:
        planted = decided(await there(attacker), "mallory")
        assert await back(victim, planted) == FAILED
        own = decided(await there(victim), "ada")
        stolen = httpx.URL(planted).params["code"]
        assert await back(victim, str(httpx.URL(own).copy_set_param("code", stolen))) == FAILED
        assert (await victim.get(HOME)).status_code == 303
        first, second = await there(victim), await there(victim, f"{HOME}?at=2")
        last = decided(second, "ada")
        assert await back(victim, last) == f"{HOME}?at=2"
        assert await back(victim, decided(first, "ada")) == HOME
        assert await back(victim, last) == FAILED


async def test_a_user_who_says_no(portico: Served) -> None:
    """Our words at a clean address; what the auth API writes is not shown."""
    async with portico.browser() as browser:
        address = decided(await there(browser), "ada", "deny")
        assert "error=access_denied" in address
        assert await back(browser, address) == FAILED
        assert "The sign-in was cancelled." in (await browser.get(FAILED)).text
        assert (await browser.get(HOME)).status_code == 303


async def test_a_code_that_is_none(portico: Served) -> None:
    """The auth API says so."""
    async with portico.browser() as browser:
        state = parse_qs(urlsplit(await there(browser)).query)["redirect_to"][0].partition("?state=")[2]
        assert await back(browser, f"{CALLBACK}?code=made-up&state={state}") == FAILED
        assert (await browser.get(HOME)).status_code == 303
