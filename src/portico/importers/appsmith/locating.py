"""Where the application lies: a file, a folder, or a folder inside a repository."""

import os
from pathlib import Path

from portico.importers.appsmith import export, git_layout
from portico.importers.appsmith.artefact import Artefact
from portico.importers.appsmith.intake import FILE_LIMIT, Intake, NotImportable, parsed

#: Levels below a repository in which applications are looked for.
_LEVELS = 4


#: Folders of an application in which no package lies.
_OWN = frozenset({"pages", "modules", "queries", "jsobjects", "datasources", "jslibs", "source modules"})


def beside(source: Path) -> tuple[Artefact, ...]:
    """The packages that lie in a folder together with an application."""
    return tuple(_of_folder(folder) for folder in _packages(source)) if source.is_dir() else ()


def _packages(source: Path) -> list[Path]:
    if not _is_layout(source):
        return [folder for folder in _below(source, 0) if _is_package(folder)]
    found: list[Path] = []
    for child in sorted(source.iterdir()):
        if child.is_dir() and not child.is_symlink() and child.name not in _OWN and child.name[:1] != ".":
            below = [child] if _is_layout(child) else _below(child, 1)
            found += [folder for folder in below if _is_package(folder)]
    return [] if _is_package(source) else found


def find(source: Path) -> Artefact:
    """The application in `source`, or the package if it holds no application. Raises NotImportable where
    there is none, or more than one."""
    if source.is_file():
        return _of_file(source)
    if not source.is_dir():
        raise NotImportable(message=f"{source}: there is no such file or folder.")
    folders = [source] if _is_layout(source) else list(_below(source, 0))
    folders = [folder for folder in folders if not _is_package(folder)] or folders
    if len(folders) == 1:
        return _of_folder(folders[0])
    if len(folders) > 1:
        raise NotImportable(message=_several(folders, source))
    exports = [path for path in sorted(source.glob("*.json")) if _is_export(path)]
    if len(exports) > 1:
        raise NotImportable(message=_several(exports, source))
    if not exports:
        raise NotImportable(
            message=f"{source} holds no Appsmith application: neither application.json and metadata.json, "
            "nor an export."
        )
    return _of_file(exports[0])


def _of_folder(folder: Path) -> Artefact:
    files = Intake(folder)
    whole = files.json("application.json")
    # What is called application.json may be an export.
    if export.is_export(whole):
        return export.read(whole, folder.resolve().name, tuple(files.notes))
    return git_layout.read(files, folder.resolve().name)


def _of_file(file: Path) -> Artefact:
    size = file.stat().st_size
    if size > FILE_LIMIT:
        raise NotImportable(
            message=f"{file} has {size >> 20} MiB; an export may have {FILE_LIMIT >> 20}. Take pictures and "
            "other data out of it, and serve them from elsewhere."
        )
    try:
        value = parsed(file.read_bytes())
    except NotImportable as error:
        raise NotImportable(message=f"{file}: {error.message}") from None
    except OSError as error:
        raise NotImportable(message=f"{file} cannot be read: {error.strerror}.") from None
    if not export.is_export(value):
        if file.name in ("application.json", "metadata.json") and _is_layout(file.parent):
            return _of_folder(file.parent)
        raise NotImportable(message=f"{file} is no export of an Appsmith application.")
    return export.read(value, file.name)


def _is_layout(folder: Path) -> bool:
    """Whether a folder holds an application, or a package, itself."""
    if _is_package(folder):
        return (folder / "metadata.json").is_file()
    return (folder / "application.json").is_file() and (
        (folder / "metadata.json").is_file() or _is_export(folder / "application.json")
    )


def _is_package(folder: Path) -> bool:
    """Whether a folder with a layout holds a package."""
    return (folder / "package.json").is_file() and (folder / "modules").is_dir()


def _is_export(file: Path) -> bool:
    """Whether a file is an export; the first of it says so, and the rest is read once."""
    try:
        if file.stat().st_size > FILE_LIMIT:
            return b'"exportedApplication"' in file.open("rb").read(1 << 20)
        data = file.read_bytes()
    except OSError:
        return False
    return b'"exportedApplication"' in data and b'"pageList"' in data


def _below(folder: Path, level: int) -> list[Path]:
    found: list[Path] = []
    if level >= _LEVELS:
        return found
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        )
    for name in names[:500]:
        inner = folder / name
        found += [inner] if _is_layout(inner) else _below(inner, level + 1)
    return found


def _several(found: list[Path], source: Path) -> str:
    names = ", ".join(str(path.relative_to(source)) for path in found[:8])
    more = f", and {len(found) - 8} more" if len(found) > 8 else ""
    return f"{source} holds {len(found)} applications: {names}{more}. Name one of them."
