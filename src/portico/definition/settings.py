"""Settings in addresses: `${NAME}` and `${NAME:-default}`, as a shell reads them."""

import re
from collections.abc import Mapping

from portico.definition.diagnostics import Problems
from portico.definition.text import Text

#: What the names of Portico's own settings begin with, secrets of all apps and the server key among them.
RESERVED = "PORTICO_"

_SETTING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")


class Settings:
    """The settings an app is loaded with. What was used counts into the app's version."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._used: dict[str, str] = {}

    @property
    def used(self) -> str:
        """What was used, in a fixed form."""
        return "\n".join(f"{name}={value}" for name, value in sorted(self._used.items()))

    def expand(self, text: Text, problems: Problems) -> str | None:
        """`text` with its settings filled in, or None and a problem."""
        result, index, sound = [], 0, True
        value = text.value
        while (start := value.find("${", index)) >= 0:
            result.append(value[index:start])
            found = _SETTING.match(value, start)
            if found is None:
                problems.add(
                    "E212",
                    text.place(start),
                    "this is not a setting",
                    received=value[start:],
                    remedy="write `${NAME}` or `${NAME:-default}`",
                )
                return None
            name, default = found[1], found[2]
            if name.upper().startswith(RESERVED):
                # An address is sent: it would carry the server's key to wherever an app points it.
                problems.add(
                    "E212",
                    text.place(start),
                    "settings of the server itself are not for apps",
                    received=found[0],
                    remedy=f"choose a name that does not begin with {RESERVED}",
                )
                return None
            setting = self._values.get(name) or default
            if setting is None:
                sound = False
                problems.add(
                    "E212",
                    text.place(start),
                    f"the setting `{name}` is not set",
                    received=found[0],
                    remedy=f"set it, or give a default: `${{{name}:-…}}`",
                )
            self._used[name] = setting or ""
            result.append(setting or "")
            index = found.end()
        result.append(value[index:])
        return "".join(result) if sound else None
