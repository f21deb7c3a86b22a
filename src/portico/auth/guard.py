"""Who may open what. Answers pages that are only hidden, and guards that fail open (P123-124).

The decision is a value: page, event and API act on the same one, each in its own way.
"""

from dataclasses import dataclass
from enum import StrEnum

from portico.model.access import Access, AnyRole, Public, Rule, SignedIn
from portico.model.identity import Identity


class Reason(StrEnum):
    """Why: for the log and the author, never for the visitor."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    HAS_ROLE = "has_role"
    RULE_TRUE = "rule_true"
    NOT_SIGNED_IN = "not_signed_in"
    NO_ROLE = "no_role"
    RULE_NOT_TRUE = "rule_not_true"
    NO_SUCH_PAGE = "no_such_page"
    ROLES_UNKNOWN = "roles_unknown"
    UNKNOWN_ACCESS = "unknown_access"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allow:
    """Open it."""

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """Not without signing in."""

    reason: Reason = Reason.NOT_SIGNED_IN


@dataclass(frozen=True, kw_only=True, slots=True)
class Deny:
    """Not for this user. From outside the same as `NotFound`."""

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class NotFound:
    """There is nothing to open."""

    reason: Reason = Reason.NO_SUCH_PAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsure:
    """It cannot be decided now: not opened, and nobody is signed out for it."""

    reason: Reason = Reason.ROLES_UNKNOWN


Decision = Allow | SignIn | Deny | NotFound | Unsure


def decide(
    access: Access | None, identity: Identity | None, *, rule: object = None, unconfirmed: bool = False
) -> Decision:
    """Decide whether a visitor may open what `access` protects. Never raises.

    `access` is None for what does not exist. `rule` is the value that a `Rule` had for this visitor;
    only `True` itself opens. `unconfirmed`: what is known of the user's roles is too old to count.
    Whatever is not understood is denied.
    """
    if isinstance(access, Public):
        return Allow(reason=Reason.PUBLIC)
    if access is None:
        return NotFound()
    identity = identity if isinstance(identity, Identity) and identity.uid else None
    if unconfirmed and identity is not None and isinstance(access, AnyRole | Rule):
        return Unsure()
    if isinstance(access, Rule):
        return _by_rule(identity, rule)
    if identity is None:
        return SignIn()
    if isinstance(access, SignedIn):
        return Allow(reason=Reason.SIGNED_IN)
    return _by_role(access, identity)


def _by_rule(identity: Identity | None, rule: object) -> Decision:
    if rule is True:
        return Allow(reason=Reason.RULE_TRUE)
    return SignIn() if identity is None else Deny(reason=Reason.RULE_NOT_TRUE)


def _by_role(access: object, identity: Identity) -> Decision:
    # Both must be sets: the letters of the text "admin" are no roles.
    if not isinstance(access, AnyRole) or not _is_set(access.roles) or not _is_set(identity.roles):
        return Deny(reason=Reason.UNKNOWN_ACCESS)
    if access.roles & identity.roles:
        return Allow(reason=Reason.HAS_ROLE)
    return Deny(reason=Reason.NO_ROLE)


def _is_set(roles: object) -> bool:
    return isinstance(roles, frozenset)
