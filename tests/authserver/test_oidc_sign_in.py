"""The OpenID provider: its document, its page, and what a browser brings back from there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher
from joserfc.errors import JoseError

from portico.authserver import local_pages
from portico.authserver.accounts import User
from portico.authserver.dialects import oidc_forms, oidc_logins, oidc_sign_in
from portico.authserver.dialects.oidc_errors import OidcRefusal
from portico.authserver.dialects.oidc_users import is_closed
from portico.authserver.passwords import Passwords
from portico.authserver.settings import HashCost, NewAccount, RateLimit
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.oidc_calls import (
    ASKED,
    HERE,
    ISSUER,
    LEFT,
    WRONG,
    Oidc,
    browsing,
    error,
    form_of,
    landed,
)
from tests.authserver.servers import BLOCKED, DEFAULTS, UNCONFIRMED, AuthServer, bearer, running
from tests.authserver.test_plain_sign_in import Hasty

BEN = NewAccount(username="ben", email="ben@example.com", password=Secret("correct horse"))
SETTINGS = replace(DEFAULTS, accounts=(*DEFAULTS.accounts, BEN))
OVER = "This page is not of this browser, or is over."


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SETTINGS, clock=StoppedClock()) as running_server:
        yield running_server


@pytest.fixture
async def browser(server: AuthServer) -> AsyncIterator[Oidc]:
    async with browsing(server.app) as browser:
        yield browser


# What it says of itself


async def test_the_document(browser: Oidc) -> None:
    """Everything that it names is there, below the issuer, and it promises nothing else."""
    document = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert document["issuer"] == ISSUER
    for name, method in {
        "authorization_endpoint": "GET",
        "token_endpoint": "POST",
        "userinfo_endpoint": "GET",
        "revocation_endpoint": "POST",
        "end_session_endpoint": "GET",
        "jwks_uri": "GET",
    }.items():
        assert document[name].startswith(f"{ISSUER}/")
        assert (await browser.http.request(method, document[name])).status_code not in (404, 405)
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    (key,) = (await browser.http.get("/oidc/jwks")).json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}


async def test_there_and_back(browser: Oidc, server: AuthServer) -> None:
    """A code, for tokens, for a user: everything is bound to the request that began it."""
    back = landed(await browser.sign_in())
    assert back == {"code": back["code"], "state": "a state", "iss": ISSUER}
    answer = await browser.exchange(back["code"])
    tokens = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 300, ASKED["scope"])
    said = await browser.said(tokens["id_token"])
    now = int(server.clock.now().timestamp())
    user = {
        "sub": said["sub"],
        "name": "anna",
        "preferred_username": "anna",
        "updated_at": now,
        "email": "anna@example.com",
        "email_verified": True,
    }
    assert said == {
        **user,
        "iss": ISSUER,
        "aud": "shop",
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": "a nonce",
        "sid": said["sid"],
        "at_hash": said["at_hash"],
    }
    assert (await browser.me(tokens["access_token"])).json() == user
    assert (await browser.tokens("ben"))["id_token"] != tokens["id_token"]


async def test_the_key_outlives_a_restart(tmp_path: Path) -> None:
    """With a file, and so do tokens and browsers that are signed in. Another server has another key."""
    kept = replace(SETTINGS, database=tmp_path / "auth.db")
    async with running(kept) as server, browsing(server.app) as browser:
        tokens = await browser.tokens()
        cookies = browser.http.cookies
    async with running(kept) as server, browsing(server.app) as browser:
        browser.http.cookies = cookies
        assert await browser.said(tokens["id_token"])
        assert await browser.opens(tokens["access_token"])
        assert "code" in landed(await browser.authorize())
    async with running(SETTINGS) as server, browsing(server.app) as browser:
        with pytest.raises((JoseError, ValueError)):
            await browser.said(tokens["id_token"])
        assert not await browser.opens(tokens["access_token"])


async def test_what_is_asked_for_is_told(browser: Oidc) -> None:
    """Claims are those of the scopes; a nonce is told back where there was one."""
    tokens = await browser.tokens(scope="openid unknown", nonce=None, state=None)
    assert tokens["scope"] == "openid"
    said = await browser.said(tokens["id_token"])
    assert said.keys() == {"iss", "sub", "aud", "iat", "exp", "auth_time", "sid", "at_hash"}
    assert (await browser.me(tokens["access_token"])).json() == {"sub": said["sub"]}
    browser.http.cookies.clear()
    assert "state" not in landed(await browser.sign_in(state=None))


# Requests that are none


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "v" * 42 + "="}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://example.com"}, "request_uri_not_supported"),
    ],
)
async def test_a_request_that_cannot_be_answered(
    browser: Oidc, changes: dict[str, str | None], name: str
) -> None:
    """P89: it goes back to the app, which began it; without PKCE nobody signs in."""
    back = landed(await browser.authorize(**changes))
    assert back["error"] == name
    assert back["error_description"]
    assert (back["state"], back["iss"]) == ("a state", ISSUER)
    assert "code" not in back


@pytest.mark.parametrize("name", ["state", "nonce", "login_hint"])
async def test_a_parameter_that_is_too_long(browser: Oidc, name: str) -> None:
    """It is not sent on."""
    answer = await browser.authorize(**{name: "n" * 2001})
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await browser.authorize(**{name: "n" * 2000})).status_code == 200


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "code_challenge", "scope"])
async def test_a_parameter_that_stands_there_twice(browser: Oidc, name: str) -> None:
    """Nobody guesses which of them counts."""
    answer = await browser.http.get("/oidc/authorize", params=[*ASKED.items(), (name, ASKED[name])])
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_request_by_post(browser: Oidc) -> None:
    """Which the protocol asks for as well."""
    answer = await browser.http.post("/oidc/authorize", data=ASKED)
    back = landed(await browser.submit(answer, username="anna", password="correct horse"))
    assert (await browser.exchange(back["code"])).status_code == 200


# The page


async def test_the_page(browser: Oidc) -> None:
    """It works without scripts, is kept by nobody and framed by nobody; what came with it is text."""
    evil = '"><script>alert(1)</script>'
    page = await browser.authorize(login_hint=evil, client_id=evil, state=evil)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "&lt;script" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    wrong = await browser.submit(page, username=evil, password=evil)
    assert "<script" not in wrong.text


async def test_who_does_not_want_to(browser: Oidc) -> None:
    """It is told to the app, and nobody is signed in."""
    page = await browser.authorize()
    back = landed(await browser.submit(page, decision="deny"))
    assert back["error"] == "access_denied"
    assert landed(await browser.authorize(prompt="none"))["error"] == "login_required"


async def test_a_wrong_password_can_be_tried_again(browser: Oidc) -> None:
    """The page says so, with the name as it was typed and without the password."""
    page = await browser.sign_in("anna@example.com", "a wrong sentence")
    assert page.status_code == 422
    assert WRONG in page.text
    assert 'value="anna@example.com"' in page.text
    assert "a wrong sentence" not in page.text
    assert "portico-oidc" not in browser.http.cookies
    back = landed(await browser.submit(page, username="anna@example.com", password="correct horse"))
    assert (await browser.exchange(back["code"])).status_code == 200


@pytest.mark.parametrize("tells", [False, True])
async def test_nobody_learns_who_has_an_account(monkeypatch: pytest.MonkeyPatch, tells: bool) -> None:
    """P66: the same page to the byte, whoever it is and whatever is wrong: also for accounts that are closed,
    with the right password. A provider that tells of these is found out."""
    if tells:
        monkeypatch.setattr(oidc_sign_in, "is_closed", told)
    seen = set()
    confirming = replace(SETTINGS, email_confirmation=True)
    async with running(confirming, clock=StoppedClock()) as server, browsing(server.app) as browser:
        for username, password in (
            ("anna", "wrong"),
            ("nobody", "wrong"),
            ("anna", ""),
            (BLOCKED.username, "wrong"),
            (BLOCKED.username, "correct horse"),
            (UNCONFIRMED.username, "correct horse"),
        ):
            page = await browser.authorize()
            answer = await browser.submit(page, username=username, password=password)
            form = form_of(answer) if 'name="form"' in answer.text else ""
            masked = answer.text.replace(f'value="{username}"', "").replace(form, "")
            headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
            seen.add((answer.status_code, masked, str(headers)))
        assert (len(seen) == 1) is not tells
        assert "code" in landed(await browser.sign_in())


def told(user: User, *, confirms: bool) -> bool:
    """A check that says why an account is closed."""
    if is_closed(user, confirms=confirms):
        raise OidcRefusal(403, "access_denied", "This account is blocked.")
    return False


@pytest.mark.parametrize(("hasty", "hashes"), [(False, 1), (True, 0)])
async def test_nobody_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch, hasty: bool, hashes: int) -> None:
    """P67: a sign-in of nobody does the work of any other; a check that spares it is found out."""
    checked: list[str | bytes] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        checked.append(hash)
        return verify(hasher, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    if hasty:
        monkeypatch.setattr("portico.authserver.app.PasswordCheck", Hasty)
    async with running() as server, browsing(server.app) as browser:
        await browser.sign_in(password="wrong")
        assert len(checked) == 1
        await browser.sign_in("nobody", "wrong")
        assert len(checked) == 1 + hashes


@pytest.mark.parametrize(("upgraded", "memory"), [(True, "m=16"), (False, "m=8")])
async def test_a_weak_hash_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upgraded: bool, memory: str
) -> None:
    """P72: by the sign-in at this page; the control is a server that takes it for strong."""
    path = tmp_path / "auth.db"
    weak = replace(SETTINGS, database=path)
    async with running(weak):
        pass
    stronger = replace(weak, hash_cost=replace(weak.hash_cost, memory_kib=16), accounts=())
    assert _memory_of_the_hash(path) == "m=8"
    if not upgraded:
        monkeypatch.setattr(Passwords, "is_weak", lambda *_: False)
    async with running(stronger) as server, browsing(server.app) as browser:
        assert "code" in landed(await browser.sign_in())
    assert _memory_of_the_hash(path) == memory


def _memory_of_the_hash(path: Path) -> str:
    """What anna's hash costs, as it is stored."""
    with sqlite3.connect(path) as connection:
        (found,) = connection.execute("SELECT password_hash FROM users WHERE username = 'anna'").fetchone()
    connection.close()
    return str(found).split("$")[3].partition(",")[0]


async def test_guesses_are_limited() -> None:
    """P69: ten attempts a minute from one address, a hundred for an account from anywhere; right ones too."""
    settings = replace(SETTINGS, rate_limit=RateLimit(account_failures=15))
    async with running(settings, StoppedClock()) as server:
        async with browsing(server.app) as browser:
            page = await browser.authorize()
            for _ in range(10):
                answer = await browser.submit(page, username="anna", password="wrong")
                assert answer.status_code == 422
            answer = await browser.submit(page, username="anna", password="correct horse")
            assert answer.status_code == 429
            assert answer.headers["retry-after"] == "60"
            assert "Too many attempts" in answer.text
        server.clock.advance(timedelta(minutes=1))
        async with browsing(server.app) as browser:
            page = await browser.authorize()
            for _ in range(5):
                assert (await browser.submit(page, username="anna", password="wrong")).status_code == 422
            answer = await browser.submit(page, username="anna", password="correct horse")
            assert answer.status_code == 429
            back = landed(await browser.submit(page, username="ben", password="correct horse"))
            assert "code" in back


async def test_too_much_to_do() -> None:
    """P73: what the pool of hashes does not take is told on a page, with when to come back."""
    settings = replace(SETTINGS, hash_cost=HashCost(workers=1, waiting=1))
    async with running(settings) as server, browsing(server.app) as browser:
        page = await browser.authorize()
        many = [browser.submit(page, username="anna", password="correct horse") for _ in range(12)]
        answers = await asyncio.gather(*many)
        assert {answer.status_code for answer in answers} == {303, 503}
        (refused, *_) = [answer for answer in answers if answer.status_code == 503]
        assert "Too much to do right now" in refused.text
        assert refused.headers["retry-after"] == "1"


# Forms of others (P20)


async def other_browsers_form(browser: Oidc, server: AuthServer) -> httpx.Response:
    """The form of an attacker's page in somebody else's browser, with the attacker's password."""
    async with browsing(server.app) as attacker:
        page = await attacker.authorize()
    await browser.authorize()
    return await browser.submit(page, username="ben", password="correct horse")


async def test_forms_of_others(browser: Oidc, server: AuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """P20: nobody is signed in as somebody else by a form that their browser was not shown. The control: a
    provider that does not look whose form it is signs them in."""
    answer = await other_browsers_form(browser, server)
    assert answer.status_code == 400
    assert OVER in answer.text
    monkeypatch.setattr(oidc_forms, "_browser", lambda _: "anybody")
    assert "code" in landed(await other_browsers_form(browser, server))


async def test_a_browser_without_a_cookie(browser: Oidc) -> None:
    """It has no form that is its own."""
    page = await browser.authorize()
    browser.http.cookies.clear()
    answer = await browser.submit(page, username="anna", password="correct horse")
    assert (answer.status_code, OVER in answer.text) == (400, True)


@pytest.mark.parametrize("form", ["", "x", "a.b.c", "sign-out", "access token", "other key"])
async def test_forms_that_are_none(browser: Oidc, server: AuthServer, form: str) -> None:
    """P85: what was not signed here for a sign-in in this browser begins none."""
    await browser.code()
    if form == "sign-out":
        form = form_of(await browser.leave())
    elif form == "access token":
        form = (await browser.exchange(landed(await browser.authorize())["code"])).json()["access_token"]
    elif form == "other key":
        async with running(SETTINGS, clock=StoppedClock()) as other, browsing(other.app) as elsewhere:
            elsewhere.http.cookies = browser.http.cookies
            form = form_of(await elsewhere.authorize(prompt="login"))
    fields = {"form": form, "decision": "allow", "username": "anna", "password": "correct horse"}
    answer = await browser.http.post("/oidc/login", data=fields)
    assert (answer.status_code, OVER in answer.text) == (400, True)


async def test_a_page_is_good_for_half_an_hour(browser: Oidc, server: AuthServer) -> None:
    """And then it says so."""
    page = await browser.authorize()
    server.clock.advance(timedelta(minutes=30))
    answer = await browser.submit(page, username="anna", password="correct horse")
    assert (answer.status_code, OVER in answer.text) == (400, True)


@pytest.mark.parametrize("path", ["/oidc/login", "/oidc/logout/confirm"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:4000"},
        {"Host": "evil.example"},
    ],
)
async def test_pages_of_others_fill_in_nothing(
    browser: Oidc, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    """P20, P23: nor do hosts that were turned to this machine; the form's own page may."""
    await browser.code()
    begin = browser.leave if path.endswith("confirm") else partial(browser.authorize, prompt="login")
    fields = {"decision": "allow", "username": "anna", "password": "correct horse"}
    fields["form"] = form_of(await begin())
    answer = await browser.http.post(path, data=fields, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await browser.http.post(path, data=fields, headers={"Origin": HERE})).status_code in (200, 303)
    # The control: a page that asks nobody where they come from.
    await browser.code(prompt="login")
    fields["form"] = form_of(await begin())
    monkeypatch.setattr(local_pages, "is_local", lambda _: True)
    assert (await browser.http.post(path, data=fields, headers=headers)).status_code in (200, 303)


async def test_other_machines_fill_in_nothing(server: AuthServer) -> None:
    """The page is for this machine."""
    async with browsing(server.app, address="192.0.2.7") as stranger:
        page = await stranger.authorize()
        answer = await stranger.submit(page, username="anna", password="correct horse")
    assert answer.status_code == 403


# Browsers that are signed in there


async def test_a_browser_stays_signed_in(browser: Oidc, server: AuthServer) -> None:
    """Another app gets a code at once, with the time of the sign-in, in the same session of the provider."""
    first = await browser.said((await browser.exchange(await browser.code())).json()["id_token"])
    server.clock.advance(timedelta(minutes=5))
    other = landed(await browser.authorize(client_id="other", nonce="n"))
    answer = await browser.exchange(other["code"], client_id="other")
    second = await browser.said(answer.json()["id_token"])
    assert (second["aud"], second["nonce"]) == ("other", "n")
    assert (second["sub"], second["sid"], second["auth_time"]) == (
        first["sub"],
        first["sid"],
        first["auth_time"],
    )
    assert second["iat"] == first["iat"] + 300
    assert "code" in landed(await browser.authorize(prompt="none"))


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "consent"}, {"max_age": "299"}])
async def test_a_sign_in_that_is_wanted_anew(
    browser: Oidc, server: AuthServer, changes: dict[str, str]
) -> None:
    """Shows the page; afterwards the same session is younger."""
    first = await browser.said((await browser.exchange(await browser.code())).json()["id_token"])
    server.clock.advance(timedelta(minutes=5))
    again = await browser.exchange(await browser.code(**changes))
    second = await browser.said(again.json()["id_token"])
    assert second["sid"] == first["sid"]
    assert second["auth_time"] == first["auth_time"] + 300
    assert "code" in landed(await browser.authorize(max_age="299"))


async def test_a_login_is_over_after_ten_hours(browser: Oidc, server: AuthServer) -> None:
    """Then the page is shown."""
    await browser.code()
    server.clock.advance(timedelta(hours=10) - timedelta(seconds=1))
    assert "code" in landed(await browser.authorize())
    server.clock.advance(timedelta(seconds=1))
    assert (await browser.authorize()).status_code == 200


async def test_somebody_else_signs_in_in_the_same_browser(browser: Oidc) -> None:
    """The session of the first ends, with all tokens; the browser has another cookie."""
    annas = (await browser.exchange(await browser.code())).json()
    cookie = browser.http.cookies["portico-oidc"]
    bens = (await browser.exchange(await browser.code("ben", prompt="login"))).json()
    assert browser.http.cookies["portico-oidc"] != cookie
    assert not await browser.opens(annas["access_token"])
    assert (await browser.refresh(annas["refresh_token"])).status_code == 400
    assert await browser.opens(bens["access_token"])


async def test_a_cookie_of_before_is_worth_nothing(browser: Oidc) -> None:
    """A sign-in gives the browser another name: one that was planted before opens nothing."""
    browser.http.cookies.set("portico-oidc", "planted", domain="127.0.0.1", path="/oidc")
    await browser.code(prompt="login")
    browser.http.cookies.clear()
    browser.http.cookies.set("portico-oidc", "planted", domain="127.0.0.1", path="/oidc")
    assert (await browser.authorize()).status_code == 200


@pytest.mark.parametrize("compared", [True, False])
async def test_a_password_that_changes_meanwhile(
    browser: Oidc, server: AuthServer, monkeypatch: pytest.MonkeyPatch, compared: bool
) -> None:
    """P77: who was let in by the old password is not signed in; a provider that does not compare does it."""
    access, _ = await server.tokens()
    begin = oidc_logins.Logins.begin

    async def late(
        logins: oidc_logins.Logins, user_id: int, password_hash: Secret, *, before: str
    ) -> tuple[oidc_logins.Login, Secret] | None:
        form = {"currentPassword": "correct horse", "password": "another sentence"}
        changed = await server.http.post(
            "/api/auth/change-password",
            json={**form, "passwordConfirmation": "another sentence"},
            headers=bearer(access),
        )
        assert changed.status_code == 200
        return await begin(logins, user_id, password_hash, before=before)

    monkeypatch.setattr(oidc_logins.Logins, "begin", late)
    if not compared:
        monkeypatch.setattr(oidc_logins, "has_password", lambda *_: True)
    answer = await browser.sign_in()
    assert (answer.status_code == 422) is compared


# Signing out


async def test_signing_out_is_asked_first(browser: Oidc) -> None:
    """A log-out ends the browser's session and every app's tokens, and leads back."""
    one = (await browser.exchange(await browser.code())).json()
    code = landed(await browser.authorize(client_id="other"))["code"]
    other = (await browser.exchange(code, client_id="other")).json()
    asked = {"client_id": "shop", "post_logout_redirect_uri": LEFT, "state": "s"}
    page = await browser.leave(**asked)
    assert page.status_code == 200
    assert await browser.opens(one["access_token"])
    stays = await browser.submit(page, path="/oidc/logout/confirm", decision="deny")
    assert landed(stays, LEFT) == {"state": "s"}
    assert await browser.opens(one["access_token"])
    assert landed(await browser.submit(page, path="/oidc/logout/confirm"), LEFT) == {"state": "s"}
    assert "portico-oidc" not in browser.http.cookies
    for tokens, client in ((one, "shop"), (other, "other")):
        assert not await browser.opens(tokens["access_token"])
        assert (await browser.refresh(tokens["refresh_token"], client_id=client)).status_code == 400
    assert (await browser.authorize()).status_code == 200
    # There is nothing left to ask about.
    assert landed(await browser.leave(**asked), LEFT) == {"state": "s"}


async def test_an_id_token_of_the_login_needs_no_question(browser: Oidc, server: AuthServer) -> None:
    """Also one that is over; one of another login is asked about."""
    tokens = (await browser.exchange(await browser.code())).json()
    server.clock.advance(timedelta(hours=1))
    async with browsing(server.app) as elsewhere:
        await elsewhere.code("ben")
        hint = {"id_token_hint": tokens["id_token"]}
        assert (await elsewhere.leave(**hint)).status_code == 200
        assert "code" in landed(await elsewhere.authorize())
    asked = {**hint, "post_logout_redirect_uri": LEFT}
    assert landed(await browser.leave(**asked), LEFT) == {}
    assert not await browser.opens(tokens["access_token"])


async def test_a_log_out_by_post(browser: Oidc) -> None:
    """Which the protocol asks for: it goes on as if it had come by GET."""
    await browser.code()
    asked = {"client_id": "shop", "post_logout_redirect_uri": LEFT}
    answer = await browser.http.post("/oidc/logout", data=asked)
    page = await browser.http.get(answer.headers["location"])
    assert landed(await browser.submit(page, path="/oidc/logout/confirm"), LEFT) == {}


async def test_a_log_out_that_leads_nowhere(browser: Oidc) -> None:
    """Ends on a page of the provider's."""
    await browser.code()
    answer = await browser.submit(await browser.leave(), path="/oidc/logout/confirm")
    assert (answer.status_code, "You are signed out" in answer.text) == (200, True)


@pytest.mark.parametrize("hint", ["x", "a.b.c", "forged", "none"])
async def test_id_tokens_that_are_none(browser: Oidc, server: AuthServer, hint: str) -> None:
    """P80: nobody is signed out without a question by a token that was not signed here."""
    tokens = (await browser.exchange(await browser.code())).json()
    head, said, signature = tokens["id_token"].split(".")
    if hint == "forged":
        hint = f"{head}.{said}.{signature[:-4]}AAAA"
    elif hint == "none":
        hint = f"eyJhbGciOiJub25lIn0.{said}."
    assert (await browser.leave(id_token_hint=hint)).status_code == 200
    assert await browser.opens(tokens["access_token"])


async def test_what_is_no_path(browser: Oidc) -> None:
    """404 and 405 as the protocol's errors; a broken inside says nothing of itself."""
    assert (await browser.http.get("/oidc/nowhere")).json()["error"] == "invalid_request"
    answer = await browser.http.get("/oidc/token")
    assert (error(answer), answer.headers["allow"]) == ((405, "invalid_request"), "POST")
    assert (await browser.http.get("/oidc")).status_code == 404


async def test_what_breaks_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 in the protocol's shape, and nothing of what it was."""

    async def broken(*_: object) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr(oidc_logins.Logins, "redeem", broken)
    async with running() as server:
        transport = httpx.ASGITransport(app=server.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
            answer = await Oidc(http=http).exchange("x")
    assert error(answer) == (500, "server_error")
    assert "a secret" not in answer.text
