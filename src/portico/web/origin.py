"""The cross-site rule for writes (R10, hard-cases 10): what a browser says about itself."""

from collections.abc import Mapping


def accepts_write(headers: Mapping[str, str], origins: tuple[str, ...]) -> bool:
    """Whether a request with an unsafe method came from a page of this server.

    `Sec-Fetch-Site`, where present, must be `same-origin`: no page can forge it. Where it is
    absent (plain http off loopback, old browsers), `Origin` must be one of ours; `null` never is.
    Neither header: refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") in origins


def may_write_on_get(headers: Mapping[str, str]) -> bool:
    """Whether showing a page may run what changes something (hard-cases 12): the user came here
    on purpose, and the browser is not guessing ahead."""
    if "sec-purpose" in headers:
        return False
    return headers.get("sec-fetch-site") in ("none", "same-origin")


def by_the_user(headers: Mapping[str, str]) -> bool:
    """Whether the user opened a page, as far as the browser says so: a script that goes there by itself, or a
    browser that looks ahead, is no sign of the user (`reference/security.md` row 12)."""
    if "sec-purpose" in headers:
        return False
    return "sec-fetch-mode" not in headers or headers.get("sec-fetch-user") == "?1"
