"""What scripts read of the world around the page: `appsmith` and `auth`."""

from collections.abc import Mapping
from typing import Any

from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.culture.culture import Culture
from portico.model.app import App, Theme
from portico.model.page import Page
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
    persistent: Mapping[str, Any],
    tab_store: Mapping[str, Any],
    culture: Culture,
    vault: Vault,
) -> dict[str, Any]:
    """The `env` input of a turn (`docs/design/program.md`). `fragment` is the part of the address
    from `#` on, which only the browser knows; `vault` has the session's tokens."""
    return {
        "k": "env",
        "locale": culture.locale,
        "zone": culture.zone,
        "url": {**url, "hash": fragment, "fullPath": f"{url['fullPath']}{fragment}"},
        "page": page.name,
        "store": {"persistent": dict(persistent), "session": dict(tab_store)},
        "user": ANONYMOUS,
        "auth": {**auth_of(session), **_tokens(session, vault), "pending": _pending(session)},
        "mode": "VIEW",
        "theme": theme_of(app.theme),
    }


def _tokens(session: Session | None, vault: Vault) -> dict[str, str | None]:
    """The session's tokens, sealed, and when the first of them ends."""
    ends = session.tokens.expires_at if session is not None and session.tokens is not None else None
    return {
        "token": vault.own("access"),
        "refreshToken": vault.own("refresh"),
        "expiresAt": ends.isoformat().replace("+00:00", "Z") if ends is not None else None,
    }


def _pending(session: Session | None) -> Any:
    """What the auth API answered to the first step of a sign-in, sealed."""
    return session.pending.answer if session is not None and session.pending is not None else None


def theme_of(theme: Theme) -> dict[str, dict[str, str]]:
    """`appsmith.theme` (seeds-checklist 2A): what of an app's look scripts can ask for."""
    return {
        "colors": {"primaryColor": theme.brand, "backgroundColor": "#ffffff"},
        "borderRadius": {"appBorderRadius": "0.5rem"},
        "boxShadow": {"appBoxShadow": "none"},
        "fontFamily": {"appFont": "system-ui"},
    }
