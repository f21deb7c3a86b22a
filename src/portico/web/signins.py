"""The sign-ins at a provider that a browser has begun (P20, P90).

Each has a cookie of its own, so that tabs do not disturb each other; nobody else's browser has it, so that
an answer which was meant for another one signs nobody in. It holds a random seed, signed, from which this
server alone makes what the provider is sent: state, nonce and the verifier of PKCE.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.auth.redirects import safe_next
from portico.clock import Clock
from portico.model.app import App
from portico.runtime.provider import Attempt
from portico.values import Secret, SitePath, new_id
from portico.web.cookies import Signature
from portico.web.site import Site

#: How long a user may take at the provider.
LIFE = timedelta(minutes=10)
#: Sign-ins that one browser may have under way: of more, the oldest goes.
CAP = 5
#: Longest way back; browsers keep no cookie over 4 KB.
BACK_LIMIT = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A sign-in under way, which leads on to `back`, and is over at `until`."""

    attempt: Attempt
    back: SitePath
    until: datetime


class SignIns:
    """Writes and reads the cookies. They are for the whole host, because a cookie for less could be
    planted from a neighbouring one (`__Host-`, RFC 6265bis)."""

    def __init__(self, site: Site, key: Secret, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._signature = Signature(key, "sign-in")
        self._key = hmac.digest(key.reveal().encode(), b"portico sign-in seeds", hashlib.sha256)

    def begin(self, request: Request, app: App, back: SitePath) -> tuple[Begun, list[tuple[str, str]]]:
        """A new sign-in, and the cookies that its answer sets: by name, "" for those that go."""
        seed, until = new_id(32), self._clock.now() + LIFE
        if len(str(back)) > BACK_LIMIT:
            back = SitePath(f"/{app.slug}/")
        value = self._signature.sign(app, json.dumps([seed, int(until.timestamp()), str(back)]))
        begun = Begun(attempt=self._attempt(app, seed), back=back, until=until)
        read = ((name, self._read(app, name, value)) for name, value in self._held(request, app))
        known = sorted((found.until.timestamp() if found else 0.0, name) for name, found in read)
        gone = [name for _, name in known[: max(len(known) - CAP + 1, 0)]]
        gone += [name for since, name in known if since == 0 and name not in gone]
        return begun, [(self._name(app, begun.attempt.state), value), *((name, "") for name in gone)]

    def find(self, request: Request, app: App, state: str) -> Begun | None:
        """The sign-in that this browser began with this state, if it is not over."""
        name = self._name(app, state)
        found = self._read(app, name, request.cookies.get(name, ""))
        return found if found is not None and hmac.compare_digest(found.attempt.state, state) else None

    def end(self, response: Response, app: App, begun: Begun) -> None:
        """It has come back."""
        self.write(response, [(self._name(app, begun.attempt.state), "")])

    def write(self, response: Response, cookies: list[tuple[str, str]]) -> None:
        """Set cookies, or take them away."""
        for name, value in cookies:
            response.set_cookie(
                name,
                value,
                max_age=int(LIFE.total_seconds()) if value else 0,
                path="/",
                secure=self._site.secure,
                httponly=True,
                samesite="lax",
            )

    def _read(self, app: App, name: str, value: str) -> Begun | None:
        content = self._signature.open(app, value) if value else None
        if content is None:
            return None
        seed, until, back = json.loads(content)
        begun = Begun(
            attempt=self._attempt(app, seed),
            back=safe_next(back, default=SitePath(f"/{app.slug}/"), under=f"/{app.slug}/"),
            until=datetime.fromtimestamp(until, UTC),
        )
        fits = name == self._name(app, begun.attempt.state)
        return begun if fits and begun.until > self._clock.now() else None

    def _attempt(self, app: App, seed: str) -> Attempt:
        return Attempt(
            state=self._made("state", seed),
            nonce=self._made("nonce", seed),
            verifier=Secret(self._made("verifier", seed)),
            redirect_uri=f"{self._site.origins[0]}/{app.slug}/_auth/callback",
        )

    def _made(self, what: str, seed: str) -> str:
        """43 characters that nobody can know without the server's key."""
        made = hmac.digest(self._key, f"{what} {seed}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def _held(self, request: Request, app: App) -> list[tuple[str, str]]:
        prefix = self._prefix(app)
        return [(name, value) for name, value in request.cookies.items() if name.startswith(prefix)]

    def _name(self, app: App, state: str) -> str:
        return self._prefix(app) + hashlib.sha256(state.encode(errors="replace")).hexdigest()[:16]

    def _prefix(self, app: App) -> str:
        if self._site.secure:
            return f"__Host-portico-signin.{app.slug}."
        return f"portico-signin-{self._site.port}.{app.slug}."
