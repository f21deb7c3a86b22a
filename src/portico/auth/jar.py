"""The cookies of a session, by who set them: kept on the server, and sent back there (RFC 6265, 5.4).

Answers cookies that scripts, pages and logs must not see (P38, P58-60): outside of the session's record a
cookie goes by the handle of its slot. A handle is made of the jar's key and the cookie's name, so that it
stays the same while the cookie's value changes (hard-cases 4).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from portico.auth.handles import Handle, cookie_slot, handle_from
from portico.auth.set_cookie import Cookie, Issuer, SetCookies, reaches
from portico.values import Secret, new_id

#: Cookies of one issuer (RFC 6265, 6.1), and characters of names, values and paths of all of them.
ISSUER_LIMIT = 50
SIZE_LIMIT = 64 << 10
#: An end that moved by less than this, or than a sixtieth of what is left, is the same: servers with
#: sliding sessions move it with every answer.
_SAME_END = timedelta(seconds=60)
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Jar:
    """Cookies by the key of their issuer, the oldest first. Never changed: `taking` makes another."""

    key: Secret = field(default_factory=lambda: Secret(new_id(32)), repr=False)
    held: Mapping[str, tuple[Cookie, ...]] = field(default_factory=dict, repr=False)
    #: whose names these are, in a jar that several apps share, but for the one in which it began
    app: str = ""

    def header(self, issuer: Issuer, path: str, now: datetime) -> str | None:
        """What the header `Cookie` of a request for `path` says; None where there is nothing to say."""
        found = [cookie for cookie in self._of(issuer.key, now) if reaches(path, cookie.path)]
        sent = [cookie for cookie in found if issuer.secure or not cookie.secure]
        return "; ".join(f"{cookie.name}={cookie.value.reveal()}" for cookie in sent) or None

    def taking(self, changes: Iterable[SetCookies], now: datetime) -> "Jar":
        """The jar after these answers: itself, if they change nothing. Of too many cookies the oldest go."""
        held = dict(self.held)
        for change in changes:
            before = held.get(change.issuer, ())
            after = _taken(before, change, now)
            if after != before:
                held[change.issuer] = _bounded(after, SIZE_LIMIT - _size(_others(held, change.issuer)))
        if held == self.held:
            return self
        return replace(self, held={issuer: cookies for issuer, cookies in held.items() if cookies})

    def changes_to(self, other: "Jar") -> tuple[str, ...]:
        """The names of the cookies that are not the same in another jar, sorted."""
        differing = {slot for slot, _ in self.slots.items() ^ other.slots.items()}
        return tuple(sorted({slot.rpartition(" ")[2] for slot in differing}))

    # Names

    def handle(self, issuer: str, name: str) -> str:
        """What scripts have in the place of this cookie's value."""
        text = "\n".join((issuer, name, self.app) if self.app else (issuer, name)).encode()
        return handle_from(hmac.new(self.key.reveal().encode(), text, hashlib.sha256).digest())

    @cached_property
    def named(self) -> Mapping[str, Mapping[str, str]]:
        """The handles of all cookies, by issuer and name."""
        return {
            issuer: {cookie.name: self.handle(issuer, cookie.name) for cookie in cookies}
            for issuer, cookies in self.held.items()
        }

    @cached_property
    def slots(self) -> Mapping[str, Secret]:
        """The values by slot. Of cookies of one name the one that would be sent first has it."""
        return {
            cookie_slot(issuer, cookie.name): cookie.value
            for issuer, cookies in self.held.items()
            for cookie in reversed(_ordered(cookies))
        }

    @cached_property
    def handles(self) -> Mapping[str, Handle]:
        """What the handles stand for."""
        return {
            handle: Handle(slot=cookie_slot(issuer, name), claims="")
            for issuer, names in self.named.items()
            for name, handle in names.items()
        }

    # The cookie that a session stands with

    def carrier_of(self, token: Secret) -> str:
        """The slot whose cookie says just this token, "" if there is none."""
        return next((slot for slot, value in self.slots.items() if value == token), "")

    def credential(self, answer: SetCookies, now: datetime, *, carrier: str = "") -> Cookie | None:
        """The cookie by which an answer signs in, where it names none: of those that it sets the one in the
        slot `carrier`, else the first of those that scripts of browsers cannot read, else of those that were
        there before; None: there is no such cookie."""
        alive = self._of(answer.issuer, now)
        held = next((cookie for cookie in alive if cookie_slot(answer.issuer, cookie.name) == carrier), None)
        if held is not None:
            return held if answer.alive else None
        places = {cookie.place for cookie in answer.alive}
        hidden = [cookie for cookie in alive if cookie.http_only]
        given = [cookie for cookie in hidden if cookie.place in places]
        return _first(given) or (None if carrier else _first(hidden))

    def at(self, slot: str) -> Cookie | None:
        """The cookie in a slot."""
        for issuer, cookies in self.held.items():
            for cookie in _ordered(cookies):
                if cookie_slot(issuer, cookie.name) == slot:
                    return cookie
        return None

    def is_brief(self, slot: str) -> bool:
        """Whether the cookie in a slot is one that a browser forgets when it is closed."""
        cookie = self.at(slot)
        return cookie is not None and cookie.expires_at is None

    # The record

    def as_json(self) -> list[Any]:
        """What is kept of it: its key, and what it holds, if that is anything."""
        held = {
            issuer: [
                [
                    *(cookie.name, cookie.value.reveal(), cookie.path, cookie.domain),
                    *(cookie.secure, cookie.http_only),
                    cookie.expires_at and cookie.expires_at.timestamp(),
                ]
                for cookie in cookies
            ]
            for issuer, cookies in self.held.items()
        }
        return [self.key.reveal(), *([held] if held else [])]

    @classmethod
    def of_json(cls, kept: Sequence[Any]) -> Self:
        """The jar that was kept."""
        key, *held = kept
        return cls(
            key=Secret(key),
            held={
                issuer: tuple(_of_list(*cookie) for cookie in cookies)
                for some in held
                for issuer, cookies in some.items()
            },
        )

    def _of(self, issuer: str, now: datetime) -> list[Cookie]:
        """The cookies of an issuer as they are sent (5.4)."""
        return [cookie for cookie in _ordered(self.held.get(issuer, ())) if not cookie.over(now)]


def _ordered(cookies: Iterable[Cookie]) -> list[Cookie]:
    """Longer paths first, and of equal ones the older cookie."""
    return sorted(cookies, key=lambda cookie: -len(cookie.path))


def _taken(before: tuple[Cookie, ...], change: SetCookies, now: datetime) -> tuple[Cookie, ...]:
    """The cookies of an issuer after an answer. One that takes another's place counts as old as that was
    (5.3, step 11)."""
    by_place = {cookie.place: cookie for cookie in before}
    for cookie in change.cookies:
        if cookie.over(now):
            by_place.pop(cookie.place, None)
        elif not _same(by_place.get(cookie.place), cookie, now):
            by_place[cookie.place] = cookie
    after = tuple(by_place.values())
    if after == before:
        return before
    # What is over goes with the next change: it is not sent, and would not be worth a write by itself.
    return tuple(cookie for cookie in after if not cookie.over(now))


def _same(held: Cookie | None, given: Cookie, now: datetime) -> bool:
    if held is None or replace(held, expires_at=given.expires_at) != given:
        return False
    if held.expires_at is None or given.expires_at is None:
        return held.expires_at == given.expires_at
    least = min(_SAME_END, (given.expires_at - now) / 60)
    return abs(given.expires_at - held.expires_at) < least


def _bounded(cookies: tuple[Cookie, ...], room: int) -> tuple[Cookie, ...]:
    """As many of the newest as there may be."""
    kept = cookies[-ISSUER_LIMIT:]
    while kept and _size(kept) > room:
        kept = kept[1:]
    return kept


def _others(held: Mapping[str, tuple[Cookie, ...]], issuer: str) -> list[Cookie]:
    return [cookie for key, cookies in held.items() if key != issuer for cookie in cookies]


def _size(cookies: Iterable[Cookie]) -> int:
    return sum(len(cookie.name) + len(cookie.value.reveal()) + len(cookie.path) for cookie in cookies)


def _first(cookies: Iterable[Cookie]) -> Cookie | None:
    """The one that goes along with most requests, and of these the one that ends first, those that end with
    the browser before all others: what renews it lasts longer, and goes to fewer places."""
    return min(cookies, key=lambda cookie: (len(cookie.path), cookie.expires_at or _FIRST), default=None)


def _of_list(
    name: str, value: str, path: str, domain: str, secure: bool, http_only: bool, ends: float | None
) -> Cookie:
    return Cookie(
        name=name,
        value=Secret(value),
        path=path,
        domain=domain,
        secure=secure,
        http_only=http_only,
        expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC),
    )
