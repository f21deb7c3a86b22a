"""What a package consists of: its files, and a hash over all of them."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from portico.definition.folder import FILE_LIMIT
from portico.errors import PackageUnusable

#: What stands before the digits of a hash.
ALGORITHM = "sha256:"


def files(folder: Path) -> tuple[str, ...]:
    """The paths of all files below `folder`, with `/`, sorted; hidden files and folders do not count.

    Raises PackageUnusable for a folder that cannot be listed, and for what is no file of its own: a link
    to a folder or out of the package, a device, a name that not every machine can have.
    """
    root = Path(os.path.realpath(folder))
    if not root.is_dir():
        raise PackageUnusable(message=f"{folder} is not a folder.")
    return tuple(sorted(_below(root, root)))


def content_hash(folder: Path) -> str:
    """`sha256:` and the hash over one line `<sha256 of the content> <path>` for every file, by path.

    Raises PackageUnusable as `files` does, and for a file that cannot be read or is too large.
    """
    root = Path(os.path.realpath(folder))
    whole = hashlib.sha256()
    for path in files(root):
        whole.update(f"{hashlib.sha256(data(root / path)).hexdigest()} {path}\n".encode())
    return ALGORITHM + whole.hexdigest()


def data(file: Path) -> bytes:
    """The content of a regular file. Raises PackageUnusable for anything else, and for too large a file."""
    try:
        # A pipe would wait for somebody who writes.
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            # Judged is the file that is open, not one that may lie there by now.
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PackageUnusable(message=f"{file} is not a regular file.")
            content = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise PackageUnusable(message=f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > FILE_LIMIT:
        raise PackageUnusable(message=f"{file} is over {FILE_LIMIT} bytes.")
    return content


def _below(folder: Path, root: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        raise PackageUnusable(message=f"{folder} cannot be read: {error.strerror}.") from None
    for entry in entries:
        path = Path(entry.path)
        # A line of the hash is one path: a line feed in it would make two.
        if not entry.name.isprintable() or "\\" in entry.name:
            raise PackageUnusable(
                message=f"{folder} holds the name {entry.name!a}. Rename it: letters, digits."
            )
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path, root)
        else:
            _judge(path, root)
            yield path.relative_to(root).as_posix()


def _judge(path: Path, root: Path) -> None:
    target = Path(os.path.realpath(path))
    if root not in target.parents:
        raise PackageUnusable(message=f"{path} leads out of the package. Put a copy there instead of a link.")
    if target.is_dir():
        raise PackageUnusable(message=f"{path} is a link to a folder. Put the folder itself there.")
    if not target.is_file():
        raise PackageUnusable(message=f"{path} is not a regular file.")
