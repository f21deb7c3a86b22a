"""What counts as a sign-in, and nothing else does (hard-cases 1).

A script that stores something that looks like a token has signed nobody in: uid and roles come from
evidence only, and evidence is what this server saw with its own eyes. Its kinds:

* `Confirmed`: any string, after the auth API's own `me` accepted it.
* `Granted`: the auth API's answer to a query of the contract, as this server received it; or that of an
  OpenID provider, with an ID token that was verified.
* `Vouched`: that answer without a token, where the app's contract lets its scripts decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portico.auth.set_cookie import SetCookies
from portico.model.identity import Identity
from portico.values import Secret

#: Names that tokens were given out under, with the digests of their claims.
Handles = Mapping[str, str]
#: What answers of the auth API did to the session's cookies, in their order.
Cookies = tuple[SetCookies, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """The auth API accepted `token`, and said that it is `identity`'s. `carrier` is the slot of the cookie
    that the token is the value of, "" for any other token; `cookies` is what the answer set."""

    token: Secret
    identity: Identity
    handles: Handles = field(default_factory=dict)
    carrier: str = ""
    cookies: Cookies = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Granted:
    """The auth API handed out `token`, for `identity`, and what renews it; `expires_at`: when it said that
    the token ends. `id_token`: what a provider vouches for `identity` with, and `provider_session` what it
    calls its own session. `carrier` and `cookies` are as those of `Confirmed`."""

    token: Secret
    identity: Identity
    refresh: Secret | None = None
    expires_at: datetime | None = None
    id_token: Secret | None = None
    provider_session: str = field(default="", repr=False)
    handles: Handles = field(default_factory=dict)
    refresh_handles: Handles = field(default_factory=dict)
    carrier: str = ""
    cookies: Cookies = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Vouched:
    """The auth API named `identity` in an answer of `sign_in`, and a script of the app, which the contract
    trusts with it, took that for a sign-in. There is no token, so nothing is asked of the auth API later.

    `by_uid`: the app's own table of users named `identity`, which can be asked again by uid; that needs no
    script where the contract says when the query succeeded."""

    identity: Identity
    by_uid: bool = False
    cookies: Cookies = ()


Evidence = Confirmed | Granted | Vouched
