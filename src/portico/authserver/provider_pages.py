"""A page that stands in for every sign-in provider: whoever opens it says who they are there, and consents.

It asks for no password, like the page of any mock provider. Only this machine reaches it, where the mailbox
opens every account as well.
"""

import hashlib
import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import final
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.authserver.body import BodyMalformed, read_body
from portico.authserver.database import Database
from portico.authserver.local_pages import page
from portico.authserver.moments import to_ms
from portico.clock import Clock
from portico.errors import TooLarge
from portico.values import new_id

#: Below which path of its mount the page is.
PATH = "/_provider"

_BODY_LIMIT = 16 * 1024
_LONGEST = 200
_CODE_LIFETIME = timedelta(minutes=1)
_FORM = Markup(
    "<p>This page of the auth server stands in for <b>{provider}</b>. Say who signs in there.</p>"
    '{problem}<form method="post" action="{action}">'
    '<input type="hidden" name="provider" value="{provider}">'
    '<input type="hidden" name="state" value="{state}">'
    '<label>User name at {provider} <input name="account" value="{account}" required autofocus></label>'
    '<label>Full name <input name="name" value="{name}"></label>'
    '<label>E-mail address <input name="email" type="email" value="{email}" required></label>'
    '<label><input type="checkbox" name="verified" value="yes" {checked}>'
    " {provider} has verified this address</label>"
    '<button name="decision" value="allow">Sign in and allow</button>'
    '<button name="decision" value="deny" formnovalidate>Deny</button></form>'
)
_PROBLEM = Markup('<p role="alert">{problem}</p>')
_FIELDS = ("provider", "state", "account", "name", "email", "verified", "decision")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody as the provider knows them: by `subject`, whatever the rest says at another time."""

    subject: str
    name: str
    email: str
    verified: bool


@final
class Provider:
    """The page, and the codes that it hands out: good once, for a minute, kept as hashes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def show(self, request: Request) -> Response:
        """The form, for the provider and the state in the query."""
        asked = {name: request.query_params.get(name, "") for name in ("provider", "state")}
        return _form(request.url.path, {**asked, "verified": "yes"})

    async def decide(self, request: Request) -> Response:
        """What was decided goes to the callback, with the state that came."""
        try:
            body = await read_body(request, _BODY_LIMIT)
        except (BodyMalformed, TooLarge):
            body = {}
        sent = body if isinstance(body, dict) else {}
        fields = {name: value for name in _FIELDS if isinstance(value := sent.get(name), str)}
        if fields.get("decision") != "allow":
            return _back(request, fields, {"error": "access_denied"})
        problem = _problem(fields)
        if problem:
            return _form(request.url.path, fields, problem)
        person = Person(
            subject=fields["account"],
            name=fields.get("name", ""),
            email=fields["email"].lower(),
            verified="verified" in fields,
        )
        return _back(request, fields, {"code": await self._issue(fields.get("provider", ""), person)})

    async def redeem(self, provider: str, code: str) -> Person | None:
        """Who a code of this provider stands for, for the first who asks."""
        now = to_ms(self._clock.now())
        row = await self._database.write(
            lambda connection: connection.execute(
                "DELETE FROM provider_codes WHERE code_hash = ? AND provider = ? AND expires_at > ?"
                " RETURNING person",
                (_hash(code), provider, now),
            ).fetchone()
        )
        return None if row is None else Person(**json.loads(row["person"]))

    async def _issue(self, provider: str, person: Person) -> str:
        code, now = new_id(32), self._clock.now()
        row = (_hash(code), provider, json.dumps(asdict(person)), to_ms(now + _CODE_LIFETIME))

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM provider_codes WHERE expires_at <= ?", (to_ms(now),))
            connection.execute("INSERT INTO provider_codes VALUES (?, ?, ?, ?)", row)

        await self._database.write(insert)
        return code


def _problem(fields: dict[str, str]) -> str:
    if not fields.get("account"):
        return "The user name is missing."
    if not 3 <= len(fields.get("email", "")) <= _LONGEST or "@" not in fields["email"][1:-1]:
        return "The e-mail address is missing or none."
    if any(len(fields.get(name, "")) > _LONGEST for name in ("account", "name")):
        return f"A name is too long: at most {_LONGEST} characters."
    return ""


def _form(path: str, fields: dict[str, str], problem: str = "") -> Response:
    shown = {name: fields.get(name, "") for name in ("provider", "state", "account", "name", "email")}
    content = _FORM.format(
        **shown,
        action=path,
        checked="checked" if "verified" in fields else "",
        problem=_PROBLEM.format(problem=problem) if problem else "",
    )
    answer = page("Sign in", content)
    answer.status_code = 422 if problem else 200
    return answer


def _back(request: Request, fields: dict[str, str], said: dict[str, str]) -> Response:
    """303, so that what was filled in is not posted on (P28)."""
    asked = urlencode({**said, "state": fields.get("state", "")})
    callback = request.url.path.removesuffix(PATH) + "/callback"
    return RedirectResponse(f"{callback}?{asked}", status_code=303, headers={"Cache-Control": "no-store"})


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
