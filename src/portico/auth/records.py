"""Session records in a store, each sealed with the secret of its own ticket."""

from dataclasses import replace

from portico.auth.envelope import seal, unseal
from portico.auth.ports import SessionStore
from portico.auth.session import KIND, Session, decode, encode
from portico.auth.ticket import Ticket
from portico.errors import SignInRefused, StoreUnavailable

#: Most bytes of a session's record: what an auth API says about its user is not unlimited.
RECORD_LIMIT = 256 << 10


class SessionRecords:
    """Reads and writes them. Every method raises StoreUnavailable."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def load(self, ticket: Ticket, *, tag: str) -> Session | None:
        """The session that a ticket opens; None if there is none, or none of this format. `tag` is what pages
        call it."""
        key = ticket.key(KIND)
        stored = await self._store.load(key)
        if stored is None:
            return None
        content = unseal(stored.blob, secret=ticket.secret, kind=KIND, key=key)
        return decode(content, ticket=ticket, version=stored.version, tag=tag) if content else None

    async def create(self, session: Session) -> Session:
        """Write the record of a new session. Raises SignInRefused if it is too large."""
        key = session.ticket.key(KIND)
        version = await self._store.create(key, _sealed(session), expires_at=session.expires_at)
        if version is None:
            raise StoreUnavailable("the store says that a new random key is taken")
        return replace(session, version=version)

    async def replace(self, session: Session, other: Session) -> Session | None:
        """Write `other` over the record of `session`. None: somebody else wrote or deleted it since it was
        read. Raises SignInRefused if it is too large."""
        version = await self._store.replace(
            session.ticket.key(KIND),
            _sealed(other),
            expected_version=session.version,
            expires_at=other.expires_at,
        )
        return replace(other, version=version) if version is not None else None


def _sealed(session: Session) -> bytes:
    content = encode(session)
    if len(content) > RECORD_LIMIT:
        raise SignInRefused(f"a session record of {len(content)} bytes")
    ticket = session.ticket
    return seal(content, secret=ticket.secret, kind=KIND, key=ticket.key(KIND))
