"""Performing the commands of one event, in the order emitted.

Store commands are collected and written once, before the first navigation or when the event is
quiet; a navigation waits for that. The key that the contract keeps its token in is the door to
signing in and out (hard-cases 1, 31).
"""

import json
import logging
from collections.abc import Iterable
from typing import Any

from portico.auth.appstore import LIMIT, Removed, StoreFull
from portico.auth.manager import SessionManager
from portico.auth.redirects import safe_target, site_path
from portico.auth.session import Session, SessionEnded
from portico.errors import CallFailed, ScriptFailed, SignInRefused
from portico.model.app import App
from portico.runtime.contract import ContractRunner
from portico.runtime.outcome import Alert, Navigation, ToPage, ToUrl
from portico.sandbox.turn import ClearStore, Command, Navigate, ShowAlert, StoreValue
from portico.values import Secret, SitePath

log = logging.getLogger("portico.runtime")

#: Most alerts that one event shows.
ALERT_LIMIT = 20


class Effects:
    """The commands of one event of one visitor."""

    def __init__(
        self,
        *,
        app: App,
        session: Session | None,
        return_to: SitePath | None,
        tab_store: dict[str, Any],
        manager: SessionManager,
        contract: ContractRunner,
    ) -> None:
        self.session = session
        self.alerts: list[Alert] = []
        self.navigation: Navigation | None = None
        #: whether somebody signed in or out: the page is then shown anew
        self.identity_changed = False
        #: whether scripts must be told that the store differs from what they believe
        self.stale = False
        self._app = app
        self._return_to = return_to
        self._tab_store = tab_store
        self._manager = manager
        self._contract = contract
        self._changes: dict[str, Any] = {}
        self._cleared = False
        self._signed_in = False

    async def perform(self, commands: Iterable[Command]) -> None:
        """Perform commands until one navigates; those behind it are dropped (R3)."""
        for command in commands:
            match command:
                case ShowAlert():
                    self.alert(command.message, command.style)
                case StoreValue():
                    self._store(command)
                case ClearStore():
                    self._changes.clear()
                    self._tab_store.clear()
                    self._cleared = True
                case Navigate():
                    if await self.commit():
                        self._navigate(command)
            if self.navigation is not None:
                return

    def alert(self, message: str, style: Any = "info") -> None:
        """Show a message with this event's answer."""
        if len(self.alerts) < ALERT_LIMIT:
            self.alerts.append(Alert(message, style))

    def taken(self) -> tuple[Alert, ...]:
        """The alerts since the last call."""
        alerts, self.alerts = tuple(self.alerts), []
        return alerts

    def _store(self, command: StoreValue) -> None:
        if not command.persist:
            if command.clear:
                self._tab_store.pop(command.key, None)
            else:
                self._tab_store[command.key] = command.value
            return
        if command.clear:
            self._tab_store.pop(command.key, None)
        self._changes[command.key] = Removed() if command.clear else command.value

    async def commit(self) -> bool:
        """Write what was collected. False: a sign-in was refused, and the user told so."""
        changes, cleared = self._changes, self._cleared
        self._changes, self._cleared = {}, False
        key = self._app.contract.token_key if self._app.contract else None
        token = changes.get(key) if key else None
        if key and (cleared or key in changes) and not _is_token(token):
            await self._sign_out()
            # A visitor who was not signed in may still have kept something under that key.
            if self.session is None:
                changes.pop(key, None)
        elif key and _is_token(token) and not await self._sign_in(str(token), changes):
            changes.pop(key, None)
            await self._write(changes, cleared)
            return False
        await self._write(changes, cleared)
        return True

    async def _write(self, changes: dict[str, Any], cleared: bool) -> None:
        """One write for all of it: another tab never sees the store emptied and not yet filled."""
        if self.session is None:
            # A visitor without a session gets one only when something must be kept.
            changes = {key: value for key, value in changes.items() if not isinstance(value, Removed)}
            if not changes:
                return
            self.session = await self._manager.begin(self._app.slug)
        if changes or cleared:
            await self._manager.merge_store(self.session, changes, clear=cleared, keep=self._keep)

    async def _sign_in(self, token: str, changes: dict[str, Any]) -> bool:
        held = self.session.tokens if self.session else None
        if held is not None and held.access == Secret(token):
            self._signed_in = True
            return True
        try:
            evidence = await self._contract.confirm(self._app, Secret(token))
            await self._still_there()
            await self._fits(changes)
            self.session = await self._manager.sign_in(
                evidence, app=self._app.slug, current=self.session, keep=self._keep
            )
        except (SignInRefused, CallFailed, ScriptFailed) as error:
            log.warning(
                "sign-in refused", extra={"app": self._app.slug, "code": error.code, "why": error.detail}
            )
            self.alert(error.message, "error")
            self.stale = True
            return False
        self.identity_changed = self._signed_in = True
        return True

    async def _still_there(self) -> None:
        """A log-out in another tab wins: a page left open must not sign in again behind it."""
        session = self.session
        if session is None or not session.signed_in:
            return
        if await self._manager.resume(self._app.slug, session.ticket.cookie_value()) is None:
            raise SessionEnded("signed out meanwhile, or signed in anew in another tab")

    async def _fits(self, changes: dict[str, Any]) -> None:
        """What is to be stored with a sign-in must fit before it: afterwards the old session is gone."""
        held = await self._manager.read_store(self.session) if self.session else {}
        wanted = {key: value for key, value in {**held, **changes}.items() if not isinstance(value, Removed)}
        if len(json.dumps(wanted)) > LIMIT:
            raise StoreFull("the store would not take what comes with a sign-in")

    async def _sign_out(self) -> None:
        """Log-out drops the app's whole store except what the contract keeps (hard-cases 31)."""
        self._tab_store.clear()
        if self.session is None or not self.session.signed_in:
            return
        held = await self._manager.read_store(self.session)
        await self._manager.sign_out(self.session)
        self.session, self.identity_changed = None, True
        kept = {key: value for key, value in held.items() if key in self._keep}
        await self._write(kept, cleared=False)

    @property
    def _keep(self) -> frozenset[str]:
        return self._app.contract.keep if self._app.contract else frozenset()

    def _navigate(self, command: Navigate) -> None:
        if command.to in self._app.pages:
            self.navigation = ToPage(self._page(command), command.target)
            return
        url = safe_target(command.to)
        if url is None:
            log.warning("navigation refused", extra={"app": self._app.slug, "to": command.to[:200]})
            self.alert("This page wanted to open an address that is not allowed.", "error")
            return
        self.navigation = ToUrl(url, command.target)

    def _page(self, command: Navigate) -> SitePath:
        """A kept return-to replaces a navigation to the home page after a sign-in (hard-cases 32)."""
        contract = self._app.contract
        if self._signed_in and self._return_to and contract and command.to == contract.home_page:
            return self._return_to
        params = {name: _as_text(value) for name, value in command.params.items() if value is not None}
        return site_path(self._app.slug, command.to, params)


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
