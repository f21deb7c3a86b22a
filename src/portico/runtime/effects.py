"""Performing the commands of one event, in the order emitted.

Store commands are collected and written once, before a navigation or when the event is quiet. A
navigation waits for that, and for what its turn asks for behind it: scripts do not await it. The key
that the contract keeps its token in is the door to signing in and out (hard-cases 1, 31).
"""

import json
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from portico.auth.redirects import safe_target, site_path
from portico.auth.session import Session
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.door import Consent, Door
from portico.runtime.outcome import Alert, File, Navigation, Requests, Timer, ToPage, ToUrl
from portico.sandbox.turn import (
    ClearStore,
    Command,
    CopyText,
    Download,
    Navigate,
    ShowAlert,
    SignOut,
    StartTimer,
    StopTimer,
    StoreValue,
)
from portico.values import SitePath

log = logging.getLogger("portico.runtime")

#: Most alerts, files and texts that one event shows or hands out.
ALERT_LIMIT = 20
FILE_LIMIT = 20


class Effects:
    """The commands of one event of one visitor. `door` is the way into and out of the session."""

    def __init__(
        self, *, app: App, return_to: SitePath | None, tab_store: dict[str, Any], door: Door
    ) -> None:
        self.door = door
        self.alerts: list[Alert] = []
        self.navigation: Navigation | None = None
        #: a sign-in that no action of the user caused waits for one
        self.consent: Consent | None = None
        self._app = app
        self._return_to = return_to
        self._tab_store = tab_store
        self._target: Navigate | None = None
        self._changes = door.changes()
        self._timers: dict[str, Timer] = {}
        self._stopped: list[str] = []
        self._files: list[File] = []
        self._copied: list[str] = []

    @property
    def session(self) -> Session | None:
        """The session that the browser belongs to now."""
        return self.door.session

    @property
    def next_page(self) -> Page | None:
        """The page of this app that this window goes to."""
        if not isinstance(self.navigation, ToPage) or self.navigation.window != "SAME_WINDOW":
            return None
        name = str(self.navigation.path).split("/")[2].partition("?")[0]
        return self._app.pages.get(name)

    @property
    def leads_to_auth_api(self) -> bool:
        """Whether the browser goes to the auth API itself, to come back from there (hard-cases 13)."""
        contract = self._app.contract
        if not isinstance(self.navigation, ToUrl) or contract is None or contract.me is None:
            return False
        address = self._app.datasources[self._app.queries[contract.me].datasource].url
        return _origin(self.navigation.url) == _origin(address)

    async def perform(self, commands: Iterable[Command]) -> None:
        """Perform the commands of a turn, then navigate if one of them does: the first decides where.
        Those of later turns are dropped (R3)."""
        if self.navigation is not None:
            return
        for command in commands:
            await self._one(command)
        if self._target is not None and self.consent is None and await self.commit():
            self._navigate(self._target)
        if self.consent is None:
            self._target = None

    async def _one(self, command: Command) -> None:
        match command:
            case StoreValue():
                self._changes.store(command, self._tab_store)
            case ClearStore():
                self._changes.clear(self._tab_store)
            case Navigate():
                self._target = self._target or command
            case SignOut():
                await self._log_out(command)
            case _:
                self._show(command)

    def _show(self, command: Command) -> None:
        match command:
            case ShowAlert():
                self.alert(command.message, command.style)
            case StartTimer():
                self._timers[command.timer] = Timer(id=command.timer, ms=command.ms, repeat=command.repeat)
            case StopTimer():
                self._timers.pop(command.timer, None)
                self._stopped.append(command.timer)
            case Download():
                self._download(command)
            case CopyText() if len(self._copied) < FILE_LIMIT:
                self._copied.append(command.text)
            case _:
                pass

    def alert(self, message: str, style: Any = "info") -> None:
        """Show a message with this event's answer."""
        if len(self.alerts) < ALERT_LIMIT:
            self.alerts.append(Alert(message, style))

    def taken(self) -> tuple[Alert, ...]:
        """The alerts since the last call."""
        alerts, self.alerts = tuple(self.alerts), []
        return alerts

    def next_timer(self, *, within: int) -> Timer | None:
        """The timer that fires first, once, within so many milliseconds: it is taken out."""
        soon = [timer for timer in self._timers.values() if not timer.repeat and timer.ms <= within]
        first = min(soon, key=lambda timer: timer.ms, default=None)
        return self._timers.pop(first.id) if first is not None else None

    def requests(self) -> Requests:
        """What the browser is asked for since the last call."""
        found = Requests(
            timers=tuple(self._timers.values()),
            stopped=tuple(self._stopped),
            files=tuple(self._files),
            copied=tuple(self._copied),
        )
        self._timers, self._stopped, self._files, self._copied = {}, [], [], []
        return found

    async def commit(self) -> bool:
        """Write what was collected. False: a sign-in was refused, and the user told so, or waits for
        the user's consent."""
        outcome = await self.door.commit(self._changes)
        if isinstance(outcome, Consent):
            self.consent = outcome
            return False
        self._changes = self.door.changes()
        if outcome is not None:
            self.alert(outcome, "error")
            return False
        return True

    async def agree(self, agreed: bool) -> None:
        """The user's answer to `consent`. Without it nothing is stored under the key, and what would
        have followed does not."""
        consent, self.consent = self.consent, None
        if agreed and consent is not None:
            self.door.consented = consent.token
        else:
            self._changes.refuse()
            self._target = None
        await self.perform(())

    async def _log_out(self, command: SignOut) -> None:
        """`logoutUser`: the session, and on to an address or the entry page."""
        self._changes.clear(self._tab_store)
        await self.door.leave()
        contract = self._app.contract
        to = command.to or (contract.entry_page if contract else self._app.home)
        self._target = Navigate(ev=command.ev, to=to, params={}, target="SAME_WINDOW")

    def _download(self, command: Download) -> None:
        if len(self._files) >= FILE_LIMIT:
            return
        if not command.address:
            self._files.append(File(name=command.name, type=command.type, text=command.data))
            return
        data = command.data.lower().startswith("data:")
        url = command.data if data else safe_target(command.data)
        if url is None:
            self.alert("This page wanted to download from an address that is not allowed.", "error")
        else:
            self._files.append(File(name=command.name, type=command.type, url=url))

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
        if self.door.signed_in and self._return_to and contract and command.to == contract.home_page:
            return self._return_to
        params = {name: _as_text(value) for name, value in command.params.items() if value is not None}
        return site_path(self._app.slug, command.to, params)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
