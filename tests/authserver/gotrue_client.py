"""The life of an account through `supabase-auth`; `gotrue_client.mjs` is the same in JavaScript."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import httpx
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError
from supabase_auth.types import AuthResponse, Session, UserResponse

EMAIL, PASSWORD, CHANGED = "ben@example.com", "open sesame", "another password"
SCOPES: tuple[Literal["local", "others", "global"], ...] = ("local", "others", "global")


def live(url: str) -> dict[str, Any]:
    """Every step, with what the client got, and what came over the wire meanwhile."""
    life = Life(url)
    try:
        return life.lived()
    finally:
        life.close()


class Life:
    """Clients of one server, each with a session of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wire: list[tuple[str, int, str | None]] = []
        self._http = httpx.Client(trust_env=False, event_hooks={"response": [self._watch]})

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def lived(self) -> dict[str, Any]:
        """The steps in the order in which they are taken."""
        first = self._client()
        got: dict[str, Any] = {
            "weak": seen(lambda: first.sign_up({"email": EMAIL, "password": "12345"})),
            "signUp": seen(
                lambda: first.sign_up(
                    {"email": EMAIL, "password": PASSWORD, "options": {"data": {"name": "Ben"}}}
                )
            ),
            "duplicate": seen(lambda: self._client().sign_up({"email": EMAIL, "password": PASSWORD})),
            "wrong": self._sign_in("wrong"),
            "unknown": self._sign_in(PASSWORD, "x@example.com"),
            "signIn": seen(lambda: sign_in(first, PASSWORD)),
            "user": seen(first.get_user),
            "claims": claims(first),
            "update": seen(lambda: first.update_user({"data": {"city": "Ulm"}})),
            "address": seen(lambda: first.update_user({"email": "new@example.com"})),
            "samePassword": seen(lambda: first.update_user({"password": PASSWORD})),
        }
        return got | self._reuse(first, got["signIn"]) | self._new_password() | self._ends()

    def _reuse(self, first: SyncGoTrueClient, signed_in: dict[str, Any]) -> dict[str, Any]:
        used = signed_in["session"]["refresh_token"]
        refresh = seen(first.refresh_session)
        replay = self._refreshed(used)
        again = seen(first.refresh_session)
        return {
            "refresh": refresh,
            "replay": replay,
            "again": again,
            "reuse": self._refreshed(used),
            "deadUser": self._user_of(again["session"]["access_token"]),
            "deadRefresh": self._refreshed(again["session"]["refresh_token"]),
            "deadSignOut": {"error": seen(first.sign_out)["error"], "kept": first.get_session() is not None},
        }

    def _new_password(self) -> dict[str, Any]:
        (changing, session), (_, forgotten) = self._signed_in(PASSWORD), self._signed_in(PASSWORD)
        return {
            "newPassword": seen(lambda: changing.update_user({"password": CHANGED})),
            "stays": self._user_of(session.access_token),
            "forgotten": self._user_of(forgotten.access_token),
            "oldPassword": self._sign_in(PASSWORD),
        }

    def _ends(self) -> dict[str, Any]:
        ends: dict[str, Any] = {}
        for scope in SCOPES:
            (client, here), (_, elsewhere) = self._signed_in(CHANGED), self._signed_in(CHANGED)
            ends[scope] = {
                "error": seen(partial(client.sign_out, {"scope": scope}))["error"],
                "kept": client.get_session() is not None,
                "here": self._user_of(here.access_token),
                "hereRefresh": self._refreshed(here.refresh_token),
                "elsewhere": self._user_of(elsewhere.access_token),
                "elsewhereRefresh": self._refreshed(elsewhere.refresh_token),
            }
        return ends | {"wire": self._wire}

    def _client(self) -> SyncGoTrueClient:
        return SyncGoTrueClient(
            url=self._url,
            headers={"apikey": "anon", "Authorization": "Bearer anon"},
            auto_refresh_token=False,
            persist_session=False,
            http_client=self._http,
        )

    def _sign_in(self, password: str, email: str = EMAIL) -> dict[str, Any]:
        return seen(lambda: sign_in(self._client(), password, email))

    def _signed_in(self, password: str) -> tuple[SyncGoTrueClient, Session]:
        client = self._client()
        session = sign_in(client, password).session
        assert session is not None
        return client, session

    def _user_of(self, token: str) -> dict[str, Any]:
        return seen(lambda: self._client().get_user(token))

    def _refreshed(self, token: str) -> dict[str, Any]:
        return seen(lambda: self._client().refresh_session(token))

    def _watch(self, answer: httpx.Response) -> None:
        call = f"{answer.request.method} {answer.request.url.path}"
        self._wire.append((call, answer.status_code, answer.headers.get("x-sb-error-code")))


def sign_in(client: SyncGoTrueClient, password: str, email: str = EMAIL) -> AuthResponse:
    """The answer to a sign-in."""
    return client.sign_in_with_password({"email": email, "password": password})


def claims(client: SyncGoTrueClient) -> Any:
    """What the client's access token says, as the client tells it."""
    answer = client.get_claims()
    assert answer is not None
    return answer["claims"]


def seen(step: Callable[[], AuthResponse | UserResponse | None]) -> dict[str, Any]:
    """What a step gave: the user and the session, or the error."""
    try:
        answer = step()
    except (AuthApiError, AuthWeakPasswordError) as error:
        return {"user": None, "session": None, "error": {"reasons": [], **error.to_dict()}}
    if answer is None:
        return {"user": None, "session": None, "error": None}
    return {"session": None, "error": None, **answer.model_dump(mode="json")}
