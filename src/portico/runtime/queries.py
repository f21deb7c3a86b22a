"""Running a query: from an evaluated request to what scripts see of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from portico.auth.jar import Jar
from portico.auth.opener import Opener
from portico.auth.sealing import Vault
from portico.auth.set_cookie import SetCookies
from portico.errors import AnswerInvalid, CallFailed, DestinationRefused
from portico.model.app import App
from portico.model.query import Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.callees import Callee
from portico.runtime.destination import Destination
from portico.runtime.sealed import bearing, covers, masked_meta, sealed_meta, stays

#: Longest message of another server that is shown to a user.
MESSAGE_LIMIT = 300

#: Headers that scripts never see: a cookie of the auth API is a token (hard-cases 4).
HIDDEN_HEADERS = frozenset({"set-cookie", "set-cookie2"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of a query. `value` is the body as scripts see it: JSON parsed, else text;
    `meta` is `responseMeta`; `message` is public and says why `ok` is false; `stayed` says why a token was
    sent sealed, if one was."""

    ok: bool
    value: Any = None
    meta: Mapping[str, Any] | None = None
    message: str = ""
    answer: Answer | None = None
    stayed: str = ""

    @property
    def set_cookies(self) -> SetCookies | None:
        """The cookies that the answer sets, where they are kept."""
        return self.answer.set_cookies if self.answer is not None else None


async def run(
    client: Callee,
    app: App,
    query: Query,
    request: Request,
    vault: Vault,
    *,
    bearer: str | None = None,
    jar: Jar | None = None,
) -> Result:
    """Call the query's datasource, with the tokens of `vault` if it is one of the auth API's. Then `bearer`,
    a sealed token, goes with it, unless the query says otherwise. With a `jar` its cookies go along, if the
    datasource keeps them, and what the answer sets is in `Result.set_cookies`. Never raises for what the
    other side does."""
    datasource = app.source(query)
    covered = covers(app, datasource)
    if covered and bearer is not None and app.contract is not None:
        request = bearing(request, bearer, app.contract.sending)
    jar = jar if datasource.keep_cookies else None
    opener = Opener(vault=vault, tokens=covered, issuer=_issuer(datasource) if jar is not None else "")
    stayed = stays(request, opener, datasource)
    try:
        answer = await client.send(datasource, query, request, opener, jar)
    except CallFailed as error:
        meta = {"statusCode": error.code, "headers": {}, "isExecutionSuccess": False}
        return Result(ok=False, meta=meta, message=error.message, stayed=stayed)
    value = body_of(answer)
    failure = graphql_failure(value) if query.kind == "graphql" else ""
    ok = 200 <= answer.status < 300 and not failure
    meta = meta_of(answer, ok)
    if jar is not None and answer.set_cookies is not None:
        change = answer.set_cookies
        # What the body repeats of them is sealed, too.
        after = jar.taking((change,), change.at)
        vault.hold({**vault.slots, **after.slots}, {**vault.handles, **after.handles})
        meta["cookies"] = {cookie.name: jar.handle(change.issuer, cookie.name) for cookie in change.alive}
    if covered and query.seal:
        value, meta = vault.seal_answer(value), sealed_meta(meta, vault)
    elif not covered:
        value, meta = vault.mask_answer(value), masked_meta(meta, vault)
    return Result(
        ok=ok,
        value=value,
        meta=meta,
        message="" if ok else failure[:MESSAGE_LIMIT] or message_of(answer.status, value),
        answer=answer,
        stayed=stayed,
    )


def _issuer(datasource: Datasource) -> str:
    try:
        return Destination.of(datasource).issuer(datasource).key
    except DestinationRefused:
        # The call itself says so.
        return ""


def body_of(answer: Answer) -> Any:
    """The body as scripts see it: JSON where it is JSON (its label may be wrong), else text;
    None where there is none."""
    if not answer.body:
        return None
    try:
        return answer.json()
    except AnswerInvalid:
        return answer.text


def graphql_failure(body: Any) -> str:
    """Why a document was not executed, in the words of the first of its errors; "" if it was, whatever is
    missing in its data (GraphQL, 7.1)."""
    match body:
        case {"errors": [first, *_], **rest} if rest.get("data") is None:
            words = first.get("message") if isinstance(first, dict) else None
            return words if isinstance(words, str) and words else "The service did not execute the query."
    return ""


def meta_of(answer: Answer, ok: bool) -> dict[str, Any]:
    """`responseMeta`: the status as "200 OK", headers by lower-case name as lists."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        if name.lower() not in HIDDEN_HEADERS:
            headers.setdefault(name.lower(), []).append(value)
    return {"statusCode": status_line(answer.status), "headers": headers, "isExecutionSuccess": ok}


def status_line(status: int) -> str:
    """`200 OK`, or the bare number of a status without a name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def message_of(status: int, body: Any) -> str:
    """The public message of a refused call: the API's own words for 4xx, in any of the shapes
    seen (`reference/auth-backends.md`); for anything else ours, as a 5xx body may hold anything."""
    words = _words(body) if 400 <= status < 500 else None
    if words:
        return words[:MESSAGE_LIMIT]
    if status == 429:
        return too_many(None)
    return f"The service answered with an error ({status_line(status)})."


def too_many(seconds: int | None) -> str:
    """What is said where there were too many attempts; `seconds` is how long to wait, if that is known."""
    if seconds is None:
        return "Too many attempts. Please wait a moment and try again."
    wait = f"{seconds} second{'' if seconds == 1 else 's'}"
    if seconds > 90:
        wait = f"{-(-seconds // 60)} minutes"
    return f"Too many attempts. Please try again in {wait}."


def _words(body: Any) -> str | None:
    """The sentence in an error body: bare string, `message`, `msg`, `detail`,
    `error_description`, `error.message`, `errors[0].message` or `error`."""
    match body:
        case str() if body.strip() and "<" not in body:
            return body.strip()
        case {"message": str(words)} | {"msg": str(words)} | {"detail": str(words)} if words:
            return words
        # FastAPI lists what is wrong with each field.
        case {"detail": [{"msg": str(words)}, *_]} if words:
            return words
        case {"error_description": str(words)} | {"error": {"message": str(words)}} if words:
            return words
        case {"errors": [{"message": str(words)}, *_]} | {"error": str(words)} if words:
            return words
    return None
