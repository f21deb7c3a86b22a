"""A change of several files and folders of an app: all of it, or nothing.

What is to come is staged in a hidden folder of the app. A list of what goes where makes it a decision:
before that list is there nothing has happened, and once it is, whoever comes next carries it out.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portico.errors import InstallationRefused
from portico.packages.claim import claim
from portico.packages.copies import sync, write

STAGE = ".portico-change"
_LIST = "list.json"


class Change:
    """A change that is being prepared."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stage = root / STAGE
        self._targets: list[str] = []
        #: Whether nothing of the stage is needed any more.
        self.is_over = True

    def staged(self, target: str) -> Path:
        """Where to put what is to lie at `target`, a path in the app; what is there now goes."""
        self._targets.append(target)
        return self._stage / f"new-{len(self._targets) - 1}"

    def file(self, target: str, content: str) -> None:
        """Stage a file, with the mode of the one that is there."""
        staged, there = self.staged(target), self._root / target
        write(staged, content.encode())
        if there.exists():
            staged.chmod(there.stat().st_mode & 0o777)

    def commit(self) -> None:
        """Make the change, in the order in which it was staged. Raises OSError after taking all back."""
        sync(self._stage)
        draft = self._stage / "list"
        write(draft, json.dumps(self._targets).encode())
        self.is_over = False
        draft.rename(self._stage / _LIST)
        try:
            sync(self._stage)
            _carry_out(self._root, self._targets)
        except OSError:
            _take_back(self._root, self._targets)
            raise
        finally:
            # What could not be taken back either is carried out by the next command.
            self.is_over = not (self._stage / _LIST).exists() or not list(self._stage.glob("new-*"))


@contextmanager
def changing(root: Path) -> Iterator[Change]:
    """Change the app in `root`, alone; a change that was cut off before is carried out first.

    Raises InstallationRefused if the app cannot be written, Busy if another command is changing it.
    """
    try:
        with claim(root):
            finish(root)
            (root / STAGE).mkdir()
            change = Change(root)
            try:
                yield change
            finally:
                if change.is_over:
                    shutil.rmtree(root / STAGE, ignore_errors=True)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise InstallationRefused(
            message=f"{root} cannot be written: {error.strerror}{where}. The app is as it was."
        ) from None


def finish(root: Path) -> None:
    """Carry out what was decided when its process was killed, and remove what was not decided."""
    stage = root / STAGE
    if (stage / _LIST).is_file():
        _carry_out(root, json.loads((stage / _LIST).read_bytes()))
    shutil.rmtree(stage, ignore_errors=True)


def _carry_out(root: Path, targets: Sequence[str]) -> None:
    """Put everything where it belongs; what is there already was put there before."""
    for index, name in enumerate(targets):
        new, old, target = root / STAGE / f"new-{index}", root / STAGE / f"old-{index}", root / name
        if not new.exists():
            continue
        target.parent.mkdir(exist_ok=True)
        if new.is_dir():
            if target.is_symlink() or target.exists():
                target.rename(old)
        elif target.exists() and not old.exists():
            # The file is never missing: it is kept by a second name, and replaced.
            old.hardlink_to(target)
        new.rename(target)
        sync(target.parent)


def _take_back(root: Path, targets: Sequence[str]) -> None:
    for index, name in reversed(list(enumerate(targets))):
        new, old, target = root / STAGE / f"new-{index}", root / STAGE / f"old-{index}", root / name
        if not new.exists() and target.is_dir():
            target.rename(new)
        elif not new.exists() and target.exists():
            new.hardlink_to(target)
            if not old.exists():
                target.unlink()
        if old.exists():
            old.replace(target)
    (root / STAGE / _LIST).unlink()
