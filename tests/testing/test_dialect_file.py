"""The file of an imitated API: what it holds, and what is said where it holds something else."""

from datetime import timedelta
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
import yaml

from portico.authserver.dialects.imitation import APIS, By, Carrying, Imitation, Refusal, Takes
from portico.authserver.endpoints import Role
from portico.definition import dialect_shapes
from portico.definition.diagnostics import Problems
from portico.definition.preset import text_of
from portico.definition.schemas import schemas
from portico.testing.dialect_file import SHIPPED, DialectUnusable, dialect, dialect_called, read_dialect
from portico.ui.widgets import CATALOGUE

EDITOR = jsonschema.Draft7Validator(schemas(CATALOGUE)["dialect"])
WHOLE = """\
access_token: {kind: opaque, lifetime: 5m, header: X-Auth-Token}
refresh_token: {lifetime: 2d, rotates: false, cookie: renew}
user: {key: "{id}", mail: "{email}", role: "{role}"}
endpoints:
  sign_in:
    path: /v2/session
    query: {kind: password}
    fields: {login: who, password: secret}
    status: 201
    body: {result: {sessionToken: "{access_token}", seconds: "{expires_in}"}, note: "for {email}"}
    headers: {X-Ends: "{expires_at}"}
    cookies: {renew: "{refresh_token}"}
  refresh: {path: /v2/session, query: {kind: renew}, body: {sessionToken: "{access_token}"}}
  me: {path: /v2/me, body: {data: "{user}"}}
  sign_out: {method: DELETE, path: /v2/session, status: 204}
errors:
  wrong_password: {status: 400, body: {why: "{message}"}}
data:
  - {path: /v2/orders, body: [{no: 1, of: "{email}"}]}
  - {path: /v2/prices, access: public, body: []}
"""
SHORT = """\
endpoints:
  sign_in: {path: /login, body: {token: "{access_token}"}}
  me: {path: /me, body: {email: "{email}"}}
"""


def described(text: str) -> tuple[Imitation | None, list[str]]:
    """What a text describes, and its problems: place, code and words."""
    problems = Problems()
    found = dialect("my-api.yaml", text, problems)
    return found, [problem.as_text().splitlines()[0] for problem in problems.sorted()]


def test_a_whole_file() -> None:
    """Everything that it can say."""
    found, problems = described(WHOLE)
    assert (problems, found is not None) == ([], True)
    assert found is not None
    assert [route.role for route in found.routes] == [Role.SIGN_IN, Role.REFRESH, Role.ME, Role.SIGN_OUT]
    sign_in = found.routes[0]
    assert (sign_in.method, sign_in.fields) == ("POST", {"login": "who", "password": "secret"})
    assert (sign_in.reply.status, sign_in.reply.cookies) == (201, {"renew": "{refresh_token}"})
    assert found.carrying == Carrying(header="X-Auth-Token", scheme="")
    assert (found.access, found.access_lifetime) == ("opaque", timedelta(minutes=5))
    assert (found.rotates, found.refresh_cookie) == (False, "renew")
    assert found.refresh_lifetime == timedelta(days=2)
    assert found.refusal(Refusal.WRONG_PASSWORD).status == 400
    assert found.refusal(Refusal.DEAD_TOKEN).status == 401
    assert [(data.path, data.public) for data in found.data] == [("/v2/orders", False), ("/v2/prices", True)]
    assert not next(route for route in found.routes if route.role is Role.SIGN_OUT).reply.has_body


def test_a_short_file() -> None:
    """What is not said is as usual."""
    found, problems = described(SHORT)
    assert problems == []
    assert found is not None
    assert found.routes[0].fields == {"login": "login", "password": "password"}
    assert (found.carrying, found.access, found.rotates) == (Carrying(), "jwt", True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("endpoints:", "endpoint:", "1:1 E201 an imitated API has no `endpoint`"),
        ("endpoints:", "endpoint:", "1:1 E203 an imitated API needs `endpoints`"),
        ("  me: {path: /me,", "  you: {path: /me,", "3:3 E201 `endpoints` has no `you`"),
        ("  me: {path: /me,", "  you: {path: /me,", "2:3 E203 `endpoints` needs `me`"),
        ("path: /login", "path: login", "2:19 E204 `path` is not the path of an endpoint"),
        ("path: /login", "path: /_faults", "2:19 E204 `path` is not the path of an endpoint"),
        ("path: /login", "path: '/a{x}'", "2:19 E204 `path` is not the path of an endpoint"),
        ("path: /login,", "", "2:12 E203 an endpoint needs `path`"),
        ("path: /me", "path: /login, method: POST", "3:3 E204 `me` and `sign_in` are one request"),
        ("{access_token}", "{acces_token}", "2:41 E204 `{acces_token}` stands for nothing here"),
        ('"{email}"', '"{refresh_token}"', "3:33 E204 `{refresh_token}` stands for nothing here"),
        ("path: /me", "path: /me, status: 99", "3:27 E219 `status` is out of range"),
        ("path: /me", "path: /me, method: FETCH", "3:27 E204 `method` cannot be this"),
        ("path: /me", "path: /me, fields: {password: x}", "3:28 E201 `fields` has no `password`"),
        ("path: /me", 'path: /me, headers: {"a b": x}', "3:29 E216 `headers` has a name that cannot be sent"),
        ("path: /me", "path: /me, headers: {X-A: [x]}", "3:34 E202 `X-A` is text"),
        ("endpoints:", "access_token: {lifetime: soon}\nendpoints:", "1:26 E202 `lifetime` is a time"),
        ("endpoints:", "access_token: {cookie: a b}\nendpoints:", "1:24 E216 `cookie` is no name"),
        ("endpoints:", "errors: {late: {status: 400}}\nendpoints:", "1:10 E201 `errors` has no `late`"),
        ("endpoints:", "data: [drop]\nendpoints:", "1:8 E202 an item of `data` is a mapping"),
        ("endpoints:", "user: '{access_token}'\nendpoints:", "1:7 E204 `{access_token}` stands for nothing"),
        ("endpoints:", "user: [\nendpoints:", "E105"),
        ("path: /me", "path: /me, by: access_token", "3:19 E204 `me` renews and ends nothing"),
        ("path: /login", "path: /login, takes: xml", "2:34 E204 `takes` cannot be this"),
        ("path: /login", "path: /login, errors: {late: {status: 400}}", "2:36 E201 `errors` has no `late`"),
        (
            "endpoints:",
            "access_token: {claims: {exp: 1}}\nendpoints:",
            "1:25 E204 `exp` is said by every token",
        ),
        ("endpoints:", "access_token: {claims: {a: '{user}'}}\nendpoints:", "1:28 E204 `{user}` stands for"),
        ("endpoints:", "access_token: {slides: often}\nendpoints:", "1:24 E202 `slides` is a time"),
        ('"{email}"', '"{expires_on}"', "3:33 E204 `{expires_on}` stands for nothing here"),
        (
            "endpoints:\n",
            "endpoints:\n  recover: {path: /r, body: '{email}'}\n",
            "2:29 E204 `{email}` stands for",
        ),
    ],
)
def test_what_is_wrong_is_told_in_its_place(old: str, new: str, said: str) -> None:
    """File, line, column and words, for every problem."""
    assert old in SHORT
    _, problems = described(SHORT.replace(old, new, 1))
    assert any(f"my-api.yaml:{said}" in problem or said in problem for problem in problems), problems


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """With all its problems, and a remedy for each."""
    file = tmp_path / "my-api.yaml"
    file.write_text(SHORT.replace("{access_token}", "{token}").replace("/me", "me"))
    with pytest.raises(DialectUnusable, match=r"my-api\.yaml describes no API") as wrong:
        read_dialect(file)
    shown = wrong.value.message.splitlines()
    assert sum(line.startswith("my-api.yaml:") for line in shown) == 2
    assert "write one of {access_token}, {refresh_token}" in wrong.value.message
    with pytest.raises(DialectUnusable) as missing:
        read_dialect(tmp_path / "other.yaml")
    assert missing.value.message.endswith("other.yaml cannot be read as text.")


def test_every_refusal_can_be_described() -> None:
    """What the server can say no with is what a file can hold."""
    named = {value for name, value in vars(Refusal).items() if name.isupper()}
    assert named == set(dialect_shapes.ERRORS.keys)


@pytest.mark.parametrize("name", SHIPPED)
def test_an_api_that_comes_with_portico_is_described(name: str) -> None:
    """Without a problem, and with what it leaves out at its head; editors accept it."""
    file = APIS / f"{name}.yaml"
    found, problems = described(file.read_text())
    assert problems == []
    assert dialect_called(name) == found
    head = file.read_text().partition("\naccess_token:")[0]
    assert "# Left out: " in head
    assert all(line.startswith("#") for line in head.splitlines())
    for text in (file.read_text(), WHOLE, SHORT):
        assert list(EDITOR.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    ("old", "new"), [("path: /login,", ""), ("me: {", "you: {"), ("path: /me", "path: /me, status: 99")]
)
def test_editors_are_told_what_is_wrong(old: str, new: str) -> None:
    """As `check` tells it."""
    assert list(EDITOR.iter_errors(yaml.safe_load(SHORT.replace(old, new)))) != []


def test_an_api_is_named_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is neither is told with those that there are; a file of any name is one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        DialectUnusable, match=r"There is no file pocketbas, and no API of that name: allauth"
    ):
        dialect_called("pocketbas")
    Path("mine").write_text(SHORT)
    assert dialect_called("mine") == described(SHORT)[0]


def test_what_a_file_can_say_is_what_a_server_does() -> None:
    """The names are written down apart from the server, since editors know nothing of it."""
    assert tuple(dialect_shapes.FIELDS) == tuple(dialect_shapes.ENDPOINTS.keys)
    assert set(dialect_shapes.FIELDS) == set(Role)
    assert (get_args(Takes), get_args(By)) == (dialect_shapes.TAKES, dialect_shapes.BY)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_preset_asks_nothing_that_its_api_does_not_have(name: str) -> None:
    """Each query of the preset has an endpoint; the control: another preset's queries have none."""
    asked, served = calls_of(name), {(route.method, route.path) for route in dialect_called(name).routes}
    assert asked
    assert asked <= served
    assert not calls_of("supabase") & served


def calls_of(name: str) -> set[tuple[str, str]]:
    """Method and path of each query of a preset."""
    queries = yaml.safe_load(text_of(name))["queries"].values()
    return {(query.get("method", "GET"), query["path"]) for query in queries}
