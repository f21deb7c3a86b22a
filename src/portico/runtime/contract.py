"""The auth contract at work: asking the auth API whether a token counts."""

from collections.abc import Mapping
from typing import Any

from portico.auth.evidence import Confirmed
from portico.clock import Clock
from portico.errors import ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime import queries
from portico.runtime.http import Client
from portico.runtime.witness import Witness
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import RunQuery, Turn
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

    async def confirm(self, app: App, token: Secret, witness: Witness) -> Confirmed:
        """Ask `me` about a token that a script stored; `witness` is of the page where it did.

        Raises SignInRefused, with a message for the user, if the auth API does not accept it,
        if it cannot be asked, or if its answer names no user. Raises ScriptFailed if the
        sandbox fails.
        """
        contract, program = app.contract, app.contract_program
        if contract is None or contract.me is None or program is None:
            raise SignInRefused("the app has no query `me`")
        cause = "signing in"
        start = {"k": "run", "ev": "me", "q": contract.me, "params": {"token": token.reveal()}}
        context, turn = await self._pool.open(app.key, program, [start], self._clock.now())
        try:
            for error in turn.errors:
                witness.failed(error, cause, program)
            request = next((effect for effect in turn.effects if isinstance(effect, RunQuery)), None)
            if request is None:
                raise ScriptFailed(f"query {contract.me} of the contract made no request")
            query = app.queries[contract.me]
            answered = witness.called(request, query, cause)
            result = await queries.run(self._client, app, query, request.request)
            answered(result)
            if result.answer is None:
                raise SignInRefused(result.message, message=result.message)
            answer = {
                "status": result.answer.status,
                "headers": {name.lower(): value for name, value in result.answer.headers},
                "cookies": result.answer.cookies,
                "body": result.value,
            }
            mapped = await self._mapped(context, answer)
            for error in mapped.errors:
                witness.failed(error, cause, program)
            return self._evidence(token, mapped.results, result.message)
        finally:
            await context.close()

    async def _mapped(self, context: Context, answer: dict[str, Any]) -> Turn:
        inputs = [
            {"k": "evaluate", "ev": "me", "name": f"me.{name}", "values": {"response": answer}}
            for name in ("succeeded", "uid", "user", "roles", "error")
        ]
        return await context.turn(inputs, self._clock.now())

    def _evidence(self, token: Secret, results: Mapping[str, Any], message: str) -> Confirmed:
        mapped = {name.removeprefix("me."): value for name, value in results.items()}
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
