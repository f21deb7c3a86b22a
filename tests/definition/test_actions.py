"""Events as lists of actions (row S4-6)."""

from pathlib import Path

import pytest

from portico.sandbox.turn import ClearStore, LogIn, Navigate, ShowAlert, SignOut, StoreValue, UpdateUser
from tests.definition.apps import HOME_PAGE, PLAIN, app, brief, loaded
from tests.sandbox.sessions import Session, commands, request, unhandled

PAGE = """\
widgets:
  - {{name: NameInput, type: Input}}
  - name: Send
    type: Button
    onClick:
{actions}
"""
TOOLS = "export default { double(a, b) { return a * 2 + (b ?? 0) }, fail() { throw new Error('broken') } }\n"


def files(actions: str) -> dict[str, str]:
    """The plain app, whose button does this."""
    lines = "\n".join(f"      {line}" for line in actions.strip().splitlines())
    return {
        **PLAIN,
        HOME_PAGE: PAGE.format(actions=lines),
        "pages/Home/scripts/Tools.js": TOOLS,
        "pages/Other/page.yaml": "title: Other\n",
    }


def run(folder: Path, actions: str) -> Session:
    """The page, after the button was pressed."""
    session = Session(app(folder, files(actions)).pages["Home"].program)
    session.event("Send")
    return session


def alerts(session: Session) -> list[str]:
    """All messages so far."""
    return [
        command.message
        for turn in session.turns
        for command in commands(turn)
        if isinstance(command, ShowAlert)
    ]


def test_actions_run_in_order(tmp_path: Path) -> None:
    """Each has the effect of its function."""
    session = run(
        tmp_path,
        """
- store: {a: 1, b: "{{ NameInput.text + '!' }}", c: "x{{ 1 + 1 }}y"}
- store: {d: [1, "{{ 2 }}"]}
  persist: false
- remove: [a, b]
- remove: c
- clear_store
- alert: "n {{ 3 }}"
  style: warning
- alert: 5
- "{{ showAlert('code') }}"
- navigate: Other
  params: {id: "{{ 7 }}"}
- log_out
""",
    )
    ev = "e1"
    stored = [("a", 1, True), ("b", "!", True), ("c", "x2y", True), ("d", [1, 2], False)]
    assert commands(session.turns[-1]) == [
        *(StoreValue(ev=ev, key=key, value=value, clear=False, persist=kept) for key, value, kept in stored),
        *(StoreValue(ev=ev, key=key, value=None, clear=True, persist=True) for key in "abc"),
        ClearStore(ev=ev),
        ShowAlert(ev=ev, message="n 3", style="warning"),
        ShowAlert(ev=ev, message="5", style="info"),
        ShowAlert(ev=ev, message="code", style="info"),
        Navigate(ev=ev, to="Other", params={"id": 7}, target="SAME_WINDOW"),
        SignOut(ev=ev, to=None),
    ]


def test_a_query_that_succeeds(tmp_path: Path) -> None:
    """Its parameters, its result, and what follows."""
    session = run(
        tmp_path,
        """
- run: getUser
  params: {id: "{{ 1 + 1 }}"}
  on_success:
    - alert: "got {{ result.name }}"
  on_error:
    - alert: never
- alert: done
""",
    )
    sent = request(session.turns[-1])
    assert dict(sent.params) == {"id": 2}
    session.answer(sent, {"name": "Ada"})
    assert alerts(session) == ["got Ada", "done"]


def test_a_query_that_fails(tmp_path: Path) -> None:
    """The other branch; what follows does not run."""
    session = run(
        tmp_path,
        """
- run: getUser
  on_success:
    - alert: never
  on_error:
    - alert: "no: {{ error.message }}"
- alert: never
""",
    )
    turn = session.answer(request(session.turns[-1]), ok=False, message="gone")
    assert alerts(session) == ["no: gone"]
    assert unhandled(turn) == []


def test_a_failure_without_a_branch_is_the_users_to_know(tmp_path: Path) -> None:
    """As in code: nobody caught it."""
    session = run(tmp_path, "- run: getUser\n- alert: never")
    turn = session.answer(request(session.turns[-1]), ok=False, message="gone")
    assert alerts(session) == []
    assert [error.query for error in unhandled(turn)] == ["getUser"]


def test_an_error_in_a_branch_is_not_taken_for_the_querys(tmp_path: Path) -> None:
    """`on_error` is for the action it stands with."""
    session = run(
        tmp_path,
        """
- run: getUser
  on_success:
    - run: Tools.fail
  on_error:
    - alert: never
""",
    )
    turn = session.answer(request(session.turns[-1]), {})
    assert [error.message for error in unhandled(turn)] == ["broken"]


def test_functions_and_conditions(tmp_path: Path) -> None:
    """Arguments as a list or alone; conditions are as true as in JavaScript."""
    session = run(
        tmp_path,
        """
- run: Tools.double
  with: ["{{ 4 }}", 1]
  on_success:
    - alert: "{{ result }}"
- run: Tools.double
  with: 3
  on_success:
    - if: "{{ result === 6 }}"
      then:
        - alert: six
      else:
        - alert: other
    - if: "{{ '' }}"
      else:
        - alert: empty
""",
    )
    assert alerts(session) == ["9", "six", "empty"]


def test_names_of_branches_hide_nothing_else(tmp_path: Path) -> None:
    """A branch in a branch has a result of its own."""
    session = run(
        tmp_path,
        """
- run: Tools.double
  with: 1
  on_success:
    - run: Tools.double
      with: "{{ result }}"
      on_success:
        - alert: "inner {{ result }}"
    - alert: "outer {{ result }}"
""",
    )
    assert alerts(session) == ["inner 4", "outer 2"]


def test_errors_lead_to_the_line_in_the_list(tmp_path: Path) -> None:
    """The author's code stands verbatim in the program."""
    program = app(tmp_path, files('- alert: ok\n- alert: "{{ NameInput.nope.deep }}"')).pages["Home"].program
    session = Session(program)
    (error,) = session.event("Send").errors
    assert error.line is not None
    assert str(program.locate(error.line, error.column or 1)).startswith("pages/Home/page.yaml:7:")


@pytest.mark.parametrize(
    ("actions", "problems"),
    [
        ("- alrt: x", ["6:9 E221"]),
        ("- run: getUsr", ["6:14 E409"]),
        ("- run: Tols.double", ["6:14 E409"]),
        ("- run: Tools.doubl", ["6:14 E409"]),
        ("- run: [a]", ["6:14 E202"]),
        ("- run: '{{ x }}'", ["6:14 E213"]),
        ("- navigate: Othr", ["6:19 E404"]),
        ("- show_modal: NameInptu", ["6:21 E406"]),
        ("- reset: Nope", ["6:16 E406"]),
        ("- alert: x\n  style: loud", ["7:16 E204"]),
        ("- alert: x\n  colour: red", ["7:9 E201"]),
        ("- alert:", ["6:15 E202"]),
        ("- store: a", ["6:16 E202"]),
        ("- clear_stor", ["6:9 E221"]),
        ("- 5", ["6:9 E202"]),
        ("- '{{ let a = 1; a }}'", ["6:9 E221"]),
        ("- '{{ 1 + }}'", ["6:16 E301"]),
        ("- alert: '{{ nope }}'", ["6:20 E403"]),
        ("- alert: '{{ result }}'", ["6:20 E403"]),
        ("- alert: '{{ error }}'", ["6:20 E403"]),
        ("- run: getUser\n  on_success:\n    - alert: '{{ error }}'", ["8:24 E403"]),
        ("- if: true\n  then: x", ["7:15 E202"]),
    ],
)
def test_mistakes_are_found_in_their_place(actions: str, problems: list[str], tmp_path: Path) -> None:
    """With what was found and what to write."""
    found = brief(loaded(tmp_path, files(actions)).problems)
    assert found == [f"{HOME_PAGE}:{problem}" for problem in problems]


def test_signing_in_and_out(tmp_path: Path) -> None:
    """`log_in`, `update_user` and `log_out` are `auth.logIn`, `auth.update` and `auth.logOut` (S4-7, S4-11,
    S4-12): null is given, an undefined binding is not."""
    session = run(
        tmp_path,
        """
- log_in:
    token: "{{ 'to' + 'ken' }}"
    refresh_token: r
    expires_in: 1800
    uid: "{{ 7 }}"
    user: {name: "{{ NameInput.text }}", tags: [a]}
    expires_at: "{{ undefined }}"
- alert: in
- update_user: {refresh_token: null, user: {name: null}}
- log_out
""",
    )
    first = commands(session.turns[-1])
    given = {"token": "token", "refreshToken": "r", "expiresIn": 1800, "uid": 7}
    assert first == [LogIn(id="g1.1", ev="e1", given={**given, "user": {"name": "", "tags": ["a"]}})]
    second = session.turn(
        {"k": "result", "id": "g1.1", "ok": True, "value": None, "meta": None, "message": ""}
    )
    assert commands(second) == [
        ShowAlert(ev="e1", message="in", style="info"),
        UpdateUser(id="g1.2", ev="e1", given={"refreshToken": None, "user": {"name": None}}),
    ]
    third = session.turn(
        {"k": "result", "id": "g1.2", "ok": False, "value": None, "meta": None, "message": "no"}
    )
    # What follows one that was refused does not run.
    assert commands(third) == []
    assert [error.message for error in unhandled(third)] == ["no"]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ("- log_in: token", "pages/Home/page.yaml:6:17 E202"),
        ("- log_in: {roles: [admin]}", "pages/Home/page.yaml:6:18 E201"),
        ("- log_in: {tokn: a}", "pages/Home/page.yaml:6:18 E201"),
        ('- update_user: {user: "{{ ( }}"}', "pages/Home/page.yaml:6:34 E301"),
        ("- update_user: {user: {}}\n  on_error: []", "pages/Home/page.yaml:7:9 E201"),
    ],
)
def test_a_sign_in_that_is_written_wrong(actions: str, expected: str, tmp_path: Path) -> None:
    """Each with its place; no action takes roles."""
    assert brief(loaded(tmp_path, files(actions)).problems) == [expected]
