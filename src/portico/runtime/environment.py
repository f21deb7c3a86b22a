"""What scripts read of the world around the page: `appsmith` and `auth`."""

from collections.abc import Mapping
from typing import Any

from portico.auth.jar import Jar
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.culture.culture import Culture
from portico.model.app import App, Theme
from portico.model.page import Page
from portico.runtime.cookies import named
from portico.runtime.rules import auth_of

#: `appsmith.user` is the account of the builder's own platform, which visitors of an app never
#: have: with custom sign-in it stays anonymous, as in the seeds (checklist 2A).
ANONYMOUS = {
    "email": "anonymousUser",
    "username": "anonymousUser",
    "name": "anonymousUser",
    "isEnabled": True,
    "accountNonExpired": True,
    "accountNonLocked": True,
    "credentialsNonExpired": True,
    "isAnonymous": True,
    "roles": [],
    "groups": [],
    "idToken": {},
}


def environment(
    app: App,
    page: Page,
    *,
    url: Mapping[str, Any],
    fragment: str,
    session: Session | None,
    jar: Jar,
    persistent: Mapping[str, Any],
    tab_store: Mapping[str, Any],
    culture: Culture,
    vault: Vault,
) -> dict[str, Any]:
    """The `env` input of a turn (`docs/design/program.md`). `fragment` is the part of the address
    from `#` on, which only the browser knows; `vault` has the session's tokens, `jar` the cookies."""
    return {
        "k": "env",
        "locale": culture.locale,
        "zone": culture.zone,
        "url": {**url, "hash": fragment, "fullPath": f"{url['fullPath']}{fragment}"},
        "page": page.name,
        "store": {
            "persistent": {**_handed_over(app, session, vault, tab_store), **persistent},
            "session": dict(tab_store),
        },
        "user": ANONYMOUS,
        "auth": {
            **auth_of(session),
            **_tokens(session, vault),
            "cookies": named(app, jar),
            "pending": _pending(session),
        },
        "mode": "VIEW",
        "theme": theme_of(app.theme),
    }


def _tokens(session: Session | None, vault: Vault) -> dict[str, str | None]:
    """The session's tokens, sealed, and when the first of them ends."""
    tokens = session.tokens if session is not None else None
    ends = tokens.expires_at if tokens is not None else None
    return {
        "token": vault.own((tokens.carrier if tokens is not None else "") or "access"),
        "refreshToken": vault.own("refresh"),
        "expiresAt": ends.isoformat().replace("+00:00", "Z") if ends is not None else None,
    }


def _handed_over(
    app: App, session: Session | None, vault: Vault, tab_store: Mapping[str, Any]
) -> dict[str, str]:
    """The token under the key where the app's scripts look for it, though another app that shares the sign-in
    has stored it."""
    key = app.contract.token_key if app.contract is not None else None
    if session is None or session.shared is None or key is None or key in tab_store:
        return {}
    token = _tokens(session, vault)["token"]
    return {key: token} if token is not None else {}


def _pending(session: Session | None) -> Any:
    """What the auth API answered to the first step of a sign-in, sealed."""
    return session.step.answer if session is not None and session.step is not None else None


def theme_of(theme: Theme) -> dict[str, dict[str, str]]:
    """`appsmith.theme` (seeds-checklist 2A): what of an app's look scripts can ask for."""
    return {
        "colors": {"primaryColor": theme.brand, "backgroundColor": "#ffffff"},
        "borderRadius": {"appBorderRadius": "0.5rem"},
        "boxShadow": {"appBoxShadow": "none"},
        "fontFamily": {"appFont": "system-ui"},
    }
