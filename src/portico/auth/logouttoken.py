"""Logout tokens: that a provider ended a user's session, told behind the browser's back (P111; OpenID Connect
Back-Channel Logout 1.0, 2.4 and 2.6).

Whether a token is the provider's at all: `auth.signed`. What an ID token says is never taken for a log-out,
nor the other way round: the one has a nonce, the other an event. Every reason to refuse one is SignInRefused.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from portico.auth.jwks import ALGORITHMS, KeySet
from portico.auth.provider_session import ProviderSession
from portico.auth.signed import LEEWAY, Kind, check_parties, check_times, is_name, opened, time_of

KIND = Kind(name="logout token", types=frozenset({"JWT", "LOGOUT+JWT"}))
EVENT = "http://schemas.openid.net/event/backchannel-logout"
#: How old one may be: for that long it is remembered that one came.
WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedOut:
    """What a provider has ended: its session `sid`, or without one all sessions of the subject. `token_id` is
    good once, and at `until` no more."""

    session: ProviderSession
    token_id: str = field(repr=False)
    until: datetime


def logged_out(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    now: datetime,
    algorithms: Collection[str] = ALGORITHMS,
) -> LoggedOut:
    """What a token that holds says. Whether it came before is for the caller to find out.

    Raises KeyUnknown if `keys` have none for it: they may have changed meanwhile. Raises SignInRefused
    for everything else that is wrong with it.
    """
    claims, _ = opened(token, keys, KIND, algorithms=algorithms)
    check_parties(claims, KIND, issuer=issuer, client_id=client_id)
    until = _good_until(claims, now)
    _is_log_out(claims)
    subject, sid = (_named(claims, name) for name in ("sub", "sid"))
    if subject is None and sid is None:
        KIND.refuse("neither a subject nor a session")
    token_id = _named(claims, "jti")
    if token_id is None:
        KIND.refuse("no jti")
    ended = ProviderSession(issuer=issuer, client_id=client_id, subject=subject, sid=sid)
    return LoggedOut(session=ended, token_id=token_id, until=until)


def _good_until(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When it is good no more. Providers of before the final specification write no `exp`."""
    issued = time_of(claims, "iat", KIND)
    check_times({"exp": issued + WINDOW.total_seconds(), **claims}, KIND, now)
    oldest = now - WINDOW - LEEWAY
    if issued <= oldest.timestamp():
        KIND.refuse("it is too old")
    return datetime.fromtimestamp(issued, UTC) + WINDOW + LEEWAY


def _is_log_out(claims: Mapping[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        KIND.refuse("no log-out among its events")
    if "nonce" in claims:
        KIND.refuse("a nonce, as ID tokens have")


def _named(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not is_name(value):
        KIND.refuse(f"a {name} that is none")
    return value
