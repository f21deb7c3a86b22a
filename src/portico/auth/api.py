"""What sessions need of an app's auth API, whatever it is."""

from collections.abc import Callable
from typing import Protocol

from portico.auth.evidence import Confirmed, Granted, Vouched
from portico.auth.revocations import Keep
from portico.auth.session import Session
from portico.errors import SignInRefused


class TokenRefused(SignInRefused):
    """The auth API does not take the token (401): another may do."""


class StrangersTokens(SignInRefused):
    """It renewed the tokens of somebody else: nobody will use those of `session`, nor its cookies."""

    def __init__(self, session: Session) -> None:
        self.session = session
        super().__init__("the auth API renewed the tokens of somebody else")


class AuthApi(Protocol):
    """An app's auth API, as far as sessions need it."""

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        """Another token. `sending` is called at the last moment before the token that renews is sent, and
        may raise CallFailed. Raises SignInRefused where the auth API says no, CallFailed or ScriptFailed
        where it cannot be asked; StrangersTokens."""
        ...

    async def confirm(self, session: Session) -> Confirmed | Vouched:
        """Whose the session's token is by now, or who the user is whom it names by uid. Raises as `renew`;
        TokenRefused where the token alone is what is wrong."""
        ...

    def revokes(self, session: Session) -> bool:
        """Whether it can be told that nobody uses this session's tokens any more."""
        ...

    async def revoke(self, session: Session, keep: Keep) -> None:
        """Tell it that. Tokens that have ended are renewed first where it takes no others; `keep` notes what
        they are by then. Raises SignInRefused where it does not know them or telling it is of no use,
        CallFailed or ScriptFailed where it cannot be told now."""
        ...
