"""Values of access rules: `access: "{{ … }}"`, evaluated where no page script can reach.

A context of its own that holds a frozen `auth` and nothing else, 50 ms of CPU (hard-cases 15).
"""

from datetime import timedelta

from portico.auth.session import Session
from portico.clock import Clock
from portico.model.access import Rule
from portico.model.app import App
from portico.model.page import Page
from portico.sandbox.pool import Pool

CPU = timedelta(milliseconds=50)


async def value(pool: Pool, clock: Clock, app: App, page: Page, session: Session | None) -> object:
    """The rule's value for this visitor, or None for a page whose access is no rule.

    Anything but `true` denies; so does a rule that throws, which gives None. Raises ScriptFailed
    if the sandbox cannot be used: that is no decision, but a 503.
    """
    if not isinstance(page.access, Rule) or app.guard_program is None:
        return None
    question = {
        "k": "evaluate",
        "ev": "access",
        "name": page.access.name,
        "values": {"auth": auth_of(session)},
    }
    context, turn = await pool.open(
        f"{app.slug}@{app.version}", app.guard_program, [question], clock.now(), cpu=CPU
    )
    await context.close()
    return turn.results.get(page.access.name)


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
