"""What the auth API granted as evidence for a session, with what the app wants known of its user."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from portico.auth.evidence import Granted
from portico.auth.sealing import Vault, subject_of
from portico.auth.session import Session
from portico.errors import SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.model.statement import is_secret_column
from portico.runtime.meaning import Grant
from portico.runtime.user_data import of_json
from portico.values import Secret

log = logging.getLogger("portico.runtime")

#: Makes what is known of a user of whom the auth API named. Raises SignInRefused.
Known = Callable[[Identity], Mapping[str, Any]]


def renewal(app: App, session: Session, grant: Grant, vault: Vault) -> Granted | None:
    """A grant as evidence for going on with a session; None if it names somebody else. What it does not
    say stays as it is."""
    held, found = session.identity, grant.identity
    if held is None or session.tokens is None or grant.token is None:
        return None
    if found is not None and found.uid != held.uid:
        return None
    if found is None and _subjects_differ(session.tokens.access, grant.token):
        return None
    known = still_knowing(app, session, found) if found is not None and found.user else held
    roles = held.roles if grant.roles is None else grant.roles
    return granted(grant, grant.token, Identity(uid=held.uid, user=known.user, roles=roles), vault)


def knowing(app: App, identity: Identity, known: Known | None) -> Identity:
    """Who it is, with what is known of the user. Raises SignInRefused where that does not fit."""
    return replace(identity, user=known(identity) if known is not None else of_json(app, identity.user))


def still_knowing(app: App, session: Session, identity: Identity) -> Identity:
    """Who a session is of by now. What an answer says of the user counts where it fits the app's type and
    the app's scripts have not said it themselves; the session goes on without it."""
    held = session.identity.user if session.identity is not None else {}
    if session.own_user:
        return replace(identity, user=held)
    try:
        return knowing(app, identity, None)
    except SignInRefused as error:
        log.warning("what is known of a user stays", extra={"app": app.slug, "why": error.detail})
        return replace(identity, user=held)


def without_secrets(identity: Identity) -> Identity:
    """A user as pages may know them: a row of the app's own table has a password in it, as likely as not."""
    user = {name: value for name, value in identity.user.items() if not is_secret_column(name)}
    return replace(identity, user=user)


def _subjects_differ(before: Secret, after: Secret) -> bool:
    """Whether two tokens say that they are of different users."""
    first, second = subject_of(before.reveal()), subject_of(after.reveal())
    return first is not None and second is not None and first != second


def granted(grant: Grant, token: Secret, identity: Identity, vault: Vault) -> Granted:
    """A grant with its token, as evidence for this user."""
    return Granted(
        token=token,
        identity=identity,
        refresh=grant.refresh,
        expires_at=grant.expires_at,
        handles=vault.handles_of(token),
        refresh_handles=vault.handles_of(grant.refresh) if grant.refresh is not None else {},
        carrier=grant.carrier,
        cookies=grant.cookies,
    )
