"""The datasources that an app has, as far as a command may use one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from portico.importers.address import Address
from portico.importers.credentials import BasicPair, BearerToken, Credentials, Key
from portico.model.query import Datasource
from portico.runtime.destination import Destination


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A datasource: where it leads, and what its file says. The file knows its credentials also
    while their secrets are not set."""

    name: str
    destination: Destination
    headers: Mapping[str, Any]
    auth: Mapping[str, Any]

    def below(self, address: Address) -> str | None:
        """The path of an address below this datasource, or None."""
        here = self.destination
        if (here.scheme, here.host) != (address.scheme, address.host.lower()):
            return None
        if here.port != (address.port or {"http": 80, "https": 443}[address.scheme]):
            return None
        rest = address.path.removeprefix(here.base)
        inside = address.path.startswith(here.base) and (not rest or rest.startswith("/"))
        return (rest or "/") if inside else None

    def lacks(self, credentials: Credentials) -> tuple[str, ...]:
        """The credentials of a command that it does not send itself."""
        missing = [header.name for header in credentials.headers if not self._sends(header.name)]
        match credentials.auth:
            case Key(where="query", name=name):
                missing += [] if self._is_key(name, "query") else [name]
            case Key(name=name):
                missing += [] if self._sends(name) else [name]
            case BasicPair() | BearerToken():
                missing += [] if self._sends("authorization") else ["Authorization"]
        return tuple(missing)

    def adds(self, credentials: Credentials, names: Sequence[str]) -> tuple[str, ...]:
        """The headers that it sends and that the command, which names `names`, does not have."""
        given = {name.lower() for name in names} | {header.name.lower() for header in credentials.headers}
        if credentials.auth is not None:
            given.add("authorization")
        own = [*self.headers, *(["Authorization"] if self._sends("authorization") else [])]
        return tuple(dict.fromkeys(name for name in own if name.lower() not in given))

    def _sends(self, header: str) -> bool:
        if header.lower() in (name.lower() for name in self.headers):
            return True
        if header.lower() == "authorization" and self.auth.get("type") in (
            "basic",
            "bearer",
            "oauth2_client_credentials",
        ):
            return True
        return self._is_key(header, "header")

    def _is_key(self, name: str, where: str) -> bool:
        auth = self.auth
        same = str(auth.get("name", "")).lower() == name.lower() and auth.get("in", "header") == where
        return auth.get("type") == "api_key" and same


def sources_of(datasources: Mapping[str, Datasource], folder: Path) -> list[Source]:
    """Datasources that could be read, and their files in the folder of their app."""
    found = []
    for name, datasource in datasources.items():
        content = yaml.safe_load((folder / "datasources" / f"{name}.yaml").read_text(encoding="utf-8-sig"))
        headers, auth = content.get("headers"), content.get("auth")
        found.append(
            Source(
                name=name,
                destination=Destination.of(datasource),
                headers=headers if isinstance(headers, dict) else {},
                auth=auth if isinstance(auth, dict) else {},
            )
        )
    return found


def secrets_in(source: Source) -> set[str]:
    """The names of the secrets that its file names."""
    values = [*source.headers.values(), *source.auth.values()]
    return {str(value["secret"]) for value in values if isinstance(value, dict) and "secret" in value}
