"""A user and a browser between the app `provider` and a provider."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.web.served import Served, served
from tests.web.small_provider import SECRET, SmallProvider

APP = Path(__file__).parent / "apps" / "provider"
START, CALLBACK, HOME = "/provider/_auth/start", "/provider/_auth/callback", "/provider/Home"
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@asynccontextmanager
async def with_provider(
    provider: SmallProvider, *, url: str = "", after: Served | None = None
) -> AsyncIterator[Served]:
    """The app `provider` served, against this one; in the place of the server `after` which it comes."""
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    secrets = {"OIDC_SECRET": SECRET}
    async with served(APP, settings=settings, secrets=secrets, url=url, after=after) as running:
        yield running


async def begin(browser: httpx.AsyncClient, back: str = HOME) -> str:
    """The address of the provider that a browser is sent to."""
    answer = await browser.get(START, params={"next": back})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(browser: httpx.AsyncClient, address: str) -> httpx.Response:
    """The provider sends the browser to `address`; what it gets."""
    return await browser.get(address, headers=FROM_ELSEWHERE)


async def sign_in(browser: httpx.AsyncClient, provider: SmallProvider, back: str = HOME) -> httpx.Response:
    """There and back."""
    return await come_back(browser, provider.authorize(await begin(browser, back)))


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    """Whether the guarded page opens."""
    return (await browser.get(HOME)).status_code == 200


async def refused(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    """What the user is told: the browser has no session, and stands at a clean address."""
    assert (answer.status_code, answer.headers["location"]) == (303, "/provider/_auth/failed")
    assert not await is_signed_in(browser)
    page = await browser.get(answer.headers["location"])
    assert page.status_code == 403
    found = re.search(r"<h1>Sign-in failed</h1>\n<p>([^<]*)</p>", page.text)
    assert found is not None
    return found[1]


async def press(browser: httpx.AsyncClient, path: str, button: str) -> dict[str, Any]:
    """What a script of the page is answered when a button is pressed."""
    shown = re.search(r'data-visit="([^"]*)"', (await browser.get(path)).text)
    body = {"visit": shown[1] if shown and shown[1] else "v" * 22, "n": 1, "widget": button}
    headers = {"Content-Type": "application/json", "Portico-Event": "1"}
    content = json.dumps({**body, "event": "onClick", "values": {}})
    answer = await browser.post(path, content=content, headers=headers)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return {name: value for line in lines for name, value in line.items()}


async def post(browser: httpx.AsyncClient, path: str, button: str) -> httpx.Response:
    """The same from a form, in a browser without scripts."""
    return await browser.post(path, data={"portico.event": f"{button} onClick"})
