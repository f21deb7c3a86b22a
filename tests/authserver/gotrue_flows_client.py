"""Sign-ins by links, codes and a provider through `supabase-auth`; the same in JavaScript is beside it."""

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import httpx
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError

BACK = "http://localhost:3000/back"
PERSON = {
    "account": "nora",
    "name": "Nora",
    "email": "nora@example.com",
    "verified": "yes",
    "decision": "allow",
}


def live(url: str, here: str) -> dict[str, Any]:
    """Every step, with what the client got. `here` is where the server's pages are."""
    with httpx.Client(trust_env=False) as http:
        life = Life(url, here, http)
        return life.provider() | life.codes() | life.links() | life.recovery()


class Life:
    """Clients of one server, each with a session of its own, and the browser beside them."""

    def __init__(self, url: str, here: str, http: httpx.Client) -> None:
        self._url = url
        self._here = here
        self._http = http

    def provider(self) -> dict[str, Any]:
        """A provider, there and back, and the code once more."""
        client = self._client("pkce")
        begun = client.sign_in_with_oauth({"provider": "github", "options": {"redirect_to": BACK}})
        code = self._consented(begun.url)
        replaying = self._client("pkce")
        replaying.sign_in_with_oauth({"provider": "github"})
        return {
            "provider": seen(lambda: client.exchange_code_for_session(exchanged(code))),
            "providerReplay": seen(lambda: replaying.exchange_code_for_session(exchanged(code))),
        }

    def codes(self) -> dict[str, Any]:
        """A code by mail: wrong, right, and once more."""
        client, email = self._client("implicit"), "ben@example.com"
        asked = seen(lambda: client.sign_in_with_otp({"email": email}))
        token = self._mail(email)["code"]
        wrong = f"{(int(token) + 1) % 1_000_000:06}"

        def verify(code: str) -> dict[str, Any]:
            return seen(lambda: client.verify_otp({"email": email, "token": code, "type": "email"}))

        return {
            "otp": asked,
            "otpWrong": verify(wrong),
            "otpRight": verify(token),
            "otpAgain": verify(token),
            "otpUser": seen(client.get_user),
        }

    def links(self) -> dict[str, Any]:
        """A link with PKCE, the token of a link, and a link without."""
        client = self._client("pkce")
        asked = seen(
            lambda: client.sign_in_with_otp(
                {"email": "carla@example.com", "options": {"email_redirect_to": BACK}}
            )
        )
        linked = self._clicked("carla@example.com")
        place, _, query = linked.partition("?")
        code = parse_qs(query)["code"][0]
        by_hash, implicit = self._client("implicit"), self._client("implicit")
        by_hash.sign_in_with_otp({"email": "dora@example.com"})
        token = parse_qs(urlsplit(self._mail("dora@example.com")["link"]).query)["token"][0]
        implicit.sign_in_with_otp({"email": "emil@example.com", "options": {"email_redirect_to": BACK}})
        said = dict(parse_qsl(urlsplit(self._clicked("emil@example.com")).fragment))
        return {
            "link": asked,
            "linkPlace": place,
            "linkSession": seen(lambda: client.exchange_code_for_session(exchanged(code))),
            "hash": seen(lambda: by_hash.verify_otp({"token_hash": token, "type": "email"})),
            "implicit": seen(lambda: implicit.set_session(said["access_token"], said["refresh_token"])),
        }

    def recovery(self) -> dict[str, Any]:
        """A new password."""
        client, other, email = self._client("pkce"), self._client("implicit"), "anna@example.com"
        asked = seen(lambda: client.reset_password_for_email(email, {"redirect_to": BACK}))
        code = parse_qs(urlsplit(self._clicked(email)).query)["code"][0]
        password = "a new password"
        return {
            "recover": asked,
            "recoverUnknown": seen(lambda: other.reset_password_for_email("nobody@example.com")),
            "recovered": seen(lambda: client.exchange_code_for_session(exchanged(code))),
            "changed": seen(lambda: client.update_user({"password": password})),
            "signIn": seen(lambda: other.sign_in_with_password({"email": email, "password": password})),
        }

    def _client(self, flow: Literal["pkce", "implicit"]) -> SyncGoTrueClient:
        return SyncGoTrueClient(
            url=self._url,
            headers={"apikey": "anon", "Authorization": "Bearer anon"},
            auto_refresh_token=False,
            flow_type=flow,
            http_client=self._http,
        )

    def _mail(self, to: str) -> dict[str, str]:
        mails: list[dict[str, str]] = self._http.get(f"{self._here}/_mails.json", params={"to": to}).json()
        return mails[0]

    def _clicked(self, to: str) -> str:
        return self._http.get(self._mail(to)["link"]).headers["location"]

    def _consented(self, address: str) -> str:
        """The code that a browser comes back with from the provider."""
        with httpx.Client(trust_env=False) as browser:
            page = urljoin(address, browser.get(address).headers["location"])
            form = {**dict(parse_qsl(urlsplit(page).query)), **PERSON}
            decided = browser.post(page.partition("?")[0], data=form)
            arrived = browser.get(urljoin(address, decided.headers["location"]))
        return parse_qs(urlsplit(arrived.headers["location"]).query)["code"][0]


def exchanged(code: str) -> Any:
    """What `exchange_code_for_session` takes: the verifier comes from the client's own store."""
    return {"auth_code": code}


def seen(step: Callable[[], Any]) -> dict[str, Any]:
    """What a step gave: whose session, or the error."""
    try:
        answer = step()
    except AuthApiError as error:
        told = error.to_dict()
        return {
            "email": None,
            "signedIn": False,
            "error": {name: told[name] for name in ("name", "status", "code", "message")},
        }
    user = getattr(answer, "user", None)
    return {
        "email": user.email if user else None,
        "signedIn": getattr(answer, "session", None) is not None,
        "error": None,
    }
