"""Session managers over real stores, and a store that counts how often it is asked."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portico.auth.evidence import Confirmed
from portico.auth.limits import LIMITS, SessionLimits
from portico.auth.manager import Session, SessionManager
from portico.clock import Clock
from portico.model.identity import Identity
from portico.stores.memory import open_memory
from portico.stores.stores import Stores
from portico.values import Secret

APP = "jwt-login"


def manager_of(
    stores: Stores, clock: Clock, limits: SessionLimits = LIMITS, **others: timedelta
) -> SessionManager:
    """A manager over these stores."""
    return SessionManager(
        stores.sessions,
        stores.index,
        stores.visits,
        stores.outbox,
        stores.timeline,
        clock,
        stores.key,
        limits_of=lambda _: limits,
        **others,
    )


def evidence(token: str = "opaque-token", **identity: Any) -> Confirmed:
    """That `me` accepted a token; of user u1 unless told otherwise."""
    return Confirmed(token=Secret(token), identity=Identity(**{"uid": "u1", **identity}))


def jwt(expires_at: datetime) -> str:
    """A token that says when it ends."""
    payload = json.dumps({"exp": int(expires_at.timestamp())}).encode()
    return f"eyJ.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.sig"


class House:
    """A manager, its stores and its clock."""

    def __init__(self, stores: Stores, clock: Clock, limits: SessionLimits = LIMITS) -> None:
        self.stores = stores
        self.clock = clock
        self.manager = manager_of(stores, clock, limits)

    async def user(self, uid: str = "u1", current: Session | None = None) -> Session:
        """Somebody who has just signed in."""
        return await self.manager.sign_in(evidence(uid=uid), app=APP, current=current)

    async def lives(self, session: Session) -> bool:
        """Whether the session's cookie still opens it."""
        return await self.manager.resume(APP, session.ticket.cookie_value()) is not None


def house(limits: SessionLimits = LIMITS) -> House:
    """Everything in memory."""
    clock = Clock()
    return House(open_memory(clock), clock, limits)


class Counted:
    """Passes every call on, and remembers their names."""

    def __init__(self, inner: Any, calls: list[str]) -> None:
        self._inner = inner
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return getattr(self._inner, name)


def counted(stores: Stores) -> tuple[Stores, list[str]]:
    """The same stores, and the list that their calls are noted in."""
    calls: list[str] = []
    return replace(
        stores,
        sessions=Counted(stores.sessions, calls),
        index=Counted(stores.index, calls),
        visits=Counted(stores.visits, calls),
        outbox=Counted(stores.outbox, calls),
        timeline=Counted(stores.timeline, calls),
    ), calls


@asynccontextmanager
async def closing(stores: Stores) -> AsyncIterator[Stores]:
    """Close the stores at the end."""
    try:
        yield stores
    finally:
        await stores.close()
