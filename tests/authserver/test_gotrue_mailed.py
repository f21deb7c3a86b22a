"""GoTrue dialect: links and codes by mail, for signing up, signing in and new passwords."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from portico.authserver.dialects.gotrue_mailed import Mailed
from portico.authserver.dialects.gotrue_one_time import Issued, OneTimeTokens, Purpose
from portico.authserver.passwords import Passwords
from portico.authserver.settings import GoTrueSettings, RateLimit
from portico.values import Secret
from tests.authserver.gotrue_calls import RECENT, StoppedClock, refusal
from tests.authserver.gotrue_flows_calls import (
    APP,
    BAD_CODE,
    BAD_LINK,
    CONFIRMING,
    LINK_ERROR,
    PKCE,
    Browser,
    Flows,
    browsing,
    flows_of,
    methods_of,
    token_of,
)
from tests.authserver.servers import BLOCKED, DEFAULTS, UNCONFIRMED, AuthServer, client_of, running

ANNA = "anna@example.com"
NEW = "nora@example.com"


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


# Signing in


async def test_a_magic_link(browser: Browser, app: Flows) -> None:
    """The link of the mail leads to the app, with a session behind the `#`."""
    answer = await app.otp(ANNA)
    assert (answer.status_code, answer.json()) == (200, {})
    (mail,) = await browser.mails()
    assert (mail["to"], mail["kind"], mail["subject"]) == (ANNA, "magiclink", "Your Magic Link")
    assert re.fullmatch(r"[0-9]{6}", mail["code"])
    assert mail["link"].startswith(f"http://127.0.0.1:8001{browser.prefix}/verify?token=")
    back = await browser.follow(mail)
    assert (back.address, back.query) == (APP, {})
    assert (back.fragment["type"], back.fragment["token_type"]) == ("magiclink", "bearer")
    assert {"access_token", "refresh_token", "expires_in", "expires_at", "sb"} <= back.fragment.keys()
    shown = (await app.user(back.fragment["access_token"])).json()
    assert shown["email"] == ANNA
    assert methods_of(back.fragment["access_token"]) == ["otp"]


async def test_a_magic_link_with_pkce(browser: Browser, app: Flows) -> None:
    """P89: asked for with a challenge, the link leads to a code that needs its verifier."""
    await app.otp(ANNA, **PKCE)
    (mail,) = await browser.mails()
    assert token_of(mail).startswith("pkce_")
    back = await browser.follow(mail)
    assert (list(back.query), back.fragment) == (["code"], {})
    assert refusal(await app.exchange(back.query["code"], "w" * 60))[1] == "bad_code_verifier"
    body = (await app.exchange(back.query["code"])).json()
    assert body["user"]["email"] == ANNA
    assert methods_of(body["access_token"]) == ["magiclink"]


@pytest.mark.parametrize("more", [{}, PKCE], ids=["implicit", "pkce"])
async def test_a_code(browser: Browser, app: Flows, more: dict[str, Any]) -> None:
    """The code of the mail, with its address in any case, is a session at once."""
    await app.otp(ANNA, **more)
    (mail,) = await browser.mails()
    answer = await app.verify("email", email=ANNA.title(), token=mail["code"])
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == ANNA
    assert (await app.user(answer.json()["access_token"])).status_code == 200


async def test_the_token_of_a_link(browser: Browser, app: Flows) -> None:
    """An app that takes the link to itself posts its token."""
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    answer = await app.verify("magiclink", token_hash=token_of(mail))
    assert answer.json()["user"]["email"] == ANNA
    assert refusal(await app.verify("magiclink", token_hash=token_of(mail))) == BAD_LINK


async def test_a_new_user(browser: Browser, app: Flows) -> None:
    """An account is made when the mail comes back, with what its owner said; nobody knows its password."""
    await app.otp(NEW, data={"name": "Nora"})
    assert (await app.sign_in(NEW, "")).status_code == 400
    (mail,) = await browser.mails(NEW)
    user = (await app.verify("email", email=NEW, token=mail["code"])).json()["user"]
    assert (user["email"], user["user_metadata"]["name"]) == (NEW, "Nora")
    assert user["user_metadata"]["email_verified"] is True
    await app.otp(NEW, data={"name": "a stranger"})
    (mail, _) = await browser.mails(NEW)
    again = (await app.verify("email", email=NEW, token=mail["code"])).json()["user"]
    assert (again["id"], again["user_metadata"]["name"]) == (user["id"], "Nora")


async def test_an_account_that_was_made_meanwhile(browser: Browser, app: Flows) -> None:
    """Who signs up while a mail is under way has one account, which the asker says nothing about (P54)."""
    await app.otp(NEW, data={"name": "a stranger"})
    signed_up = (await app.sign_up(NEW)).json()["user"]
    (mail,) = await browser.mails(NEW)
    user = (await app.verify("email", email=NEW, token=mail["code"])).json()["user"]
    assert user["id"] == signed_up["id"]
    assert "name" not in user["user_metadata"]


@pytest.mark.parametrize("path", ["/otp", "/magiclink"])
async def test_the_older_way_to_ask(browser: Browser, app: Flows, path: str) -> None:
    """Both paths mail the same."""
    await app.send("POST", path, json={"email": ANNA})
    (mail,) = await browser.mails()
    assert mail["kind"] == "magiclink"


# Who gets a mail, and who can tell


@pytest.mark.parametrize(
    ("create", "sign_up", "mails"), [(True, True, 1), (None, True, 1), (False, True, 0), (True, False, 0)]
)
async def test_who_may_begin(create: bool | None, sign_up: bool, mails: int) -> None:
    """P68: where nobody new may begin, nobody new is mailed, and the answer does not say so."""
    settings = replace(DEFAULTS, gotrue=GoTrueSettings(sign_up=sign_up))
    async with running(settings) as server, browsing(server.app) as browser:
        app = flows_of(server)
        for email in (NEW, ANNA):
            answer = await app.otp(email, create_user=create)
            assert (answer.status_code, answer.json()) == (200, {})
        assert len(await browser.mails(NEW)) == mails
        assert len(await browser.mails(ANNA)) == 1


def masked(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All there is to an answer."""
    return answer.status_code, answer.content, sorted(answer.headers.items())


@pytest.mark.parametrize("path", ["/otp", "/recover", "/magiclink", "/resend"])
async def test_no_answer_tells_who_has_an_account(path: str) -> None:
    """P68: known, unknown, blocked and unconfirmed addresses are answered alike, also the second time."""
    settings = replace(CONFIRMING, rate_limit=RateLimit())
    async with running(settings, StoppedClock()) as server:
        app = flows_of(server)
        seen = set()
        for email in (ANNA, NEW, BLOCKED.email, UNCONFIRMED.email):
            form = {"email": email, "type": "signup", "create_user": False}
            first = await app.send("POST", path, json=form)
            again = await app.send("POST", path, json=form)
            assert first.status_code == 200
            assert refusal(again)[:2] == (429, "over_email_send_rate_limit")
            assert again.headers["retry-after"] == "60"
            seen.add(str((masked(first), masked(again))))
        assert len(seen) == 1


@pytest.mark.parametrize("uniform", [True, False])
async def test_no_work_tells_who_has_an_account(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, uniform: bool
) -> None:
    """P67: a request for a mail does the same work for all; sparing it for nobody is found out."""
    work: list[str] = []
    issue, hash_ = OneTimeTokens.issue, Passwords.hash

    async def issued(tokens: OneTimeTokens, purpose: Purpose) -> Issued:
        work.append("row")
        return await issue(tokens, purpose)

    async def hashed(passwords: Passwords, password: Secret) -> str:
        work.append("hash")
        return await hash_(passwords, password)

    monkeypatch.setattr(OneTimeTokens, "issue", issued)
    monkeypatch.setattr(Passwords, "hash", hashed)
    if not uniform:
        mail = Mailed._mail

        async def sparing(mailed: Mailed, request: Any, purpose: Purpose) -> None:
            if purpose.leads_somewhere:
                await mail(mailed, request, purpose)

        monkeypatch.setattr(Mailed, "_mail", sparing)
    app = flows_of(server)
    done = []
    for ask in (app.otp, app.recover):
        for email in (ANNA, NEW):
            await ask(email, create_user=False)
            done.append(tuple(work))
            work.clear()
    assert (set(done) == {("row",)}) == uniform


async def test_one_mail_a_minute() -> None:
    """P79: one address is mailed once a minute, over all paths, spellings and clients; others are free."""
    settings = replace(DEFAULTS, rate_limit=RateLimit())
    async with running(settings, StoppedClock()) as server, browsing(server.app) as browser:
        answers = []
        for n, path in enumerate(("/otp", "/recover", "/magiclink", "/otp", "/recover")):
            async with client_of(server.app, f"10.0.0.{n}") as http:
                form = {"email": ANNA if n % 2 else ANNA.upper()}
                answers.append(await http.post(path, json=form, headers=RECENT))
        assert [answer.status_code for answer in answers] == [200] + [429] * 4
        message = "For security purposes, you can only request this after 60 seconds."
        assert refusal(answers[-1]) == (429, "over_email_send_rate_limit", message)
        app = flows_of(server)
        assert (await app.otp("ben@example.com")).status_code == 200
        server.clock.advance(timedelta(seconds=60))
        assert (await app.otp(ANNA)).status_code == 200
        assert len(await browser.mails(ANNA)) == 2


@pytest.mark.parametrize("path", ["/otp", "/magiclink", "/recover", "/resend", "/verify"])
async def test_thirty_in_five_minutes(path: str) -> None:
    """P69: each path takes thirty requests of one client in five minutes, whatever is in them."""
    async with running(replace(DEFAULTS, rate_limit=RateLimit()), StoppedClock()) as server:
        app = flows_of(server)
        for n in range(30):
            answer = await app.send("POST", path, json={"email": f"{n}@example.com", "type": "signup"})
            assert answer.status_code != 429
        answer = await app.send("POST", path, json={}, headers={"X-Forwarded-For": "10.0.0.9"})
        assert refusal(answer) == (429, "over_request_rate_limit", "Request rate limit reached")


async def test_links_do_not_follow_the_host(server: AuthServer, app: Flows, browser: Browser) -> None:
    """P30: what a mail links to is a setting, and nothing that a request says of its host."""
    forged = {"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Origin": "http://evil.test"}
    await app.send("POST", "/recover", json={"email": ANNA}, headers=forged)
    (mail,) = await browser.mails()
    assert mail["link"].startswith(f"http://127.0.0.1:8001{browser.prefix}/verify?")
    assert "evil" not in mail["link"]


# New passwords


async def test_a_new_password(browser: Browser, app: Flows) -> None:
    """P77: the link of a recovery signs in; the password that is set then ends every other session."""
    other, other_refresh = await app.tokens()
    assert (await app.recover(ANNA)).json() == {}
    (mail,) = await browser.mails()
    assert (mail["kind"], mail["subject"]) == ("recovery", "Reset Your Password")
    back = await browser.follow(mail)
    assert back.fragment["type"] == "recovery"
    changed = await app.change(back.fragment["access_token"], password="a new password")
    assert changed.status_code == 200
    assert refusal(await app.user(other))[1] == "session_not_found"
    assert (await app.refresh(other_refresh)).status_code == 400
    assert (await app.sign_in(ANNA, "a new password")).status_code == 200


async def test_a_new_password_with_pkce(browser: Browser, app: Flows) -> None:
    """The same with a code."""
    await app.recover(ANNA, **PKCE)
    (mail,) = await browser.mails()
    body = (await app.exchange((await browser.follow(mail)).query["code"])).json()
    assert methods_of(body["access_token"]) == ["recovery"]
    assert (await app.change(body["access_token"], password="a new password")).status_code == 200


async def test_a_new_password_ends_what_was_mailed(browser: Browser, app: Flows) -> None:
    """P76: links and codes from before a change of the password open nothing after it."""
    await app.otp(ANNA)
    await app.recover(ANNA)
    access, _ = await app.tokens()
    await app.change(access, password="a new password")
    for mail in await browser.mails():
        kind = "email" if mail["kind"] == "magiclink" else mail["kind"]
        assert refusal(await app.verify(kind, email=ANNA, token=mail["code"])) == BAD_CODE
        assert (await browser.follow(mail)).fragment == {**LINK_ERROR, "sb": ""}


# Signing up


async def test_confirming_a_sign_up() -> None:
    """Where addresses have to be confirmed, the mail of a sign-up confirms one, and signs in."""
    for by_link in (True, False):
        async with running(CONFIRMING) as server, browsing(server.app) as browser:
            app = flows_of(server)
            assert "access_token" not in (await app.sign_up(NEW)).json()
            assert refusal(await app.sign_in(NEW, "open sesame"))[1] == "email_not_confirmed"
            (mail,) = await browser.mails()
            assert (mail["to"], mail["kind"]) == (NEW, "signup")
            if by_link:
                back = await browser.follow(mail)
                assert (back.address, back.fragment["type"]) == ("http://localhost:3000", "signup")
            else:
                answer = await app.verify("signup", email=NEW, token=mail["code"])
                assert answer.json()["user"]["user_metadata"]["email_verified"] is True
            assert (await app.sign_in(NEW, "open sesame")).status_code == 200


async def test_a_sign_up_tells_nobody() -> None:
    """P68: an address that is taken is answered like a new one and gets no mail; one that waits does."""
    async with running(CONFIRMING) as server, browsing(server.app) as browser:
        app = flows_of(server)
        new, taken = await app.sign_up(NEW), await app.sign_up(ANNA)
        assert (new.status_code, taken.status_code) == (200, 200)
        assert new.json().keys() == taken.json().keys()
        assert await browser.mails(ANNA) == []
        await app.sign_up(NEW, "another password")
        await app.send("POST", "/resend", json={"type": "signup", "email": NEW})
        await app.send("POST", "/resend", json={"type": "signup", "email": ANNA})
        assert len(await browser.mails(NEW)) == 3
        assert await browser.mails(ANNA) == []
        (mail, *_) = await browser.mails(NEW)
        assert (await app.verify("signup", email=NEW, token=mail["code"])).status_code == 200
        assert (await app.sign_in(NEW, "another password")).status_code == 400


async def test_a_sign_up_is_limited_alike() -> None:
    """P68, P79: the second sign-up within a minute is refused, whoever has the address."""
    settings = replace(CONFIRMING, rate_limit=RateLimit())
    async with running(settings, StoppedClock()) as server:
        app = flows_of(server)
        for email in (NEW, ANNA):
            assert (await app.sign_up(email)).status_code == 200
            assert refusal(await app.sign_up(email))[1] == "over_email_send_rate_limit"


async def test_an_address_that_waits_can_sign_in_by_mail() -> None:
    """Who asks for a link before confirming gets the confirmation; `email` takes either code."""
    async with running(CONFIRMING) as server, browsing(server.app) as browser:
        app = flows_of(server)
        for email in (UNCONFIRMED.email, NEW):
            await app.otp(email)
            (mail,) = await browser.mails(email)
            assert mail["kind"] == "signup"
            assert (await app.verify("email", email=email, token=mail["code"])).status_code == 200
