"""An OpenID provider that an app's users sign in with."""

from dataclasses import dataclass, field
from typing import Literal

from portico.values import Secret

#: What a log-out does at the provider: end its session with the browser too, without or with the ID token
#: in the address that does so, or leave that session alone.
Logout = Literal["provider", "id_token", "local"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """What an app declares about its OpenID provider.

    `issuer` is written exactly as the provider writes it. Without `client_secret` this is a public client.
    `parameters` go with the request for a sign-in, besides those that the protocol sets. `userinfo`: whether
    the provider is asked about the user besides. `ca` is a PEM of authorities that its servers may be
    vouched for by. `unset` names the secrets that it needs and that have no value: until then nobody can
    sign in.
    """

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid",)
    parameters: tuple[tuple[str, str], ...] = ()
    userinfo: bool = True
    logout: Logout = "provider"
    ca: str | None = field(default=None, repr=False)
    allow_private: bool = False
    unset: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Where users sign in, for people."""
        return self.issuer.partition("://")[2].partition("/")[0]

    @property
    def secure(self) -> bool:
        """Whether it is reached by https."""
        return self.issuer.startswith("https:")
