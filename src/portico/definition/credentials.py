"""Credentials in app files: named as `{secret: NAME}`, never written out."""

import re
from collections.abc import Callable

from portico.definition.bindings import has_binding
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, described, literal
from portico.definition.secrets import PREFIX, is_name
from portico.definition.settings import Settings
from portico.definition.shapes import WORD, Key, Shape
from portico.definition.source import Node, Scalar, Table
from portico.values import Secret

#: What a header can carry; white space at the ends would be taken off.
_HEADER = re.compile(r"[!-~]([\t -~]*[!-~])?")

SHAPE = Shape(
    "a mapping that names a secret",
    {"secret": Key(schema=WORD, help="The name of a secret: capitals, digits and `_`.", required=True)},
)


class Credentials:
    """Reads the credentials of one datasource. `find` gives the value of a secret by its name;
    `unset` gathers the names that have none."""

    def __init__(self, datasource: str, find: Callable[[str], Secret | None], problems: Problems) -> None:
        self.unset: dict[str, None] = {}
        self._datasource = datasource
        self._find = find
        self._problems = problems

    def required(self, fields: Fields, key: str, *, header: bool = False) -> Secret | None:
        """The secret that a key must name. `header`: it is sent in a header as it is."""
        node = fields.required(key, f"write `{key}: {{secret: {self._suggested(key)}}}`")
        return None if node is None else self.secret(node, key, header=header)

    def required_text(self, fields: Fields, key: str, settings: Settings) -> str | Secret | None:
        """Text, which may hold settings, or a secret: a user name or an id."""
        node = fields.required(key, f"write `{key}:` and a name, or `{{secret: {self._suggested(key)}}}`")
        if node is None or isinstance(node, Table):
            return None if node is None else self.secret(node, key)
        word = literal(node, self._problems, key)
        return None if word is None else settings.expand(word.text, self._problems)

    def secret(self, node: Node, key: str, *, header: bool = False) -> Secret | None:
        """The secret that a value names. None if it has no value, and where a problem was reported."""
        if not isinstance(node, Table):
            self._written_out(node, key)
            return None
        word = self._name(node)
        if word is None:
            return None
        name = word.text.value
        found = self._find(name)
        if found is None:
            self.unset[name] = None
            self._problems.add(
                "W601",
                word.place,
                f"the secret `{name}` is not set",
                remedy=f"set {PREFIX}{name} in the environment, or {name} in secrets.toml",
            )
        elif header and not _HEADER.fullmatch(found.reveal()):
            self._problems.add(
                "E603",
                word.place,
                f"the value of the secret `{name}` cannot stand in a header",
                remedy="a header takes one line of ASCII; look for a line end or a space at its end",
            )
            return None
        return found

    def _name(self, table: Table) -> Scalar | None:
        """The name in a `{secret: NAME}`."""
        fields = Fields(table, self._problems, SHAPE)
        word = fields.required_word("secret", "write `{secret: NAME}`")
        fields.done()
        if word is not None and not is_name(word.text.value):
            # It may be the secret itself: it is not repeated.
            self._problems.add(
                "E602",
                word.place,
                "this cannot be the name of a secret",
                remedy="write a name of capital letters, digits and `_`; its value does not belong here",
            )
            return None
        return word

    def _written_out(self, node: Node, key: str) -> None:
        if isinstance(node, Scalar) and has_binding(node.text.value):
            self._problems.add(
                "E213",
                node.place,
                f"`{key}` cannot be a binding: a datasource is the same for every user",
                remedy="write what differs between users into the headers of the query",
            )
            return
        # What was written may be the credential: it is not repeated.
        shown = None if isinstance(node, Scalar) and node.value is not None else described(node)
        name = self._suggested(key)
        self._problems.add(
            "E601",
            node.place,
            f"`{key}` is a credential: app files name it and do not hold it",
            received=shown,
            remedy=f"write `{key}: {{secret: {name}}}`, and the value into {PREFIX}{name} or secrets.toml",
        )

    def _suggested(self, key: str) -> str:
        return re.sub(r"[^A-Za-z0-9]", "_", f"{self._datasource}_{key}").upper()
