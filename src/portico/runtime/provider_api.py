"""An app's OpenID provider as sessions see it."""

from collections.abc import Callable
from dataclasses import dataclass

from portico.auth.evidence import Confirmed, Granted
from portico.auth.revocations import Keep
from portico.auth.session import Session
from portico.errors import CallFailed, SignInRefused
from portico.model.app import App
from portico.runtime.provider import Providers


@dataclass(frozen=True, slots=True)
class ProviderApi:
    """The `AuthApi` of an app that signs in with an OpenID provider."""

    app: App
    providers: Providers

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        """Other tokens, by the token endpoint."""
        return await self.providers.renew(self.app, session, sending)

    async def confirm(self, session: Session) -> Confirmed:
        """What its claims mean to this app, in a session that another app began. Raises CallFailed for any
        other: a provider says who that is when it renews a token, and at no other time. Nothing ends by
        that."""
        if session.shared is None:
            raise CallFailed("an OpenID provider has no `me`")
        return await self.providers.told(self.app, session)

    def revokes(self, session: Session) -> bool:
        """Whether it is the provider that the session is with: no other one is shown its tokens."""
        return self.providers.knows(self.app, session)

    async def revoke(self, session: Session, keep: Keep) -> None:
        """End the tokens at the provider: it takes the refresh token for that, whatever the other's age."""
        if session.tokens is None or not self.revokes(session):
            raise SignInRefused("the session is not with this provider")
        await self.providers.revoke(self.app, session.tokens)
