"""The seeds' snippets, word for word, as they stand in the documents."""

from pathlib import Path

import pytest

from portico.sandbox.turn import Navigate, ShowAlert, StoreValue, Turn
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, commands, posted, request, result, unhandled

SEEDS = Path(__file__).parent / "seeds"


def seed(name: str) -> str:
    return (SEEDS / f"{name}.txt").read_text("utf-8")


def brief(turn: Turn) -> list[tuple[object, ...]]:
    """The commands of a turn, as tuples."""
    out: list[tuple[object, ...]] = []
    for command in commands(turn):
        match command:
            case StoreValue(key=key, value=value, clear=clear):
                out.append(("remove", key) if clear else ("store", key, value))
            case Navigate(to=to, params=params):
                out.append(("navigate", to, dict(params)))
            case ShowAlert(message=text, style=style):
                out.append(("alert", text, style))
    return out


def jwt_login() -> Session:
    return Session(
        page(
            Widget("UsernameInput", "Input"),
            Widget("PasswordInput", "Input"),
            Widget(
                "LoginButton",
                props={"busy": "{{ login_api.isLoading }}"},
                on={"onClick": seed("S2-7-onClick")},
            ),
            Widget("LogOut", on={"onClick": seed("S2-14-logOut")}),
            Widget(
                "Gate",
                props={"defaultTab": seed("S2-10-defaultTab")},
                on={"onClick": "{{ SecureQuery.run() }}"},
            ),
            queries=[
                Query("login_api", path="/api/auth/local", body=seed("S2-5-body")),
                Query("SecureQuery", headers={"Authorization": "Bearer {{appsmith.store.jwt}}"}),
            ],
        ),
        {"k": "env", "store": {"persistent": {}, "session": {}}},
    )


def test_s2_body_is_the_object_of_its_binding() -> None:
    """S2-5: an object-valued binding is the whole body."""
    visit = jwt_login()
    turn = visit.event("LoginButton", "onClick", posted("UsernameInput", "u"), posted("PasswordInput", "p"))
    asked = request(turn)
    assert (asked.query, asked.request.path) == ("login_api", "/api/auth/local")
    assert asked.request.body == {"identifier": "u", "password": "p"}
    assert not asked.request.body_is_text


def test_s2_sign_in_stores_and_navigates() -> None:
    """S2-7: the callback sees the query's data, stores the token and leaves."""
    visit = jwt_login()
    asked = request(visit.event("LoginButton"))
    assert visit.shown("LoginButton", "busy") is True
    turn = visit.answer(asked, {"jwt": "j.w.t", "user": {"id": 2}})
    assert brief(turn) == [("store", "jwt", "j.w.t"), ("navigate", "MainPage", {})]
    assert visit.shown("LoginButton", "busy") is False
    assert [(done.event, done.ok) for done in turn.done] == [("e1", True)]
    assert not turn.errors


def test_s2_answer_without_token_alerts() -> None:
    """S2-7: a 2xx without `jwt` shows the seed's own message."""
    visit = jwt_login()
    turn = visit.answer(request(visit.event("LoginButton")), {"error": "?"})
    assert brief(turn) == [("alert", "Login failed!", "error")]


def test_s2_failure_does_not_run_the_callback() -> None:
    """S2-8: with onSuccess alone a failed run rejects, and the event reports it once."""
    visit = jwt_login()
    asked = request(visit.event("LoginButton"))
    turn = visit.answer(asked, {"error": {}}, ok=False, message="Invalid identifier or password")
    assert brief(turn) == []
    (error,) = turn.errors
    assert (error.unhandled, error.query) == (True, "login_api")
    assert error.message == "Invalid identifier or password"
    assert (error.event, error.owner, error.property) == ("e1", "LoginButton", "onClick")


def test_s2_token_reaches_later_queries() -> None:
    """S2-9: the store is visible to queries at once."""
    visit = jwt_login()
    visit.answer(request(visit.event("LoginButton")), {"jwt": "j.w.t"})
    asked = request(visit.event("Gate"))
    assert asked.request.headers == (("Authorization", "Bearer j.w.t"),)


def test_s2_gate_follows_the_query() -> None:
    """S2-10: the binding fails while there are no data, then follows them."""
    visit = jwt_login()
    assert visit.props["Gate"]["defaultTab"] is None
    visit.answer(request(visit.event("Gate")), {"status": "200 OK"})
    assert visit.props["Gate"]["defaultTab"] == "authorized"


def test_s2_log_out_removes_the_token() -> None:
    """S2-14: storing undefined clears the key; an IIFE in an event works."""
    visit = jwt_login()
    visit.answer(request(visit.event("LoginButton")), {"jwt": "j.w.t"})
    assert brief(visit.event("LogOut")) == [("remove", "jwt"), ("navigate", "LoginPage", {})]
    assert request(visit.event("Gate")).request.headers == (("Authorization", "Bearer "),)


def login_module() -> Session:
    return Session(
        page(
            Widget("emailInput", "Input"),
            Widget("passwordInput", "Input"),
            Widget("loginButton", on={"onClick": "{{ authUtils.loginUser() }}"}),
            Widget("Output", props={"token": seed("S0-15-output")}),
            queries=[Query("login", params={"as": "{{ this.params.email }}"}, body=seed("S0-3-body"))],
            scripts={"authUtils": seed("S0-4-loginUser")},
        )
    )


def test_s0_body_quotes_unquoted_bindings() -> None:
    """S0-3: unquoted bindings in JSON text become JSON values."""
    visit = login_module()
    turn = visit.event("loginButton", "onClick", posted("emailInput", 'a"b'), posted("passwordInput", "p"))
    asked = request(turn)
    assert asked.request.body == '{\n  "email": "a\\"b",\n  "password": "p"\n}\n'
    assert asked.request.body_is_text
    assert asked.params == {"email": 'a"b', "password": "p"}
    assert asked.request.params == (("as", 'a"b'),)


def test_s0_validates_before_calling() -> None:
    """S0-5: empty fields give the alert and no request."""
    visit = login_module()
    assert brief(visit.event("loginButton")) == [("alert", "Enter both email and password", "error")]


def test_s0_signs_in_and_exposes_its_result() -> None:
    """S0-6, 7, 15: run resolves to the body; the function's result is its `data`."""
    visit = login_module()
    asked = request(
        visit.event("loginButton", "onClick", posted("emailInput", "e"), posted("passwordInput", "p"))
    )
    turn = visit.answer(asked, {"token": "T"})
    assert brief(turn) == [("store", "access_token", "T"), ("navigate", "Home", {})]
    assert visit.props["Output"]["token"] == "T"


@pytest.mark.parametrize(
    ("ok", "value", "alert"), [(True, {}, "Login failed"), (False, None, "Invalid credentials")]
)
def test_s0_tells_what_went_wrong(ok: bool, value: object, alert: str) -> None:
    """S0-8, 9: no token, and a rejected run that the script catches itself."""
    visit = login_module()
    asked = request(
        visit.event("loginButton", "onClick", posted("emailInput", "e"), posted("passwordInput", "p"))
    )
    turn = visit.answer(asked, value, ok=ok, message="refused")
    assert brief(turn) == [("alert", alert, "error")]
    assert not turn.errors


def any_auth_api() -> Session:
    signin = "export default {\n" + seed("S3-9-signin") + "}"
    # The printed sample lacks its last brace.
    landing = seed("S3-7-continue") + "}"
    return Session(
        page(
            Widget("username", "Input"),
            Widget("password", "Input"),
            Widget("Submit", on={"onClick": "{{ Auth.signin() }}"}),
            Widget("Landing", on={"onClick": "{{ Landing_js.continue() }}"}),
            Widget("LogOut", on={"onClick": seed("S3-13-logOut")}),
            Widget("User", props={"text": "{{ sign_in.data.user.id }}"}),
            Widget("Module", on={"onClick": "{{ Module_js.signin({ email: 'e', password: 'p' }) }}"}),
            queries=[Query("sign_in", body=seed("S3-4-body"))],
            scripts={"Auth": signin, "Landing_js": landing, "Module_js": seed("S1-4-signin")},
        )
    )


@pytest.mark.parametrize("button", ["Submit", "Module"])
def test_s3_and_s1_store_every_key_but_the_user(button: str) -> None:
    """S3-9, S1-4: what the script deletes from its copy stays in the query's data."""
    visit = any_auth_api()
    asked = request(visit.event(button))
    turn = visit.answer(asked, {"access_token": "A", "expires_in": 3600, "user": {"id": "u1"}})
    assert brief(turn) == [
        ("store", "access_token", "A"),
        ("store", "expires_in", 3600),
        ("navigate", "Home", {}),
    ]
    assert visit.props["User"]["text"] == "u1"
    assert not unhandled(turn)


def test_s3_landing_reads_the_fragment() -> None:
    """S3-7: tokens arrive in the address's fragment; without one nothing happens."""
    visit = any_auth_api()
    env = {"k": "env", "url": {"fullPath": "https://app.example/Home"}}
    assert brief(visit.event("Landing", "onClick", env)) == []
    env = {"k": "env", "url": {"fullPath": "https://app.example/Home#access_token=A&type=signup"}}
    assert brief(visit.event("Landing", "onClick", env)) == [
        ("store", "access_token", "A"),
        ("store", "type", "signup"),
        ("navigate", "Home", {}),
    ]


def test_s3_log_out_is_what_it_says() -> None:
    """S3-13: the seed removes a key that nothing stores; it is done as written."""
    visit = any_auth_api()
    assert brief(visit.event("LogOut")) == [("remove", "#access_token"), ("navigate", "LoginPage", {})]


def test_s1_sends_its_parameters() -> None:
    """S1-4: a script's run(params) reaches the request."""
    visit = any_auth_api()
    assert request(visit.event("Module")).params == {"email": "e", "password": "p"}


def test_answers_of_one_message_are_applied_in_turn() -> None:
    """Two answers in one message: each belongs to its own event."""
    visit = jwt_login()
    first, second = request(visit.event("LoginButton")), request(visit.event("LoginButton"))
    turn = visit.turn(result(first, {"jwt": "1"}), result(second, {}))
    assert [(command.ev, type(command).__name__) for command in commands(turn)] == [
        ("e1", "StoreValue"),
        ("e1", "Navigate"),
        ("e2", "ShowAlert"),
    ]
