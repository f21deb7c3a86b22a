"""The rules of DESIGN "Layers" and "What must never happen", read from the syntax tree of a module.

Each rule is a function of one module and yields what is wrong with it; its docstring says why it exists.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

# A folder imports itself and lower ranks; the three modules of rank 0 are one unit.
RANKS = {
    **dict.fromkeys(("errors", "clock", "values"), 0),
    **dict.fromkeys(("culture", "model"), 1),
    **dict.fromkeys(("auth", "definition", "sandbox"), 2),
    **dict.fromkeys(("stores", "ui", "runtime", "packages"), 3),
    **dict.fromkeys(("web", "authserver", "importers"), 4),
    "testing": 5,
    "cli": 6,
    "__main__": 7,
}
GROUND = {name for name, rank in RANKS.items() if rank == 0}

HTTP_CLIENTS = ("httpx", "httpcore", "requests", "aiohttp", "urllib3", "urllib.request", "http.client")
NOT_IN_AUTH = ("starlette", "fastapi", "uvicorn", "httpx", "jinja2", "yaml", "sqlite3", "redis")
WALL_CLOCKS = {
    "time.time",
    "time.time_ns",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
}
MAY_MOVE_CLOCKS = {Path("clock.py"), Path("cli/dev.py"), Path("cli/auth_server.py")}
BUILTINS_THAT_RUN_CODE = {"eval", "exec", "compile", "__import__"}
CATCH_ALL_NAMES = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
MAX_LINES = 400


@dataclass(frozen=True, kw_only=True)
class Import:
    """One imported name, dotted in full: `from a import b` imports `a.b`."""

    name: str
    line: int

    def brings(self, *modules: str) -> bool:
        """Whether it imports one of `modules`, or something out of one."""
        return any(self.name == module or self.name.startswith(f"{module}.") for module in modules)

    @property
    def part(self) -> str | None:
        """The part of Portico it imports: `auth` of `portico.auth.guard`. None for what is not Portico's."""
        names = self.name.split(".")
        return names[1] if names[0] == "portico" and len(names) > 1 else None


@dataclass(frozen=True, kw_only=True)
class Module:
    """A parsed module; `path` is relative to the package."""

    path: Path
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.source)

    @cached_property
    def part(self) -> str:
        """The folder at the top, or the module's own name where it lies there."""
        return self.path.with_suffix("").parts[0]

    @cached_property
    def imports(self) -> list[Import]:
        """Every import, wherever it stands."""
        return [found for node in ast.walk(self.tree) for found in _imports_of(node)]

    @cached_property
    def uses(self) -> list[Import]:
        """Every name or dotted name that is read, traced back to what it was imported as."""
        origins = {alias: name for node in ast.walk(self.tree) for alias, name in _aliases_of(node)}
        return [
            Import(name=_resolve(dotted, origins), line=node.lineno)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name | ast.Attribute) and (dotted := _dotted(node))
        ]


def _imports_of(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(name=alias.name, line=node.lineno)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        for alias in node.names:
            yield Import(name=f"{node.module}.{alias.name}", line=node.lineno)


def _aliases_of(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                yield alias.asname, alias.name
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as text; nothing where the left end is not a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := _dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def _resolve(dotted: str, origins: dict[str, str]) -> str:
    first, dot, rest = dotted.partition(".")
    return origins.get(first, first) + dot + rest


Rule = Callable[[Module], Iterator[str]]


def imports_look_down(module: Module) -> Iterator[str]:
    """Folders on one rank do not know each other; the package itself imports nothing of its own."""
    if module.part != "__init__" and module.part not in RANKS:
        yield f"1: {module.part} has no rank"
        return
    for found in module.imports:
        if found.part in RANKS and not _may_import(module.part, found.part):
            yield f"{found.line}: {module.part} imports {found.name}"


def _may_import(importer: str, imported: str) -> bool:
    if importer == "__init__":
        return False
    if importer == imported or {importer, imported} <= GROUND:
        return True
    return RANKS[imported] < RANKS[importer]


def authserver_is_a_stranger(module: Module) -> Iterator[str]:
    """The embedded auth server is reached over HTTP only: it shares rank 0 with Portico and nothing else."""
    if module.part != "authserver":
        return
    for found in module.imports:
        if found.part in RANKS and found.part not in GROUND | {"authserver"}:
            yield f"{found.line}: authserver imports {found.name}"


def auth_knows_no_technology(module: Module) -> Iterator[str]:
    """No HTTP framework, no file format, no database in the heart."""
    if module.part != "auth":
        return
    for found in module.imports:
        if found.brings(*NOT_IN_AUTH):
            yield f"{found.line}: auth imports {found.name}"


def one_http_client(module: Module) -> Iterator[str]:
    """Calls go out through `runtime/http.py`, which alone unseals, over connections of `runtime/network.py`;
    the shipped test kit plays the browser."""
    if module.path in (Path("runtime/http.py"), Path("runtime/network.py")) or module.part == "testing":
        return
    for found in module.imports:
        if found.brings(*HTTP_CLIENTS):
            yield f"{found.line}: a second HTTP client, {found.name}"


def imports_are_absolute(module: Module) -> Iterator[str]:
    """A relative import would hide what it reaches from the other rules."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{node.lineno}: a relative import"


def imports_stand_at_the_top(module: Module) -> Iterator[str]:
    """An import of Portico inside a function, a class or a condition is a question about placement; but for
    what needs a package that an extra brings: that may be asked for when it is needed."""
    extras = [each for node in ast.walk(module.tree) if _asks_for_an_extra(node) for each in node.body]
    at_top = {found for node in [*module.tree.body, *extras] for found in _imports_of(node)}
    for found in module.imports:
        if found not in at_top and found.brings("portico"):
            yield f"{found.line}: {found.name} is not imported at the top"


def _asks_for_an_extra(node: ast.AST) -> TypeGuard[ast.Try]:
    return isinstance(node, ast.Try) and all(
        isinstance(handler.type, ast.Name) and handler.type.id == "ModuleNotFoundError"
        for handler in node.handlers
    )


def imports_are_not_dynamic(module: Module) -> Iterator[str]:
    """`importlib` may load an app's own module, never one of Portico's by its name."""
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Call) and _dotted(node.func).endswith("import_module")):
            continue
        for argument in node.args[:1]:
            name = argument.value if isinstance(argument, ast.Constant) else None
            if isinstance(name, str) and name.partition(".")[0] in ("portico", ""):
                yield f"{node.lineno}: loads {name} by its name"


def types_are_imported_like_the_rest(module: Module) -> Iterator[str]:
    """No `TYPE_CHECKING`: a type that cannot be imported is in the wrong place."""
    found = {use.line for use in [*module.imports, *module.uses] if use.name.endswith("TYPE_CHECKING")}
    yield from (f"{line}: TYPE_CHECKING" for line in sorted(found))


def data_is_never_run(module: Module) -> Iterator[str]:
    """Data never becomes Python: no `eval`, `exec`, `compile` or `__import__`, called or passed on."""
    for use in module.uses:
        name = use.name.removeprefix("builtins.")
        if name in BUILTINS_THAT_RUN_CODE:
            yield f"{use.line}: {name}"


def modules_are_nouns(module: Module) -> Iterator[str]:
    """A name that fits anything says nothing."""
    for name in module.path.with_suffix("").parts:
        if name in CATCH_ALL_NAMES:
            yield f"1: {name} is a catch-all name"


def modules_are_small(module: Module) -> Iterator[str]:
    """One noun fits in 400 lines."""
    lines = module.source.count("\n")
    if lines > MAX_LINES:
        yield f"{MAX_LINES + 1}: {lines} lines, more than {MAX_LINES}"


def time_comes_from_the_clock(module: Module) -> Iterator[str]:
    """One offset moves all time, so only `clock.py` reads it from the machine."""
    if module.path == Path("clock.py"):
        return
    for use in [*module.imports, *module.uses]:
        if use.name in WALL_CLOCKS:
            yield f"{use.line}: {use.name}"


def ids_come_from_secrets(module: Module) -> Iterator[str]:
    """`random` is predictable and `uuid` may be; only imitated auth APIs have UUIDs on the wire."""
    banned = ("random",) if module.part == "authserver" else ("random", "uuid")
    for found in module.imports:
        if found.brings(*banned):
            yield f"{found.line}: imports {found.name}"


def clocks_are_moved_in_development(module: Module) -> Iterator[str]:
    """A clock that another process moves ends sessions early or late: only `portico dev`, the auth server and
    the test kit may have one (hard-cases 20)."""
    if module.path in MAY_MOVE_CLOCKS or module.part == "testing":
        return
    for use in [*module.imports, *module.uses]:
        if use.name == "portico.clock.SharedClock":
            yield f"{use.line}: {use.name}"


RULES: tuple[Rule, ...] = (
    imports_look_down,
    authserver_is_a_stranger,
    auth_knows_no_technology,
    one_http_client,
    imports_are_absolute,
    imports_stand_at_the_top,
    imports_are_not_dynamic,
    types_are_imported_like_the_rest,
    data_is_never_run,
    modules_are_nouns,
    modules_are_small,
    time_comes_from_the_clock,
    ids_come_from_secrets,
    clocks_are_moved_in_development,
)


def violations(root: Path, rule: Rule) -> list[str]:
    """What breaks `rule` under `root`, as `path:line: what`, in order and once each."""
    return sorted(
        {
            f"{path.relative_to(root)}:{problem}"
            for path in root.rglob("*.py")
            for problem in rule(Module(path=path.relative_to(root), source=path.read_text()))
        }
    )
