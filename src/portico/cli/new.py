"""`portico new`: an app to start from."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from portico.cli import new_auth
from portico.cli.console import Stop, out
from portico.cli.loading import SLUG
from portico.definition.names import file_name_problem, suggestion
from portico.values import new_id

EXAMPLES = (
    "Examples:\n\n`portico new hr-portal`\n\n`portico new hr-portal --auth supabase`\n\n"
    "`portico new hr-portal --folder apps`"
)

#: Each folder in it is an app itself, called DRAFT_NAME, that is copied with another name.
TEMPLATES = Path(__file__).parent / "new_app"
DEFAULT = "strapi"
DRAFT_SLUG, DRAFT_NAME = "my-app", "My app"
_NOTE = "serves it with an auth server to try it, and prints the address and an account."


def new(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of the app's folder, and of its address: lower-case letters, digits and hyphens.",
            show_default=False,
        ),
    ],
    folder: Annotated[Path, typer.Option(help="The folder to make it in.")] = Path(),
    template: Annotated[str, typer.Option(help="What it begins as.")] = DEFAULT,
    auth: Annotated[
        str | None,
        typer.Option(
            help=f"What its users sign in against, by a preset: {', '.join(new_auth.STARTS)}.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make an app with sign-in to start from, as plain files."""
    files = create(name, folder, template, auth)
    where = folder / name
    command = new_auth.command(auth, str(where)) if auth else f"portico dev {where} --auth-server"
    note = new_auth.note(auth) if auth else _NOTE
    out.print(f"[green]made[/] {where}: {len(files)} files; begin with README.md", highlight=False)
    out.print(f"\n  {command}\n", style="bold", markup=False, soft_wrap=True)
    out.print(note, highlight=False, soft_wrap=True)


def create(name: str, folder: Path, template: str, auth: str | None = None) -> list[Path]:
    """Copy a template, or what an app with the preset `auth` begins with, to `folder/name`, whole or not at
    all; returns its files.

    Raises Stop for a name that no app can have, for a folder that is not there, and where something
    of that name is.
    """
    known = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())
    if template not in known:
        raise Stop(message=f"There is no template {template}. There is: {', '.join(known)}.")
    if auth is not None and auth not in new_auth.STARTS:
        remedy = suggestion(auth, new_auth.STARTS, none="").replace("`", "")
        raise Stop(message=f"There is no preset {auth}: {remedy}")
    if not SLUG.fullmatch(name) or file_name_problem(name) is not None:
        raise Stop(
            message=f"{name}: the name becomes part of the app's address, so it has at most 64 lower-case "
            "letters, digits and hyphens, a letter first and no hyphen last."
        )
    if not folder.is_dir():
        raise Stop(message=f"{folder} is not a folder. Make it first, or name another one with --folder.")
    target = folder / name
    if target.is_symlink() or target.exists():
        raise Stop(message=f"{target} exists already. Choose another name, or remove it first.")
    draft = folder / f".{name}.{new_id(6)}"
    try:
        try:
            _write(_files(TEMPLATES / template) if auth is None else new_auth.files(auth), draft, name)
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise Stop(message=f"{target} could not be made: {error.strerror}.") from error
    return sorted(path for path in target.rglob("*") if path.is_file())


def _files(source: Path) -> dict[str, str]:
    """The files of a folder, by path."""
    paths = sorted(path for path in source.rglob("*") if path.is_file())
    return {path.relative_to(source).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _write(files: Mapping[str, str], draft: Path, name: str) -> None:
    title = re.sub(r"-+", " ", name).title()
    for path, text in files.items():
        file = draft / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(DRAFT_SLUG, name).replace(DRAFT_NAME, title), encoding="utf-8")
