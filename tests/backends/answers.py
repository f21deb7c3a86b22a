"""What the tests of facts read out of answers and tokens."""

import base64
import json
from typing import Any

import httpx


def bearer(token: str) -> dict[str, str]:
    """The header that most APIs take a token in."""
    return {"Authorization": f"Bearer {token}"}


def claims(token: str) -> dict[str, Any]:
    """What a JWT says; nobody checks its signature here."""
    payload = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said


def told(answer: httpx.Response) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    return answer.status_code, answer.json()
