"""The imitated API that a file of journeys names: a file of the app, or one that comes with Portico."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from portico.definition.diagnostics import Problems
from portico.definition.folder import Folder
from portico.definition.names import suggestion
from portico.definition.source import Scalar

#: Where such files lie, in the folder of the journeys.
FOLDER = "dialects"
_ENDING = ".yaml"
_CODE = "E805"


@dataclass(frozen=True, kw_only=True, slots=True)
class Imitations:
    """What an auth server can imitate: APIs by their `names`, and the API of a file, of whose path and text
    `judge` adds what is wrong. By default nothing is known of either, and nothing is said."""

    names: Collection[str] | None = None
    judge: Callable[[str, str, Problems], object] = lambda *_: None


class DialectReader:
    """Reads what files of journeys name. Each file of an API is judged once."""

    def __init__(self, folder: Folder, problems: Problems, imitations: Imitations) -> None:
        self._folder = folder
        self._problems = problems
        self._imitations = imitations
        self._judged: set[str] = set()

    def read(self, word: Scalar, journeys: str) -> str:
        """The name of an API, or the path in the app of a file that is named from the file `journeys`."""
        written = word.text.value
        if not written.endswith(_ENDING):
            self._check_name(word)
            return written
        path = _joined(PurePosixPath(journeys).parent, PurePosixPath(written))
        if not self._folder.exists(path):
            remedy = f"write the file from the folder of this one, as `{FOLDER}/my-api.yaml`"
            self._problems.add(_CODE, word.place, f"there is no file {path}", received=written, remedy=remedy)
        elif path not in self._judged:
            self._judged.add(path)
            text = self._folder.text(path)
            if text is not None:
                self._imitations.judge(path, text, self._problems)
        return path

    def _check_name(self, word: Scalar) -> None:
        names, written = self._imitations.names, word.text.value
        if names is not None and written not in names:
            none = f"name a file that ends in {_ENDING}, or one of {', '.join(names)}"
            remedy = suggestion(written, names, none=none)
            self._problems.add(
                _CODE, word.place, f"no API `{written}` comes with Portico", received=written, remedy=remedy
            )


def _joined(folder: PurePosixPath, path: PurePosixPath) -> str:
    """The path, from where the folder is, without steps up and down."""
    parts: list[str] = []
    for part in (folder / path).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
