"""`preset: oidc`: what is read of it, and what is refused with its place."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from portico.definition import oidc
from portico.definition.load import load
from portico.definition.schemas import schemas
from portico.definition.secrets import PREFIX, Secrets
from portico.model.provider import Provider
from portico.ui.widgets import CATALOGUE

HEAD = "name: A\nauth:\n  entry_page: In\n  home_page: Home\n"
GOOD = "  preset: oidc\n  url: https://id.example/\n  client_id: a\n"


def read(folder: Path, text: str) -> tuple[Provider | None, list[str]]:
    """The provider and the problems of an app with this `auth`."""
    root = folder / "app"
    for name in ("In", "Home"):
        (root / "pages" / name).mkdir(parents=True)
        (root / "pages" / name / "page.yaml").write_text(
            f"access: {'public' if name == 'In' else 'signed-in'}\n"
        )
    (root / "app.yaml").write_text(HEAD + text)
    known = Secrets({f"{PREFIX}SECRET": "x"})
    found = load(root, types=CATALOGUE, settings={"ISSUER": "https://id.example"}, secrets=known)
    contract = found.app.contract if found.app is not None else None
    shown = [f"{one.place} {one.code} {one.message}" for one in found.problems]
    return (contract.provider if contract is not None else None), shown


def test_what_is_left_out(tmp_path: Path) -> None:
    """A public client with three scopes; the issuer is kept letter for letter."""
    provider, problems = read(tmp_path, GOOD)
    assert problems == []
    assert provider == Provider(
        issuer="https://id.example/", client_id="a", scopes=("openid", "profile", "email")
    )


EVERYTHING = (
    "  preset: oidc\n  url: ${ISSUER}\n  client_id: ${CLIENT:-b}\n  client_secret: {secret: SECRET}\n"
    "  scopes: [openid, offline_access]\n  parameters: {audience: x, prompt: ''}\n"
    "  userinfo: false\n  logout: local\n  allow_private: true\n  roles: '{{ claims.groups }}'\n"
)


def test_everything(tmp_path: Path) -> None:
    """Settings, a secret, and all that can be said."""
    provider, problems = read(tmp_path, EVERYTHING)
    assert problems == []
    assert provider is not None
    assert (provider.issuer, provider.client_id) == ("https://id.example", "b")
    assert provider.client_secret is not None
    assert provider.client_secret.reveal() == "x"
    assert provider.parameters == (("audience", "x"), ("prompt", ""))
    assert (provider.userinfo, provider.logout, provider.allow_private) == (False, "local", True)


@pytest.mark.parametrize("text", [GOOD, EVERYTHING])
def test_editors_know_it(text: str) -> None:
    """The schema takes both, and no other key."""
    check = Draft7Validator(schemas(CATALOGUE)["app"])
    found = yaml.safe_load(HEAD + text)
    assert check.is_valid(found)
    assert not check.is_valid({**found, "auth": {**found["auth"], "issuer": "https://id.example"}})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  scopes: [email]\n", "app.yaml:8:3 E521 without the scope `openid`"),
        ("  scopes: [openid, 'a b']\n", "app.yaml:8:20 E521 this is not a scope"),
        ("  parameters: {state: x}\n", "app.yaml:8:23 E521 the parameter `state` is set by the protocol"),
        ("  parameters: {request_uri: x}\n", "app.yaml:8:29 E521 the parameter `request_uri`"),
        ("  logout: never\n", "app.yaml:8:11 E204"),
        ("  client_secret: hunter2\n", "app.yaml:8:18 E601"),
        ("  roles: '{{ response.body }}'\n", "app.yaml:8:14 E403"),
        ("  roles: claims.groups\n", "app.yaml:8:10 E305"),
        ("  flow: implicit\n", "app.yaml:8:3 E201 `auth` has no `flow`"),
        ("  issuer: https://id.example\n", "app.yaml:8:3 E201 `auth` has no `issuer`"),
        ("  oidc: {}\n", "app.yaml:8:3 E201 `auth` has no `oidc`"),
        ("  headers: {apikey: x}\n", "app.yaml:8:3 E510 `headers`: an OpenID provider is sent none"),
        ("  store_keys: {token: jwt}\n", "app.yaml:8:23 E521 `preset: oidc` signs in at the provider"),
        ("  sign_in: {query: x}\n", "app.yaml:8:20 E521 `preset: oidc` signs in at the provider"),
        ("  me: {query: x}\n", "app.yaml:8:15 E521 `preset: oidc` signs in at the provider"),
        ("  authorize: /authorize\n", "app.yaml:8:14 E521 `preset: oidc` signs in at the provider"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Each with its place; nothing of a written-out secret is repeated."""
    provider, problems = read(tmp_path, GOOD + text)
    assert provider is None
    assert any(problem in found for found in problems), problems
    assert not any("hunter2" in found for found in problems)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("  preset: oidc\n  client_id: a\n", ["app.yaml:5:3 E510 `preset: oidc` needs `url`"]),
        (
            "  preset: oidc\n  url: https://id.example\n",
            ["app.yaml:5:3 E510 `preset: oidc` needs `client_id`"],
        ),
        (
            "  preset: oidc\n",
            [
                "app.yaml:5:3 E510 `preset: oidc` needs `client_id`",
                "app.yaml:5:3 E510 `preset: oidc` needs `url`",
            ],
        ),
        (
            "  preset: supabase\n  url: https://id.example\n  client_id: a\n  roles: '{{ claims.x }}'\n",
            [
                "app.yaml:7:3 E510 `client_id`: only `preset: oidc` takes this",
                "app.yaml:8:3 E510 `roles`: only `preset: oidc` takes this",
            ],
        ),
        (
            "  preset: odic\n  url: https://id.example\n  client_id: a\n",
            ["app.yaml:5:11 E204 there is no preset `odic`"],
        ),
    ],
)
def test_what_belongs_together(tmp_path: Path, text: str, problems: list[str]) -> None:
    """Said once, where it stands, and nothing follows from it."""
    assert read(tmp_path, text) == (None, problems)


@pytest.mark.parametrize("key", sorted(oidc.KEYS))
def test_every_key_belongs_to_this_preset(tmp_path: Path, key: str) -> None:
    """In a contract by hand it is told at its place, whatever its value."""
    _, problems = read(tmp_path, f"  {key}: 1\n")
    assert f"app.yaml:5:3 E510 `{key}`: only `preset: oidc` takes this" in problems


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("http://id.example", "E521"),
        ("http://10.0.0.1", "E521"),
        ("http://127.0.0.1.nip.io", "E521"),
        ("ftp://id.example", "E211"),
        ("https://user:pw@id.example", "E211"),
        ("https://id.example/?tenant=1", "E211"),
        ("id.example", "E211"),
    ],
)
def test_issuers_that_cannot_be_trusted(tmp_path: Path, issuer: str, code: str) -> None:
    """https, or this machine."""
    _, problems = read(tmp_path, f"  preset: oidc\n  url: '{issuer}'\n  client_id: a\n")
    assert any(f" {code} " in found for found in problems), problems


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_this_machine(tmp_path: Path, issuer: str) -> None:
    """For development."""
    provider, problems = read(tmp_path, f"  preset: oidc\n  url: '{issuer}'\n  client_id: a\n")
    assert problems == []
    assert provider is not None
