"""What the answers of a sign-in mean, and which mappings a contract needs to see it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from portico.auth.sealing import subject_of
from portico.auth.token_shapes import is_jwt
from portico.auth.tokens import expiry_of
from portico.clock import Clock
from portico.definition.auth import DEFAULTS
from portico.importers import probe_places as places
from portico.importers.probe_findings import Call, Refused, SignedIn, Spot
from portico.importers.probe_presets import calls_of, says_roles
from portico.importers.probe_progress import Held, Progress, titled
from portico.importers.probe_talk import Heard
from portico.importers.probe_trial import Trial
from portico.model.query import Role, Sending
from portico.runtime.meaning import end_of
from portico.values import Secret

_NO_WORDS = "'The sign-in did not succeed.'"


class Reading:
    """Reads the answers of one API, and writes what it learns into `progress`."""

    def __init__(self, trial: Trial, clock: Clock, progress: Progress, search: places.Search) -> None:
        self._trial = trial
        self._clock = clock
        self._progress = progress
        self._search = search

    async def _value(self, role: Role, name: str, heard: Heard) -> Any:
        return (await self._trial.read(self._progress.draft, role, heard)).get(name)

    async def me(self, held: Held) -> None:
        """The answer of `me`: whom it names, and how it tells that from nobody."""
        progress, heard, call = self._progress, held.me, held.call
        preset = progress.draft.preset
        if heard is None or call is None:
            progress.drop("me")
            if preset is not None and "me" in calls_of(preset) and "me" not in progress.draft.missing:
                # A sign-in would ask it, and be refused.
                progress.draft = replace(progress.draft, missing=(*progress.draft.missing, "me"))
            return
        progress.calls["me"] = call
        own: dict[Role, Call] = (
            {} if preset is not None and calls_of(preset).get("me") == call else {"me": call}
        )
        progress.draft = replace(
            progress.draft,
            calls={**progress.draft.calls, **own},
            sending=held.sending,
            missing=tuple(role for role in progress.draft.missing if role != "me"),
        )
        progress.say(
            "me", f"{call.method} {call.path}", "it names the user with the token, and nobody without"
        )
        found = self._search.user(heard)
        if found is None:
            return
        user, uid = found
        if not _names(await self._value("me", "uid", heard)):
            progress.map("me", "uid", places.expression(uid))
            progress.map("me", "user", places.expression(user))
            progress.say("uid", places.words(uid), "`me` names the user there")
        else:
            progress.say("uid", "where it is looked for", "`me` names the user there")
        if held.nobody is not None and await self._value("me", "succeeded", held.nobody) is True:
            progress.map("me", "succeeded", f"Boolean({places.expression(uid)})")
        if preset is None or not says_roles(preset):
            self._roles(self._search.roles(heard))

    def _roles(self, spots: tuple[Spot, ...]) -> None:
        if spots:
            where = ", ".join(places.words(spot) for spot in spots)
            self._progress.say(
                "roles",
                f"may stand in {where}",
                "of `me`; they are not written, as users may be able to change them: see docs/access.md",
                "likely",
            )

    async def sign_in(self, right: Heard, held: Held) -> Held:
        """The answer to the right password: the token, its end, who it is; with what renews it."""
        progress = self._progress
        if held.spot is not None:
            progress.map("sign_in", "token", places.expression(held.spot))
        if progress.draft.preset is None:
            progress.draft = replace(progress.draft, sending=held.sending)
        mapped = await self._trial.read(progress.draft, "sign_in", right)
        if mapped.get("succeeded") is not True:
            progress.map("sign_in", "succeeded", f"response.status === {right.status}")
        token = held.token.reveal()
        where = places.words(held.spot) if held.spot is not None else "where it is looked for"
        proof = "`me` takes it" if held.me is not None else "it is called so"
        progress.say("token", where, proof, "seen" if held.me is not None else "likely")
        progress.say("sending", _said(held.sending), proof, "seen" if held.me is not None else "likely")
        await self._read_refresh(right, mapped)
        lifetime, source = await self._lifetime(right, token)
        if held.me is None:
            await self._read_user(right, mapped, token)
        refresh = await self._value("sign_in", "refresh_token", right)
        progress.signed_in = SignedIn(
            status=right.status,
            token=held.spot,
            kind="JWT" if is_jwt(token) else "opaque",
            lifetime=lifetime,
            lifetime_from=source,
            refreshes=isinstance(refresh, str),
            roles=self._search.roles(right),
        )
        return replace(held, refresh=Secret(refresh)) if isinstance(refresh, str) else held

    async def _read_refresh(self, right: Heard, mapped: Mapping[str, Any]) -> None:
        spot = self._search.refresh(right)
        progress = self._progress
        found = isinstance(mapped.get("refresh_token"), str)
        if spot is not None and not found:
            progress.map("sign_in", "refresh_token", places.expression(spot))
        if spot is not None:
            progress.say("refresh token", places.words(spot), "it is called so", "likely")
        call = progress.calls.get("refresh")
        if progress.draft.preset is not None or call is None:
            return
        if spot is None and "refresh" not in progress.named:
            # A renewal that fails ends the session, and nothing speaks for this one.
            progress.drop("refresh")
        else:
            progress.keep("refresh", _renewing(call, spot))

    async def _lifetime(self, right: Heard, token: str) -> tuple[int | None, str]:
        """How long the token is good for, in seconds, and what says so."""
        progress, now = self._progress, self._clock.now()
        end = end_of(await self._trial.read(progress.draft, "sign_in", right), now)
        source = "the answer, as the contract reads it,"
        if end is None:
            end, source = expiry_of(token), "the token itself"
        if end is None and (spot := self._search.end(right)) is not None:
            name = "expires_at" if end_of({"expires_at": places.value_at(spot, right)}, now) else ""
            value = places.value_at(spot, right)
            if isinstance(value, int | float) and value < 1e9:
                name = "expires_in"
            if name:
                progress.map("sign_in", name, places.expression(spot))
                end, source = end_of({name: value}, now), places.words(spot)
        if end is None:
            progress.say("end", "unknown", "neither the answer nor the token says when it ends", "unknown")
            return None, ""
        seconds = max(0, round((end - now) / timedelta(seconds=1)))
        progress.say("end", f"after {seconds} s", f"{source} says so")
        return seconds, source

    async def _read_user(self, right: Heard, mapped: Mapping[str, Any], token: str) -> None:
        """Without `me`, the sign-in itself has to say who it is."""
        progress = self._progress
        if _names(mapped.get("uid")):
            progress.say("uid", "where it is looked for", "the answer to the sign-in names the user")
        elif (found := self._search.user(right)) is not None:
            progress.map("sign_in", "uid", places.expression(found[1]))
            progress.map("sign_in", "user", places.expression(found[0]))
            progress.say("uid", places.words(found[1]), "of the answer to the sign-in", "likely")
        elif subject_of(token) is not None:
            progress.say("uid", "`sub` of the token", "nothing else names the user")
        else:
            progress.say("uid", "not found", "neither `me` nor the sign-in names the user", "unknown")

    async def refusal(self, wrong: Heard | None, held: Held) -> None:
        """The answer to the wrong password: that nobody is signed in, and the words for it."""
        progress = self._progress
        if wrong is None:
            return
        mapped = await self._trial.read(progress.draft, "sign_in", wrong)
        if mapped.get("succeeded") is True and not mapped.get("token"):
            looked = places.expression(held.spot) if held.spot is not None else DEFAULTS["sign_in"]["token"]
            progress.map("sign_in", "succeeded", f"Boolean({looked})")
        error = mapped.get("error")
        good = isinstance(error, str) and bool(error.strip()) and not wrong.html
        spot = None if good else self._search.words(wrong)
        if spot is not None:
            progress.map("sign_in", "error", places.expression(spot))
        elif not good and wrong.html:
            progress.map("sign_in", "error", _NO_WORDS)
        progress.refused = Refused(status=wrong.status, words=good or spot is not None)
        if wrong.status == 429:
            progress.say("wrong password", "429", "the API limits attempts: try again later", "unknown")
        elif good or spot is not None:
            where = places.words(spot) if spot is not None else "where they are looked for"
            progress.say("wrong password", f"{wrong.status}, its words are {where}", "one was tried")
        else:
            progress.say(
                "wrong password", f"{wrong.status}, without words", "one was tried; Portico has its own"
            )

    async def check(self, right: Heard, wrong: Heard | None, held: Held) -> None:
        """What an app with the whole contract makes of the answers that came."""
        progress = self._progress
        good = await self._trial.read(progress.draft, "sign_in", right)
        bad = await self._trial.read(progress.draft, "sign_in", wrong) if wrong is not None else {}
        signs_in = good.get("succeeded") is True and good.get("token") == held.token.reveal()
        who = await self._value("me", "uid", held.me) if held.me is not None else good.get("uid")
        known = _names(who) or subject_of(held.token.reveal()) is not None
        if signs_in and bad.get("succeeded") is not True and known:
            progress.say("contract", "signs in", "its mappings were tried on the answers that came")
        else:
            fault = (
                "takes no token" if not signs_in else "names no user" if not known else "takes any password"
            )
            progress.say("contract", fault, "its mappings were tried on the answers that came", "unknown")


def _names(uid: Any) -> bool:
    """Whether a value can be who somebody is."""
    return isinstance(uid, str | int) and not isinstance(uid, bool) and uid != ""


def _renewing(call: Call, spot: Spot | None) -> Call:
    """A call that renews, with what it takes: the refresh token as it came, or else the token."""
    if call.fields or call.headers:
        return call
    if spot is None:
        return replace(call, headers=(("Authorization", "Bearer {{ this.params.token }}"),))
    name, value = str(spot.steps[-1]), "{{ this.params.refreshToken }}"
    if spot.part == "cookie":
        return replace(call, headers=(("Cookie", f"{name}={value}"),))
    if spot.part == "header":
        return replace(call, headers=((titled(name), value),))
    return replace(call, fields=((name, value),))


def _said(sending: Sending) -> str:
    if sending.cookie:
        return f"the cookie `{sending.cookie}`"
    return f"the header `{sending.header}`" + (f", after `{sending.scheme}`" if sending.scheme else ", bare")
