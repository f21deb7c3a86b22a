"""The packages that an app uses, and where each of them lies (`docs/design/modules.md`)."""

from collections.abc import Mapping
from pathlib import Path

from portico.definition import lock
from portico.definition.content import content_hash
from portico.definition.draft import PackageUse
from portico.definition.entities import EntityReader
from portico.definition.fields import Fields, literal, wrong_type
from portico.definition.lock import Locked
from portico.definition.names import file_name_problem
from portico.definition.shapes import WORD, Key, Schema, Shape, either
from portico.definition.shapes import table as named
from portico.definition.source import Node, Scalar, Table
from portico.definition.versions import version, versions_range
from portico.errors import PackageUnusable
from portico.model.place import Place

#: Where published packages lie in an app.
FOLDER = "packages/"

USE = Shape(
    "a package that the app uses",
    {
        "version": Key(schema=WORD, help="The versions that will do, like `^1.0`."),
        "registry": Key(schema=WORD, help="The folder that it is published in."),
        "path": Key(schema=WORD, help="A folder instead of a published version, for development."),
        "datasources": Key(
            schema=named(WORD), help="Datasources of the app that stand for those that the package needs."
        ),
    },
)
_VERSION_OR_PATH: Schema = {"if": {"required": ["version"]}, "else": {"required": ["path"]}}
#: What `packages:` of an app is.
PACKAGES = Key(
    schema=named(either(WORD, {**USE.schema(), **_VERSION_OR_PATH})),
    help="Packages that it uses: a range of versions, or a mapping.",
)
_REMEDY = 'write a range like "^1.0", or a mapping with `version` or `path`'


def read(fields: Fields) -> dict[str, PackageUse]:
    """What `packages:` says, by name."""
    listed = fields.table_of("packages")
    found = {}
    for name, entry in listed.entries.items() if listed is not None else ():
        if (problem := file_name_problem(name)) is not None:
            fields.problems.add(
                "E114", entry.key, problem, received=name, remedy="write the package's own name"
            )
            continue
        found[name] = _use(name, entry.key, entry.node, fields)
    return found


def _use(name: str, place: Place, node: Node, outer: Fields) -> PackageUse:
    """What is said of one package; without range and path if that is wrong, which was reported."""
    if not isinstance(node, Table):
        word = None
        if isinstance(node, Scalar) and isinstance(node.value, str | int | float):
            word = literal(node, outer.problems, name)
        else:
            wrong_type(outer.problems, node, f"`{name}` is a range of versions or a mapping", _REMEDY)
        return _checked(name, place, word, None, {}, outer)
    fields = Fields(node, outer.problems, USE)
    chosen, path = fields.word("version"), fields.word("path")
    fields.word("registry")
    table = fields.table_of("datasources")
    bound = {
        key: word
        for key, entry in (table.entries.items() if table is not None else ())
        if (word := literal(entry.node, outer.problems, key)) is not None
    }
    fields.done()
    if not node.entries.keys() & {"version", "path"}:
        outer.problems.add("E203", node.place, "a package needs `version` or `path`", remedy=_REMEDY)
    return _checked(name, place, chosen, path, bound, outer)


def _checked(
    name: str,
    place: Place,
    chosen: Scalar | None,
    path: Scalar | None,
    bound: Mapping[str, Scalar],
    outer: Fields,
) -> PackageUse:
    if chosen is not None and versions_range(chosen.text.value) is None:
        outer.problems.add(
            "E703",
            chosen.place,
            "this is no range of versions",
            received=chosen.text.value,
            remedy='write one like "^1.0", "~1.2" or "1.2.3", in quotes',
        )
        chosen = None
    return PackageUse(name=name, place=place, range=chosen, path=path, datasources=bound)


class Finder:
    """Finds the packages of one app. `given` are folders to be taken instead of what the app has."""

    def __init__(self, files: EntityReader, given: Mapping[str, Path]) -> None:
        self._files = files
        self._given = given
        self._problems = files.problems
        self._locked: dict[str, Locked] | None = None

    def prefix(self, use: PackageUse) -> str | None:
        """What the paths of a package's files begin with; None and a problem if it is not as it should be."""
        folder = self._files.folder
        inside = f"{FOLDER}{use.name}/"
        if use.name in self._given:
            folder.mount(inside, self._given[use.name])
            return inside
        if use.path is not None:
            return self._followed(use.path)
        if use.range is None:
            return None
        return inside if self._is_locked(use, use.range, inside) else None

    def pinned(self, use: PackageUse) -> Locked | None:
        """What `portico.lock` says of a package that is read from the app's own copy."""
        own = use.name not in self._given and use.path is None and use.range is not None
        return self._lock().get(use.name) if own else None

    def _followed(self, path: Scalar) -> str | None:
        """A package whose files are followed."""
        folder = self._files.folder
        root = folder.root / path.text.value
        prefix = path.text.value.rstrip("/") + "/"
        try:
            is_there = root.is_dir()
            # Also if it is not there: `portico dev` waits for it.
            folder.mount(prefix, root)
        except (OSError, ValueError):
            # What no path can be, such as one that is too long.
            is_there = False
        if not is_there:
            self._problems.add(
                "E701",
                path.place,
                "there is no such folder",
                received=path.text.value,
                remedy="write the path of a package's folder, from the folder of the app",
            )
            return None
        return prefix

    def _is_locked(self, use: PackageUse, chosen: Scalar, inside: str) -> bool:
        """Whether the app has the version that `portico.lock` names, and it is the right one."""
        locked = self._lock().get(use.name)
        add = f"run `portico package add {use.name} --app {self._files.folder.root.name} --from REGISTRY`"
        if locked is None:
            self._problems.add(
                "E703", use.place, f"{lock.FILE_NAME} names no version of `{use.name}`", remedy=add
            )
            return False
        wanted, found = versions_range(chosen.text.value), version(locked.version)
        if wanted is None or found is None or not wanted.match(found):
            self._problems.add(
                "E703",
                chosen.place,
                f"{lock.FILE_NAME} pins {use.name} {locked.version}, which is not in this range",
                received=chosen.text.value,
                remedy=f"write another range, or {add}",
            )
            return False
        if not self._files.folder.is_folder(inside):
            self._problems.add(
                "E701",
                use.place,
                f"the app has no copy of `{use.name}` {locked.version} in {inside}",
                remedy=f"bring it back from version control, or {add}",
            )
            return False
        return self._is_unchanged(use, locked, inside)

    def _is_unchanged(self, use: PackageUse, locked: Locked, inside: str) -> bool:
        try:
            actual = content_hash(self._files.folder.location(inside))
        except PackageUnusable as error:
            self._problems.add("E704", use.place, str(error), remedy="bring the published files back")
            return False
        if actual == locked.hash:
            return True
        self._problems.add(
            "E704",
            locked.place,
            f"{inside} is not what was published as {use.name} {locked.version}: its hash is another",
            received=actual,
            remedy="undo what was changed there (a change belongs into a new version of the package), or "
            "add the package again",
        )
        return False

    def _lock(self) -> dict[str, Locked]:
        if self._locked is None:
            self._locked = {}
            if self._files.folder.exists(lock.FILE_NAME):
                content = self._files.yaml(lock.FILE_NAME, lock.SHAPE.what, "")
                if content is not None:
                    self._locked = lock.read(content, self._problems)
        return self._locked
