"""ID tokens of sessions that have ended, which lead to the provider that is to end its own (R4).

The browser goes there over a one-time path of this server: no page and no script sees a token, whether the
provider is shown it or not.
"""

from datetime import timedelta

from portico.auth.passing import Passing
from portico.errors import PageNotFound
from portico.model.app import App
from portico.values import Secret

LIFE = timedelta(seconds=60)


class Farewells:
    """In the store, for a minute: another process may get the browser's next request."""

    def __init__(self, passing: Passing) -> None:
        self._passing = passing

    async def offer(self, app: App, id_token: Secret) -> str:
        """The key under which the token is given out, once. Raises StoreUnavailable."""
        return await self._passing.leave(id_token.reveal().encode(), holder=_holder(app), life=LIFE)

    async def collect(self, app: App, key: str) -> Secret:
        """Raises PageNotFound the second time, and when it waited too long; StoreUnavailable."""
        found = await self._passing.take(key, holder=_holder(app))
        if found is None:
            raise PageNotFound("no log-out waits here")
        return Secret(found.decode())


def _holder(app: App) -> str:
    return f"farewell {app.slug}"
