"""The files of an app: read once, counted into its version, all from its folder and those of its packages."""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from portico.definition.diagnostics import Problems
from portico.definition.source import Node
from portico.model.place import Place

#: Largest file an app may have.
FILE_LIMIT = 1 << 20


class Folder:
    """The folder of one app. Paths are relative to it, with `/`.

    `planned` are files that are not written yet, and are read as if they were.
    """

    def __init__(self, root: Path, problems: Problems, planned: Mapping[str, str] | None = None) -> None:
        self.root = Path(os.path.realpath(root))
        self._problems = problems
        self._planned = {path: content.encode() for path, content in (planned or {}).items()}
        self._digests: dict[str, str] = {}
        self._mounts: dict[str, Path] = {}
        #: What was read as text, and the YAML in it, by path.
        self.texts: dict[str, str] = {}
        self.documents: dict[str, Node] = {}

    def mount(self, prefix: str, root: Path) -> None:
        """Read what is below `prefix`, which ends in `/`, from the folder `root`, links resolved, as well."""
        self._mounts[prefix] = Path(os.path.realpath(root))

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that are read from."""
        return (self.root, *self._mounts.values())

    def names(self, path: str) -> tuple[str, ...]:
        """Names in a folder, sorted, without hidden ones; none if there is no such folder."""
        folder = self._inside(path)
        if folder is None:
            return ()
        found = {name.partition("/")[0] for name in self._planned_below(path)}
        try:
            found |= {child.name for child in folder.iterdir()} if folder.is_dir() else set()
        except OSError as error:
            self._problems.add("E102", Place(path, 1, 1), f"the folder cannot be read: {error.strerror}")
            return ()
        return tuple(sorted(name for name in found if not name.startswith(".")))

    def is_folder(self, path: str) -> bool:
        """Whether `path` is a folder of the app."""
        folder = self._inside(path)
        return folder is not None and (folder.is_dir() or bool(self._planned_below(path)))

    def exists(self, path: str) -> bool:
        """Whether something of that name is there, usable or not."""
        root, rest = self._mounted(path)
        return path in self._planned or os.path.lexists(root / rest)

    def text(self, path: str) -> str | None:
        """The text of a file with line feeds as line ends, or None and a problem."""
        data = self.data(path)
        if data is None:
            return None
        try:
            content = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            column = len(data[: error.start].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
            self._problems.add(
                "E102",
                Place(path, line, column),
                "the file is not UTF-8",
                received=f"byte 0x{data[error.start]:02x}",
                remedy="save the file as UTF-8",
            )
            return None
        self.texts[path] = content.replace("\r\n", "\n").replace("\r", "\n")
        return self.texts[path]

    def data(self, path: str) -> bytes | None:
        """The bytes of a file, or None and a problem."""
        if path in self._planned:
            return self._planned[path]
        file = self._inside(path)
        if file is None:
            return None
        try:
            found = file.stat()
            if not stat.S_ISREG(found.st_mode):
                self._problems.add("E102", Place(path, 1, 1), "this is not a regular file")
                return None
            with file.open("rb") as stream:
                data = stream.read(FILE_LIMIT + 1)
        except OSError as error:
            self._problems.add("E102", Place(path, 1, 1), f"the file cannot be read: {error.strerror}")
            return None
        if len(data) > FILE_LIMIT:
            self._problems.add(
                "E103",
                Place(path, 1, 1),
                "the file is too large",
                received=f"{found.st_size} bytes",
                remedy=f"keep it under {FILE_LIMIT} bytes",
            )
            return None
        self._digests[path] = hashlib.sha256(data).hexdigest()
        return data

    def location(self, path: str) -> Path:
        """Where a file lies, links resolved."""
        root, rest = self._mounted(path)
        return Path(os.path.realpath(root / rest))

    def count(self, name: str, content: str) -> None:
        """Have something that does not lie in the folder count into its version."""
        self._digests[name] = hashlib.sha256(content.encode()).hexdigest()

    def version(self, settings: str) -> str:
        """A hash over everything read so far, and over the settings that were used."""
        parts = [f"{digest} {path}" for path, digest in sorted(self._digests.items())]
        return hashlib.sha256("\n".join([*parts, settings]).encode()).hexdigest()

    def _planned_below(self, path: str) -> list[str]:
        prefix = "" if path == "." else path.rstrip("/") + "/"
        return [name.removeprefix(prefix) for name in self._planned if name.startswith(prefix)]

    def _mounted(self, path: str) -> tuple[Path, str]:
        """The folder that a path is read from, and the path in it."""
        for prefix, root in self._mounts.items():
            if path.startswith(prefix) or path + "/" == prefix:
                return root, path[len(prefix) :]
        return self.root, path

    def _inside(self, path: str) -> Path | None:
        file = self.location(path)
        root, _ = self._mounted(path)
        if file == root or root in file.parents:
            return file
        self._problems.add(
            "E104",
            Place(path, 1, 1),
            "the file lies outside the app folder",
            remedy="put a copy of it into the folder instead of a link",
        )
        return None
