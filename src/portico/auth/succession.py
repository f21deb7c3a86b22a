"""What a session becomes: once the auth API said who that is, under other tokens, by what the app changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portico.auth.amendment import KEEP, Amendment
from portico.auth.evidence import Confirmed, Evidence, Granted, Vouched
from portico.auth.handles import Handle, new_handle
from portico.auth.sealing import claims_of, digest
from portico.auth.session import Overtaken, Session
from portico.auth.set_cookie import Cookie, SetCookies
from portico.auth.tokens import TokenSet, ends_with, expiry_of
from portico.errors import SignInRefused
from portico.model.identity import Identity

#: Names of a session's tokens that are kept: those that were given out longest ago go first.
HANDLE_LIMIT = 32

#: What is to be known of a user, from what is known.
User = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def examined(
    evidence: Evidence, now: datetime, lifetime: timedelta, *, renewable: bool, held: TokenSet | None = None
) -> tuple[Identity, TokenSet | None, datetime]:
    """Whom evidence names, with which tokens, and until when, after those that were `held`. Raises
    SignInRefused for evidence of nobody, or of a token that is over and that is not `renewable`."""
    if not evidence.identity.uid:
        raise SignInRefused("evidence that names nobody")
    if isinstance(evidence, Vouched):
        return evidence.identity, None, now + lifetime
    tokens = tokens_of(evidence, held, now, renewable=renewable)
    expires_at = ends_with(tokens, at_latest=now + lifetime, renewable=renewable)
    if expires_at <= now:
        raise SignInRefused("the token has expired, by the clock of this server")
    return evidence.identity, tokens, expires_at


def confirmed(held: Session, identity: Identity, now: datetime) -> Session:
    """A session after the auth API said again who that is; of one whose token is gone by now it says nothing,
    unless it is asked by uid. Raises SignInRefused for somebody else."""
    if held.tokens is None and not held.by_uid:
        return held
    if held.identity is None or held.identity.uid != identity.uid:
        raise SignInRefused("the token is somebody else's by now")
    said = replace(identity, user=_known(held, identity))
    generation = held.generation if held.identity == said else held.generation + 1
    return replace(held, identity=said, confirmed_at=now, generation=generation, joining=False)


def renewed(
    held: Session,
    identity: Identity,
    tokens: TokenSet | None,
    expires_at: datetime,
    *,
    instead: TokenSet | None,
    confirmed_at: datetime | None,
    refused_at: datetime | None,
    user: User | None,
) -> Session:
    """A session under other tokens, for the same user. `instead`: the tokens that these take the place of,
    and no others. `confirmed_at`: when `me` said so, if it did; `refused_at`: when the token before was
    refused, if it was. Raises SignInRefused for somebody else, Overtaken if it has other tokens than
    `instead`."""
    if instead is not None and not _same(held.tokens, instead):
        raise Overtaken(held)
    if held.identity is None or held.identity.uid != identity.uid:
        raise SignInRefused("a renewal for somebody else")
    known = user(held.identity.user) if user is not None else _known(held, identity)
    return replace(
        held,
        identity=replace(identity, user=known),
        tokens=tokens,
        expires_at=expires_at,
        generation=held.generation + 1,
        confirmed_at=confirmed_at or held.confirmed_at,
        joining=held.joining and confirmed_at is None,
        own_user=held.own_user or user is not None,
        intent=None,
        refused_at=refused_at or held.refused_at,
    )


def amended(
    held: Session, meant: TokenSet | None, amendment: Amendment, *, latest: datetime, renewable: bool
) -> Session:
    """A session of which something changed; `meant` are the tokens that the amendment is about, and `latest`
    is when a session that can be renewed ends. Roles go with the token: without it nobody can be asked
    whether they still hold (hard-cases 27). Raises SignInRefused for a visitor's."""
    if held.identity is None:
        raise SignInRefused("nobody is signed in")
    identity, tokens, expires_at = held.identity, held.tokens, held.expires_at
    if amendment.token is not KEEP or _same_access(meant, tokens):
        tokens = _changed(tokens, amendment)
    if amendment.user is not None:
        identity = replace(identity, user=amendment.user(identity.user))
    if tokens is not None and tokens != held.tokens:
        expires_at = ends_with(tokens, at_latest=latest, renewable=renewable)
    loses_token = held.tokens is not None and tokens is None
    if loses_token:
        identity = replace(identity, roles=frozenset())
    return replace(
        held,
        identity=identity,
        tokens=tokens,
        expires_at=expires_at,
        generation=held.generation + 1,
        # Without a token it lasts as long as the browser (S4-3).
        brief=held.brief or loses_token,
        own_user=held.own_user or amendment.user is not None,
    )


def tokens_of(
    evidence: Confirmed | Granted, held: TokenSet | None, now: datetime, *, renewable: bool
) -> TokenSet:
    """What the session has from now on. An answer without a refresh token leaves the one that there is."""
    access, refresh, said, proof = evidence.token, None, None, held.identity if held is not None else None
    sid = held.provider_session if held is not None else ""
    # A cookie goes by the handle of its slot.
    given = {} if evidence.carrier else {"access": (access, evidence.handles)}
    if isinstance(evidence, Granted):
        refresh = evidence.refresh or (held.refresh if held is not None else None)
        said, proof = evidence.expires_at, evidence.id_token or proof
        # An ID token of a renewal may leave it out (OpenID Connect Core, 12.2).
        sid = evidence.provider_session or sid
    if isinstance(evidence, Granted) and evidence.refresh is not None:
        given["refresh"] = (evidence.refresh, evidence.refresh_handles)
    elif isinstance(evidence, Confirmed) and held is not None:
        refresh = held.refresh
    handles = {} if held is None else dict(held.handles)
    for slot, (token, names) in given.items():
        handles |= _handles(slot, token.reveal(), names)
    ends = said or expiry_of(access.reveal())
    if ends is not None and ends <= now and isinstance(evidence, Granted) and (renewable or refresh):
        # It was handed out this moment: the other clock is wrong, or ours. What it says is not known then.
        ends = None
    return TokenSet(
        access=access,
        refresh=refresh,
        expires_at=ends,
        identity=proof,
        obtained_at=now,
        handles=dict(list(handles.items())[-HANDLE_LIMIT:]),
        carrier=evidence.carrier,
        provider_session=sid,
    )


def with_cookies(
    held: Session,
    changes: Iterable[SetCookies],
    now: datetime,
    lifetime: timedelta,
    *,
    renewable: bool = False,
) -> Session:
    """A session after these answers, itself if they change nothing. Where a cookie carries its token, that is
    what the cookie says by now; one that was taken away leaves the token, and the auth API's next answer says
    what that means. Unless it is `renewable` it ends with that cookie, and after `lifetime` in any case."""
    jar = held.jar.taking(changes, now)
    if jar is held.jar:
        return held
    tokens, cookie = held.tokens, jar.at(held.tokens.carrier) if held.tokens is not None else None
    if tokens is None or cookie is None or cookie == held.jar.at(tokens.carrier):
        return replace(held, jar=jar)
    ends = end_of(cookie, now)
    tokens = replace(tokens, access=cookie.value, expires_at=ends, obtained_at=now)
    expires_at = ends_with(tokens, at_latest=held.created_at + lifetime, renewable=renewable)
    return replace(held, jar=jar, tokens=tokens, expires_at=expires_at, generation=held.generation + 1)


def end_of(cookie: Cookie, now: datetime) -> datetime | None:
    """When the token in a cookie ends: with the cookie, or before it by what it says itself. A time that is
    over already is another clock's."""
    ends = (cookie.expires_at, expiry_of(cookie.value.reveal()))
    return min((moment for moment in ends if moment is not None and moment > now), default=None)


def _known(held: Session, identity: Identity) -> Mapping[str, Any]:
    """What is known of a session's user, after the auth API said something of it again."""
    return held.identity.user if held.own_user and held.identity is not None else identity.user


def _same(one: TokenSet | None, other: TokenSet) -> bool:
    """Whether these are the same tokens, whatever else is known of them."""
    return one is not None and (one.access, one.refresh) == (other.access, other.refresh)


def _same_access(one: TokenSet | None, other: TokenSet | None) -> bool:
    return one is not None and other is not None and one.access == other.access


def _changed(held: TokenSet | None, amendment: Amendment) -> TokenSet | None:
    """Tokens with what changes of them."""
    if held is None or amendment.token is not KEEP:
        return None
    tokens = held
    if amendment.expires_at is not KEEP:
        tokens = replace(tokens, expires_at=amendment.expires_at)
    if amendment.refresh is KEEP or amendment.refresh == held.refresh:
        return tokens
    handles = dict(tokens.handles)
    if amendment.refresh is not None:
        handles |= _handles("refresh", amendment.refresh.reveal(), amendment.refresh_handles)
    return replace(tokens, refresh=amendment.refresh, handles=dict(list(handles.items())[-HANDLE_LIMIT:]))


def _handles(slot: str, token: str, names: Mapping[str, str]) -> dict[str, Handle]:
    """The names of a session's token: those that it was given out under, at least one."""
    claims = claims_of(token)
    return {
        name: Handle(slot=slot, claims=known)
        for name, known in (names or {new_handle(claims): digest(claims)}).items()
    }
