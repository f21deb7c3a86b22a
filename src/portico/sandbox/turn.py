"""What a turn gives, parsed from a worker's answer.

The worker is not trusted: whatever is not as `docs/design/program.md` says is ScriptFailed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.errors import ScriptFailed
from portico.model.query import Request
from portico.sandbox.answer import Fields, load
from portico.sandbox.digest import Digest, read_digest

Style = Literal["info", "success", "warning", "error"]
Target = Literal["SAME_WINDOW", "NEW_WINDOW"]
Level = Literal["log", "info", "debug", "warn", "error"]
About = Literal["confirm", "position"]
Act = Literal["list", "end", "endOthers"]

STYLES: tuple[Style, ...] = ("info", "success", "warning", "error")
TARGETS: tuple[Target, ...] = ("SAME_WINDOW", "NEW_WINDOW")
LEVELS: tuple[Level, ...] = ("log", "info", "debug", "warn", "error")
ACTS: tuple[Act, ...] = ("list", "end", "endOthers")
ABOUTS: tuple[About, ...] = ("confirm", "position")
#: What a sign-in can be given, and what each of it can be besides None.
GIVEN: Mapping[str, tuple[type, ...]] = {
    "token": (str,),
    "refreshToken": (str,),
    "expiresAt": (str, int, float),
    "expiresIn": (str, int, float),
    "uid": (str, int, float),
    "user": (dict,),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RunQuery:
    """A request: perform it and answer with an input `result` that carries `id`.
    `query` is the query's path, `params` what `this.params` was."""

    id: str
    ev: str | None
    query: str
    request: Request
    params: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A request to the browser: answer with an input `result` that carries `id`. `confirm` asks the
    user a question, `position` the device where it is (`options` as in the Geolocation API, in ms)."""

    id: str
    ev: str | None
    about: About
    question: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreValue:
    """Keep `value` under `key`: with `persist` for good, else for this tab. With `clear` the key
    is removed instead: from both if `persist`, else from the tab's values alone."""

    ev: str | None
    key: str
    value: Any = field(repr=False)
    clear: bool
    persist: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ClearStore:
    """Remove every key, the tab's included."""

    ev: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Navigate:
    """Go to a page of the app or, if none has this name, to an address. Neither is checked here."""

    ev: str | None
    to: str
    params: Mapping[str, Any]
    target: Target


@dataclass(frozen=True, kw_only=True, slots=True)
class ShowAlert:
    """Show a message."""

    ev: str | None
    message: str
    style: Style


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOut:
    """End the session; then go to `to`, or to the entry page."""

    ev: str | None
    to: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogIn:
    """Sign in with what is `given`: answer with an input `result` that carries `id`. It has some of `GIVEN`,
    None for what is to be empty."""

    id: str
    ev: str | None
    given: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateUser:
    """Change of who is signed in what is `given`, as `LogIn` does."""

    id: str
    ev: str | None
    given: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnSessions:
    """List the user's own sessions, end the one of the public id `session`, or all others: answer with an
    input `result` that carries `id`."""

    id: str
    ev: str | None
    act: Act
    session: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """Go and sign in at the app's OpenID provider, or at one that the auth API knows by this name."""

    ev: str | None
    provider: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartTimer:
    """Have the browser post a tick for `timer` after `ms` milliseconds, again and again if `repeat`."""

    ev: str | None
    timer: str
    ms: int
    repeat: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopTimer:
    """No more ticks for `timer`."""

    ev: str | None
    timer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """Give the user a file. `data` is its text or, if `address`, where it is: http(s) or data."""

    ev: str | None
    data: str = field(repr=False)
    address: bool
    name: str
    type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyText:
    """Put a text on the user's clipboard."""

    ev: str | None
    text: str = field(repr=False)


#: Commands that scripts wait for.
Awaited = LogIn | UpdateUser | OwnSessions
Command = (
    StoreValue
    | ClearStore
    | Navigate
    | ShowAlert
    | SignIn
    | SignOut
    | Awaited
    | StartTimer
    | StopTimer
    | Download
    | CopyText
)
Effect = RunQuery | Ask | Digest | Command


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptError:
    """An error in app code. `line` and `column` are positions in `Program.source`, which
    `Program.locate` leads back to a file. `unhandled`: a rejection that nobody caught; `query` is
    then the path of the query whose failure it was, and `message` its public message."""

    event: str | None
    owner: str | None
    property: str | None
    name: str
    message: str
    line: int | None
    column: int | None
    unhandled: bool
    query: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """A line that a script wrote with `console`."""

    level: Level
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """An action's promise was settled."""

    event: str | None
    ok: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn gave. `patch` maps widget paths to changed properties, `gone` are widgets of rows
    that are no more, or others of that path by now; `results` maps evaluations to their values; `open`
    counts requests that wait for an answer, `timers` timers that run."""

    patch: Mapping[str, Mapping[str, Any]]
    gone: frozenset[str]
    effects: tuple[Effect, ...]
    errors: tuple[ScriptError, ...]
    logs: tuple[LogLine, ...]
    done: tuple[Done, ...]
    results: Mapping[str, Any]
    open: int
    timers: int


def parse(text: str) -> Turn:
    """The turn in a worker's answer. Raises ScriptFailed if it is malformed."""
    with_fields = Fields(load(text))
    patch = with_fields.mapping("patch")
    return Turn(
        patch={path: Fields(changes).values for path, changes in patch.items()},
        gone=frozenset(with_fields.texts("gone")),
        effects=tuple(effect(fields) for fields in with_fields.each("effects")),
        errors=tuple(script_error(fields) for fields in with_fields.each("errors")),
        logs=tuple(
            LogLine(level=fields.one_of("level", LEVELS), text=fields.text("text"))
            for fields in with_fields.each("logs")
        ),
        done=tuple(
            Done(event=fields.text_or_none("ev"), ok=fields.flag("ok")) for fields in with_fields.each("done")
        ),
        results=with_fields.mapping("results"),
        open=with_fields.count("open"),
        timers=with_fields.count("timers"),
    )


def effect(fields: Fields) -> Effect:
    """One effect, of a kind that is known."""
    kind = fields.values.get("k")
    read = READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise ScriptFailed("the worker's answer has an unknown effect")
    return read(fields, fields.text_or_none("ev"))


def _query(fields: Fields, ev: str | None) -> RunQuery:
    return RunQuery(
        id=fields.text("id"),
        ev=ev,
        query=fields.text("q"),
        request=request(Fields(fields.values.get("request"))),
        params=fields.mapping("params"),
    )


def _ask(fields: Fields, ev: str | None) -> Ask:
    about = fields.one_of("about", ABOUTS)
    if about == "confirm":
        return Ask(id=fields.text("id"), ev=ev, about=about, question=fields.text("question"))
    return Ask(id=fields.text("id"), ev=ev, about=about, options=fields.mapping("options"))


def _store(fields: Fields, ev: str | None) -> StoreValue:
    return StoreValue(
        ev=ev,
        key=fields.text("key"),
        value=fields.values.get("value"),
        clear=fields.flag("clear"),
        persist=fields.flag("persist"),
    )


def _navigate(fields: Fields, ev: str | None) -> Navigate:
    return Navigate(
        ev=ev,
        to=fields.text("to"),
        params=fields.mapping("params"),
        target=fields.one_of("target", TARGETS),
    )


def _alert(fields: Fields, ev: str | None) -> ShowAlert:
    return ShowAlert(ev=ev, message=fields.text("message"), style=fields.one_of("style", STYLES))


def _given(fields: Fields) -> Mapping[str, Any]:
    given = fields.mapping("given")
    for name, value in given.items():
        right = value is None or (isinstance(value, GIVEN.get(name, ())) and not isinstance(value, bool))
        if name not in GIVEN or not right:
            raise ScriptFailed("the worker's answer has a sign-in that cannot be")
    return given


def _timer(fields: Fields, ev: str | None) -> StartTimer:
    return StartTimer(ev=ev, timer=fields.text("timer"), ms=fields.count("ms"), repeat=fields.flag("repeat"))


def _download(fields: Fields, ev: str | None) -> Download:
    return Download(
        ev=ev,
        data=fields.text("data"),
        address=fields.flag("address"),
        name=fields.text("name"),
        type=fields.text("type"),
    )


READERS: Mapping[str, Callable[[Fields, str | None], Effect]] = {
    "query": _query,
    "ask": _ask,
    "store": _store,
    "clearStore": lambda fields, ev: ClearStore(ev=ev),
    "navigate": _navigate,
    "alert": _alert,
    "signIn": lambda fields, ev: SignIn(ev=ev, provider=fields.text_or_none("provider")),
    "signOut": lambda fields, ev: SignOut(ev=ev, to=fields.text_or_none("to")),
    "logIn": lambda fields, ev: LogIn(id=fields.text("id"), ev=ev, given=_given(fields)),
    "updateUser": lambda fields, ev: UpdateUser(id=fields.text("id"), ev=ev, given=_given(fields)),
    "sessions": lambda fields, ev: OwnSessions(
        id=fields.text("id"), ev=ev, act=fields.one_of("act", ACTS), session=fields.text("session")
    ),
    "digest": read_digest,
    "timer": _timer,
    "timerOff": lambda fields, ev: StopTimer(ev=ev, timer=fields.text("timer")),
    "download": _download,
    "copy": lambda fields, ev: CopyText(ev=ev, text=fields.text("text")),
}


def request(fields: Fields) -> Request:
    """What a query is to send."""
    return Request(
        path=fields.text("path"),
        params=fields.pairs("params"),
        headers=fields.pairs("headers"),
        body=fields.values.get("body"),
        body_is_text=fields.flag("bodyIsText"),
    )


def script_error(fields: Fields) -> ScriptError:
    """One error entry."""
    return ScriptError(
        event=fields.text_or_none("ev"),
        owner=fields.text_or_none("w"),
        property=fields.text_or_none("p"),
        name=fields.text("name"),
        message=fields.text("message"),
        line=fields.count_or_none("line"),
        column=fields.count_or_none("column"),
        unhandled=fields.flag("unhandled"),
        query=fields.text_or_none("query"),
    )
