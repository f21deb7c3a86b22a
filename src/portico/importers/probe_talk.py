"""Talking to an API that is probed: few requests, each of them on record, none of them followed on."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.errors import CallFailed, DestinationRefused, PorticoError, ServiceUnreachable
from portico.importers.probe_findings import Call, Sent
from portico.model.place import Place
from portico.model.query import BodyType, Datasource, Query, Request, Sending
from portico.runtime import queries
from portico.runtime.answer import Answer
from portico.runtime.http import Client
from portico.runtime.sealed import bearing

#: Requests that one probe makes at most, whatever it is told.
REQUESTS = 60
#: Answers longer than this are none that a sign-in is about.
BYTES = 1 << 20
#: Requests in a row without an answer after which no more are made.
PATIENCE = 2

_PARAMETER = re.compile(r"\{\{ this\.params\.(\w+) \}\}")
_PLACE = Place("probe", 1, 1)


class ProbeStopped(PorticoError):
    """The probe cannot go on: there is no such server, it does not answer, or enough was asked."""

    code = "probe_stopped"
    default_message = "The API could not be probed."


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """An answer. `body` is JSON parsed where it is JSON, else text, None where there is none."""

    answer: Answer = field(repr=False)
    body: Any = field(repr=False)

    @property
    def status(self) -> int:
        """The status."""
        return self.answer.status

    @property
    def well(self) -> bool:
        """Whether it is 2xx."""
        return 200 <= self.status < 300

    @property
    def html(self) -> bool:
        """Whether it is a page for people."""
        return isinstance(self.body, str) and self.body.lstrip()[:1] == "<"

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name; the last of a name counts."""
        return {name.lower(): value for name, value in self.answer.headers}


class Talk:
    """Makes requests to one API. `tell` hears of each. Only the origin of `datasource` is ever called, and
    redirects are not followed."""

    def __init__(self, client: Client, datasource: Datasource, tell: Callable[[Sent], None]) -> None:
        self._client = client
        self._datasource = datasource
        self._tell = tell
        self._silent = 0
        self.sent: list[Sent] = []

    async def call(
        self,
        call: Call,
        purpose: str,
        given: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
        sending: Sending | None = None,
    ) -> Heard | None:
        """Make a call, with values for its parameters and, if there is a `token`, with that as `sending`
        says, which is a bearer without it. None where what came is no answer; its reason is on record.

        Raises ProbeStopped where there is no use in going on.
        """
        values = given or {}
        request = Request(
            path=call.path,
            params=_filled(call.params, values),
            headers=_filled(call.headers, values),
            body=dict(_filled(call.fields, values)) if call.fields or call.empty else None,
        )
        if token is not None:
            request = bearing(request, token, sending or Sending())
        return await self._send(call, request, purpose)

    async def _send(self, call: Call, request: Request, purpose: str) -> Heard | None:
        if len(self.sent) >= REQUESTS:
            raise ProbeStopped(message=f"{REQUESTS} requests were made, and more are not made in one probe.")
        body_type: BodyType = "none" if request.body is None else "form" if call.form else "json"
        query = Query(
            name="probe",
            datasource=self._datasource.name,
            method=call.method,
            body_type=body_type,
            place=_PLACE,
        )
        try:
            answer = await self._client.send(self._datasource, query, request)
        except CallFailed as error:
            self._note(call, purpose, None, error.message)
            self._give_up(error)
            return None
        self._silent = 0
        heard = Heard(answer=answer, body=queries.body_of(answer))
        self._note(call, purpose, heard.status)
        return heard

    def _note(self, call: Call, purpose: str, status: int | None, failure: str = "") -> None:
        # Parameters of the contract stay as they are written: no value is on record.
        query = "&".join(f"{name}={value}" for name, value in call.params)
        path = f"{call.path}?{query}" if query else call.path
        sent = Sent(method=call.method, path=path, purpose=purpose, status=status, failure=failure)
        self.sent.append(sent)
        self._tell(sent)

    def _give_up(self, error: CallFailed) -> None:
        """Raise ProbeStopped where the next request would fare no better."""
        if isinstance(error, DestinationRefused):
            raise ProbeStopped(
                error.detail,
                message="This address may not be called. One of this machine or of a private network needs "
                "--allow-private.",
            ) from None
        if isinstance(error, ServiceUnreachable) and len(self.sent) == 1:
            raise ProbeStopped(error.detail, message="The API cannot be reached.") from None
        self._silent += 1
        if self._silent >= PATIENCE:
            raise ProbeStopped(
                error.detail, message=f"The API gave no usable answer {PATIENCE} times in a row."
            ) from None


def _filled(pairs: tuple[tuple[str, str], ...], given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The pairs with their parameters replaced; a pair whose parameter has no value is left out."""
    return tuple(
        (name, _PARAMETER.sub(lambda found: given[found[1]], text))
        for name, text in pairs
        if all(found in given for found in _PARAMETER.findall(text))
    )
