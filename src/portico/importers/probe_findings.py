"""What a probe of an auth API has found: plain data, without a word of who it was tried with.

No value of an answer is in it, but numbers: only where values stand. So it can be printed, written and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.model.query import Method, Role, Sending

Part = Literal["body", "header", "cookie"]
#: How sure a conclusion is: it was seen, or it is what the signs speak for.
Sureness = Literal["seen", "likely", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A request that was made, and why. `status` is None where there was no answer that counts as one; then
    `failure` says what there was instead."""

    method: Method
    path: str
    purpose: str
    status: int | None
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """Something that was learnt, with its reason."""

    about: str
    found: str
    reason: str
    sure: Sureness = "seen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """How a query calls the API. Values of parameters, headers and fields are texts of an app's query: they
    may hold `{{ this.params.NAME }}`. `form`: the fields are sent as a form, not as JSON. `empty`: without
    fields an empty object goes out rather than nothing."""

    method: Method
    path: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    form: bool = False
    empty: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where in an answer something stands: below members of the body, or in the header or cookie that is the
    one step of `steps`. No steps are the body itself."""

    part: Part
    steps: tuple[str | int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """A preset that fits, and what speaks for it."""

    preset: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """The answer to a sign-in that succeeded. `token` is None where what Portico looks for by itself, or the
    preset, has found it. `kind` of the token, `lifetime` in seconds, and what said so; `roles` are where
    roles may stand."""

    status: int
    token: Spot | None
    kind: Literal["JWT", "opaque"]
    lifetime: int | None
    lifetime_from: str
    refreshes: bool
    roles: tuple[Spot, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The answer to a wrong password. `words`: whether it says in text why."""

    status: int
    words: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Me:
    """What says whose a token is: its status with the token, and without one. `hidden`: both answers are
    2xx, and only their bodies differ."""

    status: int
    signed_out: int | None
    hidden: bool
    roles: tuple[Spot, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewed:
    """What a renewal came to. `rotates`: there was another refresh token; `old_status` is what the one before
    was answered afterwards, None where there is none."""

    status: int
    rotates: bool
    old_status: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOut:
    """The answer to a sign-out, and the status of `me` with the same token afterwards, if it was asked."""

    status: int
    afterwards: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What an answer looked like: names as they are, and in place of values what they stand for, such as
    `{access_token}`."""

    status: int
    body: Any = None
    has_body: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Everything. `preset` is the one whose contract is written; `issuer` is of an OpenID provider. `calls`
    are by what they are for; those of a preset as the preset has them. `mappings` are what the app has to
    say besides the defaults, or the preset; `missing` are the preset's queries that the API does not have.
    `samples` are answers, by what they were answers to."""

    url: str
    fits: tuple[Fit, ...] = ()
    preset: str | None = None
    issuer: str | None = None
    sending: Sending = field(default_factory=Sending)
    calls: Mapping[Role, Call] = field(default_factory=dict)
    mappings: Mapping[Role, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[Role, ...] = ()
    signed_in: SignedIn | None = None
    refused: Refused | None = None
    me: Me | None = None
    renewed: Renewed | None = None
    signed_out: SignedOut | None = None
    samples: Mapping[str, Sample] = field(default_factory=dict)
    conclusions: tuple[Conclusion, ...] = ()
    requests: tuple[Sent, ...] = ()
