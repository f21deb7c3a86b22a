"""`tls:` of a datasource: the authority of servers that no public one vouches for."""

import ssl
from pathlib import PurePosixPath

from portico.definition.fields import Fields
from portico.definition.folder import Folder
from portico.definition.shapes import WORD, Key, Shape
from portico.definition.source import Scalar

_REMEDY = "put a PEM file of certificates into the app folder and name it, like certs/internal.pem"

SHAPE = Shape(
    "`tls`", {"ca": Key(schema=WORD, help="A PEM file of certificates in the app folder.", required=True)}
)


def read(fields: Fields, folder: Folder) -> str | None:
    """The PEM that `tls.ca` names, or None."""
    table = fields.table_of("tls")
    if table is None:
        return None
    inner = Fields(table, fields.problems, SHAPE)
    word = inner.required_word("ca", "write `ca: certs/internal.pem`")
    inner.done()
    return None if word is None else _certificates(word, folder, fields)


def _certificates(word: Scalar, folder: Folder, fields: Fields) -> str | None:
    name = word.text.value
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        problem = "a certificate must lie in the app folder"
    elif not folder.exists(name):
        problem = "there is no such file"
    else:
        data = folder.data(name)
        if data is None:
            return None
        problem = _problem(data) or ""
        if not problem:
            return data.decode("ascii")
    fields.problems.add("E605", word.place, problem, received=name, remedy=_REMEDY)
    return None


def _problem(data: bytes) -> str | None:
    """Why a file is no PEM of certificates; nothing of what it holds."""
    if b"PRIVATE KEY-----" in data:
        return "this file holds a private key, which has no business in an app"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data.decode("ascii"))
    except (ssl.SSLError, ValueError, TypeError):
        return "this is not a PEM file of certificates"
    return None
