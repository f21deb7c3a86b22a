"""The sessions of a user, as that user sees and ends them (ASVS 7.5.2): of this app, and nobody else's.

What names one is its public id. An id of somebody else's session is as unknown as one that never was.
"""

from typing import Any

from portico.auth.directory import Directory, Found
from portico.auth.manager import SessionManager
from portico.auth.session import Session
from portico.model.app import App


class OwnSessions:
    """Those of whoever is signed in. Every method raises StoreUnavailable."""

    def __init__(self, app: App, manager: SessionManager) -> None:
        self._app = app
        self._manager = manager

    @property
    def _directory(self) -> Directory:
        return self._manager.directory

    def is_current(self, session: Session | None, public_id: str) -> bool:
        """Whether this is the id of the very session."""
        return session is not None and session.signed_in and self._manager.id_of(session) == public_id

    async def listed(self, session: Session | None) -> list[dict[str, Any]]:
        """All of them, this one first, then those that were used last; for scripts."""
        found = sorted(await self._found(session), key=lambda other: other.seen_at, reverse=True)
        rows = [self._row(other, current=self.is_current(session, other.card.id)) for other in found]
        return sorted(rows, key=lambda row: not row["current"])

    async def end(self, session: Session | None, public_id: str) -> bool:
        """End another one; False if the user has none of this id."""
        for other in await self._found(session):
            if other.card.id == public_id:
                await self._manager.dismissals.end(other, "own list")
                return True
        return False

    async def end_others(self, session: Session | None) -> int:
        """End all but this one; how many that were."""
        others = [
            other for other in await self._found(session) if not self.is_current(session, other.card.id)
        ]
        for other in others:
            await self._manager.dismissals.end(other, "own list")
        return len(others)

    async def _found(self, session: Session | None) -> list[Found]:
        if session is None or session.identity is None:
            return []
        return await self._directory.of_user(session.app, session.identity.uid)

    def _row(self, found: Found, *, current: bool) -> dict[str, Any]:
        card = found.card
        return {
            "id": card.id,
            "current": current,
            "app": self._app.name,
            "browser": card.agent or "Unknown browser",
            "startedAt": card.created_at.isoformat(timespec="seconds"),
            "lastSeenAt": found.seen_at.isoformat(timespec="seconds"),
            "expiresAt": card.expires_at.isoformat(timespec="seconds"),
        }
