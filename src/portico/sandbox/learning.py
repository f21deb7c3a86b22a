"""What a context is told of the world's languages and time zones: what it needs, when it first does.

A context cannot ask while a script runs, so it is told before: of the locales that its code writes
out, of any zone where the code may name any, and of each visitor's own when they come with `env`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from portico.culture import locales, zones
from portico.model.program import Needs


@lru_cache(maxsize=1)
def metazones() -> dict[str, str]:
    """The metazone of each zone. CLDR knows some by older names than the time zone database."""
    known: dict[str, str] = locales.shared()["metazones"]
    rows = [row.partition("|") for row in zones.table().split("\n")]
    by_times = {times: known[name] for name, _, times in rows if name in known}
    return {**{name: by_times[times] for name, _, times in rows if times in by_times}, **known}


class Learning:
    """What one context has been told so far."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._zones = {zones.UTC}
        self._locales: set[str] = set()

    @property
    def random(self) -> bool:
        """Whether its turns are given random bytes: the context has nowhere to take any from."""
        return "crypto" in self._needs.libraries

    def before(self, inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The input `learn` that has to come before these, or nothing."""
        said = [found for found in inputs if found.get("k") == "env"]
        told: dict[str, Any] = {}
        lines = self._lines([found["zone"] for found in said if "zone" in found])
        if lines:
            told["zones"] = "\n".join(lines)
        wanted = self._tags([found["locale"] for found in said if "locale" in found])
        if wanted:
            told["locales"] = {tag: locales.data(tag, self._needs.sections) for tag in wanted}
        if wanted and not self._locales:
            shared = locales.shared()
            told["digits"] = shared["digits"]
            told["metazones"] = metazones() if "zones" in self._needs.sections else {}
        self._locales.update(wanted)
        return [{"k": "learn", **told}] if told else []

    def _lines(self, names: list[str]) -> list[str]:
        if self._needs.zones and len(self._zones) == 1:
            self._zones = set(zones.names())
            return [zones.table()]
        if "zones" not in self._needs.libraries:
            return []
        fresh = [name for name in dict.fromkeys(names) if name not in self._zones]
        self._zones.update(fresh)
        return [zones.line(name) for name in fresh]

    def _tags(self, visitors: list[str]) -> list[str]:
        if "intl" not in self._needs.libraries:
            return []
        always = () if self._locales else (locales.DEFAULT, *self._needs.locales)
        return [tag for tag in dict.fromkeys([*always, *visitors]) if tag not in self._locales]
