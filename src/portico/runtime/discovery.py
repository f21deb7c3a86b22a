"""What an OpenID provider says about itself, and the keys that it signs with.

The issuer is the app's: a document that names another one is not used (P41). What the document names is
called by the same client under the same rules as every datasource.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

from portico.auth.jwks import ALGORITHMS, KeySet
from portico.clock import Clock
from portico.errors import AnswerInvalid, CallFailed, DestinationRefused, SignInRefused
from portico.model.place import Place
from portico.model.provider import Provider
from portico.model.query import BodyType, Datasource, Method, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.destination import URL
from portico.runtime.fetched import Fetched
from portico.runtime.http import Client

#: How a client proves who it is at the token endpoint (RFC 8414, 2).
Proof = Literal["none", "client_secret_basic", "client_secret_post"]

WELL_KNOWN = "/.well-known/openid-configuration"
#: Largest document of a provider, and how long it is used.
BYTES = 512 << 10
LIFE = timedelta(hours=1)
KEYS_LIFE = timedelta(minutes=10)
TIMEOUT = timedelta(seconds=10)
_ADDRESS_LIMIT = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """A provider's endpoints, and what it can do. `names_itself`: it says who it is when it sends the
    browser back (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    revocation: str | None
    end_session: str | None
    algorithms: frozenset[str]
    proof: Proof
    names_itself: bool


class Discovery:
    """Asks providers about themselves."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._documents: dict[Provider, Fetched[Metadata]] = {}
        self._keys: dict[tuple[Provider, str], Fetched[KeySet]] = {}

    async def metadata(self, provider: Provider) -> Metadata:
        """Raises CallFailed if the provider cannot be asked, SignInRefused for a document that must not
        be used."""
        if provider not in self._documents:
            self._documents[provider] = Fetched(partial(self._document, provider), self._clock, LIFE)
        return await self._documents[provider].current()

    async def keys(self, provider: Provider, *, anew: bool = False) -> KeySet:
        """The keys; `anew`: those that are known will not do. Raises as `metadata` does."""
        address = (await self.metadata(provider)).keys
        named = provider, address
        if named not in self._keys:
            self._keys[named] = Fetched(partial(self._key_set, provider, address), self._clock, KEYS_LIFE)
        return await (self._keys[named].newer() if anew else self._keys[named].current())

    async def call(
        self,
        provider: Provider,
        address: str,
        *,
        method: Method = "GET",
        body_type: BodyType = "none",
        headers: tuple[tuple[str, str], ...] = (),
        body: object = None,
    ) -> Answer:
        """Call one of the provider's addresses. Raises CallFailed."""
        origin, path = split(address)
        source = Datasource(
            name="the OpenID provider",
            url=origin,
            ca=provider.ca,
            unset=provider.unset,
            allow_private=provider.allow_private,
            timeout=TIMEOUT,
            max_bytes=BYTES,
        )
        query = Query(
            name="provider",
            datasource=source.name,
            method=method,
            body_type=body_type,
            place=Place("app.yaml", 1, 1),
        )
        accept = () if any(name == "Accept" for name, _ in headers) else (("Accept", "application/json"),)
        request = Request(path=path, headers=(*headers, *accept), body=body)
        return await self._client.send(source, query, request)

    async def _document(self, provider: Provider) -> Metadata:
        answer = await self.call(provider, provider.issuer.rstrip("/") + WELL_KNOWN)
        return _metadata(json_object(answer), provider)

    async def _key_set(self, provider: Provider, address: str) -> KeySet:
        found = KeySet.read(json_object(await self.call(provider, address)))
        if not found.keys:
            raise AnswerInvalid("the provider names no key that can be used")
        return found


def split(address: str) -> tuple[str, str]:
    """Origin, and path with parameters."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, address.removeprefix(origin)


def json_object(answer: Answer) -> Mapping[str, Any]:
    """The object of an answer that went well. Raises CallFailed."""
    if answer.status != 200:
        raise CallFailed(f"the provider answered {answer.status}")
    found = answer.json()
    if not isinstance(found, dict):
        raise AnswerInvalid("the provider answered something else than an object")
    return found


def _metadata(document: Mapping[str, Any], provider: Provider) -> Metadata:
    if document.get("issuer") != provider.issuer:
        raise SignInRefused("the provider's document is about another issuer")
    if "S256" not in _words(document, "code_challenge_methods_supported", ["S256"]):
        raise SignInRefused("the provider does not take PKCE with S256")
    if "code" not in _words(document, "response_types_supported", ["code"]):
        raise SignInRefused("the provider does not hand out codes")
    algorithms = ALGORITHMS & set(_words(document, "id_token_signing_alg_values_supported", ["RS256"]))
    if not algorithms:
        raise SignInRefused("the provider signs with no algorithm that is accepted")
    return Metadata(
        authorization=_needed(document, "authorization_endpoint", provider),
        token=_needed(document, "token_endpoint", provider),
        keys=_needed(document, "jwks_uri", provider),
        userinfo=_address(document, "userinfo_endpoint", provider),
        revocation=_address(document, "revocation_endpoint", provider),
        end_session=_address(document, "end_session_endpoint", provider),
        algorithms=frozenset(algorithms),
        proof=_proof(document, provider),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _words(document: Mapping[str, Any], name: str, default: list[str]) -> list[str]:
    found = document.get(name, default)
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def _proof(document: Mapping[str, Any], provider: Provider) -> Proof:
    if provider.client_secret is None:
        return "none"
    offered = _words(document, "token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in offered:
        return "client_secret_basic"
    if "client_secret_post" in offered:
        return "client_secret_post"
    raise SignInRefused("the provider takes a client's secret in no way that is known here")


def _needed(document: Mapping[str, Any], name: str, provider: Provider) -> str:
    found = _address(document, name, provider)
    if found is None:
        raise SignInRefused(f"the provider's document has no {name}")
    return found


def _address(document: Mapping[str, Any], name: str, provider: Provider) -> str | None:
    """An address of the document. One of https, unless the issuer itself is not."""
    found = document.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or len(found) > _ADDRESS_LIMIT or not URL.fullmatch(found) or "#" in found:
        raise DestinationRefused(f"the provider's {name} is not an address")
    if provider.secure and not found.startswith("https://"):
        raise DestinationRefused(f"the provider's {name} is not reached by https")
    return found
