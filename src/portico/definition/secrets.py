"""Values of secrets: app files name them, the environment or a file beside the apps holds them."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from portico.errors import PorticoError
from portico.values import Secret

#: What stands before a secret's name in the environment.
PREFIX = "PORTICO_SECRET_"
#: The name of the file, unless another is given.
FILE_NAME = "secrets.toml"
FILE_LIMIT = 1 << 20

_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class SecretsUnusable(PorticoError):
    """The file of secrets cannot be read, or holds something else."""

    code = "secrets_unusable"
    default_message = "The file of secrets cannot be used."


class Secrets:
    """Where values come from.

    `PORTICO_SECRET_<NAME>` in `environment` wins over the table of the file that is called after
    the app's slug, and that over the file's top level. An empty value counts as none.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = _NOTHING,
        shared: Mapping[str, str] = _NOTHING,
        by_app: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        self._environment = {
            name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)
        }
        self._shared = shared
        self._by_app = by_app

    @classmethod
    def read(cls, file: Path | None, environment: Mapping[str, str]) -> Self:
        """The secrets of a file, if there is to be one, and of the environment.

        Raises SecretsUnusable, which quotes no value: if the file cannot be read, if anybody but its
        owner may read it, if it is not TOML, or if it holds anything but text and tables of text.
        """
        if file is None:
            return cls(environment)
        shared, by_app = parse(_content(file), file)
        return cls(environment, shared, by_app)

    def value(self, slug: str, name: str) -> Secret | None:
        """The value of a secret for one app, or None."""
        return self.known(slug).get(name)

    def known(self, slug: str) -> dict[str, Secret]:
        """Every secret that is set for one app, by name."""
        places = (self._shared, self._by_app.get(slug, _NOTHING), self._environment)
        return {name: Secret(value) for values in places for name, value in values.items() if value}


def is_name(name: str) -> bool:
    """Whether a secret can be called this: capitals, digits and `_`, as it is part of the name of a
    variable. A value that somebody puts where its name belongs is hardly ever one."""
    return _NAME.fullmatch(name) is not None


def parse(content: bytes, file: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The values for all apps, and those for one, by slug. `file` is for messages. Raises SecretsUnusable."""
    try:
        data = tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise SecretsUnusable(message=f"{file} is not UTF-8, at byte {error.start}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SecretsUnusable(message=f"{file} is not TOML: {error}.") from None
    shared: dict[str, str] = {}
    by_app: dict[str, dict[str, str]] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            by_app[key] = {name: _text(file, f"{key}.{name}", inner) for name, inner in value.items()}
        else:
            shared[key] = _text(file, key, value)
    return shared, by_app


def _text(file: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise SecretsUnusable(message=f'{file}: {key} is not text. Write it as {key} = "…", in quotes.')
    if not is_name(key.rpartition(".")[2]):
        raise SecretsUnusable(
            message=f"{file}: {key} cannot name a secret. Use capital letters, digits and `_`."
        )
    return value


def _content(file: Path) -> bytes:
    try:
        # A pipe would wait for somebody who writes.
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            # Judged is the file that is open, not one that may lie there by now.
            _judge(os.fstat(descriptor), file)
            content = os.read(descriptor, FILE_LIMIT + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretsUnusable(message=f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > FILE_LIMIT:
        raise SecretsUnusable(message=f"{file} is over {FILE_LIMIT} bytes.")
    return content


def _judge(found: os.stat_result, file: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SecretsUnusable(message=f"{file} is not a regular file.")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretsUnusable(
            message=f"Other users of this machine may read {file} (mode {stat.S_IMODE(found.st_mode):04o}). "
            f"Take that away: chmod 600 {file}"
        )
