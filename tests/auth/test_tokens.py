"""What can be known about a token without trusting it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.auth.tokens import TokenSet, due, ends_with, expiry_of
from portico.values import Secret

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def _jwt(payload: bytes) -> str:
    parts = (b'{"alg":"none"}', payload, b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _tokens(expires_at: datetime | None, refresh: Secret | None = None) -> TokenSet:
    return TokenSet(access=Secret("a"), refresh=refresh, expires_at=expires_at)


@pytest.mark.parametrize("padding", ["", "x", "xy", "xyz"])
def test_a_jwt_tells_its_end(padding: str) -> None:
    """Whole or broken seconds, whatever else it says and however long its payload is."""
    for exp in (NOW.timestamp(), int(NOW.timestamp())):
        assert expiry_of(_jwt(json.dumps({"exp": exp, "sub": padding}).encode())) == NOW


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{", b"[]", b"1", b'"exp"', b"null", b"{}", b"\xff\xfe\x00",
        b'{"exp": null}', b'{"exp": "1893456000"}', b'{"exp": true}', b'{"exp": [1]}',
        b'{"exp": 0}', b'{"exp": -5}', b'{"exp": NaN}', b'{"exp": Infinity}', b'{"exp": 1e400}',
        b'{"exp": 1893456000000}', b'{"exp": 1' + b"0" * 400 + b"}", b'{"exp": 1' + b"0" * 5000 + b"}",
        b"[" * 40_000,
    ],
)  # fmt: skip
def test_other_payloads_tell_nothing(payload: bytes) -> None:
    """No payload, no number, no plausible time (milliseconds are none), or bottomless."""
    assert expiry_of(_jwt(payload)) is None


@given(st.text() | st.text("eyJ.0aA-_=", max_size=60) | st.binary().map(_jwt))
def test_expiry_of_is_total(token: str) -> None:
    """No string makes it raise."""
    assert expiry_of(token) is None or isinstance(expiry_of(token), datetime)


def test_expiry_of_does_not_look_into_what_is_too_long() -> None:
    """64 KB are enough for any token."""
    good = json.dumps({"exp": 1893456000})
    assert expiry_of(_jwt((good + " " * 40_000).encode())) == NOW
    assert expiry_of(_jwt((good + " " * 60_000).encode())) is None
    assert expiry_of(_jwt(good.encode()) + ".fourth") is None


def test_due_within_the_margin() -> None:
    """From margin before the end on; never where the end is not known."""
    margin = timedelta(seconds=60)
    ends = {61: False, 60: True, 0: True, -5: True}
    for seconds, expected in ends.items():
        tokens = _tokens(NOW + timedelta(seconds=seconds))
        assert due(tokens, now=NOW, margin=margin) is expected
    assert not due(_tokens(None), now=NOW, margin=margin)


def test_a_session_ends_with_a_token_that_cannot_be_renewed() -> None:
    """And not with one that can, or that tells no end; never later than it may."""
    latest, soon, late = NOW + timedelta(days=14), NOW + timedelta(hours=1), NOW + timedelta(days=99)
    assert ends_with(_tokens(soon), at_latest=latest) == soon
    assert ends_with(_tokens(late), at_latest=latest) == latest
    assert ends_with(_tokens(None), at_latest=latest) == latest
    assert ends_with(_tokens(soon, Secret("r")), at_latest=latest) == latest
