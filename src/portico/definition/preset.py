"""Presets: contracts with auth APIs that many apps have, brought by `auth: {preset: NAME, url: …}`.

A preset is the file `presets/<name>.yaml` with `datasource`, `queries` and `auth`: what an app would have
in `datasources/auth_api.yaml`, in `queries/` and below `auth`, read by the same readers. What the app says
itself wins: key by key below `auth`, file by file otherwise. `preset: oidc` alone is no file: `oidc.py`
reads it.
"""

from collections.abc import Mapping
from pathlib import Path

from portico.definition import credentials, source
from portico.definition.diagnostics import Problems
from portico.definition.draft import PresetDraft
from portico.definition.fields import Fields
from portico.definition.folder import Folder
from portico.definition.names import suggestion
from portico.definition.shapes import FLAG, WORD, Key, either, one_of
from portico.definition.shapes import table as named
from portico.definition.source import Entry, Scalar, Table

#: What the datasource of every preset is called.
DATASOURCE = "auth_api"

_FOLDER = Path(__file__).parent / "presets"
#: The preset whose protocol is the server's own.
OIDC = "oidc"
#: The presets that there are.
NAMES = tuple(sorted([OIDC, *(file.stem for file in _FOLDER.glob("*.yaml"))]))

_CODE = "E510"
#: Keys of `auth` that are the datasource's.
_OF_DATASOURCE = ("url", "headers", "allow_private", "keep_cookies")

KEYS: Mapping[str, Key] = {
    "preset": Key(
        schema=one_of(NAMES),
        help="An auth API that Portico knows: brings the datasource `auth_api`, the queries and the mappings "
        "below; what the app says itself wins. `oidc` is an OpenID provider, which users sign in with by "
        "`auth.signIn()`.",
    ),
    "url": Key(
        schema=WORD,
        help="With a preset: where the auth API is; with `oidc` the issuer, exactly as the provider writes "
        "it. `${NAME}` and `${NAME:-default}` stand for settings of the environment.",
    ),
    "headers": Key(
        schema=named(either(WORD, credentials.SHAPE.schema())),
        help="With a preset: headers of every query to it, literal text, or `{secret: NAME}`.",
    ),
    "allow_private": Key(
        schema=FLAG,
        help="With a preset: whether its address may be one of a private network or of this machine.",
    ),
    "keep_cookies": Key(
        schema=FLAG,
        help="With a preset: whether cookies that it sets are kept, in the session of each user apart.",
    ),
}


def chosen(fields: Fields) -> str | None:
    """The preset that `auth` names, whose keys `fields` has; None without one, and for one that there is
    not, which is reported."""
    problems = fields.problems
    if fields.node("preset") is None:
        _alone(fields)
        return None
    word = fields.word("preset")
    if word is None:
        return None
    name = word.text.value
    if name not in NAMES:
        remedy = suggestion(name, NAMES, none="")
        problems.add("E204", word.place, f"there is no preset `{name}`", received=name, remedy=remedy)
        return None
    if name == OIDC and fields.node("headers") is not None:
        problems.add(
            _CODE,
            fields.place_of("headers"),
            "`headers`: an OpenID provider is sent none",
            remedy="remove it; what its page for the sign-in is to know stands in `parameters`",
        )
    return name


def preset_of(folder: Path) -> str | None:
    """The preset that an app names in its `app.yaml`."""
    try:
        text = (folder / "app.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    content = source.read("app.yaml", text, Problems())
    auth = content.entries.get("auth") if isinstance(content, Table) else None
    if auth is None or not isinstance(auth.node, Table) or "preset" not in auth.node.entries:
        return None
    node = auth.node.entries["preset"].node
    return node.text.value if isinstance(node, Scalar) else None


def read(name: str, fields: Fields, folder: Folder) -> PresetDraft:
    """What the file of a preset brings to an `auth` whose keys `fields` has."""
    problems = fields.problems
    text = text_of(name)
    content = _mapping(source.read(f"preset {name}", text, problems))
    folder.count(f"preset {name}", text)
    return PresetDraft(
        name=name,
        datasource=_datasource(fields, content, folder),
        queries={
            query: _inner(_inner(content, "queries"), query) for query in _inner(content, "queries").entries
        },
        auth=_inner(content, "auth"),
    )


def text_of(name: str) -> str:
    """The file of a preset of this package, one of `NAMES`."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def merged(preset: Table, own: Table) -> Table:
    """Both mappings as one: a key of `own` wins, and where both have a mapping, so do the keys in it."""
    entries = dict(preset.entries)
    for key, entry in own.entries.items():
        held = entries.get(key)
        if held is not None and isinstance(held.node, Table) and isinstance(entry.node, Table):
            entry = Entry(key=entry.key, node=merged(held.node, entry.node))
        entries[key] = entry
    return Table(place=own.place, entries=entries)


def _datasource(fields: Fields, content: Table, folder: Folder) -> Table | None:
    """The datasource of a preset as the app has it; None where the app has a file of that name, or does not
    say where the API is."""
    file = f"datasources/{DATASOURCE}.yaml"
    if folder.exists(file):
        _report(fields, f"the app has {file}, which says this", "remove it here, or that file")
        return None
    if fields.node("url") is None:
        fields.problems.add(
            _CODE,
            fields.place_of("preset"),
            "a preset needs the address of the auth API",
            remedy="write `url: https://auth.example.com` beside it, or `url: ${AUTH_URL}`",
        )
        return None
    said = {key: fields.table.entries[key] for key in _OF_DATASOURCE if key in fields.table.entries}
    return merged(_inner(content, "datasource"), Table(place=fields.place, entries=said))


def _alone(fields: Fields) -> None:
    _report(
        fields,
        "only a preset takes this",
        f"write `preset:` beside it ({', '.join(NAMES)}), or say it in a file of datasources/",
    )


def _report(fields: Fields, why: str, remedy: str) -> None:
    for key in _OF_DATASOURCE:
        if fields.node(key) is not None:
            fields.problems.add(_CODE, fields.place_of(key), f"`{key}`: {why}", remedy=remedy)


def _inner(content: Table, key: str) -> Table:
    entry = content.entries.get(key)
    return _mapping(entry.node if entry is not None else None)


def _mapping(node: object) -> Table:
    """A mapping of a preset's file, which tests hold to be right."""
    if not isinstance(node, Table):
        raise TypeError("a preset of this package is no mapping")
    return node
