"""What of a command must be given when its query runs: variables of a shell, and users' passwords.

In texts they stand as markers, and become bindings over `this.params` when a text is written down.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from portico.importers.words import CLOSE, OPEN, VARIABLE

#: Around a number, so that it is written as it was.
_NUMBER_OPEN, _NUMBER_CLOSE = "\ue002", "\ue003"
_NUMBER = re.compile(f'"{_NUMBER_OPEN}([^{_NUMBER_CLOSE}]*){_NUMBER_CLOSE}"')
_WHOLE = re.compile(f'"{OPEN}([^{CLOSE}]*){CLOSE}"')
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

#: Keys that YAML files of an app do not have.
_NO_KEYS = frozenset({"__proto__", "<<"})
#: Names of fields that hold what only a user or a session should know, without `-` and `_`.
_SECRET = frozenset(
    {
        "accesstoken",
        "apikey",
        "clientsecret",
        "idtoken",
        "jwt",
        "otp",
        "pass",
        "privatekey",
        "pwd",
        "refreshtoken",
        "secret",
        "token",
    }
)
_SECRET_PARTS = ("password", "passwd", "passphrase", "passcode")


def is_secret(name: str) -> bool:
    """Whether a field of this name holds a password or the like."""
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in _SECRET or any(part in plain for part in _SECRET_PARTS)


@dataclass(slots=True)
class Parameters:
    """The parameters of one query, by name, with the values that the command had for them."""

    values: dict[str, str | None] = field(default_factory=dict, repr=False)

    def marked(self, name: str, value: Any) -> Any:
        """The value of a field; a marker in place of what a file should not hold."""
        if not isinstance(value, str) or not value or is_number(value) or VARIABLE.search(value):
            return value
        if not is_secret(name):
            return value
        parameter = self._name(name, value)
        self.values[parameter] = value
        return f"{OPEN}{parameter}{CLOSE}"

    def text(self, text: str) -> str:
        """Text as a file holds it, with bindings for its markers."""
        for name in VARIABLE.findall(text):
            self.values.setdefault(name, None)
        # A brace before a binding would become part of it.
        escaped = text.replace("{{", "{{ '{{' }}").replace("{" + OPEN, "{{ '{' }}" + OPEN)
        return VARIABLE.sub(r"{{ this.params.\1 }}", escaped)

    def json(self, value: Any) -> str:
        """Indented JSON text; a text that is nothing but a marker becomes a bare binding."""
        text = json.dumps(value, indent=2, ensure_ascii=False)
        text = _NUMBER.sub(r"\1", text)
        return self.text(_WHOLE.sub(rf"{OPEN}\1{CLOSE}", text))

    def grouped(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str | list[str]]:
        """Pairs as a mapping of names to texts; a name that comes several times has a list."""
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            found.setdefault(name, []).append(self.text(value))
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def mapping(self, pieces: Sequence[str]) -> dict[str, str | list[str]] | None:
        """The pieces of a query string or form, as a mapping; None if that would change them: a piece
        that is no pair, names that cannot be keys, other bytes than UTF-8, names that alternate."""
        split = [piece.partition("=") for piece in pieces]
        pairs = [(unquote_plus(name), unquote_plus(value)) for name, _, value in split]
        names = [name for name, _ in pairs]
        together = [name for known in dict.fromkeys(names) for name in names if name == known]
        odd = any(not name or "{{" in name or name in _NO_KEYS or VARIABLE.search(name) for name in names)
        lost = any("\ufffd" in name + value for name, value in pairs)
        if odd or lost or names != together or not all(equals for _, equals, _ in split):
            return None
        return self.grouped(pairs)

    def _name(self, field_name: str, value: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_$]", "_", field_name)
        name = name if _NAME.fullmatch(name) else f"_{name}"
        number = 1
        chosen = name
        while self.values.get(chosen, value) != value:
            number += 1
            chosen = f"{name}_{number}"
        return chosen


def is_number(value: str) -> bool:
    """Whether a text stands for a number of JSON."""
    return value.startswith(_NUMBER_OPEN)


def number(literal: str) -> str:
    """A number of JSON as a text that `Parameters.json` writes as it was."""
    return f"{_NUMBER_OPEN}{literal}{_NUMBER_CLOSE}"
