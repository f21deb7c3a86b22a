"""`preset: oidc` of the contract: an OpenID provider that users sign in with, and what its claims mean.

The one preset that is no file: no query speaks this protocol, the server does (`docs/design/oidc.md`).
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import get_args
from urllib.parse import urlsplit

from portico.definition import address, certificates, credentials, pages
from portico.definition.bindings import Snippet
from portico.definition.credentials import Credentials
from portico.definition.draft import ProviderDraft
from portico.definition.fields import Fields
from portico.definition.folder import Folder
from portico.definition.settings import Settings
from portico.definition.shapes import BINDING, FLAG, WORD, Key, Shape, each, one_of
from portico.definition.shapes import table as named
from portico.definition.source import Scalar, Table
from portico.model.provider import Logout, Provider
from portico.values import Secret

#: Claims of the protocol, which say nothing about the user.
_PROTOCOL = (
    *("iss", "aud", "exp", "nbf", "iat", "auth_time", "nonce", "acr", "amr", "azp", "jti", "sid", "typ"),
    *("at_hash", "c_hash", "s_hash"),
)
#: The mappings over `claims` and `userinfo`, and what they are when the app does not say.
DEFAULTS: Mapping[str, str] = {
    "uid": "claims.sub",
    "user": f"(({{ {', '.join(_PROTOCOL)}, ...user }}) => user)({{ ...userinfo, ...claims }})",
    "roles": "claims.roles ?? userinfo.roles ?? []",
}
NAMES = ("claims", "userinfo")
_SCOPES = ("openid", "profile", "email")
#: What the protocol sets itself, or what would change where the answer comes back.
_RESERVED = frozenset(
    {
        *("response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method", "request", "request_uri", "client_secret"),
    }
)
_LOGOUTS: Mapping[str, Logout] = {word: word for word in get_args(Logout)}

#: What `auth` takes besides `url`, the issuer, and `allow_private`, with this preset alone.
KEYS: Mapping[str, Key] = {
    "client_id": Key(
        schema=WORD, help="With `preset: oidc`: what the provider calls this app; a setting too."
    ),
    "client_secret": Key(
        schema=credentials.SHAPE.schema(),
        help="With `preset: oidc`: `{secret: NAME}`; a public client has none.",
    ),
    "scopes": Key(
        schema=each(WORD),
        help="With `preset: oidc`: what is asked for: `openid`, `profile` and `email` by default. With "
        "`offline_access` a session outlives its access token.",
    ),
    "parameters": Key(
        schema=named(WORD),
        help="With `preset: oidc`: further parameters of the request for a sign-in, such as `audience`.",
    ),
    "uid": Key(
        schema=BINDING,
        help="With `preset: oidc`: who it is, from `claims` and `userinfo`; `claims.sub` by default.",
    ),
    "user": Key(
        schema=BINDING,
        help="With `preset: oidc`: what `auth.user` is; by default all claims but those of the protocol.",
    ),
    "roles": Key(
        schema=BINDING,
        help="With `preset: oidc`: the user's roles, a list; by default the claim `roles`.",
    ),
    "userinfo": Key(
        schema=FLAG,
        help="With `preset: oidc`: whether the provider is asked about the user besides; it is by default.",
    ),
    "logout": Key(
        schema=one_of(_LOGOUTS),
        help="With `preset: oidc`: whether a log-out ends the provider's session with the browser too "
        "(`provider`, the default; `id_token` for one that wants to be shown the ID token in the address), "
        "or leaves that alone (`local`).",
    ),
    "tls": Key(
        schema=certificates.SHAPE.schema(),
        help="With `preset: oidc`: whom its certificates are checked against.",
    ),
}


class Reader:
    """Reads the provider of one app. `find` gives the value of a secret by its name."""

    def __init__(self, folder: Folder, settings: Settings, find: Callable[[str], Secret | None]) -> None:
        self._folder = folder
        self._settings = settings
        self._find = find

    def read(self, fields: Fields) -> ProviderDraft:
        """The provider that the keys of `auth` describe; what is wrong with it was reported."""
        secrets = Credentials("oidc", self._find, fields.problems)
        issuer, client = self._issuer(fields), self._client(fields)
        node = fields.node("client_secret")
        secret = None if node is None else secrets.secret(node, "client_secret")
        scopes, parameters = _scopes(fields), self._parameters(fields)
        mappings = {name: found for name in DEFAULTS if (found := _mapping(fields, name)) is not None}
        userinfo, private = fields.flag("userinfo"), fields.flag("allow_private")
        logout = _LOGOUTS[fields.choice("logout", _LOGOUTS, "provider")]
        ca = certificates.read(fields, self._folder)
        provider = None
        if issuer and client:
            provider = Provider(
                issuer=issuer,
                client_id=client,
                client_secret=secret,
                scopes=scopes,
                parameters=parameters,
                userinfo=userinfo is not False,
                logout=logout,
                ca=ca,
                allow_private=private is True,
                unset=tuple(secrets.unset),
            )
        return ProviderDraft(place=fields.place_of("preset"), provider=provider, mappings=mappings)

    def _issuer(self, fields: Fields) -> str | None:
        word = _needed(
            fields,
            "url",
            "write `url: https://accounts.example.com` beside it: the issuer, as the provider writes it",
        )
        found = address.read(word, self._settings, fields.problems) if word is not None else None
        if word is None or found is None:
            return None
        parts = urlsplit(found)
        if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            fields.problems.add(
                "E521",
                word.place,
                "a provider is reached by https: whoever can change its answers can sign in as anybody",
                received=found,
                remedy="write the issuer with https://; http is for this machine alone",
            )
            return None
        return found

    def _client(self, fields: Fields) -> str | None:
        word = _needed(
            fields, "client_id", "write `client_id:` beside it, with the id that the provider gave this app"
        )
        return None if word is None else self._settings.expand(word.text, fields.problems)

    def _parameters(self, fields: Fields) -> tuple[tuple[str, str], ...]:
        table = fields.table_of("parameters")
        inner = Fields(table, fields.problems, _anything(table)) if table is not None else None
        found = []
        for name in table.entries if table is not None else ():
            word = inner.word(name) if inner is not None else None
            if word is not None and name in _RESERVED:
                fields.problems.add(
                    "E521",
                    word.place,
                    f"the parameter `{name}` is set by the protocol",
                    received=name,
                    remedy="remove it; scopes stand in `scopes`",
                )
            elif word is not None:
                found.append((name, word.text.value))
        return tuple(found)


def refuse(fields: Fields) -> None:
    """Report the keys of this preset in an `auth` that has another one, or none."""
    for key in KEYS:
        if fields.node(key) is not None:
            inside = key in DEFAULTS
            fields.problems.add(
                "E510",
                fields.place_of(key),
                f"`{key}`: only `preset: oidc` takes this",
                remedy="move it below `sign_in` or `me`" if inside else "remove it, or write `preset: oidc`",
            )


def _needed(fields: Fields, key: str, remedy: str) -> Scalar | None:
    if fields.node(key) is None:
        place = fields.place_of("preset")
        fields.problems.add("E510", place, f"`preset: oidc` needs `{key}`", remedy=remedy)
    return fields.word(key)


def _anything(table: Table) -> Shape:
    return Shape("`parameters`", {name: Key(schema=WORD, help="") for name in table.entries})


def _scopes(fields: Fields) -> tuple[str, ...]:
    if fields.node("scopes") is None:
        return _SCOPES
    words = fields.words_of("scopes")
    scopes = tuple(word.text.value for word in words)
    if "openid" not in scopes:
        fields.problems.add(
            "E521",
            fields.place_of("scopes"),
            "without the scope `openid` the provider does not say who signed in",
            received=", ".join(scopes) or "nothing",
            remedy="add `openid`",
        )
    for word in words:
        if not _is_scope(word):
            fields.problems.add(
                "E521",
                word.place,
                "this is not a scope",
                received=word.text.value,
                remedy="write one scope an item, without spaces",
            )
    return scopes


def _is_scope(word: Scalar) -> bool:
    """RFC 6749, 3.3."""
    return all("!" <= char <= "~" and char not in '"\\' for char in word.text.value)


def _mapping(fields: Fields, name: str) -> Snippet | None:
    node = fields.node(name)
    return None if node is None else pages.rule(node, fields.problems, name)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
