"""The packages that an application uses, as packages of the app."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.importers.appsmith.app_files import AppFiles
from portico.importers.appsmith.model import Application
from portico.importers.appsmith.modules import Module, Modules
from portico.importers.appsmith.naming import Names
from portico.importers.appsmith.packages import Packed, write_package
from portico.importers.appsmith.report import Report
from portico.importers.secret_names import Wanted
from portico.model.widget import WidgetType

#: Where they lie in the app.
FOLDER = "packages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A package that came over, with what is to be said of it."""

    name: str
    packed: Packed
    report: Report


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """All packages of an app, and the modules in them."""

    packages: tuple[Package, ...]
    modules: Modules


def join(
    application: Application,
    packages: Sequence[Application],
    types: Mapping[str, WidgetType],
    report: Report,
) -> Joined:
    """The packages that instances of the application are of, each of them once."""
    wanted: dict[str, str] = {}
    for instance in (one for page in application.pages for one in page.instances):
        wanted[instance.package] = wanted.get(instance.package) or instance.package_name
    names = Names()
    found: list[Package] = []
    modules: dict[tuple[str, str], Module] = {}
    for one in {package.id: package for package in packages}.values():
        if one.id not in wanted:
            report.add("note", f"nothing in the application is an instance of the package {one.source}")
            continue
        name = names.of(wanted[one.id] or one.source, "package")
        package = _written(one, name, types)
        if not package.packed.sound:
            _tell(package, report, frozenset())
            report.add("left-out", f"the package {name} has errors, so its instances are placeholders")
            continue
        found.append(package)
        modules |= {
            (one.id, module): _module(name, made, package) for module, made in package.packed.modules.items()
        }
    return Joined(packages=tuple(found), modules=Modules(known=modules))


def install(joined: Joined, files: AppFiles, folder: Path, report: Report) -> Iterator[Wanted]:
    """Put the packages into the files of the app, and into the folder in which it is tried; the secrets that
    their datasources need. A datasource that the app has too is the app's."""
    listed: dict[str, Any] = {}
    for package in joined.packages:
        own = package.packed.files
        files.packages[package.name] = own
        shared = {name for name, data in own.datasources.items() if files.datasources.get(name) == data}
        listed[package.name] = {"path": f"{FOLDER}/{package.name}"}
        if shared:
            listed[package.name]["datasources"] = {name: name for name in sorted(shared)}
        for path, content in own.files().items():
            file = folder / FOLDER / package.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        _tell(package, report, shared)
        if shared != own.datasources.keys():
            yield from package.packed.sources.wanted.values()
    if listed:
        files.manifest["packages"] = listed


def _written(application: Application, name: str, types: Mapping[str, WidgetType]) -> Package:
    report = Report(source=application.source, form=application.form, name=name)
    with tempfile.TemporaryDirectory(prefix="portico-import-") as scratch:
        folder = Path(scratch) / "app"
        folder.mkdir()
        return Package(
            name=name, packed=write_package(application, name, types, report, folder), report=report
        )


def _module(package: str, name: str, found: Package) -> Module:
    head = found.packed.files.pages[name].head
    return Module(
        reference=f"{package}/{name}",
        kind=str(head["kind"]),
        inputs={
            key: "default" not in said and said.get("required", True)
            for key, said in head.get("inputs", {}).items()
        },
        functions=frozenset(head.get("functions", ())),
    )


def _tell(package: Package, report: Report, shared: frozenset[str] | set[str]) -> None:
    """What is to be said of a package; of datasources that are the app's, the app does."""
    of_app = {f"datasources/{name}.yaml" for name in shared}
    for line in package.report.lines():
        if line.name in of_app:
            continue
        where = f"{FOLDER}/{package.name}"
        report.add(
            line.kind,
            line.message,
            page=f"{where} › {line.page}" if line.page else where,
            name=line.name,
            part=line.part,
            code=line.code,
        )
