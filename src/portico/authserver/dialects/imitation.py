"""An auth API as a builder describes it: plain data, which a file holds (`testing/dialect_file.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from portico.authserver.endpoints import Role

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
TokenKind = Literal["jwt", "opaque"]
#: What says which sign-in is meant where one is renewed or ended.
By = Literal["access_token", "refresh_token"]
#: What a request may be written as; `any` is JSON or a form.
Takes = Literal["any", "json", "form"]

#: Where the files of the APIs lie that come with the server.
APIS = Path(__file__).parent / "apis"

#: What a template may name, and what it stands for.
NAMES: Mapping[str, str] = {
    "access_token": "the access token",
    "refresh_token": "the refresh token",
    "expires_in": "seconds that the access token lives",
    "expires_at": "when it ends, in seconds since 1970",
    "expires_on": "when it ends, as 2026-01-02T03:04:05.678Z",
    "user": "the user as `user` describes it",
    "id": "the user's number",
    "id_text": "the same as text",
    "uuid": "a lasting id of the user, of letters and digits",
    "email": "the user's e-mail address",
    "username": "the user's name",
    "role": "the user's role, of the account or by a fault; `user` where there is none",
    "created_on": "when the account was made, as 2026-01-02T03:04:05.678Z",
    "message": "what is wrong, in words",
    "status": "the status of the answer",
}


class Refusal:
    """Names of refusals that an API may have words of its own for."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 (no password)
    NO_TOKEN = "no_token"  # noqa: S105 (no token)
    DEAD_TOKEN = "dead_token"  # noqa: S105 (no token)
    DEAD_REFRESH = "dead_refresh_token"
    BLOCKED = "blocked"
    TAKEN = "taken"
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    TOO_MANY = "too_many"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer. `body` holds templates: a text that is `{name}` whole stands for the value itself, one that
    holds it among other text for text. Without `has_body` there is none, not even `null`."""

    status: int
    body: Json = None
    has_body: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """An endpoint with a role. `fields` are what its request calls what it needs: `login`, `password`,
    `email`, `username`, `refresh_token`; `query` is what the address must say. What is renewed or ended is
    told `by` a token; `refusals` are this endpoint's own."""

    role: Role
    method: str
    path: str
    reply: Reply
    fields: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    takes: Takes = "any"
    by: By = "access_token"
    refusals: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """Something besides that the API answers, to everybody where it is `public`."""

    method: str
    path: str
    reply: Reply
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrying:
    """How a request carries the access token: in a header, after a scheme if there is one, or in a cookie;
    where both are named, in either. Without a `header` there is none."""

    header: str = "Authorization"
    scheme: str = "Bearer"
    cookie: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imitation:
    """A whole API. What renews is good once if it `rotates`; a refresh token may come in `refresh_cookie`.

    `claims` stand in access tokens that are JSON Web Tokens. One that `outlives_sign_out` is good to its own
    end. With `slides`, a use of the access token makes it last `access_lifetime` again, once that long has
    passed since the last time; it stays the same.
    """

    routes: tuple[Route, ...]
    data: tuple[Data, ...] = ()
    refusals: Mapping[str, Reply] = field(default_factory=dict)
    user: Json = None
    carrying: Carrying = field(default_factory=Carrying)
    access: TokenKind = "jwt"
    access_lifetime: timedelta = timedelta(minutes=15)
    claims: Mapping[str, Json] = field(default_factory=lambda: {"email": "{email}"})
    outlives_sign_out: bool = False
    slides: timedelta | None = None
    refresh_lifetime: timedelta = timedelta(days=30)
    rotates: bool = True
    refresh_cookie: str = ""

    def refusal(self, name: str, route: Route | None = None) -> Reply:
        """The answer of this name: the endpoint's, the API's, or the usual one."""
        for refusals in (route.refusals if route else {}, self.refusals):
            for each in (name, *_INSTEAD.get(name, ())):
                if each in refusals:
                    return refusals[each]
        return Reply(status=_STATUSES.get(name, 400), body={"message": "{message}"})


_INSTEAD = {
    Refusal.DEAD_TOKEN: (Refusal.NO_TOKEN,),
    Refusal.DEAD_REFRESH: (Refusal.DEAD_TOKEN, Refusal.NO_TOKEN),
}
_STATUSES = {
    Refusal.WRONG_PASSWORD: 401,
    Refusal.NO_TOKEN: 401,
    Refusal.DEAD_TOKEN: 401,
    Refusal.DEAD_REFRESH: 401,
    Refusal.BLOCKED: 403,
    Refusal.TAKEN: 409,
    Refusal.NOT_FOUND: 404,
    Refusal.TOO_MANY: 429,
    Refusal.FAILED: 500,
}
