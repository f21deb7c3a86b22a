"""What would be mailed. Nothing is sent: mails are kept in memory, for the page `/_mails` and for tests."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import final

from portico.clock import Clock
from portico.values import Secret, new_id

_MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A mail to be sent. Link and code are as good as a password, once, for a while."""

    to: str
    kind: str
    subject: str
    text: str
    link: Secret
    code: Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail that was kept."""

    id: str
    sent_at: datetime
    letter: Letter


@final
class Mailbox:
    """The last mails to everybody, in memory alone: what opens accounts is nowhere on a disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mails: deque[Mail] = deque(maxlen=_MOST)

    def send(self, letter: Letter) -> None:
        """Keep a mail; the oldest may go for it."""
        self._mails.append(Mail(id=new_id(), sent_at=self._clock.now(), letter=letter))

    def mails(self, to: str = "") -> list[Mail]:
        """The mails, or those to one address, the latest first."""
        return [mail for mail in reversed(self._mails) if not to or mail.letter.to == to.lower()]
