"""Every kind of step, without a browser and in Chromium; and for each an app in which it must fail."""

from pathlib import Path

import pytest

from portico.definition import journeys as definition
from portico.testing.chromium import chromium
from portico.testing.journeys import Result, take
from tests.testing.shops import shop

#: Each starts two servers, and some a browser.
pytestmark = pytest.mark.timeout(600)
SIGN_IN = """\
    - open: Home
    - at: Login
    - fill: {E-mail: appsmith_user@example.com, Password: appsmith_password}
    - click: Sign in
    - at: Home
"""
#: Steps that hold in a sound app, by what they are about.
STEPS = {
    "open and at": "    - open: Home\n    - at: Login\n",
    "fill, see, holds": """\
    - open: Parts
    - fill: {Word: good morning}
    - see: {Word: good morning}
    - see: You said good morning
    - not_see: [Good evening, You said hello]
    - not_see: {Word: good evening}
""",
    "click and an alert that goes": """\
    - open: Parts
    - fill: {Word: hello}
    - click: Say it
    - see: It was hello
    - not_see: It was hello
""",
    "a name of a widget": """\
    - open: Parts
    - fill: {Twin2: x}
    - see: {Twin2: x}
    - see: {Twin1: ""}
""",
    "a tab that is called as a button": """\
    - open: Parts
    - click: Ways.By name
    - click: Named
    - see: Named
""",
    "select": "    - open: Parts\n    - select: {Colour: Blue}\n    - see: {Colour: Blue}\n    - see: in b\n",
    "boxes": "    - open: Parts\n    - click: I agree\n    - see: All agreed\n    - see: {I agree: true}\n",
    "a timer": "    - open: Parts\n    - click: Later\n    - see: It is late\n",
    "a new tab": "    - open: Parts\n    - click: Beside\n    - at: Login\n    - tab: 1\n    - at: Parts\n",
    "a form that is not valid": """\
    - open: Parts
    - fill: {Must: x}
    - click: Send
    - see: Sent
""",
    "back": "    - open: Parts\n    - click: Go on\n    - at: Login\n    - back\n    - at: Parts\n",
    "advance and reload": SIGN_IN + "    - advance: 61m\n    - reload\n    - see: Hello\n",
    "fault": """\
    - fault: {sign_in: status 503}
    - open: Login
    - fill: {E-mail: appsmith_user@example.com, Password: appsmith_password}
    - click: Sign in
    - at: Login
    - fault: none
    - click: Sign in
    - at: Home
""",
    "as": SIGN_IN + "    - as: another\n    - open: Home\n    - at: Login\n    - as: user\n    - at: Home\n",
    "tab": SIGN_IN
    + """\
    - tab: two
    - open: Home
    - click: Sign out
    - at: Login
    - tab: 1
    - at: Login
    - back
    - at: Login
""",
    "restart": SIGN_IN + "    - restart\n    - reload\n    - see: Hello\n",
    "mail": """\
    - open: SignUp
    - fill: {E-mail: new@example.com, Password: a long sentence}
    - click: Sign up
    - see: Open the link in the mail
    - not_see: Hello
    - mail: new@example.com
    - open: Login
    - fill: {E-mail: new@example.com, Password: a long sentence}
    - click: Sign in
    - see: Hello, new@example.com
""",
}
PAGE, HOME, LOGIN = "pages/Parts/page.yaml", "pages/Home/page.yaml", "pages/Login/page.yaml"
#: Who renews a token by signing in gets none.
ELSEWHERE = "  refresh: {query: sign_in}\n"
#: How an app is broken, and at which words of a step that shows.
BROKEN = {
    "open and at": ((HOME, "access: signed-in", "access: public"), "at: Login"),
    "fill, see, holds": ((PAGE, "'You said ' +", "'They said ' +"), "see: You said good morning"),
    "click and an alert that goes": ((PAGE, "'It was ' +", "'It is ' +"), "see: It was hello"),
    "a name of a widget": ((PAGE, "name: Twin2", "name: Twin3"), "fill: Twin2"),
    "a tab that is called as a button": ((PAGE, "name: Ways", "name: Way"), "click: Ways.By name"),
    "select": ((PAGE, "value: b}", "value: c}"), "see: in b"),
    "boxes": ((PAGE, "? 'All agreed'", "? 'Not at all'"), "see: All agreed"),
    "a timer": ((PAGE, "), 300)", "), 3000000)"), "see: It is late"),
    "a new tab": ((PAGE, "{}, 'NEW_WINDOW'", "{}, 'SAME_WINDOW'"), "at: Parts"),
    "back": (
        (PAGE, "navigateTo('Login') }}\"}\n  - {name: Late", "resetWidget('Word') }}\"}\n  - {name: Late"),
        "at: Login",
    ),
    "advance and reload": (
        ("app.yaml", "  entry_page", "  refresh: {query: sign_in}\n  entry_page"),
        "see: Hello",
    ),
    "fault": ((LOGIN, "sign_in.run({ email", "navigateTo('Parts'); sign_in.run({ email"), "at: Login"),
    "as": ((HOME, "access: signed-in", "access: public"), "at: Login"),
    "tab": ((HOME, "{{ logoutUser() }}", "{{ navigateTo('Login') }}"), "at: Login"),
    "restart": ((HOME, "Hello, {{", "Good bye, {{"), "see: Hello"),
}


def went(
    folder: Path, steps: str, changes: "tuple[str, str, str] | None" = None, *, browser: bool = False
) -> Result:
    """How a journey of these steps goes."""
    changed = {changes[0]: changes[1:]} if changes else None
    confirm = "auth: {email_confirmation: true}\n" if "mail:" in steps else ""
    app = shop(folder, f"{confirm}journeys:\n  one:\n{steps}", changed)
    (file,) = definition.load(app).files
    assert definition.load(app).problems == ()
    if not browser:
        return take(app, file, file.journeys[0])
    with chromium() as program:
        return take(app, file, file.journeys[0], make=lambda _: program.browser())


@pytest.mark.parametrize("browser", [False, True], ids=["headless", "chromium"])
@pytest.mark.parametrize("about", STEPS)
def test_steps_hold_in_a_sound_app(about: str, browser: bool, tmp_path: Path) -> None:
    """The same file, with and without a browser."""
    result = went(tmp_path, STEPS[about], browser=browser)
    assert result.failure is None, (result.failure.step, result.failure.message, result.failure.page)


@pytest.mark.parametrize("about", BROKEN)
def test_control_a_broken_app_fails_them(about: str, tmp_path: Path) -> None:
    """At the step that sees it, and with what was there."""
    changes, words = BROKEN[about]
    failure = went(tmp_path, STEPS[about], changes).failure
    assert failure is not None
    assert failure.step is not None
    assert failure.step.words == words, failure.message
    assert failure.page
