"""Exceptions at every `await` of a running server, one place at a time.

`install` is called in the server's process before Portico is imported. It rewrites the modules of `PACKAGES`
as they are imported, so that each `await`, `async with` and `async for` first asks the file `armed` in
`folder` whether an exception is due there. Places are written to the file `reached` as they are passed, and
to `fired` as they fail.
"""

import ast
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

#: Everything between a request and the store or an API.
PACKAGES = ("portico.auth", "portico.runtime", "portico.stores", "portico.web")
_NAME = "__faults__"


class Fault(RuntimeError):
    """A bug: nothing expects it."""


def places(file: Path, module: str) -> dict[str, str]:
    """The places of a module, each with the function that it is in."""
    marked = _Marking(module)
    marked.visit(ast.parse(file.read_text()))
    return marked.found


class _Marking(ast.NodeTransformer):
    """Wraps what is awaited. A place is called `module:line:column kind`."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._within: list[str] = []
        self.found: dict[str, str] = {}

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Functions give places their names."""
        return self._named(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Functions give places their names."""
        return self._named(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """So do classes."""
        return self._named(node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """`await x`."""
        self.generic_visit(node)
        node.value = self._wrapped("wait", "await", node.value)
        return node

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        """`async with x`, where entering and leaving both wait."""
        self.generic_visit(node)
        for item in node.items:
            item.context_expr = self._wrapped("Within", "enter", item.context_expr, "exit")
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        """`async for y in x`."""
        self.generic_visit(node)
        node.iter = self._wrapped("each", "each", node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """The same in a comprehension."""
        self.generic_visit(node)
        if node.is_async:
            node.iter = self._wrapped("each", "each", node.iter)
        return node

    def _named(self, node: ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef) -> ast.AST:
        self._within.append(node.name)
        self.generic_visit(node)
        self._within.pop()
        return node

    def _wrapped(self, function: str, *parts: Any) -> ast.expr:
        value = next(part for part in parts if isinstance(part, ast.expr))
        names = [
            f"{self._module}:{value.lineno}:{value.col_offset} {part}"
            for part in parts
            if isinstance(part, str)
        ]
        self.found |= dict.fromkeys(names, ".".join(self._within))
        call = ast.Call(
            ast.Attribute(ast.Name(_NAME, ast.Load()), function, ast.Load()),
            [
                value,
                ast.Call(ast.Name("locals", ast.Load()), [], []),
                *(ast.Constant(name) for name in names),
            ],
            [],
        )
        ast.fix_missing_locations(ast.copy_location(call, value))
        return call


class _Loader(importlib.machinery.SourceFileLoader):
    """Reads a module with its places marked."""

    def source_to_code(self, data: Any, path: Any, **_: Any) -> CodeType:  # type: ignore[override]
        marked = _Marking(self.name).visit(ast.parse(data, path))
        return compile(marked, path, "exec")

    def get_code(self, fullname: str) -> CodeType:
        # Past the cache of compiled modules, which knows nothing of this.
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, _NAME, sys.modules[__name__])
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(PACKAGES):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return spec
        spec.loader = _Loader(fullname, spec.loader.path)
        return spec


#: Every string that was made a secret in this process, the newest last.
_secrets: list[str] = []
_folder = Path()


def install(folder: str) -> None:
    """Mark what is imported from here on; `folder` holds the files `armed` and `reached`."""
    global _folder
    _folder = Path(folder)
    early = [name for name in sys.modules if name.startswith(PACKAGES)]
    assert not early, f"imported before they could be marked: {early}"
    sys.meta_path.insert(0, _Finder())
    # Not with the imports above: this package must not be imported before it can be marked.
    secret = importlib.import_module("portico.values").Secret
    made = secret.__init__

    def noted(self: Any, value: str) -> None:
        made(self, value)
        _secrets.append(value)

    secret.__init__ = noted


def _due(place: str, scope: Mapping[str, Any]) -> None:
    """Raises a Fault if one is due here. It says all secrets of the process and all values in scope, and so
    do its cause and its notes: worse than any library."""
    with (_folder / "reached").open("a") as reached:
        reached.write(f"{place}\n")
    if (_folder / "armed").read_text() != place:
        return
    with (_folder / "fired").open("a") as fired:
        fired.write(f"{place}\n")
    said = " ".join(_secrets[-100:])
    error = Fault(said, {name: value for name, value in scope.items() if name != "self"})
    error.add_note(said)
    raise error from ValueError(said)


async def wait(awaited: Awaitable[Any], scope: Mapping[str, Any], place: str) -> Any:
    """What `await` waits for."""
    try:
        _due(place, scope)
    except Fault:
        close = getattr(awaited, "close", None)
        if close is not None:
            close()
        raise
    return await awaited


class Within:
    """What `async with` enters and leaves; a fault at the end comes after all has been put in order."""

    def __init__(
        self, inner: AbstractAsyncContextManager[Any], scope: Mapping[str, Any], enter: str, leave: str
    ) -> None:
        self._inner = inner
        self._scope = scope
        self._enter = enter
        self._leave = leave

    async def __aenter__(self) -> Any:
        _due(self._enter, self._scope)
        return await self._inner.__aenter__()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> Any:
        suppressed = await self._inner.__aexit__(kind, error, trace)
        if error is None:
            _due(self._leave, self._scope)
        return suppressed


async def each(items: Any, scope: Mapping[str, Any], place: str) -> AsyncIterator[Any]:
    """What `async for` goes through."""
    _due(place, scope)
    async for item in items:
        yield item


def _modules(source: Path) -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for file in sorted((source / package.replace(".", "/")).glob("*.py")):
            yield f"{package}.{file.stem}", file


def all_places(source: Path) -> dict[str, str]:
    """Every place below `source`, with the function that it is in."""
    found: dict[str, str] = {}
    for module, file in _modules(source):
        found |= places(file, module)
    return found
