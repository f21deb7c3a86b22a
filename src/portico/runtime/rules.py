"""Values of access rules: `access: "{{ … }}"`, evaluated where no page script can reach.

A context of its own that holds a frozen `auth` and nothing else, 50 ms of CPU (hard-cases 15).
"""

import logging
from collections import OrderedDict
from datetime import timedelta

from portico.auth.session import Session
from portico.clock import Clock
from portico.model.access import Rule
from portico.model.app import App
from portico.model.page import Page
from portico.model.program import Program
from portico.sandbox.pool import Pool

log = logging.getLogger("portico.script")

CPU = timedelta(milliseconds=50)

#: Values kept.
KEPT = 10_000


class Rules:
    """Evaluates rules, and keeps the values of each session's generation."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str, str, int], object] = OrderedDict()

    async def value(self, app: App, page: Page, session: Session | None) -> object:
        """The rule's value for this visitor, or None for a page whose access is no rule.

        Anything but `true` denies; so does a rule that throws, which gives None. Raises
        ScriptFailed if the sandbox cannot be used: that is no decision, but a 503.
        """
        if not isinstance(page.access, Rule) or app.guard_program is None:
            return None
        who = (session.lineage, session.generation) if session else ("", 0)
        key = (app.key, page.access.name, *who)
        if key not in self._kept:
            self._kept[key] = await self._evaluated(key[0], app.guard_program, page.access.name, session)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    async def _evaluated(self, app_key: str, program: Program, name: str, session: Session | None) -> object:
        values = {"auth": auth_of(session)}
        question = {"k": "evaluate", "ev": "access", "name": name, "values": values}
        context, turn = await self._pool.open(app_key, program, [question], self._clock.now(), cpu=CPU)
        await context.close()
        for error in turn.errors:
            place = program.locate(error.line, error.column or 1) if error.line else None
            # What it says may hold something of the user: where it is has to be enough.
            log.warning(
                "access rule failed", extra={"app": app_key, "place": str(place), "error": error.name}
            )
        return turn.results.get(name)


def auth_of(session: Session | None) -> dict[str, object]:
    """The `auth` object of scripts and rules."""
    identity = session.identity if session else None
    if identity is None:
        return {"isLoggedIn": False, "uid": None, "user": None, "roles": []}
    return {
        "isLoggedIn": True,
        "uid": identity.uid,
        "user": dict(identity.user),
        "roles": sorted(identity.roles),
    }
