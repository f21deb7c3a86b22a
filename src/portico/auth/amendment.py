"""What an app may change of a session that goes on, and what comes of it.

Who is signed in is not among it, and no role can be given: that takes evidence (hard-cases 1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from portico.values import Secret


class Keep(Enum):
    """What is not to change."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """Changes of a session; what is KEEP stays as it is by the time they are written.

    None takes away: with `token` None all tokens go, as nothing can be renewed without one, and the roles,
    about which nobody can be asked then. Another token comes by evidence alone, with
    `SessionManager.renew`. `refresh_handles` are names that the new refresh token was given out under.
    `user` makes of what is known of the user what is to be known.
    """

    token: Keep | None = KEEP
    refresh: Secret | Keep | None = field(default=KEEP, repr=False)
    refresh_handles: Mapping[str, str] = field(default_factory=dict, repr=False)
    expires_at: datetime | Keep | None = KEEP
    user: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
