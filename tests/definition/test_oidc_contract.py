"""`auth.oidc`: what is read of it, and what is refused with its place."""

from pathlib import Path

import pytest

from portico.definition.load import load
from portico.definition.secrets import PREFIX, Secrets
from portico.model.provider import Provider
from portico.ui.widgets import CATALOGUE

HEAD = "name: A\nauth:\n  entry_page: In\n  home_page: Home\n"
GOOD = "  oidc:\n    issuer: https://id.example/\n    client_id: a\n"


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


def test_everything(tmp_path: Path) -> None:
    """Settings, a secret, and all that can be said."""
    text = (
        "  oidc:\n    issuer: ${ISSUER}\n    client_id: ${CLIENT:-b}\n    client_secret: {secret: SECRET}\n"
        "    scopes: [openid, offline_access]\n    parameters: {audience: x, prompt: ''}\n"
        "    userinfo: false\n    logout: local\n    allow_private: true\n    roles: '{{ claims.groups }}'\n"
    )
    provider, problems = read(tmp_path, text)
    assert problems == []
    assert provider is not None
    assert (provider.issuer, provider.client_id) == ("https://id.example", "b")
    assert provider.client_secret is not None
    assert provider.client_secret.reveal() == "x"
    assert provider.parameters == (("audience", "x"), ("prompt", ""))
    assert (provider.userinfo, provider.logout, provider.allow_private) == (False, "local", True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("    scopes: [email]\n", "app.yaml:8:5 E521 without the scope `openid`"),
        ("    scopes: [openid, 'a b']\n", "app.yaml:8:22 E521 this is not a scope"),
        ("    parameters: {state: x}\n", "app.yaml:8:25 E521 the parameter `state` is set by the protocol"),
        ("    parameters: {request_uri: x}\n", "app.yaml:8:31 E521 the parameter `request_uri`"),
        ("    logout: never\n", "app.yaml:8:13 E204"),
        ("    client_secret: hunter2\n", "app.yaml:8:20 E601"),
        ("    roles: '{{ response.body }}'\n", "app.yaml:8:16 E403"),
        ("    roles: claims.groups\n", "app.yaml:8:12 E305"),
        ("    flow: implicit\n", "app.yaml:8:5 E201"),
        ("  store_keys: {token: jwt}\n", "app.yaml:8:23 E521 a contract with `oidc`"),
        ("  sign_in: {query: x}\n", "E521 a contract with `oidc`"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Each with its place; nothing of a written-out secret is repeated."""
    provider, problems = read(tmp_path, GOOD + text)
    assert provider is None
    assert any(problem in found for found in problems), problems
    assert not any("hunter2" in found for found in problems)


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
    _, problems = read(tmp_path, f"  oidc: {{issuer: '{issuer}', client_id: a}}\n")
    assert any(f" {code} " in found for found in problems), problems


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_this_machine(tmp_path: Path, issuer: str) -> None:
    """For development."""
    provider, problems = read(tmp_path, f"  oidc: {{issuer: '{issuer}', client_id: a}}\n")
    assert problems == []
    assert provider is not None
