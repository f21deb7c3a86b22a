"""`portico new`: an app to start from."""

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop, out
from portico.cli.loading import SLUG
from portico.definition.names import file_name_problem
from portico.values import new_id

EXAMPLES = "Examples:\n\n`portico new hr-portal`\n\n`portico new hr-portal --folder apps`"

#: Each folder in it is an app itself, called DRAFT_NAME, that is copied with another name.
TEMPLATES = Path(__file__).parent / "new_app"
DEFAULT = "strapi"
DRAFT_SLUG, DRAFT_NAME = "my-app", "My app"


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
) -> None:
    """Make an app with sign-in to start from, as plain files."""
    files = create(name, folder, template)
    where = folder / name
    out.print(f"[green]made[/] {where}: {len(files)} files; begin with README.md", highlight=False)
    out.print(f"\n  portico dev {where} --auth-server\n", style="bold", markup=False, soft_wrap=True)
    out.print("serves it with an auth server to try it, and prints the address and an account.")


def create(name: str, folder: Path, template: str) -> list[Path]:
    """Copy a template to `folder/name`, whole or not at all; returns its files.

    Raises Stop for a name that no app can have, for a folder that is not there, and where something
    of that name is.
    """
    source = TEMPLATES / template
    known = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())
    if template not in known:
        raise Stop(message=f"There is no template {template}. There is: {', '.join(known)}.")
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
            _copy(source, draft, name)
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise Stop(message=f"{target} could not be made: {error.strerror}.") from error
    return sorted(path for path in target.rglob("*") if path.is_file())


def _copy(source: Path, draft: Path, name: str) -> None:
    title = re.sub(r"-+", " ", name).title()
    for path in sorted(source.rglob("*")):
        if path.is_file():
            copy = draft / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            copy.write_text(text.replace(DRAFT_SLUG, name).replace(DRAFT_NAME, title), encoding="utf-8")
