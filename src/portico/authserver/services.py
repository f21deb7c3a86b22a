"""What every dialect is built on: the same accounts, sessions and limits, however they are spoken to."""

from dataclasses import dataclass

from portico.authserver.accounts import Accounts
from portico.authserver.database import Database
from portico.authserver.limits import Attempts
from portico.authserver.mails import Mailbox
from portico.authserver.password_check import PasswordCheck
from portico.authserver.passwords import Passwords
from portico.authserver.sessions import Sessions
from portico.authserver.settings import Settings
from portico.authserver.signing import Signer
from portico.authserver.tokens import Tokens
from portico.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """One embedded auth server's parts. `attempts` is None where nothing is limited."""

    settings: Settings
    clock: Clock
    database: Database
    passwords: Passwords
    signer: Signer
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    mailbox: Mailbox
    attempts: Attempts | None
    password_check: PasswordCheck
