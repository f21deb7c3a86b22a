"""ID tokens of sessions that have ended, on their way to the provider that is to end its own (R4).

The browser goes there over a one-time path of this server: no page and no script sees the token, and the
provider's answer to it is none of theirs either.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from portico.clock import Clock
from portico.errors import PageNotFound
from portico.model.app import App
from portico.values import Secret, new_id

LIFE = timedelta(seconds=60)
CAP = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    slug: str
    id_token: Secret
    until: datetime


class Farewells:
    """Of this process, for a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()

    def offer(self, app: App, id_token: Secret) -> str:
        """The key under which the token is given out, once."""
        key = new_id()
        self._waiting[key] = _Waiting(slug=app.slug, id_token=id_token, until=self._clock.now() + LIFE)
        while len(self._waiting) > CAP:
            self._waiting.popitem(last=False)
        return key

    def collect(self, app: App, key: str) -> Secret:
        """Raises PageNotFound the second time, and when it waited too long."""
        found = self._waiting.pop(key, None)
        if found is None or found.slug != app.slug or found.until < self._clock.now():
            raise PageNotFound("no log-out waits here")
        return found.id_token
