"""The files of one visit: what its pickers chose, what scripts were given of them, what requests carry."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from portico.auth.session import Session
from portico.errors import HeldElsewhere
from portico.model.paths import split_address
from portico.model.query import BodyType, Request
from portico.model.widget import Input
from portico.runtime.contents import INLINE, INLINE_ALL, READINGS, Carried, Reading, data_of, handle_of
from portico.runtime.sealed import body_with
from portico.runtime.surface import Surface
from portico.runtime.uploads import LIFE, VISIT_FILES, Owner, Upload, Uploads

#: What scripts have of files that are read as tables and are too large for that.
NO_ROWS: list[Any] = []


class Files:
    """Belongs to a visit of the app `slug`."""

    def __init__(self, uploads: Uploads, slug: str, visit: str) -> None:
        self._uploads = uploads
        self._owner: Owner = (slug, "", visit)
        self._given: dict[str, tuple[Reading, bool]] = {}

    def enter(self, session: Session | None) -> None:
        """The visit goes on under this session."""
        self._owner = (self._owner[0], session.lineage if session else "", self._owner[2])

    def forget(self) -> None:
        """A new context knows nothing of what is in files."""
        self._given.clear()

    def end(self) -> None:
        """The visit is over, or somebody else's."""
        self._uploads.end(self._owner)
        self.forget()

    @property
    def until(self) -> float:
        """Until when only this process can go on with the visit, in seconds since the epoch; 0 if none."""
        held = self._uploads.of(self._owner).values()
        return max(((one.used + LIFE).timestamp() for one in held), default=0.0)

    def described(self, posted: object, *, insists: bool) -> list[dict[str, Any]]:
        """What is known of the uploads whose ids were posted; a browser says no more than their ids. Raises
        ValueError for what is no list of ids, HeldElsewhere for one that another process holds."""
        if isinstance(posted, str):
            posted = json.loads(posted)
        if not isinstance(posted, list) or len(posted) > VISIT_FILES:
            raise ValueError("no list of uploads")
        held, found = self._uploads.of(self._owner), []
        for identity in posted:
            upload = held.get(identity) if isinstance(identity, str) else None
            if upload is not None:
                about = {"name": upload.name, "type": upload.kind, "size": upload.size}
                found.append({"id": upload.id, **about})
            elif isinstance(identity, str) and not identity.startswith(self._uploads.tag) and not insists:
                raise HeldElsewhere("another process holds this upload")
        return found

    async def given(
        self, surface: Surface, cells: Sequence[Sequence[Any]] = (), *, ev: str
    ) -> list[dict[str, Any]]:
        """The input that gives scripts what is in the files that are chosen, once `cells` are set, as far as
        they do not have it. Files that are not chosen any more are let go."""
        new = {(path, name): value for path, name, value in cells}
        chosen = list(_chosen(surface, new))
        self._uploads.use(self._owner, frozenset(identity for identity, _ in chosen))
        held = self._uploads.of(self._owner)
        contents: dict[str, Any] = {}
        room = INLINE_ALL
        for identity, reading in chosen:
            upload = held.get(identity)
            inline = upload is not None and upload.size <= min(INLINE, room)
            room -= upload.size if upload is not None and inline else 0
            # One that is gone stays gone, whatever is known of it.
            if self._given.get(identity) != (reading, upload is not None):
                self._given[identity] = (reading, upload is not None)
                contents[identity] = await _read(upload, reading, inline=inline)
        return [{"k": "files", "ev": ev, "files": contents}] if contents else []

    async def carried(self, request: Request, body_type: BodyType) -> Request:
        """The request with what is in files in the place of their handles. Raises CallFailed."""
        found = Carried()
        if not await found.fetch(request.body, self._uploads.of(self._owner)):
            return request
        return replace(request, body=body_with(request, body_type, found))


def _chosen(surface: Surface, new: dict[tuple[str, str], Any]) -> Iterator[tuple[str, Reading]]:
    """The uploads that the page's widgets hold, and how each is to be read."""
    paths = {split_address(path)[0] for path in surface.everything()} | {path for path, _ in new}
    for path in paths:
        for name, part in surface.type_of(path).inputs.items():
            if name == "" and part.uploads is not None:
                reading = part.uploads(surface.props[path])
                value = new.get((path, part.meta), surface.props[path].get(part.meta))
                for identity in _ids(value, part):
                    yield identity, next((known for known in READINGS if known == reading), "Base64")


def _ids(value: Any, part: Input) -> Iterator[str]:
    files = value.get("files") if isinstance(value, dict) else None
    for file in files if isinstance(files, list) else ():
        if isinstance(file, dict) and isinstance(file.get("id"), str):
            yield file["id"]


async def _read(upload: Upload | None, reading: Reading, *, inline: bool) -> Any:
    if upload is None:
        return None
    if inline:
        return data_of(upload, await upload.content(), reading)
    return NO_ROWS if reading.startswith("Array") else handle_of(upload, reading)
