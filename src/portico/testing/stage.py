"""A stage for journeys: Portico and an auth server in this process, on ports of this machine, with one clock.

Everything on it is new, and gone at its end: the store is a file in a folder of its own, which a restart of
Portico finds again. Nothing on the internet is called by it; an app's own queries go where they always go.
"""

import json
import logging
import os
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from portico.authserver.dialects.imitation import Imitation
from portico.clock import Clock
from portico.definition.load import load
from portico.definition.preset import DATASOURCE as PRESET_DATASOURCE
from portico.definition.preset import preset_of
from portico.definition.secrets import PREFIX, Secrets
from portico.errors import PorticoError
from portico.model.app import App
from portico.model.journey import Account, AuthSettings
from portico.stores.sqlite import open_sqlite
from portico.testing.adversary import DIALECTS, Adversary
from portico.testing.dialect_file import SHIPPED, dialect_called, read_dialect
from portico.testing.headless import HeadlessBrowser
from portico.testing.histories import NotedTimelines, history
from portico.testing.recorder import UpstreamCall
from portico.testing.serving import HOST, ThreadedServer, free_port, listen, portico_server
from portico.testing.user import PATIENCE, Browser, User
from portico.ui.widgets import CATALOGUE
from portico.web.app import create_app
from portico.web.site import Site

#: Names the auth server to apps.
AUTH_URL = "AUTH_URL"
#: Where an OpenID provider sends browsers back to, after a sign-in and after a log-out.
_ENDS = ("callback", "signed-out")
#: Seconds until what has happened stands in a timeline, in which such writes are gathered.
GATHERED = 0.6
#: What every record of a log has; what else stands in one is meant to be read (promise 58).
_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
#: Lines of the server's log that are kept.
LOG_LINES = 60


class StageRefused(PorticoError):
    """There can be no stage for this app."""

    code = "stage_refused"
    default_message = "The app cannot be tried."


class Stage:
    """Serves one app while it is entered. `url` is where its pages are, `clock` what both servers go by.

    `accounts` are those of the auth server; without any, the demo's. `settings` and `secrets` come on top of
    those of the environment. Raises StageRefused for an app with errors, and for one whose auth API has an
    address of its own, and DialectUnusable.
    """

    def __init__(
        self,
        folder: Path,
        *,
        accounts: Sequence[Account] = (),
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        auth: AuthSettings | None = None,
        trusted: bool = False,
    ) -> None:
        self.clock = Clock()
        self._app_folder = folder.resolve() if trusted else None
        self._port = free_port()
        self.origin = f"http://{HOST}:{self._port}"
        given = dict(settings or {})
        preset = preset_of(folder)
        # An API of the app's owner: journeys that need no faults can be tried against it.
        own = AUTH_URL in given
        auth = auth or AuthSettings()
        imitation = None if own else _imitated(folder, auth, preset)
        self._adversary = (
            None
            if own
            else Adversary(
                self.clock,
                accounts,
                auth,
                preset=preset,
                app_url=self.origin,
                redirect_uris=tuple(f"{self.origin}/{folder.resolve().name}/_auth/{end}" for end in _ENDS),
                imitation=imitation,
            )
        )
        if self._adversary is not None:
            below = DIALECTS.get(preset or "", "") if imitation is None else ""
            given[AUTH_URL] = self._adversary.url + below
        self.app = _loaded(folder, given, secrets or {})
        self._ensure_no_other_api(given[AUTH_URL], preset)
        self.url = f"{self.origin}/{self.app.slug}/"
        self._folder = tempfile.TemporaryDirectory(prefix="portico-test-")
        self._log = _Log()
        self._keys: list[str] = []
        self._server: ThreadedServer | None = None
        self._users: list[User] = []

    def __enter__(self) -> Self:
        self._log.open()
        try:
            if self._adversary is not None:
                self._adversary.start()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for user in self._users:
            user.close()
        self._stop()
        if self._adversary is not None:
            self._adversary.stop()
        self._log.close()
        self._folder.cleanup()

    def user(self, browser: Browser | None = None, *, patience: float = PATIENCE) -> User:
        """Somebody new, with a browser of their own; without one that is named, with one that needs none."""
        user = User(browser or HeadlessBrowser(self.clock), self.url, patience=patience)
        self._users.append(user)
        return user

    def advance(self, by: timedelta) -> None:
        """Let time pass, for both servers and for the cookies of simulated browsers."""
        self.clock.advance(by)

    def restart(self) -> None:
        """End Portico and start it again, over the same store."""
        self._stop()
        self._start()

    def fault(self, spelled: str | Mapping[str, object]) -> None:
        """Let something go wrong at the auth server (`docs/journeys.md`). Raises StepFailed."""
        self._auth().add(spelled)

    def clear_faults(self) -> None:
        """Let everything there go right again."""
        self._auth().clear()

    @property
    def mails_url(self) -> str:
        """Where mails of the auth server can be read as JSON."""
        return f"{self._auth().url}/_mails.json"

    @property
    def calls(self) -> list[UpstreamCall]:
        """What the auth server was asked so far."""
        return self._adversary.calls if self._adversary is not None else []

    @property
    def log(self) -> list[str]:
        """The last warnings and errors of the servers."""
        return self._log.lines

    def timeline(self) -> list[str]:
        """What happened to the sessions on this stage."""
        time.sleep(GATHERED)
        server = self._server
        return server.run(history(self._stores, self._keys, self.clock)) if server is not None else []

    def _auth(self) -> Adversary:
        if self._adversary is None:
            raise StageRefused(message=f"{AUTH_URL} names an auth API of your own: nothing goes wrong there.")
        return self._adversary

    def _ensure_no_other_api(self, url: str, preset: str | None) -> None:
        """No journey signs in at an API that it was not told to use."""
        called = _auth_api(self.app)
        if preset is not None and called is not None and not called.startswith(url):
            raise StageRefused(
                message=f"The auth API of this app is {called}, whatever {AUTH_URL} says. Write "
                f"`url: ${{{AUTH_URL}:-{called}}}` in app.yaml, so that journeys can name another."
            )

    def _start(self) -> None:
        # A slow machine is no outage: journeys are about apps.
        file = Path(self._folder.name) / "store.db"
        stores = open_sqlite(file, self.clock, patience=timedelta(seconds=PATIENCE))
        noted = NotedTimelines(stores.timeline, self._keys)
        self._stores = replace(stores, timeline=noted)
        app = create_app(
            [self.app],
            site=Site.on_loopback(self._port),
            stores=self._stores,
            key=stores.key,
            clock=self.clock,
            listening=[(HOST, self._port)],
            trusted={self.app.slug: self._app_folder} if self._app_folder is not None else None,
        )
        self._server = ThreadedServer(portico_server(app), listen(self._port))
        self._server.start()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None


def _imitated(folder: Path, auth: AuthSettings, preset: str | None) -> Imitation | None:
    """The API that the auth server imitates; None where it speaks as it does by itself."""
    if auth.dialect:
        shipped = auth.dialect in SHIPPED
        return dialect_called(auth.dialect) if shipped else read_dialect(folder / auth.dialect)
    return dialect_called(preset) if preset in SHIPPED else None


def _auth_api(app: App) -> str | None:
    """Where the API of an app's preset is, or its OpenID provider."""
    if app.contract is not None and app.contract.provider is not None:
        return app.contract.provider.issuer
    called = app.datasources.get(PRESET_DATASOURCE)
    return None if called is None else called.url


def _loaded(folder: Path, settings: Mapping[str, str], secrets: Mapping[str, str]) -> App:
    """The app, for these settings. Raises StageRefused with its problems."""
    values = {**os.environ, **{f"{PREFIX}{name}": value for name, value in secrets.items()}}
    found = load(folder, types=CATALOGUE, settings={**os.environ, **settings}, secrets=Secrets(values))
    if found.app is None:
        errors = [problem.as_text() for problem in found.problems if problem.severity == "error"]
        raise StageRefused(message="\n".join([f"{folder} has errors, and cannot run:", *errors]))
    provider = found.app.contract.provider if found.app.contract is not None else None
    needed = {name for one in found.app.datasources.values() for name in one.unset}
    unset = sorted(needed | set(provider.unset if provider is not None else ()))
    if unset:
        raise StageRefused(
            message=f"Secrets that are not set: {', '.join(unset)}. Make some up below `secrets` in the file "
            "of the journeys."
        )
    return found.app


class _Log(logging.Handler):
    """Keeps what Portico's servers warn of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    @property
    def lines(self) -> list[str]:
        return list(self._lines)

    def open(self) -> None:
        logging.getLogger("portico").addHandler(self)

    def close(self) -> None:
        logging.getLogger("portico").removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        more = {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        said = " ".join(f"{name}={json.dumps(value, default=str)}" for name, value in more.items())
        self._lines.append(f"{record.levelname.lower()}: {record.getMessage()} {said}".rstrip())
