"""How allowances are counted in every store: by one moment, from which on nothing is taken any more.

Each that is taken moves it on by the time in which one more comes. The moment may lie ahead by as many of
these as may be taken at once; when it has come, there is nothing to keep (GCRA, ITU-T I.371).
"""

from datetime import datetime, timedelta

from portico.auth.ports import Allowance


def moved(full_at: datetime | None, allowance: Allowance, now: datetime) -> datetime:
    """The moment after one more was taken; `full_at` is that before, None if there is none."""
    return max(full_at or now, now) + allowance.every


def wait(moved_to: datetime, allowance: Allowance, now: datetime) -> timedelta:
    """How long until that may be; not positive: now."""
    return moved_to - allowance.burst * allowance.every - now
