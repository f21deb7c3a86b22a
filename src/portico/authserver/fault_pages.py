"""`/_faults`, `/_faults/counters` and `/_clock`: the switches of an adversary, for this machine alone.

Whoever can reach them decides who is signed in and when: they exist only where the server was started with
`--faults`, are asked from this machine under a name of it, and by no page of another site (`local_pages`).
"""

import json
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.body import BodyMalformed, read_bytes
from portico.authserver.fault_words import SPELLINGS, FaultInvalid
from portico.authserver.faults import Count, Fault, Faults, Standing
from portico.authserver.local_pages import Handler, local
from portico.authserver.moments import iso
from portico.clock import Clock, duration, spelled
from portico.errors import PorticoError, TooLarge

OFF = "Fault switches are off: start the auth server with --faults to use them."

_LARGEST = 64 << 10
_FARTHEST = timedelta(days=3650)
_UNSEEN = {"Cache-Control": "no-store"}


class FaultPages:
    """The switches over one server's faults and clock; without faults, each says that it is off."""

    def __init__(self, faults: Faults | None, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock

    def routes(self) -> list[Route]:
        """All of them."""
        if self._faults is None:
            paths = ("/_faults", "/_faults/counters", "/_clock")
            return [Route(path, local(_off), methods=["GET", "POST", "DELETE"]) for path in paths]
        switches = _Switches(self._faults, self._clock)
        return [
            _route("/_faults", "GET", switches.show),
            _route("/_faults", "POST", switches.add),
            _route("/_faults", "DELETE", switches.clear),
            _route("/_faults/counters", "GET", switches.count),
            _route("/_faults/counters", "DELETE", switches.reset),
            _route("/_clock", "GET", switches.tell),
            _route("/_clock", "POST", switches.advance),
        ]


class _Switches:
    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock

    async def show(self, _: Request) -> Response:
        shown = [_shown(standing) for standing in self._faults.standing]
        return _json({"faults": shown, "spellings": list(SPELLINGS)})

    async def add(self, request: Request) -> Response:
        """All that the body names, or none of it."""
        faults = [Fault.parse(spelled) for spelled in _spellings(await read_bytes(request, _LARGEST))]
        return _json({"faults": [_shown(standing) for standing in self._faults.add(*faults)]}, 201)

    async def clear(self, request: Request) -> Response:
        named = request.query_params.getlist("fault")
        if not named:
            return _json({"cleared": self._faults.clear()})
        return _json({"cleared": sum(self._faults.clear(Fault.parse(text)) for text in named)})

    async def count(self, _: Request) -> Response:
        return _json([_counted(count) for count in self._faults.counters])

    async def reset(self, _: Request) -> Response:
        self._faults.reset_counters()
        return _json([])

    async def tell(self, _: Request) -> Response:
        return _json({"now": iso(self._clock.now())})

    async def advance(self, request: Request) -> Response:
        match _parsed(await read_bytes(request, _LARGEST)):
            case {"advance": str(text), **others} if not others:
                by = _duration(text)
            case _:
                raise BodyMalformed(message='Written {"advance": "61m"}.')
        if by > _FARTHEST:
            raise BodyMalformed(message="That is too far: at most ten years at once.")
        self._clock.advance(by)
        return _json({"now": iso(self._clock.now()), "advanced": spelled(by)})


async def _off(_: Request) -> Response:
    return _json({"message": OFF}, 404)


def _route(path: str, method: str, handler: Handler) -> Route:
    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except (FaultInvalid, BodyMalformed) as error:
            return _refused(error, 400)
        except TooLarge as error:
            return _refused(error, 413)

    return Route(path, local(answered), methods=[method])


def _refused(error: PorticoError, status: int) -> Response:
    return _json({"message": error.message}, status)


def _json(value: object, status: int = 200) -> Response:
    return JSONResponse(value, status, headers=_UNSEEN)


def _shown(standing: Standing) -> dict[str, object]:
    return {"id": standing.id, "fault": standing.fault.text, "left": standing.left}


def _counted(count: Count) -> dict[str, object]:
    return {
        "endpoint": count.endpoint,
        "user": count.user,
        "token": count.token,
        "calls": count.calls,
        "faulty": count.faulty,
    }


def _spellings(body: bytes) -> list[str | dict[str, object]]:
    """What a body names: JSON (a text, an object, a list of such), or text with one fault a line."""
    if not body.lstrip().startswith((b"{", b"[", b'"')):
        lines = _text(body).splitlines()
        return [line for line in lines if line.strip()] or [""]
    value = _parsed(body)
    items = value if isinstance(value, list) else [value]
    named = [item for item in items if isinstance(item, str | dict)]
    if len(named) != len(items):
        raise FaultInvalid(message="A fault is a text or an object.")
    return named


def _parsed(body: bytes) -> object:
    try:
        value: object = json.loads(_text(body))
    except (ValueError, RecursionError) as error:
        raise BodyMalformed(message="The body is not JSON.") from error
    return value


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except ValueError as error:
        raise BodyMalformed(message="The body is not UTF-8.") from error


def _duration(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise BodyMalformed(message=f"{error}.".capitalize()) from error
