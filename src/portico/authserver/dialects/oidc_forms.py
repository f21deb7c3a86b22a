"""The pages of the OpenID provider, which work without scripts, and what keeps forms of others out (P20).

A form says what the browser came with, signed, and is taken from that browser alone, which has a cookie of
its own for it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from portico.authserver.dialects.oidc_errors import MOUNT
from portico.authserver.dialects.oidc_requests import Asked, Way
from portico.authserver.local_pages import page
from portico.authserver.moments import to_seconds
from portico.authserver.signing import Signer, TokenInvalid
from portico.clock import Clock
from portico.values import hashed, new_id

_COOKIE = "portico-oidc-form"
_SIGN_IN, _SIGN_OUT = "oidc sign-in form", "oidc sign-out form"

_PROBLEM = Markup('<p role="alert">{problem}</p>')
_NOTE = Markup("<p><small>An OpenID provider for development and tests: Portico's auth server.</small></p>")
_LOGIN = Markup(
    "<p>To go on to <b>{client}</b>.</p>{problem}"
    '<form method="post" action="{action}"><input type="hidden" name="form" value="{form}">'
    '<label>Username or e-mail <input name="username" value="{username}" autocomplete="username" required'
    "{focus}></label>"
    '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>'
    '<button name="decision" value="allow">Sign in</button>'
    '<button name="decision" value="deny" formnovalidate>Cancel</button></form>{note}'
)
_LOGOUT = Markup(
    "<p>You are signed in at this provider. Do you want to sign out, here and in every app?</p>"
    '<form method="post" action="{action}"><input type="hidden" name="form" value="{form}">'
    '<button name="decision" value="allow">Yes, sign out</button>'
    '<button name="decision" value="deny">No</button></form>{note}'
)
_SIGNED_OUT = Markup("<p>You are signed out at this provider.</p>{note}")


@final
class Forms:
    """Shows pages with forms, and opens what comes back."""

    def __init__(self, signer: Signer, clock: Clock, lifetime: timedelta) -> None:
        self._signer = signer
        self._clock = clock
        self._lifetime = lifetime

    def sign_in(self, request: Request, asked: Asked, *, username: str, problem: str = "") -> Response:
        """The page where a user says who it is."""
        browser = _browser(request)
        # What was asked of the page itself is done with it.
        said = {
            "client_id": asked.client_id,
            "scope": asked.scope,
            "nonce": asked.nonce,
            "challenge": asked.challenge,
            **asdict(asked.way),
        }
        content = _LOGIN.format(
            client=asked.client_id,
            problem=_PROBLEM.format(problem=problem) if problem else "",
            action=f"{MOUNT}/login",
            form=self._sealed(_SIGN_IN, said, browser),
            username=username,
            focus="" if username else Markup(" autofocus"),
            note=_NOTE,
        )
        return self._shown("Sign in", content, request, browser)

    def sign_out(self, request: Request, back: str) -> Response:
        """The page that asks whether to sign out; `back` is where it leads on to, if anywhere."""
        browser = _browser(request)
        content = _LOGOUT.format(
            action=f"{MOUNT}/logout/confirm",
            form=self._sealed(_SIGN_OUT, {"back": back}, browser),
            note=_NOTE,
        )
        return self._shown("Sign out", content, request, browser)

    def asked(self, request: Request, form: str) -> Asked | None:
        """The request of a sign-in form that this browser was shown, and that is not over."""
        said = self._opened(request, _SIGN_IN, form)
        if said is None:
            return None
        way = Way(redirect_uri=said["redirect_uri"], state=said["state"])
        return Asked(
            client_id=said["client_id"],
            way=way,
            scope=said["scope"],
            nonce=said["nonce"],
            challenge=said["challenge"],
        )

    def back(self, request: Request, form: str) -> str | None:
        """Where a sign-out form that this browser was shown leads on to; None for another form."""
        said = self._opened(request, _SIGN_OUT, form)
        return None if said is None else said["back"]

    def _sealed(self, kind: str, said: Mapping[str, object], browser: str) -> str:
        ends = to_seconds(self._clock.now() + self._lifetime)
        claims = {"type": kind, "browser": hashed(browser), "exp": ends, "said": said}
        return self._signer.sign(claims, renews=True)

    def _opened(self, request: Request, kind: str, form: str) -> dict[str, str] | None:
        """What a form of this kind says. It is of our own making: nothing in it has to be checked again."""
        try:
            claims = self._signer.verify(form)
        except TokenInvalid:
            return None
        said = claims.get("said")
        fits = claims.get("type") == kind and claims.get("browser") == hashed(_browser(request))
        return said if fits and isinstance(said, dict) else None

    def _shown(self, title: str, content: Markup, request: Request, browser: str) -> Response:
        answer = page(title, content)
        if _COOKIE not in request.cookies:
            answer.set_cookie(_COOKIE, browser, path=MOUNT, httponly=True, samesite="lax")
        return answer


def signed_out() -> Response:
    """The page after a log-out that leads nowhere."""
    return page("Signed out", _SIGNED_OUT.format(note=_NOTE))


def _browser(request: Request) -> str:
    """What tells a browser from others; a new name for one that has none, which no form fits."""
    return request.cookies.get(_COOKIE) or new_id(32)
