"""Cards: what a session is, for those who do not hold its cookie.

A session's record opens only with the cookie's secret. The operator who lists sessions, and the user who
looks at their other ones, read its card in the index instead, sealed under the server key, which is not
in the store (P7, hard-cases 3). No card holds a token or what opens a session.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from portico.auth.compact import packed, unpacked
from portico.auth.envelope import seal, unseal
from portico.auth.ports import Filed
from portico.auth.provider_session import ProviderSession
from portico.auth.session import KIND, Session
from portico.auth.tags import Tags
from portico.model.identity import Identity
from portico.values import Secret

_KIND = "card"
_TIMELINE = "timeline:"
_UID_LIMIT = 255
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A signed-in session as others may see it.

    `id` names it in lists and logs, and opens nothing. `uid` and `name` are for people to read: cut where
    they are long, and what cannot be printed is replaced. `timeline` is the key of its timeline; `idle`:
    after how many seconds without a sign of the user it ends, 0 for never. `agent` is what the browser called
    itself at the sign-in. `apps` are those that have something in it, where several share it: then `app` is
    the name of their group.
    """

    id: str
    app: str
    uid: str = field(repr=False)
    name: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    brief: bool
    timeline: str = field(repr=False)
    idle: int
    agent: str = field(repr=False)
    apps: tuple[str, ...] = ()


class Cards:
    """Writes and reads cards with the server key."""

    def __init__(self, server_key: Secret) -> None:
        self._key = server_key
        self._tags = Tags(server_key)

    def id_of(self, key: str) -> str:
        """The public id of the session whose record has this key: 12 letters and digits, the same in all
        processes, and no way back without the server key."""
        return self._tags.short("session id", key)

    def tag_of(self, session_id: str) -> str:
        """The tag under which the index finds the session of a public id."""
        return self._tags.tag("session id", session_id)

    def app_tag_of(self, app: str) -> str:
        """The tag under which the index finds the sessions of an app."""
        return self._tags.tag("app", app)

    def user_tag_of(self, app: str, uid: str) -> str:
        """The tag under which the index finds the sessions of a user of an app."""
        return self._tags.tag("user", app, uid)

    def provider_tag_of(self, there: ProviderSession) -> str:
        """The tag under which the index finds what stands on a provider's session; where that has no name,
        all of the subject that has none."""
        if there.sid is not None:
            return self._tags.tag("provider session", *_client(there), there.sid)
        return self._tags.tag("provider session", *_client(there), "", there.subject or "")

    def subject_tag_of(self, there: ProviderSession) -> str:
        """The tag under which the index finds all that stands on sessions of a provider's subject."""
        return self._tags.tag("provider subject", *_client(there), there.subject or "")

    def past_tag_of(self, session_id: str) -> str:
        """The tag under which the index finds the card of a session that is over."""
        return self._tags.tag("past session", session_id)

    def timeline_of(self, session: Session) -> str:
        """The key of the timeline that a session is part of."""
        return f"{_TIMELINE}{self._tags.tag('timeline', session.owner, session.lineage)}"

    def of(self, session: Session, identity: Identity, *, idle: int, apps: Iterable[str]) -> Card:
        """The card of a session of these `apps`, as which `identity` is signed in."""
        return Card(
            id=self.id_of(session.ticket.key(KIND)),
            app=session.owner,
            uid=_printable(identity.uid[:_UID_LIMIT]),
            name=_printable(identity.name),
            created_at=session.created_at,
            expires_at=session.expires_at,
            brief=session.brief,
            timeline=self.timeline_of(session),
            idle=idle,
            agent=_printable(session.agent),
            apps=tuple(apps) if session.shared is not None else (),
        )

    def sealed(self, key: str, card: Card) -> bytes:
        """A card for the entry `key` of the index: at most 4 KB."""
        begin, life = card.created_at - _EPOCH, card.expires_at - card.created_at
        row = [
            *(card.app, card.uid, card.name, begin // _TICK, life // _TICK, int(card.brief)),
            *(card.timeline.removeprefix(_TIMELINE), card.idle, card.agent, *card.apps),
        ]
        return seal(packed(row), secret=self._key, kind=_KIND, key=key)

    def read(self, filed: Filed) -> Card | None:
        """The card of an entry of the index; None if it was sealed with another server key, or for
        another session."""
        plain = unseal(filed.card, secret=self._key, kind=_KIND, key=filed.key)
        if plain is None:
            return None
        app, uid, name, begin, life, brief, timeline, idle, agent, *apps = unpacked(plain)
        created_at = _EPOCH + begin * _TICK
        return Card(
            id=self.id_of(filed.key),
            app=app,
            uid=uid,
            name=name,
            created_at=created_at,
            expires_at=created_at + life * _TICK,
            brief=bool(brief),
            timeline=f"{_TIMELINE}{timeline}",
            idle=idle,
            agent=agent,
            apps=tuple(apps),
        )

    def __repr__(self) -> str:
        return "Cards(…)"


def _client(there: ProviderSession) -> tuple[str, str]:
    return there.issuer, there.client_id


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
