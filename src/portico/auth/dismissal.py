"""How a session ends that is ended by somebody who does not hold its cookie: the operator, its user on
another device, one sign-in too many, an OpenID provider.

Its record is deleted, so that its cookie opens nothing with the next request. Its tokens are in that record,
which the cookie alone opens: the auth API is told of such an end only where it is told of it already, by a
message in the outbox (hard-cases 3).
"""

from portico.auth.appstore import AppStore
from portico.auth.directory import Directory, Found
from portico.auth.ports import SessionStore
from portico.auth.provider_session import ProviderSession
from portico.auth.seen import Seen
from portico.auth.timeline import End, Reason
from portico.auth.timelines import Timelines


class Dismissals:
    """Ends sessions by their cards. Every method raises StoreUnavailable."""

    def __init__(
        self, store: SessionStore, values: AppStore, directory: Directory, seen: Seen, timelines: Timelines
    ) -> None:
        self._store = store
        self._values = values
        self._directory = directory
        self._seen = seen
        self._timelines = timelines

    async def end(self, found: Found, why: Reason, *, cause: str = "") -> None:
        """End a session: its record first, so that nobody is signed in any more."""
        await self._delete(found)
        if found.card.timeline:
            over = End(reason=why, cause=cause)
            self._timelines.note_by_key(found.card.timeline, over, until=found.card.expires_at)

    async def keep_newest(self, app: str, uid: str, most: int, own: str) -> None:
        """End the sessions of a user that are more than `most`, those filed longest ago first, but never the
        one whose record has the key `own`."""
        filed = await self._directory.filed_of_user(app, uid)
        for found in [found for found in filed if found.key != own][: max(len(filed) - most, 0)]:
            await self.end(found, "too many")

    async def end_all_of(self, there: ProviderSession) -> int:
        """End the sessions that stand on a provider's, which has ended; how many."""
        found = await self._directory.of_provider(there)
        cause = "its session there" if there.sid is not None else "all sessions of the user"
        for session in found:
            await self.end(session, "provider", cause=cause)
        return len(found)

    async def _delete(self, found: Found) -> None:
        await self._store.delete(found.key)
        await self._values.forget(found.key, apps=found.card.apps)
        await self._seen.forget(found.key)
        await self._directory.over(found)
