"""Whether a password opens an account, asked within the limits: one answer for every dialect."""

from typing import ClassVar

from portico.authserver.accounts import Accounts, Credentials
from portico.authserver.limits import Attempts
from portico.authserver.moments import seconds_until
from portico.clock import Clock
from portico.errors import TooMany
from portico.values import Secret


class GuessedTooOften(TooMany):
    """An account whose password was guessed at too often, by whom and in which dialect ever."""

    code: ClassVar[str] = "guessed_too_often"

    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__()
        self.retry_after = retry_after


class PasswordCheck:
    """Checks passwords. The dialects share one, so that guesses at an account count together (P69)."""

    def __init__(self, accounts: Accounts, attempts: Attempts | None, clock: Clock) -> None:
        """Without `attempts` nothing is limited."""
        self._accounts = accounts
        self._attempts = attempts
        self._clock = clock

    async def passes(
        self, credentials: Credentials | None, password: Secret, *, name: str, address: str
    ) -> Credentials | None:
        """The credentials as they are stored afterwards, if the client at `address` has the right password.

        Without credentials None, after the same work and against the same limit: `name` is what was asked for
        (P66, P67). Raises `GuessedTooOften`, before the password is looked at, and `HashingBusy`.
        """
        account = f"user:{credentials.user.id}" if credentials else f"name:{name.casefold()}"
        if self._attempts is None:
            return await self._accounts.authenticate(credentials, password)
        refused = self._attempts.admit(account, address)
        if refused is not None:
            raise GuessedTooOften(seconds_until(refused.resets_at, self._clock.now()))
        passed = await self._accounts.authenticate(credentials, password)
        if passed is not None:
            self._attempts.succeeded(account, address)
        return passed
