"""Positive controls: Portico with one promise of the contract taken out, which its test must notice."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portico.auth import guard, succession
from portico.auth.refresh import Refresher
from portico.auth.revocations import Revocations
from portico.auth.standing import Current, Standing
from portico.auth.turns import Turn
from portico.model.access import AnyRole
from portico.runtime import calls
from portico.runtime.attempts import Attempt, Attempts
from portico.runtime.contract import ContractRunner
from portico.runtime.door import Door
from tests.web import contracts
from tests.web import test_contract_limits as limits
from tests.web import test_contract_refresh as refresh
from tests.web import test_contract_refused as refused
from tests.web import test_contract_sign_in as sign_in
from tests.web import test_contract_standing as standing
from tests.web import test_signing_standing as signing
from tests.web.contracts import AuthApi, Reply, portico

Break = Callable[[pytest.MonkeyPatch], None]
Test = Callable[[AuthApi, Path], None]


def _no_flight(patch: pytest.MonkeyPatch) -> None:
    async def fresh(self: Any, session: Any, api: Any, *, refused: Any = None, early: bool = False) -> Any:
        turn = Turn(session=session, fence=0, until=math.inf)
        return await self._renewed(session, api, refused, turn)

    patch.setattr(Refresher, "fresh", fresh)


async def _nothing(*_: object) -> None:
    """Nothing is filed."""


def _no_revocation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Revocations, "file", _nothing)


def _no_consent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Door, "_consent", lambda *_: None)


def _no_limits(patch: pytest.MonkeyPatch) -> None:
    async def count(*_: object) -> Attempt:
        return Attempt(account=None)

    patch.setattr(Attempts, "count", count)


def _stale_roles(patch: pytest.MonkeyPatch) -> None:
    async def of(self: Any, session: Any, *_: Any, **__: Any) -> Current:
        return Current(session=session)

    patch.setattr(Standing, "of", of)


def _unsure_opens(patch: pytest.MonkeyPatch) -> None:
    decide = guard.decide
    patch.setattr(guard, "decide", lambda *given, unconfirmed=False, **more: decide(*given, **more))


def _token_everywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calls, "covers", lambda *_: True)
    patch.setattr("portico.runtime.queries.covers", lambda *_: True)


def _roles_without_token(patch: pytest.MonkeyPatch) -> None:
    amended = succession.amended

    def keeping(held: Any, *given: Any, **more: Any) -> Any:
        found: Any = amended(held, *given, **more)
        return replace(found, identity=replace(found.identity, roles=held.identity.roles))

    patch.setattr("portico.auth.manager.amended", keeping)


def _deaf(patch: pytest.MonkeyPatch) -> None:
    async def refuses(*_: Any) -> bool:
        return False

    patch.setattr(ContractRunner, "refuses", refuses)


def _touchy(patch: pytest.MonkeyPatch) -> None:
    async def refuses(self: Any, app: Any, result: Any, witness: Any) -> bool:
        return not result.ok

    patch.setattr(ContractRunner, "refuses", refuses)


def _unmasked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("portico.auth.sealing.Vault.mask_answer", lambda self, value: value)


def _in_house(test: Callable[..., None], *, ready: Callable[[AuthApi], None] = lambda _: None) -> Test:
    def run(api: AuthApi, folder: Path) -> None:
        ready(api)
        with portico(folder, api) as house:
            test(house=house, api=api)

    return run


def _in_dialect(test: Callable[..., None]) -> Test:
    def run(api: AuthApi, folder: Path) -> None:
        dead, condition = refused.DIALECTS["410"]
        refused.speaking(api, dead)
        auth = contracts.AUTH + f"  refused: {refused.says(condition)}\n"
        with portico(folder, api, auth=auth) as house:
            test(house=house, api=api)

    return run


def _with_admin(test: Callable[[AuthApi], None]) -> None:
    with AuthApi(roles={"ann": ["admin"]}) as api:
        signing.says(api, name="Ann")
        test(api)


def _refusing(api: AuthApi) -> None:
    api.answers["/login"] = lambda _: Reply(status=401, body={"message": "wrong"})


def _admin(api: AuthApi) -> None:
    api.roles["ann"] = ["admin"]


CONTROLS: dict[str, tuple[Break, Test]] = {
    "P98: one renews": (
        _no_flight,
        _in_house(lambda **given: refresh.test_of_fifty_requests_one_renews("due", **given)),
    ),
    "P107: what a renewal brings too late is revoked": (
        _no_revocation,
        _in_house(refresh.test_a_log_out_during_a_renewal_wins),
    ),
    "P109: log-out revokes": (
        _no_revocation,
        lambda api, folder: sign_in.test_log_out_revokes_upstream("logoutUser()", api, folder),
    ),
    "P20: consent": (
        _no_consent,
        lambda api, folder: sign_in.test_a_sign_in_that_nobody_asked_for_needs_consent(True, api, folder),
    ),
    "P69: limits": (
        _no_limits,
        _in_house(limits.test_an_account_is_tried_ten_times, ready=_refusing),
    ),
    "P125: roles hold for a minute": (
        _stale_roles,
        _in_house(standing.test_a_role_that_is_taken_away_closes_its_pages, ready=_admin),
    ),
    "P125: old roles open nothing": (
        _unsure_opens,
        _in_house(
            lambda **given: standing.test_an_outage_signs_nobody_out_and_opens_nothing_for_long(
                Reply(status=500), **given
            ),
            ready=_admin,
        ),
    ),
    "roles go with the token": (
        _roles_without_token,
        lambda _, folder: _with_admin(lambda api: signing.test_roles_go_with_the_token(True, api, folder)),
    ),
    "P11: a dead session ends": (
        _deaf,
        _in_dialect(refused.test_a_session_that_was_revoked_there_ends_here),
    ),
    "a plain refusal repeats nothing": (
        _touchy,
        _in_dialect(
            lambda **given: refused.test_an_ordinary_refusal_ends_and_repeats_nothing(
                refused.PLAIN[0], **given
            )
        ),
    ),
    "tokens go to the contract's origins": (_token_everywhere, sign_in.test_where_the_token_goes),
    "P50: tokens are sealed": (
        _unmasked,
        sign_in.test_a_token_under_a_name_of_the_authors_reaches_no_script,
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_control_the_test_notices(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test passes elsewhere, with nothing taken out."""
    take_out, test = CONTROLS[name]
    take_out(monkeypatch)
    monkeypatch.setattr(contracts, "PATIENCE", 1.0)
    with AuthApi() as api, pytest.raises((AssertionError, KeyError)):
        test(api, tmp_path)


def test_control_role_pages_are_what_an_outage_closes() -> None:
    """Not all pages: the guard is asked, not the network."""
    assert guard.decide(AnyRole(frozenset({"a"})), None, unconfirmed=True) == guard.SignIn()
