"""GoTrue dialect: the form of refresh tokens, and that nothing else is read as one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.authserver.dialects.gotrue_refresh_token import RefreshToken, RefreshTokenInvalid, RefreshTokens
from portico.authserver.signing import Signer
from portico.clock import Clock
from portico.values import Secret

SECRET = Secret("0123456789abcdef0123456789abcdef")
TOKENS = RefreshTokens(Signer(SECRET, Clock()))


def test_the_form_of_a_token() -> None:
    """A token is laid out as GoTrue's: version, session, counter, signature, checksum."""
    session_id = UUID("00112233-4455-6677-8899-aabbccddeeff")
    text = TOKENS.write(RefreshToken(session_id=session_id, number=300))
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    said = b"\0" + session_id.bytes + b"\xac\x02"
    key = hmac.digest(SECRET.reveal().encode(), b"derive\0gotrue refresh token", "sha256")
    signed = said + hmac.digest(key, said, "sha256")[:16]
    assert raw == signed + hashlib.sha256(signed).digest()[:4]


@given(st.uuids(), st.integers(0, 2**63 - 1))
def test_round_trip(session_id: UUID, number: int) -> None:
    """What was written is read."""
    token = RefreshToken(session_id=session_id, number=number)
    text = TOKENS.write(token)
    assert 51 <= len(text) <= 63
    assert TOKENS.read(text) == token


@given(st.integers(0, 2**20), st.integers(0, 10**6), st.integers(1, 255))
def test_any_changed_byte(number: int, place: int, change: int) -> None:
    """A changed byte is noticed by the checksum, and by the signature where the checksum was made anew."""
    text = TOKENS.write(RefreshToken(session_id=UUID(int=5), number=number))
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    with pytest.raises(RefreshTokenInvalid):
        TOKENS.read(_encoded(_changed(raw, place, change)))
    signed = _changed(raw[:-4], place, change)
    assert _read(_encoded(signed + hashlib.sha256(signed).digest()[:4])) is None


def test_one_spelling() -> None:
    """A token has one spelling: no padding, no other alphabet, no loose bits at its end, no long numbers."""
    text = TOKENS.write(RefreshToken(session_id=UUID(int=5), number=3_000_000))
    assert len(text) % 4
    loose = text[:-1] + chr(ord(text[-1]) + 1)
    for other in (text + "=", text + "\n", " " + text, loose, text.replace("A", "+", 1)):
        with pytest.raises(RefreshTokenInvalid):
            TOKENS.read(other)
    long_number = b"\0" + UUID(int=5).bytes + b"\x80\x00"
    with pytest.raises(RefreshTokenInvalid):
        TOKENS.read(_encoded(long_number + b"x" * 16 + hashlib.sha256(long_number + b"x" * 16).digest()[:4]))


@given(st.text(max_size=80))
def test_junk(text: str) -> None:
    """Whatever a client sends, it is no token and no crash."""
    assert _read(text) is None


def _read(text: str) -> RefreshToken | None:
    try:
        return TOKENS.read(text)
    except RefreshTokenInvalid:
        return None


def _changed(raw: bytes, place: int, change: int) -> bytes:
    place %= len(raw)
    return raw[:place] + bytes([raw[place] ^ change]) + raw[place + 1 :]


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
