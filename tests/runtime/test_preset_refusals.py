"""What each preset takes for the word that a token is good no more, and what it does not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from portico.clock import Clock
from portico.definition import preset
from portico.model.app import App
from portico.runtime import queries
from portico.runtime.answer import Answer
from portico.runtime.contract import ContractRunner
from portico.runtime.queries import Result
from portico.runtime.witness import Unwatched
from portico.sandbox.pool import Pool
from tests.definition.apps import app
from tests.definition.test_presets import contract

#: Those with queries; a provider refuses a token as it renews it.
NAMES = tuple(name for name in preset.NAMES if name != "oidc")
#: Answers to a call whose token is good no more (`reference/security.md` 2.1-2.3, `auth-backends.md`).
DEAD: list[tuple[str, int, Any]] = [
    *((name, 401, {"message": "no"}) for name in NAMES),
    *(
        ("supabase", 403, {"code": 403, "error_code": code, "msg": "…"})
        for code in ("session_not_found", "user_not_found", "user_banned", "bad_jwt")
    ),
    ("supabase", 403, {"code": "session_not_found", "message": "with a version of the API"}),
    ("pocketbase", 404, {"status": 404, "message": "The requested resource wasn't found.", "data": {}}),
    ("allauth", 410, {"status": 410, "data": {}, "meta": {"is_authenticated": False}}),
    ("allauth", 401, {"status": 401, "data": {"flows": []}, "meta": {"is_authenticated": False}}),
    ("dummyjson", 500, {"message": "invalid signature"}),
]
#: Answers that are about the call.
ALIVE: list[tuple[str, int, Any]] = [
    *((name, 403, {"message": "not yours"}) for name in NAMES),
    *((name, 404, None) for name in NAMES if name != "pocketbase"),
    *((name, status, None) for name in NAMES for status in (400, 409, 422, 429, 500, 502, 503)),
    ("supabase", 403, {"code": "42501", "message": "permission denied for table salaries"}),
    ("supabase", 403, {"error_code": "otp_expired"}),
    # The password is asked for again: the session goes on.
    ("allauth", 401, {"status": 401, "meta": {"is_authenticated": True}, "data": {"flows": []}}),
    ("dummyjson", 500, {"message": "Maximum access token expire time can be 43200 minutes"}),
    # It went well, whatever it says.
    ("better-auth", 200, None),
]


async def refuses(runner: ContractRunner, found: App, status: int, body: Any) -> bool:
    """Whether that is what an answer is taken for."""
    headers = (("Content-Type", "application/json"),)
    content = json.dumps(body).encode()
    answer = Answer(status=status, headers=headers, body=content, elapsed=timedelta(0))
    result = Result(ok=200 <= status < 300, value=queries.body_of(answer), answer=answer)
    return await runner.refuses(found, result, Unwatched(found))


@pytest.mark.parametrize("name", NAMES)
async def test_what_a_preset_takes_for_a_dead_token(name: str, tmp_path: Path) -> None:
    """Every answer of the two lists, in its own app."""
    found = app(tmp_path, contract(name))
    async with Pool() as pool:
        runner = ContractRunner(pool=pool, client=cast(Any, None), clock=Clock(), providers=cast(Any, None))
        for answers, expected in ((DEAD, True), (ALIVE, False)):
            for preset, status, body in answers:
                if preset == name:
                    assert await refuses(runner, found, status, body) is expected, (status, body)
