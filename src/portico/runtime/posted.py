"""What a browser posted with an event, on its way into a visit's widgets."""

import logging
from collections.abc import Mapping
from typing import Any

from portico.model.paths import split_address
from portico.model.widget import VALUE
from portico.runtime.run import Run
from portico.runtime.surface import Surface
from portico.runtime.visit import Visit

log = logging.getLogger("portico.runtime")

#: How often values are applied anew because earlier ones showed further inputs.
ROUNDS = 3


class Posted:
    """The values of one event. `new` are the addresses of those that count: what changed anything, and
    what a button posts, whether or not it was so before."""

    def __init__(self, visit: Visit, run: Run, values: Mapping[str, Any]) -> None:
        self._visit = visit
        self._run = run
        self._waiting = dict(values)
        self.new: list[str] = []

    @property
    def waits(self) -> bool:
        """Whether there are values that could not be written so far."""
        return bool(self._waiting)

    async def write(self) -> None:
        """Write the values of inputs that are shown and enabled now, as far as they can be theirs. The
        others wait: a page that is loaded anew may offer more once its data are there."""
        for _ in range(ROUNDS):
            cells = self._take()
            if not cells:
                return
            await self._visit.turn([{"k": "set", "ev": self._run.ev, "set": cells}], self._run)

    def drop(self) -> None:
        """Give up what is left; it is counted."""
        if self._waiting:
            where = {"app": self._visit.app.slug, "page": self._visit.page.name}
            log.info("values dropped", extra={**where, "count": len(self._waiting)})

    def _take(self) -> list[list[Any]]:
        """The cells that the values set. A cell may hold many, so each is read over those before it."""
        surface = self._visit.surface
        found: dict[str, dict[str, Any]] = {}
        for address in list(self._waiting):
            path, part = split_address(address)[0], surface.input_at(address)
            if part is None:
                continue
            cells = cells_of(surface, address, self._waiting[address], found.get(path, {}))
            if cells is not None:
                del self._waiting[address]
                found.setdefault(path, {}).update(cells)
            if (cells or not part.typed) and address not in self.new:
                self.new.append(address)
        return [[path, name, value] for path, names in found.items() for name, value in names.items()]


def cells_of(
    surface: Surface, address: str, posted: Any, earlier: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The cells of its widget that a posted value sets: none if it is the present one, and None instead
    of cells if it cannot be a value. `earlier` are cells that others of the same event set."""
    found, (path, part, detail) = surface.input_at(address), split_address(address)
    if found is None:
        return None
    props, kind = {**surface.props[path], **earlier}, surface.type_of(path)
    try:
        value = found.parse(posted, props, detail)
    except ValueError:
        return None
    present = props.get(found.meta) if found.many else surface.value(address)
    if value == present and not surface.secret(path):
        return {}
    cells = dict.fromkeys((found.meta, *found.also), value)
    return {**cells, "isDirty": True} if part == VALUE and "isDirty" in kind.meta else cells
