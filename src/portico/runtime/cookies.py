"""The cookies of one open page: those of its session or, while it has none, its own."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from portico.auth.jar import Jar
from portico.auth.manager import SessionManager
from portico.auth.sealing import Vault
from portico.auth.session import Session, SessionEnded
from portico.auth.set_cookie import SetCookies
from portico.clock import Clock
from portico.errors import Busy, DestinationRefused, SignInRefused
from portico.model.app import App
from portico.runtime.destination import Destination
from portico.runtime.run import Run

log = logging.getLogger("portico.runtime")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """What goes along with a request: the cookies, of which session; None: those of a page without one.
    `trial`: with what an answer of this event set that may sign somebody in."""

    jar: Jar = field(repr=False)
    session: Session | None
    trial: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether they are those of a user."""
        return self.session is not None and self.session.signed_in


class Cookies:
    """Reads the cookies of a page before each request, and keeps what answers set.

    What an answer sets belongs to the session that its request was made in: where that has ended since, by a
    log-out or at a sign-in, it is nobody's.
    """

    def __init__(self, app: App, manager: SessionManager, clock: Clock) -> None:
        #: as they were last seen
        self.jar = Jar()
        self._app = app
        self._manager = manager
        self._clock = clock
        self._session: Session | None = None

    def enter(self, session: Session | None) -> None:
        """The page is in this session from now on."""
        if session is not None:
            self.jar = session.jar
        elif self._session is not None:
            self.jar = Jar()
        self._session = session

    def forget(self) -> None:
        """Nothing of the page goes on."""
        self._session, self.jar = None, Jar()

    async def sending(self, run: Run | None, vault: Vault) -> Sending:
        """What to send, as it is by now; `vault` knows it too, as a header that a script fills from a cookie
        must say the same. Raises StoreUnavailable."""
        session, jar = self._session, self.jar
        if session is not None:
            held = await self._manager.resume(self._app.slug, session.ticket.cookie_value())
            session, jar = held or session, held.jar if held is not None else Jar()
        trial = run is not None and run.cookies is not None
        if run is not None and run.cookies is not None:
            jar = jar.taking(run.cookies, self._clock.now())
        vault.hold({**vault.slots, **jar.slots}, {**vault.handles, **jar.handles})
        return Sending(jar=jar, session=session, trial=trial)

    async def take(self, sent: Sending, change: SetCookies, run: Run | None, vault: Vault) -> None:
        """Keep what the answer to a request set; `vault` knows it from now on. Raises StoreUnavailable."""
        if not change.cookies:
            return
        if sent.trial:
            # Of an event whose sign-in is over, one way or the other, it is nobody's.
            if run is not None and run.cookies is not None:
                run.cookies.append(change)
                self.show(run, vault)
        elif sent.session is not None:
            await self._keep(sent.session, change, run, vault)
        elif self._session is None and self.jar.key == sent.jar.key:
            self.jar = self.jar.taking((change,), self._clock.now())
            vault.hold(self.jar.slots, self.jar.handles)
        elif self._session is not None and not self._session.signed_in and self.jar.key == sent.jar.key:
            await self._keep(self._session, change, run, vault)

    def show(self, run: Run, vault: Vault) -> None:
        """Let scripts name what an answer of this event set, though nobody has signed in with it yet."""
        jar = self.jar.taking(run.cookies or (), self._clock.now())
        vault.hold({**vault.slots, **jar.slots}, {**vault.handles, **jar.handles})

    async def _keep(self, session: Session, change: SetCookies, run: Run | None, vault: Vault) -> None:
        contract = self._app.contract
        renewable = contract is not None and contract.refresh is not None
        try:
            kept = await self._manager.keep_cookies(session, (change,), renewable=renewable)
        except SessionEnded:
            return
        except (Busy, SignInRefused) as error:
            log.warning("cookies were not kept", extra={"app": self._app.slug, "why": error.code})
            return
        if self._session is not None and self._session.ticket == kept.ticket:
            self.enter(kept)
            vault.hold(kept.slots, kept.handles)
        if run is not None and run.tokens is not None:
            run.tokens.follow(kept)


def named(app: App, jar: Jar) -> Mapping[str, Mapping[str, str]]:
    """`auth.cookies` of scripts: by datasource and name, sealed."""
    found: dict[str, Mapping[str, str]] = {}
    for name, datasource in app.datasources.items():
        if datasource.keep_cookies:
            try:
                issuer = Destination.of(datasource).issuer(datasource)
            except DestinationRefused:
                continue
            found[name] = jar.named.get(issuer.key, {})
    return found
