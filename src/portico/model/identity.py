"""Who is signed in, as the auth API said it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A signed-in user. `uid` and `roles` come from evidence only, never from a script."""

    uid: str
    user: Mapping[str, Any] = field(default_factory=dict, repr=False)
    roles: frozenset[str] = frozenset()
