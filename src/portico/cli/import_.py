"""`portico import`: what comes from elsewhere becomes files of an app."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from portico.cli import import_appsmith
from portico.cli.console import Stop, err, out
from portico.cli.import_target import Target
from portico.cli.secrets import SecretsFile
from portico.definition.names import entity_name_problem, file_name_problem
from portico.definition.secrets import PREFIX
from portico.importers import curl as curl_command
from portico.importers.curl_import import Import, import_request
from portico.importers.shell import split
from portico.importers.words import VARIABLE, Line, check
from portico.importers.yaml_text import dump

application = typer.Typer(
    help="Bring requests and apps from elsewhere.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

EXAMPLES = (
    "Examples:\n\n`portico import curl 'curl https://api.example.com/users' --app my-app --query users`\n\n"
    "`portico import curl - --app my-app --page SignUp < command.txt`\n\n"
    "`portico import curl --app my-app -- curl https://api.example.com/users -H 'apikey: …'`"
)


#: Fields of a body that users fill in.
_TYPED = frozenset({"email", "identifier", "login", "name", "phone", "user", "username"})


application.command(epilog=import_appsmith.EXAMPLES)(import_appsmith.appsmith)


@application.command(epilog=EXAMPLES)
def curl(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="The command in quotes; or its words behind `--`; or `-`, to read it from the input.",
            show_default=False,
        ),
    ] = None,
    app: Annotated[
        Path | None,
        typer.Option(help="App folder to write into. Without one the files are printed.", show_default=False),
    ] = None,
    page: Annotated[
        str | None,
        typer.Option(help="Page that the query is for. Without one it is the app's.", show_default=False),
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="Name of the query.  [default: from the address]", show_default=False)
    ] = None,
    datasource: Annotated[
        str | None,
        typer.Option(
            help="Name of the datasource.  [default: one that leads there, else from the host]",
            show_default=False,
        ),
    ] = None,
    write_secrets: Annotated[
        bool,
        typer.Option(
            "--write-secrets", help="Write the credentials of the command into the file of secrets."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    secrets: SecretsFile = None,
) -> None:
    """Make a query, and its datasource, of a curl command.

    Credentials become secrets that the datasource names; passwords in the body become parameters of
    the query. A datasource of the app that leads to the same place is used again.
    """
    _check_names(query, datasource)
    line = _line(command or ["-"])
    request = curl_command.parse(line.words)
    if app is None:
        if write_secrets or page is not None:
            raise Stop(message="--page and --write-secrets need an app: name its folder with --app.")
        found = import_request(request, datasource=datasource, query=query)
        typer.echo("\n".join(f"# {path}\n{content}" for path, content in _files(found, "queries").items()))
        _tell(found, line, err, known=(), widgets=())
        return
    target = Target.of(app, secrets)
    found = import_request(
        request,
        sources=target.sources,
        datasource=datasource,
        query=query,
        values=target.known,
    )
    known = list(target.known)
    files = _files(found, target.queries(page))
    target.write(files, found.wanted if write_secrets else (), replace=force)
    for path in files:
        out.print(Text.assemble(("written: ", "green"), str(app / path)), soft_wrap=True)
    if found.source is None:
        out.print(f"used: {app}/datasources/{found.datasource}.yaml", soft_wrap=True)
    if write_secrets:
        known += [secret.name for secret in found.wanted if secret.value is not None]
    _tell(found, line, out, known=known, widgets=target.widgets(page))


def _line(command: Sequence[str]) -> Line:
    """The words of the command, from the arguments or from the input."""
    if list(command) == ["-"]:
        if sys.stdin.isatty():
            err.print("Paste the command, then press Ctrl-D.", style="dim")
        try:
            return split(sys.stdin.buffer.read().decode())
        except UnicodeDecodeError:
            raise Stop(message="What came in is not UTF-8.") from None
    if len(command) == 1:
        return split(command[0])
    for word in command:
        check(word)
    return Line(words=tuple(command))


def _check_names(query: str | None, datasource: str | None) -> None:
    if query is not None and (problem := entity_name_problem(query)):
        raise Stop(message=f"--query {query}: {problem}.")
    if datasource is not None and (problem := file_name_problem(datasource)):
        raise Stop(message=f"--datasource {datasource}: {problem}.")


def _files(found: Import, queries: str) -> dict[str, str]:
    """The files by their path in the app: the datasource first, as the query names it."""
    files = {} if found.source is None else {f"datasources/{found.datasource}.yaml": dump(found.source)}
    return {**files, f"{queries}/{found.query}.yaml": dump(found.content)}


def _tell(
    found: Import, line: Line, console: Console, *, known: Sequence[str], widgets: Sequence[str]
) -> None:
    """What else the user should know; no value of the command is repeated. `known` are the secrets
    that are set, `widgets` those of the query's page."""
    for note in (*(f"{what} was left out" for what in line.dropped), *found.notes):
        console.print(Text.assemble(("note: ", "yellow"), note), soft_wrap=True)
    for step in (*_about_secrets(found, known), *_about_values(found, widgets)):
        console.print(Text.assemble(("next: ", "cyan"), step), soft_wrap=True)


def _about_secrets(found: Import, known: Sequence[str]) -> Iterator[str]:
    for name in (secret.name for secret in found.wanted if secret.name not in known):
        yield f"set the secret {name}: {PREFIX}{name} in the environment, or {name} in secrets.toml"
    source = found.source or {}
    cookie = any(name.lower() == "cookie" for name in source.get("headers", {}))
    if cookie or source.get("auth", {}).get("type") == "bearer":
        yield (
            f"datasources/{found.datasource}.yaml sends its token or cookie for every user. Is it a user's "
            "own? Then take it out there, and write what the user has into the query: headers: "
            '{Authorization: "Bearer {{ appsmith.store.access_token }}"}'
        )


def _about_values(found: Import, widgets: Sequence[str]) -> Iterator[str]:
    names = list(found.parameters.values)
    if names:
        given = ", ".join(f"{name}: {_typed(name, widgets)}" for name in names)
        yield (
            f"run it with {found.query}.run({{ {given} }}), or write {{{{ {_typed(names[0], widgets)} }}}} "
            f"where the query has {{{{ this.params.{names[0]} }}}}"
        )
    for name, value in found.fields:
        if name.lower() in _TYPED and "{{" not in value and not VARIABLE.search(value):
            yield f"put {{{{ {_typed(name, widgets)} }}}} in the place of `{name}` to send what a user types"


def _typed(field: str, widgets: Sequence[str]) -> str:
    """An expression for what a user types into the widget that is called after a field."""
    words = "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", field) if part) or "Value"
    wanted = (words.lower(), f"{words}Input".lower())
    return next((name for name in widgets if name.lower() in wanted), f"{words}Input") + ".text"
