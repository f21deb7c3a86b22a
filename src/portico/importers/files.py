"""Writing several files: all of them, or none."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from portico.errors import PorticoError


class FileNotWritten(PorticoError):
    """A file could not be written; the others were not either, or were put back."""

    code = "file_not_written"
    default_message = "The files could not be written."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A file to be. With `replace` one of its name may be there; `mode` is that of a new file."""

    path: Path
    content: str = field(repr=False)
    replace: bool = False
    mode: int = 0o666


def write_all(drafts: Sequence[Draft]) -> None:
    """Write the files, each whole under another name first, so that nobody reads half of one.

    Raises FileNotWritten, after everything was put back as it was: if a file is there that is not
    to be replaced, and if writing fails.
    """
    done: list[tuple[Path, bytes | None]] = []
    made: list[Path] = []
    try:
        for draft in drafts:
            _make_folders(draft.path.parent, made)
            before = draft.path.read_bytes() if draft.path.exists() else None
            if before is not None and not draft.replace:
                raise FileNotWritten(message=f"{draft.path} is there already.")
            _write(draft, before)
            done.append((draft.path, before))
    except (OSError, FileNotWritten) as error:
        _put_back(done, made)
        if isinstance(error, FileNotWritten):
            raise
        raise FileNotWritten(message=f"{error.filename} cannot be written: {error.strerror}.") from None


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Make the folders that are missing, the outermost first, and note them."""
    for parent in reversed((folder, *folder.parents)):
        if not parent.exists():
            parent.mkdir()
            made.append(parent)


def _write(draft: Draft, before: bytes | None) -> None:
    temporary = draft.path.with_name(f".{draft.path.name}.{secrets.token_hex(8)}")
    mode = draft.mode if before is None else draft.path.stat().st_mode & 0o777
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(draft.content)
        if before is not None:
            temporary.replace(draft.path)
        else:
            # Unlike a rename this fails if somebody else was faster.
            draft.path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _put_back(done: Sequence[tuple[Path, bytes | None]], made: Sequence[Path]) -> None:
    for path, before in reversed(done):
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()
