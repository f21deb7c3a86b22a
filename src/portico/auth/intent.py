"""That a token is being renewed, written into the session's record before it is sent (P112).

Whoever finds an intent and has the lease knows that an earlier holder died: the token may be used up, and
its answer lost.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from portico.auth.tokens import TokenSet

#: How long an auth API that could not be asked is left alone: longer each time, to this.
REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=5)
#: How often a token is sent again after its senders died. Each time it is unknown what was answered.
REPLAYS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """`token` is the fingerprint of the token that renews, `fence` that of the lease under which it was sent.
    `replays` counts how often it was sent after a sender died. `until`: the auth API gave no answer that
    decides, so that nothing was renewed, and is left alone so long; `rest` is how long that was."""

    token: str
    started_at: datetime
    fence: int
    replays: int = 0
    rest: timedelta = timedelta(0)
    until: datetime | None = None

    @classmethod
    def begun(cls, tokens: TokenSet, before: "Intent | None", *, at: datetime, fence: int) -> Self:
        """The intent to renew these tokens, where there was this one before. One that nobody saw the end of
        makes this one a replay."""
        token = fingerprint(tokens)
        if before is None or before.token != token:
            return cls(token=token, started_at=at, fence=fence)
        replays = before.replays + 1 if before.until is None else 0
        return cls(token=token, started_at=at, fence=fence, replays=replays, rest=before.rest)

    @property
    def spent(self) -> bool:
        """Whether it was sent again too often: it is not sent once more."""
        return self.replays > REPLAYS

    def refuses(self, tokens: TokenSet) -> bool:
        """Whether the auth API has said no to these tokens: they are not sent once more, by whoever comes
        across the session before it is ended."""
        return self.spent and self.token == fingerprint(tokens)

    def refused(self) -> "Intent":
        """After an answer that says no."""
        return replace(self, replays=REPLAYS + 1, until=None)

    def rests(self, now: datetime) -> bool:
        """Whether the auth API is left alone."""
        return self.until is not None and now < self.until

    def deferred(self, now: datetime) -> "Intent":
        """After an attempt without an answer that decides. Sessions that failed together do not come back
        together."""
        rest = min(self.rest * 2, LONGEST_REST) if self.rest else REST
        spread = rest * (1 - secrets.randbelow(250) / 1000)
        return replace(self, replays=0, rest=rest, until=now + spread)

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept."""
        return {
            "token": self.token,
            "started_at": self.started_at.timestamp(),
            "fence": self.fence,
            "replays": self.replays,
            "rest": self.rest.total_seconds(),
            "until": self.until and self.until.timestamp(),
        }

    @classmethod
    def of_json(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        until = record["until"]
        return cls(
            token=record["token"],
            started_at=datetime.fromtimestamp(record["started_at"], UTC),
            fence=record["fence"],
            replays=record["replays"],
            rest=timedelta(seconds=record["rest"]),
            until=None if until is None else datetime.fromtimestamp(until, UTC),
        )


def fingerprint(tokens: TokenSet) -> str:
    """A hash of the token that renews: the refresh token, or the access token where that renews itself."""
    token = tokens.refresh or tokens.access
    return hashlib.sha256(token.reveal().encode(errors="surrogatepass")).hexdigest()
