"""The one way into and out of a session from a page: what scripts store under the contract's key.

Answers sign-ins that a script makes up (a token counts once the auth API accepted it: hard-cases 1),
and those that a link brings along (login CSRF: a sign-in that no action of the user caused needs the
user's consent, unless this browser started the way back; hard-cases 13, P20).
"""

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from portico.auth.appstore import LIMIT, Removed, StoreFull
from portico.auth.evidence import Confirmed
from portico.auth.manager import SessionManager
from portico.auth.session import Session, SessionEnded
from portico.errors import CallFailed, ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime.contract import ContractRunner
from portico.runtime.witness import Witness
from portico.sandbox.turn import StoreValue
from portico.values import Secret

log = logging.getLogger("portico.runtime")

#: What of a user may tell the user who it is, the best first.
_NAMES = ("email", "username", "name", "phone")
_NAME_LIMIT = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A sign-in that waits for the user: as whom, in the user's words."""

    token: Secret
    name: str


@dataclass(kw_only=True, slots=True)
class Changes:
    """What an event stores for good: keys and values, after dropping all others if `cleared`.

    What is stored under the contract's `door_key` signs in, for this tab's life if `brief`.
    """

    door_key: str | None
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    cleared: bool = False
    brief: bool = False

    def store(self, command: StoreValue, tab_store: dict[str, Any]) -> None:
        """Note a command; values of the tab are written at once, but for the key of the door."""
        if not command.persist and command.key != self.door_key:
            if command.clear:
                tab_store.pop(command.key, None)
            else:
                tab_store[command.key] = command.value
            return
        if command.clear:
            tab_store.pop(command.key, None)
        self.values[command.key] = Removed() if command.clear else command.value
        if command.key == self.door_key:
            self.brief = not command.persist

    def clear(self, tab_store: dict[str, Any]) -> None:
        """Drop everything."""
        self.values.clear()
        tab_store.clear()
        self.cleared = True

    def refuse(self) -> None:
        """Nothing is stored under the key of the door."""
        self.values.pop(self.door_key or "", None)

    @property
    def token(self) -> str | None:
        """What the key of the door is set to, if that is a token."""
        value = self.values.get(self.door_key) if self.door_key else None
        return value if isinstance(value, str) and value else None

    @property
    def leaves(self) -> bool:
        """Whether the key of the door is taken away."""
        touched = self.door_key is not None and (self.cleared or self.door_key in self.values)
        return touched and self.token is None


class Door:
    """The session of one visitor, in one event.

    `acted`: an action of the user caused the event. `expected`: this browser started what it comes
    back from, so that nobody else can have sent it. `succeeded` are the queries that the event ran well.
    """

    def __init__(
        self,
        *,
        app: App,
        session: Session | None,
        tab_store: dict[str, Any],
        manager: SessionManager,
        contract: ContractRunner,
        witness: Witness,
        acted: bool,
        expected: bool,
        succeeded: Collection[str],
    ) -> None:
        self.session = session
        self.consented: Secret | None = None
        #: whether somebody signed in in this event
        self.signed_in = False
        #: whether the page was computed for somebody else than who is signed in now
        self.changed_hands = False
        #: whether scripts must be told that the store differs from what they believe
        self.stale = False
        #: whether somebody signed in anew: this browser waits for nothing any more
        self.returned = False
        self._app = app
        self._tab_store = tab_store
        self._manager = manager
        self._contract = contract
        self._witness = witness
        #: whether what happens now is an action of the user's
        self.acted = acted
        self._expected = expected
        self._succeeded = succeeded

    def changes(self) -> Changes:
        """An empty collection."""
        return Changes(door_key=self._app.contract.token_key if self._app.contract else None)

    async def commit(self, changes: Changes) -> Consent | str | None:
        """Write what was collected, signing in or out where its key says so. None, or a message for
        the user why the sign-in was refused; or the consent that it needs, and nothing is written."""
        if changes.leaves:
            await self.leave()
            # A visitor who was not signed in may still have kept something under that key.
            if self.session is None:
                changes.refuse()
        elif changes.token is not None:
            refused = await self._enter(changes.token, changes)
            if isinstance(refused, Consent):
                return refused
            if refused is not None:
                changes.refuse()
                await self._write(changes)
                return refused
        await self._write(changes)
        return None

    async def leave(self) -> None:
        """Log-out drops the app's whole store except what the contract keeps (hard-cases 31)."""
        self._tab_store.clear()
        if self.session is None or not self.session.signed_in:
            return
        held = await self._manager.read_store(self.session)
        await self._manager.sign_out(self.session)
        self.session, self.changed_hands = None, True
        kept = {key: value for key, value in held.items() if key in self._keep}
        await self._write(Changes(door_key=None, values=kept))

    async def _write(self, changes: Changes) -> None:
        """One write for all of it: another tab never sees the store emptied and not yet filled."""
        values = changes.values
        if self.session is None:
            # A visitor without a session gets one only when something must be kept.
            values = {key: value for key, value in values.items() if not isinstance(value, Removed)}
            if not values:
                return
            self.session = await self._manager.begin(self._app.slug)
        if values or changes.cleared:
            await self._manager.merge_store(self.session, values, clear=changes.cleared, keep=self._keep)

    async def _enter(self, token: str, changes: Changes) -> Consent | str | None:
        held = self.session.tokens if self.session else None
        if held is not None and held.access == Secret(token):
            self.signed_in = True
            return None
        try:
            evidence = await self._contract.confirm(self._app, Secret(token), self._witness)
            if (consent := self._consent(evidence)) is not None:
                return consent
            await self._still_there()
            await self._fits(changes)
            await self._sign_in(evidence, brief=changes.brief)
        except (SignInRefused, CallFailed, ScriptFailed) as error:
            log.warning(
                "sign-in refused", extra={"app": self._app.slug, "code": error.code, "why": error.detail}
            )
            self.stale = True
            return error.message
        self.signed_in = True
        return None

    def _consent(self, evidence: Confirmed) -> Consent | None:
        """Whether the user has to be asked first."""
        if self.acted or self.consented == evidence.token or self._same(evidence.identity):
            return None
        if self._expected:
            return None
        return Consent(token=evidence.token, name=_name(evidence.identity))

    def _same(self, identity: Identity) -> bool:
        """Whether that is who is signed in already."""
        held = self.session.identity if self.session else None
        return held is not None and held.uid == identity.uid

    async def _sign_in(self, evidence: Confirmed, *, brief: bool) -> None:
        """A token that the contract's `refresh` brought, for the same user and the same roles, goes on
        with the session as it is; anything else is a sign-in, with a new one (P5)."""
        current, refresh = self.session, self._refresh
        held = current.identity if current else None
        same = held is not None and (held.uid, held.roles) == (evidence.identity.uid, evidence.identity.roles)
        if current is not None and same and refresh in self._succeeded:
            self.session = await self._manager.renew(current, evidence, renewable=True)
            return
        self.session = await self._manager.sign_in(
            evidence,
            app=self._app.slug,
            current=self.session,
            keep=self._keep,
            renewable=refresh is not None,
            brief=brief,
        )
        self.changed_hands = self.returned = True

    async def _still_there(self) -> None:
        """A log-out in another tab wins: a page left open must not sign in again behind it."""
        session = self.session
        if session is None or not session.signed_in:
            return
        if await self._manager.resume(self._app.slug, session.ticket.cookie_value()) is None:
            raise SessionEnded("signed out meanwhile, or signed in anew in another tab")

    async def _fits(self, changes: Changes) -> None:
        """What is to be stored with a sign-in must fit before it: afterwards the old session is gone."""
        held = await self._manager.read_store(self.session) if self.session else {}
        wanted = {**held, **changes.values}
        wanted = {key: value for key, value in wanted.items() if not isinstance(value, Removed)}
        if len(json.dumps(wanted)) > LIMIT:
            raise StoreFull("the store would not take what comes with a sign-in")

    @property
    def _keep(self) -> frozenset[str]:
        return self._app.contract.keep if self._app.contract else frozenset()

    @property
    def _refresh(self) -> str | None:
        return self._app.contract.refresh if self._app.contract else None


def _name(identity: Identity) -> str:
    """The user in the user's own words; the uid where the auth API says nothing better."""
    for key in _NAMES:
        value = identity.user.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()[:_NAME_LIMIT]
    return identity.uid[:_NAME_LIMIT]
