"""What a token lives through: a renewal, a sign-out, and what comes after."""

from dataclasses import replace
from typing import Any

from portico.importers import probe_places as places
from portico.importers.probe_findings import Renewed, SignedOut
from portico.importers.probe_progress import Held, Progress, is_me
from portico.importers.probe_sample import Kind
from portico.importers.probe_talk import Heard, Talk
from portico.importers.probe_trial import Trial
from portico.model.query import Role
from portico.values import Secret

#: How a call that lacks something is answered.
_INCOMPLETE = frozenset({400, 415, 422})

#: Mappings that an answer to a renewal has in common with that to a sign-in.
_GRANTED = ("token", "refresh_token", "expires_in", "expires_at")


class Life:
    """Renews and ends the token of one sign-in, and writes what it learns into `progress`."""

    def __init__(self, talk: Talk, trial: Trial, progress: Progress, search: places.Search) -> None:
        self._talk = talk
        self._trial = trial
        self._progress = progress
        self._search = search

    async def _value(self, role: Role, name: str, heard: Heard) -> Any:
        return (await self._trial.read(self._progress.draft, role, heard)).get(name)

    async def renew(self, held: Held, *, wanted: bool) -> Held:
        """Renew the token, if that is wanted, and try the old refresh token again; the newest token."""
        progress = self._progress
        call = progress.calls.get("refresh")
        if call is None:
            progress.say("refresh", "none", "nothing is known that renews")
            return held
        for name, code in progress.draft.mappings.get("sign_in", {}).items():
            if name in _GRANTED and progress.draft.preset is None:
                # What hands out tokens does it in one way, as far as is known.
                progress.map("refresh", name, code)
        if not wanted:
            reason = "--renew renews once, and tries the old refresh token again"
            progress.say("refresh", "not tried", reason, "unknown")
            return held
        heard = await self._talk.call(call, "a renewal", held.given)
        newest = await self._renewed(held, heard) if heard is not None else None
        self._sample(heard, newest)
        if heard is None or newest is None:
            said = f"{heard.status} without a token" if heard is not None else "no answer"
            progress.say("refresh", said, "it was tried with what the sign-in gave", "unknown")
            if progress.draft.preset is None and "refresh" not in progress.named:
                progress.drop("refresh")
            return held
        old = None
        if held.refresh is not None:
            again = await self._talk.call(call, "a renewal with the old refresh token", held.given)
            old = again.status if again is not None else None
            if again is not None and not again.well:
                progress.sample("dead_refresh_token", again, Kind.REFUSAL)
        rotates = newest.refresh != held.refresh
        progress.renewed = Renewed(status=heard.status, rotates=rotates, old_status=old)
        rotating = "another refresh token each time" if rotates else "the refresh token stays the same"
        said = rotating if held.refresh is not None else "by the token itself"
        progress.say("refresh", said, "it was renewed once")
        if old is not None:
            stays = "stays valid" if 200 <= old < 300 else "is not taken any more"
            progress.say("old refresh token", stays, f"it is answered {old}")
        return newest

    def _sample(self, heard: Heard | None, newest: Held | None) -> None:
        """What a renewal that brought tokens looks like; they are others than those of the sign-in."""
        sketch = self._progress.sketch
        if heard is None or newest is None or sketch is None:
            return
        known = {newest.token: "access_token"}
        if newest.refresh is not None:
            known = {newest.refresh: "refresh_token", **known}
        self._progress.sketch = replace(sketch, known={**sketch.known, **known})
        self._progress.sample("refresh", heard, Kind.ISSUE)

    async def _renewed(self, held: Held, heard: Heard) -> Held | None:
        """The tokens that a renewal brought, or None."""
        progress = self._progress
        if not heard.well:
            return None
        mapped = await self._trial.read(progress.draft, "refresh", heard)
        token, refresh = mapped.get("token"), mapped.get("refresh_token")
        if not isinstance(token, str) or not token:
            spot = next(iter(self._search.tokens(heard)), None)
            if spot is None:
                return None
            progress.map("refresh", "token", places.expression(spot))
            token = str(places.value_at(spot, heard))
        newest = Secret(refresh) if isinstance(refresh, str) and refresh else held.refresh
        return replace(held, token=Secret(token), refresh=newest)

    async def sign_out(self, right: Heard, held: Held) -> None:
        """End the token, and see what it is good for afterwards."""
        progress = self._progress
        call = progress.calls.get("sign_out")
        if call is None:
            progress.say(
                "sign_out", "none", "nothing is known that ends a token; log-out ends the session here"
            )
            return
        given = held.given
        token = held.token.reveal()
        heard = await self._talk.call(call, "the sign-out", given, token=token, sending=held.sending)
        if heard is not None and heard.status in _INCOMPLETE and progress.draft.preset is None:
            spot = self._search.refresh(right)
            if spot is not None and spot.part == "body":
                call = replace(call, fields=((str(spot.steps[-1]), "{{ this.params.refreshToken }}"),))
                progress.keep("sign_out", call)
                heard = await self._talk.call(
                    call, "the sign-out, with the refresh token", given, token=token, sending=held.sending
                )
        if heard is None:
            return
        progress.sample("sign_out", heard, Kind.USER)
        after = None
        if held.call is not None:
            told = {"token": token}
            later = await self._talk.call(
                held.call, "`me` after the sign-out", told, token=token, sending=held.sending
            )
            after = None if later is None else later.status
            ended = later is not None and not is_me(self._search, later, None)
            if ended:
                progress.sample("dead_token", later, Kind.REFUSAL)
            found = "the token is over" if ended else "the token is still good, until it ends by itself"
            progress.say("after sign_out", found, f"`me` answers {after}")
            if ended and await self._value("sign_out", "succeeded", heard) is not True:
                progress.map("sign_out", "succeeded", f"response.status === {heard.status}")
        progress.signed_out = SignedOut(status=heard.status, afterwards=after)
        progress.say("sign_out", f"{call.method} {call.path}: {heard.status}", "it was called with the token")
