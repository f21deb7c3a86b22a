"""The auth contract at work: asking the auth API whether a token counts."""

from typing import Any

from portico.auth.evidence import Confirmed
from portico.clock import Clock
from portico.errors import ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime import queries
from portico.runtime.http import Client
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import RunQuery
from portico.values import Secret

#: Longest uid taken from an auth API; ids longer than this are an answer gone wrong.
UID_LIMIT = 256


class ContractRunner:
    """Runs the contract of an app. The answer that counts is the one this server received;
    scripts of pages never touch it (hard-cases 1)."""

    def __init__(self, *, pool: Pool, client: Client, clock: Clock) -> None:
        self._pool = pool
        self._client = client
        self._clock = clock

    async def confirm(self, app: App, token: Secret) -> Confirmed:
        """Ask `me` about a token that a script stored.

        Raises SignInRefused, with a message for the user, if the auth API does not accept it,
        if it cannot be asked, or if its answer names no user. Raises ScriptFailed if the
        sandbox fails.
        """
        contract, program = app.contract, app.contract_program
        if contract is None or contract.me is None or program is None:
            raise SignInRefused("the app has no query `me`")
        start = {"k": "run", "ev": "me", "q": contract.me, "params": {"token": token.reveal()}}
        context, turn = await self._pool.open(_key(app), program, [start], self._clock.now())
        try:
            request = next((effect for effect in turn.effects if isinstance(effect, RunQuery)), None)
            if request is None:
                raise ScriptFailed(f"query {contract.me} of the contract made no request: {turn.errors}")
            result = await queries.run(self._client, app, app.queries[contract.me], request.request)
            if result.answer is None:
                raise SignInRefused(result.message, message=result.message)
            answer = {
                "status": result.answer.status,
                "headers": {name.lower(): value for name, value in result.answer.headers},
                "cookies": result.answer.cookies,
                "body": result.value,
            }
            return self._evidence(token, await self._mapped(context, answer), result.message)
        finally:
            await context.close()

    async def _mapped(self, context: Context, answer: dict[str, Any]) -> dict[str, Any]:
        inputs = [
            {"k": "evaluate", "ev": "me", "name": f"me.{name}", "values": {"response": answer}}
            for name in ("succeeded", "uid", "user", "roles", "error")
        ]
        turn = await context.turn(inputs, self._clock.now())
        return {name.removeprefix("me."): value for name, value in turn.results.items()}

    def _evidence(self, token: Secret, mapped: dict[str, Any], message: str) -> Confirmed:
        if mapped.get("succeeded") is not True:
            words = mapped.get("error")
            shown = words if isinstance(words, str) and words else message
            raise SignInRefused(
                "`me` did not accept the token", message=shown[: queries.MESSAGE_LIMIT] or None
            )
        uid, user, roles = mapped.get("uid"), mapped.get("user"), mapped.get("roles")
        if isinstance(uid, bool) or not isinstance(uid, str | int) or not 0 < len(str(uid)) <= UID_LIMIT:
            raise SignInRefused("the answer of `me` names no uid")
        identity = Identity(
            uid=str(uid),
            user=user if isinstance(user, dict) else {},
            roles=frozenset(role for role in roles if isinstance(role, str))
            if isinstance(roles, list)
            else frozenset(),
        )
        return Confirmed(token=token, identity=identity)


def _key(app: App) -> str:
    return f"{app.slug}@{app.version}"
