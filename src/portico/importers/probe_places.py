"""Where things stand in answers of an auth API: tokens, users, words.

What an answer calls its members may be anything: names that no query could be written with, or that repeat
what is secret, are passed over.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from portico.auth.token_shapes import is_jwt, is_token, names_token
from portico.importers.probe_findings import Spot
from portico.importers.probe_talk import Heard

#: Members that name a user for good, the best first.
_IDS = ("id", "_id", "sub", "uid", "uuid", "user_id", "userId", "guid", "pk", "username")
#: Members that users have.
_OF_USERS = frozenset({"email", "username", "name", "login", "first_name", "firstName", "display_name"})
_ROLES = frozenset(
    {"role", "roles", "groups", "permissions", "scopes", "is_admin", "isAdmin", "is_staff", "is_superuser"}
)
#: Members that say in words what is wrong, the best first.
_WORDS = ("message", "msg", "error_description", "detail", "description", "reason", "title", "error", "info")
#: Headers and cookies that tell nothing of a sign-in, whatever they are called.
_NO_TOKEN = frozenset({"csrftoken", "xsrf-token", "csrf-token", "_csrf", "x-csrf-token", "x-xsrf-token"})

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,29}")
#: Secrets shorter than this may be part of a name by chance.
_LONG = 8
#: Names with more digits are ids or tokens.
_DIGITS = 3
#: A header that carries a token is called after one, or after the session.
_TOKEN_LIKE = re.compile(r"token|jwt|auth|session|sid\b", re.IGNORECASE)
_SECOND_STEP = re.compile(r"mfa|otp|2fa|two_?factor|challenge|pending|verif", re.IGNORECASE)
#: Nothing of a sign-in stands deeper, or among more.
_DEPTH = 5
_BREADTH = 60


def expression(spot: Spot) -> str:
    """A spot in the words of a mapping."""
    if spot.part != "body":
        (name,) = spot.steps
        part = "headers" if spot.part == "header" else "cookies"
        return f"response.{part}[{_quoted(str(name))}]"
    return "response.body" + "".join(_step(step) for step in spot.steps)


def words(spot: Spot) -> str:
    """A spot in words for people."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in spot.steps).lstrip(".")
    if spot.part != "body":
        return f"the {spot.part} `{path}`"
    return f"`{path}` of the body" if path else "the body itself"


def value_at(spot: Spot, heard: Heard) -> Any:
    """What stands there, or None."""
    if spot.part == "header":
        return heard.headers.get(str(spot.steps[0]))
    if spot.part == "cookie":
        return heard.answer.cookies.get(str(spot.steps[0]))
    value = heard.body
    for step in spot.steps:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value


class Search:
    """Looks through answers. Names that hold one of `secrets` are not taken."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def tokens(self, heard: Heard) -> list[Spot]:
        """Where the access token may stand, the likeliest first: by name in the body, then in headers and
        cookies, then what looks like a JWT."""
        body = list(self._texts(heard))
        named = [spot for spot, _ in body if names_token(str(spot.steps[-1])) and not _refreshes(spot)]
        jwts = [spot for spot, text in body if is_jwt(text) and not _refreshes(spot)]
        return _unique([*named, *self._beside(heard), *jwts])

    def refresh(self, heard: Heard) -> Spot | None:
        """Where a refresh token stands."""
        return next(
            (spot for spot, _ in [*self._texts(heard), *self._outside(heard)] if _refreshes(spot)), None
        )

    def user(self, heard: Heard) -> tuple[Spot, Spot] | None:
        """Where the user stands, and what names them there; that with most of what users have is taken."""
        found = [
            (spot, Spot(part="body", steps=(*spot.steps, key)))
            for spot, value in self._walk(heard.body)
            if isinstance(value, dict) and (key := _id_of(value)) is not None
        ]
        return max(found, key=lambda pair: len(_OF_USERS & value_at(pair[0], heard).keys()), default=None)

    def roles(self, heard: Heard) -> tuple[Spot, ...]:
        """Where roles may stand."""
        found = [spot for spot, _ in self._walk(heard.body) if spot.steps and spot.steps[-1] in _ROLES]
        return tuple(found[:3])

    def end(self, heard: Heard) -> Spot | None:
        """Where it may say when the token ends."""
        for spot, value in self._walk(heard.body):
            name = str(spot.steps[-1]).lower() if spot.steps else ""
            if "expir" in name and "refresh" not in name and isinstance(value, int | float | str):
                return spot
        return None

    def words(self, heard: Heard) -> Spot | None:
        """Where a refusal says what is wrong."""
        found = [(spot, text) for spot, text in self._texts(heard) if text.strip() and "<" not in text]
        for name in _WORDS:
            for spot, _ in found:
                if str(spot.steps[-1]) == name or (len(spot.steps) > 1 and spot.steps[-2] == name):
                    return spot
        return next((spot for spot, text in found if " " in text.strip()), None)

    def second_step(self, heard: Heard) -> Spot | None:
        """What speaks for another step that a sign-in waits for."""
        found = (
            spot
            for spot, value in self._walk(heard.body)
            if spot.steps and value not in (None, False, [], {})
        )
        return next((spot for spot in found if _SECOND_STEP.search(str(spot.steps[-1]))), None)

    def _beside(self, heard: Heard) -> list[Spot]:
        """Headers and cookies that may hold the access token."""
        found = [spot for spot, text in self._outside(heard) if is_token(text) and not _refreshes(spot)]
        return [spot for spot in found if spot.part == "cookie" or _TOKEN_LIKE.search(str(spot.steps[0]))]

    def _outside(self, heard: Heard) -> Iterator[tuple[Spot, str]]:
        for name, value in heard.headers.items():
            if name not in ("set-cookie", "www-authenticate", *_NO_TOKEN) and self.takes(name):
                yield Spot(part="header", steps=(name,)), value
        for name, value in heard.answer.cookies.items():
            if name.lower() not in _NO_TOKEN and self.takes(name.replace(".", "_")):
                yield Spot(part="cookie", steps=(name,)), value

    def _texts(self, heard: Heard) -> Iterator[tuple[Spot, str]]:
        for spot, value in self._walk(heard.body):
            if isinstance(value, str) and spot.steps:
                yield spot, value

    def _walk(self, value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[Spot, Any]]:
        yield Spot(part="body", steps=steps), value
        if len(steps) == _DEPTH:
            return
        match value:
            case dict():
                for name in [name for name in value if self.takes(name)][:_BREADTH]:
                    yield from self._walk(value[name], (*steps, name))
            case [first, *_]:
                yield from self._walk(first, (*steps, 0))

    def takes(self, name: str) -> bool:
        """Whether a name may be written down: it is one, and holds nothing secret."""
        if _NAME.fullmatch(name) is None or sum(letter.isdigit() for letter in name) > _DIGITS:
            return False
        return not any(secret in name if len(secret) >= _LONG else secret == name for secret in self._secrets)


def _id_of(value: dict[str, Any]) -> str | None:
    for name in _IDS:
        found = value.get(name)
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            return name
    return None


def _refreshes(spot: Spot) -> bool:
    return bool(spot.steps) and "refresh" in str(spot.steps[-1]).lower()


def _unique(spots: list[Spot]) -> list[Spot]:
    return list(dict.fromkeys(spots))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"?.[{step}]"
    return f"?.{step}" if step.isidentifier() else f"?.[{_quoted(step)}]"


def _quoted(text: str) -> str:
    return f"'{text}'"
