"""What a session holds that several apps share: the tokens and whose they are, once; and for each app what
the user is to it, and the names that its scripts have for the tokens.

A role that one app gives opens nothing in another, and a sealed token of one is none in another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from portico.auth.handles import Handle
from portico.model.identity import Identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """An app's own of a session, as the fields of that name are in `Session` and in `TokenSet`."""

    user: Mapping[str, Any] = field(repr=False)
    roles: frozenset[str]
    own_user: bool = False
    confirmed_at: datetime | None = None
    handles: Mapping[str, Handle] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "user": dict(self.user),
            "roles": sorted(self.roles),
            "own_user": self.own_user,
            "confirmed_at": self.confirmed_at and self.confirmed_at.timestamp(),
            "handles": {name: handle.as_json() for name, handle in self.handles.items()},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """The part that was kept."""
        at = kept["confirmed_at"]
        return cls(
            user=kept["user"],
            roles=frozenset(kept["roles"]),
            own_user=kept["own_user"],
            confirmed_at=None if at is None else datetime.fromtimestamp(at, UTC),
            handles={name: Handle.of_json(handle) for name, handle in kept["handles"].items()},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """That a session is one of a `group` of apps, whose tokens are those of the auth API `origin`.

    `home` is the app in which it began: its names for cookies are the jar's own. `granted` is what the
    answer that handed out the tokens said of the user. `parts` are those of the other apps that have used
    it, by their slugs.
    """

    group: str
    origin: str
    home: str
    granted: Identity | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What is kept of it."""
        granted = self.granted
        return {
            "group": self.group,
            "origin": self.origin,
            "home": self.home,
            "granted": granted
            and {"uid": granted.uid, "user": dict(granted.user), "roles": sorted(granted.roles)},
            "parts": {app: part.as_json() for app, part in self.parts.items()},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """What was kept."""
        granted = kept["granted"]
        return cls(
            group=kept["group"],
            origin=kept["origin"],
            home=kept["home"],
            granted=granted
            and Identity(uid=granted["uid"], user=granted["user"], roles=frozenset(granted["roles"])),
            parts={app: Part.of_json(part) for app, part in kept["parts"].items()},
        )
