"""An app folder as a compiled app, or everything that is wrong with it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from portico.definition import compile as compiling
from portico.definition import contract_code, data_types, datasources, manifest, oidc, sharing
from portico.definition.check import check
from portico.definition.diagnostics import Diagnostic, Problems
from portico.definition.draft import AppDraft
from portico.definition.entities import EntityReader
from portico.definition.finder import Finder
from portico.definition.folder import Folder
from portico.definition.lint.finding import Finding
from portico.definition.lint.linter import lint
from portico.definition.module_uses import ModuleUse, module_uses
from portico.definition.names import file_name_problem
from portico.definition.packages import PackageReader
from portico.definition.schema import AppReader
from portico.definition.secrets import Secrets
from portico.definition.settings import Settings
from portico.model.app import App
from portico.model.place import Place
from portico.model.query import Datasource
from portico.model.widget import WidgetType


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What came of loading: `app` is None if one of the problems is an error; `datasources` are those
    that could be read even so. `folders` were read from: the app's, and those of packages that it follows.
    `uses` are its instances of modules, and `findings` what the lint found, if there is no error."""

    app: App | None
    problems: tuple[Diagnostic, ...]
    datasources: Mapping[str, Datasource] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    uses: tuple[ModuleUse, ...] = ()
    findings: tuple[Finding, ...] = ()


def load(
    folder: Path,
    *,
    types: Mapping[str, WidgetType],
    settings: Mapping[str, str],
    secrets: Secrets | None = None,
    planned: Mapping[str, str] | None = None,
    packages: Mapping[str, Path] | None = None,
    linted: bool = False,
) -> Loaded:
    """Read, check and compile the app in `folder`.

    `types` are the widget types by name, `settings` what `${NAME}` in addresses stands for.
    A datasource whose secrets are not all set is part of the app, and says so. `planned` are files
    by their path, read as if they lay in the folder already. `packages` are folders of packages, by name,
    that are taken instead of what the app has of these, whatever `portico.lock` says. `linted`: the lint
    looks at it too.
    Never raises for what an author did: every problem of every file comes back, sorted.
    """
    problems = Problems()
    if not folder.is_dir():
        name = os.fspath(folder)
        problems.add("E101", Place(name, 1, 1), "there is no such folder", remedy="name the folder of an app")
        return Loaded(app=None, problems=problems.sorted())
    files = Folder(folder, problems, planned)
    slug = files.root.name
    problem = file_name_problem(slug)
    if problem is not None:
        problems.add(
            "E114",
            Place("app.yaml", 1, 1),
            f"the folder's name is part of addresses: {problem}",
            received=slug,
        )
    chosen = Settings(settings)
    draft = _reader(files, types, chosen, secrets or Secrets(), packages or {}, problems).read()
    check(draft, problems)
    pictures = manifest.pictures(files)
    app = None if problems.failed else _compiled(draft, slug, files, pictures, chosen)
    return Loaded(
        app=app,
        problems=problems.sorted(),
        datasources={name: found for name, found in draft.datasources.items() if found is not None},
        folders=files.roots,
        uses=() if problems.failed else module_uses(draft),
        findings=lint(draft, files.texts, files.documents) if linted and not problems.failed else (),
    )


def drafted(
    folder: Path,
    *,
    types: Mapping[str, WidgetType],
    settings: Mapping[str, str],
    planned: Mapping[str, str],
    problems: Problems,
) -> AppDraft:
    """An app as its files say it, not checked against itself and not compiled: for what makes files, and
    looks at them before they are written. Raises nothing for what stands in them, as `load`."""
    files = Folder(folder, problems, planned)
    return _reader(files, types, Settings(settings), Secrets(), {}, problems).read()


def _reader(
    files: Folder,
    types: Mapping[str, WidgetType],
    settings: Settings,
    secrets: Secrets,
    packages: Mapping[str, Path],
    problems: Problems,
) -> AppReader:
    find = partial(secrets.value, files.root.name)
    entities = EntityReader(files, problems)
    return AppReader(
        entities,
        types,
        datasources.Reader(files, settings, find, problems),
        PackageReader(entities, types, settings, find),
        Finder(entities, packages),
        oidc.Reader(files, settings, find),
    )


def together(loaded: Sequence[Loaded]) -> list[Loaded]:
    """The same, of apps that one server is to serve: those that cannot share a sign-in as they say have
    that among their problems, and no app."""
    found = sharing.differences([result.app for result in loaded if result.app is not None])
    return [_judged(result, found) for result in loaded]


def _judged(result: Loaded, found: Mapping[str, tuple[Diagnostic, ...]]) -> Loaded:
    problems = found.get(result.app.slug, ()) if result.app is not None else ()
    return replace(result, app=None, problems=(*result.problems, *problems)) if problems else result


def _datasources(draft: AppDraft) -> Iterator[tuple[str, Datasource]]:
    """Those of the app, and those that its packages bring."""
    for name, found in draft.datasources.items():
        if found is not None:
            yield name, found
    for package in draft.packages.values():
        for name, found in package.datasources.items() if package is not None else ():
            if package is not None and found is not None:
                yield f"{package.name}/{name}", found


def _compiled(
    draft: AppDraft, slug: str, files: Folder, pictures: Mapping[str, Path], settings: Settings
) -> App:
    contract = compiling.contract(draft, draft.manifest.auth) if draft.manifest.auth is not None else None
    chosen = draft.manifest.home_page
    return App(
        slug=slug,
        name=draft.manifest.name,
        version=files.version(settings.used),
        theme=draft.manifest.theme,
        contract=contract,
        sharing=sharing.sharing(draft, draft.manifest.auth) if draft.manifest.auth is not None else None,
        home=contract.home_page if contract else chosen.text.value if chosen else next(iter(draft.pages)),
        pages={name: compiling.page(draft, slug, page) for name, page in draft.pages.items()},
        datasources=dict(_datasources(draft)),
        types=data_types.compiled(draft.types),
        browser=draft.manifest.browser,
        locale=draft.manifest.locale,
        timezone=draft.manifest.timezone,
        files=pictures,
        queries=compiling.queries(draft),
        contract_program=contract_code.program(draft, slug),
        contract_plain=contract_code.plain_of(draft),
        guard_program=compiling.guard_program(draft, slug),
        navigation=compiling.navigation(draft),
    )
