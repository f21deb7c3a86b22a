"""What is wrong in the file of a sign-in is told with file, line and column, before anything is tried."""

from pathlib import Path

import pytest

from tools.try_app import __main__ as program
from tools.try_app.pointing import point
from tools.try_app.sign_in_file import Database, SignInUnreadable, judge, read_sign_in
from tools.try_app.throw_away import SetupFailed, thrown_away

RIGHT = """\
page: Login
protected: Home
fill: {E-mail: ada@example.com}
password: {field: Secret, right: right-password, wrong: wrong-password}
button: Log in
"""


def said(folder: Path, text: str) -> str:
    """What is wrong with a file, without its folder."""
    file = folder / "sign-in.yaml"
    file.write_text(text)
    with pytest.raises(SignInUnreadable) as caught:
        read_sign_in(file)
    return caught.value.message.replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("page: Login\n", "", "sign-in.yaml:1:1 E203 a file of a sign-in needs `page`"),
        ("protected: Home\n", "", "sign-in.yaml:1:1 E203 a file of a sign-in needs `protected`"),
        ("button: Log in\n", "", "sign-in.yaml:1:1 E203 a file of a sign-in needs `button`"),
        ("page: Login", "page: [Login]", "sign-in.yaml:1:7 E202 `page` is text"),
        (", wrong: wrong-password", "", "sign-in.yaml:4:11 E203 `password` needs `wrong`"),
        ("field: Secret", "feld: Secret", "sign-in.yaml:4:12 E201 `password` has no `feld`"),
        ("button: Log in", "button: Log in\nlogout: []", "sign-in.yaml:6:1 E201 a file of a sign-in has no"),
        (
            "button: Log in",
            "button: Log in\nlog_out: [{clck: Out}]",
            "sign-in.yaml:6:12 E802 there is no step",
        ),
        ("button: Log in", "button: Log in\nbefore: [use: it]", "sign-in.yaml:6:10 E802 there are no named"),
        ("{E-mail: ada@example.com}", "[E-mail]", "sign-in.yaml:3:7 E802 `fill` is a mapping"),
        ("button: Log in", "button: Log in\napi: pocketbse", "sign-in.yaml:6:6 E805 no API `pocketbse`"),
        ("button: Log in", "button: Log in\napi: my.yaml", "sign-in.yaml:6:6 E805 there is no file my.yaml"),
        (
            "button: Log in",
            "button: Log in\napi: {endpoints: {me: {path: /me}}}",
            "sign-in.yaml:6:18 E203 `endpoints` needs `sign_in`",
        ),
        (
            "button: Log in",
            'button: Log in\napi: {endpoints: {sign_in: {path: /a, body: "{tokn}"}, me: {path: /me}}}',
            "sign-in.yaml:6:45 E204 `{tokn}` stands for nothing here",
        ),
        (
            "button: Log in",
            "button: Log in\ndatasources: {Api: api}",
            "sign-in.yaml:6:20 E204 `Api` is no path",
        ),
        (
            "button: Log in",
            "button: Log in\ndatabase: {kind: oracle, setup: ''}",
            "sign-in.yaml:6:18 E204 `kind` cannot be this",
        ),
        ("button: Log in", "button: Log in\naccount: {email: a}", "sign-in.yaml:6:10 E203 `account` needs"),
        ("page: Login", "page: Login\n page: x", "sign-in.yaml:2:"),
    ],
)
def test_a_mistake_has_a_place(before: str, after: str, expected: str, tmp_path: Path) -> None:
    """Each with a message, and most with a remedy."""
    assert before in RIGHT
    assert expected in said(tmp_path, RIGHT.replace(before, after))


def test_the_right_file_has_no_mistake(tmp_path: Path) -> None:
    """The control of the test above; and no file at all."""
    file = tmp_path / "sign-in.yaml"
    file.write_text(RIGHT)
    found = read_sign_in(file)
    assert [len(phase.steps) for phase in found.phases] == [2, 6, 4, 2, 2]
    with pytest.raises(SignInUnreadable, match=r"nothing\.yaml:1:1 E101 there is no such file"):
        read_sign_in(tmp_path / "nothing.yaml")


def test_a_file_of_an_api_is_read_too(tmp_path: Path) -> None:
    """What is wrong in it has its own name and line."""
    (tmp_path / "api.yaml").write_text("endpoints:\n  me: {path: /me}\n")
    assert "api.yaml:2:3 E203 `endpoints` needs `sign_in`" in said(tmp_path, RIGHT + "api: api.yaml\n")


def test_names_that_the_app_does_not_have(tmp_path: Path) -> None:
    """Pages and datasources; the nearest is offered."""
    (tmp_path / "app/pages/Login").mkdir(parents=True)
    (tmp_path / "app/pages/Login/page.yaml").write_text("title: Login\n")
    (tmp_path / "app/datasources").mkdir()
    (tmp_path / "app/datasources/Api.yaml").write_text("url: https://api.example.com\n")
    file = tmp_path / "sign-in.yaml"
    file.write_text(RIGHT + "home: Loginn\ndatasources: {Apy: /}\n")
    with pytest.raises(SignInUnreadable) as caught:
        judge(read_sign_in(file), tmp_path / "app")
    told = caught.value.message
    assert "sign-in.yaml:2:12 E204 the app has no such page" in told
    assert "sign-in.yaml:6:7 E204 the app has no such page" in told
    assert "did you mean `Login`?" in told
    assert "sign-in.yaml:7:20 E204 the app has no such datasource" in told


def test_nothing_is_imported_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program ends with what is wrong."""
    (tmp_path / "sign-in.yaml").write_text("page: Login\n")
    assert program.main([str(tmp_path), "--sign-in", str(tmp_path / "sign-in.yaml")]) == 1
    shown = capsys.readouterr()
    assert "E203 a file of a sign-in needs `protected`" in shown.err
    assert shown.out == ""


def database(folder: Path, kind: str, *statements: str) -> Database:
    """A database whose statements stand from line 8 on."""
    lines = "".join(f"    {line}\n" for line in statements)
    file = folder / "sign-in.yaml"
    file.write_text(f"{RIGHT}database:\n  kind: {kind}\n  setup: |\n{lines}")
    found = read_sign_in(file).database
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_statement_that_is_refused_has_a_place(kind: str, tmp_path: Path) -> None:
    """Its line, and what the database says of it."""
    broken = database(
        tmp_path,
        kind,
        "CREATE TABLE a (id int);",
        "INSERT INTO a",
        "  VALUES (1);",
        "INSERT INTO b VALUES (1);",
    )
    refused = pytest.raises(SetupFailed, match=r"(?s)^sign-in\.yaml:12:5 `setup` is refused: .*\bb\b")
    with refused, thrown_away(broken, tmp_path):
        raise AssertionError("it was filled")


def test_what_a_database_is_reached_by(tmp_path: Path) -> None:
    """The datasource is led to it, with a secret of the trial; without one, to nobody."""
    (tmp_path / "app/datasources").mkdir(parents=True)
    (tmp_path / "app/app.yaml").write_text("auth: none\n")
    written = (
        "kind: sql\nurl: postgresql://db.example.com/shop\n"
        "auth: {type: basic, username: me, password: {secret: DB}}\n"
    )
    source = tmp_path / "app/datasources/Db.yaml"
    source.write_text(written)
    wanted = database(tmp_path, "sqlite", "CREATE TABLE a (id int);")
    sign_in = read_sign_in(tmp_path / "sign-in.yaml")
    with thrown_away(wanted, tmp_path) as reached:
        assert point(tmp_path / "app", sign_in, reached) == {"TRIAL_DATABASE_PASSWORD": ""}
    assert "example.com" not in source.read_text()
    assert "sqlite:///" in source.read_text()
    source.write_text(written)
    assert point(tmp_path / "app", sign_in, None) == {"DB": "made-up-for-this-trial"}
    assert "postgresql://127.0.0.1:9/" in source.read_text()
