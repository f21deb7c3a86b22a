"""`tests/*.yaml`: journeys of simulated users, which `portico test` takes.

`steps` are lists that journeys `use` by their names, also those of a standard, a file of this package
(`standard/`): what the app says of a name wins over what the standard says.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from portico.definition import source
from portico.definition.diagnostics import Diagnostic, Problems
from portico.definition.entities import EntityReader
from portico.definition.fields import Fields, table
from portico.definition.folder import Folder
from portico.definition.journey_dialects import FOLDER as DIALECTS
from portico.definition.journey_dialects import DialectReader, Imitations
from portico.definition.journey_steps import USE, StepReader
from portico.definition.names import suggestion
from portico.definition.shapes import FLAG, LASTING, WORD, Key, Shape, each, one_of
from portico.definition.shapes import named as in_definitions
from portico.definition.shapes import table as named
from portico.definition.source import Items, Node, Scalar, Table
from portico.model.journey import Account, AuthSettings, Journey, JourneyFile, SetFault, Step
from portico.model.place import Place

#: Where they lie.
FOLDER = "tests/"
_STANDARD = Path(__file__).parent / "standard"
#: The standards that there are.
STANDARDS = tuple(sorted(file.stem for file in _STANDARD.glob("*.yaml")))
#: How deep lists of steps may use each other.
DEPTH = 12

_LISTS = named(in_definitions("steps"))
#: A fault as it is written.
Spelled = str | Mapping[str, object]
_ACCOUNT = Shape(
    "an account",
    {
        "username": Key(schema=WORD, help="Its user name.", required=True),
        "email": Key(schema=WORD, help="Its e-mail address.", required=True),
        "password": Key(schema=WORD, help="Its password, made up for the journey.", required=True),
        "role": Key(schema=WORD, help="Its role, where the API says one."),
    },
)
_AUTH = Shape(
    "what is special about the auth server",
    {
        "access_lifetime": Key(schema=LASTING, help="How long access tokens are good for, as `10m`."),
        "one_long_token": Key(
            schema=FLAG, help="Whether it hands out one long token, as Strapi did, and none to renew it."
        ),
        "email_confirmation": Key(schema=FLAG, help="Whether a new account has to be confirmed by mail."),
        "dialect": Key(
            schema=WORD,
            help="The file of an API that it imitates, from the folder of this one, as "
            "`dialects/my-api.yaml`; or the name of one that comes with Portico, as `pocketbase`.",
        ),
    },
)
SHAPE = Shape(
    "a file of journeys",
    {
        "journeys": Key(
            schema=named(in_definitions("steps")), help="Lists of steps, by the names of the journeys."
        ),
        "steps": Key(
            schema=named(in_definitions("steps")), help="Lists of steps that journeys `use`, by name."
        ),
        "standard": Key(
            schema=one_of(STANDARDS),
            help="Journeys that come with Portico; `steps` says how the app's own pages do what they use.",
        ),
        "without": Key(
            schema=named(WORD), help="Standard journeys that the app cannot have, with the reason for each."
        ),
        "accounts": Key(
            schema=each(_ACCOUNT.schema()),
            help="Accounts of the auth server, in the place of `appsmith_user` and `emilys`.",
        ),
        "settings": Key(schema=named(WORD), help="Settings of the environment. `AUTH_URL` is set by itself."),
        "secrets": Key(schema=named(WORD), help="Secrets that the app names, made up for the journeys."),
        "auth": Key(schema=_AUTH.schema(), help="What is special about the auth server."),
    },
)


@dataclass(frozen=True, slots=True)
class Journeys:
    """All journeys of an app, and what is wrong with their files."""

    files: tuple[JourneyFile, ...]
    problems: tuple[Diagnostic, ...]


def load(
    folder: Path,
    *,
    fault_problem: Callable[[Spelled], str | None] = lambda _: None,
    imitations: Imitations | None = None,
) -> Journeys:
    """The journeys of the app in `folder`. They are no part of the app: nothing of it depends on them.

    `fault_problem` says why something is no fault that an auth server could have, or None; `imitations` what
    it can imitate.
    """
    problems = Problems()
    files = EntityReader(Folder(folder, problems), problems)
    dialects = DialectReader(files.folder, problems, imitations or Imitations())
    found = []
    there = files.folder.is_folder(FOLDER)
    for _, path in files.files(FOLDER, ".yaml", besides=(DIALECTS,)) if there else ():
        content = files.yaml(path, SHAPE.what, "")
        if content is not None:
            found.append(read(content, path, problems, dialects))
            _judge_faults(found[-1], fault_problem, problems)
    return Journeys(tuple(found), problems.sorted())


def read(content: Table, path: str, problems: Problems, dialects: DialectReader) -> JourneyFile:
    """The journeys of a file. Steps with problems are left out."""
    fields = Fields(content, problems, SHAPE)
    lists, own, standard = (
        _Lists(problems),
        fields.table_of("journeys"),
        Table(place=fields.place, entries={}),
    )
    left_out = _words(fields, "without")
    name = fields.choice("standard", STANDARDS, "") if fields.node("standard") is not None else ""
    if name:
        brought = _standard(name, problems)
        lists.add(brought.entries["steps"].node)
        standard = _table(brought.entries["journeys"].node)
    lists.add(fields.node("steps"))
    if own is None and not name:
        problems.add("E801", fields.place, "there is no journey", remedy="write `journeys:`, or `standard:`")
    for wrong in left_out.keys() - standard.entries.keys():
        remedy = suggestion(wrong, standard.entries, none="name a `standard`")
        problems.add(
            "E801", fields.place_of("without"), f"there is no journey `{wrong}` to leave out", remedy=remedy
        )
    found = JourneyFile(
        path=path,
        journeys=(
            *lists.journeys(standard, fields.place_of("standard"), left_out),
            *lists.journeys(own, None, {}),
        ),
        accounts=tuple(_accounts(fields)),
        settings=_words(fields, "settings"),
        secrets=_words(fields, "secrets"),
        auth=_auth(fields, path, dialects),
        left_out=left_out,
    )
    fields.done()
    if found.auth.dialect and "AUTH_URL" in found.settings:
        problems.add(
            "E801",
            fields.place_of("auth"),
            "`AUTH_URL` names an auth API, and `dialect` one that is imitated",
            remedy="leave one of them out",
        )
    return found


def _judge_faults(
    file: JourneyFile, fault_problem: Callable[[Spelled], str | None], problems: Problems
) -> None:
    for step in (step for journey in file.journeys for step in journey.steps):
        why = fault_problem(step.action.spelled) if isinstance(step.action, SetFault) else None
        if why is not None:
            remedy = "write one of those in `docs/journeys.md`"
            problems.add("E804", step.place, why, received=step.words, remedy=remedy)


class _Lists:
    """Lists of steps by name, and the journeys that use them."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._reader = StepReader(problems)
        self._named: dict[str, Node] = {}

    def add(self, node: Node | None) -> None:
        """Take in lists by name; a later one of a name wins."""
        if node is not None:
            self._named |= {name: entry.node for name, entry in _table(node, self._problems).entries.items()}

    def journeys(
        self, given: Table | None, at: Place | None, without: Mapping[str, str]
    ) -> Iterator[Journey]:
        """The journeys of a mapping; `at`: where a standard was named that brings them."""
        for name, entry in given.entries.items() if given is not None else ():
            if name not in without:
                steps = tuple(self._steps(entry.node, (at,) if at else (), ()))
                yield Journey(name=name, place=at or entry.key, steps=steps)

    def _steps(self, node: Node, used_at: tuple[Place, ...], inside: tuple[str, ...]) -> Iterator[Step]:
        if not isinstance(node, Items):
            remedy = "write one `- ` line for each step"
            self._problems.add("E801", node.place, "steps are a list", remedy=remedy)
            return
        for item in node.items:
            found = self._reader.read(item)
            if found is None:
                continue
            key, place, value = found
            if key == USE:
                yield from self._used(value, place, used_at, inside)
                continue
            for action, where, words in self._reader.actions(key, place, value):
                yield Step(action=action, place=where, words=words, used_at=used_at)

    def _used(
        self, value: Node | None, place: Place, used_at: tuple[Place, ...], inside: tuple[str, ...]
    ) -> Iterator[Step]:
        name = value.text.value if isinstance(value, Scalar) else ""
        # Of a standard, the line to mend is the one that names it.
        blamed = used_at[0] if place.file.startswith("standard ") and used_at else place
        if name not in self._named:
            remedy = suggestion(name, self._named, none="write it below `steps`")
            if blamed is not place:
                remedy = f"write `{name}:` below `steps`, or leave journeys out below `without`"
            self._problems.add("E803", blamed, f"there are no steps `{name}`", received=name, remedy=remedy)
        elif name in inside or len(inside) >= DEPTH:
            circle = " → ".join((*inside, name))
            self._problems.add("E803", blamed, "these steps use themselves", received=circle, remedy="end it")
        else:
            yield from self._steps(self._named[name], (*used_at, place), (*inside, name))


def _standard(name: str, problems: Problems) -> Table:
    text = (_STANDARD / f"{name}.yaml").read_text(encoding="utf-8")
    return _table(source.read(f"standard {name}", text, problems))


def _table(node: Node | None, problems: Problems | None = None) -> Table:
    """A mapping; one of this package is right."""
    if isinstance(node, Table):
        return node
    if problems is None or node is None:
        raise TypeError("a standard of this package is no mapping")
    problems.add("E801", node.place, "`steps` is a mapping", remedy="write `name:` lines with lists below")
    return Table(place=node.place, entries={})


def _words(fields: Fields, key: str) -> dict[str, str]:
    given = fields.table_of(key)
    found = {}
    for name, entry in given.entries.items() if given is not None else ():
        if isinstance(entry.node, Scalar):
            found[name] = entry.node.text.value
        else:
            fields.problems.add("E801", entry.key, f"`{name}` is text", remedy="write text")
    return found


def _accounts(fields: Fields) -> Iterator[Account]:
    for item in fields.items_of("accounts"):
        content = table(item, fields.problems, _ACCOUNT.what, "")
        if content is None:
            continue
        inner = Fields(content, fields.problems, _ACCOUNT)
        needed = [name for name, key in _ACCOUNT.keys.items() if key.required]
        found = {key: inner.required_word(key, f"write `{key}:`") for key in needed}
        role = inner.word("role")
        inner.done()
        values = {key: word.text.value for key, word in found.items() if word is not None}
        if len(values) == len(found):
            yield Account(**values, role=role.text.value if role else "")


def _auth(fields: Fields, path: str, dialects: DialectReader) -> AuthSettings:
    content = fields.table_of("auth")
    if content is None:
        return AuthSettings()
    inner = Fields(content, fields.problems, _AUTH)
    least, most = timedelta(seconds=1), timedelta(days=3650)
    dialect = inner.word("dialect")
    found = replace(
        AuthSettings(),
        access_lifetime=inner.lasting("access_lifetime", least=least, most=most),
        one_long_token=inner.flag("one_long_token"),
        email_confirmation=inner.flag("email_confirmation") is True,
        dialect=dialects.read(dialect, path) if dialect else "",
    )
    inner.done()
    return found
