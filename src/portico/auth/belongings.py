"""What apps have in a session besides the session itself: what they store for it, and its open pages.

Of a session that apps share, each has its own, and all of it ends with the session.
"""

import logging
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import replace

from portico.auth.appstore import AppStore, Kept
from portico.auth.groups import Groups
from portico.auth.session import Session
from portico.auth.visits import Visits
from portico.errors import Busy, StoreUnavailable

log = logging.getLogger("portico.auth")


class Belongings:
    """Moves and drops it. Every method but `drop` raises StoreUnavailable."""

    def __init__(self, groups: Groups, values: AppStore, visits: Visits) -> None:
        self._groups = groups
        self._values = values
        self._visits = visits

    async def outliving(
        self, session: Session, keep: Collection[str], *, heir: bool = False
    ) -> dict[str, Kept]:
        """What is stored in a session, by app, and outlives it: all of it for its heir, else what stands
        under the keys in `keep`, and under those that other apps want kept."""
        found = {}
        for app in self._groups.apps(session):
            keys = keep if app == session.app else self._groups.kept_by(app)
            if not heir and not keys:
                continue
            held = await self._values.read(session, app=app)
            values = {key: value for key, value in held.values.items() if heir or key in keys}
            if values:
                found[app] = replace(held, values=values)
        return found

    async def give(self, session: Session, kept: Mapping[str, Kept]) -> None:
        """Store that in a session which has nothing yet."""
        for app, held in kept.items():
            await self._values.write(session, held, None, app=app)

    def apps(self, session: Session) -> tuple[str, ...]:
        """The apps that may have something in a session."""
        return self._groups.apps(session)

    async def drop(self, session: Session, *, visits: bool) -> None:
        """Delete all that is stored in a session that has ended; its `visits`, too."""
        for app in self._groups.apps(session):
            await tidy("store", self._values.delete(session, app=app))
            if visits:
                await tidy("visits", self._visits.drop(app, session))


async def tidy(what: str, step: Awaitable[None]) -> None:
    """What stays behind here opens nothing any more, and expires; or the next who comes by tidies it."""
    try:
        await step
    except (StoreUnavailable, Busy) as error:
        log.warning(
            "left behind of a session", extra={"what": what, "code": error.code, "detail": error.detail}
        )
