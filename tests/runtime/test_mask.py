"""Secrets are found in every spelling, and in no time (promise 53)."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.model.credentials import Basic
from portico.runtime.credentials import mask_of
from portico.runtime.mask import LEAST, MARK, Mask
from portico.values import Secret
from tests.runtime.listeners import source

SECRET = "k€y+/=&\"<a>' \\tail"


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote_plus(SECRET).replace("%E2%82%AC", "%e2%82%ac").replace("%2B", "%2b").replace("%2F", "%2f")
        .replace("%3D", "%3d").replace("%3C", "%3c").replace("%3E", "%3e").replace("%5C", "%5c"),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
    ],
)  # fmt: skip
def test_every_spelling_is_found(spelling: str) -> None:
    """Several times, at the ends, between others."""
    mask = Mask([SECRET])
    assert mask.text(f"{spelling} a {spelling}{spelling}") == f"{MARK} a {MARK}{MARK}"
    assert mask.json({spelling: [spelling, {"a": spelling}]}) == {MARK: [MARK, {"a": MARK}]}


def test_short_values_are_left_alone() -> None:
    """They stand everywhere by chance."""
    short, enough = "a" * (LEAST - 1), "b" * LEAST
    assert Mask([short, ""]).text(f"{short} x") == f"{short} x"
    assert Mask([short, enough]).text(f"{short} {enough}") == f"{short} {MARK}"


def test_a_value_inside_another_does_not_save_the_rest() -> None:
    """The longest is replaced first."""
    assert Mask(["12345678", "12345678-tail"]).text("12345678-tail") == MARK


def test_a_number_that_is_a_secret_is_one() -> None:
    """JSON has no quotes around it; other numbers stay numbers."""
    mask = Mask(["1234567890"])
    assert mask.json([1234567890, 1234567891, True, 1.5]) == [MARK, 1234567891, True, 1.5]


def test_basic_credentials_are_found_as_they_are_sent() -> None:
    """With padding and without, in both alphabets; a short password hides in a long pair."""
    auth = Basic(username="usr", password=Secret("p?>~"))
    mask = mask_of(source("http://x", auth=auth), None)
    pair = base64.b64encode(b"usr:p?>~").decode()
    assert set("+/=") & set(pair)
    for text in (pair, pair.rstrip("="), pair.replace("+", "-").replace("/", "_"), quote(pair, safe="")):
        assert pair[:8] not in mask.text(f"Basic {text}")


def test_a_cookie_is_found_piece_by_piece() -> None:
    """Servers take it apart; and take the scheme off a token."""
    headers = (("Cookie", Secret("sid=abcdefgh1; t=ijklmnop2")), ("Authorization", Secret("Token qrstuvwx3")))
    mask = mask_of(source("http://x", headers=headers), None)
    assert mask.json({"cookies": {"sid": "abcdefgh1", "t": "ijklmnop2"}, "token": "qrstuvwx3"}) == {
        "cookies": {"sid": MARK, "t": MARK},
        "token": MARK,
    }


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_holds_no_secret_comes_back_as_it_is(value: object) -> None:
    """Nothing else is changed."""
    before = json.dumps(value)
    assert json.dumps(Mask(["no-such-secret"]).json(value)) == before


def test_depth_is_the_other_servers() -> None:
    """No recursion over it."""
    value: list[object] = ["secret-secret"]
    for _ in range(100_000):
        value = [value]
    found: object = Mask(["secret-secret"]).json(value)
    while isinstance(found, list):
        found = found[0]
    assert found == MARK


def test_hostile_text_takes_linear_time() -> None:
    """Half a secret a million times over: searched once, not once for each beginning."""
    mask = Mask(["a" * 2000 + "b", "ab" * 1000])
    text = "a" * 4_000_000
    assert mask.text(text) == text
    assert mask.json([text, "ab" * 999 + "a"])[0] == text


def test_it_prints_nothing() -> None:
    """A mask in a log line is no place to look."""
    assert SECRET not in f"{Mask([SECRET])!r}"
