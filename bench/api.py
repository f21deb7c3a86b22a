"""The auth API that all apps sign in against: `python -m bench.api PORT`.

Every answer takes `DELAY` seconds, as an API in the same town does. It keeps nothing and never hashes a
password, so that what is measured are the products.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: Seconds until an answer.
DELAY = 0.02
USERNAME, PASSWORD = "bench_user", "bench_password"
TOKEN = "bench-token-0123456789"
ROWS = 200
COLUMNS = ("id", "name", "email", "department", "city", "salary")

Endpoint = Callable[[Request], Awaitable[Response]]


def table() -> list[dict[str, Any]]:
    """200 rows of 6 columns; the last name is what a finished table shows."""
    departments, cities = (
        ("Sales", "Research", "Support", "Finance"),
        ("Berlin", "Lyon", "Porto", "Oslo", "Graz"),
    )
    return [
        {
            "id": number,
            "name": f"Employee {number:03}",
            "email": f"employee{number:03}@example.com",
            "department": departments[number % len(departments)],
            "city": cities[number % len(cities)],
            "salary": 40_000 + 137 * number,
        }
        for number in range(1, ROWS + 1)
    ]


TABLE = json.dumps(table())
LAST_NAME = table()[-1]["name"]


def answering(body: object) -> Endpoint:
    """An endpoint for those who send the token."""
    text = json.dumps(body)

    async def answer(request: Request) -> Response:
        await asyncio.sleep(DELAY)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal()
        return Response(text, media_type="application/json")

    return answer


async def rows_for_all(request: Request) -> Response:
    """The table, whoever asks."""
    await asyncio.sleep(DELAY)
    return Response(TABLE, media_type="application/json")


async def login(request: Request) -> Response:
    """A token for the right password."""
    given = await request.json()
    await asyncio.sleep(DELAY)
    if (given.get("username"), given.get("password")) != (USERNAME, PASSWORD):
        return refusal()
    return Response(json.dumps({"token": TOKEN, "user": USER}), media_type="application/json")


def refusal() -> Response:
    """401 with a message."""
    return Response(json.dumps({"message": "Wrong username or password"}), 401, media_type="application/json")


USER = {"id": "1", "name": "Bench User", "username": USERNAME}

app = Starlette(
    routes=[
        Route("/login", login, methods=["POST"]),
        Route("/me", answering(USER)),
        Route("/rows", answering(table())),
        Route("/open/rows", rows_for_all),
    ]
)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
