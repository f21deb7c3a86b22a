"""What can go wrong at an auth API: closed alternatives, each with the words that name it.

Those of `AnswerKind` befall an answer, those of `IssueKind` what the server knows or decides while it makes
one.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from portico.clock import spelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Delay:
    """The answer takes this much longer. It is real time that passes, whatever the clock says."""

    by: timedelta

    @property
    def words(self) -> str:
        """The words that name it."""
        return f"delay {spelled(self.by)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The call is answered with this status, in the dialect's own shape of errors, and does nothing."""

    code: int
    retry_after: timedelta | None = None

    @property
    def words(self) -> str:
        """The words that name it."""
        after = "" if self.retry_after is None else f" retry-after {spelled(self.retry_after)}"
        return f"status {self.code}{after}"


class When(StrEnum):
    """When a connection is dropped."""

    BEFORE = "before"
    AFTER = "after"
    MIDWAY = "midway"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """The connection is dropped: before the call does anything, after it did everything (the answer is
    lost), or with half of the answer's body sent."""

    when: When = When.BEFORE

    @property
    def words(self) -> str:
        """The words that name it."""
        return "drop" if self.when is When.BEFORE else f"drop {self.when}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Truncated:
    """Half of the body, as if it were all of it: its Content-Length says so."""

    words: ClassVar[str] = "truncated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Malformed:
    """A body of the right length and type that is not JSON."""

    words: ClassVar[str] = "malformed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Html:
    """A page of HTML with the status of the answer, as a proxy or a captive portal puts in its place."""

    words: ClassVar[str] = "html"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongTypes:
    """Values of another type: texts become numbers, everything else text. All values, or those of fields
    with these names, wherever in the answer they are."""

    fields: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The words that name it."""
        return " ".join(("wrong types", *self.fields))


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Fields of these names are left out, wherever in the answer they are; headers and cookies too."""

    fields: tuple[str, ...]

    @property
    def words(self) -> str:
        """The words that name it."""
        return " ".join(("missing", *self.fields))


@dataclass(frozen=True, kw_only=True, slots=True)
class Huge:
    """A body of this many bytes, JSON all the same."""

    size: int

    @property
    def words(self) -> str:
        """The words that name it."""
        return f"huge {self.size // 1_000_000}MB"


@dataclass(frozen=True, kw_only=True, slots=True)
class Skew:
    """The auth server's clock goes ahead by this, or behind if it is negative."""

    by: timedelta

    @property
    def words(self) -> str:
        """The words that name it."""
        return f"skew {'-' if self.by < timedelta(0) else ''}{spelled(abs(self.by))}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiredAtOnce:
    """Access tokens are over when they are handed out, although the answer promises their full life."""

    words: ClassVar[str] = "expired at once"


class RefreshPolicy(StrEnum):
    """What becomes of a refresh token that was used before."""

    STRICT = "strict refresh"
    REPLAY = "replayed refresh"
    FAMILY = "family revocation"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshReuse:
    """Used refresh tokens are refused and change nothing (strict), are good again (replayed), or end the
    whole sign-in that they are of (family)."""

    policy: RefreshPolicy

    @property
    def words(self) -> str:
        """The words that name it."""
        return self.policy.value


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokedSession:
    """Every session that there is now is ended, or every one of a user. It happens once."""

    words: ClassVar[str] = "revoked session"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisabledUser:
    """The account is blocked, for as long as this stands."""

    words: ClassVar[str] = "disabled user"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedRole:
    """The user has this role, and no other."""

    role: str

    @property
    def words(self) -> str:
        """The words that name it."""
        return f"role {self.role}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """The server signs with another key, and takes no token that the one before signed."""

    words: ClassVar[str] = "new key"


AnswerKind = Delay | Status | Drop | Truncated | Malformed | Html | WrongTypes | Missing | Huge
IssueKind = Skew | ExpiredAtOnce | RefreshReuse | RevokedSession | DisabledUser | ChangedRole | NewKey
Kind = AnswerKind | IssueKind
