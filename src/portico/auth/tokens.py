"""The tokens of an auth API, as the server holds them. No script, page or log ever does (P58-60)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from portico.auth.handles import Handle
from portico.values import Secret

#: Longer strings are not looked into.
_TOKEN_LIMIT = 64 << 10
_YEAR_9999 = 253_370_764_800


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenSet:
    """What a sign-in gave, at `obtained_at`. `expires_at` is the access token's; None: not known. `handles`
    are the names that these tokens, and those that they took the place of, were given out under. `identity`
    is a provider's ID token: it opens nothing, and is shown to that provider alone. `carrier`: the access
    token is what the cookie in this slot of the session's jar says, and goes along with these cookies.
    `provider_session` is what the ID token called the provider's session (`sid`), "" where it did not."""

    access: Secret
    refresh: Secret | None = None
    expires_at: datetime | None = None
    identity: Secret | None = None
    obtained_at: datetime | None = None
    handles: Mapping[str, Handle] = field(default_factory=dict)
    carrier: str = ""
    provider_session: str = field(default="", repr=False)

    @property
    def slots(self) -> dict[str, Secret]:
        """The tokens by what they are for, but for one that is in a cookie: that has the cookie's slot."""
        access = None if self.carrier else self.access
        known = {"access": access, "refresh": self.refresh, "identity": self.identity}
        return {name: token for name, token in known.items() if token is not None}


def due(
    tokens: TokenSet, *, now: datetime, margin: timedelta, early: bool = False, spread: float = 0.0
) -> bool:
    """Whether the access token ends within `margin`, so that it should be renewed first. One that lives so
    shortly that it would always be due is so in the last third of its life. `early`: it is due from the
    middle of its life on, because only a good token can be renewed. `spread`: the share of all that by which
    it is due sooner still."""
    if tokens.expires_at is None:
        return False
    if tokens.obtained_at is not None:
        life = tokens.expires_at - tokens.obtained_at
        margin = life / 2 if early else min(margin, life / 3)
    return tokens.expires_at - margin * (1 + spread) <= now


def ends_with(tokens: TokenSet, *, at_latest: datetime, renewable: bool = False) -> datetime:
    """When a session with these tokens ends: with its access token, unless that can be renewed, by
    its refresh token or (`renewable`) by the app itself."""
    if renewable or tokens.refresh is not None or tokens.expires_at is None:
        return at_latest
    return min(tokens.expires_at, at_latest)


def expiry_of(token: str) -> datetime | None:
    """When a JWT says that it ends (RFC 7519, 4.1.4); None for any other string.

    Nothing is verified: it is a hint for when to refresh, and can only shorten a session. Times that
    are not plausible, such as milliseconds for seconds, count as absent. Never raises.
    """
    parts = token.split(".", 3) if len(token) <= _TOKEN_LIMIT else []
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.b64decode(parts[1] + "==", altchars=b"-_"))
    except (ValueError, RecursionError):
        return None
    exp = payload.get("exp") if isinstance(payload, dict) else None
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        return None
    return datetime.fromtimestamp(exp, UTC) if 0 < exp < _YEAR_9999 else None
