"""An Appsmith application, whichever format it came in: frozen, typed, and without what Appsmith keeps for
itself. Texts, bindings and code are as they were written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Run = Literal["manual", "on_load", "automatic", "on_unload"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A widget. `children` are as Appsmith has them: canvases among them, in the order of the page."""

    id: str
    name: str
    type: str
    properties: Mapping[str, Any]
    children: "tuple[Node, ...]" = ()

    def all(self) -> "Iterator[Node]":
        """This and everything below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A datasource. `configuration` is there in exports and in queries that have one of their own;
    `decrypted`: the export holds its secrets."""

    name: str
    plugin: str
    configuration: Mapping[str, Any] = field(default_factory=dict)
    decrypted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A query. `embedded`: its datasource is its own, and has no name. `run` is None where nothing says.
    `instance`: it is what an instance of a module consists of, without its code."""

    name: str
    plugin: str
    source: Source
    embedded: bool
    configuration: Mapping[str, Any]
    run: Run | None
    confirm: bool = False
    instance: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """What is said of a function of a script object."""

    run: Run | None
    confirm: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A script object. `instance` as of queries."""

    name: str
    body: str
    functions: Mapping[str, Function]
    instance: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """An instance of a module, which this application has no code of. `package` and `module` are ids,
    `package_name` and `module_name` what these are called, as far as the application says so."""

    name: str
    kind: str
    package: str
    module: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    package_name: str = ""
    module_name: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page; of a package, a module with its `inputs`."""

    name: str
    slug: str
    hidden: bool
    version: int | None
    root: Node | None
    queries: tuple[Query, ...]
    scripts: tuple[Script, ...]
    instances: tuple[Instance, ...] = ()
    kind: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """A library that scripts may name by its accessors."""

    name: str
    version: str
    accessors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """The whole. `navigation`: where its pages are linked, `top` or `side`; None if they are not.
    `positioning` is FIXED, AUTO or ANVIL. `id` is that of a package."""

    source: str
    form: str
    name: str
    pages: tuple[Page, ...]
    default_page: str
    sources: tuple[Source, ...]
    libraries: tuple[Library, ...] = ()
    theme: Mapping[str, Any] = field(default_factory=dict)
    navigation: str | None = None
    positioning: str = "FIXED"
    is_package: bool = False
    id: str = ""
    notes: tuple[str, ...] = ()
