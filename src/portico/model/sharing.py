"""A sign-in that several apps share."""

from dataclasses import dataclass, field

from portico.model.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A part of a contract that all who share a sign-in must have the same: `what` it is, what the app `said`
    of it, for people, and where. `value` is what is compared; it may hold secrets."""

    what: str
    said: str
    place: Place
    value: object = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sharing:
    """That an app shares its sign-in with the others of a `group`, `place` is where it says so. `terms` are
    what they must have in common, by what they are; `origin` is a digest of the auth API that tokens go to:
    a session of another one is none of this group's."""

    group: str
    place: Place
    terms: tuple[Term, ...] = field(repr=False)
    origin: str
