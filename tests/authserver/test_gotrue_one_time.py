"""GoTrue dialect: what was mailed is good once, for a while, for one purpose and for nobody else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portico.authserver.dialects import gotrue_one_time
from portico.authserver.dialects.gotrue_one_time import Issued, OneTimeTokens, Purpose
from tests.authserver.gotrue_calls import StoppedClock, refusal
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
    files,
    flows_of,
    token_of,
)
from tests.authserver.servers import BLOCKED, DEFAULTS, AuthServer, running

ANNA = "anna@example.com"
NEW = "nora@example.com"


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(clock=StoppedClock()) as running_server:
        yield running_server


async def test_a_link_is_good_once(browser: Browser, app: Flows) -> None:
    """P76: the second click lands at the app, with an error behind the `#`."""
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    assert "access_token" in (await browser.follow(mail)).fragment
    back = await browser.follow(mail)
    assert (back.address, back.query, back.fragment) == (APP, {}, {**LINK_ERROR, "sb": ""})
    assert refusal(await app.verify("email", email=ANNA, token=mail["code"])) == BAD_CODE


async def test_a_link_with_pkce_is_good_once(browser: Browser, app: Flows) -> None:
    """P76: with PKCE the error is in the query too."""
    await app.otp(ANNA, **PKCE)
    (mail,) = await browser.mails()
    await browser.follow(mail)
    back = await browser.follow(mail)
    assert (back.query, back.fragment) == (LINK_ERROR, {**LINK_ERROR, "sb": ""})


async def test_looking_at_a_link_uses_nothing_up(browser: Browser, app: Flows) -> None:
    """P18: HEAD, with which mail programs look at links, is not there."""
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    assert (await browser.http.head(mail["link"])).status_code == 405
    assert "access_token" in (await browser.follow(mail)).fragment


@pytest.mark.parametrize("atomic", [True, False])
async def test_twenty_at_once(
    monkeypatch: pytest.MonkeyPatch, browser: Browser, app: Flows, atomic: bool
) -> None:
    """P76: of twenty who bring a code at once one gets in; if taking it were no change, more would."""
    if not atomic:
        monkeypatch.setattr(gotrue_one_time, "_taken", lambda _, row: taken(row))
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    answers = await asyncio.gather(*(app.verify("email", email=ANNA, token=mail["code"]) for _ in range(20)))
    statuses = sorted(answer.status_code for answer in answers)
    assert (statuses == [200] + [403] * 19) == atomic


def taken(row: sqlite3.Row) -> Purpose:
    """What a token was for, without taking it away."""
    return Purpose(
        kind=gotrue_one_time.Kind(row["kind"]),
        email=row["email"],
        user_id=row["user_id"],
        creates=False,
        metadata={},
        challenge="",
    )


@pytest.mark.parametrize("bounded", [True, False])
async def test_five_guesses(
    monkeypatch: pytest.MonkeyPatch, browser: Browser, app: Flows, bounded: bool
) -> None:
    """P76: the sixth try finds no code, though it is right; unbounded it would. The link is not touched."""
    if not bounded:
        monkeypatch.setattr(gotrue_one_time, "_MOST_GUESSES", 1_000_000)
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    wrong = f"{(int(mail['code']) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert refusal(await app.verify("email", email=ANNA, token=wrong)) == BAD_CODE
    answer = await app.verify("email", email=ANNA, token=mail["code"])
    assert (answer.status_code == 403) == bounded
    if bounded:
        assert "access_token" in (await browser.follow(mail)).fragment


async def test_ten_minutes(server: AuthServer, browser: Browser, app: Flows) -> None:
    """P76: links and codes are over after ten minutes."""
    await app.otp(ANNA)
    (mail,) = await browser.mails()
    server.clock.advance(timedelta(minutes=10))
    assert refusal(await app.verify("email", email=ANNA, token=mail["code"])) == BAD_CODE
    assert (await browser.follow(mail)).fragment == {**LINK_ERROR, "sb": ""}


async def test_the_last_mail_counts(browser: Browser, app: Flows) -> None:
    """P76: a new mail ends the one before it."""
    await app.otp(ANNA)
    await app.otp(ANNA)
    new, old = await browser.mails()
    if new["code"] != old["code"]:
        assert refusal(await app.verify("email", email=ANNA, token=old["code"])) == BAD_CODE
    assert refusal(await app.verify("magiclink", token_hash=token_of(old))) == BAD_LINK
    assert (await app.verify("magiclink", token_hash=token_of(new))).status_code == 200


async def test_a_request_for_nobody_ends_nothing(browser: Browser, app: Flows) -> None:
    """P70: what was mailed to a new address stays good, whatever strangers ask for it."""
    await app.otp(NEW)
    (mail,) = await browser.mails()
    await app.otp(NEW, create_user=False)
    assert await browser.mails() == [mail]
    assert (await app.verify("email", email=NEW, token=mail["code"])).status_code == 200


@pytest.mark.parametrize(
    ("asked", "type_"),
    [
        ("otp", "recovery"),
        ("otp", "signup"),
        ("otp", "invite"),
        ("otp", "email_change"),
        ("recover", "magiclink"),
        ("recover", "email"),
    ],
)
async def test_for_one_purpose(browser: Browser, app: Flows, asked: str, type_: str) -> None:
    """P76: what was mailed for one purpose serves no other, neither as link nor as code."""
    await getattr(app, asked)(ANNA)
    (mail,) = await browser.mails()
    assert refusal(await app.verify(type_, email=ANNA, token=mail["code"])) == BAD_CODE
    assert refusal(await app.verify(type_, token_hash=token_of(mail))) == BAD_LINK
    link = mail["link"].replace(f"type={mail['kind']}", f"type={type_}")
    assert (await browser.follow({"link": link})).fragment == {**LINK_ERROR, "sb": ""}
    assert "access_token" in (await browser.follow(mail)).fragment


async def test_an_invitation_is_a_confirmation() -> None:
    """Nobody invites here; an app that says `invite` for a sign-up is understood, as by GoTrue."""
    async with running(CONFIRMING) as server, browsing(server.app) as browser:
        app = flows_of(server)
        await app.sign_up(NEW)
        (mail,) = await browser.mails()
        assert (await app.verify("invite", email=NEW, token=mail["code"])).status_code == 200


async def test_codes_of_other_addresses(browser: Browser, app: Flows) -> None:
    """P76: a code opens the account that it was mailed for alone."""
    await app.otp(ANNA)
    await app.otp(BLOCKED.email)
    (_, mail) = await browser.mails()
    (other,) = await browser.mails(BLOCKED.email)
    if other["code"] != mail["code"]:
        assert refusal(await app.verify("email", email=BLOCKED.email, token=mail["code"])) == BAD_CODE
    answer = await app.verify("email", email=BLOCKED.email, token=other["code"])
    assert refusal(answer) == (403, "user_banned", "User is banned")


async def test_nobody_is_mailed_and_nobody_gets_in(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, browser: Browser, app: Flows
) -> None:
    """P76: what is kept for an address without an account opens nothing, though its code be known."""
    made: list[Issued] = []
    issue = OneTimeTokens.issue

    async def issued(tokens: OneTimeTokens, purpose: Purpose) -> Issued:
        made.append(await issue(tokens, purpose))
        return made[-1]

    monkeypatch.setattr(OneTimeTokens, "issue", issued)
    await app.recover(NEW)
    assert await browser.mails() == []
    answer = await app.verify("recovery", email=NEW, token=made[0].code.reveal())
    assert refusal(answer) == BAD_CODE
    await app.recover(NEW)
    assert refusal(await app.verify("recovery", token_hash=made[1].link.reveal())) == BAD_LINK


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "validation_failed", "Verify requires a verification type")),
        ({"type": "email"}, (400, "validation_failed", "Verify requires either a token or a token hash")),
        (
            {"type": "email", "token": "1", "token_hash": "x"},
            (400, "validation_failed", "Verify requires either a token or a token hash"),
        ),
        (
            {"type": "email", "token_hash": "x", "email": ANNA},
            (400, "validation_failed", "Only the token_hash and type should be provided"),
        ),
        (
            {"type": "email", "token": "1"},
            (
                400,
                "validation_failed",
                "Only an email address or phone number should be provided on verify",
            ),
        ),
        (
            {"type": "nothing", "token_hash": "x"},
            (400, "validation_failed", "Invalid email verification type"),
        ),
        (
            {"type": "nothing", "token": "1", "email": ANNA},
            (400, "validation_failed", "Unsupported verification type"),
        ),
        ({"type": "sms", "token": "1", "phone": "49151"}, BAD_CODE),
        (
            {"type": "email", "token": "", "email": ANNA},
            (400, "validation_failed", "Verify requires either a token or a token hash"),
        ),
        (
            {"type": "email", "token": None, "email": ANNA},
            (400, "validation_failed", "Verify requires either a token or a token hash"),
        ),
        ({"type": "email", "token": " ", "email": ANNA}, BAD_CODE),
        ({"type": "email", "token": "1" * 10_000, "email": ANNA}, BAD_CODE),
        (
            {"type": "email", "token": "x", "email": "x"},
            (400, "validation_failed", "Unable to validate email address: invalid format"),
        ),
    ],
)
async def test_what_never_matches(
    browser: Browser, app: Flows, body: dict[str, object], expected: tuple[int, str, str]
) -> None:
    """P76: missing, empty and malformed values are refused, though a mail is under way."""
    await app.otp(ANNA)
    assert refusal(await app.send("POST", "/verify", json=body)) == expected


@pytest.mark.parametrize("value", [[], {}, 0, True, ["x"], {"$ne": ""}])
@pytest.mark.parametrize("name", ["token", "token_hash", "email", "type"])
async def test_types_that_never_match(app: Flows, name: str, value: object) -> None:
    """P76: neither do values of other types."""
    body: dict[str, object] = {"type": "email", "email": ANNA, "token": "123456", name: value}
    assert refusal(await app.send("POST", "/verify", json=body))[:2] == (400, "bad_json")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Verify requires a verification type"),
        ("?token=x", "Verify requires a verification type"),
        ("?type=signup", "Verify requires a token or a token hash"),
        ("?type=signup&token=", "Verify requires a token or a token hash"),
    ],
)
async def test_links_that_are_none(app: Flows, query: str, message: str) -> None:
    """Half a link leads nowhere."""
    assert refusal(await app.send("GET", f"/verify{query}")) == (400, "validation_failed", message)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/otp", {}, "One of email or phone must be set"),
        ("/otp", {"email": ANNA, "phone": "1"}, "Only an email address or phone number should be provided"),
        ("/otp", {"email": ANNA, "channel": "sms"}, "Channel should only be specified with Phone OTP"),
        ("/otp", {"email": "x"}, "Unable to validate email address: invalid format"),
        (
            "/otp",
            {"email": ANNA, "code_challenge": "x"},
            "PKCE flow requires code_challenge_method and code_challenge",
        ),
        ("/otp", {"phone": "1"}, "Unsupported phone provider"),
        ("/magiclink", {}, "Password recovery requires an email"),
        ("/recover", {}, "Password recovery requires an email"),
        ("/recover", {"email": "x"}, "Unable to validate email address: invalid format"),
        ("/resend", {"email": ANNA}, "Missing one of these types: signup, email_change, sms, phone_change"),
        ("/resend", {"type": "signup"}, "Type provided requires an email address"),
    ],
)
async def test_what_cannot_be_asked(app: Flows, path: str, body: dict[str, object], expected: str) -> None:
    """What is missing or too much is said in GoTrue's words."""
    answer = await app.send("POST", path, json=body)
    assert answer.status_code == (422 if path == "/magiclink" else 400)
    assert refusal(answer)[2] == expected


async def test_nothing_is_kept_in_clear(tmp_path: Path) -> None:
    """P76: neither links nor codes nor their plain hashes are in the database's files."""
    async with running(replace(DEFAULTS, database=tmp_path / "auth.db")) as server:
        await flows_of(server).otp(ANNA)
        async with browsing(server.app) as browser:
            (mail,) = await browser.mails()
        kept = files(tmp_path)
    assert b"magiclink" in kept
    assert token_of(mail).encode() not in kept
    assert f'"{mail["code"]}"'.encode() not in kept
    # A million tries find a code whose hash needs no key: this is what is kept of it instead.
    rows = kept.count(gotrue_one_time._hash(mail["code"]).encode())
    assert rows == 0
    assert gotrue_one_time._hash(token_of(mail)).encode() in kept
