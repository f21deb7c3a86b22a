"""The second half of a probe: what the API answers to somebody who signs in, and to who only tries.

One wrong password, one right one, and then what there is to do with a token. What is concluded of an answer
is what a contract makes of it: mappings are added where the defaults, or the preset, do not find what is
there.
"""

from dataclasses import replace
from typing import Any

from portico.clock import Clock
from portico.importers import probe_places as places
from portico.importers.probe_findings import Call, Me, Spot
from portico.importers.probe_life import Life
from portico.importers.probe_presets import login_of
from portico.importers.probe_progress import Held, Progress, is_me, titled
from portico.importers.probe_reading import Reading
from portico.importers.probe_sample import Kind, Sketch
from portico.importers.probe_talk import Heard, Talk
from portico.importers.probe_trial import Trial
from portico.model.query import Role, Sending
from portico.values import Secret, new_id

#: Of what may be the token, how many are tried.
_TRIES = 3


class SignIn:
    """Signs in to one API, and out again."""

    def __init__(
        self, talk: Talk, trial: Trial, clock: Clock, progress: Progress, login: Secret, password: Secret
    ) -> None:
        self._talk = talk
        self._trial = trial
        self._progress = progress
        self._login = login
        self._password = password
        self._search = places.Search((login.reveal(), password.reveal()))
        self._reading = Reading(trial, clock, progress, self._search)
        self._life = Life(talk, trial, progress, self._search)

    async def run(self, candidates: tuple[Call, ...], *, renew: bool) -> None:
        """Try everything; `candidates` may say whose a token is. Raises ProbeStopped and ScriptFailed."""
        call = self._progress.calls["sign_in"]
        wrong = await self._attempt(call, new_id(), "a wrong password, which is a random one")
        right = await self._attempt(call, self._password.reveal(), "the right password")
        if right is None:
            return
        held = await self._held(right, candidates)
        if held is None:
            await self._not_signed_in(right)
            return
        await self._reading.me(held)
        held = await self._reading.sign_in(right, held)
        await self._reading.refusal(wrong, held)
        await self._reading.check(right, wrong, held)
        self._sample(wrong, right, held)
        held = await self._life.renew(held, wanted=renew)
        await self._life.sign_out(right, held)

    def _sample(self, wrong: Heard | None, right: Heard, held: Held) -> None:
        """Note what the answers look like, without a value of theirs."""
        login = self._login.reveal()
        known = {held.token: "access_token", self._login: "email" if "@" in login else "username"}
        if held.refresh is not None:
            known = {held.refresh: "refresh_token", **known}
        self._progress.sketch = Sketch(search=self._search, known=known)
        self._progress.sample("wrong_password", wrong, Kind.REFUSAL)
        self._progress.sample("sign_in", right, Kind.ISSUE)
        self._progress.sample("me", held.me, Kind.USER)
        self._progress.sample("no_token", held.nobody, Kind.REFUSAL)

    async def _attempt(self, call: Call, password: str, purpose: str) -> Heard | None:
        given = {login_of(call): self._login.reveal(), "password": password}
        return await self._talk.call(call, purpose, given)

    async def _value(self, role: Role, name: str, heard: Heard) -> Any:
        return (await self._trial.read(self._progress.draft, role, heard)).get(name)

    async def _held(self, right: Heard, candidates: tuple[Call, ...]) -> Held | None:
        """The first thing that may be a token and that `me` takes, or the likeliest where nothing says."""
        if not right.well and await self._value("sign_in", "succeeded", right) is not True:
            return None
        own = await self._value("sign_in", "token", right)
        spots: list[Spot | None] = [None] if isinstance(own, str) and own else []
        if self._progress.draft.preset is None or not spots:
            spots += self._search.tokens(right)
        first: Held | None = None
        signed_out = {call: await self._talk.call(call, "`me` without a token") for call in candidates}
        for spot in spots[:_TRIES]:
            text = own if spot is None else places.value_at(spot, right)
            for sending in self._sendings(spot):
                held = Held(token=Secret(str(text)), spot=spot, sending=sending)
                first = first or held
                for call, nobody in signed_out.items():
                    heard = await self._talk.call(
                        call, "`me` with the token", {"token": str(text)}, token=str(text), sending=sending
                    )
                    if heard is not None and is_me(self._search, heard, nobody):
                        self._note_signed_out(heard, nobody)
                        return replace(held, call=call, me=heard, nobody=nobody)
        if candidates and first is not None:
            self._progress.say(
                "me",
                "not found",
                "no path that was tried says whose the token is; --me says where",
                "unknown",
            )
        return first

    def _sendings(self, spot: Spot | None) -> list[Sending]:
        """Ways to send a token that stood there, the likeliest first."""
        if self._progress.draft.preset is not None:
            return [self._progress.draft.sending]
        match spot:
            case Spot(part="cookie", steps=(name, *_)):
                return [Sending(header="Cookie", scheme="", cookie=str(name)), Sending()]
            case Spot(part="header", steps=(name, *_)):
                bare = Sending(header=titled(str(name)), scheme="")
                return [Sending(), bare] if bare.header != "Authorization" else [Sending()]
        return [Sending(), Sending(scheme=""), Sending(header="X-Session-Token", scheme="")]

    def _note_signed_out(self, heard: Heard, nobody: Heard | None) -> None:
        hidden = nobody is not None and nobody.well
        status = nobody.status if nobody is not None else None
        self._progress.me = Me(
            status=heard.status, signed_out=status, hidden=hidden, roles=self._search.roles(heard)
        )
        if status is not None:
            how = "with a body that names nobody" if hidden else ""
            self._progress.say("signed out", f"{status} {how}".strip(), "`me` was asked without a token")

    async def _not_signed_in(self, right: Heard) -> None:
        step = self._search.second_step(right)
        if step is not None:
            self._progress.say(
                "sign_in",
                f"another step may have to follow: {places.words(step)}",
                "there is no token in the answer; docs/app-format.md tells of `pending`",
                "likely",
            )
        elif right.well:
            self._progress.say(
                "sign_in", f"{right.status} without a token", "none was found in it", "unknown"
            )
        else:
            self._progress.say(
                "sign_in", f"not accepted: {right.status}", "so nothing was learnt of its tokens", "unknown"
            )
