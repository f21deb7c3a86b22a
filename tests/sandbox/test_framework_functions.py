"""Navigation, alerts, resets, `appsmith` and `auth`."""

# ruff: noqa: E501  (scripts stand on one line)

import pytest

from portico.sandbox.turn import Navigate, ShowAlert
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import Session, commands, posted, unhandled

ENV = {
    "k": "env",
    "url": {"fullPath": "https://a.example/x", "queryParams": {"q": "1"}},
    "user": {"email": "e"},
    "auth": {
        "isLoggedIn": True,
        "uid": "u1",
        "user": {"name": "N"},
        "roles": ["admin"],
        "token": "sealed-1",
        "refreshToken": "sealed-2",
        "cookies": {"api": {"csrftoken": "sealed-3"}},
        "expiresAt": "2030-01-01T00:00:00Z",
        "pending": None,
        "sessions": {},
    },
    "theme": {"colors": {"primaryColor": "#123456"}},
    "mode": "VIEW",
}


def visit_with(code: str) -> Session:
    return Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}"})), ENV)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("navigateTo('Home')", Navigate(ev="e1", to="Home", params={}, target="SAME_WINDOW")),
        (
            "navigateTo('P', {userId: 1})",
            Navigate(ev="e1", to="P", params={"userId": 1}, target="SAME_WINDOW"),
        ),
        ("navigateTo('P', {}, 'NEW_WINDOW')", Navigate(ev="e1", to="P", params={}, target="NEW_WINDOW")),
        ("navigateTo('P', null)", Navigate(ev="e1", to="P", params={}, target="SAME_WINDOW")),
        ("showAlert('m')", ShowAlert(ev="e1", message="m", style="info")),
        ("showAlert('m', 'warning')", ShowAlert(ev="e1", message="m", style="warning")),
    ],
)
def test_commands(code: str, expected: object) -> None:
    """Each call is one command with its defaults."""
    turn = visit_with(code).event()
    assert commands(turn) == [expected]
    assert turn.done[0].ok


@pytest.mark.parametrize(
    "code",
    [
        "showAlert(5)",
        "showAlert()",
        "showAlert({toString: () => 'm'})",
        "showAlert('m', 'loud')",
        "navigateTo()",
        "navigateTo('')",
        "navigateTo({})",
        "navigateTo('P', {}, '_top')",
        "resetWidget('Nobody')",
        "resetWidget()",
        "resetWidget('showAlert')",
    ],
)
def test_bad_arguments_reject(code: str) -> None:
    """A wrong argument is an error of the script, awaited or not, and no command."""
    for form in (code, f"(() => {{ {code}; }})()", f"(async () => {{ await {code} }})()"):
        turn = visit_with(form).event()
        assert turn.effects == ()
        assert len(unhandled(turn)) == 1


def test_errors_can_be_caught() -> None:
    """The script may deal with them itself."""
    turn = visit_with("showAlert(5).catch((e) => showAlert(e.message))").event()
    assert not turn.errors
    assert commands(turn) == [
        ShowAlert(ev="e1", message="showAlert: the message must be a text", style="info")
    ]


def test_commands_keep_their_order() -> None:
    """Commands come in the order of the calls."""
    turn = visit_with(
        "(() => { showAlert('1'); storeValue('k', 1); navigateTo('P'); showAlert('2') })()"
    ).event()
    assert [type(command).__name__ for command in commands(turn)] == [
        "ShowAlert",
        "StoreValue",
        "Navigate",
        "ShowAlert",
    ]


def test_actions_of_an_event_run_in_order() -> None:
    """Each of several actions begins when the one before has ended well."""
    waits = "{{ (async () => { await null; showAlert('1') })() }}"
    program = page(
        Widget("Go", on={"onClick": [waits, "{{ showAlert('2') }}"]}),
        Widget("Stop", on={"onClick": ["{{ null.x }}", "{{ showAlert('2') }}"]}),
        Widget("None", on={"onClick": []}),
    )
    visit = Session(program)
    assert [command.message for command in commands(visit.event()) if isinstance(command, ShowAlert)] == [
        "1",
        "2",
    ]
    turn = visit.event("Stop")
    assert (turn.effects, len(unhandled(turn)), turn.done[0].ok) == ((), 1, False)
    assert visit.event("None").done[0].ok


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("resetWidget('Box')", ["", "", "c"]),
        ("resetWidget('Box', true)", ["", "", "c"]),
        ("resetWidget('Box', false)", ["a", "b", "c"]),
        ("resetWidget('a')", ["", "b", "c"]),
    ],
)
def test_reset(code: str, left: list[str]) -> None:
    """A reset sets state back, of the widgets inside too unless told otherwise."""
    visit = Session(
        page(
            Widget("Box", "Form"),
            Widget("Inner", parent="Box"),
            Widget("a", "Input", parent="Box"),
            Widget("b", "Input", parent="Inner"),
            Widget("c", "Input"),
            Widget("Go", on={"onClick": f"{{{{ {code} }}}}"}),
        )
    )
    visit.turn(posted("a", "a"), posted("b", "b"), posted("c", "c"))
    visit.event()
    assert [visit.props[name]["text"] for name in "abc"] == left


def test_reset_input() -> None:
    """The server resets a form by an input."""
    visit = Session(page(Widget("F", "Form"), Widget("a", "Input", parent="F")))
    visit.turn(posted("a", "x"))
    assert visit.turn({"k": "reset", "w": "F"}).patch["a"] == {"typed": None, "text": "", "value": ""}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("appsmith.URL.queryParams.q", "1"),
        ("appsmith.user.email", "e"),
        ("appsmith.theme.colors.primaryColor", "#123456"),
        ("appsmith.mode", "VIEW"),
        ("portico.URL.fullPath === appsmith.URL.fullPath", True),
        ("auth", ENV["auth"]),
        ("[auth.token, auth.refreshToken]", ["sealed-1", "sealed-2"]),
        ("auth.cookies.api.csrftoken", "sealed-3"),
        ("new Date(auth.expiresAt).getTime()", 1893456000000),
        ("auth.roles.includes('admin')", True),
        (
            "Object.keys(appsmith)",
            ["URL", "currentPageName", "user", "theme", "mode", "store", "geolocation"],
        ),
        ("JSON.stringify(appsmith.store)", "{}"),
    ],
)
def test_what_scripts_read(code: str, expected: object) -> None:
    """`appsmith`, its alias `portico` and `auth` show what the environment says."""
    visit = Session(page(Widget("One", props={"p": f"{{{{ {code} }}}}"})), ENV)
    assert visit.props["One"]["p"] == expected


def test_signed_out_by_default() -> None:
    """Without an environment nobody is signed in."""
    visit = Session(page(Widget("One", props={"p": "{{ auth }}"})))
    nobody: dict[str, object] = {"isLoggedIn": False, "uid": None, "user": None, "roles": []}
    unknown = dict.fromkeys(("token", "refreshToken", "expiresAt", "pending"))
    assert visit.props["One"]["p"] == {**nobody, **unknown, "cookies": {}, "sessions": {}}


@pytest.mark.parametrize(
    "code",
    [
        "auth.isLoggedIn = true",
        "auth.roles.push('admin')",
        "auth.user.name = 'X'",
        "delete auth.uid",
        "Object.defineProperty(auth, 'uid', {value: 'x'})",
        "Object.setPrototypeOf(auth, {uid: 'x'})",
        "appsmith.mode = 'EDIT'",
        "appsmith.URL.fullPath = 'x'",
        "appsmith.store = {}",
    ],
)
def test_what_scripts_cannot_change(code: str) -> None:
    """The environment is read only, in depth."""
    strict = f"{{{{ (() => {{ 'use strict'; {code} }})() }}}}"
    env = {**ENV, "auth": {"isLoggedIn": False, "uid": "u1", "user": {"name": "N"}, "roles": []}}
    visit = Session(
        page(
            Widget("Go", on={"onClick": strict}),
            Widget("One", props={"p": "{{ [auth, appsmith.mode, appsmith.URL] }}"}),
        ),
        env,
    )
    before = visit.props["One"]["p"]
    turn = visit.event()
    assert [error.name for error in unhandled(turn)] == ["TypeError"]
    visit.turn({"k": "env", "mode": "X"}, {"k": "env", "mode": "VIEW"})
    assert visit.props["One"]["p"] == before


def test_console() -> None:
    """Lines are kept with their level, cut and counted."""
    code = "(() => { console.warn('a', {b: 1}, new TypeError('t'), undefined); console.log('x'.repeat(9000)); for (let i = 0; i < 999; i++) console.info(i) })()"
    logs = visit_with(code).event().logs
    assert (logs[0].level, logs[0].text) == ("warn", 'a {"b":1} TypeError: t undefined')
    assert len(logs[1].text) == 4000
    assert len(logs) == 201
    assert "dropped" in logs[-1].text
