"""A folder that one process at a time changes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portico.errors import Busy

#: The name of the file that is held meanwhile. It is gone afterwards: a registry may be a git checkout.
FILE_NAME = ".portico-package"
PATIENCE = 30.0
PAUSE = 0.02


@contextmanager
def claim(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold `folder` while the block runs; a process that is killed lets go of it.

    Raises Busy if another process holds it for `patience` seconds, OSError if the folder cannot be written.
    """
    file = folder / FILE_NAME
    descriptor = _held(file, time.monotonic() + patience)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(descriptor)


def _held(file: Path, deadline: float) -> int:
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The one before removed the file: what is locked may be no file any more, and others begin anew.
            if _is_same(descriptor, file):
                return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise Busy(
                    message=f"Another command is changing {file.parent}. Try again when it has ended."
                ) from None
            time.sleep(PAUSE)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        found = file.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    mine = os.fstat(descriptor)
    return (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino)
