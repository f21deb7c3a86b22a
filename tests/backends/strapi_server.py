"""Strapi with settings of its plugin, and what an administrator does there."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.backends.answers import bearer
from tests.backends.servers import Backend, Credentials, started

#: Settings under which refresh tokens are in the body; the project's own put them into a cookie.
IN_BODY: dict[str, Any] = {"sessions": {"httpOnly": False}}
LEGACY: dict[str, Any] = {"jwtManagement": "legacy-support"}
#: Its limit as it is where a project says nothing.
LIMITED: dict[str, Any] = {"ratelimit": {"interval": 60_000, "max": 10}}


@contextmanager
def strapi(users_permissions: dict[str, Any], **environment: str) -> Iterator[Backend]:
    """Strapi whose plugin has these settings instead of the project's, until the block ends."""
    settings = {"USERS_PERMISSIONS": json.dumps(users_permissions), **environment}
    with started("strapi", settings=settings) as backend:
        yield backend


class Administrator:
    """The first one, who makes the account on a Strapi that has none: one for each server."""

    def __init__(self, backend: Backend) -> None:
        self._url = backend.url
        form = {
            "email": "admin@example.com",
            "firstname": "Admin",
            "lastname": "Istrator",
            "password": f"Aa1{secrets.token_hex(8)}",
        }
        answer = httpx.post(f"{self._url}/admin/register-admin", json=form, trust_env=False, timeout=30)
        self._headers = bearer(answer.raise_for_status().json()["data"]["token"])

    def block(self, user: Credentials) -> None:
        """Block an account."""
        form = {"identifier": user.login, "password": user.password}
        answer = httpx.post(f"{self._url}/api/auth/local", json=form, trust_env=False, timeout=30)
        document = answer.raise_for_status().json()["user"]["documentId"]
        users = "/content-manager/collection-types/plugin::users-permissions.user"
        self._put(f"{users}/{document}", {"blocked": True})

    def ask_for_confirmation(self) -> None:
        """Let new accounts have to confirm their address."""
        settings = self._get("/users-permissions/advanced")["settings"]
        form = {"email_confirmation": True, "email_confirmation_redirection": f"{self._url}/_health"}
        self._put("/users-permissions/advanced", settings | form)

    def let_users_read_roles(self) -> None:
        """Allow the role of signed-in users `find` of roles."""
        roles = self._get("/users-permissions/roles")["roles"]
        (number,) = [role["id"] for role in roles if role["type"] == "authenticated"]
        role = self._get(f"/users-permissions/roles/{number}")["role"]
        plugin = role["permissions"]["plugin::users-permissions"]
        plugin["controllers"]["role"]["find"]["enabled"] = True
        self._put(f"/users-permissions/roles/{number}", role)

    def _get(self, path: str) -> Any:
        answer = httpx.get(self._url + path, headers=self._headers, trust_env=False, timeout=30)
        return answer.raise_for_status().json()

    def _put(self, path: str, body: Any) -> None:
        answer = httpx.put(self._url + path, headers=self._headers, json=body, trust_env=False, timeout=30)
        answer.raise_for_status()


def mailed_code(backend: Backend, address: str, name: str) -> str:
    """What the link in the last mail to this address has as parameter `name`."""
    mails = [json.loads(line) for line in (backend.folder / "mails").read_text().splitlines()]
    text = [mail["text"] for mail in mails if mail["to"] == address][-1]
    found = re.search(rf"[?&]{name}=(\w+)", text)
    assert found is not None, text
    return found[1]
