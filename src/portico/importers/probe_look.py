"""The first half of a probe: what an API is, found out without credentials.

Everything asked here changes nothing or cannot succeed: documents, and sign-ins without a name and a
password.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portico.definition.preset import OIDC
from portico.importers.probe_findings import Call, Conclusion, Fit, Sureness
from portico.importers.probe_openapi import LOGINS, Described, described, sign_in_call
from portico.importers.probe_presets import SIGNS, calls_of
from portico.importers.probe_talk import Heard, Talk
from portico.model.query import Method, Role

#: Where APIs that people write themselves sign in.
_SIGN_INS = (
    *("/login", "/api/login", "/auth/login", "/api/auth/login", "/auth/v1/token?grant_type=password"),
    *("/signin", "/api/v1/auth/login", "/users/login", "/sessions"),
)
_ME = ("/me", "/api/me", "/auth/me", "/users/me", "/user", "/api/user", "/profile", "/session")
_SIGN_IN = re.compile(r"(log|sign)(-?)in(/?)$", re.IGNORECASE)
_VARYING = re.compile(r"[0-9a-f-]{8,}|[0-9]+", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]{2,30}")
#: A path that no API has.
_NOWHERE = "/portico-probe-finds-nothing-here"
_ABSENT = frozenset({404, 405, 501})
#: How many calls are tried for who somebody is.
_ME_LIMIT = 2
#: How sign-ins answer to nobody.
_REFUSALS = frozenset({400, 401, 403, 415, 422})


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the user says of the API: a preset, or the calls themselves, and the names of their fields."""

    preset: str | None = None
    calls: Mapping[Role, tuple[Method, str]] = field(default_factory=dict)
    login: str | None = None
    password: str | None = None
    form: bool = False
    email: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was found out. `calls` are those that the API has, as far as is known, but for `me`: those are
    what may say who somebody is. `missing` are queries of the preset that it does not have."""

    fits: tuple[Fit, ...]
    preset: str | None
    issuer: str | None
    calls: Mapping[Role, Call]
    missing: tuple[Role, ...] = ()
    me: tuple[Call, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()


class Look:
    """Looks at one API."""

    def __init__(self, talk: Talk, asked: Asked) -> None:
        self._talk = talk
        self._asked = asked
        self._conclusions: list[Conclusion] = []
        self._nothing: dict[str, Heard | None] = {}

    async def look(self) -> Seen:
        """Find out. Raises ProbeStopped."""
        if self._asked.preset == OIDC:
            issuer = await self._issuer()
            if issuer is None:
                self._say(
                    "provider", "not found", "there is no discovery document at this address", "unknown"
                )
            return self._seen((), None, issuer, {})
        by_hand = "sign_in" in self._asked.calls
        fits = () if by_hand else await self._fits()
        preset = self._asked.preset or (fits[0].preset if len(fits) == 1 else None)
        issuer = None if by_hand or self._asked.preset is not None else await self._issuer()
        if len(fits) > 1 and preset is None:
            names = ", ".join(fit.preset for fit in fits)
            self._say(
                "preset", f"several fit: {names}", "each has its signs; --preset says which one is meant"
            )
            return self._seen(fits, None, issuer, {})
        if preset is not None:
            return await self._of_preset(fits, preset)
        if issuer is not None:
            return self._seen(fits, None, issuer, {})
        if not by_hand:
            self._say("preset", "none fits", "none of their signs was seen")
        return await self._of_own(fits)

    async def _fits(self) -> tuple[Fit, ...]:
        found = []
        for sign in SIGNS:
            if self._asked.preset in (None, sign.preset):
                heard = await self._talk.call(sign.call, f"is it {sign.preset}?")
                reason = sign.reads(heard) if heard is not None else None
                if reason is not None:
                    found.append(Fit(preset=sign.preset, reason=reason))
        return tuple(found)

    async def _issuer(self) -> str | None:
        call = Call(method="GET", path="/.well-known/openid-configuration")
        heard = await self._talk.call(call, "is it an OpenID provider?")
        body = heard.body if heard is not None and heard.well else None
        if not isinstance(body, dict) or not isinstance(body.get("authorization_endpoint"), str):
            return None
        issuer = body.get("issuer")
        if not isinstance(issuer, str) or not re.fullmatch(r"https?://[A-Za-z0-9._~:/\[\]-]{1,200}", issuer):
            return None
        self._say("provider", "an OpenID provider", "it has a discovery document, which names its issuer")
        self._say(
            "register", "/<app>/_auth/callback", "where it sends users back to, below your public address"
        )
        if body.get("backchannel_logout_supported") is True:
            self._say("register", "/<app>/_auth/backchannel", "it says that it tells of log-outs there")
        else:
            self._say(
                "log-outs there", "not told", "its document does not say that it tells of them", "likely"
            )
        return issuer

    async def _of_preset(self, fits: tuple[Fit, ...], preset: str) -> Seen:
        reason = next((fit.reason for fit in fits if fit.preset == preset), None)
        if reason is not None:
            self._say("preset", preset, reason)
        else:
            self._say("preset", preset, "you said so; its sign was not seen", "unknown")
        calls = {**calls_of(preset), **self._own_calls()}
        if preset == "allauth" and not self._asked.email:
            calls["sign_in"] = sign_in_call(calls["sign_in"].path, "username", "password", form=False)
        missing: list[Role] = []
        for role in ("refresh", "sign_out", "me"):
            call = calls.get(role)
            if call is not None and not await self._exists(call, f"is there `{role}`?"):
                missing.append(role)
                del calls[role]
                self._say(
                    role, "not there", f"{call.method} {call.path} is answered as if there were nothing"
                )
        me = [calls["me"]] if "me" in calls else await self._me((), slash=calls["sign_in"].path.endswith("/"))
        return self._seen(fits, preset, None, calls, missing=tuple(missing), me=tuple(me))

    async def _of_own(self, fits: tuple[Fit, ...]) -> Seen:
        document = await self._document()
        calls = self._own_calls()
        sign_in = calls.get("sign_in") or await self._sign_in(document)
        if sign_in is None:
            reason = "no usual path is answered like a sign-in; --sign-in says where it is"
            self._say("sign_in", "not found", reason, "unknown")
            return self._seen(fits, None, None, {})
        calls["sign_in"] = sign_in
        me = [calls.pop("me")] if "me" in calls else []
        if not me:
            first = (*(document.me if document else ()), *_beside(sign_in.path))
            me = await self._me(first, slash=sign_in.path.endswith("/"))
        for role, paths in _siblings(sign_in.path).items():
            if role not in calls:
                siblings = (Call(method="POST", path=path, empty=role == "sign_out") for path in paths)
                for call in siblings:
                    if await self._exists(call, f"is there `{role}`?"):
                        calls[role] = call
                        break
        return self._seen(fits, None, None, calls, me=tuple(me))

    async def _document(self) -> Described | None:
        if self._asked.calls.keys() >= {"sign_in", "me"}:
            return None
        heard = await self._talk.call(Call(method="GET", path="/openapi.json"), "does it describe itself?")
        found = described(heard.body) if heard is not None and heard.well else None
        if found is not None and found.sign_in:
            self._say("sign_in", f"POST {found.sign_in[0].path}", "its OpenAPI document says so", "likely")
        return found

    async def _sign_in(self, document: Described | None) -> Call | None:
        if document is not None and document.sign_in:
            return document.sign_in[0]
        for path in _SIGN_INS:
            bare = sign_in_call(path, "", "", form=False)
            call = Call(method="POST", path=bare.path, params=bare.params, empty=True)
            heard = await self._talk.call(call, "is this the sign-in?")
            if heard is None or heard.status not in _REFUSALS or heard.html:
                continue
            if await self._is_something(call, heard):
                self._say(
                    "sign_in", f"POST {path}", f"without credentials it is answered {heard.status}", "likely"
                )
                login, password = self._fields(heard.body)
                return sign_in_call(path, login, password, form=self._asked.form or heard.status == 415)
        return None

    def _fields(self, body: Any) -> tuple[str, str]:
        """The names of the fields: as the user says, else as the refusal names them, else as is usual."""
        said = [word.lower() for word in _WORD.findall(str(body))]
        usual = "email" if self._asked.email else "username"
        login = next((name for name in LOGINS[:5] if name in said), usual)
        return self._asked.login or login, self._asked.password or "password"

    async def _me(self, first: tuple[str, ...], *, slash: bool) -> list[Call]:
        """Calls that may say who somebody is: those that are not as if there were nothing. `slash`: paths of
        this API end in one."""
        found: list[Call] = []
        hidden: list[Call] = []
        usual = [f"{path}/" for path in _ME] if slash else _ME
        for path in dict.fromkeys((*first, *usual)):
            call = Call(method="GET", path=path)
            heard = await self._talk.call(call, "does it say who somebody is?")
            if heard is not None and await self._is_something(call, heard):
                (hidden if heard.status in _ABSENT else found).append(call)
                if len(found) == _ME_LIMIT:
                    break
        return (found + hidden)[:_ME_LIMIT]

    async def _exists(self, call: Call, purpose: str) -> bool:
        """Whether there is something at a path, asked without a token."""
        bare = replace(call, headers=(), fields=(), empty=bool(call.fields) or call.empty)
        heard = await self._talk.call(bare, purpose)
        if heard is None or heard.status in _ABSENT:
            return False
        return await self._is_something(call, heard)

    async def _is_something(self, call: Call, heard: Heard) -> bool:
        """Whether an answer is another than there is for what does not exist; 404 can be, where it hides
        something from strangers."""
        if heard.status >= 500 or 300 <= heard.status < 400 or heard.status in (405, 501):
            return False
        if call.method not in self._nothing:
            nowhere = Call(method=call.method, path=_NOWHERE, empty=call.empty)
            self._nothing[call.method] = await self._talk.call(
                nowhere, "what is answered where there is nothing?"
            )
        nothing = self._nothing[call.method]
        if nothing is None:
            return heard.status != 404
        return nothing.status != heard.status or _plain(nothing, _NOWHERE) != _plain(heard, call.path)

    def _own_calls(self) -> dict[Role, Call]:
        """The calls that the user names."""
        found: dict[Role, Call] = {}
        for role, (method, path) in self._asked.calls.items():
            if role == "sign_in":
                login, password = self._fields("")
                signing = sign_in_call(path, login, password, form=self._asked.form)
                found[role] = replace(signing, method=method)
            else:
                found[role] = Call(method=method, path=path)
        return found

    def _say(self, about: str, found: str, reason: str, sure: Sureness = "seen") -> None:
        self._conclusions.append(Conclusion(about=about, found=found, reason=reason, sure=sure))

    def _seen(
        self,
        fits: tuple[Fit, ...],
        preset: str | None,
        issuer: str | None,
        calls: Mapping[Role, Call],
        *,
        missing: tuple[Role, ...] = (),
        me: tuple[Call, ...] = (),
    ) -> Seen:
        return Seen(
            fits=fits,
            preset=preset,
            issuer=issuer,
            calls=calls,
            missing=missing,
            me=me,
            conclusions=tuple(self._conclusions),
        )


def _plain(heard: Heard, path: str) -> str:
    """A body without what differs from answer to answer: the path that was asked for, times and ids."""
    return _VARYING.sub("", str(heard.body).replace(path, ""))


def _beside(path: str) -> tuple[str, ...]:
    """Paths next to that of the sign-in."""
    folder = path.rstrip("/").rpartition("/")[0]
    slash = "/" if path.endswith("/") else ""
    return tuple(f"{folder}/{name}{slash}" for name in ("me", "user"))


def _siblings(sign_in: str) -> Mapping[Role, tuple[str, ...]]:
    """Paths beside that of a sign-in which may end a token and renew it."""
    found = _SIGN_IN.search(sign_in)
    folder, slash = (sign_in[: found.start()], found[3]) if found else (sign_in.rpartition("/")[0] + "/", "")
    out = (f"{folder}{found[1]}{found[2]}out{slash}",) if found else (f"{folder}logout", f"{folder}revoke")
    return {"sign_out": out, "refresh": (f"{folder}refresh{slash}",)}
