"""The way to a provider that the auth API itself signs in with, as GoTrue's `/authorize` is."""

import re
from urllib.parse import quote, urlencode

from portico.errors import SignInRefused
from portico.model.app import App
from portico.runtime.provider import Attempt

#: How auth APIs call providers.
PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def authorization(app: App, attempt: Attempt, provider: str) -> str:
    """Where the auth API sends a browser on to one of its providers, and this server's code challenge with
    it. Raises SignInRefused for an app that has none."""
    contract = app.contract
    if contract is None or contract.authorize is None or not PROVIDER.fullmatch(provider):
        raise SignInRefused("the app has no such provider")
    source = app.datasources[app.queries[contract.queries["exchange"]].datasource]
    asked = {
        "provider": provider,
        # It comes back with what it was given: that has to be told from another browser's.
        "redirect_to": f"{attempt.redirect_uri}?state={attempt.state}",
        "code_challenge": attempt.challenge,
        "code_challenge_method": "s256",
    }
    return f"{source.url}{contract.authorize}?{urlencode(asked, quote_via=quote)}"
