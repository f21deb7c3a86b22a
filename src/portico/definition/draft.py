"""An app as it was read: checked piece by piece, not yet against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from portico.definition.behaviour import Behaviour
from portico.definition.bindings import Snippet
from portico.definition.events import Event
from portico.definition.scope import Reading
from portico.definition.source import Scalar
from portico.definition.text import Text
from portico.definition.value import Body, Value
from portico.model.access import AnyRole, Public, SignedIn
from portico.model.app import BrowserOrigins, Theme
from portico.model.place import Place
from portico.model.query import BodyType, Datasource, Method
from portico.model.widget import Position, WidgetType


@dataclass(frozen=True, kw_only=True, slots=True)
class WidgetDraft:
    """One widget; `type` is None if there is no such type. Children follow it in the page's list.

    `path` is its template (`model.paths`), `parent` the path of what it stands in. `events` are by name,
    those of records by `<property>.<id>.<event>`.
    """

    name: str
    path: str
    type: WidgetType | None
    place: Place
    parent: str | None
    slot: str | None
    position: Position | None
    properties: Mapping[str, Value]
    events: Mapping[str, Event]


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryDraft:
    """One query."""

    name: str
    place: Place
    datasource: Scalar | None
    method: Method
    path: Value
    params: tuple[tuple[str, Value], ...]
    headers: tuple[tuple[str, Value], ...]
    body: Body | None
    body_type: BodyType
    behaviour: Behaviour
    timeout: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptDraft:
    """One script object. `program` is its text with `export default` overwritten, of equal length.

    `members` says what each member reads, `helpers` what everything else in the file reads; `behaviours`
    what the file beside it says of functions.
    """

    name: str
    text: Text
    program: str
    reading: Reading
    members: Mapping[str, Reading]
    helpers: Reading
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entities:
    """Queries and scripts of one folder. `broken`: a file could not be read, so names may be missing."""

    queries: tuple[QueryDraft, ...] = ()
    scripts: tuple[ScriptDraft, ...] = ()
    broken: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PageDraft:
    """One page. `access` is None if it does not say; a snippet is a rule over `auth`."""

    name: str
    title: str
    place: Place
    access: Public | SignedIn | AnyRole | Snippet | None
    access_place: Place
    widgets: tuple[WidgetDraft, ...]
    entities: Entities
    broken: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractDraft:
    """What `auth:` says. `mappings` hold what the author wrote of `succeeded`, `uid`, ….

    A name that is missing or wrong is None: it was reported.
    """

    place: Place
    entry_page: Scalar | None
    home_page: Scalar | None
    token_key: Scalar | None
    me: Scalar | None
    mappings: Mapping[str, Snippet]
    refresh: Scalar | None
    starts: tuple[Scalar, ...]
    keep: tuple[Scalar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestDraft:
    """What `app.yaml` says. `auth` is None for `auth: none` and while it does not say."""

    name: str
    theme: Theme
    browser: BrowserOrigins
    auth: ContractDraft | None
    has_auth: bool
    home_page: Scalar | None
    locale: str = "en-US"
    timezone: str = "UTC"
    sound: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class AppDraft:
    """A whole app as it was read."""

    manifest: ManifestDraft
    datasources: Mapping[str, Datasource | None]
    pages: Mapping[str, PageDraft]
    entities: Entities = field(default_factory=Entities)
