"""The datasources of an app, led to what imitates them: nothing that they really name is ever called."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tools.try_app.folder import AppFolder, as_yaml
from tools.try_app.sign_in_file import SignIn
from tools.try_app.throw_away import Reached

#: What every secret of a tried app is.
SECRET = "made-up-for-this-trial"  # noqa: S105 (it opens nothing)
#: The secret that opens the database of the trial.
DATABASE_SECRET = "TRIAL_DATABASE_PASSWORD"  # noqa: S105 (the name of one)
#: A database that nobody has.
NO_DATABASE = "127.0.0.1:9/nothing"
_SETTING = re.compile(r"\$\{\w+(?::-([^}]*))?\}")


def point(root: Path, sign_in: SignIn, database: Reached | None) -> Mapping[str, str]:
    """Write the datasources of the app in `root` anew, and say the secrets that it needs."""
    folder = AppFolder(root)
    secrets: dict[str, str] = {}
    for file in sorted(root.glob("datasources/*.yaml")):
        found = folder.file(file)
        if not isinstance(found, dict):
            continue
        if found.get("kind") == "sql":
            found = _database(found, database)
        else:
            given = sign_in.datasources.get(file.stem)
            path = given.text.value if given is not None else _path(found)
            found |= {"url": f"${{AUTH_URL}}{path.rstrip('/')}", "allow_private": True}
        file.write_text(as_yaml(found))
        secrets |= dict.fromkeys(_secrets(found), SECRET)
    secrets |= dict.fromkeys(_secrets(folder.file(root / "app.yaml")), SECRET)
    if database is not None:
        secrets[DATABASE_SECRET] = database.password
    return secrets


def _database(found: dict[str, Any], database: Reached | None) -> dict[str, Any]:
    if database is None:
        return {**found, "url": f"{_address(found).scheme}://{NO_DATABASE}", "allow_private": True}
    kept = {key: value for key, value in found.items() if key != "auth"}
    account = {"type": "basic", "username": database.username, "password": {"secret": DATABASE_SECRET}}
    return {
        **kept,
        "url": database.url,
        "allow_private": True,
        **({"auth": account} if database.username else {}),
    }


def _path(found: Mapping[str, Any]) -> str:
    return _address(found).path


def _address(found: Mapping[str, Any]) -> SplitResult:
    return urlsplit(_SETTING.sub(lambda match: match[1] or "", str(found.get("url", ""))))


def _secrets(value: Any) -> Iterator[str]:
    """Names of secrets in a file."""
    match value:
        case {"secret": str(name)}:
            yield name
        case dict():
            for each in value.values():
                yield from _secrets(each)
        case list():
            for each in value:
                yield from _secrets(each)
