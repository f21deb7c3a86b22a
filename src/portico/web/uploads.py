"""Receiving files (promise 56): one by one from our client, or with a whole form.

What a file is called and what it is, is worked out from it (`runtime.upload_kinds`); nothing is sent back,
and no more is read than fits. Who may not open the page may not send to it.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from portico.auth.guard import Allow
from portico.auth.session import Session
from portico.errors import BadRequest, CrossSiteRefused, PageNotFound, TooLarge
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.event import Event
from portico.runtime.uploads import FILE_LIMIT, Owner
from portico.web.body import BODY_LIMIT, FIELD_LIMIT
from portico.web.handing import VISIT_ID
from portico.web.origin import accepts_write
from portico.web.posts import VALUE_PREFIX
from portico.web.service import Service

#: The part of the client whose pages take files.
PART = "uploads"
#: Bytes of all files of a form, how many there may be, and seconds that files may take to arrive.
FORM_LIMIT, FORM_FILES = 25 << 20, 20
SECONDS = 300.0


@dataclass(eq=False, kw_only=True, slots=True)
class Form:
    """The fields of a form by name, and its files, while nobody took them, with the names of theirs."""

    fields: dict[str, str]
    files: list[tuple[str, UploadFile]]

    def close(self) -> None:
        """Let go of the files that nobody took."""
        for _, file in self.files:
            file.file.close()


class Uploading:
    """The endpoint that files are posted to."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def post(self, request: Request) -> Response:
        """One file, as the body: its name and visit stand in headers. Answers its id, which only this visit
        can use."""
        service = self._service
        if not accepts_write(request.headers, service.site.origins):
            raise CrossSiteRefused("the browser does not say that this came from a page of ours")
        visit = request.headers.get("portico-visit", "")
        if request.headers.get("portico-event") != "1" or not VISIT_ID.fullmatch(visit):
            raise BadRequest("an upload without its headers")
        app = service.app_of(request)
        session, page = await admitted(service, app, request)
        if page is None:
            raise PageNotFound("no page that takes files here")
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > FILE_LIMIT:
            raise TooLarge(f"Content-Length {declared}")
        who = who_sends(service, request, session)
        service.pace.count(who)
        name = unquote(request.headers.get("portico-name", ""), errors="replace")
        with service.uploads.sending(who):
            try:
                async with asyncio.timeout(SECONDS):
                    upload = await service.uploads.take(
                        owner_of(app, session, visit), who, name, request.stream()
                    )
            except (TimeoutError, ClientDisconnect) as error:
                raise BadRequest("the file did not arrive") from error
        return JSONResponse({"id": upload.id})


async def admitted(service: Service, app: App, request: Request) -> tuple[Session | None, Page | None]:
    """The session, and the page that the route names if it takes files and this visitor may open it."""
    session = await service.sessions.resume(request, app)
    named = app.pages.get(request.path_params["page"])
    if named is None or PART not in named.parts:
        return session, None
    decided = await service.decide(app, request, session)
    return decided.session, decided.page if isinstance(decided.decision, Allow) else None


async def read_form(request: Request) -> Form:
    """A multipart form with its files. Raises BadRequest, and TooLarge before much more than the limit was
    read."""
    limit = FORM_LIMIT + BODY_LIMIT
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(f"Content-Length {declared}")

    async def stream() -> AsyncIterator[bytes]:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise TooLarge("body over the limit")
            yield chunk

    # Further than this the parser does not look at types: what it asks for is an iterator.
    chunks: Any = stream()
    parser = MultiPartParser(
        request.headers, chunks, max_files=FORM_FILES, max_fields=FIELD_LIMIT, max_part_size=BODY_LIMIT
    )
    try:
        async with asyncio.timeout(SECONDS):
            form = await parser.parse()
    except (TimeoutError, ClientDisconnect) as error:
        raise BadRequest("the form did not arrive") from error
    except (MultiPartException, ValueError, UnicodeDecodeError) as error:
        raise BadRequest("not a form") from error
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    files = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if sum(map(len, fields.values())) > BODY_LIMIT:
        Form(fields=fields, files=files).close()
        raise TooLarge("fields over the limit")
    # The same form with another file is another one.
    told = "\n".join(f"{name} {file.filename} {file.size}" for name, file in files)
    return Form(fields={**fields, "portico.files": told}, files=files)


async def with_files(service: Service, event: Event, form: Form, *, owner: Owner, who: str) -> Event:
    """The event of a form with its files as values: their ids. A control without a file posts an empty one.
    Raises TooMany, TooLarge."""
    chosen: dict[str, list[str]] = {}
    while form.files:
        name, file = form.files.pop(0)
        if name.startswith(VALUE_PREFIX) and (file.filename or file.size):
            upload = await service.uploads.adopt(owner, who, file.filename or "", file.file, file.size or 0)
            chosen.setdefault(name.removeprefix(VALUE_PREFIX), []).append(upload.id)
        else:
            file.file.close()
    return replace(event, values={**event.values, **chosen})


def owner_of(app: App, session: Session | None, visit: str) -> Owner:
    """Whose an upload is."""
    return (app.slug, session.lineage if session else "", visit)


def who_sends(service: Service, request: Request, session: Session | None) -> str:
    """Whom uploads are counted for."""
    return session.lineage if session else service.site.address_of(request)
