"""`portico.lock`: which version of each package an app has, what it hashes to, and where it came from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from portico.definition import fields as reading
from portico.definition.content import ALGORITHM
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields
from portico.definition.names import file_name_problem
from portico.definition.shapes import WORD, Key, Shape, table
from portico.definition.source import Scalar, Table
from portico.definition.versions import version
from portico.model.place import Place

FILE_NAME = "portico.lock"
#: What to do about one that cannot be used.
REMEDY = "bring the file back as it was, or write it again with `portico package add`"

_HASH = re.compile(f"{ALGORITHM}[0-9a-f]{{64}}")
#: Text that is text in every YAML without quotes.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.-]*|\.\.?/[A-Za-z0-9_/.-]+")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_HEAD = "# Written by `portico package`; belongs under version control. Do not edit it by hand.\n"

LOCKED = Shape(
    "a package of portico.lock",
    {
        "version": Key(schema=WORD, help="The version that is in `packages/<name>/`.", required=True),
        "hash": Key(
            schema={"type": "string", "pattern": f"^{_HASH.pattern}$"},
            help="What its content hashes to.",
            required=True,
        ),
        "registry": Key(schema=WORD, help="Where it came from, as a path from the app's folder."),
    },
)
SHAPE = Shape(
    "portico.lock",
    {"packages": Key(schema=table(LOCKED.schema()), help="By name.", required=True)},
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """A package that is pinned. `registry` is a path from the app's folder, or None if there is none."""

    version: str
    hash: str
    registry: str | None
    place: Place


def read(table: Table, problems: Problems) -> dict[str, Locked]:
    """What the file says, by name. What is wrong was reported, and is left out."""
    fields = Fields(table, problems, SHAPE)
    fields.required("packages", REMEDY)
    listed = fields.table_of("packages")
    fields.done()
    found: dict[str, Locked] = {}
    for name, entry in listed.entries.items() if listed is not None else ():
        what = reading.table(entry.node, problems, LOCKED.what, table.place.file)
        locked = None if what is None else _locked(Fields(what, problems, LOCKED))
        if (problem := file_name_problem(name)) is not None:
            problems.add(
                "E712", entry.key, f"no package is called this: {problem}", received=name, remedy=REMEDY
            )
        elif locked is not None:
            found[name] = locked
    return found


def text(packages: Mapping[str, Locked]) -> str:
    """The file: the same for the same packages, so that a change of one is a change of one line."""
    if not packages:
        return f"{_HEAD}packages: {{}}\n"
    lines = [f"  {name}: {_line(packages[name])}\n" for name in sorted(packages)]
    return f"{_HEAD}packages:\n{''.join(lines)}"


def word(text: str) -> str:
    """`text` as YAML has it on one line, inside of `{}` too: in quotes unless it is plainly text."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def _line(locked: Locked) -> str:
    registry = "" if locked.registry is None else f", registry: {word(locked.registry)}"
    return f'{{version: {locked.version}, hash: "{locked.hash}"{registry}}}'


def _locked(fields: Fields) -> Locked | None:
    number = fields.required_word("version", REMEDY)
    digest = fields.required_word("hash", REMEDY)
    registry = fields.word("registry")
    fields.done()
    if number is None or digest is None:
        return None
    sound = _is_sound(version(number.text.value) is not None, number, "a version is x.y.z", fields.problems)
    hashed = _HASH.fullmatch(digest.text.value) is not None
    sound &= _is_sound(hashed, digest, "a hash is `sha256:` and 64 digits of 0–9 and a–f", fields.problems)
    if not sound:
        return None
    return Locked(
        version=number.text.value,
        hash=digest.text.value,
        registry=None if registry is None else registry.text.value,
        place=fields.place,
    )


def _is_sound(sound: bool, word: Scalar, message: str, problems: Problems) -> bool:
    if not sound:
        problems.add("E712", word.place, message, received=word.text.value, remedy=REMEDY)
    return sound
