"""The signing secret of a database file, kept beside it, so that tokens outlive a restart."""

import os
import secrets
import stat
from pathlib import Path

from portico.authserver.settings import Settings, SettingsInvalid
from portico.values import Secret

_RANDOM_BYTES = 48


def signing_secret(settings: Settings) -> Secret:
    """The secret that `settings` gives, or that the database's last start left, or a new random one.

    Raises `SettingsInvalid` where others may read the file.
    """
    if settings.secret is not None:
        return settings.secret
    fresh = secrets.token_urlsafe(_RANDOM_BYTES)
    if settings.database is None:
        return Secret(fresh)
    path = settings.database.with_name(settings.database.name + ".secret")
    if not path.exists():
        _write_once(path, fresh)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsInvalid(message=f"Others may read {path.name}: run chmod 600 on it, or delete it.")
    return Secret(path.read_text(encoding="utf-8").strip())


def _write_once(path: Path, text: str) -> None:
    """Write `path` whole or not at all; where another process was first, its secret stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
