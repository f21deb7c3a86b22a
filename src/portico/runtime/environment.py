"""What scripts read of the world around the page: `appsmith` and `auth`."""

from collections.abc import Mapping
from typing import Any

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
) -> dict[str, Any]:
    """The `env` input of a turn (`docs/design/program.md`). `fragment` is the part of the address
    from `#` on, which only the browser knows."""
    return {
        "k": "env",
        "locale": culture.locale,
        "zone": culture.zone,
        "url": {**url, "hash": fragment, "fullPath": f"{url['fullPath']}{fragment}"},
        "page": page.name,
        "store": {"persistent": dict(persistent), "session": dict(tab_store)},
        "user": ANONYMOUS,
        "auth": auth_of(session),
        "mode": "VIEW",
        "theme": theme_of(app.theme),
    }


def theme_of(theme: Theme) -> dict[str, dict[str, str]]:
    """`appsmith.theme` (seeds-checklist 2A): what of an app's look scripts can ask for."""
    return {
        "colors": {"primaryColor": theme.brand, "backgroundColor": "#ffffff"},
        "borderRadius": {"appBorderRadius": "0.5rem"},
        "boxShadow": {"appBoxShadow": "none"},
        "fontFamily": {"appFont": "system-ui"},
    }
