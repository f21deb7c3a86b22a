"""`portico dev` and `portico auth-server` with an API that comes with Portico."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path

import httpx

from portico.authserver.demo_accounts import EMAIL, PASSWORD
from portico.cli import new
from portico.testing.serving import free_port
from tests.cli.test_commands import interrupt, nobody_answers, portico, read_until, started
from tests.journeys.servers import AuthServer

SIGN_IN = "/api/collections/users/auth-with-password"


def token(url: str) -> str:
    """That of the demo's account, as PocketBase hands it out."""
    form = {"identity": EMAIL, "password": PASSWORD}
    answer = httpx.post(f"{url}{SIGN_IN}", json=form, trust_env=False).raise_for_status()
    return str(answer.json()["token"])


def test_an_api_by_its_name() -> None:
    """Its tokens live as long as the command says."""
    account = f"appsmith_user:{EMAIL}:{PASSWORD}"
    with AuthServer("--dialect", "pocketbase", "--access-lifetime", "7", accounts=(account,)) as server:
        claims = json.loads(urlsafe_b64decode(token(server.url).split(".")[1] + "=="))
        assert claims["exp"] - claims["iat"] == 7


def test_a_name_of_no_api_is_told(tmp_path: Path) -> None:
    """With those that there are."""
    answer = portico("auth-server", "--dialect", "pocketbas", cwd=tmp_path)
    assert answer.returncode == 1
    assert "no API of that name: allauth, better-auth, fastapi-users, pocketbase, simplejwt" in answer.stderr


def test_dev_imitates_the_api_of_the_app(tmp_path: Path) -> None:
    """Its preset says which; what is printed does, too."""
    new.create("shop", tmp_path, new.DEFAULT, "pocketbase")
    port, auth_port = free_port(), free_port()
    command = ["dev", "shop", "--auth-server", "--port", str(port), "--auth-port", str(auth_port)]
    with started(command, tmp_path) as process:
        assert "The auth server answers like pocketbase." in read_until(process, "Ctrl-C")
        assert token(f"http://127.0.0.1:{auth_port}")
        interrupt(process)
    assert nobody_answers(auth_port)


def test_apps_of_several_apis_are_told_so(tmp_path: Path) -> None:
    """One server answers like one API; another one that is said wins over the presets."""
    for name, preset in (("shop", "pocketbase"), ("crm", "supabase")):
        new.create(name, tmp_path, new.DEFAULT, preset)
    answer = portico("dev", "shop", "crm", "--auth-server", cwd=tmp_path)
    assert answer.returncode == 1
    assert "shop wants pocketbase, crm wants supabase. Serve them apart." in answer.stderr
    port, auth_port = str(free_port()), str(free_port())
    command = ["dev", "shop", "crm", "--auth-server", "--port", port, "--auth-port", auth_port]
    with started([*command, "--dialect", "allauth"], tmp_path) as process:
        assert "The auth server answers like allauth." in read_until(process, "Ctrl-C")
        interrupt(process)
