"""Performing the commands of one event, in the order emitted.

Store commands are collected and written once, before a navigation or when the event is quiet. A
navigation waits for that, and for what its turn asks for behind it: scripts do not await it. The key
that the contract keeps its token in is the door to signing in and out (hard-cases 1, 31).
"""

import json
import logging
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import urlsplit

from portico.auth.redirects import safe_target, site_path
from portico.auth.session import Session
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.door import Consent, Door
from portico.runtime.outcome import (
    Alert,
    File,
    Navigation,
    Requests,
    Timer,
    ToPage,
    ToSignIn,
    ToSignOut,
    ToUrl,
)
from portico.runtime.run import Run
from portico.sandbox.turn import (
    Awaited,
    ClearStore,
    Command,
    CopyText,
    Download,
    LogIn,
    Navigate,
    OwnSessions,
    ShowAlert,
    SignIn,
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

ENDED = "Your session has ended. Please sign in again."
#: What a script is told that waits for what does not happen any more.
MOVED_ON = "The page has moved on."
NOT_AGREED = "The user did not agree."
NOT_YOURS = "You have no such session."


class Answer(Protocol):
    """Tells a script what became of a command that it waits for."""

    async def __call__(self, command: Awaited, refused: str | None, value: object = None) -> None:
        """`refused`: why it did not; `value` is what it gave."""
        ...


class Effects:
    """The commands of one event of one visitor. `door` is the way into and out of the session, `answer`
    tells scripts what became of what they wait for."""

    def __init__(
        self,
        *,
        app: App,
        here: SitePath,
        return_to: SitePath | None,
        tab_store: dict[str, Any],
        door: Door,
        answer: Answer,
    ) -> None:
        self.door = door
        self._answer = answer
        #: the commands that wait behind `consent`
        self._held: list[Command] = []
        self.alerts: list[Alert] = []
        self.navigation: Navigation | None = None
        #: a sign-in that no action of the user caused waits for one
        self.consent: Consent | None = None
        self._app = app
        self._here = here
        self._return_to = return_to
        self._tab_store = tab_store
        self._target: Navigate | SignIn | SignOut | None = None
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
    def starts(self) -> bool:
        """Whether the user was sent something to come back with, or goes to the auth API itself, to come
        back from there (hard-cases 13)."""
        contract = self._app.contract
        if self.door.started:
            return True
        if not isinstance(self.navigation, ToUrl) or contract is None or contract.me is None:
            return False
        address = self._app.source(self._app.queries[contract.me]).url
        return _origin(self.navigation.url) == _origin(address)

    async def perform(self, commands: Iterable[Command]) -> None:
        """Perform the commands of a turn, then navigate if one of them does: the first decides where.
        Those of later turns are dropped (R3)."""
        waiting = list(commands)
        if self.navigation is not None:
            for command in waiting:
                if isinstance(command, Awaited):
                    await self._answer(command, MOVED_ON)
            return
        while waiting and self.consent is None:
            command = waiting.pop(0)
            if isinstance(command, Awaited):
                if not await self._account(command):
                    waiting = [other for other in waiting if not isinstance(other, Navigate)]
            else:
                await self._one(command)
        self._held += waiting
        if self._target is not None and self.consent is None and await self.commit():
            self._go(self._target)
        if self.consent is None:
            self._target = None

    async def _account(self, command: Awaited) -> bool:
        """Sign in, or change who is signed in, and tell the script. False: refused, so that nothing of the
        turn leads away from the page."""
        if isinstance(command, OwnSessions):
            await self._own_sessions(command)
            return True
        outcome = await (
            self.door.log_in(command.given) if isinstance(command, LogIn) else self.door.update(command.given)
        )
        if isinstance(outcome, Consent):
            self.consent, self._held = outcome, [command]
            return True
        if outcome is not None:
            self._target = None
        elif isinstance(command, LogIn):
            self._changes.entered = True
        await self._answer(command, outcome)
        return outcome is None

    async def _own_sessions(self, command: OwnSessions) -> None:
        """What the user asks of their own sessions. Ending this one is a log-out."""
        own = self.door.own_sessions
        match command.act:
            case "list":
                await self._answer(command, None, await own.listed(self.door.session))
            case "endOthers":
                await self._answer(command, None, await own.end_others(self.door.session))
            case "end" if own.is_current(self.door.session, command.session):
                await self._answer(command, None)
                await self._log_out(SignOut(ev=command.ev, to=None))
            case "end":
                ended = await own.end(self.door.session, command.session)
                await self._answer(command, None if ended else NOT_YOURS)

    async def _one(self, command: Command) -> None:
        match command:
            case StoreValue():
                self._changes.store(command, self._tab_store)
                self._drop_grants()
            case ClearStore():
                self._changes.clear(self._tab_store)
                self._drop_grants()
            case Navigate():
                self._target = self._target or command
            case SignIn():
                self._sign_in(command)
            case SignOut():
                await self._log_out(command)
            case _:
                self._show(command)

    def _drop_grants(self) -> None:
        """Who takes the token's key away signs out: also whom an answer before that would have signed in."""
        if self._changes.leaves:
            self.door.drop_grants()

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

    async def settle(self, page: Page) -> None:
        """The end of an event: write what was collected, and go where that leads."""
        if self.consent is not None:
            return
        if self.navigation is None and not await self.commit():
            return
        self._arrive(page)

    def _arrive(self, page: Page) -> None:
        """Where a sign-in leads: from the page that it happened on to the home page, unless something else
        was asked for; to the page of its next step; to the entry page, where the auth API ended the session.
        The last two whatever else was asked for, as it would need somebody who is signed in."""
        contract = self._app.contract
        if contract is None:
            return
        door_page = page.name in (contract.entry_page, contract.pending_page)
        if self.door.ended:
            self.alerts.clear()
            self.alert(ENDED, "error")
            self._navigate(_to(contract.entry_page, {"next": str(self._here)}))
        elif self.door.pending and contract.pending_page is not None:
            back = {"next": str(self._return_to)} if self._return_to is not None else {}
            self._navigate(_to(contract.pending_page, back))
        elif self.door.signed_in and self.door.changed_hands and self.navigation is None and door_page:
            self._navigate(_to(contract.home_page))

    async def agree(self, agreed: bool) -> None:
        """The user's answer to `consent`. Without it nothing is stored under the key, and what would
        have followed does not."""
        consent, self.consent = self.consent, None
        held, self._held = self._held, []
        if agreed and consent is not None:
            self.door.consented = consent.agreed
        else:
            self.door.drop_grants()
            self._changes.refuse()
            self._target = None
            asked = [command for command in held if isinstance(command, Awaited)]
            held = [command for command in held if not isinstance(command, Awaited | Navigate)]
            for command in asked:
                await self._answer(command, NOT_AGREED)
        await self.perform(held)

    async def _log_out(self, command: SignOut) -> None:
        """`logoutUser`: the session, and on to an address or the entry page."""
        self._changes.clear(self._tab_store)
        self.door.drop_grants()
        await self.door.leave()
        contract = self._app.contract
        provider = contract.provider if contract is not None else None
        if command.to is None and provider is not None and provider.logout != "local":
            self._target = command
        else:
            self._target = _to(command.to or (contract.entry_page if contract else self._app.home))

    def _sign_in(self, command: SignIn) -> None:
        """`auth.signIn()`. A page that is merely shown leads nobody away: whoever comes back without a
        sign-in would be led there again and again (P96)."""
        contract = self._app.contract
        own = contract is not None and contract.provider is not None and command.provider is None
        named = contract is not None and contract.authorize is not None and command.provider is not None
        if not own and not named:
            self.alert("This app has no such provider to sign in with.", "error")
        elif not self.door.acted:
            log.warning("auth.signIn outside of an action", extra={"app": self._app.slug})
        else:
            self._target = self._target or command

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

    def _go(self, target: Navigate | SignIn | SignOut) -> None:
        contract = self._app.contract
        match target:
            case SignIn(provider=provider) if contract is not None:
                home = site_path(self._app.slug, contract.home_page, {})
                self.navigation = ToSignIn(back=self._return_to or home, provider=provider)
            case SignOut() if self.door.farewell is not None:
                self.navigation = ToSignOut(id_token=self.door.farewell)
            case Navigate():
                self._navigate(target)
            case _:
                self._navigate(_to(contract.entry_page if contract else self._app.home))

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


async def goes_on(run: Run, effects: Effects) -> bool:
    """Perform the commands so far, and what scripts ask for that waited for one of them. False: the page does
    not go on, or needs the user's consent."""
    await effects.perform(run.take())
    while run.commands and effects.consent is None:
        await effects.perform(run.take())
    if run.failure is not None:
        raise run.failure
    return effects.navigation is None and effects.consent is None


def _to(page: str, params: dict[str, Any] | None = None) -> Navigate:
    return Navigate(ev=None, to=page, params=params or {}, target="SAME_WINDOW")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
