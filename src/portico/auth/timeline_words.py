"""The events of a timeline in words, for the operator."""

from collections.abc import Mapping
from typing import assert_never

from portico.auth.timeline import (
    Asked,
    CookiesSet,
    Denied,
    End,
    Entry,
    Event,
    Reason,
    Refreshed,
    Retried,
    SealedSent,
    SignedIn,
    StepAsked,
    Told,
)

_REASONS: Mapping[Reason, str] = {
    "user": "the user logged out",
    "another user": "another user signed in in this browser",
    "another step": "a sign-in with another step began in this browser",
    "auth API": "the auth API does not know it any more",
    "provider": "the provider ended it",
    "operator": "the operator ended it",
    "own list": "the user ended it from another session",
    "too many": "the user has too many sessions, and this was the oldest",
    "idle": "the user was not there for too long",
    "absolute": "it reached its longest time",
}
_WHY = {
    "due": "the token was about to end",
    "early": "the token was half through its life",
    "refused": "the token was refused with 401",
    "script": "a script asked for it",
}
_TOLD = {
    "waiting": "the auth API is to be told that the tokens are used no more",
    "delivered": "the auth API was told that the tokens are used no more",
    "not yet": "the auth API could not be told yet",
    "of no use": "the auth API does not know the tokens any more",
    "given up": "the auth API was never told: given up",
}


def words(entry: Entry) -> str:
    """One line about what happened, how often, and why."""
    said = _said(entry.event)
    return f"{said} ({entry.times} times)" if entry.times > 1 else said


def _said(event: Event) -> str:
    if isinstance(event, Retried | SealedSent | CookiesSet | Denied):
        return _about_requests(event)
    match event:
        case SignedIn():
            return _signed_in(event)
        case StepAsked():
            return "the sign-in needs another step"
        case Refreshed():
            rotated = ", and what renews it too" if event.rotated else ""
            return _with(f"refresh: {event.outcome}{rotated}; {_WHY[event.why]}", event.cause)
        case Asked():
            roles = [f"gained {role}" for role in event.gained] + [f"lost {role}" for role in event.lost]
            return _with(f"me: {event.outcome}", event.cause or ", ".join(roles))
        case Told():
            return _with(_TOLD[event.state], event.cause)
        case End():
            return _with(f"ended: {_REASONS[event.reason]}", event.cause)
        case _:
            assert_never(event)


def _about_requests(event: Retried | SealedSent | CookiesSet | Denied) -> str:
    match event:
        case Denied():
            return f"page {event.page} was not opened: {event.reason.replace('_', ' ')}"
        case Retried():
            return f"query {event.query}: 401, sent again with another token: {event.status}"
        case SealedSent():
            return f"warning: query {event.query} sent a token as it was sealed: {event.why}"
        case CookiesSet():
            return f"the auth API set cookies: {', '.join(event.names)}"


def _signed_in(event: SignedIn) -> str:
    by = {
        "query": f"query {event.name}",
        "provider": f"provider {event.name}",
        "script": f"a script ({event.name})",
        "link": "a link",
    }[event.by].rstrip()
    roles = f"; roles {', '.join(event.roles)}" if event.roles else ""
    return f"signed in by {by}{roles}; session {event.session}"


def _with(said: str, cause: str) -> str:
    return f"{said} ({cause})" if cause else said
