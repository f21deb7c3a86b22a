"""Hostile and legitimate values of `next`, made systematically from what URL parsers disagree about."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Sequence
from urllib.parse import quote

ORIGIN = "https://portico.example"
UNDER = "/jwt-login/"

_HOST = "evil.example"
_SCHEMES = (
    "",
    "http:",
    "https:",
    "HTTPS:",
    "hTtp:",
    "ftp:",
    "javascript:",
    "data:",
    "vbscript:",
    "file:",
    "blob:",
    "x:",
)
_SLASHES = (
    "",
    "/",
    "//",
    "///",
    "////",
    "\\",
    "\\\\",
    "/\\",
    "\\/",
    "/\\/",
    "//\\",
    "\\//",
    "/.//",
    "/..//",
    "./\\",
    "/;//",
)
_INSERTS = (
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x00",
    "\x01",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\xa0",
    "\u2028",
    "\u3000",
    "\ufeff",
    "\u00ad",
    " ",
)
_AUTHORITIES = (
    _HOST,
    f"portico.example@{_HOST}",
    f"portico.example:443@{_HOST}",
    f"portico.example.{_HOST}",
    f"{_HOST}:80",
    f"{_HOST}#portico.example",
    f"{_HOST}?portico.example",
    f"{_HOST}\\@portico.example",
    "[::1]",
    "2130706433",
    "0x7f.1",
    "ｅvil.example",
    "evil\u3002example",
    "evil%2eexample",
)
_LEADS = ("//", "/\\", "\\\\", "///", "/\t/", "https://", "https:\\\\", "http:", "HTTP://", "ftp://")
_ESCAPES = (
    "..",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%2e.",
    "..;",
    "%252e%252e",
    "%25252e%25252e",
    "..%00",
    "..\\",
    "..%5c",
    "%2e%2e%2f",
    "..%2f",
    "..%252f",
    "%5c%5c",
    "%5c..",
    ".\t.",
    ".\n.",
    "．．",
    "%ef%bc%8e%ef%bc%8e",
    "%c0%ae%c0%ae",
    "%u002e%u002e",
)


def hostile() -> list[str]:
    """Values that lead elsewhere by some reading: to another origin, out of the app, or to a script.

    Each in plain form, once and twice percent-encoded.
    """
    plain = [
        f"{scheme}{slashes}{_HOST}{tail}"
        for scheme, slashes, tail in itertools.product(_SCHEMES, _SLASHES, ("", "/jwt-login/Home"))
    ]
    plain += [f"{slashes}{authority}" for slashes in _LEADS for authority in _AUTHORITIES]
    for insert in _INSERTS:
        plain += [f"{insert}//{_HOST}", f"/{insert}/{_HOST}", f"/{insert}\\{_HOST}", f"//{insert}{_HOST}"]
        plain += [
            f"java{insert}script:alert(1)",
            f"{insert}javascript:alert(1)",
            f"javascript{insert}:alert(1)",
        ]
        plain += [f"{UNDER}{insert}/{_HOST}", f"{UNDER}..{insert}/..//{_HOST}"]
    for escape in _ESCAPES:
        plain += [
            f"{UNDER}{escape}/{escape}//{_HOST}",
            f"{UNDER}{escape}/other/Home",
            f"{UNDER}a/{escape}/{escape}/x",
        ]
        plain += [f"/{escape}/{_HOST}", f"{UNDER}Home/{escape}/{escape}/{escape}/other"]
    plain += [
        "/",
        "/other",
        "/other/Home",
        "/jwt-login",
        "/jwt-loginx/Home",
        "/JWT-LOGIN/Home",
        "jwt-login/Home",
        "?a",
        "#a",
    ]
    plain += [
        f"{UNDER}/{_HOST}",
        f"{UNDER}//{_HOST}",
        f"{UNDER}\\{_HOST}",
        f"{UNDER}%0d%0aSet-Cookie:a=b",
        f"{UNDER}%",
        f"{UNDER}%zz",
    ]
    encoded = [quote(text, safe="") for text in plain]
    twice = [quote(text, safe="") for text in encoded]
    return list(dict.fromkeys([*plain, *encoded, *twice]))


def legitimate() -> list[str]:
    """Paths of the app, as pages link to them and browsers write them."""
    pages = (
        "Home",
        "MainPage",
        "a-b_c.d~e",
        "Seite%20eins",
        "%C3%9Cbersicht",
        "Übersicht",
        "日本語",
        "a,b;c=d",
        "@me",
        "v1:x",
        "50%25",
        "...",
        ".well",
    )
    folders = ("", "sub/", "a.b/c/")
    tails = (
        "",
        "?",
        "?q=a%20b",
        "?q=a+b&r=1",
        "?q=ü",
        "?next=/jwt-login/Home",
        "?u=https://x.example/a?b",
        "?a[]=1",
        "#frag",
        "?q=1#frag/../x",
        "?q=100%",
        "?q=%2e%2e%2f",
    )
    return [f"{UNDER}{folder}{page}{tail}" for folder in folders for page in pages for tail in tails] + [
        UNDER
    ]


_ORACLE = """
let text = "";
process.stdin.on("data", part => text += part).on("end", () => {
  const {base, urls} = JSON.parse(text);
  process.stdout.write(JSON.stringify(urls.map(url => {
    try { const {protocol, origin, pathname, search, host} = new URL(url, base);
          return {protocol, origin, pathname, search, host}; }
    catch { return null; }
  })));
});
"""


def browser_reads(urls: Sequence[str], base: str | None) -> list[dict[str, str] | None]:
    """What the WHATWG URL standard makes of each address, relative to `base`; None: no address."""
    node = shutil.which("node")
    assert node, "node is needed as the oracle"
    question = json.dumps({"base": base, "urls": list(urls)}) if base else json.dumps({"urls": list(urls)})
    answer = subprocess.run(
        [node, "-e", _ORACLE], input=question, capture_output=True, text=True, timeout=60, check=True
    )
    read: list[dict[str, str] | None] = json.loads(answer.stdout)
    return read
