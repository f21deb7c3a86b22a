"""The app with the preset for Strapi, and what its API has handed out and says of that."""

import json
import time
from datetime import timedelta

import httpx

from tests.backends.answers import bearer, claims
from tests.backends.servers import Backend, Credentials
from tests.journeys.preset_app import Preset, Stage

FORGOT = """\
title: Forgot
access: public
widgets:
  - {name: Email, type: Input}
  - name: Send
    type: Button
    onClick: "{{ recover.run({ email: Email.text }).then(() => showAlert('on its way')) }}"
"""
PRESET = Preset(
    name="strapi",
    sign_in="{ identifier: User.text, password: Password.text }",
    sign_up="{ username: User.text, email: Email.text, password: Password.text }",
    protected="/api/users/me",
    shown="secret.data?.email",
    files={"pages/Forgot/page.yaml": FORGOT},
)
ME = "GET /api/users/me"
REFRESH = "POST /api/auth/refresh"
#: Shortly before the ten minutes of an access token are over.
LATE = timedelta(minutes=9, seconds=40)


def form(user: Credentials, **more: str) -> dict[str, str]:
    """What a user fills in."""
    return {"User": user.login, "Password": user.password, **more}


def handed_out(stage: Stage) -> tuple[str, str]:
    """The access and the refresh token of the last sign-in."""
    answer = stage.api.last("POST /api/auth/local")
    body = json.loads(answer.answer)
    cookies = [value.partition(";")[0] for name, value in answer.answer_headers if name == "set-cookie"]
    kept = dict(cookie.split("=", 1) for cookie in cookies)
    return body["jwt"], body.get("refreshToken") or kept["strapi_up_refresh"]


def refreshed(backend: Backend, token: str) -> int:
    """What Strapi answers to a refresh token."""
    body = {"refreshToken": token}
    return httpx.post(f"{backend.url}/api/auth/refresh", json=body, trust_env=False).status_code


def me(backend: Backend, token: str) -> int:
    """What Strapi answers to an access token."""
    return httpx.get(f"{backend.url}/api/users/me", headers=bearer(token), trust_env=False).status_code


def await_end(token: str) -> None:
    """Wait until an access token is good no more."""
    while time.time() <= claims(token)["exp"]:
        time.sleep(0.05)
