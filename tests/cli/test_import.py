"""`portico import curl`, as users call it (row S3-3)."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition.secrets import Secrets
from portico.importers.curl import parse
from portico.importers.curl_import import import_request
from portico.importers.files import Draft, FileNotWritten, write_all
from portico.importers.secret_names import Wanted
from portico.importers.secrets_file import with_secrets
from portico.importers.shell import split
from portico.values import Secret

CANARY = "cNrY8f3Kq2Zx7Lw5Tn9B"

SIGN_UP = f"""curl -X POST 'https://abcdefgh.supabase.co/auth/v1/signup' \\
-H 'apikey: {CANARY}' \\
-H 'Content-Type: application/json' \\
-d '{{
  "email": "someone@email.com",
  "password": "{CANARY}-password"
}}'"""
SIGN_IN = SIGN_UP.replace("signup", "token?grant_type=password")

FILES = {
    "app.yaml": "name: Shop\nauth: none\n",
    "pages/SignUp/page.yaml": "title: Sign up\nwidgets:\n  - {name: email, type: Input}\n",
}


def shop(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """An app with a page."""
    for name, text in {**FILES, **(more or {})}.items():
        file = folder / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "shop"


def portico(*arguments: object, cwd: Path, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    command = [sys.executable, "-m", "portico", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        input=text if text is not None else "",
        env=environment,
    )


def files_of(folder: Path) -> dict[str, str]:
    """Everything below a folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_row_s3_3_the_sign_up_command_becomes_a_query_and_a_datasource(tmp_path: Path) -> None:
    """Row S3-3: named as in the seed, its datasource used again for the sign-in (S3-8), no key in files."""
    app = shop(tmp_path)
    first = portico(
        *("import", "curl", "-", "--app", app, "--query", "sign_up", "--page", "SignUp"),
        cwd=tmp_path,
        text=SIGN_UP,
    )
    assert first.returncode == 0, first.stderr
    assert files_of(app).keys() - FILES.keys() == {
        "datasources/supabase.yaml",
        "pages/SignUp/queries/sign_up.yaml",
    }
    assert (app / "datasources/supabase.yaml").read_text() == (
        'url: "https://abcdefgh.supabase.co/auth/v1"\nheaders:\n  apikey: {secret: SUPABASE_APIKEY}\n'
    )
    assert (app / "pages/SignUp/queries/sign_up.yaml").read_text() == (
        "datasource: supabase\nmethod: POST\npath: /signup\nbody: |\n  {\n"
        '    "email": "someone@email.com",\n    "password": {{ this.params.password }}\n  }\n'
    )
    for words in (
        f"written: {app}/datasources/supabase.yaml",
        f"written: {app}/pages/SignUp/queries/sign_up.yaml",
        "set the secret SUPABASE_APIKEY: PORTICO_SECRET_SUPABASE_APIKEY in the environment",
        "sign_up.run({ password: PasswordInput.text })",
        "put {{ email.text }} in the place of `email`",
    ):
        assert words in first.stdout
    second = portico("import", "curl", SIGN_IN, "--app", app, "--query", "sign_in", cwd=tmp_path)
    assert f"used: {app}/datasources/supabase.yaml" in second.stdout
    assert "set the secret" not in second.stdout
    written = (app / "queries/sign_in.yaml").read_text()
    assert written.startswith(
        "datasource: supabase\nmethod: POST\npath: /token\nparams:\n  grant_type: password\n"
    )
    for text in (*files_of(app).values(), first.stdout, first.stderr, second.stdout, second.stderr):
        assert CANARY not in text
    check = portico("check", app, cwd=tmp_path)
    assert (check.returncode, check.stderr.count("W601")) == (0, 1)


def test_secrets_are_written_where_they_are_looked_for(tmp_path: Path) -> None:
    """With --write-secrets: readable by their owner alone, in the app's table; then nothing is missing."""
    app = shop(tmp_path)
    answer = portico("import", "curl", SIGN_UP, "--app", app, "--write-secrets", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    file = tmp_path / "secrets.toml"
    assert tomllib.loads(file.read_text()) == {"shop": {"SUPABASE_APIKEY": CANARY}}
    assert file.stat().st_mode & 0o777 == 0o600
    assert "set the secret" not in answer.stdout
    assert CANARY not in answer.stdout + answer.stderr
    assert portico("check", app, cwd=tmp_path).stderr == ""
    named = tmp_path / "named.toml"
    other = SIGN_UP.replace("supabase.co", "other.example").replace(CANARY, "another-key")
    portico(
        "import",
        "curl",
        other,
        "--app",
        app,
        "--query",
        "x",
        "--write-secrets",
        "--secrets",
        named,
        cwd=tmp_path,
    )
    assert not named.exists(), "a file that was named must be there"
    named.write_text('# mine\nA = "1"\n')
    named.chmod(0o600)
    portico(
        "import",
        "curl",
        other,
        "--app",
        app,
        "--query",
        "x",
        "--write-secrets",
        "--secrets",
        named,
        cwd=tmp_path,
    )
    assert named.read_text() == '# mine\nA = "1"\n\n[shop]\nOTHER_APIKEY = "another-key"\n'


def test_without_an_app_the_files_are_printed(tmp_path: Path) -> None:
    """To the output alone; what else there is to say goes to the other stream."""
    answer = portico("import", "curl", SIGN_UP, cwd=tmp_path)
    assert answer.stdout.startswith(
        '# datasources/supabase.yaml\nurl: "https://abcdefgh.supabase.co/auth/v1"\n'
    )
    assert "\n# queries/signup.yaml\ndatasource: supabase\n" in answer.stdout
    assert "set the secret SUPABASE_APIKEY" in answer.stderr
    assert CANARY not in answer.stdout + answer.stderr
    assert files_of(tmp_path) == {}


def test_the_words_of_a_command_may_follow_two_dashes(tmp_path: Path) -> None:
    """A shell has taken their quotes off already."""
    words = ["curl", "https://api.example.com/users", "-H", "X-A: b c", "-d", '{"a": "it\'s"}']
    answer = portico("import", "curl", "--query", "users", "--", *words, cwd=tmp_path)
    assert "  X-A: b c\n" in answer.stdout
    assert "it's" in answer.stdout


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    """The query's file, and the datasource's if it was chosen and does not fit."""
    app = shop(tmp_path)
    portico("import", "curl", SIGN_UP, "--app", app, cwd=tmp_path)
    before = files_of(app)
    again = portico("import", "curl", SIGN_UP.replace("someone", "other"), "--app", app, cwd=tmp_path)
    assert again.returncode == 1
    assert f"There already: {app}/queries/signup.yaml" in again.stderr
    assert "--force" in again.stderr
    elsewhere = portico(
        *("import", "curl", "curl https://b.example/x", "--app", app, "--datasource", "supabase"),
        cwd=tmp_path,
    )
    assert f"There already: {app}/datasources/supabase.yaml" in elsewhere.stderr
    assert files_of(app) == before
    forced = portico(
        "import", "curl", SIGN_UP.replace("someone", "other"), "--app", app, "--force", cwd=tmp_path
    )
    assert forced.returncode == 0
    after = files_of(app)
    assert "other@email.com" in after.pop("queries/signup.yaml")
    before.pop("queries/signup.yaml")
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["curl", "curl 'x", "--app", "APP"], "not closed"),
        (["curl", "curl https://a.example -F f=@me.png", "--app", "APP"], "this.params.file"),
        (["curl", "curl https://a.example", "--app", "APP", "--page", "SignUpp"], "did you mean `SignUp`?"),
        (["curl", "curl https://a.example", "--app", "APP", "--query", "a-b"], "--query a-b"),
        (["curl", "curl https://a.example", "--app", "APP", "--query", "delete"], "word of JavaScript"),
        (["curl", "curl https://a.example", "--app", "APP", "--datasource", "../x"], "--datasource"),
        (["curl", "curl https://a.example", "--app", "missing"], "not a folder"),
        (["curl", "curl https://a.example", "--app", "empty"], "has no app.yaml"),
        (["curl", "curl https://a.example", "--page", "SignUp"], "--app"),
        (["curl", "curl https://a.example", "--write-secrets"], "--app"),
        (
            ["curl", "curl https://a.example/email", "--app", "APP", "--page", "SignUp", "--query", "email"],
            "E401",
        ),
        (["curl", "-"], "begins with `curl`"),
    ],
)
def test_what_cannot_be_imported_writes_nothing(arguments: list[str], words: str, tmp_path: Path) -> None:
    """A sentence, status 1, and the app as it was."""
    app = shop(tmp_path)
    (tmp_path / "empty").mkdir()
    before = files_of(tmp_path)
    answer = portico("import", *(app if word == "APP" else word for word in arguments), cwd=tmp_path)
    assert answer.returncode == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert files_of(tmp_path) == before


def test_an_app_may_wait_for_what_is_imported(tmp_path: Path) -> None:
    """A page that names the query already is an error, and the import mends it; others stay."""
    page = """\
title: Sign up
widgets:
  - {name: Go, type: Button, onClick: "{{ sign_up.run() }}"}
  - {name: Bad, type: Text, txet: a}
"""
    app = shop(tmp_path, {"pages/SignUp/page.yaml": page})
    answer = portico("import", "curl", SIGN_UP, "--app", app, "--query", "sign_up", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    check = portico("check", app, cwd=tmp_path)
    assert ("E403" in check.stderr, "E206" in check.stderr) == (False, True)


def test_a_file_of_secrets_in_the_app_is_not_written(tmp_path: Path) -> None:
    """Whoever works inside the folder of the app is told."""
    app = shop(tmp_path)
    answer = portico("import", "curl", SIGN_UP, "--app", ".", "--write-secrets", cwd=app)
    assert answer.returncode == 1
    assert "inside the app folder" in answer.stderr
    assert files_of(app).keys() == FILES.keys()


# Files, all or none


def test_files_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    """The third cannot be written: the first is as it was, the second and its folders are gone."""
    first, second = tmp_path / "first", tmp_path / "a" / "b" / "second"
    first.write_text("before")
    first.chmod(0o640)
    (tmp_path / "file").write_text("")
    drafts = [
        Draft(path=first, content="after", replace=True),
        Draft(path=second, content="new"),
        Draft(path=tmp_path / "file" / "third", content="x"),
    ]
    with pytest.raises(FileNotWritten, match="cannot be written"):
        write_all(drafts)
    assert files_of(tmp_path) == {"first": "before", "file": ""}
    assert not second.parent.parent.exists()
    write_all(drafts[:2])
    assert files_of(tmp_path) == {"first": "after", "file": "", "a/b/second": "new"}
    assert first.stat().st_mode & 0o777 == 0o640


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Whoever was faster keeps it."""
    (tmp_path / "a").write_text("theirs")
    with pytest.raises(FileNotWritten, match="there already"):
        write_all([Draft(path=tmp_path / "b", content="x"), Draft(path=tmp_path / "a", content="ours")])
    assert files_of(tmp_path) == {"a": "theirs"}


NEW = (Wanted(name="KEY", value=Secret('va"l\\ue\n\x7fä')), Wanted(name="OPEN", value=None))
NEW_LINE = 'KEY = "va\\"l\\\\ue\\n\\u007Fä"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[shop]\n{NEW_LINE}"),
        ('A = "1"', f'A = "1"\n\n[shop]\n{NEW_LINE}'),
        ('A = "1"\n', f'A = "1"\n\n[shop]\n{NEW_LINE}'),
        ('[shop]\nA = "1"\n\n[other]\nB = "2"\n', f'[shop]\n{NEW_LINE}A = "1"\n\n[other]\nB = "2"\n'),
        ('[other]\nB = "2"\n[shop] # ours', f'[other]\nB = "2"\n[shop] # ours\n{NEW_LINE}'),
        ('[ "shop" ]\n', f'[ "shop" ]\n{NEW_LINE}'),
        ("# [shop]\n", f"# [shop]\n\n[shop]\n{NEW_LINE}"),
    ],
)
def test_secrets_are_put_into_the_table_of_their_app(before: str, after: str) -> None:
    """Whatever stood there stays; the values are read back as they were."""
    changed = with_secrets(before, "shop", NEW, Path("secrets.toml"))
    assert changed == after
    assert tomllib.loads(changed)["shop"]["KEY"] == 'va"l\\ue\n\x7fä'
    assert with_secrets(changed, "shop", NEW, Path("secrets.toml")) == changed


@pytest.mark.parametrize("before", ['shop.A = "1"\n', 'shop = {A = "1"}\n', 'X = """\n[shop]\n"""\n'])
def test_a_file_that_nothing_can_be_put_into_is_left_alone(before: str) -> None:
    """It is told, and no value with it."""
    with pytest.raises(Exception, match="by hand") as refused:
        with_secrets(before, "shop", NEW, Path("secrets.toml"))
    assert 'va"l' not in str(refused.value)


def test_what_is_imported_again_finds_its_secret_set(tmp_path: Path) -> None:
    """One value, one name: with the file of the first import nothing new is wanted."""
    file = tmp_path / "secrets.toml"
    request = parse(split(SIGN_UP).words)
    found = import_request(request)
    file.write_text(with_secrets("", "shop", found.wanted, file))
    file.chmod(0o600)
    again = import_request(request, values=Secrets.read(file, {}).known("shop"))
    assert [item.name for item in again.wanted] == [item.name for item in found.wanted] == ["SUPABASE_APIKEY"]
