"""`auth` and `tls` of a datasource, field by field (checklist 2A, Authenticated API)."""

from pathlib import Path

import pytest
import trustme

from portico.definition.load import Loaded, load
from portico.definition.secrets import Secrets
from portico.model.credentials import ApiKey, Auth, Basic, Bearer, ClientCredentials
from portico.values import Secret
from tests.definition.apps import PLAIN, TYPES, brief, write
from tests.definition.test_diagnostics import EXAMPLES

SOURCE = "datasources/api.yaml"
URL = "url: https://api.example.com\n"
SECRETS = Secrets({f"PORTICO_SECRET_{name}": name.lower() for name in ("USER", "PASSWORD", "TOKEN", "KEY")})


def loaded(folder: Path, auth: str, settings: dict[str, str] | None = None) -> Loaded:
    """The plain app with a datasource that authenticates."""
    root = write(folder, {**PLAIN, SOURCE: URL + auth})
    return load(root, types=TYPES, settings=settings or {}, secrets=SECRETS)


GRANT = """\
auth:
  type: oauth2_client_credentials
  token_url: https://${ID_HOST:-id.example.com}/oauth/token?tenant=a
  client_id: portico-${STAGE:-dev}
  client_secret: {secret: PASSWORD}
  scope: [read, write]
  audience: https://api.example.com
  resource: [urn:a, urn:b]
  credentials: body
"""

GOOD: list[tuple[str, Auth | None]] = [
    ("", None),
    ("auth: none\n", None),
    ("auth: {type: none}\n", None),
    (
        "auth: {type: basic, username: shop, password: {secret: PASSWORD}}\n",
        Basic(username="shop", password=Secret("password")),
    ),
    (
        "auth: {type: basic, username: {secret: USER}, password: {secret: PASSWORD}}\n",
        Basic(username=Secret("user"), password=Secret("password")),
    ),
    (
        "auth: {type: basic, username: {secret: KEY}, password: ''}\n",
        Basic(username=Secret("key"), password=Secret("")),
    ),
    (
        "auth: {type: basic, username: 'shop-${STAGE:-dev}', password: {secret: PASSWORD}}\n",
        Basic(username="shop-dev", password=Secret("password")),
    ),
    ("auth: {type: bearer, token: {secret: TOKEN}}\n", Bearer(token=Secret("token"))),
    (
        "auth: {type: api_key, name: X-API-Key, value: {secret: KEY}}\n",
        ApiKey(name="X-API-Key", value=Secret("key"), where="header"),
    ),
    (
        "auth: {type: api_key, name: Authorization, prefix: 'Token ', value: {secret: KEY}, in: header}\n",
        ApiKey(name="Authorization", value=Secret("key"), where="header", prefix="Token"),
    ),
    (
        "auth: {type: api_key, name: 'key[a]', value: {secret: KEY}, in: query}\n",
        ApiKey(name="key[a]", value=Secret("key"), where="query"),
    ),
    (
        GRANT,
        ClientCredentials(
            token_url="https://id.example.com/oauth/token?tenant=a",
            client_id="portico-dev",
            client_secret=Secret("password"),
            scope="read write",
            audiences=("https://api.example.com",),
            resources=("urn:a", "urn:b"),
            sent_as="body",
        ),
    ),
    (
        """\
auth:
  type: oauth2_client_credentials
  token_url: https://i.example/t/
  client_id: {secret: USER}
  client_secret: {secret: PASSWORD}
  scope: a b
""",
        ClientCredentials(
            token_url="https://i.example/t/",
            client_id=Secret("user"),
            client_secret=Secret("password"),
            scope="a b",
        ),
    ),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_each_type_is_read(text: str, expected: Auth | None, tmp_path: Path) -> None:
    """Ids may be text, settings or secrets; credentials are secrets."""
    result = loaded(tmp_path, text)
    assert result.problems == ()
    assert result.app is not None
    assert result.app.datasources["api"].auth == expected


def test_settings_count_in_every_address_and_id(tmp_path: Path) -> None:
    """And into the app's version."""
    found = loaded(tmp_path, GRANT, {"ID_HOST": "id.example.org", "STAGE": "live"}).app
    other = loaded(tmp_path, GRANT).app
    assert found is not None
    assert other is not None
    auth = found.datasources["api"].auth
    assert isinstance(auth, ClientCredentials)
    assert (auth.token_url, auth.client_id) == ("https://id.example.org/oauth/token?tenant=a", "portico-live")
    assert found.version != other.version


BAD = [
    ("auth: basic", ["E202"]),
    ("auth: [none]", ["E202"]),
    ("auth: {}", ["E203"]),
    ("auth: {type: digest}", ["E204"]),
    ("auth: {type: basic}", ["E203", "E203"]),
    ("auth: {type: basic, username: a, password: {secret: PASSWORD}, realm: x}", ["E201"]),
    ("auth: {type: basic, username: a, password: 12345678}", ["E601"]),
    ("auth: {type: basic, username: a, password: [x]}", ["E601"]),
    ("auth: {type: basic, username: a, password: }", ["E601"]),
    ("auth: {type: basic, username: 'a:b', password: ''}", ["E603"]),
    ("auth: {type: basic, username: '{{ a }}', password: ''}", ["E213"]),
    ("auth: {type: basic, username: '${NOBODY}', password: ''}", ["E212"]),
    ("auth: {type: basic, username: true, password: ''}", ["E202"]),
    ("auth: {type: bearer, token: eyJhbGciOi}", ["E601"]),
    ("auth: {type: bearer, token: ''}", ["E601"]),
    ("auth: {type: bearer, token: '{{ appsmith.store.jwt }}'}", ["E213"]),
    ("auth: {type: bearer, token: '${TOKEN}'}", ["E601"]),
    ("auth: {type: api_key, value: {secret: KEY}}", ["E203"]),
    ("auth: {type: api_key, name: X Y, value: {secret: KEY}}", ["E216"]),
    ("auth: {type: api_key, name: Host, value: {secret: KEY}}", ["E216"]),
    ("auth: {type: api_key, name: k, value: {secret: KEY}, in: body}", ["E204"]),
    ('auth: {type: api_key, name: k, value: {secret: KEY}, prefix: "a\\nb"}', ["E216"]),
    ("auth: {type: api_key, name: k, value: abc}", ["E601"]),
    ("auth: {type: oauth2_client_credentials}", ["E203"] * 3),
    (GRANT.replace("https://${ID_HOST:-id.example.com}", "ftp://id"), ["E211"]),
    (GRANT.replace("?tenant=a", "#a"), ["E211"]),
    (GRANT.replace("https://", "https://u:p@"), ["E211"]),
    (GRANT.replace("{secret: PASSWORD}", "hunter2"), ["E601"]),
    (GRANT.replace("credentials: body", "credentials: jwt"), ["E204"]),
    (GRANT.replace("[read, write]", "{a: b}"), ["E202"]),
    (GRANT.replace("[read, write]", "[[a]]"), ["E202"]),
    ("tls: certs/a.pem", ["E202"]),
    ("tls: {}", ["E203"]),
    ("tls: {ca: a.pem, verify: false}", ["E201", "E605"]),
]


@pytest.mark.parametrize(("text", "codes"), BAD)
def test_what_is_wrong_is_told(text: str, codes: list[str], tmp_path: Path) -> None:
    """Codes only: places and words are the manual's and the next test's."""
    result = loaded(tmp_path, text + "\n")
    assert sorted(problem.code for problem in result.problems) == codes
    assert all(problem.place.file == SOURCE for problem in result.problems)


def test_a_credential_that_was_written_out_is_not_repeated(tmp_path: Path) -> None:
    """The remedy is a line to paste, with a name made for it."""
    (problem,) = loaded(tmp_path, "auth: {type: bearer, token: hunter2-hunter2}\n").problems
    assert str(problem.place) == f"{SOURCE}:2:29"
    assert "hunter2" not in problem.as_text()
    assert "token: {secret: API_TOKEN}" in str(problem.remedy)
    assert "PORTICO_SECRET_API_TOKEN" in str(problem.remedy)


def test_a_header_that_auth_fills_is_not_written_as_well(tmp_path: Path) -> None:
    """E606, also while the secret is not set: `check` in another place must find it."""
    text = "headers: {x-key: '1'}\nauth: {type: api_key, name: X-Key, value: {secret: KEY}}\n"
    assert loaded(tmp_path, text).problems[0].as_text() == EXAMPLES["E606"].output
    unset = load(write(tmp_path, {**PLAIN, SOURCE: URL + text}), types=TYPES, settings={})
    assert [problem.code for problem in unset.problems] == ["E606", "W601"]


def certificate() -> str:
    """The PEM of a new authority."""
    return trustme.CA().cert_pem.bytes().decode()


def with_ca(folder: Path, content: str | bytes | None, name: str = "certs/internal.pem") -> Loaded:
    """The plain app with a datasource that trusts a file."""
    root = write(folder, {**PLAIN, SOURCE: URL + f"tls: {{ca: {name}}}\n"})
    if content is not None:
        (root / "certs").mkdir(exist_ok=True)
        (root / "certs/internal.pem").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(root, types=TYPES, settings={})


def test_an_authority_of_the_apps_own_is_read(tmp_path: Path) -> None:
    """One or several certificates; they count into the app's version."""
    versions = set()
    for pem in (certificate(), certificate() + certificate()):
        result = with_ca(tmp_path, pem)
        assert result.problems == ()
        assert result.app is not None
        assert result.app.datasources["api"].ca == pem
        assert "BEGIN CERT" not in repr(result.app)
        versions.add(result.app.version)
    assert len(versions) == 2


def private_key() -> bytes:
    """A certificate with its key in the same file."""
    leaf = trustme.CA().issue_cert("a.example")
    return leaf.private_key_and_cert_chain_pem.bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        ("", "not a PEM"),
        ("hello", "not a PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a PEM"),
        (b"\x30\x82\xff\xfe", "not a PEM"),
        (private_key(), "private key"),
    ],
)
def test_a_certificate_that_cannot_be_used(content: bytes | str | None, words: str, tmp_path: Path) -> None:
    """E605, at the place that names it."""
    (problem,) = with_ca(tmp_path, content).problems
    assert (problem.code, str(problem.place)) == ("E605", f"{SOURCE}:2:11")
    assert words in problem.message
    assert "BEGIN" not in problem.as_text()


@pytest.mark.parametrize("name", ["../outside.pem", "/etc/ssl/certs/x.pem", "certs/../../outside.pem"])
def test_a_certificate_lies_in_the_app_folder(name: str, tmp_path: Path) -> None:
    """Nothing of the machine is read by the name of an app file."""
    (tmp_path / "outside.pem").write_text(certificate())
    assert brief(with_ca(tmp_path, None, name).problems) == [f"{SOURCE}:2:11 E605"]


def test_a_link_to_a_certificate_outside_is_not_followed(tmp_path: Path) -> None:
    """As with every file of an app."""
    (tmp_path / "outside.pem").write_text(certificate())
    root = write(tmp_path, {**PLAIN, SOURCE: URL + "tls: {ca: internal.pem}\n"})
    (root / "internal.pem").symlink_to(tmp_path / "outside.pem")
    assert [problem.code for problem in load(root, types=TYPES, settings={}).problems] == ["E104"]
