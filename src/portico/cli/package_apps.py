"""`portico package add` and `upgrade`: packages come into apps."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from portico.cli.console import Stop, err
from portico.cli.package_options import (
    FromRegistry,
    number,
    problems_told,
    reader,
    tell,
    tell_change,
    tell_problems,
    usual_registry,
)
from portico.cli.secrets import SecretsFile
from portico.definition.module_uses import ModuleUse
from portico.definition.names import file_name_problem
from portico.definition.versions import versions_range
from portico.errors import PorticoError
from portico.packages import installation
from portico.packages import upgrade as upgrading
from portico.packages.installation import Origin, Request
from portico.packages.upgrade import Step, Upgrade

EXAMPLES: Mapping[str, str] = {
    "add": "Examples:\n\n`portico package add login --app my-app --from registry`\n\n"
    '`portico package add "login@^1.0" --app my-app --datasource auth_api=my_auth`',
    "upgrade": "Examples:\n\n`portico package upgrade --app apps/hr-portal --app apps/crm`\n\n"
    "`portico package upgrade login --to 2.0.0 --app my-app`",
}

_MEANT = "NAME, or NAME@RANGE as in login@^1.0"


def add(
    package: Annotated[str, typer.Argument(help=f"{_MEANT}.", show_default=False)],
    app: Annotated[Path, typer.Option(help="Folder of the app.", show_default=False)],
    source: FromRegistry = None,
    datasource: Annotated[
        list[str] | None,
        typer.Option(
            help="A datasource that the package needs, and the app's that stands for it. Once for each.",
            show_default=False,
            metavar="NAME=OURS",
        ),
    ] = None,
    secrets: SecretsFile = None,
) -> None:
    """Put a package, with what it needs, into an app: its files, app.yaml and portico.lock.

    For a package that the app lists already, brings back its files as they are pinned.
    """
    request = _request(package, datasource or [])
    with problems_told():
        found = installation.add(app, request, _origin(source), reader(secrets, [app]))
    for package_ in found.packages if not found.problems else ():
        name = f"{package_.name} {package_.version}"
        words = f"{name} in {app}/packages/{package_.name}, from {package_.registry.folder}"
        tell(("added: ", "green"), words)
    if not found.packages:
        tell(f"{app} has {request.name} already, as it is pinned.")
    if found.problems:
        tell_problems(found.problems, f"{app}/")
        raise Stop(
            message=f"With {request.name} the app would have more errors; nothing was changed. A datasource "
            "of the app is bound with --datasource NAME=OURS."
        )


def upgrade(
    packages: Annotated[
        list[str] | None,
        typer.Argument(help="Names of packages; without any, all of the app.", show_default=False),
    ] = None,
    app: Annotated[
        list[Path] | None, typer.Option(help="Folder of an app. Once for each.", show_default=False)
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="Bring one package to this version, whatever the range.", show_default=False),
    ] = None,
    source: FromRegistry = None,
    secrets: SecretsFile = None,
) -> None:
    """Bring packages of apps to the newest versions in their ranges.

    Shows what differs and where the app uses it, and checks the app with the new versions: with an error
    it stays as it is.
    """
    if not app:
        raise Stop(message="Name the folder of an app: --app APP.")
    if to is not None and len(packages or ()) != 1:
        raise Stop(message="--to is for one package: name it.")
    version = number(to) if to is not None else None
    using, origin, failed = reader(secrets, app), _origin(source), 0
    for folder in app:
        tell((str(folder), "bold"))
        try:
            with problems_told():
                found = upgrading.upgrade(folder, packages or (), version, origin, using)
        except PorticoError as error:
            if len(app) == 1:
                raise
            # The others are not worse for it.
            err.print(Text.assemble(("error: ", "red"), f"{folder}: {error.message}"), soft_wrap=True)
            failed += 1
            continue
        _tell(folder, found)
        failed += bool(found.problems)
    if failed:
        raise Stop(message=f"{failed} of {len(app)} apps were not upgraded and are as they were.")


#: By name, in the order of the help.
COMMANDS: Mapping[str, Callable[..., Any]] = {"add": add, "upgrade": upgrade}


def _request(package: str, datasources: Sequence[str]) -> Request:
    name, at, text = package.partition("@")
    if problem := file_name_problem(name):
        raise Stop(message=f"{package}: a package is {_MEANT}; {problem}.")
    within = versions_range(text) if at else None
    if at and within is None:
        raise Stop(message=f"{text} is not a range of versions. Write one such as ^1.0, ~1.2 or 1.2.3.")
    bound = [entry.partition("=") for entry in datasources]
    for theirs, sign, ours in bound:
        if not sign or file_name_problem(theirs) or file_name_problem(ours):
            raise Stop(
                message=f"--datasource {theirs}{sign}{ours}: write NAME=OURS, names of two datasources."
            )
    return Request(name=name, within=within, datasources={theirs: ours for theirs, _, ours in bound})


def _origin(source: Path | None) -> Origin:
    return Origin(named=source, otherwise=usual_registry())


def _tell(app: Path, found: Upgrade) -> None:
    for note in found.notes:
        tell(f"  {note}")
    for step in found.steps:
        _tell_step(step, done=not found.problems)
    if found.problems:
        tell_problems(found.problems, f"{app}/")


def _tell_step(step: Step, *, done: bool) -> None:
    words = (
        f"  {step.name} {step.before} → {step.after}"
        if step.before
        else f"  {step.name} {step.after}, needed now"
    )
    tell(words, ("" if done else "  (not done)", "red"))
    for concern in step.concerns:
        tell_change(concern.change, "    ")
        for use in concern.uses:
            tell(f"      {_where(use)}")
    if step.before is not None and not step.concerns:
        tell("    promises the same")


def _where(use: ModuleUse) -> str:
    page = f"page {use.page}" if use.page else "the whole app"
    return f"{use.instance}, {page} ({use.place})"
