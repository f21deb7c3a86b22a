"""What scripts read of the world around the page: `appsmith` and `auth`."""

from collections.abc import Mapping
from typing import Any

from portico.auth.session import Session
from portico.model.app import App
from portico.runtime.rules import auth_of

#: `appsmith.user` is the account of the builder's own platform, which visitors of an app never
#: have: with custom sign-in it stays anonymous, as in the seeds (checklist 2A).
ANONYMOUS = {
    "email": "anonymousUser",
    "username": "anonymousUser",
    "name": "anonymousUser",
    "isEnabled": True,
    "isAnonymous": True,
    "roles": [],
    "groups": [],
}


def environment(
    app: App,
    *,
    url: Mapping[str, Any],
    session: Session | None,
    persistent: Mapping[str, Any],
    tab_store: Mapping[str, Any],
) -> dict[str, Any]:
    """The `env` input of a turn (`docs/design/program.md`)."""
    return {
        "k": "env",
        "url": dict(url),
        "store": {"persistent": dict(persistent), "session": dict(tab_store)},
        "user": ANONYMOUS,
        "auth": auth_of(session),
        "mode": "VIEW",
        "theme": {
            "colors": {"primaryColor": app.theme.brand, "backgroundColor": "#ffffff"},
            "borderRadius": {"appBorderRadius": "0.5rem"},
            "boxShadow": {"appBoxShadow": "none"},
            "fontFamily": {"appFont": "system-ui"},
        },
    }
