"""The six stores of one place, opened together."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from portico.auth.ports import Outbox, SessionIndex, SessionStore, Tally, TimelineStore, VisitStore
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """The ports of `auth.ports` at one place, and the server key that goes with it.

    `durable`: what they hold survives a restart. After `close` every method raises StoreUnavailable.
    """

    sessions: SessionStore
    index: SessionIndex
    visits: VisitStore
    outbox: Outbox
    timeline: TimelineStore
    tally: Tally
    key: Secret
    durable: bool
    close: Callable[[], Coroutine[Any, Any, None]] = field(repr=False)
