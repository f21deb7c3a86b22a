"""A compiled app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from portico.model.data_type import DataType
from portico.model.expression import Plain
from portico.model.page import Page
from portico.model.program import Program
from portico.model.query import Contract, Datasource, Query
from portico.model.sharing import Sharing


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """How an app looks: `brand` as `#rrggbb`, `logo` a key of `App.files`, `mode` light, dark
    or what the browser prefers."""

    brand: str = "#4f46e5"
    logo: str | None = None
    mode: Literal["auto", "light", "dark"] = "auto"


@dataclass(frozen=True, kw_only=True, slots=True)
class BrowserOrigins:
    """Origins that pages may load from besides our own (hard-cases 39)."""

    images: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Navigation:
    """Links to pages, in this order, above each page or, on wide screens, at its side."""

    orientation: Literal["top", "side"]
    pages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class App:
    """An app, whole and checked.

    `slug` is its folder's name and the first segment of its addresses. `version` is a hash over
    everything it was made from. `contract` is None for `auth: none`. `home` is where `/<slug>/`
    leads signed-out visitors of an app without contract. `files` maps the names of the pictures
    an app carries to where they lie; only these are served. `locale` and `timezone` are those of
    visitors whose browser names none that can be used. `contract_program` holds the
    contract's queries that this server runs and the mappings over answers, `contract_plain` what of that
    needs no engine, `guard_program` the access rules. `sharing` is None for an app with a sign-in of its
    own.
    """

    slug: str
    name: str
    version: str
    theme: Theme
    contract: Contract | None
    home: str
    pages: Mapping[str, Page]
    datasources: Mapping[str, Datasource]
    types: Mapping[str, DataType] = field(default_factory=dict)
    browser: BrowserOrigins = BrowserOrigins()
    locale: str = "en-US"
    timezone: str = "UTC"
    files: Mapping[str, Path] = field(default_factory=dict)
    queries: Mapping[str, Query] = field(default_factory=dict)
    contract_program: Program | None = None
    contract_plain: Plain = field(default_factory=Plain)
    guard_program: Program | None = None
    sharing: Sharing | None = None
    navigation: Navigation | None = None

    def navigates(self, page: Page) -> bool:
        """Whether a page has the links of the app. Where users sign in there is nowhere to go yet."""
        entry = self.contract.entry_page if self.contract is not None else None
        return self.navigation is not None and page.name != entry

    def source(self, query: Query) -> Datasource:
        """What a query calls. One of Python calls the app itself, which is no address of anything."""
        if query.kind == "python":
            return Datasource(name=self.slug, url="")
        return self.datasources[query.datasource]

    @property
    def sign_in(self) -> str:
        """Names the sign-in of the app: its own, or that of its group."""
        return self.sharing.group if self.sharing is not None else self.slug

    @property
    def key(self) -> str:
        """Names this version of this app, among all that are served."""
        return f"{self.slug}@{self.version}"
