"""The server key: makes the tags under which stores file things. Never inside the store itself."""

import os
import secrets
from pathlib import Path

from portico.errors import PorticoError
from portico.values import Secret, new_id

_LEAST = 32


class ServerKeyUnusable(PorticoError):
    """The server key is too short to be one, or its file cannot be read or made."""

    code = "server_key"
    default_message = "The server key cannot be used."


def checked(key: Secret) -> Secret:
    """A key that was given. Raises ServerKeyUnusable if it has fewer than 32 characters."""
    if len(key.reveal()) < _LEAST:
        raise ServerKeyUnusable(message=f"PORTICO_KEY must have at least {_LEAST} characters.")
    return key


def random_key() -> Secret:
    """A key for a place that lasts no longer than this process."""
    return Secret(new_id(32))


def key_beside(store: Path) -> Secret:
    """The key in `<store>.key`, made at first with mode 0600. Processes that start at the same time
    agree on one. Raises ServerKeyUnusable."""
    path = store.with_name(f"{store.name}.key")
    try:
        if not path.exists():
            _make(path)
        return checked(Secret(path.read_text(encoding="ascii").strip()))
    except (OSError, UnicodeDecodeError) as error:
        raise ServerKeyUnusable(
            f"{path}: {error}", message=f"The server key {path} cannot be read."
        ) from error


def _make(path: Path) -> None:
    """Written whole under another name first: nobody ever reads half a key, and the first one wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(random_key().reveal() + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
