"""Files of an application, read within limits, and never from outside of its folder."""

import json
import os
import stat
from pathlib import Path
from typing import Any

from portico.errors import PorticoError
from portico.importers.appsmith.loose import coerced

#: The largest file that is read: the largest real export that is known has 5.8 MB.
FILE_LIMIT = 32 << 20
#: What all files of an application may have together, and how many there may be.
WHOLE_LIMIT = 96 << 20
COUNT_LIMIT = 40_000
#: Levels of JSON: widgets in widgets are some 10 each, and code recurses over them.
DEPTH_LIMIT = 120


class NotImportable(PorticoError):
    """What was given is no Appsmith application, or none that can be read."""

    code = "not_importable"
    default_message = "This is not an Appsmith application."


class Intake:
    """Reads below one folder. Names come from the folder itself, so that no file of the application says
    where another one lies; links that lead out are not followed."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self._read = 0
        self._count = 0
        self._inside: dict[Path, Path] = {}
        #: What was passed over, and why.
        self.notes: list[str] = []

    def names(self, folder: str = "") -> list[str]:
        """Names in a folder, sorted, without hidden ones; none if there is no such folder."""
        path = self._path(folder)
        if path is None or not path.is_dir():
            return []
        try:
            found = sorted(child.name for child in path.iterdir() if not child.name.startswith("."))
        except OSError:
            return []
        self._count += len(found)
        if self._count > COUNT_LIMIT:
            raise NotImportable(message=f"The application has more than {COUNT_LIMIT} files.")
        return found

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder of that name."""
        found = self._path(path)
        return found is not None and found.is_dir()

    def is_file(self, path: str) -> bool:
        """Whether there is a regular file of that name."""
        found = self._path(path)
        return found is not None and found.is_file()

    def text(self, path: str) -> str:
        """The text of a file; empty if it is missing or cannot be read."""
        data = self._data(path)
        return "" if data is None else data.decode("utf-8-sig", "replace").replace("\r\n", "\n")

    def json(self, path: str) -> Any:
        """What a file of JSON holds; None if it is missing or no JSON, which is noted."""
        data = self._data(path)
        if data is None:
            return None
        try:
            return parsed(data)
        except NotImportable as error:
            self.notes.append(f"{path}: {error.message}")
            return None

    def _data(self, path: str) -> bytes | None:
        found = self._path(path)
        if found is None:
            return None
        try:
            state = found.stat()
            if not stat.S_ISREG(state.st_mode):
                return None
            self._allow(path, state.st_size)
            with found.open("rb") as file:
                data = file.read(FILE_LIMIT + 1)
        except OSError as error:
            if found.exists():
                self.notes.append(f"{path}: it cannot be read: {error.strerror}")
            return None
        self._read += len(data)
        return data

    def _allow(self, path: str, size: int) -> None:
        if size > FILE_LIMIT:
            raise NotImportable(
                message=f"{path} has {size >> 20} MiB; a file of an application may have {FILE_LIMIT >> 20}. "
                "Take pictures and other data out of it, and serve them from elsewhere."
            )
        if self._read + size > WHOLE_LIMIT:
            raise NotImportable(message=f"The application has more than {WHOLE_LIMIT >> 20} MiB in all.")

    def _path(self, path: str) -> Path | None:
        """Where a file lies; None outside of the folder. Only links can lead there, or a name of ours that is
        none: names are those that the folder itself gave."""
        found = self.root / path
        folder = found.parent
        if folder not in self._inside:
            self._inside[folder] = Path(os.path.realpath(folder))
        if not found.is_symlink() and self._holds(self._inside[folder]) and ".." not in found.parts:
            return found
        found = Path(os.path.realpath(found))
        if self._holds(found):
            return found
        note = f"{path}: it leads out of the folder, and was not read"
        if note not in self.notes:
            self.notes.append(note)
        return None

    def _holds(self, path: Path) -> bool:
        return path == self.root or self.root in path.parents


def parsed(data: bytes) -> Any:
    """JSON within limits. Raises NotImportable for what is none, or is nested too deeply."""
    try:
        value = json.loads(_utf8(data), parse_constant=lambda name: None)
    except RecursionError:
        raise NotImportable(message="The JSON is nested too deeply.") from None
    except ValueError as error:
        where = (
            f": line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise NotImportable(message=f"This is not JSON{where}.") from None
    _check_depth([value])
    return coerced(value)


def _utf8(data: bytes) -> str:
    text = data.decode("utf-8-sig", "replace")
    # An escaped half of a pair is no character, and no file could hold it.
    return text if "\\u" not in text and "\\U" not in text else _without_halves(text)


def _without_halves(text: str) -> str:
    parts = text.split("\\u")
    for at in range(1, len(parts)):
        if _is_half(parts, at):
            parts[at] = "fffd" + parts[at][4:]
    return "\\u".join(parts)


def _is_half(parts: list[str], at: int) -> bool:
    """Whether an escape is a half without its other half beside it."""
    code = parts[at][:4].lower()
    if _is_high(code):
        return not (len(parts[at]) == 4 and at + 1 < len(parts) and _is_low(parts[at + 1][:4].lower()))
    if _is_low(code):
        return not (len(parts[at - 1]) == 4 and at > 1 and _is_high(parts[at - 1][:4].lower()))
    return False


def _is_high(code: str) -> bool:
    return len(code) == 4 and "d800" <= code <= "dbff"


def _is_low(code: str) -> bool:
    return len(code) == 4 and "dc00" <= code <= "dfff"


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_LIMIT):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise NotImportable(message=f"The JSON is nested more than {DEPTH_LIMIT} levels deep.")
