"""What faults change of how one call is answered: known to the whole call, and to no other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import final

from portico.authserver.fault_kinds import (
    ChangedRole,
    DisabledUser,
    ExpiredAtOnce,
    Kind,
    NewKey,
    RefreshPolicy,
    RefreshReuse,
    Skew,
)
from portico.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Interference:
    """What is otherwise for one call. By default nothing is."""

    skew: timedelta = timedelta(0)
    expired: bool = False
    refresh: RefreshPolicy | None = None
    disabled: bool = False
    role: str = ""
    new_key: bool = False


_CURRENT: ContextVar[Interference | None] = ContextVar("interference", default=None)
_NONE = Interference()


def current() -> Interference:
    """What is otherwise for the call that is being answered."""
    return _CURRENT.get() or _NONE


@contextmanager
def interfering(kinds: Sequence[Kind]) -> Iterator[None]:
    """Let these hold inside the block, in this task; where two contradict each other, the later."""
    token = _CURRENT.set(_of(kinds))
    try:
        yield
    finally:
        _CURRENT.reset(token)


@final
class SkewedClock(Clock):
    """Another clock, as a call sees it for which it goes wrong."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        """The present moment, or what it is taken for."""
        return self._clock.now() + current().skew

    def advance(self, by: timedelta) -> None:
        """Move the clock behind this one."""
        self._clock.advance(by)


def _of(kinds: Sequence[Kind]) -> Interference:
    whole = _NONE
    for kind in kinds:
        match kind:
            case Skew(by=by):
                whole = replace(whole, skew=by)
            case ExpiredAtOnce():
                whole = replace(whole, expired=True)
            case RefreshReuse(policy=policy):
                whole = replace(whole, refresh=policy)
            case DisabledUser():
                whole = replace(whole, disabled=True)
            case ChangedRole(role=role):
                whole = replace(whole, role=role)
            case NewKey():
                whole = replace(whole, new_key=True)
            case _:
                pass  # it befalls the answer
    return whole
