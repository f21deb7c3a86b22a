"""An Appsmith application as an app: read, written, mended, with its contract and a report."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.importers.appsmith import locating, reading, report_page, writing
from portico.importers.appsmith.app_files import AppFiles
from portico.importers.appsmith.contract import add_contract
from portico.importers.appsmith.mending import Mender
from portico.importers.appsmith.model import Application
from portico.importers.appsmith.packages import write_package
from portico.importers.appsmith.report import Report
from portico.importers.appsmith.sources import SourceWriter
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


def import_application(source: Path, slug: str, types: Mapping[str, WidgetType]) -> Imported:
    """The application in `source` as the app `slug`. Raises NotImportable for what is none."""
    application = reading.read(locating.find(source))
    report = Report(source=application.source, form=application.form, name=application.name or slug)
    with tempfile.TemporaryDirectory(prefix="portico-import-") as scratch:
        folder = Path(scratch) / slug
        folder.mkdir()
        if application.is_package:
            files, sources = write_package(application, slug, types, report, folder)
        else:
            files, sources = _app(application, types, report, folder)
    return Imported(
        files={**files.files(), REPORT: report_page.html(report)},
        report=report,
        wanted=tuple(sources.wanted.values()),
    )


def _app(
    application: Application, types: Mapping[str, WidgetType], report: Report, folder: Path
) -> tuple[AppFiles, SourceWriter]:
    written = writing.write(application, types, report)
    titles = {written.names.of(page.name): page.name for page in application.pages}
    draft = Mender(written=written, types=types, report=report, folder=folder, titles=titles).mend()
    add_contract(draft, written.files, types, report, folder, titles)
    return written.files, written.sources
