"""Names for the secrets of a command, and what they are to be set to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portico.importers.words import VARIABLE
from portico.values import Secret

#: What documentation writes where a key belongs: `SUPABASE_KEY`, which is a name, `<token>`, `your-key`.
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_PLACEHOLDER = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|your[-_ ].*|[xX*.]{3,}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A secret that an imported file names. `value` is None where the command does not say it."""

    name: str
    value: Secret | None


class SecretNames:
    """Chooses names. `used` are those that the app names already, with their values if they are set."""

    def __init__(self, datasource: str, used: Mapping[str, Secret | None]) -> None:
        self._prefix = re.sub(r"[^A-Za-z0-9]", "_", datasource).upper()
        self._used = dict(used)
        self.wanted: list[Wanted] = []

    def name(self, what: str, value: str | None) -> str:
        """The name of the secret that is a datasource's `what`. One value has one name; a variable
        or a placeholder gives its own, and no value."""
        variable = VARIABLE.fullmatch(value or "")
        if variable is not None:
            return self._want(_clean(variable[1]), None)
        if value is None or VARIABLE.search(value):
            return self._want(self._derived(what, None), None)
        if _CAPITALS.fullmatch(value):
            return self._want(value, None)
        if _PLACEHOLDER.fullmatch(value):
            return self._want(self._derived(what, None), None)
        for known in self.wanted:
            if known.value == Secret(value):
                return known.name
        return self._want(self._derived(what, value), Secret(value))

    def _derived(self, what: str, value: str | None) -> str:
        base = _clean(f"{self._prefix}_{what.removeprefix('X-').removeprefix('x-')}")
        number, name = 1, base
        while name in self._used and (value is None or self._used[name] != Secret(value)):
            number += 1
            name = f"{base}_{number}"
        return name

    def _want(self, name: str, value: Secret | None) -> str:
        if all(known.name != name for known in self.wanted):
            self.wanted.append(Wanted(name=name, value=value))
        self._used.setdefault(name, value)
        return name


def _clean(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", text).upper().strip("_") or "SECRET"
    return name if not name[0].isdigit() else f"_{name}"
