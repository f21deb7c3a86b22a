"""Copies of packages that are on the disk before anybody relies on them."""

import os
from pathlib import Path

from portico.definition.content import content_hash, data, files


def copy(source: Path, target: Path) -> str:
    """Copy a package to `target`, which is not there yet, and return what the copy hashes to.

    Links become the files they lead to. The hash is that of the copy: whatever happened to the source
    meanwhile is in it. Raises PackageUnusable for what no package can hold, OSError if writing fails.
    """
    target.mkdir(parents=True)
    for path in files(source):
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, data(source / path))
    for folder, _, _ in os.walk(target, topdown=False):
        sync(Path(folder))
    return content_hash(target)


def write(file: Path, content: bytes) -> None:
    """Write a new file through to the disk."""
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
