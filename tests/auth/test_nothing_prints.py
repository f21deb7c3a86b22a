"""No way of printing an object of auth shows a secret (promise 59)."""

import dataclasses
import importlib
import logging
import pkgutil
import pprint
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from portico import auth
from portico.auth.amendment import Amendment
from portico.auth.appstore import Kept, Removed
from portico.auth.cards import Card
from portico.auth.directory import Found, History, Sealed
from portico.auth.evidence import Confirmed, Granted, Vouched
from portico.auth.groups import Member
from portico.auth.guard import Allow, Deny, NotFound, Reason, SignIn, Unsure
from portico.auth.handles import Handle
from portico.auth.idtoken import Expected
from portico.auth.intent import Intent
from portico.auth.jar import Jar
from portico.auth.jwks import KeySet, _Named
from portico.auth.limits import SessionLimits
from portico.auth.logouttoken import LoggedOut
from portico.auth.opener import Opener
from portico.auth.ports import Allowance, Filed, Held, Stored, Taken, Waiting
from portico.auth.provider_session import ProviderSession
from portico.auth.refresh import Deferred, Ended, Limits, Renewed, StillFresh
from portico.auth.revocations import Message
from portico.auth.sealing import Vault, _Value
from portico.auth.session import Pending, Session
from portico.auth.set_cookie import Cookie, Issuer, SetCookies
from portico.auth.shared import Part, Shared
from portico.auth.signed import Kind
from portico.auth.standing import Current, Over, Unconfirmed
from portico.auth.tags import Tags
from portico.auth.ticket import Ticket
from portico.auth.timeline import (
    Asked,
    CookiesSet,
    Denied,
    End,
    Entry,
    Refreshed,
    Retried,
    SealedSent,
    SignedIn,
    StepAsked,
    Told,
)
from portico.auth.timelines import _Batch, _Last
from portico.auth.tokens import TokenSet
from portico.auth.turns import NoTurn, Turn
from portico.auth.visits import Visit
from portico.errors import SignInRefused
from portico.model.identity import Identity
from portico.values import Secret
from tests.auth.sessions import evidence, house

_CANARY = "cNrY0123456789abcdef"
_NOW = datetime(2030, 1, 1, tzinfo=UTC)

_IDENTITY = Identity(uid="u1", user={"ssn": _CANARY})
_TICKET = Ticket(Secret(_CANARY), Secret(_CANARY))
_TOKENS = TokenSet(
    access=Secret(_CANARY), refresh=Secret(_CANARY), identity=Secret(_CANARY), provider_session=_CANARY
)
_COOKIE = Cookie(name="sid", value=Secret(_CANARY), path="/")
_JAR = Jar(key=Secret(_CANARY), held={"api http://x:80": (_COOKIE,)})
_PENDING = Pending(answer={"a": _CANARY}, sealed={"h": _CANARY}, expires_at=_NOW)
_SESSION = Session(
    app="a",
    ticket=_TICKET,
    lineage=_CANARY,
    identity=_IDENTITY,
    tokens=_TOKENS,
    created_at=_NOW,
    expires_at=_NOW,
    version=1,
    generation=1,
    tag="t",
    pending=_PENDING,
    jar=_JAR,
)


_CARD = Card(
    id="c",
    app="a",
    uid=_CANARY,
    name=_CANARY,
    created_at=_NOW,
    expires_at=_NOW,
    brief=False,
    timeline=_CANARY,
    idle=0,
    agent=_CANARY,
)
_THERE = ProviderSession(issuer="i", client_id="c", subject=_CANARY, sid=_CANARY)
_OVER = End(reason="user")


def _vault() -> Vault:
    vault = Vault(slots={"access": Secret(_CANARY)}, handles={"h": Handle(slot="access", claims="")})
    vault.seal(f"{_CANARY}-2")
    return vault


_EXAMPLES: list[Any] = [
    Allow(reason=Reason.PUBLIC),
    Amendment(refresh=Secret(_CANARY), user=dict),
    _CARD,
    _COOKIE,
    Confirmed(token=Secret(_CANARY), identity=_IDENTITY),
    Current(session=_SESSION),
    Deferred(cause="unreachable"),
    Deny(reason=Reason.NO_ROLE),
    Ended(reason="refused"),
    Expected(issuer="i", client_id="c", nonce=_CANARY, access=Secret(_CANARY)),
    Filed(key="k", card=_CANARY.encode(), number=1, expires_at=_NOW),
    Granted(token=Secret(_CANARY), identity=_IDENTITY, refresh=Secret(_CANARY), id_token=Secret(_CANARY)),
    Handle(slot="access", claims="c"),
    Held(fence=1),
    Issuer(datasource="api", scheme="http", host="x", port=80),
    _JAR,
    KeySet(),
    Kind(name="k"),
    LoggedOut(session=_THERE, token_id=_CANARY, until=_NOW),
    _THERE,
    Kept(values={"a": _CANARY}, sealed={"h": _CANARY}),
    Asked(outcome="known"),
    CookiesSet(names=("sid",)),
    Denied(page="p", reason="no_role"),
    Entry(at=_NOW, event=_OVER),
    Found(card=_CARD, key=_CANARY, seen_at=_NOW),
    History(card=_CARD, lives=True, entries=()),
    Refreshed(why="due", outcome="renewed"),
    Retried(query="q", status="200"),
    Sealed(),
    SealedSent(query="q", why="w"),
    SessionLimits(),
    SignedIn(by="query"),
    StepAsked(),
    Told(state="waiting"),
    _Batch(_NOW),
    Allowance(key="k", burst=1, every=_NOW - _NOW),
    _Last(_OVER, _NOW, _NOW - _NOW, _NOW, _NOW),
    _OVER,
    Member(app="a", group="g", origin="o", asks=True),
    NotFound(),
    Opener(vault=_vault(), tokens=True),
    Over(session=_SESSION, reason="refused"),
    Part(user={"name": _CANARY}, roles=frozenset(), handles={_CANARY: Handle(slot="access", claims="c")}),
    _PENDING,
    Removed(),
    Renewed(session=_SESSION),
    _SESSION,
    SetCookies(issuer="api http://x:80", cookies=(_COOKIE,), at=_NOW),
    Shared(group="g", origin="o", home="a", granted=_IDENTITY),
    SignIn(),
    Intent(token="0a" * 32, started_at=_NOW, fence=1),
    Limits(),
    Message(key="k", session=_SESSION, until=_NOW),
    NoTurn(session=_SESSION),
    Turn(session=_SESSION, fence=1, until=1.0),
    StillFresh(session=_SESSION),
    Stored(blob=_CANARY.encode(), version=1, expires_at=_NOW),
    Taken(),
    _TICKET,
    _TOKENS,
    Unconfirmed(session=_SESSION),
    Unsure(),
    _Named("kid", (), RSAKey.generate_key(2048)),
    _Value(Secret(_CANARY), ""),
    _vault(),
    Vouched(identity=_IDENTITY),
    Visit(content=_CANARY.encode(), version=1),
    Waiting(key="k", blob=_CANARY.encode(), attempts=0),
]


def _dataclasses() -> Iterator[type]:
    for info in pkgutil.iter_modules(auth.__path__, "portico.auth."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == info.name:
                yield value


def _shown(value: object) -> str:
    """All that printing, formatting and logging make of a value."""
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (value, value), None)
    error = traceback.format_exception(ValueError(value, [value]))
    return " ".join(
        [
            repr(value),
            str(value),
            f"{value}",
            repr([value]),
            pprint.pformat(value),
            record.getMessage(),
            *error,
        ]
    )


def test_every_dataclass_has_an_example() -> None:
    """A new one must be added above, with a canary wherever it holds a secret."""
    assert {type(example) for example in _EXAMPLES} == set(_dataclasses())


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: type(example).__name__)
def test_printing_shows_no_secret(example: object) -> None:
    """However it is printed."""
    assert _CANARY not in _shown(example)


def test_control_a_plain_field_would_show() -> None:
    """The check sees a dataclass that holds its secret as text."""

    @dataclasses.dataclass(frozen=True)
    class Careless:
        token: str

    assert _CANARY in _shown(Careless(_CANARY))


def test_what_lives_shows_no_key_either() -> None:
    """Managers and makers of tags print as nothing in particular."""
    assert _CANARY not in _shown(Tags(Secret(_CANARY)))


async def test_the_whole_life_of_a_session_logs_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative level, refusals and failures included."""
    caplog.set_level(logging.DEBUG)
    at = house()
    visitor = await at.manager.begin("a")
    user = await at.manager.sign_in(evidence(_CANARY, uid=_CANARY), app="a", current=visitor)
    await at.manager.merge_store(user, {_CANARY: _CANARY})
    for proof in (evidence(_CANARY, uid=""), evidence(_CANARY, user={"x": _CANARY * 20_000})):
        with pytest.raises(SignInRefused) as refused:
            await at.manager.sign_in(proof, app="a", current=user)
        assert _CANARY not in "".join(traceback.format_exception(refused.value))
    await at.manager.sign_out(user, revoke=True)
    for secret in (_CANARY, user.ticket.id.reveal(), user.ticket.secret.reveal()):
        assert secret not in caplog.text
