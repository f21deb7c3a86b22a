"""Positive controls: Portico with one promise about cookies taken out, which its test must notice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portico.auth.jar import Jar
from portico.auth.manager import SessionManager
from portico.auth.opener import Opener
from portico.auth.refresh import Refresher
from portico.auth.session import Session, SessionEnded
from portico.runtime.contract import ContractRunner
from portico.runtime.cookies import Cookies
from tests.auth.test_session_jars import overwriting
from tests.web import contracts
from tests.web import test_cookie_sessions as tests
from tests.web.cookie_api import CookieApi
from tests.web.test_cookie_sessions import served

Break = Callable[[pytest.MonkeyPatch], None]


def _opened_everywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Opener, "_may", lambda *_: True)


def _one_jar_for_all_issuers(patch: pytest.MonkeyPatch) -> None:
    def header(self: Jar, *_: object) -> str | None:
        cookies = [cookie for found in self.held.values() for cookie in found]
        return "; ".join(f"{cookie.name}={cookie.value.reveal()}" for cookie in cookies) or None

    patch.setattr(Jar, "header", header)


def _one_jar_for_all_users(patch: pytest.MonkeyPatch) -> None:
    sending, first = Cookies.sending, []

    async def shared(self: Cookies, run: Any, vault: Any) -> Any:
        found = await sending(self, run, vault)
        if found.signed_in:
            first.append(found)
        return first[0] if found.signed_in else found

    patch.setattr(Cookies, "sending", shared)


def _shown(patch: pytest.MonkeyPatch) -> None:
    def handle(self: Jar, issuer: str, name: str) -> str:
        found = [cookie for cookie in self.held.get(issuer, ()) if cookie.name == name]
        return found[0].value.reveal() if found else "sealed"

    patch.setattr(Jar, "handle", handle)


def _answers_unsealed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("portico.auth.sealing.Vault.mask", lambda self, text: text)


def _last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SessionManager, "keep_cookies", overwriting)


def _raised_from_the_dead(patch: pytest.MonkeyPatch) -> None:
    keep = SessionManager.keep_cookies

    async def kept(self: SessionManager, session: Session, cookies: Any, **more: Any) -> Session:
        try:
            return await keep(self, session, cookies, **more)
        except SessionEnded:
            return await self._records.create(session)

    patch.setattr(SessionManager, "keep_cookies", kept)


def _told_without(patch: pytest.MonkeyPatch) -> None:
    run = ContractRunner._run

    async def bare(self: Any, app: Any, role: str, *given: Any) -> Any:
        *most, jar = given
        whole: Any = run
        return await whole(self, app, role, *most, Jar() if role == "sign_out" else jar)

    patch.setattr(ContractRunner, "_run", bare)


def _no_flight(patch: pytest.MonkeyPatch) -> None:
    async def fresh(self: Any, session: Any, api: Any, *, refused: Any = None, **_: Any) -> Any:
        return await self._renewed(session, api, refused)

    patch.setattr(Refresher, "fresh", fresh)


def _anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("portico.runtime.contract.subject_of", lambda _: "somebody")


CONTROLS: dict[str, tuple[Break, Callable[..., None]]] = {
    "cookies open for their issuer alone": (_opened_everywhere, tests.test_another_origin_gets_none_of_them),
    "cookies are sent to their issuer alone": (
        _one_jar_for_all_issuers,
        tests.test_another_origin_gets_none_of_them,
    ),
    "a jar per session": (_one_jar_for_all_users, tests.test_two_users_are_never_mixed),
    "P58: names are sealed": (_shown, tests.test_no_byte_of_a_cookie_reaches_the_browser),
    "P58: answers are sealed": (_answers_unsealed, tests.test_no_byte_of_a_cookie_reaches_the_browser),
    "no answer is lost": (_last_writer_wins, tests.test_answers_that_come_together_lose_nothing),
    "log-out wins": (_raised_from_the_dead, tests.test_a_log_out_wins_over_a_late_answer),
    "log-out takes the cookies along": (_told_without, tests.test_a_log_out_is_told_with_the_cookies),
    "P98: one renews": (_no_flight, tests.test_it_is_renewed_by_cookie_once_for_all_who_ask),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_control_the_test_notices(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test passes elsewhere, with nothing taken out."""
    take_out, test = CONTROLS[name]
    take_out(monkeypatch)
    monkeypatch.setattr(contracts, "PATIENCE", 1.0)
    with CookieApi() as api, CookieApi() as other, served(tmp_path, api, other) as house:
        given = {"house": house, "api": api, "other": other}
        wanted = {name: given[name] for name in test.__annotations__ if name in given}
        with pytest.raises((AssertionError, KeyError)):
            test(**wanted)


def test_control_cookies_prove_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes any cookie for a user signs in whoever got one."""
    _anybody(monkeypatch)
    with CookieApi() as api, CookieApi() as other, pytest.raises(AssertionError):
        tests.test_cookies_that_name_nobody_sign_nobody_in(tmp_path, api, other)
