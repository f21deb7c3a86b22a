"""JSON in fewer bytes: nothing is lost, and the length tells nothing of what is in it."""

import json
import secrets
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.auth.compact import packed, unpacked

_LETTERS = "abcXYZ019_-"
_TEXT = st.text() | st.text(_LETTERS, max_size=200) | st.text(f'{_LETTERS}."é\x00\x01\ud800')
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
)


@given(_JSON)
def test_what_is_packed_comes_back(content: Any) -> None:
    """Whatever is JSON, with runs of any length between whatever else there is."""
    assert unpacked(packed(content)) == content


def test_a_run_longer_than_its_length_can_say_comes_back() -> None:
    """It is two then."""
    text = secrets.token_urlsafe(400_000)
    assert unpacked(packed([text])) == [text]


def test_tokens_take_three_quarters() -> None:
    """That is what they say."""
    token = secrets.token_urlsafe(450)
    assert len(packed(token)) < 0.76 * len(json.dumps(token))


@pytest.mark.parametrize("damaged", [b"", b"{", b"\x01\x00\x08abc", b"\xff", b"\x01"])
def test_anything_else_is_refused(damaged: bytes) -> None:
    """With an error that its reader expects."""
    with pytest.raises(ValueError):  # noqa: PT011 (of JSON, base64 or UTF-8)
        unpacked(damaged)


def test_the_length_does_not_tell_a_guess() -> None:
    """What somebody else chose beside a token is as long whether or not it is like the token. A compressed
    text, the control, is shorter where it is."""
    token = secrets.token_urlsafe(60)
    guesses = [token[:24], *(secrets.token_urlsafe(18) for _ in range(20))]
    records = [{"user": {"name": guess}, "access": token} for guess in guesses]
    assert len({len(packed(record)) for record in records}) == 1
    right, *wrong = (len(zlib.compress(json.dumps(record).encode(), 9)) for record in records)
    assert right < min(wrong), "the control"
