"""Files that apps and packages have in common: YAML, queries, scripts."""

from collections.abc import Collection
from pathlib import PurePosixPath

from portico.definition import queries, scripts, source
from portico.definition.diagnostics import Problems
from portico.definition.draft import Entities, QueryDraft, ScriptDraft
from portico.definition.fields import table
from portico.definition.folder import Folder
from portico.definition.names import entity_name_problem, file_name_problem
from portico.definition.source import Table
from portico.definition.text import whole
from portico.model.place import Place


class EntityReader:
    """Reads the files of one folder. Prefixes of paths end in `/`; "" is the folder itself."""

    def __init__(self, folder: Folder, problems: Problems) -> None:
        self.folder = folder
        self.problems = problems

    def entities(self, prefix: str) -> Entities:
        """What lies in `queries/` and `scripts/` below `prefix`."""
        broken = False
        found_queries: list[QueryDraft] = []
        found_scripts: list[ScriptDraft] = []
        for name, file in self.files(f"{prefix}queries/", ".yaml"):
            self._entity_name(name, file)
            content = self.yaml(file, "a query", "")
            if content is None:
                broken = True
            else:
                found_queries.append(queries.read(name, content, file, self.problems))
        for name, file in self._scripts(f"{prefix}scripts/"):
            self._entity_name(name, file)
            script = self._script(name, file)
            if script is None:
                broken = True
            else:
                found_scripts.append(script)
        return Entities(queries=tuple(found_queries), scripts=tuple(found_scripts), broken=broken)

    def files(self, prefix: str, ending: str, *, besides: Collection[str] = ()) -> list[tuple[str, str]]:
        """Names and paths of the files of a folder that end in `ending`; `besides` is read in another way."""
        found = []
        for name in self.folder.names(prefix):
            if name.endswith(ending):
                found.append((PurePosixPath(name).stem, prefix + name))
            elif name not in besides:
                self.stray(prefix + name, f"files of this folder end in {ending}")
        return found

    def folders(self, prefix: str, remedy: str) -> list[tuple[str, str]]:
        """Names and prefixes of the folders in a folder, whose names are those of files in addresses."""
        found = []
        for name in self.folder.names(prefix):
            if not self.folder.is_folder(prefix + name):
                self.stray(prefix + name, remedy)
                continue
            self.file_name(name, prefix + name)
            found.append((name, f"{prefix}{name}/"))
        return found

    def yaml(self, file: str, what: str, remedy: str) -> Table | None:
        """The mapping that a file holds, or None and problems."""
        if not self.folder.exists(file):
            self.problems.add("E101", Place(file, 1, 1), f"{file} is missing", remedy=remedy)
            return None
        content = self.folder.text(file)
        if content is None:
            return None
        before = self.problems.count
        node = source.read(file, content, self.problems)
        if node is None and self.problems.count > before:
            return None
        if node is not None:
            self.folder.documents[file] = node
        return table(node, self.problems, what, file)

    def others(self, prefix: str, known: tuple[str, ...], remedy: str) -> None:
        """Report what lies in a folder and is not `known`."""
        for name in self.folder.names(prefix):
            if name not in known:
                self.stray(prefix + name, remedy)

    def stray(self, path: str, remedy: str) -> None:
        """Report a file that nothing reads."""
        self.problems.add("W101", Place(path, 1, 1), "nothing reads this", remedy=remedy)

    def file_name(self, name: str, path: str) -> None:
        """Report a name that cannot stand in an address."""
        problem = file_name_problem(name)
        if problem is not None:
            self.problems.add("E114", Place(path, 1, 1), problem, received=name, remedy="rename it")

    def _entity_name(self, name: str, path: str) -> None:
        problem = entity_name_problem(name)
        if problem is not None:
            self.problems.add("E402", Place(path, 1, 1), problem, received=name, remedy="rename the file")

    def _scripts(self, prefix: str) -> list[tuple[str, str]]:
        """Names and paths of the scripts of a folder. A file of settings needs the script beside it."""
        names = self.folder.names(prefix)
        for name in names:
            path = PurePosixPath(name)
            if path.suffix != ".js" and (path.suffix != ".yaml" or f"{path.stem}.js" not in names):
                self.stray(prefix + name, "files of this folder are <name>.js, and <name>.yaml beside it")
        return [(PurePosixPath(name).stem, prefix + name) for name in names if name.endswith(".js")]

    def _script(self, name: str, file: str) -> ScriptDraft | None:
        text = self.folder.text(file)
        script = None if text is None else scripts.read(name, whole(file, text), self.problems)
        settings = file.removesuffix(".js") + ".yaml"
        if script is None or not self.folder.exists(settings):
            return script
        content = self.yaml(settings, "settings of a script", "")
        if content is None:
            return script
        return scripts.with_behaviours(script, content, settings, self.problems)
