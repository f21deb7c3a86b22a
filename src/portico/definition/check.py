"""The pieces of an app against each other: names, pages, datasources, packages, who may see what."""

from collections.abc import Iterable
from dataclasses import replace

from portico.definition import data_types
from portico.definition.bindings import Snippet
from portico.definition.code_check import CodeCheck, names_of, places
from portico.definition.contract import check_contract
from portico.definition.cookies import check_cookies
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, InstanceDraft, ModuleDraft, PackageUse, PageDraft
from portico.definition.lookup import check_defined, check_exists
from portico.definition.loops import check_loops
from portico.definition.module_check import check_circles, check_package
from portico.definition.module_lookup import ModuleLookup
from portico.definition.names import is_page_like
from portico.definition.origins import check_origins
from portico.definition.query_check import check_queries
from portico.definition.scope import Reading
from portico.definition.source import Scalar
from portico.definition.text import Text
from portico.model.access import Public
from portico.model.place import Place
from portico.model.program import SYNC_NAMES


def check(app: AppDraft, problems: Problems) -> None:
    """Report everything that does not fit together."""
    _Checker(app, problems).check()


class _Checker:
    def __init__(self, app: AppDraft, problems: Problems) -> None:
        self._app = app
        self._problems = problems
        self._shared = places(app.entities)
        self._lookup = ModuleLookup(app.packages)
        self._code = CodeCheck(
            problems, goes=self._goes, calls=self._calls, reads=self._reads, refers=self._refers
        )

    def check(self) -> None:
        for package in self._app.packages.values():
            if package is not None:
                check_package(package, self._app.packages, self._problems)
        self._code.doubled(self._shared)
        used = self._used(self._app.entities.instances, widget=False)
        # Code of the app runs on every page: which widgets there are is not known.
        shared = replace(names_of((), [self._app.entities], used), widgets=None)
        self._code.entities(self._app.entities, shared)
        for page in self._app.pages.values():
            self._page(page, used)
        check_cookies(self._app, self._problems)
        check_queries(self._app, self._problems)
        data_types.check(self._app.types, self._problems)
        if self._app.manifest.sound:
            self._manifest()
        for use in self._app.manifest.packages.values():
            self._bound(use)
        if check_circles(self._app.packages, self._problems):
            check_loops(self._app, self._problems)

    def _page(self, page: PageDraft, shared: dict[str, ModuleDraft | None]) -> None:
        placed = [(widget.name, widget.place) for widget in page.widgets] + places(page.entities)
        self._code.doubled([*placed, *self._shared])
        own = [widget.instance for widget in page.widgets if widget.instance is not None]
        used = shared | self._used(page.entities.instances, widget=False) | self._used(own, widget=True)
        entities = [page.entities, self._app.entities]
        scope = names_of(page.widgets, entities, used, broken=page.broken)
        self._code.entities(page.entities, scope)
        self._code.widgets(page.widgets, scope)
        for widget in page.widgets if self._app.manifest.sound else ():
            check_origins(widget, self._app.manifest.browser, self._problems)
        rule = page.access
        if isinstance(rule, Snippet):
            check_defined(rule.source, rule.start, rule.reading, frozenset({"auth"}), self._problems)

    def _used(self, instances: Iterable[InstanceDraft], *, widget: bool) -> dict[str, ModuleDraft | None]:
        """The modules of instances, by their names here."""
        found = {}
        for instance in instances:
            module = self._lookup.check(instance, None, self._problems, widget=widget)
            found[instance.name] = module
            if module is not None:
                self._leads(instance, module)
        return found

    def _leads(self, instance: InstanceDraft, module: ModuleDraft) -> None:
        """A module cannot know which pages an app has."""
        for name in sorted(module.contract.navigates):
            if is_page_like(name) and name not in self._app.pages:
                self._problems.add(
                    "W701",
                    instance.place,
                    f"the module {module.title} goes to the page `{name}`, which the app does not have",
                    received=name,
                    remedy=f"write pages/{name}/page.yaml",
                )

    def _bound(self, use: PackageUse) -> None:
        """The datasources that a package needs, and those that stand for them."""
        package = self._app.packages.get(use.name)
        if package is None:
            return
        needed = {
            name
            for module in package.modules.values()
            if module is not None
            for name in module.contract.datasources
        }
        for name, word in use.datasources.items():
            check_exists("E711", word.place, name, needed, f"datasource of {use.name} called", self._problems)
            self._exists("E405", word.place, word.text.value, self._app.datasources, "datasource")
        for name in sorted(needed - use.datasources.keys() - package.datasources.keys()):
            self._problems.add(
                "E711",
                use.place,
                f"the package `{use.name}` needs a datasource `{name}`, and brings none",
                remedy=f"write `{use.name}: {{…, datasources: {{{name}: one of the app's}}}}`",
            )

    def _goes(self, name: str, place: Place) -> None:
        if is_page_like(name):
            self._exists("E404", place, name, self._app.pages, "page")

    def _reads(self, text: Text, start: int, reading: Reading) -> None:
        for use in reading.uses:
            if use.name == "auth" and use.path[:1] == ("signIn",):
                self._signs_in(text.place(start + use.offset))
            elif use.path and use.path[-1] in SYNC_NAMES.get(use.name, ()):
                name = use.path[-1]
                self._blocks(text.place(start + use.offset), name, SYNC_NAMES[use.name][name])

    def _blocks(self, place: Place, name: str, awaited: str) -> None:
        self._problems.add(
            "W301",
            place,
            "this would take seconds in a script, and fails: the server does the form that can be awaited",
            received=name,
            remedy=f"write `await` and `{awaited}`",
        )

    def _refers(self, kind: str, name: str, place: Place) -> None:
        if kind == "provider":
            self._signs_in(place)

    def _signs_in(self, place: Place) -> None:
        manifest = self._app.manifest
        contract = manifest.auth
        found = contract is not None and (contract.provider is not None or contract.authorize is not None)
        if manifest.sound and not found:
            self._problems.add(
                "E522",
                place,
                "the app has no provider to sign in with",
                remedy="write `preset: oidc` below `auth` in app.yaml, or run a query",
            )

    def _calls(self, word: Scalar) -> None:
        self._exists("E405", word.place, word.text.value, self._app.datasources, "datasource")

    def _exists(self, code: str, place: Place, name: str, known: Iterable[str], what: str) -> None:
        check_exists(code, place, name, known, what, self._problems)

    def _manifest(self) -> None:
        manifest = self._app.manifest
        home = manifest.home_page
        if home is not None:
            self._exists("E407", home.place, home.text.value, self._app.pages, "page")
        if home is not None and manifest.auth is not None:
            self._problems.add(
                "E201",
                home.place,
                "`home_page` of an app with sign-in stands below `auth`",
                remedy="move it there",
            )
        for page in (manifest.navigation.pages if manifest.navigation is not None else None) or ():
            self._exists("E407", page.place, page.text.value, self._app.pages, "page")
        if manifest.auth is not None:
            check_contract(self._app, manifest.auth, self._problems)
        elif not manifest.has_auth:
            self._nobody_signs_in()

    def _nobody_signs_in(self) -> None:
        for page in self._app.pages.values():
            if page.access is not None and not isinstance(page.access, Public):
                self._problems.add(
                    "E503",
                    page.access_place,
                    "nobody can sign in to this app, so nobody could open this page",
                    remedy="write `access: public`, or declare `auth:` in app.yaml",
                )
