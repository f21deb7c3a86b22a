"""The cookies of a session: what goes back, what takes whose place, and that it stays small."""

from datetime import UTC, datetime, timedelta

import pytest

from portico.auth.handles import is_cookie
from portico.auth.jar import ISSUER_LIMIT, SIZE_LIMIT, Jar
from portico.auth.opener import Opener
from portico.auth.sealing import Vault
from portico.auth.set_cookie import Issuer, SetCookies, read
from portico.values import Secret

NOW = datetime(2030, 1, 1, tzinfo=UTC)
API = Issuer(datasource="api", scheme="https", host="api.example.com", port=443)
OTHER = Issuer(datasource="other", scheme="https", host="api.example.com", port=443)
#: The same datasource in another version of the app.
MOVED = Issuer(datasource="api", scheme="https", host="evil.example", port=443)


def setting(*lines: str, issuer: Issuer = API, now: datetime = NOW) -> SetCookies:
    """An answer with these cookies."""
    return read([("Set-Cookie", line) for line in lines], issuer, "/", now)


def filled(*lines: str, now: datetime = NOW) -> Jar:
    """A jar after such an answer."""
    return Jar().taking((setting(*lines, now=now),), now)


def sent(jar: Jar, path: str = "/", issuer: Issuer = API, now: datetime = NOW) -> str | None:
    """The header that goes along."""
    return jar.header(issuer, path, now)


def test_what_goes_along() -> None:
    """Longer paths first, then the older one; only where the path leads (5.4)."""
    jar = filled("a=1; Path=/", "b=2; Path=/auth", "c=3; Path=/auth", "a=4; Path=/auth", "d=5; Path=/x")
    assert sent(jar, "/auth/me") == "b=2; c=3; a=4; a=1"
    assert sent(jar, "/") == "a=1"
    assert sent(filled("a=1; Path=/x")) is None


def test_nobody_else_gets_them() -> None:
    """Neither another datasource of the same origin, nor where this one leads in another version."""
    jar = filled("a=1")
    assert [sent(jar, issuer=issuer) for issuer in (API, OTHER, MOVED)] == ["a=1", None, None]


def test_time_goes_by() -> None:
    """What has ended is not sent, and is gone with the next change."""
    jar, later = filled("a=1; Max-Age=60", "b=2"), NOW + timedelta(seconds=60)
    assert sent(jar, now=later - timedelta(seconds=1)) == "a=1; b=2"
    assert sent(jar, now=later) == "b=2"
    after = jar.taking((setting("c=3", now=later),), later)
    assert [cookie.name for cookie in after.held[API.key]] == ["b", "c"]


def test_one_takes_the_place_of_another() -> None:
    """Of the same name, domain and path, and counts as old as that; an end in the past takes it away."""
    jar = filled("a=1", "b=2").taking((setting("a=3"),), NOW)
    assert sent(jar) == "a=3; b=2"
    gone = jar.taking((setting("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),), NOW)
    assert sent(gone) == "b=2"
    assert gone.taking((setting("b=; Max-Age=0"),), NOW).held == {}


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("a=1; Max-Age=3600", True),
        ("a=1; Max-Age=3630", True),
        ("a=1; Max-Age=3700", False),
        ("a=2; Max-Age=3600", False),
        ("a=1", False),
        ("a=1; Max-Age=3600; HttpOnly", False),
    ],
)
def test_nothing_changes_where_nothing_is_new(line: str, same: bool) -> None:
    """Servers with sliding sessions say the same in every answer."""
    jar = filled("a=1; Max-Age=3600")
    assert (jar.taking((setting(line),), NOW) is jar) is same


def test_a_sliding_end_is_followed() -> None:
    """What was not worth writing once is, as soon as it adds up."""
    jar, now = filled("a=1; Max-Age=600"), NOW
    for _ in range(100):
        now += timedelta(seconds=5)
        jar = jar.taking((setting("a=1; Max-Age=600", now=now),), now)
        assert sent(jar, now=now + timedelta(seconds=580)) == "a=1"


def test_there_is_a_limit_to_cookies() -> None:
    """The oldest go, of the issuer that sets too many."""
    jar = Jar().taking((setting("kept=1", issuer=OTHER),), NOW)
    for number in range(ISSUER_LIMIT + 5):
        jar = jar.taking((setting(f"c{number}=1"),), NOW)
    names = [cookie.name for cookie in jar.held[API.key]]
    assert names == [f"c{number}" for number in range(5, ISSUER_LIMIT + 5)]
    assert sent(jar, issuer=OTHER) == "kept=1"


def test_there_is_a_limit_to_their_size() -> None:
    """Of all issuers together."""
    jar = Jar().taking((setting("kept=1", issuer=OTHER),), NOW)
    jar = jar.taking((setting(*(f"c{number}={'x' * 4000}" for number in range(30))),), NOW)
    size = sum(
        len(cookie.name) + len(cookie.value.reveal()) + len(cookie.path)
        for cookies in jar.held.values()
        for cookie in cookies
    )
    assert SIZE_LIMIT - 5000 < size <= SIZE_LIMIT
    assert jar.held[API.key][-1].name == "c29"
    assert sent(jar, issuer=OTHER) == "kept=1"


def test_it_is_kept_as_it_was() -> None:
    """The record has all of it."""
    jar = filled("a=1; Path=/x; HttpOnly; Secure; Max-Age=60", "b=2; Domain=example.com")
    assert Jar.of_json(jar.as_json()) == jar


# Names


def test_a_handle_outlives_the_value() -> None:
    """It is the cookie's, by the jar's key: another session's is another (hard-cases 4)."""
    jar = filled("csrf=first-value-of-it")
    handle = jar.handle(API.key, "csrf")
    vault = Vault()
    vault.hold(jar.slots, jar.handles)
    assert vault.opened(handle) == "first-value-of-it"
    after = jar.taking((setting("csrf=second-value-of-it"),), NOW)
    vault.hold(after.slots, after.handles)
    assert vault.opened(f"<{handle}>") == "<second-value-of-it>"
    gone = after.taking((setting("csrf=; Max-Age=0"),), NOW)
    vault.hold(gone.slots, gone.handles)
    assert vault.opened(handle) == handle
    assert filled("csrf=first-value-of-it").handle(API.key, "csrf") != handle


def test_of_one_name_the_one_that_is_sent_first_is_meant() -> None:
    """With the longest path."""
    jar = filled("a=short-path-value; Path=/", "a=long-path-value; Path=/auth")
    vault = Vault()
    vault.hold(jar.slots, jar.handles)
    assert vault.opened(jar.handle(API.key, "a")) == "long-path-value"


def test_a_cookie_opens_on_the_way_to_its_issuer_alone() -> None:
    """Also where all tokens of the auth API do."""
    jar = filled("sid=value-of-the-session")
    vault = Vault()
    vault.hold({"access": Secret("an-access-token"), **jar.slots}, jar.handles)
    handle, token = jar.handle(API.key, "sid"), vault.seal("another-token")
    opened = {
        (tokens, issuer): Opener(vault=vault, tokens=tokens, issuer=issuer).opened(f"{handle} {token}")
        for tokens in (True, False)
        for issuer in (API.key, OTHER.key, "")
    }
    assert opened == {
        (True, API.key): "value-of-the-session another-token",
        (True, OTHER.key): f"{handle} another-token",
        (True, ""): f"{handle} another-token",
        (False, API.key): f"value-of-the-session {token}",
        (False, OTHER.key): f"{handle} {token}",
        (False, ""): f"{handle} {token}",
    }


def test_answers_that_repeat_a_cookie_are_masked() -> None:
    """Of any origin, and also as it is before it is escaped; what is short occurs by chance."""
    jar = filled("sid=abcdefgh.ijkl%3D", "lang=en", "jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
    vault = Vault()
    vault.hold(jar.slots, jar.handles)
    shown = vault.mask_answer(
        {"a": "sid=abcdefgh.ijkl%3D;", "b": "abcdefgh.ijkl=", "c": "en", "d": jar.slots}
    )
    handle = jar.handle(API.key, "sid")
    assert (shown["a"], shown["b"], shown["c"]) == (f"sid={handle};", handle, "en")
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    assert vault.mask(f"jwt {token}") == f"jwt {jar.handle(API.key, 'jwt')}"


# The cookie that a session stands with


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("sid=1; HttpOnly",), "sid"),
        (("csrf=1", "sid=1; HttpOnly"), "sid"),
        (("long=1; HttpOnly; Max-Age=900000", "short=1; HttpOnly; Max-Age=900"), "short"),
        (("remember=1; HttpOnly; Max-Age=900000", "sid=1; HttpOnly"), "sid"),
        (("refresh=1; HttpOnly; Path=/auth; Max-Age=60", "sid=1; HttpOnly; Max-Age=900; Path=/"), "sid"),
        (("csrf=1", "lang=en"), None),
        (("sid=; HttpOnly; Max-Age=0",), None),
        ((), None),
    ],
)
def test_the_cookie_that_signs_in(lines: tuple[str, ...], name: str | None) -> None:
    """One that scripts of browsers cannot read; that goes to most places, and ends first."""
    answer = setting(*lines)
    found = Jar().taking((answer,), NOW).credential(answer, NOW)
    assert (found.name if found is not None else None) == name


def test_a_server_may_keep_the_cookie_that_it_has_given() -> None:
    """A sign-in then; for a renewal it has to set something."""
    before = filled("sid=1; HttpOnly")
    nothing = setting()
    found = before.credential(nothing, NOW)
    assert found is not None
    carrier = before.carrier_of(found.value)
    assert is_cookie(carrier, API.key)
    assert before.credential(nothing, NOW, carrier=carrier) is None
    answer = setting("sid=2; HttpOnly", "aaa=1; HttpOnly")
    renewed = before.taking((answer,), NOW).credential(answer, NOW, carrier=carrier)
    assert renewed is not None
    assert renewed.value == Secret("2")
