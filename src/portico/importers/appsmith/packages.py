"""A package of Appsmith's modules as a package of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.definition.diagnostics import Diagnostic
from portico.definition.lint import meanings
from portico.definition.load import load
from portico.importers.appsmith import scripts, writing
from portico.importers.appsmith.app_files import AppFiles, PageFiles
from portico.importers.appsmith.model import Application, Page
from portico.importers.appsmith.report import Report
from portico.importers.appsmith.sources import SourceWriter
from portico.model.widget import WidgetType

#: What kind of module Appsmith's are here.
KINDS = {"QUERY_MODULE": "query", "JS_MODULE": "script", "UI_MODULE": "ui"}
_ROUNDS = 6
#: Where the package lies beside the app that tries it.
_BESIDE = "../package"


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A package: its files, what its datasources need, and its modules by Appsmith's ids. One that is not
    `sound` has an error, which the report asks about."""

    files: AppFiles
    sources: SourceWriter
    modules: Mapping[str, str]
    sound: bool


def write_package(
    application: Application, name: str, types: Mapping[str, WidgetType], report: Report, folder: Path
) -> Packed:
    """All files of the package. `folder` is an empty one of the app that tries it, in a folder of its own."""
    written = writing.write(application, types, report)
    files = written.files
    files.head, files.page_head, files.folder = "package.yaml", "module.yaml", "modules"
    files.manifest = {"name": name, "version": "1.0.0"}
    for missing in written.names.missing.values():
        files.pages.pop(missing, None)
    for module in application.pages:
        made = files.pages[written.names.of(module.name)]
        made.head = dict(_head(module, made, files, report))
    report.counts["modules"] = report.counts.pop("pages", 0)
    modules = {module.id: written.names.of(module.name) for module in application.pages}
    sound = _mend(files, name, types, report, folder)
    return Packed(files=files, sources=written.sources, modules=modules, sound=sound)


def _head(module: Page, made: PageFiles, files: AppFiles, report: Report) -> Iterator[tuple[str, Any]]:
    kind = KINDS.get(module.kind, "script" if made.scripts else "query")
    yield "kind", kind
    if kind != "script" and module.inputs:
        yield "inputs", {key: _input(module, key, report) for key in sorted(module.inputs)}
    if kind == "query" and made.queries:
        yield "query", next(iter(made.queries))
    if kind == "script" and made.scripts:
        yield "script", next(iter(made.scripts))
        yield "functions", sorted({name for script in module.scripts for name in script.functions})
    code = "\n".join(script.body for script in made.scripts.values()) + str(made.head.get("widgets", ""))
    if any(word in code for word in ("storeValue", "removeValue", "clearStore")):
        yield "stores", ["*"]
    if "navigateTo" in code:
        yield "navigates", ["*"]
    sources = sorted({str(query["datasource"]) for query in made.queries.values() if "datasource" in query})
    if sources:
        yield "datasources", sources
    secrets = sorted({name for source in sources for name in _secrets(files.datasources.get(source))})
    if secrets:
        yield "secrets", secrets
    if kind == "ui":
        yield "widgets", made.head.get("widgets", [])


def _secrets(value: Any) -> Iterator[str]:
    """The secrets that a datasource names."""
    if isinstance(value, dict):
        named = value.get("secret")
        yield from [named] if isinstance(named, str) else []
        for one in value.values():
            yield from _secrets(one)


def _input(module: Page, name: str, report: Report) -> dict[str, Any]:
    """An input with its default. A credential is no default: every instance gives its own."""
    value = module.inputs[name]
    if value and (meanings.is_secret(name) or meanings.is_token(name)):
        report.add(
            "left-out",
            "the default of this input, a credential: instances give it",
            page=module.name,
            name=name,
        )
        return {"type": "any"}
    return {"required": False} if value is None else {"default": value}


def _mend(files: AppFiles, name: str, types: Mapping[str, WidgetType], report: Report, folder: Path) -> bool:
    """Try the package in an app, and mend what a name or an input lacks; tell the rest. Whether it is
    sound."""
    app = {
        "app.yaml": f"auth: none\npackages:\n  {name}: {{path: {_BESIDE}}}\n",
        "pages/Home/page.yaml": "title: Home\n",
    }
    errors: list[Diagnostic] = []
    for _ in range(_ROUNDS):
        for path, content in files.files().items():
            file = folder.parent / "package" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        found = load(folder, types=types, settings={}, planned=app)
        errors = [problem for problem in found.problems if problem.severity == "error"]
        if not [problem for problem in errors if _mended(files, problem, report)]:
            break
    for problem in errors:
        place = problem.place.file.removeprefix(f"{_BESIDE}/")
        report.add("question", f"{problem.message}: {problem.remedy or ''}".rstrip(": "), name=place)
    return not errors


def _mended(files: AppFiles, problem: Diagnostic, report: Report) -> bool:
    """Mend one thing, if it can be."""
    parts = problem.place.file.removeprefix(f"{_BESIDE}/").split("/")
    module = files.pages.get(parts[1]) if parts[0] == "modules" and len(parts) > 2 else None
    received = problem.received or ""
    if module is None:
        return False
    if problem.code == "E403" and parts[-2] == "scripts":
        script = parts[-1].rpartition(".")[0]
        module.scripts[script] = scripts.declared(module.scripts[script], received)
        report.add("missing", f"{received} is not known here, and undefined", page=parts[1], name=script)
        return True
    if problem.code == "E710" and received.startswith("inputs."):
        module.head.setdefault("inputs", {})[received.removeprefix("inputs.")] = {"required": False}
        return True
    if problem.code == "E408" and isinstance(module.head.get("functions"), list):
        module.head["functions"] = [one for one in module.head["functions"] if one != received]
        return True
    return False
