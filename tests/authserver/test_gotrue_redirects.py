"""GoTrue dialect: browsers are sent to named addresses alone, however others are spelled (P25, P27)."""

import asyncio
import json
import shutil
from dataclasses import replace
from urllib.parse import quote

import pytest

from portico.authserver.app import create_app
from portico.authserver.dialects.gotrue_redirects import Redirects
from portico.authserver.settings import GoTrueSettings, SettingsInvalid
from portico.clock import Clock
from tests.authserver.gotrue_flows_calls import PKCE, Browser, Flows
from tests.authserver.servers import DEFAULTS

SITE = "http://localhost:3000"
NAMED = ("https://app.example.com/back", "https://app.example.com/a/*", "https://b.test/**")
GOOD = (
    "http://localhost:3000",
    "http://localhost:3000/",
    "http://localhost:8000/app/page?x=1&y=a%20b",
    "http://127.0.0.1:8000/back?next=%2Fhome",
    "http://127.8.8.8/x",
    "http://[::1]:8000/back",
    "https://localhost/ü",
    "http://localhost:3000/a//b/../c;x=1",
)
HOSTS = (
    "evil.test",
    "evil.test:3000",
    "localhost.evil.test",
    "localhost:3000.evil.test",
    "localhost:3000@evil.test",
    "localhost:pw@evil.test",
    "localhost%40evil.test",
    "evil.test#localhost:3000",
    "evil.test?localhost:3000",
    "evil.test\\localhost:3000",
    "evil.test\\@localhost",
    "localhost\\evil.test",
    "localhost\\@evil.test",
    "evil.test%2elocalhost",
    "evil。test",
    "localhost。evil.test",
    "ⓔvil.test",
    "evil.test\tlocalhost",
    "evil.test\r\nlocalhost",
    "evil.test\0localhost",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.0.1",
    "2130706433.evil.test",
    "3232235777",
    "0xc0a80001",
    "0300.0250.1",
    "[2001:db8::1]",
    "[::ffff:10.0.0.1]",
    "0.0.0.0",
    "example.com",
    "app.example.com.evil.test",
    "xn--localhost-x.test",
    "localhost_evil.test",
    "-localhost",
    "localhost:99999",
    "localhost:-1",
    "localhost:3000:80",
    ":3000@evil.test",
    "",
)
FORMS = (
    "http://{}",
    "https://{}/back",
    "//{}",
    "http:\\\\{}",
    "http:/{}",
    "http:///{}",
    "HTTP://{}",
    " http://{}",
    "\thttp://{}",
    "http://{}/%0d%0aLocation:x",
)
OTHERS = (
    "",
    "/",
    "/back",
    "back",
    "?x",
    "#x",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://localhost/x",
    "blob:http://localhost/x",
    "view-source:http://localhost",
    "myapp://callback",
    "http:localhost:3000",
    "http://localhost:3000/\r\nSet-Cookie: a=b",
    "http://localhost:3000/\u2028x",
    "http://localhost:3000/<script>",
    'http://localhost:3000/"onload="x',
    "http://localhost:3000/" + "x" * 3000,
    "\\\\evil.test",
    "////evil.test",
    "http://user:pw@localhost:3000/",
    "http://@localhost:3000/",
)
HOSTILE = tuple(form.format(host) for form in FORMS for host in HOSTS) + OTHERS
ENCODED = tuple(
    spelling
    for address in HOSTILE
    for spelling in (address, quote(address, safe=""), quote(quote(address, safe=""), safe=""))
)


async def places(addresses: list[str]) -> list[str]:
    """Where a browser goes that follows each address: scheme and host, read by the standard's own parser."""
    node = shutil.which("node")
    assert node is not None, "node is needed"
    code = (
        "const a=JSON.parse(require('fs').readFileSync(0));"
        "console.log(JSON.stringify(a.map(x=>{try{const u=new URL(x,'http://base.test/');"
        "return u.protocol+'//'+u.hostname}catch{return 'nowhere:'}})))"
    )
    process = await asyncio.create_subprocess_exec(
        node, "-e", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(addresses).encode())
    assert process.returncode == 0
    read: list[str] = json.loads(out)
    return read


def is_here(place: str) -> bool:
    """Whether a browser stays on this machine."""
    scheme, _, host = place.partition("//")
    return scheme in ("http:", "https:") and (host in ("localhost", "[::1]") or host.startswith("127."))


async def test_no_spelling_leaves_this_machine() -> None:
    """P25: whatever is asked for, a browser stays on this machine; a rule that looks at the begin fails."""
    redirects = Redirects(GoTrueSettings())
    assert len(ENCODED) > 1000
    went = await places([redirects.allowed(address) for address in ENCODED])
    assert [asked for asked, place in zip(ENCODED, went, strict=True) if not is_here(place)] == []
    naive = [address for address in ENCODED if address.startswith(("http://localhost", "http://127."))]
    assert [place for place in await places(naive) if not is_here(place)]


@pytest.mark.parametrize("address", GOOD)
def test_what_is_of_this_machine(address: str) -> None:
    """Nothing legitimate is refused: ports, queries, and other letters, written as a browser does."""
    assert Redirects(GoTrueSettings()).allowed(address) == address.replace("ü", "%C3%BC")


def test_the_fragment_is_not_kept() -> None:
    """There is one fragment, and it is the answer's."""
    assert Redirects(GoTrueSettings()).allowed(f"{SITE}/x?y=1#z") == f"{SITE}/x?y=1"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://app.example.com/back", True),
        ("https://app.example.com/back#x", True),
        ("https://app.example.com/back/", False),
        ("https://app.example.com/back?x=1", False),
        ("https://app.example.com/Back", False),
        ("https://app.example.com/a/x", True),
        ("https://app.example.com/a/x/y", False),
        ("https://app.example.com/a/../back2", False),
        ("http://app.example.com/back", False),
        ("https://app.example.com:444/back", False),
        ("https://b.test/any/thing?x=1", True),
        ("https://b.test", False),
        ("https://b.test.evil.test/x", False),
        ("https://b.test@evil.test/x", False),
        ("http://127.0.0.1:8000/x", False),
        ("http://localhost:8000/x", False),
        ("http://localhost:3000/x", True),
    ],
)
def test_named_addresses(address: str, allowed: bool) -> None:
    """P27: with a list only what it names is allowed, exactly but for the wildcards in it, and the site."""
    redirects = Redirects(GoTrueSettings(redirect_urls=NAMED))
    assert redirects.allowed(address) == (address.partition("#")[0] if allowed else SITE)


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "**",
        "https://*/x",
        "https://*.example.com/",
        "https://a.test",
        "a.test/x",
        "https://a.test:*/",
        "",
        "javascript:x",
        "https://u@a.test/",
    ],
)
def test_what_cannot_be_named(pattern: str) -> None:
    """P27: no entry stands for more than one host."""
    with pytest.raises(SettingsInvalid, match="Not an address"):
        create_app(replace(DEFAULTS, gotrue=GoTrueSettings(redirect_urls=(pattern,))), Clock())


@pytest.mark.parametrize("site", ["", "localhost", "javascript:x", "http://a b/", "http://u@a.test"])
def test_what_is_no_site(site: str) -> None:
    """The site is an address too."""
    with pytest.raises(SettingsInvalid, match="Not an address"):
        create_app(replace(DEFAULTS, gotrue=GoTrueSettings(site_url=site)), Clock())


EVIL = ("http://evil.test/x", "//evil.test", "http://localhost@evil.test/", "javascript:alert(1)")


@pytest.mark.parametrize("evil", EVIL)
async def test_every_way_in(browser: Browser, app: Flows, evil: str) -> None:
    """P25: by a provider, by a link, by a changed link and with an error, a browser ends at the site."""
    assert (await browser.trip(redirect_to=evil, **PKCE)).address == SITE
    assert (await browser.trip(redirect_to=evil)).address == SITE
    assert (await browser.trip("deny", redirect_to=evil)).address == SITE
    await app.otp("anna@example.com", redirect_to=evil)
    (mail,) = await browser.mails()
    assert quote(SITE, safe="") in mail["link"]
    changed = mail["link"].replace(quote(SITE, safe=""), quote(evil, safe=""))
    assert (await browser.follow({"link": changed})).address == SITE
    assert (await browser.follow({"link": changed})).address == SITE


async def test_headers_name_no_address(browser: Browser) -> None:
    """P25, P30: unlike in GoTrue, neither `redirect_to` nor `Referer` in a header says where to go."""
    headers = {"redirect_to": "http://localhost:4000/x", "Referer": "http://localhost:4000/x"}
    browser.http.headers.update(headers)
    assert (await browser.trip(redirect_to="", **PKCE)).address == SITE
