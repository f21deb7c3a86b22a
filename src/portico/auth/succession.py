"""What a session becomes: once the auth API said who that is, under other tokens, by what the app changes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portico.auth.amendment import KEEP, Amendment
from portico.auth.evidence import Confirmed, Granted
from portico.auth.sealing import Handle, claims_of, digest, new_handle
from portico.auth.session import Session
from portico.auth.tokens import TokenSet, ends_with, expiry_of
from portico.errors import SignInRefused
from portico.model.identity import Identity

#: Names of a session's tokens that are kept: those that were given out longest ago go first.
HANDLE_LIMIT = 32

#: What is to be known of a user, from what is known.
User = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def confirmed(held: Session, identity: Identity, now: datetime) -> Session:
    """A session after the auth API said again who that is. Raises SignInRefused for somebody else."""
    if held.identity is None or held.identity.uid != identity.uid:
        raise SignInRefused("the token is somebody else's by now")
    said = replace(identity, user=_known(held, identity))
    generation = held.generation if held.identity == said else held.generation + 1
    return replace(held, identity=said, confirmed_at=now, generation=generation)


def renewed(
    held: Session,
    identity: Identity,
    tokens: TokenSet | None,
    expires_at: datetime,
    *,
    confirmed_at: datetime | None,
    user: User | None,
) -> Session:
    """A session under other tokens, for the same user. `confirmed_at`: when `me` said so, if it did. Raises
    SignInRefused for somebody else."""
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
        own_user=held.own_user or user is not None,
    )


def amended(
    held: Session, meant: TokenSet | None, amendment: Amendment, *, latest: datetime, renewable: bool
) -> Session:
    """A session of which something changed; `meant` are the tokens that the amendment is about, and `latest`
    is when a session that can be renewed ends. Raises SignInRefused for a visitor's."""
    if held.identity is None:
        raise SignInRefused("nobody is signed in")
    identity, tokens, expires_at = held.identity, held.tokens, held.expires_at
    if amendment.token is not KEEP or _same_access(meant, tokens):
        tokens = _changed(tokens, amendment)
    if amendment.user is not None:
        identity = replace(identity, user=amendment.user(identity.user))
    if tokens is not None and tokens != held.tokens:
        expires_at = ends_with(tokens, at_latest=latest, renewable=renewable)
    return replace(
        held,
        identity=identity,
        tokens=tokens,
        expires_at=expires_at,
        generation=held.generation + 1,
        # Without a token it lasts as long as the browser (S4-3).
        brief=held.brief or (held.tokens is not None and tokens is None),
        own_user=held.own_user or amendment.user is not None,
    )


def tokens_of(
    evidence: Confirmed | Granted, held: TokenSet | None, now: datetime, *, renewable: bool
) -> TokenSet:
    """What the session has from now on. An answer without a refresh token leaves the one that there is."""
    access, refresh, said, proof = evidence.token, None, None, held.identity if held is not None else None
    given = {"access": (access, evidence.handles)}
    if isinstance(evidence, Granted):
        refresh = evidence.refresh or (held.refresh if held is not None else None)
        said, proof = evidence.expires_at, evidence.id_token or proof
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
    )


def _known(held: Session, identity: Identity) -> Mapping[str, Any]:
    """What is known of a session's user, after the auth API said something of it again."""
    return held.identity.user if held.own_user and held.identity is not None else identity.user


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
