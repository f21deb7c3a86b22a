"""The file of a sign-in, read into the steps of a journey: every mistake with place and remedy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, literal, table
from portico.definition.folder import Folder
from portico.definition.journey_dialects import DialectReader
from portico.definition.journey_steps import USE, StepReader
from portico.definition.names import suggestion
from portico.definition.shapes import Shape
from portico.definition.source import Items, Node, Scalar, Table, read
from portico.definition.text import Text
from portico.errors import PorticoError
from portico.model.journey import Account, At, Fill, Open, Simple, Step
from portico.model.place import Place
from portico.testing.dialect_file import IMITATIONS, SHIPPED, dialect_in
from tools.try_app import sign_in_shape as shapes
from tools.try_app.folder import as_yaml, plain

#: Who signs in unless the file says it.
USERNAME, EMAIL = "ada", "ada@example.com"

DatabaseKind = Literal["postgresql", "mariadb", "sqlite"]


class SignInUnreadable(PorticoError):
    """A file that says no sign-in: `message` tells every problem of it."""

    code = "sign_in_unreadable"
    default_message = "The file says no sign-in."


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """Steps that show one thing together."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """A database to be started, and the statements that fill it."""

    kind: DatabaseKind
    setup: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """What is to be tried. `api` is the name of an API that comes with Portico, or the path of a file that
    describes one; `described` is such a description in the file itself. `datasources` are paths by name."""

    file: Path
    phases: tuple[Phase, ...]
    account: Account
    pages: tuple[Scalar, ...]
    api: str = ""
    described: str = ""
    datasources: Mapping[str, Scalar]
    database: Database | None = None


def read_sign_in(file: Path) -> SignIn:
    """What a file says. Raises SignInUnreadable."""
    problems = Problems()
    folder = Folder(file.parent, problems)
    content = folder.text(file.name) if folder.exists(file.name) else None
    if content is None and not problems.count:
        problems.add("E101", Place(file.name, 1, 1), "there is no such file")
    found = None
    if content is not None:
        root = table(read(file.name, content, problems), problems, shapes.SIGN_IN.what, file.name)
        found = None if root is None else _Reader(file, folder, problems).sign_in(root)
    _refuse(file, problems)
    if found is None:
        raise SignInUnreadable
    return found


def judge(sign_in: SignIn, root: Path) -> None:
    """That the app in `root` has what the file names. Raises SignInUnreadable."""
    problems = Problems()
    pages = [folder.parent.name for folder in root.glob("pages/*/page.yaml")]
    for word in sign_in.pages:
        if word.text.value.partition("?")[0] not in pages:
            remedy = suggestion(word.text.value, pages, none="the app has no page")
            problems.add(
                "E204", word.place, "the app has no such page", received=word.text.value, remedy=remedy
            )
    datasources = [found.stem for found in root.glob("datasources/*.yaml")]
    for name, word in sign_in.datasources.items():
        if name not in datasources:
            remedy = suggestion(name, datasources, none="the app has no datasource")
            problems.add("E204", word.place, "the app has no such datasource", received=name, remedy=remedy)
    _refuse(sign_in.file, problems)


def _refuse(file: Path, problems: Problems) -> None:
    if problems.count:
        told = [f"{file.parent}/{problem.as_text()}" for problem in problems.sorted()]
        raise SignInUnreadable(message="\n".join(told))


class _Reader:
    def __init__(self, file: Path, folder: Folder, problems: Problems) -> None:
        self._file = file
        self._folder = folder
        self._problems = problems
        self._steps = StepReader(problems)

    def sign_in(self, root: Table) -> SignIn | None:
        """All of it; None where what every sign-in needs is missing."""
        fields = Fields(root, self._problems, shapes.SIGN_IN)
        page = fields.required_word("page", "write the name of the page that users sign in on")
        protected = fields.required_word("protected", "write the name of a page for signed-in users")
        home, left = fields.word("home") or protected, fields.word("signed_out") or page
        password = self._password(fields)
        button = fields.required("button", "write what is pressed to sign in")
        account = self._account(fields, password.get("right"))
        database = self._database(fields)
        datasources = self._datasources(fields)
        api, described = self._api(fields)
        before = tuple(self._listed(fields, "before"))
        typed = tuple(self._of("fill", fields.node("fill"), fields.place_of("fill")))
        pressed = tuple(self._of("click", button, fields.place_of("button")))
        refused = tuple(self._of("see", fields.node("refused"), fields.place_of("refused")))
        seen = tuple(self._of("see", fields.node("see"), fields.place_of("see")))
        log_out = tuple(self._listed(fields, "log_out"))
        fields.done()
        if page is None or protected is None or home is None or left is None or len(password) != 3:
            return None
        field, right, wrong = (password[key] for key in ("field", "right", "wrong"))
        form = (*before, *typed)
        closed = (_opened(protected), _at(page))
        phases = [
            Phase(title=f"{protected.text.value} leads to {page.text.value}", steps=closed),
            Phase(
                title="a wrong password is refused",
                steps=(*form, _filled(field, wrong), *pressed, _at(page), *refused, *closed),
            ),
            Phase(
                title=f"the right one leads to {home.text.value}",
                steps=(*form, _filled(field, right), *pressed, _at(home)),
            ),
            Phase(
                title=f"{protected.text.value} is there", steps=(_opened(protected), _at(protected), *seen)
            ),
            Phase(title="and after a reload", steps=(_plain("reload", protected), _at(protected), *seen)),
        ]
        if log_out:
            phases.append(Phase(title="a log-out closes it", steps=(*log_out, _at(left), *closed)))
        return SignIn(
            file=self._file,
            phases=tuple(phases),
            account=account,
            pages=(page, protected, home, left),
            api=api,
            described=described,
            datasources=datasources,
            database=database,
        )

    def _of(self, key: str, node: Node | None, place: Place) -> Iterator[Step]:
        """The steps of one key of a journey."""
        if node is not None:
            for action, where, words in self._steps.actions(key, place, node):
                yield Step(action=action, place=where, words=words)

    def _listed(self, fields: Fields, key: str) -> Iterator[Step]:
        for item in fields.items_of(key):
            found = self._steps.read(item)
            if found is None:
                continue
            step, place, value = found
            if step == USE:
                self._problems.add("E802", place, "there are no named steps here", remedy="write them out")
                continue
            for action, where, words in self._steps.actions(step, place, value):
                yield Step(action=action, place=where, words=words)

    def _password(self, fields: Fields) -> dict[str, Scalar]:
        fields.required("password", "write `password: {field: …, right: …, wrong: …}`")
        content = fields.table_of("password")
        return {} if content is None else self._words(content, shapes.PASSWORD, ("field", "right", "wrong"))

    def _words(self, content: Table, shape: Shape, needed: Iterable[str]) -> dict[str, Scalar]:
        inner = Fields(content, self._problems, shape)
        found = {key: inner.required_word(key, f"write `{key}:`") for key in needed}
        inner.done()
        return {key: word for key, word in found.items() if word is not None}

    def _account(self, fields: Fields, password: Scalar | None) -> Account:
        content = fields.table_of("account")
        right = password.text.value if password is not None else ""
        if content is None:
            return Account(username=USERNAME, email=EMAIL, password=right)
        inner = Fields(content, self._problems, shapes.ACCOUNT)
        words = [inner.required_word(key, f"write `{key}:`") for key in ("username", "email")]
        username, email = (word.text.value if word is not None else "" for word in words)
        role = inner.word("role")
        inner.done()
        return Account(username=username, email=email, password=right, role=role.text.value if role else "")

    def _database(self, fields: Fields) -> Database | None:
        content = fields.table_of("database")
        if content is None:
            return None
        inner = Fields(content, self._problems, shapes.DATABASE)
        inner.required("kind", f"write one of {', '.join(shapes.DATABASES)}")
        kind = cast(DatabaseKind, inner.choice("kind", shapes.DATABASES, "sqlite"))
        setup = inner.required_word("setup", "write statements that make the tables and the rows")
        inner.done()
        return None if setup is None else Database(kind=kind, setup=setup.text)

    def _datasources(self, fields: Fields) -> dict[str, Scalar]:
        content = fields.table_of("datasources")
        found = {}
        for name, entry in content.entries.items() if content is not None else ():
            word = literal(entry.node, self._problems, name)
            if word is None:
                continue
            if not word.text.value.startswith("/"):
                remedy = "write a path of the auth server, such as `/` or `/api`"
                self._problems.add(
                    "E204", word.place, f"`{name}` is no path", received=word.text.value, remedy=remedy
                )
            found[name] = word
        return found

    def _api(self, fields: Fields) -> tuple[str, str]:
        """The name or the path of what is imitated, or its description."""
        match fields.node("api"):
            case Table() as described:
                dialect_in(described, self._file.name, self._problems)
                return "", as_yaml(plain(described))
            case Scalar() | Items():
                word = fields.word("api")
                if word is None:
                    return "", ""
                reader = DialectReader(self._folder, self._problems, IMITATIONS)
                named = reader.read(word, self._file.name)
                return (named if named in SHIPPED else str(self._file.parent.resolve() / named)), ""
            case None:
                return "", ""


def _opened(word: Scalar) -> Step:
    return Step(action=Open(word.text.value), place=word.place, words=f"open: {word.text.value}")


def _at(word: Scalar) -> Step:
    return Step(action=At(word.text.value), place=word.place, words=f"at: {word.text.value}")


def _plain(what: Literal["reload"], word: Scalar) -> Step:
    return Step(action=Simple(what), place=word.place, words=what)


def _filled(field: Scalar, password: Scalar) -> Step:
    words = f"fill: {field.text.value}"
    return Step(action=Fill(field.text.value, password.text.value), place=password.place, words=words)
