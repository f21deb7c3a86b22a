"""An Appsmith application as an app: read, written, mended, with its contract and a report."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico.importers.appsmith import locating, reading, report_page, writing
from portico.importers.appsmith.app_files import AppFiles
from portico.importers.appsmith.contract import add_contract
from portico.importers.appsmith.intake import NotImportable
from portico.importers.appsmith.joining import install, join
from portico.importers.appsmith.mending import Mender
from portico.importers.appsmith.model import Application
from portico.importers.appsmith.packages import write_package
from portico.importers.appsmith.report import Report
from portico.importers.secret_names import Wanted
from portico.model.widget import WidgetType

#: The name of the report among the files of the app.
REPORT = "import-report.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """The files of the app by path, the report, and the secrets that its datasources name, with the values
    that the application held."""

    files: Mapping[str, str]
    report: Report
    wanted: tuple[Wanted, ...]


def import_application(
    source: Path, slug: str, types: Mapping[str, WidgetType], packages: Sequence[Path] = ()
) -> Imported:
    """The application in `source` as the app `slug`, with the packages in `packages` and those that lie
    beside it, as far as it uses them. Raises NotImportable for what is none."""
    application = reading.read(locating.find(source))
    report = Report(source=application.source, form=application.form, name=application.name or slug)
    with tempfile.TemporaryDirectory(prefix="portico-import-") as scratch:
        folder = Path(scratch) / slug
        folder.mkdir()
        if application.is_package:
            if packages:
                raise NotImportable(message=f"{source} is a package itself: packages go with an application.")
            packed = write_package(application, slug, types, report, folder)
            files, wanted = packed.files, list(packed.sources.wanted.values())
        else:
            found = [_package(path) for path in packages]
            found += [reading.read(artefact) for artefact in locating.beside(source)]
            files, wanted = _app(application, found, types, report, folder)
    return Imported(
        files={**files.files(), REPORT: report_page.html(report)},
        report=report,
        wanted=tuple({one.name: one for one in reversed(wanted)}.values()),
    )


def _package(path: Path) -> Application:
    package = reading.read(locating.find(path))
    if not package.is_package:
        raise NotImportable(message=f"{path} is an application, and no package of modules.")
    return package


def _app(
    application: Application,
    packages: Sequence[Application],
    types: Mapping[str, WidgetType],
    report: Report,
    folder: Path,
) -> tuple[AppFiles, list[Wanted]]:
    joined = join(application, packages, types, report)
    written = writing.write(application, types, report, joined.modules)
    needed = list(install(joined, written.files, folder, report))
    titles = {written.names.of(page.name): page.name for page in application.pages}
    draft = Mender(written=written, types=types, report=report, folder=folder, titles=titles).mend()
    add_contract(draft, written.files, types, report, folder, titles)
    return written.files, [*written.sources.wanted.values(), *needed]
