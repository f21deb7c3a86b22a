"""What a turn gives, parsed from a worker's answer.

The worker is not trusted: whatever is not as `docs/design/program.md` says is ScriptFailed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.errors import ScriptFailed
from portico.model.query import Request
from portico.sandbox.answer import Fields, load

Style = Literal["info", "success", "warning", "error"]
Target = Literal["SAME_WINDOW", "NEW_WINDOW"]
Level = Literal["log", "info", "debug", "warn", "error"]

STYLES: tuple[Style, ...] = ("info", "success", "warning", "error")
TARGETS: tuple[Target, ...] = ("SAME_WINDOW", "NEW_WINDOW")
LEVELS: tuple[Level, ...] = ("log", "info", "debug", "warn", "error")


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


Command = StoreValue | ClearStore | Navigate | ShowAlert
Effect = RunQuery | Command


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
    """What one turn gave. `patch` maps widget paths to changed properties; `results` evaluations
    to their values; `open` counts requests that wait for an answer."""

    patch: Mapping[str, Mapping[str, Any]]
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
        patch={path: Fields(properties).values for path, properties in patch.items()},
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
    ev = fields.text_or_none("ev")
    match fields.values.get("k"):
        case "query":
            return RunQuery(
                id=fields.text("id"),
                ev=ev,
                query=fields.text("q"),
                request=request(Fields(fields.values.get("request"))),
                params=fields.mapping("params"),
            )
        case "store":
            return StoreValue(
                ev=ev,
                key=fields.text("key"),
                value=fields.values.get("value"),
                clear=fields.flag("clear"),
                persist=fields.flag("persist"),
            )
        case "clearStore":
            return ClearStore(ev=ev)
        case "navigate":
            return Navigate(
                ev=ev,
                to=fields.text("to"),
                params=fields.mapping("params"),
                target=fields.one_of("target", TARGETS),
            )
        case "alert":
            return ShowAlert(ev=ev, message=fields.text("message"), style=fields.one_of("style", STYLES))
    raise ScriptFailed("the worker's answer has an unknown effect")


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
