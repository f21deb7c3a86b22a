"""Who is signed in, as the auth API said it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: What of a user may tell people who it is, the best first.
_NAMES = ("email", "username", "name", "phone")
_NAME_LIMIT = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A signed-in user. `uid` and `roles` come from evidence only, never from a script."""

    uid: str
    user: Mapping[str, Any] = field(default_factory=dict, repr=False)
    roles: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The user in the user's own words; the uid where the auth API says nothing better."""
        for key in _NAMES:
            value = self.user.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()[:_NAME_LIMIT]
        return self.uid[:_NAME_LIMIT]
