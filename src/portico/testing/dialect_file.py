"""The file of an API that the auth server imitates: every problem with file, line, column and remedy."""

import re
from collections.abc import Mapping, Set
from datetime import timedelta
from pathlib import Path
from typing import cast

from portico.authserver.dialects.imitation import (
    APIS,
    NAMES,
    By,
    Carrying,
    Data,
    Imitation,
    Json,
    Reply,
    Route,
    Takes,
    TokenKind,
)
from portico.authserver.dialects.imitation_templates import names_in
from portico.authserver.endpoints import OWN, Role
from portico.definition import dialect_shapes as shapes
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, table
from portico.definition.journey_dialects import Imitations
from portico.definition.shapes import Shape
from portico.definition.source import Items, Node, Scalar, Table, read
from portico.errors import PorticoError

_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,200}")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_TIMES = frozenset({"expires_in", "expires_at", "expires_on"})
_UNTOLD = frozenset({"access_token", "refresh_token", "message"}) | _TIMES
#: What an access token says of itself, whatever the file has it say.
_OWN_CLAIMS = ("jti", "iat", "exp")
_LARGEST = 1 << 20
_SECOND, _YEAR = timedelta(seconds=1), timedelta(days=365)
_NEEDED = {
    Role.SIGN_IN: ("login", "password"),
    Role.SIGN_UP: ("email", "password"),
    Role.REFRESH: (),
    Role.ME: (),
    Role.SIGN_OUT: (),
    Role.RECOVER: ("email",),
}
#: The APIs that come with Portico, by the names of their presets.
SHIPPED = tuple(sorted(file.stem for file in APIS.glob("*.yaml")))


class DialectUnusable(PorticoError):
    """A file that describes no API."""

    code = "dialect_unusable"
    default_message = "The file describes no API."


def dialect_called(name: str) -> Imitation:
    """The API that comes with Portico by this name, or that the file at this path describes. Raises
    DialectUnusable."""
    if name in SHIPPED:
        return read_dialect(APIS / f"{name}.yaml")
    if "/" not in name and "." not in name and not Path(name).exists():
        raise DialectUnusable(
            message=f"There is no file {name}, and no API of that name: {', '.join(SHIPPED)}."
        )
    return read_dialect(Path(name))


def read_dialect(path: Path) -> Imitation:
    """The API that a file describes. Raises DialectUnusable, which tells every problem of it."""
    try:
        content = path.read_bytes()[: _LARGEST + 1].decode()
    except (OSError, ValueError) as error:
        raise DialectUnusable(detail=str(error), message=f"{path} cannot be read as text.") from error
    if len(content) > _LARGEST:
        raise DialectUnusable(message=f"{path} is too large.")
    problems = Problems()
    imitation = dialect(path.name, content, problems)
    found = [problem.as_text() for problem in problems.sorted()]
    if imitation is None or found:
        raise DialectUnusable(message="\n".join([f"{path} describes no API:", *found]))
    return imitation


def dialect(file: str, content: str, problems: Problems) -> Imitation | None:
    """The API that a text describes, or None and problems."""
    root = table(read(file, content, problems), problems, "an imitated API", file)
    return None if root is None else dialect_in(root, file, problems)


def dialect_in(root: Table, file: str, problems: Problems) -> Imitation:
    """The API that a mapping of a file describes; worth nothing where problems were added."""
    return _Reader(file, problems).imitation(root)


#: What files of journeys can name.
IMITATIONS = Imitations(names=SHIPPED, judge=dialect)


class _Reader:
    def __init__(self, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        #: Whether an access token ends with its session, so that each of its uses can tell when.
        self._slides = False

    def imitation(self, root: Table) -> Imitation:
        fields = self._fields(root, shapes.IMITATION)
        access = self._below(fields, "access_token", shapes.ACCESS)
        refresh = self._below(fields, "refresh_token", shapes.REFRESH)
        user = fields.node("user")
        slides = access.lasting("slides", least=timedelta(0), most=_YEAR) if access else None
        self._slides = slides is not None
        routes = tuple(self._routes(fields))
        found = Imitation(
            routes=routes,
            data=tuple(self._data(node) for node in fields.items_of("data")),
            refusals=self._refusals(fields),
            user=self._template(user, _UNTOLD | {"user", "status"}) if user else None,
            carrying=self._carrying(access),
            access=cast(TokenKind, access.choice("kind", ("jwt", "opaque"), "jwt")) if access else "jwt",
            access_lifetime=self._lifetime(access, timedelta(minutes=15)),
            claims=self._claims(access),
            outlives_sign_out=_flag(access, "outlives_sign_out", usual=False),
            slides=slides,
            refresh_lifetime=self._lifetime(refresh, timedelta(days=30)),
            rotates=_flag(refresh, "rotates", usual=True),
            refresh_cookie=self._name(refresh, "cookie"),
        )
        for each in (access, refresh, fields):
            if each is not None:
                each.done()
        return found

    def _routes(self, fields: Fields) -> list[Route]:
        fields.required("endpoints", "write `endpoints` with at least `sign_in` and `me`")
        endpoints = self._below(fields, "endpoints", shapes.ENDPOINTS)
        if endpoints is None:
            return []
        routes = []
        for role in _NEEDED:
            endpoint = self._below(endpoints, role, shapes.ENDPOINT)
            if endpoint is not None:
                routes.append(self._route(role, endpoint))
        renews_itself = any(route.role is Role.REFRESH and route.by == "access_token" for route in routes)
        for role in (Role.SIGN_IN, Role.ME):
            if role is Role.SIGN_IN or not renews_itself:
                endpoints.required(role, f"say how the API does that: `{role}` with `path` and `body`")
        endpoints.done()
        self._check_apart(endpoints, routes)
        return routes

    def _route(self, role: Role, fields: Fields) -> Route:
        usual = "GET" if role is Role.ME else "POST"
        by = self._by(role, fields)
        words = {name: name for name in _NEEDED[role]}
        given = self._words(fields, "fields")
        for name in given:
            if name not in shapes.FIELDS[role]:
                self._unknown(fields, "fields", name, shapes.FIELDS[role])
        route = Route(
            role=role,
            method=fields.choice("method", shapes.METHODS, usual),
            path=self._path(fields),
            query=self._words(fields, "query"),
            fields=words | given,
            reply=self._reply(fields, self._untold(role, by)),
            takes=cast(Takes, fields.choice("takes", shapes.TAKES, "any")),
            by=by,
            refusals=self._refusals(fields),
        )
        fields.done()
        return route

    def _by(self, role: Role, fields: Fields) -> By:
        """Which token says what is renewed or ended."""
        usual = "refresh_token" if role is Role.REFRESH else "access_token"
        if fields.node("by") is not None and role not in (Role.REFRESH, Role.SIGN_OUT):
            self._problems.add(
                "E204",
                fields.place_of("by"),
                f"`{role}` renews and ends nothing",
                remedy="remove `by`: it is for `refresh` and `sign_out`",
            )
        return cast(By, fields.choice("by", shapes.BY, usual))

    def _untold(self, role: Role, by: By) -> Set[str]:
        """Names that stand for nothing in what an endpoint answers."""
        times = frozenset[str]() if self._slides else _TIMES
        match role:
            case Role.RECOVER:
                return frozenset(NAMES)
            case Role.SIGN_OUT:
                return _UNTOLD
            case Role.REFRESH if by == "access_token" and self._slides:
                return frozenset({"refresh_token", "message"})
            case Role.ME:
                return frozenset({"refresh_token", "message"}) | times
            case _:
                return frozenset({"message"})

    def _claims(self, access: Fields | None) -> Mapping[str, Json]:
        claims = access.table_of("claims") if access else None
        if access is None or claims is None:
            return {"email": "{email}"}
        for name in _OWN_CLAIMS:
            if name in claims.entries:
                place, remedy = (
                    claims.entries[name].key,
                    "remove it; `lifetime` says how long a token is good",
                )
                self._problems.add("E204", place, f"`{name}` is said by every token itself", remedy=remedy)
        return {
            name: self._template(entry.node, _UNTOLD | {"user", "status"})
            for name, entry in claims.entries.items()
        }

    def _data(self, node: Node) -> Data:
        found = table(node, self._problems, "an item of `data`", self._file)
        if found is None:
            return Data(method="GET", path="/", reply=Reply(status=200))
        fields = self._fields(found, shapes.DATA)
        public = fields.choice("access", ("signed-in", "public"), "signed-in") == "public"
        data = Data(
            method=fields.choice("method", shapes.METHODS, "GET"),
            path=self._path(fields),
            reply=self._reply(fields, frozenset(NAMES) if public else _UNTOLD),
            public=public,
        )
        fields.done()
        return data

    def _refusals(self, fields: Fields) -> Mapping[str, Reply]:
        errors = self._below(fields, "errors", shapes.ERRORS)
        if errors is None:
            return {}
        found = {}
        for name in shapes.ERRORS.keys:
            below = self._below(errors, name, shapes.ERROR)
            if below is not None:
                found[name] = self._reply(below, frozenset(NAMES) - {"message", "status"}, status=400)
                below.done()
        errors.done()
        return found

    def _reply(self, fields: Fields, untold: Set[str], *, status: int = 200) -> Reply:
        body = fields.node("body")
        return Reply(
            status=fields.integer("status", least=200, most=599) or status,
            body=self._template(body, untold) if body else None,
            has_body=body is not None,
            headers=self._words(fields, "headers", untold, named=True),
            cookies=self._words(fields, "cookies", untold, named=True),
        )

    def _carrying(self, access: Fields | None) -> Carrying:
        if access is None:
            return Carrying()
        cookie = self._name(access, "cookie")
        header = self._name(access, "header") or ("" if cookie else "Authorization")
        scheme = access.word("scheme")
        usual = "Bearer" if header.lower() == "authorization" else ""
        return Carrying(header=header, scheme=usual if scheme is None else scheme.text.value, cookie=cookie)

    def _lifetime(self, fields: Fields | None, usual: timedelta) -> timedelta:
        return (fields and fields.lasting("lifetime", least=_SECOND, most=_YEAR)) or usual

    def _path(self, fields: Fields) -> str:
        word = fields.required_word("path", "write the path, such as /api/login")
        if word is None:
            return "/"
        if _PATH.fullmatch(word.text.value) is None or word.text.value.startswith(OWN):
            self._problems.add(
                "E204",
                word.place,
                "`path` is not the path of an endpoint",
                received=word.text.value,
                remedy=f"begin with `/`, and not with {', '.join(OWN)}, which are the auth server's own; "
                "what follows a `?` stands in `query`",
            )
        return word.text.value

    def _name(self, fields: Fields | None, key: str) -> str:
        word = fields.word(key) if fields else None
        if word is None:
            return ""
        if _NAME.fullmatch(word.text.value) is None:
            self._problems.add(
                "E216",
                word.place,
                f"`{key}` is no name of a header or cookie",
                received=word.text.value,
                remedy="write letters, digits and `-`",
            )
        return word.text.value

    def _words(
        self,
        fields: Fields,
        key: str,
        untold: Set[str] = frozenset(),
        *,
        named: bool = False,
    ) -> dict[str, str]:
        """A mapping of names to texts."""
        found = {}
        below = fields.table_of(key)
        for name, entry in below.entries.items() if below else ():
            if named and _NAME.fullmatch(name) is None:
                self._problems.add(
                    "E216", entry.key, f"`{key}` has a name that cannot be sent", received=name
                )
            value = self._template(entry.node, untold)
            if not isinstance(value, str):
                self._problems.add(
                    "E202", entry.node.place, f"`{name}` is text", remedy="put the value in quotes"
                )
            else:
                found[name] = value
        return found

    def _template(self, node: Node, untold: Set[str]) -> Json:
        """The value of a node; names in it that stand for nothing, or for nothing here, are problems."""
        match node:
            case Scalar():
                value = node.value
                self._check_names(node, value, untold)
                return value
            case Items():
                return [self._template(item, untold) for item in node.items]
            case Table():
                return {key: self._template(entry.node, untold) for key, entry in node.entries.items()}

    def _check_names(self, node: Scalar, value: Json, untold: Set[str]) -> None:
        for name in sorted(names_in(value)):
            if name not in NAMES or name in untold:
                allowed = ", ".join(f"{{{each}}}" for each in NAMES if each not in untold)
                self._problems.add(
                    "E204",
                    node.place,
                    f"`{{{name}}}` stands for nothing here",
                    received=node.text.value,
                    remedy=f"write one of {allowed}" if allowed else "write the value out",
                )

    def _unknown(self, fields: Fields, key: str, name: str, known: tuple[str, ...]) -> None:
        below = fields.table_of(key)
        if below is not None:
            remedy = f"the request can bring {', '.join(known)}" if known else f"remove `{key}`"
            self._problems.add(
                "E201", below.entries[name].key, f"`{key}` has no `{name}`", received=name, remedy=remedy
            )

    def _check_apart(self, fields: Fields, routes: list[Route]) -> None:
        """Two endpoints of one method and path need queries that tell them apart."""
        for place, route in enumerate(routes):
            for other in routes[:place]:
                same = (route.method, route.path, route.query) == (other.method, other.path, other.query)
                if same:
                    self._problems.add(
                        "E204",
                        fields.place_of(route.role),
                        f"`{route.role}` and `{other.role}` are one request",
                        received=f"{route.method} {route.path}",
                        remedy="tell them apart by `method`, `path` or `query`",
                    )

    def _below(self, fields: Fields, key: str, shape: Shape) -> Fields | None:
        found = fields.table_of(key)
        return None if found is None else self._fields(found, shape)

    def _fields(self, found: Table, shape: Shape) -> Fields:
        return Fields(found, self._problems, shape)


def _flag(fields: Fields | None, key: str, *, usual: bool) -> bool:
    found = fields.flag(key) if fields else None
    return usual if found is None else found
