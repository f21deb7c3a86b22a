"""Positive controls: a server with one check taken out, which the test of that check must notice."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from tests.journeys.servers import AuthServer
from tests.journeys.upstream import Upstream
from tests.web import test_landing as landing
from tests.web import test_language_events as events
from tests.web import test_menus as menus
from tests.web import test_recaptcha as recaptcha
from tests.web.conftest import client_of, start


@dataclass(frozen=True, kw_only=True)
class Control:
    """`takes_out` is Python that breaks the server; `noticed_by` the test that must fail then."""

    takes_out: str
    noticed_by: Callable[[httpx.Client, AuthServer], None]


CONTROLS = {
    "P20: a sign-in that nobody asked for needs consent": Control(
        takes_out="""
            from portico.runtime.door import Door
            Door._consent = lambda self, evidence: None
            """,
        noticed_by=lambda client, auth: landing.test_a_link_that_nobody_asked_for_needs_consent(
            client, landing.tokens(auth)
        ),
    ),
    "P20: who says no is not signed in": Control(
        takes_out="""
            from portico.runtime.effects import Effects
            agree = Effects.agree
            Effects.agree = lambda self, agreed: agree(self, True)
            """,
        noticed_by=lambda client, auth: landing.test_who_is_not_that_user_stays_signed_out(
            client, landing.tokens(auth)
        ),
    ),
    "P20: an expectation is used once": Control(
        takes_out="""
            from portico.web.expectation import Expectation
            Expectation.end = lambda *_: None
            """,
        noticed_by=landing.test_a_browser_that_asked_for_it_is_signed_in_at_once,
    ),
    "P26: files come from addresses that are allowed": Control(
        takes_out="""
            from portico.runtime import effects
            effects.safe_target = lambda address: address
            """,
        noticed_by=lambda client, _: events.test_an_address_to_download_from_is_checked(client),
    ),
    "P32: a timer's tick passes the guard": Control(
        takes_out="""
            from portico.auth import guard
            from portico.model.access import Public
            decide = guard.decide
            guard.decide = lambda access, identity, **more: decide(Public(), identity, **more)
            """,
        noticed_by=lambda client, _: events.test_a_tick_passes_the_guard_like_a_click(client),
    ),
    "P55: a widget of a row that is not shown hears nothing": Control(
        takes_out="""
            from portico.model.tree import Tree
            Tree.widget = Tree.placed_widget
            """,
        noticed_by=lambda client, _: events.test_rows_have_widgets_of_their_own(client),
    ),
    "P55: a value that the widget cannot have is refused": Control(
        takes_out="""
            import dataclasses
            from portico.ui.widgets import CATALOGUE
            inputs = CATALOGUE["List"].inputs
            inputs["selected"] = dataclasses.replace(inputs["selected"], parse=lambda posted, *_: posted)
            """,
        noticed_by=lambda client, _: events.test_an_item_is_chosen(client),
    ),
    "P55: a button that is not offered is refused": Control(
        takes_out="""
            from portico.ui.widgets import CATALOGUE
            for kind in CATALOGUE.values():
                object.__setattr__(kind, "offers", lambda props, event, row: True)
            """,
        noticed_by=lambda client, _: menus.test_what_is_not_offered_is_refused(
            client, "groupButtons.off.onClick"
        ),
    ),
    "P24: other pages load from Portico alone": Control(
        takes_out="""
            from portico.web import pages, views
            def policy(browser, *, client_parts, of=views.content_security_policy):
                return of(browser, client_parts=frozenset({"recaptcha"}))
            pages.content_security_policy = views.content_security_policy = policy
            """,
        noticed_by=lambda client, _: recaptcha.test_only_pages_that_ask_google_may_load_from_it(client),
    ),
    "a guarded button does nothing without a token": Control(
        takes_out="""
            from portico.runtime.surface import Surface
            Surface.demand = lambda *_: ""
            """,
        noticed_by=lambda client, _: recaptcha.test_a_click_without_a_token_does_nothing(client),
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_control_the_test_notices(
    name: str, auth_server: AuthServer, other_api: Upstream, tmp_path: Path
) -> None:
    """The same test passes elsewhere against a server that nothing was taken out of."""
    control = CONTROLS[name]
    broken = start(tmp_path, auth_server, other_api, dedent(control.takes_out))
    with broken as server, client_of(server) as client, pytest.raises((AssertionError, KeyError)):
        control.noticed_by(client, auth_server)
