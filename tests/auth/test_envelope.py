"""Sealed records: opened by their holder only, as themselves only (promise 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.auth.envelope import seal, unseal
from portico.values import Secret

_SECRET = Secret("s" * 43)


@given(st.binary())
def test_a_record_opens_as_it_was(plain: bytes) -> None:
    """Whatever it holds; sealing twice gives two different blobs."""
    one = seal(plain, secret=_SECRET, kind="session", key="k")
    two = seal(plain, secret=_SECRET, kind="session", key="k")
    assert unseal(one, secret=_SECRET, kind="session", key="k") == plain
    assert one != two


def test_nothing_of_a_record_shows() -> None:
    """Its content is not in the blob; its length is."""
    blob = seal(b"canary" * 9, secret=_SECRET, kind="session", key="k")
    assert b"canary" not in blob
    assert len(blob) == 54 + 1 + 12 + 16


@pytest.mark.parametrize(
    ("secret", "kind", "key"),
    [
        (Secret("t" * 43), "session", "k"),
        (_SECRET, "store", "k"),
        (_SECRET, "session", "l"),
        (_SECRET, "s", "essionk"),
    ],
)
def test_a_record_opens_only_as_itself(secret: Secret, kind: str, key: str) -> None:
    """Not with another secret, not under another key, not as another kind."""
    blob = seal(b"plain", secret=_SECRET, kind="session", key="k")
    assert unseal(blob, secret=secret, kind=kind, key=key) is None


def test_control_the_cipher_needs_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """With key and kind left out of the sealing, records could be exchanged, and the test above fails."""
    monkeypatch.setattr("portico.auth.envelope._context", lambda kind, key: b"")
    blob = seal(b"plain", secret=_SECRET, kind="session", key="k")
    assert unseal(blob, secret=_SECRET, kind="store", key="l") == b"plain"


def test_damage_is_found_in_every_bit() -> None:
    """Each bit of the blob is covered; cut short or grown it does not open either."""
    blob = seal(b"plain", secret=_SECRET, kind="session", key="k")
    damaged = [
        blob[:at] + bytes([blob[at] ^ 1 << bit]) + blob[at + 1 :]
        for at in range(len(blob))
        for bit in range(8)
    ]
    damaged += [blob[:length] for length in range(len(blob))] + [blob + b"\0"]
    for changed in damaged:
        assert unseal(changed, secret=_SECRET, kind="session", key="k") is None
