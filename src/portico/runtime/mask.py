"""Secrets of a datasource that come back in an answer, as from an endpoint that echoes what it gets.

Scripts see the answer, and so may the browser. Exact values are replaced, in the spellings that
servers and formats give them. What a server changed, cut or encoded otherwise is not found: this is
a net under the rule that a datasource's secrets go to its own origin only, not the rule.
"""

import html
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "•••"
#: Shorter values are not looked for: they occur by chance.
LEAST = 8


class Mask:
    """Replaces values wherever they stand. It prints nothing of them."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        found = {spelling for value in values if len(value) >= LEAST for spelling in _spellings(value)}
        # The longest first: one may stand inside another.
        self._needles = sorted(found, key=lambda needle: (-len(needle), needle))

    def text(self, text: str) -> str:
        """`text` without the values, in linear time."""
        for needle in self._needles:
            text = text.replace(needle, MARK)
        return text

    def json(self, value: Any) -> Any:
        """What `json.loads` gave, without the values in its strings, names and numbers.

        It is changed in place, and not by recursion: its depth is the other server's.
        """
        if not self._needles:
            return value
        root = [value]
        waiting: list[Any] = [root]
        while waiting:
            container = waiting.pop()
            if isinstance(container, dict):
                members = [(self.text(name), inner) for name, inner in container.items()]
                container.clear()
                container.update(members)
            for key, inner in list(
                container.items() if isinstance(container, dict) else enumerate(container)
            ):
                if isinstance(inner, dict | list):
                    waiting.append(inner)
                elif isinstance(inner, str):
                    container[key] = self.text(inner)
                elif isinstance(inner, int | float) and str(inner) in self._needles:
                    container[key] = MARK
        return root[0]


def _spellings(value: str) -> set[str]:
    """A value as it is, in URLs, in JSON and in HTML."""
    whole = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    encoded = {quote(whole, safe=""), quote(whole), quote_plus(whole)}
    return {
        value,
        *encoded,
        *(_lower_hex(found) for found in encoded),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
    }


def _lower_hex(text: str) -> str:
    """Percent-encoding with small letters."""
    first, *rest = text.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])
