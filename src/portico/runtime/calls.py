"""A page's queries on their way to other servers: which token goes along, and what comes of the contract's
own. Tokens are taken out of answers here, before any script sees them."""

import json
from dataclasses import replace
from functools import partial

from portico.auth.sealing import Vault
from portico.errors import CallFailed
from portico.model.app import App
from portico.model.query import GRANTING, Query, Request, Role
from portico.runtime import queries
from portico.runtime.attempts import LIMITS, Attempt, Attempts
from portico.runtime.callees import Callee
from portico.runtime.contract import ContractRunner
from portico.runtime.cookies import Cookies, Sending
from portico.runtime.files import Files
from portico.runtime.meaning import Meaning, cookies_of
from portico.runtime.queries import Result
from portico.runtime.run import NotNow, Run, Step
from portico.runtime.sealed import covers, masked_meta
from portico.runtime.witness import Witness

#: What is said where a token could not be renewed, in the place of the answer that refused it.
NOT_NOW = "The sign-in service cannot be reached right now. Please try again in a moment."


class Calls:
    """Makes the calls of one page."""

    def __init__(
        self,
        app: App,
        *,
        client: Callee,
        contract: ContractRunner,
        attempts: Attempts,
        witness: Witness,
        cookies: Cookies,
        files: Files,
    ) -> None:
        self._app = app
        self._client = client
        self._contract = contract
        self._attempts = attempts
        self._witness = witness
        self._cookies = cookies
        self._files = files

    async def call(self, query: Query, request: Request, run: Run | None, vault: Vault) -> Result:
        """The answer to a query of the event `run`, with what `vault` holds. Never raises for what the other
        side does. Raises ScriptFailed, StoreUnavailable."""
        try:
            request = await self._files.carried(request, query.body_type)
        except CallFailed as error:
            meta = {"statusCode": error.code, "headers": {}, "isExecutionSuccess": False}
            return Result(ok=False, meta=meta, message=error.message)
        contract = self._app.contract
        role = contract.role_of(query.name) if contract is not None else None
        attempt: Attempt | int | None = None
        if role in LIMITED and role is not None:
            attempt = await self._attempts.count(
                self._app.slug, role, run.address if run else "", _named(query, request)
            )
            if isinstance(attempt, int):
                return _too_many(attempt)
        if role in (None, "me") and covers(self._app, self._app.source(query)):
            return await self._with_token(query, request, run, vault, role)
        proven = False
        if contract is None or not contract.holds_tokens or role in (None, "me"):
            result = await self._sent(query, request, run, vault, role)
            proven = result.ok
        elif role == "refresh" and run is not None and run.tokens is not None:
            result = await run.tokens.exchange(
                lambda: self._granting(query, request, run, vault, "refresh"),
                call=self._app.source(query).timeout,
            )
        else:
            result, meaning = await self._granting(query, request, run, vault, role)
            self._keep(meaning, result, run, vault)
            proven = meaning.proves if role in GRANTING else result.ok
            if isinstance(attempt, Attempt) and run is not None and meaning.grant is not None and not proven:
                run.vouched_for = partial(self._attempts.forgive, attempt)
        if isinstance(attempt, Attempt) and proven:
            await self._attempts.forgive(attempt)
        return result

    async def _with_token(
        self, query: Query, request: Request, run: Run | None, vault: Vault, role: Role | None
    ) -> Result:
        """A call with a token that is worth sending. One whose answer refuses the token, with 401 (RFC 9110,
        15.5.2) or in the words of the contract, was not acted on: it is made once more with another."""
        tokens = run.tokens if run is not None else None
        if tokens is not None:
            await tokens.refresh(None)
        used = (tokens.carried if tokens is not None else None) or vault.slots.get("access")
        result = await self._sent(query, request, run, vault, role)
        if tokens is None or used is None:
            return result
        if not await self._contract.refuses(self._app, result, self._witness):
            return result
        other = await tokens.refresh(used)
        if isinstance(other, NotNow):
            meta = {"statusCode": "not_renewed", "headers": {}, "isExecutionSuccess": False}
            return Result(ok=False, meta=meta, message=NOT_NOW)
        if not other:
            return result
        again = await self._sent(query, request, run, vault, role)
        tokens.retried(query.name, str((again.meta or {}).get("statusCode", "")))
        return again

    async def _granting(
        self, query: Query, request: Request, run: Run | None, vault: Vault, role: Role
    ) -> tuple[Result, Meaning]:
        """A call whose answer can hand out tokens, and what it means: that decides whether it went well."""
        sent = await self._sending(query, run, vault)
        result = await self._run(query, request, run, vault, role, sent)
        tokens = sent.session.tokens if sent is not None and sent.session is not None else None
        meaning = await self._contract.read(
            self._app,
            role,
            result,
            self._witness,
            vault,
            jar=sent.jar if sent is not None else None,
            carrier=tokens.carrier if tokens is not None and role == "refresh" else "",
        )
        # What may sign somebody in is no cookie of the user who is signed in until then.
        kept = meaning.grant is None and not meaning.pending
        if sent is not None and kept and (role not in GRANTING or not sent.signed_in):
            await self._keep_cookies(sent, result, run, vault)
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
            sealed = vault.kept(json.dumps(result.value))
            run.granted(Step(answer=result.value, sealed=sealed, cookies=cookies_of(result)))
        elif meaning.grant is not None:
            run.granted(meaning.grant)
        self._cookies.show(run, vault)

    async def _sent(
        self, query: Query, request: Request, run: Run | None, vault: Vault, role: Role | None
    ) -> Result:
        sent = await self._sending(query, run, vault)
        result = await self._run(query, request, run, vault, role, sent)
        if sent is not None:
            await self._keep_cookies(sent, result, run, vault)
        return result

    async def _run(
        self,
        query: Query,
        request: Request,
        run: Run | None,
        vault: Vault,
        role: Role | None,
        sent: Sending | None,
    ) -> Result:
        holds = self._app.contract is not None and self._app.contract.holds_tokens
        # The token that there is does not go with cookies of a sign-in that has not come to its end.
        holds = holds and (run is None or run.cookies is None)
        access = vault.slots.get("access") if holds and role in (None, "me", "sign_out") else None
        bearer = vault.seal(access.reveal()) if access is not None else None
        jar = sent.jar if sent is not None else None
        return await queries.run(self._client, self._app, query, request, vault, bearer=bearer, jar=jar)

    async def _sending(self, query: Query, run: Run | None, vault: Vault) -> Sending | None:
        """The cookies for a query; None where none are kept."""
        keeps = self._app.source(query).keep_cookies
        return await self._cookies.sending(run, vault) if keeps else None

    async def _keep_cookies(self, sent: Sending, result: Result, run: Run | None, vault: Vault) -> None:
        if result.set_cookies is not None:
            await self._cookies.take(sent, result.set_cookies, run, vault)


LIMITED = LIMITS.keys()


def _named(query: Query, request: Request) -> Request:
    """A request whose values have names: those of a statement are known by their columns."""
    if query.statement is None or not isinstance(request.body, list):
        return request
    columns = query.statement.columns
    named = {columns[index]: value for index, value in enumerate(request.body) if index in columns}
    return replace(request, body=named)


def _too_many(seconds: int) -> Result:
    """An attempt that was not made."""
    meta = {
        "statusCode": queries.status_line(429),
        "headers": {"retry-after": [str(seconds)]},
        "isExecutionSuccess": False,
    }
    return Result(ok=False, meta=meta, message=queries.too_many(seconds))
