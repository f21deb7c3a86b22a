"""An app's OpenID provider as sessions see it."""

from dataclasses import dataclass

from portico.auth.evidence import Confirmed, Granted
from portico.auth.session import Session
from portico.auth.tokens import TokenSet
from portico.errors import CallFailed
from portico.model.app import App
from portico.runtime.provider import Providers


@dataclass(frozen=True, slots=True)
class ProviderApi:
    """The `AuthApi` of an app that signs in with an OpenID provider."""

    app: App
    providers: Providers

    async def renew(self, session: Session) -> Granted:
        """Other tokens, by the token endpoint."""
        return await self.providers.renew(self.app, session)

    async def confirm(self, session: Session) -> Confirmed:
        """Always raises CallFailed: a provider says who that is when it renews a token, and at no other
        time. Nothing ends by that."""
        raise CallFailed("an OpenID provider has no `me`")

    def revoke(self, tokens: TokenSet, session: Session | None = None) -> None:
        """End them at the provider, behind the user's back. Those of a `session` with another provider, or
        with none, are not shown to this one."""
        if session is None or self.providers.knows(self.app, session):
            self.providers.revoke_later(self.app, tokens)
