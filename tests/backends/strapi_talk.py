"""Requests to Strapi, or to the dialect that speaks as it does, and what can be compared of the answers."""

import re
from typing import Any

import httpx

from tests.backends.answers import claims

# What is another each time, by how it looks.
PATTERNS = {
    "jwt": r"eyJ[\w-]+\.[\w-]+\.[\w-]+",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "document": r"[a-z][a-z0-9]{23}",
    "session": r"[0-9a-f]{32}",
    "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}


class Talk:
    """Requests to one server, and its answers without what is another each time. No cookie is kept."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self.heard: list[tuple[Any, ...]] = []

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """POST `body` as JSON; what the answer says."""
        return self.ask("POST", path, **({"json": body} if body is not None else {}), **more)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Any request; what the answer says."""
        answer = self._http.request(method, path, **more)
        self._http.cookies.clear()
        body = answer.json()
        cookies = [told_cookie(line) for line in answer.headers.get_list("set-cookie")]
        limits = {name: value for name, value in answer.headers.items() if name in COUNTED}
        self.heard.append((method, path, answer.status_code, plain(body), cookies, limits))
        return body


COUNTED = ("x-ratelimit-limit", "x-ratelimit-remaining")


def plain(value: Any, name: str = "") -> Any:
    """A part of an answer without what is another each time."""
    match value:
        case dict():
            return {key: plain(inner, key) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case str() if re.fullmatch(PATTERNS["jwt"], value):
            return token(value)
        case str():
            return next((kind for kind, form in PATTERNS.items() if re.fullmatch(form, value)), value)
        case int() if name == "id":
            return "number"
        case _:
            return value


def token(value: str) -> dict[str, Any]:
    """What a token says, but for whom and when; how long it is good for, where it says since when."""
    said = claims(value)
    spoken = {name: type(claim).__name__ for name, claim in said.items()}
    life = said["exp"] - said["iat"] if said.get("type") != "refresh" else None
    return {"claims": spoken, "type": said.get("type"), "life": life}


def told_cookie(line: str) -> tuple[str, bool, list[str]]:
    """A cookie's name, whether it has a value, and its attributes."""
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    return name, value.strip('"') != "", sorted(attribute.lower() for attribute in attributes)


def account(name: str) -> dict[str, str]:
    """A sign-up."""
    return {"username": name, "email": f"{name}@example.com", "password": "correct horse"}


def login(name: str, password: Any = "correct horse", **more: Any) -> dict[str, Any]:
    """A sign-in."""
    return {"identifier": name, "password": password, **more}
