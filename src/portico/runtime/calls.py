"""A page's queries on their way to other servers: which token goes along, and what comes of the contract's
own. Tokens are taken out of answers here, before any script sees them."""

import json
from dataclasses import replace

from portico.auth.sealing import Vault
from portico.model.app import App
from portico.model.query import Query, Request, Role
from portico.runtime import queries
from portico.runtime.attempts import LIMITS, Attempt, Attempts
from portico.runtime.contract import ContractRunner
from portico.runtime.http import Client
from portico.runtime.meaning import Meaning
from portico.runtime.queries import Result
from portico.runtime.run import NotNow, Run, Step
from portico.runtime.sealed import covers, masked_meta
from portico.runtime.witness import Witness

#: What is said where a token could not be renewed, in the place of the 401 that follows.
NOT_NOW = "The sign-in service cannot be reached right now. Please try again in a moment."


class Calls:
    """Makes the calls of one page."""

    def __init__(
        self, app: App, *, client: Client, contract: ContractRunner, attempts: Attempts, witness: Witness
    ) -> None:
        self._app = app
        self._client = client
        self._contract = contract
        self._attempts = attempts
        self._witness = witness

    async def call(self, query: Query, request: Request, run: Run | None, vault: Vault) -> Result:
        """The answer to a query of the event `run`, with what `vault` holds. Never raises for what the other
        side does. Raises ScriptFailed, StoreUnavailable."""
        contract = self._app.contract
        role = contract.role_of(query.name) if contract is not None else None
        attempt: Attempt | int | None = None
        if role in LIMITED and role is not None:
            attempt = self._attempts.count(self._app.slug, role, run.address if run else "", request)
            if isinstance(attempt, int):
                return _too_many(attempt)
        if role in (None, "me") and covers(self._app, self._app.datasources[query.datasource]):
            return await self._with_token(query, request, run, vault, role)
        if contract is None or not contract.holds_tokens or role in (None, "me"):
            result = await self._sent(query, request, vault, role)
        elif role == "refresh" and run is not None and run.tokens is not None:
            result = await run.tokens.exchange(lambda: self._granting(query, request, vault, "refresh"))
        else:
            result, meaning = await self._granting(query, request, vault, role)
            self._keep(meaning, result, run, vault)
        if isinstance(attempt, Attempt) and result.ok:
            self._attempts.forgive(attempt)
        return result

    async def _with_token(
        self, query: Query, request: Request, run: Run | None, vault: Vault, role: Role | None
    ) -> Result:
        """A call with a token that is worth sending. One that was refused with 401 was not acted on
        (RFC 9110, 15.5.2): it is made once more with another token."""
        tokens = run.tokens if run is not None else None
        if tokens is not None:
            await tokens.refresh(None)
        used = vault.slots.get("access")
        result = await self._sent(query, request, vault, role)
        if tokens is None or used is None or result.answer is None or result.answer.status != 401:
            return result
        other = await tokens.refresh(used)
        if isinstance(other, NotNow):
            meta = {"statusCode": "not_renewed", "headers": {}, "isExecutionSuccess": False}
            return Result(ok=False, meta=meta, message=NOT_NOW)
        return await self._sent(query, request, vault, role) if other else result

    async def _granting(
        self, query: Query, request: Request, vault: Vault, role: Role
    ) -> tuple[Result, Meaning]:
        """A call whose answer can hand out tokens, and what it means: that decides whether it went well."""
        result = await self._sent(query, request, vault, role)
        meaning = await self._contract.read(self._app, role, result, self._witness, vault)
        if result.answer is None:
            return result, meaning
        ok = meaning.succeeded or meaning.pending
        meta = masked_meta(result.meta or {"headers": {}}, vault)
        return replace(
            result,
            ok=ok,
            value=vault.mask_answer(result.value),
            meta={**meta, "isExecutionSuccess": ok},
            message="" if ok else meaning.message,
        ), meaning

    def _keep(self, meaning: Meaning, result: Result, run: Run | None, vault: Vault) -> None:
        """What an answer handed out belongs to the event; that of one that is over, to nobody."""
        if run is None:
            return
        if meaning.pending:
            run.grants.append(Step(answer=result.value, sealed=vault.kept(json.dumps(result.value))))
        elif meaning.grant is not None:
            run.grants.append(meaning.grant)

    async def _sent(self, query: Query, request: Request, vault: Vault, role: Role | None) -> Result:
        holds = self._app.contract is not None and self._app.contract.holds_tokens
        access = vault.slots.get("access") if holds and role in (None, "me", "sign_out") else None
        bearer = vault.seal(access.reveal()) if access is not None else None
        return await queries.run(self._client, self._app, query, request, vault, bearer=bearer)


LIMITED = LIMITS.keys()


def _too_many(seconds: int) -> Result:
    """An attempt that was not made."""
    meta = {
        "statusCode": queries.status_line(429),
        "headers": {"retry-after": [str(seconds)]},
        "isExecutionSuccess": False,
    }
    return Result(ok=False, meta=meta, message=queries.too_many(seconds))
