"""For how long sessions last, and how many one user has (`reference/security.md` rows 9, 10; ASVS 7.3)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionLimits:
    """Those of one app. A session ends `absolute` after the sign-in whatever happens, and `idle` after the
    last sign of its user, if that is set. Of one user's sessions at most `per_user` live: the one that was
    signed in to or renewed longest ago makes room."""

    absolute: timedelta = timedelta(days=14)
    idle: timedelta | None = None
    per_user: int = 100


LIMITS = SessionLimits()
