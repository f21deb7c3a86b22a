"""`datasources/<name>.yaml`: one origin, or one database, that queries may call."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from portico.definition import address, certificates, credentials, database, datasource_auth
from portico.definition.credentials import Credentials
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, literal
from portico.definition.folder import Folder
from portico.definition.headers import check_name, check_value
from portico.definition.settings import Settings
from portico.definition.shapes import DURATION, FLAG, WORD, Key, Kinds, Shape, either, integer, one_of
from portico.definition.shapes import table as named
from portico.definition.source import Node, Table
from portico.model.query import Datasource
from portico.values import Secret

BYTES_LIMIT = 64 << 20

_URL = Key(
    schema=WORD,
    help="The origin that its queries call, with a base path if need be. `${NAME}` and "
    "`${NAME:-default}` stand for settings of the environment.",
    required=True,
)
_PRIVATE = Key(schema=FLAG, help="Whether its address may be one of a private network or of this machine.")
_TLS = Key(schema=certificates.SHAPE.schema(), help="Whom its certificates are checked against.")
_TIMEOUT = Key(schema=DURATION, help="The longest a query may take, from 0.1 to 60 seconds; 10 by default.")
_BYTES = Key(schema=integer(1, BYTES_LIMIT), help="The largest answer in bytes; 8 MiB by default.")

#: What stands in a datasource, by its kind.
SHAPES: Mapping[str, Shape] = {
    "rest": Shape(
        "a datasource",
        {
            "kind": Key(schema=one_of(("rest",)), help="What it is: `rest` (an API, the default) or `sql`."),
            "url": _URL,
            "headers": Key(
                schema=named(either(WORD, credentials.SHAPE.schema())),
                help="Headers of every query: literal text, or `{secret: NAME}`.",
            ),
            "auth": Key(schema=datasource_auth.SCHEMA, help="How its requests are authenticated."),
            "tls": _TLS,
            "allow_private": _PRIVATE,
            "token_in_query": Key(
                schema=FLAG, help="Whether sealed tokens are opened in parameters too, where logs keep them."
            ),
            "keep_cookies": Key(
                schema=FLAG,
                help="Whether cookies that its server sets are kept, in the session of each user apart, and "
                "sent back to it.",
            ),
            "timeout": _TIMEOUT,
            "max_bytes": _BYTES,
        },
    ),
    "sql": Shape(
        "a datasource of kind sql",
        {
            "kind": Key(schema=one_of(("sql",)), help="It is a database.", required=True),
            "url": Key(
                schema=WORD,
                help="Where it is: `postgresql://host/name`, `mysql://host/name`, `sqlite:///file`. "
                "`${NAME}` and `${NAME:-default}` stand for settings of the environment.",
                required=True,
            ),
            "auth": Key(schema=datasource_auth.PASSWORD_SCHEMA, help="Its user and their password."),
            "tls": _TLS,
            "allow_private": _PRIVATE,
            "timeout": _TIMEOUT,
            "max_bytes": _BYTES,
        },
    ),
}
SHAPE = Kinds("a datasource", SHAPES)
_KIND = Shape("a datasource", {"kind": SHAPES["rest"].keys["kind"]})


class Reader:
    """Reads the datasources of one app. `find` gives the value of a secret by its name."""

    def __init__(
        self, folder: Folder, settings: Settings, find: Callable[[str], Secret | None], problems: Problems
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._find = find
        self._problems = problems

    def read(self, name: str, table: Table) -> Datasource | None:
        """The datasource, or None and problems."""
        kind = Fields(table, self._problems, _KIND).choice("kind", SHAPES, "rest")
        fields = Fields(table, self._problems, SHAPES["sql" if kind == "sql" else "rest"])
        if kind == "sql":
            return self._database(name, fields)
        secrets = Credentials(name, self._find, self._problems)
        url = fields.required_word("url", "write `url: https://api.example.com`")
        headers = tuple(self._headers(fields, secrets))
        auth = datasource_auth.read(fields, secrets, self._settings)
        ca = certificates.read(fields, self._folder)
        allow_private = fields.flag("allow_private") or False
        token_in_query = fields.flag("token_in_query") or False
        if token_in_query:
            self._problems.add(
                "W603",
                fields.place_of("token_in_query"),
                "tokens among parameters are opened, and logs keep addresses, on their way and at the API",
                remedy="send the token in a header, if the API takes it there, and remove `token_in_query`",
            )
        keep_cookies = fields.flag("keep_cookies") or False
        if keep_cookies:
            self._own_cookie(fields)
        timeout = fields.duration("timeout")
        max_bytes = fields.integer("max_bytes", least=1, most=BYTES_LIMIT)
        fields.done()
        origin = address.read(url, self._settings, self._problems) if url is not None else None
        if origin is None:
            return None
        return Datasource(
            name=name,
            url=origin.rstrip("/"),
            headers=headers,
            auth=auth,
            ca=ca,
            unset=tuple(secrets.unset),
            allow_private=allow_private,
            token_in_query=token_in_query,
            keep_cookies=keep_cookies,
            timeout=timeout or timedelta(seconds=10),
            max_bytes=max_bytes or 8 << 20,
        )

    def _database(self, name: str, fields: Fields) -> Datasource | None:
        secrets = Credentials(name, self._find, self._problems)
        url = fields.required_word("url", "write `url: postgresql://db.example.com/shop`")
        auth = datasource_auth.read_password(fields, secrets, self._settings)
        ca = certificates.read(fields, self._folder)
        allow_private = fields.flag("allow_private") or False
        timeout = fields.duration("timeout")
        max_bytes = fields.integer("max_bytes", least=1, most=BYTES_LIMIT)
        fields.done()
        found = database.read(url, self._settings, self._problems) if url is not None else None
        if found is None:
            return None
        return Datasource(
            name=name,
            url=found,
            kind="sql",
            auth=auth,
            ca=ca,
            unset=tuple(secrets.unset),
            allow_private=allow_private,
            timeout=timeout or timedelta(seconds=10),
            max_bytes=max_bytes or 8 << 20,
        )

    def _headers(self, fields: Fields, secrets: Credentials) -> Iterator[tuple[str, str | Secret]]:
        table = fields.table_of("headers")
        for name, entry in table.entries.items() if table else ():
            check_name(name, entry.key, self._problems)
            if isinstance(entry.node, Table):
                value: str | Secret | None = secrets.secret(entry.node, name, header=True)
            else:
                value = self._literal(name, entry.node)
            if value is not None:
                yield name, value

    def _own_cookie(self, fields: Fields) -> None:
        table = fields.table_of("headers")
        for name, entry in table.entries.items() if table else ():
            if name.lower() == "cookie":
                self._problems.add(
                    "E606",
                    entry.key,
                    "this datasource keeps its cookies itself (`keep_cookies`), and has a header `Cookie`",
                    remedy="remove one of the two",
                )

    def _literal(self, name: str, node: Node) -> str | None:
        word = literal(node, self._problems, name)
        if word is None:
            return None
        if "${" in word.text.value:
            self._problems.add(
                "E212",
                word.place,
                "settings stand in addresses only",
                remedy="write the value out, or use a query's header",
            )
        check_value(word.text.value, word.place, self._problems)
        return word.text.value
