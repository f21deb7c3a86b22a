"""The auth server's own pages: who may see them, what a browser may do with them, and what is in them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.gotrue_flows_calls import HERE, browsing, flows_of
from tests.authserver.servers import DEFAULTS, AuthServer, client_of, running

PAGES = ("/_mails", "/_mails.json", "/_provider?provider=github&state=x", "/auth/v1/_provider")


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


async def test_the_mails(server: AuthServer) -> None:
    """The page shows each mail with its link and code, the latest first; `to` names one address."""
    async with browsing(server.app) as browser:
        assert "No mail yet" in (await browser.http.get("/_mails")).text
        app = flows_of(server)
        await app.otp("anna@example.com")
        await app.recover("blocked@example.com")
        mails = await browser.mails()
        assert [mail["to"] for mail in mails] == ["blocked@example.com", "anna@example.com"]
        assert mails[0]["sent_at"] == "2026-01-01T00:00:00.000Z"
        assert mails[0].keys() == {"id", "sent_at", "to", "kind", "subject", "text", "link", "code"}
        shown = (await browser.http.get("/_mails")).text
        for mail in mails:
            assert mail["code"] in shown
            assert mail["link"].replace("&", "&amp;") in shown
        one = (await browser.http.get("/_mails", params={"to": "ANNA@example.com"})).text
        assert mails[1]["code"] in one
        assert "blocked@example.com" not in one


async def test_two_hundred_mails_are_kept(server: AuthServer) -> None:
    """The mailbox cannot grow without end: the oldest goes."""
    async with browsing(server.app) as browser:
        for n in range(201):
            await flows_of(server).otp(f"user{n}@example.com")
        mails = await browser.mails()
    assert [len(mails), mails[0]["to"], mails[-1]["to"]] == [200, "user200@example.com", "user1@example.com"]


async def test_a_mail_is_shown_as_text(server: AuthServer) -> None:
    """P51: what strangers can put into a mail, its address and where it leads, is never markup."""
    async with browsing(server.app) as browser:
        address = "x&'{{7*191}}@example.com"
        assert (await flows_of(server).otp(address, redirect_to="http://localhost/'&lt;")).status_code == 200
        shown = (await browser.http.get("/_mails")).text
    assert "x&amp;&#39;{{7*191}}@example.com" in shown
    assert "1337" not in shown


@pytest.mark.parametrize("field", ["provider", "state", "account", "name", "email"])
async def test_a_form_is_shown_as_text(server: AuthServer, field: str) -> None:
    """P51: what comes from an address or a form is never markup."""
    hostile = "\"'><script>alert(1)</script>{title}"
    async with browsing(server.app) as browser:
        shown = await browser.http.get("/_provider", params={field: hostile})
        sent = await browser.http.post("/_provider", data={field: hostile, "decision": "allow"})
    assert (shown.status_code, sent.status_code) == (200, 422)
    for answer in (shown, sent):
        assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{title}" in sent.text


@pytest.mark.parametrize("path", PAGES)
async def test_what_a_browser_may_do(server: AuthServer, path: str) -> None:
    """P24, P63: nothing runs, nothing is fetched, nobody frames, sniffs or keeps what is there."""
    async with browsing(server.app) as browser:
        answer = await browser.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    if answer.headers["content-type"].startswith("text/html"):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "<script" not in answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("address", "headers", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {"Host": "[::1]:8001"}, True),
        ("127.0.0.1", {"Host": "localhost:8001"}, True),
        ("127.0.0.1", {"Origin": HERE}, True),
        ("10.0.0.1", {}, False),
        ("192.168.0.2", {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "evil.test"}, False),
        ("127.0.0.1", {"Host": ""}, False),
        ("127.0.0.1", {"Host": "["}, False),
        ("127.0.0.1", {"Host": "evil.test@127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1#evil.test"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1.evil.test"}, False),
        ("127.0.0.1", {"Host": "localhost.evil.test:8001"}, False),
        ("127.0.0.1", {"Host": "evil.test", "X-Forwarded-Host": "localhost"}, False),
        ("127.0.0.1", {"Origin": "http://evil.test"}, False),
        ("127.0.0.1", {"Origin": "http://127.0.0.1:3000"}, False),
        ("127.0.0.1", {"Origin": "null"}, False),
    ],
)
async def test_who_may_see_them(
    server: AuthServer, path: str, address: str, headers: dict[str, str], allowed: bool
) -> None:
    """P30: only this machine, under its own name and from its own pages; they open any account."""
    async with browsing(server.app, address=address) as browser:
        answer = await browser.http.get(path, headers=headers)
    assert answer.status_code == (200 if allowed else 403)
    assert allowed or answer.text == "This page is for the machine that the auth server runs on.\n"


async def test_no_origin_reads_the_mails() -> None:
    """P23: not even one that may call the API."""
    named = "http://localhost:3000"
    async with (
        running(replace(DEFAULTS, browser_origins=(named,))) as server,
        browsing(server.app) as browser,
    ):
        await flows_of(server).otp("anna@example.com")
        answer = await browser.http.get("/_mails.json", headers={"Origin": named})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"account": ""}, "The user name is missing."),
        ({"email": ""}, "The e-mail address is missing or none."),
        ({"email": "nora"}, "The e-mail address is missing or none."),
        ({"email": "@example.com"}, "The e-mail address is missing or none."),
        ({"name": "x" * 201}, "A name is too long: at most 200 characters."),
    ],
)
async def test_what_is_no_person(server: AuthServer, fields: dict[str, str], problem: str) -> None:
    """The provider's page says what is wrong, and keeps what was typed."""
    async with browsing(server.app) as browser:
        answer = await browser.decide(await browser.authorize(), **{"name": "Nora", **fields})
    assert answer.status_code == 422
    assert f'role="alert">{problem}' in answer.text
    assert 'value="nora' in answer.text or "account" in fields


async def test_bodies_that_are_no_form(server: AuthServer) -> None:
    """What cannot be read is no consent."""
    async with browsing(server.app) as browser:
        for content, kind in (
            (b"{", "application/json"),
            (b"decision=allow&decision=deny", "application/x-www-form-urlencoded"),
            (b"x" * 20_000, "application/x-www-form-urlencoded"),
            (b"decision=allow", "text/plain"),
            (b"[]", "application/json"),
        ):
            answer = await browser.http.post("/_provider", content=content, headers={"Content-Type": kind})
            assert (answer.status_code, answer.headers["location"]) == (
                303,
                "/callback?error=access_denied&state=",
            )


async def test_an_address_that_gotrue_refuses(server: AuthServer) -> None:
    """What the provider takes for an address and GoTrue does not ends at the app, with an error."""
    async with browsing(server.app) as browser:
        back = await browser.trip(as_={"email": "nora new@example.com"})
    assert back.fragment["error_code"] == "validation_failed"


async def test_mails_are_nowhere_else(server: AuthServer) -> None:
    """P78: no answer of the API has what was mailed."""
    async with browsing(server.app) as browser, client_of(server.app) as http:
        answers: list[httpx.Response] = []
        for path in ("/otp", "/recover", "/magiclink"):
            answers.append(await http.post(path, json={"email": "anna@example.com"}))
        answers += [await http.get(path) for path in ("/", "/settings", "/health")]
        mails = await browser.mails()
    assert len(mails) == 3
    for mail in mails:
        assert not [answer for answer in answers if mail["code"] in answer.text]
