"""Datasources: one file for each origin that queries call, and secrets by their names alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from portico.importers.appsmith.loose import mapping, number, objects, text, word
from portico.importers.appsmith.model import Source
from portico.importers.appsmith.naming import Names
from portico.importers.appsmith.page_text import Flow
from portico.importers.appsmith.report import Report
from portico.importers.credentials import is_credential
from portico.importers.naming import is_private, source_name
from portico.importers.secret_names import SecretNames, Wanted

#: Plugins whose queries are calls over HTTP.
REST = frozenset({"restapi-plugin", "rest-api-plugin", "saas-plugin"})
GRAPHQL = frozenset({"graphql-plugin"})
#: How the address of a database begins, by its plugin.
DATABASES: Mapping[str, str] = {
    "postgres-plugin": "postgresql",
    "mysql-plugin": "mysql",
    "mssql-plugin": "mssql+pyodbc",
    "oracle-plugin": "oracle+oracledb",
    "redshift-plugin": "postgresql",
}
#: A host that no name server knows: it stands until somebody writes the true one.
_NOWHERE = "address-missing.invalid"


@dataclass(frozen=True, slots=True)
class Credential:
    """A header or parameter of a query whose value is a secret."""

    where: str
    name: str
    value: str = field(repr=False)


@dataclass(kw_only=True, slots=True)
class SourceWriter:
    """Gives queries their datasources, and writes the files of these."""

    listed: Mapping[str, Source]
    report: Report
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    _names: Names = field(default_factory=Names)
    _secrets: dict[str, SecretNames] = field(default_factory=dict)
    _settings: set[str] = field(default_factory=set)
    #: The first datasource of each address, and that of each file: their secrets have names in common.
    _firsts: dict[str, str] = field(default_factory=dict)
    _bases: dict[str, str] = field(default_factory=dict)
    _unknown: dict[str, str] = field(default_factory=dict)

    def linked(
        self, name: str, plugin: str, own: Mapping[str, Any], credentials: tuple[Credential, ...]
    ) -> str:
        """The datasource that a query names."""
        source = self.listed.get(name) or Source(name=name, plugin=plugin)
        configuration = source.configuration or own

        def make(file: str) -> dict[str, Any]:
            return self._linked(file, source, configuration, credentials)

        return self._source(f"name:{name}", name, credentials, make)

    def embedded(self, origin: str, credentials: tuple[Credential, ...]) -> str:
        """The datasource of an address that a query has itself."""
        host = urlsplit(origin).hostname or ""
        return self._source(
            f"origin:{origin}",
            source_name(host) if host else "api",
            credentials,
            lambda file: self._embedded(file, origin),
        )

    def unknown(self, credentials: tuple[Credential, ...]) -> str:
        """The datasource of a query that computes the whole address."""
        return self._source("unknown", "api", credentials, lambda file: {"url": self._setting(file, "https")})

    def _source(self, key: str, wanted: str, credentials: tuple[Credential, ...], make: Any) -> str:
        """The name of a datasource with these credentials; queries that send others have another one."""
        mark = "|".join(sorted(f"{one.where}:{one.name.lower()}={one.value}" for one in credentials))
        if self._names.known(f"{key}|{mark}") is None:
            name = self._names.wish(f"{key}|{mark}", wanted, "api")
            self._bases[name] = self._firsts.setdefault(key, name)
            self.files[name] = make(name)
            self._keep(name, credentials)
            self.report.counts["datasources"] += 1
        return self._names.of(f"{key}|{mark}", "api")

    def _keep(self, file: str, credentials: tuple[Credential, ...]) -> None:
        data = self.files[file]
        for one in credentials:
            if one.where == "query" and "auth" in data:
                self.report.add(
                    "left-out",
                    f"the parameter {one.name}, a credential: the datasource has another one",
                    name=f"datasources/{file}.yaml",
                )
                continue
            secret = self._secret(file, one.name, one.value)
            if one.where == "query":
                data["auth"] = {
                    "type": "api_key",
                    "in": "query",
                    "name": one.name,
                    "value": Flow(secret=secret),
                }
            else:
                data.setdefault("headers", {})[one.name] = Flow(secret=secret)

    def _secret(self, file: str, what: str, value: str | None) -> str:
        """The name of a secret, which the report tells; its value is written nowhere."""
        base = self._bases.get(file, file)
        used = {name: wanted.value for name, wanted in self.wanted.items()}
        names = self._secrets.setdefault(base, SecretNames(base, used))
        name = names.name(what, value)
        if name not in self.wanted:
            self.wanted[name] = next(one for one in names.wanted if one.name == name)
            known = (
                "the application holds its value, which is not written to the app"
                if value
                else "no export holds it"
            )
            self.report.add(
                "needs", f"the secret {name}, for {what}: {known}", name=f"datasources/{file}.yaml"
            )
        return name

    def _setting(self, file: str, scheme: str, database: str = "") -> str:
        """An address that nobody knows, as a setting: one for all datasources that lead to the same place."""
        first = self._bases.get(file, file)
        if first not in self._unknown:
            self._unknown[first] = self._unknown_address(first, scheme, database)
        return self._unknown[first]

    def _unknown_address(self, file: str, scheme: str, database: str) -> str:
        base = "".join(char if char.isalnum() else "_" for char in file).upper()
        name, number_ = base if base.endswith("_URL") else f"{base}_URL", 1
        while name in self._settings or name.startswith("PORTICO_"):
            number_ += 1
            name = f"APP_{base}_URL_{number_}"
        self._settings.add(name)
        self.report.add(
            "needs",
            f"the address: set {name} in the environment, or write it in place of {_NOWHERE}",
            name=f"datasources/{file}.yaml",
        )
        path = "" if scheme in ("http", "https") else f"/{database or 'database'}"
        return f"${{{name}:-{scheme}://{_NOWHERE}{path}}}"

    def _embedded(self, file: str, origin: str) -> dict[str, Any]:
        self._tell_private(file, urlsplit(origin).hostname or "")
        return {"url": origin}

    def _tell_private(self, file: str, host: str) -> None:
        if host and is_private(host):
            self.report.add(
                "needs",
                f"{host} is an address of a private network: if that is meant, write `allow_private: true`",
                name=f"datasources/{file}.yaml",
            )

    def _linked(
        self,
        file: str,
        source: Source,
        configuration: Mapping[str, Any],
        credentials: tuple[Credential, ...],
    ) -> dict[str, Any]:
        if source.decrypted:
            self.report.add(
                "note",
                "the export holds its credentials in readable form: keep that file secret, or throw it away",
                name=f"datasources/{file}.yaml",
            )
        if source.plugin in DATABASES:
            return self._database(file, source, configuration)
        data: dict[str, Any] = {}
        address = plain_address(text(configuration.get("url")))
        if address is None:
            data["url"] = self._setting(file, "https")
        else:
            data["url"] = address
            self._tell_private(file, urlsplit(address).hostname or "")
        headers = dict(self._headers(file, configuration))
        if headers:
            data["headers"] = headers
        # What a query sends itself takes the place of what its datasource would.
        own = any(one.where == "header" and one.name.lower() == "authorization" for one in credentials)
        if not own and (auth := self._auth(file, configuration)) is not None:
            data["auth"] = auth
        return data

    def _headers(self, file: str, configuration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for pair in objects(configuration.get("headers")):
            name, value = text(pair.get("key")).strip(), word(pair.get("value"))
            if not name or not value:
                continue
            if "{{" in value:
                self.report.add(
                    "left-out",
                    f"the header {name}: a datasource has no bindings",
                    name=f"datasources/{file}.yaml",
                )
            elif is_credential(name):
                yield name, Flow(secret=self._secret(file, name, value))
            else:
                yield name, value

    def _auth(self, file: str, configuration: Mapping[str, Any]) -> dict[str, Any] | None:
        found = mapping(configuration.get("authentication"))
        kind = text(found.get("authenticationType")) or text(found.get("authType"))
        match kind.lower():
            case "basic":
                return {
                    "type": "basic",
                    "username": text(found.get("username")) or "user",
                    "password": Flow(
                        secret=self._secret(file, "password", text(found.get("password")) or None)
                    ),
                }
            case "bearertoken":
                token = text(found.get("bearerToken")) or None
                return {"type": "bearer", "token": Flow(secret=self._secret(file, "token", token))}
            case "apikey":
                return {
                    "type": "api_key",
                    "in": "query" if text(found.get("addTo")).lower() == "queryparams" else "header",
                    "name": text(found.get("label")) or "X-API-Key",
                    "value": Flow(
                        secret=self._secret(
                            file, text(found.get("label")) or "key", text(found.get("value")) or None
                        )
                    ),
                }
            case "oauth2" if text(found.get("grantType")) == "client_credentials":
                return {
                    "type": "oauth2_client_credentials",
                    "token_url": plain_address(text(found.get("accessTokenUrl")))
                    or f"https://{_NOWHERE}/token",
                    "client_id": text(found.get("clientId")) or "client",
                    "client_secret": Flow(
                        secret=self._secret(file, "client_secret", text(found.get("clientSecret")) or None)
                    ),
                }
            case "" | "none" | "dbauth":
                return None
        self.report.add(
            "left-out", f"its authentication, of the kind {kind}", name=f"datasources/{file}.yaml"
        )
        return None

    def _database(self, file: str, source: Source, configuration: Mapping[str, Any]) -> dict[str, Any]:
        scheme = DATABASES[source.plugin]
        found = mapping(configuration.get("authentication"))
        database = text(found.get("databaseName"))
        endpoint = next(iter(objects(configuration.get("endpoints"))), {})
        host = text(endpoint.get("host")).strip()
        port = number(endpoint.get("port"))
        address = f"{scheme}://{host}{f':{int(port)}' if port else ''}/{database or 'database'}"
        known = bool(host) and "@" not in host and "/" not in host and plain_host(host)
        username = text(found.get("username"))
        return {
            "kind": "sql",
            "url": address if known else self._setting(file, scheme, database),
            "auth": {
                "type": "basic",
                "username": username or "postgres",
                "password": Flow(secret=self._secret(file, "password", text(found.get("password")) or None)),
            },
        }


def plain_host(host: str) -> bool:
    """Whether a host is a name or address that is written out."""
    return all(char.isalnum() or char in ".-_:" for char in host) and host[:1].isalnum()


def plain_address(address: str) -> str | None:
    """An address that a datasource can have: without user, parameters and bindings; None for none."""
    address = address.strip()
    if not address or "{{" in address or any(char.isspace() for char in address):
        return None
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or not plain_host(host) or port == 0:
        return None
    path = parts.path.rstrip("/")
    if "//" in path or "\\" in path or any(part in (".", "..") for part in path.split("/")):
        return None
    return f"{parts.scheme}://{host if ':' not in host else f'[{host}]'}{f':{port}' if port else ''}{path}"
