"""A path decides nothing about where a call goes (promises 33, 129)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.clock import Clock
from portico.errors import DestinationRefused
from portico.model.query import Request
from portico.runtime.destination import Destination
from portico.runtime.http import Client
from tests.runtime.listeners import Listener, get, listening, query, source

#: `{evil}` is host and port of the listener that must see nothing; `{port}` the port alone.
ELSEWHERE = (
    "//{evil}", "//{evil}/", "///{evil}/", "////{evil}", "/\\{evil}", "\\\\{evil}", "\\/{evil}", "/\\/{evil}",
    "@{evil}", "@{evil}/", ":x@{evil}/", "/@{evil}", "x@{evil}/", ":80@{evil}/", "user:pass@{evil}/",
    "%40{evil}/", "%2f%2f{evil}", "/%2f{evil}", "%2f%2f{evil}/", "/%2F/{evil}", "/%5c{evil}", "%5c%5c{evil}",
    "http://{evil}/", "https://{evil}/", "HTTP://{evil}/", "hTTp:{evil}", "http:/{evil}", "http:\\\\{evil}",
    "http:///{evil}", "ftp://{evil}/", "file:///etc/passwd", "gopher://{evil}/_x", "javascript:alert(1)",
    "data:text/html,x", "//user@{evil}/", "//{evil}\\@good/", "/\t/{evil}", "\t//{evil}", "\n//{evil}",
    "/\r/{evil}", " //{evil}", "\x00//{evil}", "//\x00{evil}", "/\x0b/{evil}", "//{evil}#", "//{evil}?",
    "#@{evil}/", "?@{evil}/", "/?@{evil}/", "/#@{evil}/", ";@{evil}/", "&@{evil}", ".{evil}", "..{evil}",
    "-{evil}", "{port}/", ":{port}/", ":{port}", "0/", "//{evil}:80:{port}/", "//127.1:{port}/",
    "//localhost:{port}",
    "/x HTTP/1.1\r\nHost: {evil}\r\n\r\n", "/ HTTP/1.0\r\nX: y", "/x\r\nHost: {evil}", "/x\nHost: {evil}",
    "/%0d%0aHost:%20{evil}", "/x\u2028Host: {evil}", "/x\u560d\u560aHost: {evil}", "\uff0f\uff0f{evil}",
    "/\uff0f{evil}", "\uff20{evil}", "/\u2215/{evil}", "//{evil}\u3002", "\ufeff//{evil}", "\u00a0//{evil}",
)  # fmt: skip
CLIMBING = (
    "/..", "/../", "/../admin", "/../../admin", "..", "../admin", "./../admin", "/.", "/./x", "/x/../y",
    "/x/../../admin", "/x/..", "/x/.", "/users/../admin", "/users/../../admin/", "/%2e%2e/admin",
    "/%2e%2E/admin",
    "/.%2e/admin", "/%2e./admin", "/%2e/admin", "/..%2fadmin", "/..%2Fadmin", "/x%2f..%2f..%2fadmin",
    "/%2e%2e%2fadmin", "/%252e%252e/admin", "/%25252e%25252e/admin", "/%252e%252e%252fadmin",
    "/%2525252525252e%2525252525252e/admin", "/..%5cadmin", "/..\\admin", "\\..\\admin", "/%5c..%5cadmin",
    "/..;/admin", "/..;x=y/admin", "/.;/admin", "/%2e%2e;/admin", "/..%3b/admin", "/%c0%ae%c0%ae/admin",
    "/%e0%80%ae%e0%80%ae/admin", "/%c0%ae%c0%ae%c0%afadmin", "/%u002e%u002e/admin", "/%%32%65%%32%65/admin",
    "/\uff0e\uff0e/admin", "/\u2024\u2024/admin", "/\u2025/admin", "/..\uff0fadmin",
    "/%ef%bc%8e%ef%bc%8e/admin",
    "/.. /admin", "/..%20/admin", "/..%00/admin", "/%00", "/x%00/../admin", "/..%0d%0a/admin", "/..?x=y",
    "/x/..?x", "/..#x", "/%2e%2e?x", "/%", "/%2", "/%zz", "/a%", "/\ud800", "/%ff", "/%ed%a0%80",
)  # fmt: skip
#: What a path becomes under the base `/base`.
LEGITIMATE = {
    "": "/base",
    "/": "/base/",
    "/users": "/base/users",
    "users": "/base/users",
    "users/1": "/base/users/1",
    "?a=1": "/base?a=1",
    "users?a=1": "/base/users?a=1",
    "/auth/v1/token?grant_type=password": "/base/auth/v1/token?grant_type=password",
    "/a//b": "/base/a//b",
    "/a/": "/base/a/",
    "/a b": "/base/a%20b",
    "/a%20b": "/base/a%20b",
    "/a+b": "/base/a+b",
    "/ä/日本": "/base/%C3%A4/%E6%97%A5%E6%9C%AC",
    "/%C3%A4": "/base/%C3%A4",
    "/group%2Fproject": "/base/group%2Fproject",
    "/a%2520b": "/base/a%2520b",
    "/100%25": "/base/100%25",
    "/users/a@b.example": "/base/users/a@b.example",
    "/v1/things:search": "/base/v1/things:search",
    "/Items('x')": "/base/Items('x')",
    "/m;v=1": "/base/m;v=1",
    "/.well-known/x": "/base/.well-known/x",
    "/...": "/base/...",
    "/..a": "/base/..a",
    "/a..b": "/base/a..b",
    "/a.": "/base/a.",
    "/~me": "/base/~me",
    "/<x>": "/base/%3Cx%3E",
    '/"{}|^`': "/base/%22%7B%7D%7C%5E%60",
    "/x?q=a b&r=ä": "/base/x?q=a%20b&r=%C3%A4",
    "/x?next=http://other.example/../": "/base/x?next=http://other.example/../",
    "/x?discount=100%": "/base/x?discount=100%25",
    "/x?a=%2e%2e%2F": "/base/x?a=%2e%2e%2F",
    "/x?": "/base/x?",
    "/x??": "/base/x??",
}

Get = Callable[[str, str], Awaitable[object]]


async def escapes(send: Get, payloads: tuple[str, ...]) -> list[str]:
    """The payloads that lead `send(base, path)` out of `http://<good>/base`: to the other listener,
    to another place of the good one, or to more than the one request that was meant."""
    found = []
    async with listening() as good, listening() as evil:
        for payload in payloads:
            path = payload.replace("{evil}", f"127.0.0.1:{evil.port}").replace("{port}", str(evil.port))
            before, good.requests[:] = evil.connections, []
            with suppress(DestinationRefused, httpx.HTTPError, httpx.InvalidURL, UnicodeError):
                await send(f"{good.url}/base", path)
            if evil.connections > before or not all(
                stays(good, request) for request in range(len(good.requests))
            ):
                found.append(payload)
    return found


def stays(good: Listener, request: int) -> bool:
    """Whether a request is one, to the right host, under the base, and climbs nowhere."""
    line, *headers = good.heads[request]
    parts = line.split(" ")
    hosts = [header for header in headers if header.lower().startswith("host:")]
    path = unquote(unquote(parts[1].partition("?")[0]))
    return (
        len(parts) == 3
        and hosts == [f"Host: 127.0.0.1:{good.port}"]
        and (path == "/base" or path.startswith("/base/"))
        and not {"..", "."} & set(path.replace("\\", "/").split("/"))
    )


def ours(client: Client) -> Get:
    """The guarded client."""

    async def send(base: str, path: str) -> object:
        return await get(client, source(base), path)

    return send


async def test_no_path_leads_elsewhere() -> None:
    """Other hosts, ports and schemes hidden in a path: the other listener sees nothing."""
    assert len(set(ELSEWHERE)) == len(ELSEWHERE) >= 60
    async with Client(clock=Clock()) as client:
        assert await escapes(ours(client), ELSEWHERE) == []


@pytest.mark.parametrize(
    "path",
    ["http://a.example/", "a:80/x", "mailto:x", "@a.example", ":80/", ".a.example", "&x", ";x", "ä", " /x"],
)
def test_a_path_that_begins_like_something_else_is_refused(path: str) -> None:
    """It would not leave the origin, and its author meant something that does not happen."""
    with pytest.raises(DestinationRefused):
        Destination.of(source("https://api.example/v1")).target(path)


async def test_no_path_climbs() -> None:
    """Dot segments in every dress are refused before the call."""
    async with listening() as good, Client(clock=Clock()) as client:
        for path in CLIMBING:
            with pytest.raises(DestinationRefused):
                await get(client, source(f"{good.url}/base"), path)
            with pytest.raises(DestinationRefused):
                await get(client, source(good.url), path)
        assert good.connections == 0


async def test_control_a_naive_client_is_led_away() -> None:
    """Positive control: base and path put together as text do reach the other listener and climb."""
    async with httpx.AsyncClient(trust_env=False, timeout=5) as naive:

        async def send(base: str, path: str) -> object:
            return await naive.get(base + path)

        async def send_without_path(base: str, path: str) -> object:
            return await naive.get(base.removesuffix("/base") + path)

        async def send_joined(base: str, path: str) -> object:
            return await naive.get(httpx.URL(base + "/").join(path))

        loopback = ("//{evil}", "//{evil}/", "http://{evil}/", "HTTP://{evil}/", "//user@{evil}/")
        assert len(await escapes(send, CLIMBING)) >= 15
        assert await escapes(send_without_path, ("@{evil}/", ":80@{evil}/")) == ["@{evil}/", ":80@{evil}/"]
        assert await escapes(send_joined, loopback) == list(loopback)


@pytest.mark.parametrize(("path", "target"), LEGITIMATE.items())
async def test_ordinary_paths_arrive_as_meant(path: str, target: str) -> None:
    """What is refused is not what apps need."""
    async with listening() as server, Client(clock=Clock()) as client:
        await get(client, source(f"{server.url}/base/"), path)
        assert server.targets == [target]


async def test_parameters_are_added_to_the_path_and_its_query() -> None:
    """Their values are data, whatever they hold."""
    async with listening() as server, Client(clock=Clock()) as client:
        params = (
            ("q", "a&b=c#d?e/../%2e"),
            ("ä", "€ +"),
            ("empty", ""),
            ("q", "\r\nX: y\x00"),
            ("half", "\ud800"),
        )
        await client.send(source(server.url), query(), Request(path="/x?a=1", params=params))
        await client.send(source(server.url), query(), Request(path="", params=(("a", "1"),)))
        first = "/x?a=1&q=a%26b%3Dc%23d%3Fe%2F..%2F%252e&%C3%A4=%E2%82%AC%20%2B&empty="
        assert server.targets == [first + "&q=%0D%0AX%3A%20y%00&half=%3F", "/?a=1"]


@given(st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3))
def test_a_target_is_always_ascii_and_under_the_base(path: str, params: list[tuple[str, str]]) -> None:
    """Whatever the path and parameters: one word of printable ASCII, under the base path, or a refusal."""
    destination = Destination.of(source("https://api.example/v1"))
    with suppress(DestinationRefused):
        target = destination.target(path, params)
        assert target == "/v1" or target.startswith(("/v1/", "/v1?"))
        assert all("!" <= character <= "~" for character in target)
        assert "#" not in target
        assert not {".", ".."} & set(unquote(target.partition("?")[0]).split("/"))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example", "https://api.example"),
        ("HTTPS://API.Example:443/v1", "https://api.example"),
        ("http://api.example:80", "http://api.example"),
        ("http://api.example:443", "http://api.example:443"),
        ("https://[2A00:1450:0::1]:8443/", "https://[2a00:1450::1]:8443"),
        ("http://xn--mller-kva.example", "http://xn--mller-kva.example"),
        ("http://auth_api:1337", "http://auth_api:1337"),
    ],
)
def test_origins_are_read_one_way(url: str, origin: str) -> None:
    """Scheme and host in lower case, the scheme's own port left out."""
    assert str(Destination.of(source(url))) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example:0", "http://a.example:65536", "http://a.example:", "http://a.example:8 0",
        "http://a.example?x", "http://a.example/x?y", "http://a.example/x#y", "http://a.example/../x",
        "http://a.example/%2e%2e/x", "http://a.example\\x", "http://müller.example", "http:/a.example",
        "//a.example", "a.example", "", "http://", "http://a..example", "http://a.example/\n", "http://u@a.example",
        "http://a.example//evil.example",
    ],
)  # fmt: skip
def test_urls_that_say_more_are_refused(url: str) -> None:
    """No user, query, fragment or dot segment in a datasource's URL."""
    with pytest.raises(DestinationRefused):
        Destination.of(source(url))
