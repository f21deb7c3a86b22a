"""Who hears what happens on open pages: nobody, unless somebody builds the app at this moment.

A note holds no passwords that are typed on the page and no JWTs (see `Witness`), no headers, no
bodies and no values of parameters, so that it may be shown to the builder as it stands.
"""

from dataclasses import dataclass
from typing import Protocol

from portico.model.place import Place
from portico.sandbox.turn import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A script failed: of which widget, query or script (`owner`) and which of its properties or
    functions, where in the app's files, and in which event."""

    error: str
    owner: str | None = None
    property: str | None = None
    place: Place | None = None
    event: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A script wrote a line with `console`; or, as a warning, what this page cannot keep."""

    level: Level
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """A query was sent, and with `status` answered: "200 OK", or the code of what kept it from that.

    `id` is the same in both notes. `path` has the names of its parameters, without their values.
    """

    id: str
    query: str
    method: str
    path: str
    event: str
    status: str | None = None
    ok: bool = False
    milliseconds: int = 0
    size: int = 0
    message: str = ""


Note = Failed | Said | Called


class Observer(Protocol):
    """Hears notes in the middle of the work: it returns at once, and raises nothing."""

    def heard(self, visit: str, page: str, note: Note) -> None:
        """Something happened in the visit of this id, on this page."""
