"""What is broken on purpose is reported, at the step and with the page as text."""

import shutil
from dataclasses import replace
from pathlib import Path

from tests.cli.test_import import portico
from tests.try_app.applications import Application, number, plain_table, session
from tools.try_app.sign_in_file import read_sign_in
from tools.try_app.signing_in import Shown, signed_in

SIGN_INS = Path(__file__).parent / "sign-ins"


def imported(application: Application, folder: Path) -> Path:
    """The application as an app."""
    application.write(folder / "source")
    done = portico("import", "appsmith", "source", "app", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "app"


def failure(app: Path, file: Path) -> tuple[str, str]:
    """The phase that fails, and what is said of it."""
    shown = list(signed_in(app, read_sign_in(file)))
    assert not shown[-1].ok, shown
    assert all(each.ok for each in shown[:-1])
    return shown[-1].said, "\n".join(shown[-1].more)


def test_control_an_api_that_takes_every_password(tmp_path: Path) -> None:
    """The wrong one is not refused: it leads to the protected page."""
    file = tmp_path / "open.yaml"
    text = (SIGN_INS / "session.yaml").read_text()
    described = """api:
  endpoints:
    sign_in: {path: /elsewhere, body: {}}
    me: {path: /me, body: {}}
  data:
    - method: POST
      path: /v1/account/sessions/email
      access: public
      body: {id: 7, providerUid: ada@example.com}
"""
    file.write_text(
        text.replace("refused: No entry\n", "").replace("api: dialects/sessions.yaml\n", described)
    )
    phase, said = failure(imported(session(), tmp_path), file)
    assert phase == "a wrong password is refused"
    assert f"{tmp_path}/open.yaml:1:7  at: Login" in said
    assert "this is Home" in said
    assert "the page, Home:" in said
    assert "Session of ada@example.com" in said
    assert "POST /v1/account/sessions/email → 200" in said
    assert "wrong-password" not in said


def test_control_a_page_that_is_open(tmp_path: Path) -> None:
    """Without the contract that the import wrote, and without the guard, nothing leads to the login page."""
    app = imported(number(), tmp_path)
    (app / "app.yaml").write_text("auth: none\nhome_page: Login\n")
    shutil.rmtree(app / "pages/Home/scripts")
    for page in app.glob("pages/*/page.yaml"):
        lines = page.read_text().splitlines(keepends=True)
        page.write_text("".join(line for line in lines if not line.startswith("access:")))
    phase, said = failure(app, SIGN_INS / "number.yaml")
    assert phase == "Home leads to Login"
    assert "this is Home" in said


def test_control_a_log_out_that_only_leads_away(tmp_path: Path) -> None:
    """The key is still in the store: the protected page opens."""
    forgets = replace(plain_table(), leave="{{navigateTo('Login')}}")
    phase, said = failure(imported(forgets, tmp_path), SIGN_INS / "plain-table.yaml")
    assert phase == "a log-out closes it"
    assert "this is Home" in said


def test_control_what_is_not_on_the_page(tmp_path: Path) -> None:
    """A text that the protected page does not show."""
    file = tmp_path / "other.yaml"
    file.write_text((SIGN_INS / "plain-table.yaml").read_text().replace("Hello, Ada", "Hello, Bob"))
    phase, said = failure(imported(plain_table(), tmp_path), file)
    assert phase == "Home is there"
    assert '"Hello, Bob" is not there' in said


def test_an_application_that_does_not_look_at_the_rows(tmp_path: Path) -> None:
    """Its own code would let anybody in; a statement that found nobody signs nobody in."""
    blind = "{{signIn.run().then(() => { storeValue('user', signIn.data); navigateTo('Home'); })}}"
    file = tmp_path / "blind.yaml"
    text = (SIGN_INS / "plain-table.yaml").read_text()
    file.write_text(text.replace("refused: No entry\n", "").replace("see: Hello, Ada\n", ""))
    app = imported(replace(plain_table(), enter=blind), tmp_path)
    assert list(signed_in(app, read_sign_in(file))) == [
        Shown(said=said)
        for said in (
            "Home leads to Login",
            "a wrong password is refused",
            "the right one leads to Home",
            "Home is there",
            "and after a reload",
            "a log-out closes it",
        )
    ]


def test_nothing_real_is_called(tmp_path: Path) -> None:
    """Every datasource is led to the auth server, also one with an address of its own; the app stays."""
    app = imported(number(), tmp_path)
    (app / "datasources/Api.yaml").write_text("url: https://api.example.com/auth\n")
    query = app / "pages/Login/queries/signIn.yaml"
    query.write_text(query.read_text().replace("path: /auth/login", "path: /login"))
    shelf = app / "pages/Home/queries/shelf.yaml"
    shelf.write_text(shelf.read_text().replace("datasource: Api", "datasource: Shelves"))
    (app / "datasources/Shelves.yaml").write_text("url: https://shelves.example.com/v7\n")
    file = tmp_path / "led.yaml"
    file.write_text((SIGN_INS / "number.yaml").read_text() + "datasources: {Shelves: /}\n")
    assert all(shown.ok for shown in signed_in(app, read_sign_in(file)))
    assert (app / "datasources/Api.yaml").read_text() == "url: https://api.example.com/auth\n"
