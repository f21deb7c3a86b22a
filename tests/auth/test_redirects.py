"""Return-to never leaves the app (P25), targets are never scripts (P26), both write plain ASCII (P29)."""

from collections.abc import Callable
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.auth.redirects import safe_next, safe_target, site_path
from portico.values import SitePath
from tests.auth.redirect_corpus import ORIGIN, UNDER, browser_reads, hostile, legitimate

BASE = f"{ORIGIN}{UNDER}LoginPage"
DEFAULT = SitePath("/jwt-login/Default")


def _next(raw: str | None) -> str:
    return str(safe_next(raw, default=DEFAULT, under=UNDER))


@cache
def _strays() -> frozenset[str]:
    """Those hostile values that a browser follows out of the app, as they stand."""
    corpus = hostile()
    read = browser_reads([_readable(text) for text in corpus], BASE)
    return frozenset(
        text
        for text, url in zip(corpus, read, strict=True)
        if url and (url["origin"] != ORIGIN or not url["pathname"].startswith(UNDER))
    )


def _readable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _caught(rule: Callable[[str], bool]) -> int:
    """How many strays a rule lets through."""
    return sum(rule(text) for text in _strays())


def test_corpus_is_large_and_hostile() -> None:
    """At least 558 values in each encoding, of which the oracle calls very many off-origin."""
    assert len(hostile()) >= 3 * 558
    assert len(_strays()) >= 558
    assert len(set(legitimate())) >= 200


def test_control_naive_rules_let_strays_through() -> None:
    """The rules that most products begin with fail on this corpus."""
    assert _caught(lambda text: text.startswith("/")) > 100
    assert _caught(lambda text: text.startswith("/") and not text.startswith("//")) > 20
    assert _caught(lambda text: not urlsplit(text).scheme and not urlsplit(text).netloc) > 20
    assert _caught(lambda text: unquote(text).startswith(UNDER)) > 10


def test_no_stray_gets_through() -> None:
    """What a browser would follow out of the app becomes the default."""
    assert {text for text in _strays() if _next(text) != str(DEFAULT)} == set()


def test_no_hostile_value_gets_out_however_often_it_is_decoded() -> None:
    """Whatever comes back, decoded not at all, once or twice, stays in the app for a browser."""
    results = sorted({_next(text) for text in hostile()})
    for times in range(3):
        decoded = results
        for _ in range(times):
            decoded = [unquote(text) for text in decoded]
        for text, url in zip(decoded, browser_reads(decoded, BASE), strict=True):
            assert url is not None, text
            assert url["origin"] == ORIGIN, text
            assert url["pathname"].startswith(UNDER), text


def test_legitimate_paths_are_kept() -> None:
    """Path and query as a browser reads them; the fragment is left out."""
    paths = legitimate()
    before = browser_reads(paths, BASE)
    after = browser_reads([_next(path) for path in paths], BASE)
    for path, one, two in zip(paths, before, after, strict=True):
        assert one is not None
        assert two is not None
        assert two["pathname"] == one["pathname"], path
        assert parse_qsl(two["search"]) == parse_qsl(one["search"]), path
        assert _next(path) != str(DEFAULT), path


@given(
    st.one_of(
        st.text(max_size=40), st.text("/\\.%25ef#?@:;\t\n ", max_size=30).map(lambda text: UNDER + text)
    )
)
def test_any_text_gives_a_clean_path(raw: str) -> None:
    """Printable ASCII under the app, without a fragment, and stable: it comes back from itself."""
    result = _next(raw)
    assert result.startswith(UNDER)
    assert result.isascii()
    assert result.isprintable()
    assert not set(' \\#"<>') & set(result)
    assert "//" not in result.partition("?")[0]
    assert _next(result) == result


@pytest.mark.parametrize(
    "raw",
    [None, "", "/jwt-login/" + "a" * 5000, "/jwt-login/" + "%" + "25" * 9 + "2e"],
    ids=["none", "empty", "long", "deep"],
)
def test_what_is_no_path_becomes_the_default(raw: str | None) -> None:
    """Nothing given, too long, or encoded over and over."""
    assert _next(raw) == str(DEFAULT)


# Addresses of pages


def test_site_path_encodes_names_and_parameters() -> None:
    """Whatever they hold is data, and comes back as it was."""
    odd = "a/b?c#d&e=f %2e\\ü\n"
    path = str(site_path("my app", odd, {odd: odd, "empty": ""}))
    (url,) = browser_reads([path], ORIGIN)
    assert url is not None
    assert url["origin"] == ORIGIN
    assert [unquote(part) for part in url["pathname"].split("/")] == ["", "my app", odd]
    assert parse_qsl(url["search"][1:], keep_blank_values=True) == [(odd, odd), ("empty", "")]
    assert path.isascii()
    assert str(site_path("hr", "Home", {})) == "/hr/Home"


@pytest.mark.parametrize(
    ("app", "page"), [("", "Home"), ("hr", ""), ("..", "Home"), ("hr", "."), ("hr", "..")]
)
def test_site_path_refuses_names_that_are_no_segment(app: str, page: str) -> None:
    """They would lead elsewhere."""
    with pytest.raises(ValueError, match="not a path"):
        site_path(app, page, {})


@given(st.text(min_size=1), st.dictionaries(st.text(), st.text()))
def test_site_path_stays_on_this_server(page: str, params: dict[str, str]) -> None:
    """Whatever scripts hand over as parameters."""
    if page not in (".", ".."):
        path = str(site_path("hr", page, params))
        assert path.startswith("/hr/")
        assert path.isascii()
        assert path.isprintable()


# Targets of navigateTo


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("HTTP://Example.COM", "http://example.com"),
        ("  https://example.com\n", "https://example.com"),
        ("example.com", "https://example.com"),
        ("www.example.com/a b", "https://www.example.com/a%20b"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("localhost:3000", "https://localhost:3000"),
        ("docs.appsmith.com?x=1", "https://docs.appsmith.com?x=1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("https://müller.example/ü?ü#ü", "https://xn--mller-kva.example/%C3%BC?%C3%BC#%C3%BC"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/a%20b", "https://example.com/a%20b"),
        ("https://example.com/\\a", "https://example.com/%5Ca"),
        ("mailto:a@b.example?subject=Hi there", "mailto:a@b.example?subject=Hi%20there"),
        ("MAILTO:a@b.example", "mailto:a@b.example"),
        ("tel:+49 30 1", "tel:+49%2030%201"),
    ],
)  # fmt: skip
def test_targets_are_written_anew(url: str, target: str) -> None:
    """http, https, mailto and tel; https where there is no scheme; ASCII throughout."""
    assert safe_target(url) == target


_SCRIPTS = [
    f"{before}{scheme}{after}"
    for scheme in ("javascript", "JavaScript", "data", "vbscript")
    for before, after in [
        ("", ":alert(1)"),
        ("", "://example.com/%0aalert(1)"),
        (" ", ":alert(1)"),
        ("\t", ":alert(1)"),
        ("\x00", ":alert(1)"),
        ("\x01", ":alert(1)"),
        ("\u2028", ":alert(1)"),
        ("", "\t:alert(1)"),
        ("", "\n:alert(1)"),
        ("", "\x00:alert(1)"),
        ("", " :alert(1)"),
        ("\x1b", ":x"),
        ("", "&colon;alert(1)"),
        ("", "&#58;alert(1)"),
        ("", "%3aalert(1)"),
        ("", ":1"),
        ("", ":8080/"),
        ("\ufeff", ":x"),
        ("&#106;", ":x"),
        ("view-source:", ":x"),
        ("", "：alert(1)"),
        ("\x7f", ":x"),
    ]
]
_SCRIPTS += [
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "j\x00avascript:alert(1)",
    "java%0ascript:alert(1)",
    "java&Tab;script:alert(1)",
]
_SCRIPTS += [
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
]
_OTHERS = [
    "",
    " ",
    "/",
    "/path",
    "//evil.example",
    "\\\\evil.example",
    "?a",
    "#a",
    "file:///etc/passwd",
    "blob:https://x/y",
    "about:blank",
    "ftp://example.com",
    "filesystem:https://x",
    "chrome://settings",
    "intent://x#Intent;end",
    "ws://example.com",
    "https:example.com",
    "https:/example.com",
    "https:\\\\example.com",
    "https://",
    "https:///x",
    "https://user@example.com",
    "https://user:pw@example.com",
    "https://good.example@evil.example",
    "https://good.example\\@evil.example",
    "https://exa mple.com",
    "https://a..b",
    "https://a\tb.example",
    "https://example.com:99999",
    "https://example.com:x",
    "https://[::1",
    "https://[::g]",
    "https://[1::2::3]",
    "https://2130706433",
    "https://0x7f.1",
    "https://127.1",
    "https://0177.0.0.1",
    "https://1.2.3.4.5",
    "https://evil.0x7f000001.",
    "https://faß.example",
    "https://ｅvil.example",
    "https://evil。example",
    "https://" + "a" * 64 + ".ü",
    "https://xn--\u00fc.example",
    "mailto:",
    "tel:",
    "https://a%2eb/",
    "https://example.com/" + "a" * 5000,
    "\ud800",
]


@pytest.mark.parametrize("url", [*_SCRIPTS, *_OTHERS], ids=lambda url: ascii(url)[:40])
def test_other_targets_are_refused(url: str) -> None:
    """No script, no other scheme, no hidden host, nothing that browsers and we might read differently."""
    assert safe_target(url) is None


def test_targets_are_what_a_browser_reads() -> None:
    """For everything in both corpora: what is let through is an address of an allowed scheme, and
    its host is the one it shows."""
    asked = [*hostile(), *_SCRIPTS, *_OTHERS]
    found = [target for target in map(safe_target, asked) if target]
    assert len(found) > 15
    for target, url in zip(found, browser_reads(found, None), strict=True):
        assert target.isascii()
        assert target.isprintable()
        if url is not None:
            assert url["protocol"] in ("http:", "https:", "mailto:", "tel:"), target
            assert not url["host"] or url["host"].partition(":")[0] in target


def test_control_prefixing_alone_would_let_scripts_through() -> None:
    """A rule that only looks for `javascript:` at the start misses several that browsers run."""
    naive = [url for url in _SCRIPTS if not url.startswith("javascript:")]
    run = [url["protocol"] for url in browser_reads([_readable(url) for url in naive], BASE) if url]
    assert run.count("javascript:") > 5
