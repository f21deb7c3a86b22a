"""What does not load is taken out, piece by piece, until the rest does; nothing is taken out in silence."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from portico.definition.check import check
from portico.definition.diagnostics import Diagnostic, Problems
from portico.definition.draft import AppDraft, Entities, PageDraft
from portico.definition.load import drafted
from portico.importers.appsmith import scripts
from portico.importers.appsmith.app_files import PageFiles
from portico.importers.appsmith.page_text import Trail, comment
from portico.importers.appsmith.page_text import Written as Text
from portico.importers.appsmith.report import Kind, Report
from portico.importers.appsmith.spots import HINTS, property_at, rows_of, upper
from portico.importers.appsmith.writing import Written
from portico.model.widget import WidgetType

#: After so many rounds a page that still has errors is left out whole.
_ROUNDS = 12
#: Parts of a query without which it is none.
_NEEDED = frozenset({"path", "statement", "query", "datasource", "kind", "call"})


@dataclass(kw_only=True, slots=True)
class Mender:
    """Looks at the files of an app as Portico will, and mends them."""

    written: Written
    types: Mapping[str, WidgetType]
    report: Report
    folder: Path
    titles: Mapping[str, str] = field(default_factory=dict)
    _texts: dict[str, Text] = field(default_factory=dict)
    _read: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    _added: dict[str, set[str]] = field(default_factory=dict)

    def mend(self) -> AppDraft:
        """Mend everything; the app as it then is."""
        files = self.written.files
        self._texts = files.written()
        problems = Problems()
        draft = self._drafted(self._texts, problems)
        self._read = dict(self._by_page(problems.sorted()))
        looked = set(draft.pages) | {""}
        for _ in range(_ROUNDS):
            found = self._errors(draft, looked)
            if not found:
                return draft
            changed = self._mended(found)
            looked = changed | self._added.keys()
            draft = self._with_added(self._reread(draft, changed), changed)
        for page in {self._page_of(problem) for problem in self._errors(draft, looked)}:
            self._give_up(page)
            draft = self._reread(draft, {page})
        return draft

    def _drafted(self, texts: Mapping[str, Text], problems: Problems) -> AppDraft:
        planned = {path: text.text for path, text in texts.items()}
        return drafted(self.folder, types=self.types, settings={}, planned=planned, problems=problems)

    def _errors(self, draft: AppDraft, looked: set[str]) -> list[Diagnostic]:
        """The errors that there are: those of reading, and those of names. Pages that nobody changed have
        none, and are not looked at again."""
        problems = Problems()
        pages = {
            name: page if name in looked else replace(page, widgets=(), entities=Entities())
            for name, page in draft.pages.items()
        }
        check(replace(draft, pages=pages), problems)
        found = [*problems.sorted(), *(one for page in self._read.values() for one in page)]
        return [one for one in dict.fromkeys(found) if one.severity == "error"]

    def _by_page(self, found: tuple[Diagnostic, ...]) -> Iterator[tuple[str, tuple[Diagnostic, ...]]]:
        pages: dict[str, list[Diagnostic]] = defaultdict(list)
        for one in found:
            pages[self._page_of(one)].append(one)
        yield from ((page, tuple(ones)) for page, ones in pages.items())

    def _page_of(self, problem: Diagnostic) -> str:
        parts = problem.place.file.split("/")
        return parts[1] if parts[0] == "pages" and len(parts) > 1 else ""

    def _reread(self, draft: AppDraft, pages: set[str]) -> AppDraft:
        """The draft with these pages read anew; "" stands for what belongs to no page."""
        if not pages:
            return draft
        files = self.written.files
        fresh = files.written() if "" in pages else {}
        texts = {path: text for path, text in (fresh or self._texts).items() if not path.startswith("pages/")}
        changed: dict[str, Text] = {}
        for page in sorted(pages - {""}):
            changed |= files.page(page)
        self._texts = (
            {path: text for path, text in self._texts.items() if self._page_in(path) not in pages}
            | changed
            | (texts if fresh else {})
        )
        problems = Problems()
        read = self._drafted(texts | changed, problems)
        self._read = {page: ones for page, ones in self._read.items() if page not in pages}
        self._read |= {page: ones for page, ones in self._by_page(problems.sorted()) if page in pages}
        kept: dict[str, PageDraft] = {
            **draft.pages,
            **{name: read.pages[name] for name in pages if name in read.pages},
        }
        order = {name: kept[name] for name in sorted(kept)}
        if "" in pages:
            return replace(read, pages=order)
        return replace(draft, pages=order)

    def _page_in(self, path: str) -> str:
        parts = path.split("/")
        return parts[1] if parts[0] == "pages" and len(parts) > 1 else ""

    # One thing at a time

    def _mended(self, found: list[Diagnostic]) -> set[str]:
        """Mend what these say; the pages that changed."""
        changed: set[str] = set()
        # A window that stands for a name is that name, too.
        for problem in sorted(found, key=lambda one: one.code != "E406"):
            page = self._page_of(problem)
            if not page:
                self._mend_whole(problem)
                changed.add("")
                continue
            if self._mend_page(page, problem):
                changed.add(page)
            changed |= self._new_pages()
        return changed

    def _with_added(self, draft: AppDraft, changed: set[str]) -> AppDraft:
        """The draft with what stands for names, in pages that are otherwise as they were."""
        added = {page: names for page, names in self._added.items() if page not in changed}
        self._added.clear()
        if not added:
            return draft
        planned = {"app.yaml": Text(text="auth: none\n")}
        for page, names in added.items():
            planned[f"pages/{page}/page.yaml"] = Text(text=f"title: {page}\n")
            scripts_ = self.written.files.pages[page].scripts
            planned |= {f"pages/{page}/scripts/{name}.js": Text(text=scripts_[name].body) for name in names}
        self._texts |= {path: text for path, text in planned.items() if "/scripts/" in path}
        read = self._drafted(planned, Problems())
        pages = {
            name: replace(page, entities=page.entities.merged(read.pages[name].entities))
            if name in added
            else page
            for name, page in draft.pages.items()
        }
        return replace(draft, pages=pages)

    def _new_pages(self) -> set[str]:
        return {name for name in self.written.files.pages if f"pages/{name}/page.yaml" not in self._texts}

    def _mend_page(self, page: str, problem: Diagnostic) -> bool:
        """Mend one thing; whether files changed that were there before."""
        files = self.written.files.pages[page]
        path = problem.place.file
        name = problem.received or ""
        if problem.code == "E403" and scripts.can_stand(name) and name not in rows_of(files.head):
            self._stand_in(page, files, name)
            return False
        if problem.code == "E403" and "/scripts/" in path:
            script = self._script(path)
            files.scripts[script] = scripts.declared(files.scripts[script], name)
            self._tell("missing", page, script, f"{name} is not known here, and undefined")
        elif (problem.code == "E406" and self._stand_in_widget(page, files, name)) or (
            problem.code == "E404" and self._add_page(name)
        ):
            pass
        elif "/scripts/" in path:
            self._mend_script(page, files, path, problem)
        elif "/queries/" in path:
            self._mend_query(page, files, path, problem)
        else:
            self._take_out(page, files, problem)
        return True

    def _stand_in(self, page: str, files: PageFiles, name: str) -> None:
        if name in files.scripts or any(one.get("name") == name for one in files.head.get("widgets", ())):
            return
        why = self.written.lost.get(page, {}).get(name)
        files.scripts[name] = scripts.stand_in(
            name, why or HINTS.get(name) or "the imported app does not have it"
        )
        self._added.setdefault(page, set()).add(name)
        if why is None:
            hint = f" ({HINTS[name]})" if name in HINTS else ""
            self._tell("missing", page, name, f"nothing is called so{hint}; what reads it gets undefined")

    def _stand_in_widget(self, page: str, files: PageFiles, name: str) -> bool:
        """Add a window of that name; False where none can have it."""
        if files.scripts.get(name) is not None and files.scripts[name].standing:
            del files.scripts[name]
        taken = {*files.scripts, *files.queries, *rows_of(files.head)}
        if not scripts.can_stand(name) or name in taken:
            return False
        text = "This window was named by the imported app, which does not have it."
        widgets = files.head.setdefault("widgets", [])
        if all(widget.get("name") != name for widget in widgets):
            widgets.append(
                {
                    "name": name,
                    "type": "Modal",
                    "widgets": [{"name": f"{name}Missing", "type": "Text", "text": text}],
                }
            )
            self._tell("missing", page, name, "code opens or resets this widget, which there is not")
        return True

    def _add_page(self, called: str) -> bool:
        name = self.written.names.target(called)
        if name != called:
            return False
        head = {
            "title": called,
            "widgets": [
                {
                    "name": "MissingPage",
                    "type": "Text",
                    "text": "This page was named by the imported app, which does not have it.",
                }
            ],
        }
        self.written.files.pages.setdefault(name, PageFiles(head=head))
        self.report.add(
            "missing",
            f"code goes to the page {called}, which the application does not have; pages/{name} says so",
        )
        return True

    def _mend_script(self, page: str, files: PageFiles, path: str, problem: Diagnostic) -> None:
        name = self._script(path)
        script = files.scripts[name]
        if path.endswith(".yaml"):
            trail = self._texts[path].trail(problem.place.line)
            function = trail[1][1] if len(trail) > 1 else ""
            functions = script.settings.get("functions", {})
            functions.pop(function, None)
            if not functions:
                script.settings.clear()
            self._tell("left-out", page, name, f"what is said of the function {function}: {problem.message}")
            return
        files.scripts[name] = scripts.broken(script.body.rstrip("\n"))
        self._tell("broken", page, name, f"line {problem.place.line}: {problem.message}", code=script.body)

    def _mend_query(self, page: str, files: PageFiles, path: str, problem: Diagnostic) -> None:
        name = path.rpartition("/")[2].removesuffix(".yaml")
        query = files.queries.get(name)
        if query is None:
            return
        trail = self._texts[path].trail(problem.place.line)
        key = trail[0][1] if trail else "path"
        if key in _NEEDED or key not in query:
            shown = str(query.get(key, ""))
            del files.queries[name]
            self.written.lost.setdefault(page, {})[name] = f"the query did not come over: {problem.message}"
            files.scripts.setdefault(
                name, scripts.stand_in(name, f"the query did not come over: {problem.message}")
            )
            self._tell(
                self._kind(problem),
                page,
                name,
                f"the query is left out: {problem.message}",
                part=key,
                code=shown,
            )
            self.report.counts["queries"] -= 1
            self.report.counts["queries left out"] += 1
            return
        inner = trail[1] if len(trail) > 1 and isinstance(query[key], dict) else None
        owner, what = inner if inner is not None else (query, key)
        code = self._removed(owner, what, query, key if inner is None else f"{key}.{what}")
        if not query.get(key, True):
            del query[key]
        if key == "body" and "body" not in query:
            query.pop("body_type", None)
        self._tell(
            self._kind(problem),
            page,
            name,
            problem.message,
            part=f"{key}.{what}" if inner else key,
            code=code,
        )

    def _take_out(self, page: str, files: PageFiles, problem: Diagnostic) -> None:
        """Take a property out of its widget, or the widget out of the page."""
        trail = self._texts[problem.place.file].trail(problem.place.line)
        place = property_at(trail)
        if place is None:
            self._take_out_widget(page, files, trail, problem)
            return
        widget, owner, key, part = place
        code = self._removed(owner, key, widget, part)
        if key == "label" and "widgets" in owner:
            owner["label"] = str(owner.get("id") or "Tab")
        self._tell(
            self._kind(problem), page, str(widget.get("name", "")), problem.message, part=part, code=code
        )

    def _take_out_widget(self, page: str, files: PageFiles, trail: Trail, problem: Diagnostic) -> None:
        holders = [(owner, key) for owner, key in trail if isinstance(owner.get(key), list)]
        widget = next((owner for owner, _ in reversed(trail) if "type" in owner), None)
        for owner, key in reversed(holders):
            if any(one is widget for one in owner[key]):
                owner[key] = [one for one in owner[key] if one is not widget]
                name = str(widget.get("name", "")) if widget is not None else ""
                self._tell("left-out", page, name, f"the widget: {problem.message}")
                return
        self._give_up(page)

    def _give_up(self, page: str) -> None:
        """Leave a page out whole."""
        if not page:
            return
        self.report.add(
            "left-out", "the page could not be made to load, and is empty", page=self.titles.get(page, page)
        )
        text = "This page could not be imported; the report of the import says why."
        self.written.files.pages[page] = PageFiles(
            head={
                "title": page,
                "widgets": [{"name": "NotImported", "type": "Text", "text": text}],
            }
        )

    def _mend_whole(self, problem: Diagnostic) -> None:
        """A datasource, or app.yaml."""
        files = self.written.files
        path = problem.place.file
        if path.startswith("packages/"):
            # What a package has of its own was mended before; it is what this app lacks.
            self.report.add("question", f"{problem.message}: {problem.remedy or ''}".rstrip(": "), name=path)
            return
        name = path.removeprefix("datasources/").removesuffix(".yaml")
        trail = self._texts[path].trail(problem.place.line) if path in self._texts else ()
        data = files.datasources.get(name) if path.startswith("datasources/") else files.manifest
        key = trail[0][1] if trail else ""
        if data is None or not key:
            return
        if key == "url":
            data["url"] = f"${{{upper(name)}_URL:-https://address-missing.invalid}}"
        else:
            inner = trail[1] if key == "headers" and len(trail) > 1 else (data, key)
            inner[0].pop(inner[1], None)
        self.report.add("left-out", f"{key}: {problem.message}", name=path)

    def _removed(self, owner: dict[str, Any], key: str, commented: dict[str, Any], part: str) -> str:
        """Take out a value; its text stays in a comment."""
        value = owner.pop(key, None)
        shown = value if isinstance(value, str) else "" if value is None else str(value)
        if shown:
            commented.setdefault("#", []).extend(comment(f"{part}: {shown}"))
        return shown

    def _script(self, path: str) -> str:
        return path.rpartition("/")[2].rpartition(".")[0]

    def _kind(self, problem: Diagnostic) -> Kind:
        return "broken" if problem.code.startswith("E30") else "left-out"

    def _tell(
        self, kind: Kind, page: str, name: str, message: str, *, part: str = "", code: str = ""
    ) -> None:
        self.report.add(kind, message, page=self.titles.get(page, page), name=name, part=part, code=code)
