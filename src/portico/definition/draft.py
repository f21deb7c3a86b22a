"""An app as it was read: checked piece by piece, not yet against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from portico.definition.behaviour import Behaviour
from portico.definition.bindings import Part, Snippet
from portico.definition.events import Event
from portico.definition.parameters import Parameters
from portico.definition.scope import Reading
from portico.definition.source import Scalar, Table
from portico.definition.text import Text
from portico.definition.value import Body, Value
from portico.model.access import AnyRole, Public, SignedIn
from portico.model.app import BrowserOrigins, Theme
from portico.model.package import ModuleContract
from portico.model.place import Place
from portico.model.provider import Provider
from portico.model.query import BodyType, Datasource, Method, QueryKind, Role, Sending
from portico.model.widget import Position, WidgetType


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What an instance gives for an input, and where."""

    place: Place
    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceDraft:
    """A module that is used under a name.

    `reference` is what `module` says; None if that is missing or wrong. `behaviour` is what it says of the
    query of a query module, `functions` what it says of functions of a script module, `settings` where it
    says so, by key.
    """

    name: str
    place: Place
    reference: Scalar | None
    inputs: Mapping[str, Given]
    behaviour: Behaviour = field(default_factory=Behaviour)
    functions: Mapping[str, Behaviour] = field(default_factory=dict)
    settings: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WidgetDraft:
    """One widget; `type` is None if there is no such type. Children follow it in the page's list.

    `path` is its template (`model.paths`), `parent` the path of what it stands in. `events` are by name,
    those of records by `<property>.<id>.<event>`. `instance`: it is one of a UI module.
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
    instance: InstanceDraft | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementDraft:
    """SQL with bindings in it. What each of them is there only the database's dialect tells."""

    text: Text
    parts: tuple[Part, ...]
    prepared: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryDraft:
    """One query. `cookie` is where it says its own header `Cookie`, if it does; `places` are those of its
    keys. `statement` is what a query of SQL runs, `call` what one of Python calls."""

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
    seal: bool = True
    cookie: Place | None = None
    kind: QueryKind = "rest"
    statement: StatementDraft | None = None
    call: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptDraft:
    """One script object. `program` is its text with `export default` overwritten, of equal length.

    `members` says what each member reads, `helpers` what everything else in the file reads; `functions`
    are those of the members that are functions; `behaviours` what the file beside it says of functions.
    """

    name: str
    text: Text
    program: str
    reading: Reading
    members: Mapping[str, Reading]
    helpers: Reading
    functions: Mapping[str, Parameters] = field(default_factory=dict)
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entities:
    """Queries and scripts of one folder, and the query and script modules used there. `broken`: a file
    could not be read, so names may be missing."""

    queries: tuple[QueryDraft, ...] = ()
    scripts: tuple[ScriptDraft, ...] = ()
    instances: tuple[InstanceDraft, ...] = ()
    broken: bool = False

    def merged(self, other: "Entities") -> "Entities":
        """These and then those of another folder."""
        return Entities(
            queries=(*self.queries, *other.queries),
            scripts=(*self.scripts, *other.scripts),
            instances=(*self.instances, *other.instances),
            broken=self.broken or other.broken,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputDraft:
    """An output of a module."""

    place: Place
    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleDraft:
    """One module. `main` is the query that a query module runs, the script whose functions a script module
    exports; None for a UI module, and if it is wrong. `defaults` are those of its inputs, `members` what code
    outside finds of an instance besides outputs."""

    package: str
    contract: ModuleContract
    place: Place
    defaults: Mapping[str, Value]
    outputs: Mapping[str, OutputDraft]
    main: str | None
    members: frozenset[str]
    widgets: tuple[WidgetDraft, ...]
    entities: Entities

    @property
    def title(self) -> str:
        """How apps call it."""
        return f"{self.package}/{self.contract.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageDraft:
    """One package. A module that cannot be read is None. `needs` are ranges of versions of other packages;
    `datasources` are defaults, None for one that cannot be read or that another stands for; `secrets` names
    those that each of them needs."""

    name: str
    version: str
    description: str
    place: Place
    needs: Mapping[str, Scalar]
    datasources: Mapping[str, Datasource | None]
    secrets: Mapping[str, frozenset[str]]
    modules: Mapping[str, ModuleDraft | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageUse:
    """What `packages:` of an app says of one: `range` of a published one, or the `path` of a folder.
    `datasources` are names of the app's by names of the package's."""

    name: str
    place: Place
    range: Scalar | None
    path: Scalar | None
    datasources: Mapping[str, Scalar]


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
class TypeFieldDraft:
    """A field of a data type."""

    place: Place
    type: Scalar
    required: bool
    list: bool
    source: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeDraft:
    """One data type."""

    name: str
    place: Place
    fields: Mapping[str, TypeFieldDraft]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleDraft:
    """A query of the contract, and what the author wrote of its answer's meaning. A name that is missing
    or wrong is None: it was reported. `trusted`: scripts of the app may take its answer for a sign-in."""

    query: Scalar | None
    trusted: bool = False
    mappings: Mapping[str, Snippet] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderDraft:
    """What `preset: oidc` says. `provider` is None if something that it needs is wrong: it was reported.
    `mappings` are those that the author wrote."""

    place: Place
    provider: Provider | None
    mappings: Mapping[str, Snippet] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PresetDraft:
    """What a preset brings: mappings as an app's own files hold them. `datasource` is None where the app has
    one itself, or does not say where the auth API is."""

    name: str
    datasource: Table | None
    queries: Mapping[str, Table]
    auth: Table


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupDraft:
    """The apps that an app shares its sign-in with, by the name that they have in common."""

    name: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractDraft:
    """What `auth:` says, that of its preset included. A name that is missing or wrong is None: it was
    reported."""

    place: Place
    entry_page: Scalar | None
    home_page: Scalar | None
    token_key: Scalar | None
    roles: Mapping[Role, RoleDraft]
    keep: tuple[Scalar, ...]
    persist: bool
    audience: tuple[Scalar, ...]
    sending: Sending
    provider: ProviderDraft | None = None
    authorize: Scalar | None = None
    preset: PresetDraft | None = None
    pending_page: Scalar | None = None
    max_stale: timedelta = timedelta(minutes=10)
    idle_timeout: timedelta | None = None
    absolute_timeout: timedelta = timedelta(days=14)
    sessions_per_user: int = 100
    user_type: Scalar | None = None
    cookie: Scalar | None = None
    refused: Snippet | None = None
    group: GroupDraft | None = None

    def query(self, role: Role) -> Scalar | None:
        """The name of the query that plays a role."""
        found = self.roles.get(role)
        return found.query if found is not None else None


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
    packages: Mapping[str, PackageUse] = field(default_factory=dict)
    instances: tuple[InstanceDraft, ...] = ()
    navigation: "NavigationDraft | None" = None
    sound: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class NavigationDraft:
    """What `navigation` says; without `pages` it is all of them."""

    orientation: Literal["top", "side"]
    pages: tuple[Scalar, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AppDraft:
    """A whole app as it was read. A package that cannot be read is None."""

    manifest: ManifestDraft
    datasources: Mapping[str, Datasource | None]
    pages: Mapping[str, PageDraft]
    entities: Entities = field(default_factory=Entities)
    packages: Mapping[str, PackageDraft | None] = field(default_factory=dict)
    types: Mapping[str, TypeDraft] = field(default_factory=dict)
