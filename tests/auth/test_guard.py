"""The guard: every kind of access, every kind of visitor, and everything it does not understand (P124)."""

import math
from typing import Any, cast

import pytest

from portico.auth.guard import Allow, Decision, Deny, NotFound, Reason, SignIn, decide
from portico.model.access import Access, AnyRole, Public, Rule, SignedIn
from portico.model.identity import Identity

NOBODY = None
ANN = Identity(uid="1", roles=frozenset({"clerk"}))
BOB = Identity(uid="2")

PUBLIC, SIGNED_IN, RULE = Public(), SignedIn(), Rule("r")
ADMIN, CLERK, NO_ROLE = (
    AnyRole(frozenset({"admin"})),
    AnyRole(frozenset({"admin", "clerk"})),
    AnyRole(frozenset()),
)


@pytest.mark.parametrize(
    ("access", "identity", "expected"),
    [
        (PUBLIC, NOBODY, Allow(reason=Reason.PUBLIC)),
        (PUBLIC, ANN, Allow(reason=Reason.PUBLIC)),
        (SIGNED_IN, NOBODY, SignIn()),
        (SIGNED_IN, BOB, Allow(reason=Reason.SIGNED_IN)),
        (CLERK, NOBODY, SignIn()),
        (CLERK, ANN, Allow(reason=Reason.HAS_ROLE)),
        (CLERK, BOB, Deny(reason=Reason.NO_ROLE)),
        (ADMIN, ANN, Deny(reason=Reason.NO_ROLE)),
        (NO_ROLE, ANN, Deny(reason=Reason.NO_ROLE)),
        (RULE, NOBODY, SignIn()),
        (RULE, ANN, Deny(reason=Reason.RULE_NOT_TRUE)),
        (None, NOBODY, NotFound()),
        (None, ANN, NotFound()),
    ],
)
def test_decisions(access: Access | None, identity: Identity | None, expected: Decision) -> None:
    """What each visitor may open, and why."""
    assert decide(access, identity) == expected


def test_a_rule_opens_for_true() -> None:
    """For visitors who are not signed in as well: that is the rule's own business."""
    for identity in (NOBODY, ANN):
        assert decide(RULE, identity, rule=True) == Allow(reason=Reason.RULE_TRUE)


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        1,
        1.0,
        "true",
        "True",
        [True],
        {"ok": True},
        math.nan,
        object(),
        Allow(reason=Reason.PUBLIC),
    ],
)
def test_a_rule_opens_for_nothing_else(value: object) -> None:
    """Truth-like values, promises and failures deny."""
    assert decide(RULE, ANN, rule=value) == Deny(reason=Reason.RULE_NOT_TRUE)
    assert decide(RULE, NOBODY, rule=value) == SignIn()


def test_control_a_truthy_guard_would_open() -> None:
    """A guard that asked `if rule` would let most of the values above in."""
    assert sum(bool(value) for value in (1, "true", [True], math.nan, object())) == 5


def test_a_rule_value_opens_only_rules() -> None:
    """A stray `True` changes nothing for other kinds of access."""
    assert isinstance(decide(SIGNED_IN, NOBODY, rule=True), SignIn)
    assert isinstance(decide(ADMIN, ANN, rule=True), Deny)
    assert isinstance(decide(None, ANN, rule=True), NotFound)


@pytest.mark.parametrize(
    "access",
    [
        "public",
        True,
        {},
        (),
        Public,
        SignedIn,
        object(),
        AnyRole(cast("Any", "clerk")),
        AnyRole(cast("Any", None)),
    ],
)
def test_unknown_access_opens_to_nobody(access: object) -> None:
    """What the guard does not understand is denied, not guessed; roles that are no set are no roles."""
    assert decide(cast("Any", access), ANN) == Deny(reason=Reason.UNKNOWN_ACCESS)
    assert not isinstance(decide(cast("Any", access), NOBODY, rule=True), Allow)


@pytest.mark.parametrize("identity", [Identity(uid=""), "1", True, {"uid": "1"}, object()])
def test_what_is_no_identity_is_nobody(identity: object) -> None:
    """Neither an empty uid nor something else in its place is signed in."""
    assert decide(SIGNED_IN, cast("Any", identity)) == SignIn()


def test_letters_are_no_roles() -> None:
    """Roles given as text do not open by the letters they share."""
    odd = Identity(uid="1", roles=cast("Any", "admin"))
    assert decide(AnyRole(frozenset({"a"})), odd) == Deny(reason=Reason.UNKNOWN_ACCESS)
