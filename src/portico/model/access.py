"""Who may open a page: closed alternatives, so that a guard cannot forget one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Public:
    """Anybody."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Any signed-in user."""


@dataclass(frozen=True, slots=True)
class AnyRole:
    """A signed-in user who has at least one of `roles`."""

    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A binding over `auth`; only the value `true` opens. Evaluated in a context of its own
    (hard-cases 15) as evaluation `name` of the app's guard program."""

    name: str


Access = Public | SignedIn | AnyRole | Rule
