"""A package: `package.yaml`, its modules, and the datasources that it brings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portico.definition import datasources, modules
from portico.definition.diagnostics import Diagnostic, Problems
from portico.definition.draft import ModuleDraft, PackageDraft
from portico.definition.entities import EntityReader
from portico.definition.fields import Fields, literal
from portico.definition.finder import FOLDER
from portico.definition.folder import Folder
from portico.definition.loops import check_module_loops
from portico.definition.module_check import check_circles, check_package
from portico.definition.names import file_name_problem
from portico.definition.secrets import Secrets
from portico.definition.settings import Settings
from portico.definition.shapes import WORD, Key, Shape, table
from portico.definition.source import Scalar
from portico.definition.versions import version, versions_range
from portico.model.package import PackageContract
from portico.model.place import Place
from portico.model.query import Datasource
from portico.model.widget import WidgetType
from portico.values import Secret

#: The file that makes a folder a package.
FILE_NAME = "package.yaml"

SHAPE = Shape(
    "package.yaml",
    {
        "name": Key(schema=WORD, help="What apps call it.", required=True),
        "version": Key(schema=WORD, help="Its version, `x.y.z`.", required=True),
        "description": Key(schema=WORD, help="What it is for."),
        "packages": Key(schema=table(WORD), help="Packages that its modules use, with ranges of versions."),
    },
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedPackage:
    """What came of reading a package: `contract` is None if one of the problems is an error."""

    contract: PackageContract | None
    problems: tuple[Diagnostic, ...]


def load_package(
    folder: Path,
    *,
    types: Mapping[str, WidgetType],
    settings: Mapping[str, str],
    secrets: Secrets | None = None,
    packages: Mapping[str, Path] | None = None,
) -> LoadedPackage:
    """Read and check the package in `folder` on its own.

    `packages` are the folders of those that it needs, by name. Never raises for what an author did.
    """
    problems = Problems()
    if not folder.is_dir():
        problems.add("E101", Place(str(folder), 1, 1), "there is no such folder")
        return LoadedPackage(contract=None, problems=problems.sorted())
    files = Folder(folder, problems)
    reader = PackageReader(
        EntityReader(files, problems),
        types,
        Settings(settings),
        partial((secrets or Secrets()).value, ""),
    )
    found = reader.read("")
    known: dict[str, PackageDraft | None] = {}
    for name, root in (packages or {}).items():
        files.mount(f"{FOLDER}{name}/", root)
        known[name] = reader.read(f"{FOLDER}{name}/")
    if found is not None:
        everything = {**known, found.name: found}
        check_package(found, everything, problems)
        if check_circles(everything, problems):
            check_module_loops(everything, (found,), problems)
    failed = problems.failed or found is None
    return LoadedPackage(
        contract=None if failed or found is None else contract(found), problems=problems.sorted()
    )


def contract(package: PackageDraft) -> PackageContract:
    """What a sound package promises."""
    return PackageContract(
        name=package.name,
        version=package.version,
        description=package.description,
        modules={name: found.contract for name, found in package.modules.items() if found is not None},
        datasources=frozenset(package.datasources),
        packages={name: word.text.value for name, word in package.needs.items()},
    )


class PackageReader:
    """Reads packages. `find` gives the value of a secret by its name."""

    def __init__(
        self,
        files: EntityReader,
        types: Mapping[str, WidgetType],
        settings: Settings,
        find: Callable[[str], Secret | None],
    ) -> None:
        self._files = files
        self._types = types
        self._settings = settings
        self._find = find
        self._problems = files.problems

    def read(self, prefix: str, bound: frozenset[str] = frozenset()) -> PackageDraft | None:
        """The package whose files begin with `prefix`; None and problems if its file cannot be read.

        Datasources that are `bound` to others are not read: what they need is not needed.
        """
        file = prefix + FILE_NAME
        content = self._files.yaml(
            file, "a package", "a package is a folder with package.yaml, which has `name` and `version`"
        )
        if content is None:
            return None
        fields = Fields(content, self._problems, SHAPE)
        name = self._name(fields)
        number = self._version(fields)
        description = fields.word("description")
        needs = dict(self._needs(fields))
        fields.done()
        sources, secrets = self._datasources(prefix, bound)
        return PackageDraft(
            name=name,
            version=number,
            description=description.text.value if description is not None else "",
            place=Place(file, 1, 1),
            needs=needs,
            datasources=sources,
            secrets=secrets,
            modules=self._modules(name, prefix),
        )

    def _name(self, fields: Fields) -> str:
        word = fields.required_word("name", "write `name: login`")
        if word is None:
            return ""
        problem = file_name_problem(word.text.value)
        if problem is None:
            return word.text.value
        self._problems.add("E114", word.place, problem, received=word.text.value, remedy="rename it")
        return ""

    def _version(self, fields: Fields) -> str:
        word = fields.required_word("version", "write `version: 1.0.0`")
        if word is None or version(word.text.value) is not None:
            return word.text.value if word is not None else "0.0.0"
        self._problems.add(
            "E702",
            word.place,
            "a version is x.y.z",
            received=word.text.value,
            remedy="write `version: 1.0.0`",
        )
        return "0.0.0"

    def _needs(self, fields: Fields) -> list[tuple[str, Scalar]]:
        listed = fields.table_of("packages")
        found = []
        for name, entry in listed.entries.items() if listed is not None else ():
            word = literal(entry.node, self._problems, name)
            if word is not None and versions_range(word.text.value) is None:
                self._problems.add(
                    "E703",
                    word.place,
                    "this is no range of versions",
                    received=word.text.value,
                    remedy='write one like "^1.0", in quotes',
                )
            elif word is not None:
                found.append((name, word))
        return found

    def _datasources(
        self, prefix: str, bound: frozenset[str]
    ) -> tuple[dict[str, Datasource | None], dict[str, frozenset[str]]]:
        """The datasources that it brings, and the names of the secrets of each."""
        found: dict[str, Datasource | None] = {}
        secrets: dict[str, frozenset[str]] = {}
        for name, file in self._files.files(f"{prefix}datasources/", ".yaml"):
            self._files.file_name(name, file)
            if name in bound:
                found[name] = None
                continue
            asked: set[str] = set()

            def find(secret: str, asked: set[str] = asked) -> Secret | None:
                asked.add(secret)
                return self._find(secret)

            content = self._files.yaml(file, "a datasource", "")
            reader = datasources.Reader(self._files.folder, self._settings, find, self._problems)
            found[name] = None if content is None else reader.read(name, content)
            secrets[name] = frozenset(asked)
        return found, secrets

    def _modules(self, package: str, prefix: str) -> dict[str, ModuleDraft | None]:
        found: dict[str, ModuleDraft | None] = {}
        remedy = "a module is a folder modules/<Name> with module.yaml in it"
        for name, inner in self._files.folders(f"{prefix}modules/", remedy):
            file = f"{inner}module.yaml"
            entities = self._files.entities(inner)
            self._files.others(
                inner,
                ("module.yaml", "queries", "scripts"),
                "a module has module.yaml, queries/ and scripts/",
            )
            content = self._files.yaml(file, "a module", "write module.yaml with `kind`")
            found[name] = (
                None
                if content is None
                else modules.read(package, name, content, file, entities, self._types, self._problems)
            )
        if not found:
            self._problems.add(
                "E702",
                Place(prefix + FILE_NAME, 1, 1),
                "the package has no module",
                remedy="write modules/<Name>/module.yaml",
            )
        return found
