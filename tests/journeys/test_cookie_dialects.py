"""APIs of the embedded auth server that keep something in cookies: what is to go back goes back by itself.

Strapi with `sessions.httpOnly` hands out the token in the body and what renews it in a cookie. DummyJSON has
both in both: here the refresh token of the body is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.clock import Clock
from portico.values import Secret
from tests.journeys.portal import auth_server
from tests.journeys.preset_app import Stage, ask, keeps_tokens_back, log_out, signed_in, staged
from tests.journeys.test_presets import APIS, CREDENTIALS, Api

EMILY = NewAccount(username="emilys", email="emily@example.com", password=Secret("emilyspass"))
#: Nothing of the body renews a session, and no body renews one.
AUTH = """\
keep_cookies: true
sign_in: {refresh_token: "{{ null }}"}
refresh: {refresh_token: "{{ null }}"}
"""
REFRESH = "datasource: auth_api\nmethod: POST\npath: PATH\nbody: {}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An API, the path of its refresh, and the cookie that it takes there; `bearer`: the token goes along in
    a header, else in a cookie too."""

    api: Api
    path: str
    cookie: str
    bearer: bool


KEPT = {
    "strapi": Kept(api=APIS["strapi"], path="/api/auth/refresh", cookie="strapi_up_refresh", bearer=True),
    "dummyjson": Kept(api=APIS["dummyjson"], path="/auth/refresh", cookie="refreshToken", bearer=False),
}


@pytest.fixture(params=KEPT)
def kept(request: pytest.FixtureRequest) -> Kept:
    """One of them."""
    return KEPT[request.param]


@pytest.fixture
def api_clock() -> Clock:
    """The API's, which stands still where the app's moves."""
    return Clock()


@pytest.fixture
def stage(kept: Kept, api_clock: Clock, tmp_path: Path) -> Iterator[Stage]:
    """The app with the preset."""
    settings = Settings(
        hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(EMILY,), httponly=True
    )
    files = {"queries/refresh.yaml": REFRESH.replace("PATH", kept.path)}
    preset = replace(kept.api.preset, auth=AUTH, files=files)
    with (
        auth_server(settings, api_clock) as url,
        staged(preset, url + kept.api.mount, tmp_path) as made,
    ):
        yield made


def test_a_cookie_renews_what_the_session_sends(kept: Kept, stage: Stage, api_clock: Clock) -> None:
    """Each time the newest; no byte of any of it reaches the browser."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        for count in (1, 2):
            newest = set_by(stage, kept.cookie)
            # Tokens of one second are the same token, and a renewal that brings it again is none.
            api_clock.advance(timedelta(seconds=1))
            stage.portal.clock.advance(kept.api.lifetime - timedelta(seconds=20))
            assert "got=emily@example.com." in ask(visitor)
            assert stage.api.calls().count(f"{kept.api.refresh} 200") == count
            sent = SimpleCookie(stage.api.last(kept.api.refresh).headers["cookie"])
            assert sent[kept.cookie].value == newest
        headers = stage.api.last(kept.api.protected).headers
        assert ("authorization" in headers) is kept.bearer
        keeps_tokens_back(visitor, stage.api)


def set_by(stage: Stage, name: str) -> str:
    """The value of a cookie that the API set last."""
    headers = [header for found in stage.api.exchanges for header in found.answer_headers]
    jar = SimpleCookie()
    for key, line in headers:
        if key.lower() == "set-cookie":
            jar.load(line)
    return jar[name].value


def test_log_out_ends_it(stage: Stage, kept: Kept) -> None:
    """Strapi is told with the cookie that it wants ended; DummyJSON's preset tells nobody."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        log_out(visitor)
        if kept.bearer:
            call = stage.api.awaited("POST /api/auth/logout")
            assert call.status == 200
            assert kept.cookie in call.headers["cookie"]
