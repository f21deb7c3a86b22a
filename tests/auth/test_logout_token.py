"""P111: which logout tokens are believed. Each check keeps something out that is believed without it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws

from portico.auth import logouttoken, signed
from portico.auth.idtoken import verified
from portico.auth.jwks import KeySet
from portico.auth.logouttoken import EVENT, WINDOW, LoggedOut, logged_out
from portico.auth.provider_session import ProviderSession
from portico.auth.signed import LEEWAY, KeyUnknown, Kind
from portico.errors import SignInRefused
from tests.auth.test_forged_tokens import OTHER
from tests.auth.test_id_token import ALL, AT, EXPECTED, NOW, ONLY_RSA
from tests.auth.test_id_token import CLAIMS as OF_ID_TOKENS
from tests.auth.test_id_token import signed as sign

ISSUER, CLIENT = "https://id.example", "app"
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "iat": AT,
    "exp": AT + 120,
    "jti": "one",
    "sub": "ada",
    "sid": "s1",
    "events": {EVENT: {}},
}
OLD = int((WINDOW + LEEWAY).total_seconds())
Break = Callable[[pytest.MonkeyPatch], None]


def without(*names: str, **changes: Any) -> dict[str, Any]:
    """The claims without these, and with others."""
    return {**{name: value for name, value in CLAIMS.items() if name not in names}, **changes}


def read(token: str, keys: KeySet = ALL, at: timedelta = timedelta(0)) -> LoggedOut:
    """What a token says."""
    return logged_out(token, keys, issuer=ISSUER, client_id=CLIENT, now=NOW + at)


def believed(token: str, keys: KeySet = ALL) -> bool:
    """Whether it counts; anything but its two errors is a failure of the test."""
    try:
        read(token, keys)
    except (SignInRefused, KeyUnknown):
        return False
    return True


def test_what_a_token_says() -> None:
    """Whose session it was, what is good once, and until when."""
    assert read(sign(CLAIMS)) == LoggedOut(
        session=ProviderSession(issuer=ISSUER, client_id=CLIENT, subject="ada", sid="s1"),
        token_id="one",
        until=NOW + WINDOW + LEEWAY,
    )


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        (without("sid"), {}),
        (without("sub"), {}),
        (without("exp"), {}),
        (without(aud=["app", "other"], azp="app"), {}),
        (without(events={EVENT: {"more": 1}, "https://other.example/event": {}}), {}),
        (CLAIMS, {"typ": "logout+jwt"}),
        (CLAIMS, {"typ": "JWT"}),
        (without(iat=AT + 59, exp=AT + 90), {}),
        (without("exp", iat=AT - OLD + 61), {}),
    ],
)
def test_tokens_that_hold(claims: dict[str, Any], header: dict[str, Any]) -> None:
    """Either name is enough; types, and `exp`, that providers of before the final text leave out."""
    assert believed(sign(claims, **header))


def nothing_of(name: str) -> Break:
    """A check that is taken out."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(logouttoken, name, lambda *_, **__: None)

    return broken


def any_age(patch: pytest.MonkeyPatch) -> None:
    """Tokens that are good for ever."""
    patch.setattr(logouttoken, "WINDOW", timedelta(days=9000))


def any_type(patch: pytest.MonkeyPatch) -> None:
    """Tokens of any type."""
    patch.setattr(logouttoken, "KIND", Kind(name="x", types=frozenset({"JWT", "AT+JWT"})))


def any_signature(patch: pytest.MonkeyPatch) -> None:
    """Signatures that are not looked at."""

    class Unchecked:
        def __init__(self, token: str) -> None:
            self.payload = signed._decoded(token.split(".")[1], Kind(name="x"))

    patch.setattr(jws, "deserialize_compact", lambda token, *_, **__: Unchecked(token))


def any_name(patch: pytest.MonkeyPatch) -> None:
    """Names that need not be there, nor be names."""
    patch.setattr(logouttoken, "_named", lambda claims, name: claims.get(name) or "x")


def anybody(patch: pytest.MonkeyPatch) -> None:
    """Tokens that name nobody."""
    refuse = Kind.refuse

    def lax(self: Kind, why: str) -> None:
        if why != "neither a subject nor a session":
            refuse(self, why)

    patch.setattr(Kind, "refuse", lax)


PARTIES, EVENTS, TIMES = (nothing_of(name) for name in ("check_parties", "_is_log_out", "check_times"))
FORGED: list[tuple[str, dict[str, Any], dict[str, Any], Break]] = [
    ("another issuer", without(iss="https://evil.example"), {}, PARTIES),
    ("an issuer with a slash", without(iss=f"{ISSUER}/"), {}, PARTIES),
    ("no issuer", without("iss"), {}, PARTIES),
    ("another audience", without(aud="other"), {}, PARTIES),
    ("no audience", without("aud"), {}, PARTIES),
    ("an audience that is none", without(aud=[CLIENT, 1]), {}, PARTIES),
    ("another authorized party", without(azp="other"), {}, PARTIES),
    ("several audiences and no party", without(aud=[CLIENT, "other"]), {}, PARTIES),
    ("expired", without(exp=AT - 61), {}, TIMES),
    ("of the future", without(iat=AT + 61, exp=AT + 200), {}, TIMES),
    ("not valid yet", without(nbf=AT + 61), {}, TIMES),
    ("an exp that is none", without(exp="2027"), {}, TIMES),
    ("too old", without(iat=AT - OLD, exp=AT + 9000), {}, any_age),
    ("too old, without exp", without("exp", iat=AT - OLD), {}, any_age),
    ("no events", without("events"), {}, EVENTS),
    ("another event", without(events={"https://other.example/event": {}}), {}, EVENTS),
    ("events that are none", without(events=[EVENT]), {}, EVENTS),
    ("an event that is none", without(events={EVENT: True}), {}, EVENTS),
    ("a nonce", without(nonce="n" * 43), {}, EVENTS),
    ("a nonce of null", without(nonce=None), {}, EVENTS),
    ("nobody", without("sub", "sid"), {}, anybody),
    ("a subject that is none", without(sub=["ada"]), {}, any_name),
    ("an empty session", without(sid=""), {}, any_name),
    ("a session that is too long", without(sid="s" * 256), {}, any_name),
    ("no jti", without("jti"), {}, any_name),
    ("a jti that is none", without(jti=7), {}, any_name),
    ("an access token", CLAIMS, {"typ": "at+jwt"}, any_type),
    ("another's signature", CLAIMS, {"key": OTHER}, any_signature),
]


@pytest.mark.parametrize(
    ("claims", "header", "control"),
    [pytest.param(*rest, id=name) for name, *rest in FORGED],
)
def test_forged_tokens(
    claims: dict[str, Any], header: dict[str, Any], control: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is refused, and without the one check it is believed: that is why it is refused."""
    token = sign(claims, **header)
    assert not believed(token, ONLY_RSA)
    control(monkeypatch)
    assert believed(token, ONLY_RSA)


def test_iat_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody could say for how long a token is to be remembered."""
    token = sign(without("iat"))
    assert not believed(token)
    monkeypatch.setattr(logouttoken, "time_of", lambda claims, name, kind: claims.get(name, AT))
    monkeypatch.setattr(logouttoken, "check_times", lambda *_: None)
    assert believed(token)


def test_it_is_remembered_for_as_long_as_it_is_good() -> None:
    """Whatever its `exp` says."""
    for claims in (CLAIMS, without("exp"), without(exp=AT + 10**6)):
        token = sign(claims)
        until = read(token).until - NOW
        with pytest.raises(SignInRefused):
            read(token, at=until)


def test_neither_token_is_taken_for_the_other() -> None:
    """An ID token is no log-out, and a logout token signs nobody in."""
    assert not believed(sign(OF_ID_TOKENS))
    assert not believed(sign({**OF_ID_TOKENS, "jti": "one", "sid": "s1"}))
    for type_ in (None, "logout+jwt"):
        with pytest.raises(SignInRefused):
            verified(sign(CLAIMS, typ=type_), ALL, EXPECTED, now=NOW)


def test_a_key_that_is_not_known_may_be_there_by_now() -> None:
    """The caller fetches the keys anew for it."""
    with pytest.raises(KeyUnknown):
        read(sign(CLAIMS, OTHER, kid="new"))
