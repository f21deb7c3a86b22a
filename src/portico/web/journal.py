"""What happened on the pages that a builder has open: the last of it, by visit, in memory alone."""

from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, assert_never

from portico.clock import Clock
from portico.runtime.observer import Called, Failed, Note, Said

#: Visits that are remembered, and notes of each.
VISITS = 200
NOTES = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """A note as the panel reads it. Numbers go up through all visits."""

    number: int
    fields: dict[str, Any]


class Journal:
    """The runtime's observer (`runtime.observer`) in `portico dev`; `ring` is called for every note.

    Whoever knows the id of a visit may read its notes: 128 bits that only the page of it has.
    """

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._last = 0
        self._visits: OrderedDict[str, deque[Entry]] = OrderedDict()

    def heard(self, visit: str, page: str, note: Note) -> None:
        """Write a note down."""
        self._last += 1
        at = self._clock.now().isoformat(timespec="milliseconds")
        entry = Entry(self._last, {"n": self._last, "at": at, "page": page, **_fields(note)})
        self._visits.setdefault(visit, deque(maxlen=NOTES)).append(entry)
        self._visits.move_to_end(visit)
        while len(self._visits) > VISITS:
            self._visits.popitem(last=False)
        self._ring()

    def since(self, visits: Collection[str], number: int) -> list[Entry]:
        """The notes of these visits behind this number, in their order."""
        found = [entry for visit in visits for entry in self._visits.get(visit, ()) if entry.number > number]
        return sorted(found, key=lambda entry: entry.number)


def _fields(note: Note) -> dict[str, Any]:
    match note:
        case Failed():
            return {
                "kind": "error",
                "text": note.error,
                "owner": note.owner,
                "property": note.property,
                "place": str(note.place) if note.place else None,
                "event": note.event,
            }
        case Said():
            return {"kind": "log", "level": note.level, "text": note.text}
        case Called():
            return {
                "kind": "query",
                "id": note.id,
                "query": note.query,
                "method": note.method,
                "path": note.path,
                "event": note.event,
                "status": note.status,
                "ok": note.ok,
                "ms": note.milliseconds,
                "size": note.size,
                "text": note.message,
            }
        case _:
            assert_never(note)
