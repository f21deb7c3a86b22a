"""The cross-site rule for writes (R10, promises 17-20)."""

import itertools

import pytest

from portico.web.origin import accepts_write, may_write_on_get

OURS = ("https://apps.example.com",)
SITES = (None, "same-origin", "same-site", "cross-site", "none", "", "SAME-ORIGIN")
ORIGINS = (None, "https://apps.example.com", "https://evil.example", "null", "http://apps.example.com",
           "https://apps.example.com.evil.example", "https://apps.example.com:444", "")  # fmt: skip


def _headers(site: str | None, origin: str | None) -> dict[str, str]:
    pairs = {"sec-fetch-site": site, "origin": origin}
    return {name: value for name, value in pairs.items() if value is not None}


@pytest.mark.parametrize(("site", "origin"), list(itertools.product(SITES, ORIGINS)))
def test_only_what_says_that_it_is_ours_is_accepted(site: str | None, origin: str | None) -> None:
    """Of the whole matrix: same-origin by the browser's word, or without its word our exact origin."""
    expected = site == "same-origin" if site is not None else origin == OURS[0]
    assert accepts_write(_headers(site, origin), OURS) is expected


def test_a_rule_that_lets_missing_headers_pass_is_caught() -> None:
    """The control: the lenient rule differs from ours on the cases that matter."""

    def lenient(headers: dict[str, str]) -> bool:
        return headers.get("sec-fetch-site", "same-origin") == "same-origin"

    bad = [
        (site, origin)
        for site, origin in itertools.product(SITES, ORIGINS)
        if lenient(_headers(site, origin)) and not accepts_write(_headers(site, origin), OURS)
    ]
    assert (None, "https://evil.example") in bad
    assert (None, None) in bad


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none", "sec-purpose": "prefetch"}, False),
        ({}, False),
    ],
)
def test_a_get_may_change_something_only_when_meant(headers: dict[str, str], expected: bool) -> None:
    """Hard-cases 12: links from elsewhere and guesses of the browser change nothing."""
    assert may_write_on_get(headers) is expected
