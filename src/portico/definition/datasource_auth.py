"""`auth:` of a datasource: how its requests are authenticated."""

from collections.abc import Callable, Collection, Mapping
from typing import get_args

from portico.definition import address, credentials
from portico.definition.credentials import Credentials
from portico.definition.fields import Fields, literal, wrong_type
from portico.definition.headers import check_name, check_value
from portico.definition.settings import Settings
from portico.definition.shapes import WORD, Key, Shape, each, either, one_of
from portico.definition.source import Items, Scalar, Table
from portico.model.credentials import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    ClientCredentials,
    KeyPlace,
    SentAs,
)
from portico.values import Secret

_SECRET = credentials.SHAPE.schema()
_TEXTS = either(WORD, each(WORD))


def _shape(kind: str, **keys: Key) -> Shape:
    """One way to authenticate; `type` says which."""
    of_kind = Key(schema=one_of((kind,)), help="How requests are authenticated.", required=True)
    return Shape("`auth` of a datasource", {"type": of_kind, **keys})


#: What stands in `auth`, by its type.
SHAPES: Mapping[str, Shape] = {
    "none": _shape("none"),
    "basic": _shape(
        "basic",
        username=Key(schema=either(WORD, _SECRET), help="The user name.", required=True),
        password=Key(schema=either(one_of(("",)), _SECRET), help='The password, or `""`.', required=True),
    ),
    "bearer": _shape("bearer", token=Key(schema=_SECRET, help="The token.", required=True)),
    "api_key": _shape(
        "api_key",
        **{"in": Key(schema=one_of(get_args(KeyPlace)), help="Where the key is sent; `header` by default.")},
        name=Key(schema=WORD, help="The name of the header or parameter.", required=True),
        prefix=Key(schema=WORD, help="A word before the value."),
        value=Key(schema=_SECRET, help="The key.", required=True),
    ),
    "oauth2_client_credentials": _shape(
        "oauth2_client_credentials",
        token_url=Key(schema=WORD, help="The token endpoint.", required=True),
        client_id=Key(schema=either(WORD, _SECRET), help="The client's id.", required=True),
        client_secret=Key(schema=_SECRET, help="The client's secret.", required=True),
        scope=Key(schema=_TEXTS, help="What the token is to be good for."),
        audience=Key(schema=_TEXTS, help="Whom the token is meant for."),
        resource=Key(schema=_TEXTS, help="Whom the token is meant for (RFC 8707)."),
        credentials=Key(
            schema=one_of(get_args(SentAs)), help="How id and secret are sent; `basic` by default."
        ),
    ),
}
_TYPED = Shape("`auth` of a datasource", {"type": SHAPES["none"].keys["type"]})
SCHEMA = either(one_of(("none",)), *(shape.schema() for shape in SHAPES.values()))


#: What stands in `auth` of a database.
PASSWORD_SCHEMA = either(one_of(("none",)), SHAPES["none"].schema(), SHAPES["basic"].schema())


def read_password(fields: Fields, secrets: Credentials, settings: Settings) -> Auth | None:
    """What `auth` of a database says: a user name and a password, or nothing. None as for `read`."""
    return read(fields, secrets, settings, kinds=("none", "basic"))


def read(
    fields: Fields, secrets: Credentials, settings: Settings, *, kinds: Collection[str] = tuple(SHAPES)
) -> Auth | None:
    """What `auth` says. None for `none`, for what is wrong, and while a secret has no value."""
    node = fields.node("auth")
    if node is None or (isinstance(node, Scalar) and node.value == "none"):
        return None
    table = fields.table_of("auth")
    if table is None:
        return None
    typed = Fields(table, fields.problems, _TYPED)
    if typed.required("type", f"write `type:` and one of {', '.join(kinds)}") is None:
        return None
    kind = typed.choice("type", kinds, "")
    if not kind:
        return None
    inner = Fields(table, fields.problems, SHAPES[kind])
    found = _READERS[kind](_Auth(fields, inner, secrets, settings)) if kind in _READERS else None
    inner.done()
    return found


class _Auth:
    """One `auth`: `source` are the fields of the datasource, `fields` its own."""

    def __init__(self, source: Fields, fields: Fields, secrets: Credentials, settings: Settings) -> None:
        self._source = source
        self._fields = fields
        self._secrets = secrets
        self._settings = settings
        self._problems = fields.problems

    def basic(self) -> Basic | None:
        self._claim("authorization")
        username = self._secrets.required_text(self._fields, "username", self._settings)
        if isinstance(username, str) and (":" in username or not username.isprintable()):
            self._problems.add(
                "E603",
                self._fields.place_of("username"),
                "a user name has no colon and no control characters",
                remedy="the part behind the colon is the password",
            )
        password = self._password()
        return None if username is None or password is None else Basic(username=username, password=password)

    def _password(self) -> Secret | None:
        """A secret, or `""`: APIs that take a key for the user name want no password."""
        node = self._fields.node("password")
        if isinstance(node, Scalar) and node.value == "":
            return Secret("")
        return self._secrets.required(self._fields, "password")

    def bearer(self) -> Bearer | None:
        self._claim("authorization")
        token = self._secrets.required(self._fields, "token", header=True)
        return None if token is None else Bearer(token=token)

    def api_key(self) -> ApiKey | None:
        chosen = self._fields.choice("in", get_args(KeyPlace), "header")
        where: KeyPlace = "query" if chosen == "query" else "header"
        name = self._fields.required_word("name", "write the name of the header or parameter")
        prefix = self._fields.word("prefix")
        if name is not None and where == "header":
            check_name(name.text.value, name.place, self._problems)
            self._claim(name.text.value)
        if prefix is not None:
            check_value(prefix.text.value, prefix.place, self._problems)
        value = self._secrets.required(self._fields, "value", header=where == "header")
        if name is None or value is None:
            return None
        words = prefix.text.value.strip() if prefix is not None else ""
        return ApiKey(name=name.text.value, value=value, where=where, prefix=words)

    def client_credentials(self) -> ClientCredentials | None:
        self._claim("authorization")
        fields, settings = self._fields, self._settings
        url = fields.required_word("token_url", "write `token_url: https://id.example.com/oauth/token`")
        token_url = None if url is None else address.read(url, settings, self._problems, query=True)
        client_id = self._secrets.required_text(fields, "client_id", settings)
        client_secret = self._secrets.required(fields, "client_secret")
        scopes, audiences, resources = (self._texts(key) for key in ("scope", "audience", "resource"))
        sent_as: SentAs = (
            "body" if fields.choice("credentials", get_args(SentAs), "basic") == "body" else "basic"
        )
        if token_url is None or client_id is None or client_secret is None:
            return None
        return ClientCredentials(
            token_url=token_url,
            client_id=client_id,
            client_secret=client_secret,
            scope=" ".join(scopes),
            audiences=audiences,
            resources=resources,
            sent_as=sent_as,
        )

    def _texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them, with their settings."""
        node = self._fields.node(key)
        if node is None:
            return ()
        if isinstance(node, Table):
            wrong_type(
                self._problems, node, f"`{key}` is text or a list", "write one text, or a list of them"
            )
            return ()
        items = node.items if isinstance(node, Items) else (node,)
        words = [literal(item, self._problems, key) for item in items]
        texts = [self._settings.expand(word.text, self._problems) for word in words if word is not None]
        return tuple(text for text in texts if text)

    def _claim(self, header: str) -> None:
        """Report that the datasource's own headers say it too."""
        table = self._source.table.entries.get("headers")
        names = table.node.entries if table is not None and isinstance(table.node, Table) else {}
        for name, entry in names.items():
            if name.lower() == header.lower():
                self._problems.add(
                    "E606",
                    entry.key,
                    f"`auth` fills the header `{name}` too",
                    received=name,
                    remedy="keep one of them",
                )


_READERS: Mapping[str, Callable[[_Auth], Auth | None]] = {
    "basic": _Auth.basic,
    "bearer": _Auth.bearer,
    "api_key": _Auth.api_key,
    "oauth2_client_credentials": _Auth.client_credentials,
}
