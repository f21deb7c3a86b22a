"""`portico import appsmith`."""

import gc
import json
import secrets as random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from portico.cli.console import Stop, out
from portico.cli.loading import SLUG
from portico.cli.secrets import SecretsFile, ensure_outside
from portico.definition.secrets import FILE_NAME
from portico.importers.appsmith.importing import Imported, import_application
from portico.importers.files import Draft, write_all
from portico.importers.secret_names import Wanted
from portico.importers.secrets_file import with_secrets
from portico.ui.widgets import CATALOGUE

EXAMPLES = (
    "Examples:\n\n`portico import appsmith ./my-appsmith-repo my-app`\n\n"
    "`portico import appsmith export.json my-app --format json`\n\n"
    "`portico import appsmith ./my-appsmith-repo my-app --package ./my-package-repo`"
)
#: Who may read a new file of secrets.
_OWNER_ONLY = 0o600


def appsmith(
    source: Annotated[
        Path,
        typer.Argument(
            help="A repository of Appsmith's git layout, or an exported file.", show_default=False
        ),
    ],
    target: Annotated[Path, typer.Argument(help="The app folder to make.", show_default=False)],
    package: Annotated[
        list[Path] | None,
        typer.Option(
            "--package",
            help="A package of modules that it uses: a repository of Appsmith's. May be repeated; packages "
            "that lie in the application's own repository are found by themselves.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="`text`, or `json` for tools.", metavar="text|json")
    ] = "text",
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace files that are there already; datasources stay as they are."),
    ] = False,
    write_secrets: Annotated[
        bool,
        typer.Option(
            "--write-secrets", help="Write the credentials of the application into the file of secrets."
        ),
    ] = False,
    secrets: SecretsFile = None,
) -> None:
    """Make an app of an Appsmith application, and a report of what came over and what did not.

    The report stands in import-report.html of the app. What cannot come over stops nothing else; the same
    application gives the same files.
    """
    if form not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--format")
    slug = target.resolve().name
    if not SLUG.fullmatch(slug):
        raise Stop(
            message=f"{target}: the folder's name becomes part of the app's address, so it may hold "
            "lower-case letters, digits and hyphens only."
        )
    present = target.exists() and (not target.is_dir() or any(target.iterdir()))
    if present and not force:
        raise Stop(
            message=f"There already: {target}. Choose another folder, or replace its files with --force."
        )
    heads = ("app.yaml", "package.yaml")
    if present and not any((target / head).is_file() for head in heads):
        raise Stop(message=f"{target} has no app.yaml, so it is not the folder of an app.")
    with _collecting_seldom():
        found = import_application(source, slug, CATALOGUE, package or ())
    wanted = [one for one in found.wanted if one.value is not None] if write_secrets else []
    drafts = [_secrets(secrets or Path(FILE_NAME), target, slug, wanted)] if wanted else []
    if present:
        _replace(target, found, drafts)
    else:
        _make(target, found.files, drafts)
    if form == "json":
        typer.echo(
            json.dumps({**found.report.as_json(), "target": str(target)}, ensure_ascii=False, indent=2)
        )
        return
    for line in found.report.as_text():
        out.print(Text(line), soft_wrap=True)
    out.print()
    out.print(Text.assemble(("written: ", "green"), f"{target}, with import-report.html"), soft_wrap=True)
    if "app.yaml" in found.files:
        out.print(Text.assemble(("next: ", "cyan"), f"portico check {target}"), soft_wrap=True)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """What an application is read into stays to the end, in millions of objects: looking for rubbish among
    them takes a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _make(target: Path, files: Mapping[str, str], drafts: list[Draft]) -> None:
    """A new folder, which is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{random.token_hex(8)}")
    try:
        write_all([Draft(path=scratch / path, content=content) for path, content in files.items()])
        write_all(drafts)
        if target.is_dir():
            target.rmdir()
        scratch.replace(target)
    except OSError as error:
        raise Stop(message=f"{target} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace(target: Path, found: Imported, drafts: list[Draft]) -> None:
    """An app that is there already: its files are replaced, those of others stay."""
    root = target.resolve()
    kept = [path for path in found.files if _is_datasource(path) and (target / path).exists()]
    files = {path: content for path, content in found.files.items() if path not in kept}
    for path in files:
        if root not in (target / path).resolve().parents:
            raise Stop(message=f"{target / path} leads out of {target}: remove the link.")
    write_all(
        [
            *(Draft(path=target / path, content=content, replace=True) for path, content in files.items()),
            *drafts,
        ]
    )
    for path in kept:
        found.report.add("note", "it was there, and stays as it is", name=path)
    for page in sorted(path.parent.name for path in target.glob("pages/*/page.yaml")):
        if f"pages/{page}/page.yaml" not in found.files:
            found.report.add(
                "note",
                "it is not in the application any more; delete it if it is not yours",
                name=f"pages/{page}",
            )


def _is_datasource(path: str) -> bool:
    """Whether a file is a datasource, of the app or of a package in it."""
    parts = path.split("/")
    return parts[0] == "datasources" or (parts[0] == "packages" and parts[2:3] == ["datasources"])


def _secrets(file: Path, target: Path, slug: str, wanted: list[Wanted]) -> Draft:
    ensure_outside(file, [target])
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    return Draft(path=file, content=with_secrets(before, slug, wanted, file), replace=True, mode=_OWNER_ONLY)
