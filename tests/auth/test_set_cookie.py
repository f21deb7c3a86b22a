"""`Set-Cookie` as browsers read it, row by row of RFC 6265; time is ours to move."""

from datetime import UTC, datetime, timedelta

import pytest

from portico.auth.set_cookie import COOKIE_LIMIT, LIFETIME_LIMIT, Cookie, Issuer, reaches, read
from portico.values import Secret

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HTTPS = Issuer(datasource="api", scheme="https", host="api.example.com", port=443)
HTTP = Issuer(datasource="api", scheme="http", host="api.example.com", port=80)
LOOPBACK = Issuer(datasource="api", scheme="http", host="127.0.0.1", port=8000, allow_private=True)


def cookies(*lines: str, issuer: Issuer = HTTPS, path: str = "/auth/login") -> tuple[Cookie, ...]:
    """What these lines set."""
    headers = [("Content-Type", "text/plain"), *(("Set-Cookie", line) for line in lines)]
    return read(headers, issuer, path, NOW).cookies


def only(line: str, issuer: Issuer = HTTPS) -> Cookie | None:
    """What a line sets, if it does."""
    found = cookies(line, issuer=issuer)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("sid=abc", "sid", "abc"),
        (" sid \t= abc ; Path=/", "sid", "abc"),
        ('sid="a b, c"', "sid", '"a b, c"'),
        ("sid=a=b==", "sid", "a=b=="),
        ("sid=", "sid", ""),
        ("sid=a%3Db", "sid", "a%3Db"),
        ("sid=abc; sid=other", "sid", "abc"),
    ],
)
def test_name_and_value(line: str, name: str, value: str) -> None:
    """Up to the first `=`, without the spaces around (5.2)."""
    found = only(line)
    assert found is not None
    assert (found.name, found.value.reveal()) == (name, value)


@pytest.mark.parametrize(
    "line",
    [
        *("sid", "", "=abc", "; Path=/", "s id=abc", "s\u00efd=abc", "sid=a\u00e4c", "sid=a\x01b"),
        f"sid={'x' * COOKIE_LIMIT}",
        f"sid=abc; Path=/{'x' * 2000}",
        "sid=a\r\nX-Evil: 1",
    ],
)
def test_what_no_header_of_ours_could_carry_is_not_taken(line: str) -> None:
    """Nor what is too long. Else one cookie would spoil every later call."""
    assert only(line) is None
    assert only("sid=abc") is not None


@pytest.mark.parametrize(
    ("domain", "host", "taken"),
    [
        ("", "api.example.com", True),
        ("example.com", "api.example.com", True),
        (".Example.COM", "api.example.com", True),
        ("api.example.com", "api.example.com", True),
        ("other.com", "api.example.com", False),
        ("ple.com", "api.example.com", False),
        ("www.api.example.com", "api.example.com", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.1", "127.0.0.1", False),
    ],
)
def test_domain(domain: str, host: str, taken: bool) -> None:
    """That of the host, or one above it (5.1.3)."""
    issuer = Issuer(datasource="api", scheme="https", host=host, port=443)
    assert (only(f"sid=1; Domain={domain}", issuer) is not None) is taken


@pytest.mark.parametrize(
    ("request_path", "said", "path"),
    [
        ("/auth/login", "", "/auth"),
        ("/auth/login", "; Path=auth", "/auth"),
        ("/auth/", "", "/auth"),
        ("/login", "", "/"),
        ("/", "", "/"),
        ("/auth/login", "; Path=/", "/"),
        ("/auth/login", "; Path=/a; Path=/b", "/b"),
    ],
)
def test_path(request_path: str, said: str, path: str) -> None:
    """What is said, the last of several, else the folder of the request (5.1.4)."""
    assert [cookie.path for cookie in cookies(f"sid=1{said}", path=request_path)] == [path]


@pytest.mark.parametrize(
    ("path", "wanted", "goes"),
    [
        ("/auth", "/auth", True),
        ("/auth/x", "/auth", True),
        ("/auth/x", "/auth/", True),
        ("/authority", "/auth", False),
        ("/auth", "/auth/", False),
        ("/x", "/", True),
        ("/AUTH", "/auth", False),
    ],
)
def test_paths_that_a_cookie_reaches(path: str, wanted: str, goes: bool) -> None:
    """5.1.4."""
    assert reaches(path, wanted) is goes


@pytest.mark.parametrize(
    ("issuer", "taken"),
    [
        (HTTPS, True),
        (HTTP, False),
        (LOOPBACK, True),
        (Issuer(datasource="api", scheme="http", host="localhost", port=80, allow_private=True), True),
        (Issuer(datasource="api", scheme="http", host="::1", port=80, allow_private=True), True),
        (Issuer(datasource="api", scheme="http", host="127.0.0.1", port=80), False),
        (Issuer(datasource="api", scheme="http", host="10.0.0.1", port=80, allow_private=True), False),
    ],
)
def test_secure(issuer: Issuer, taken: bool) -> None:
    """Over https; over http only where it stays on this machine, and may."""
    assert (only("sid=1; Secure", issuer) is not None) is taken
    assert only("sid=1", issuer) is not None


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("__Host-sid=1; Secure; Path=/", True),
        ("__Host-sid=1; Secure", False),
        ("__Host-sid=1; Path=/", False),
        ("__Host-sid=1; Secure; Path=/; Domain=example.com", False),
        ("__Secure-sid=1; Secure", True),
        ("__secure-sid=1", False),
    ],
)
def test_names_keep_what_they_promise(line: str, taken: bool) -> None:
    """RFC 6265bis, 4.1.3."""
    assert (only(line) is not None) is taken


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("", None),
        ("Max-Age=60", NOW + timedelta(seconds=60)),
        ("max-age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NOW + timedelta(seconds=60)),
        ("Max-Age=0", NOW),
        ("Max-Age=-5", NOW),
        ("Max-Age=soon", None),
        ("Max-Age=+60", None),
        (f"Max-Age={'9' * 5000}", NOW + LIFETIME_LIMIT),
        ("Expires=Tue, 01 Jan 2030 00:01:00 GMT", NOW + timedelta(minutes=1)),
        ("Expires=Tue, 01-Jan-2030 00:01:00 GMT", NOW + timedelta(minutes=1)),
        ("Expires=Tuesday, 01-Jan-30 00:01:00 GMT", NOW + timedelta(minutes=1)),
        ("Expires=Tue Jan  1 00:01:00 2030", NOW + timedelta(minutes=1)),
        ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", NOW + LIFETIME_LIMIT),
        ("Expires=never", None),
        ("Expires=Tue, 99 Foo 2030 00:00:00 GMT", None),
    ],
)
def test_when_it_ends(said: str, ends: datetime | None) -> None:
    """`Max-Age` before `Expires`; in the forms that servers have; never later than browsers allow."""
    found = only(f"sid=1; {said}")
    assert found is not None
    assert found.expires_at == ends
    assert found.over(NOW) is (ends is not None and ends <= NOW)


def test_flags_and_what_is_unknown() -> None:
    """`SameSite` and whatever comes later changes nothing."""
    found = only("sid=1; HttpOnly=no; SECURE; SameSite=None; Partitioned; Priority=High")
    assert found is not None
    assert (found.secure, found.http_only, found.path, found.domain) == (True, True, "/auth", "")
    assert only("sid=1") == Cookie(name="sid", value=Secret("1"), path="/auth")


def test_what_is_there_after_an_answer() -> None:
    """The last of a name at a path counts, and none that is over."""
    headers = [
        ("set-cookie", line)
        for line in ("a=1; Path=/", "a=2; Path=/", "b=1; Max-Age=0", "c=1; Path=/", "c=; Path=/; Max-Age=0")
    ]
    alive = read(headers, HTTPS, "/", NOW).alive
    assert [(cookie.name, cookie.value.reveal()) for cookie in alive] == [("a", "2")]
