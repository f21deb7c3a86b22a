"""The `auth` contract of an imported app, and who may open its pages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from portico.definition.contract import check_contract
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft
from portico.definition.lint.facts import facts
from portico.definition.load import drafted
from portico.importers.appsmith.app_files import AppFiles, PageFiles
from portico.importers.appsmith.contract_text import contract_of
from portico.importers.appsmith.naming import entity_word
from portico.importers.appsmith.page_roles import guards
from portico.importers.appsmith.report import Report
from portico.importers.appsmith.role_source import Roles, roles
from portico.importers.appsmith.sign_in import SignIn, recognise
from portico.importers.appsmith.spots import names_of
from portico.importers.appsmith.upkeep import Concluded, Task, conclude
from portico.model.access import Public, SignedIn
from portico.model.widget import WidgetType


def add_contract(
    draft: AppDraft,
    files: AppFiles,
    types: Mapping[str, WidgetType],
    report: Report,
    folder: Path,
    titles: Mapping[str, str],
) -> None:
    """Write the contract, if the app signs users in and one can be had that holds; else say what is open."""
    default = str(files.manifest.get("home_page", ""))
    pages = facts(draft)
    found = recognise(pages, default)
    if found is None:
        report.add(
            "question",
            "how do users sign in? Nothing in the app says so, and `auth: none` leaves every page open "
            "to anybody; docs/auth shows contracts",
        )
        return
    tasks = conclude(pages, found, files)
    told = roles(pages, found, guards(pages, found), tasks.get("me"))
    if "me" in tasks and told.answers and tasks["me"].query not in told.answers:
        # Roles are what `me` says, once it is asked: one that may name none would take them away.
        del tasks["me"]
    names = dict(_names(tasks, files))
    contract = dict(contract_of(found, tasks, names, told))
    access = dict(_access(found, told, files, report, titles))
    queries = {names[task]: one.request.data for task, one in tasks.items()}
    problem = _problem(draft, files, contract, access, queries, types, folder)
    if problem is not None:
        report.add(
            "question", f"{found.query} seems to sign users in, but the contract would not hold: {problem}"
        )
        return
    _apply(files, contract, access)
    _move(tasks, names, files, report, titles)
    _tell(found, report, titles)
    _tell_tasks(tasks, report, titles)
    _tell_roles(told, report, titles, titles.get(found.home, found.home))
    for question in _questions(found, tasks):
        report.add("question", question)


def _names(tasks: Mapping[Task, Concluded], files: AppFiles) -> Iterator[tuple[Task, str]]:
    """What the queries of the contract are called. Pages know what takes the place of theirs by their name;
    a copy beside them has one that no page gives."""
    taken = {
        name for page in files.pages.values() for name in (*page.queries, *page.scripts, *names_of(page.head))
    }
    for task, one in tasks.items():
        yield task, one.query if one.moved else entity_word(task, taken)


def _move(
    tasks: Mapping[Task, Concluded],
    names: Mapping[Task, str],
    files: AppFiles,
    report: Report,
    titles: Mapping[str, str],
) -> None:
    """The queries of the contract become those of the app."""
    for task, one in tasks.items():
        files.queries[names[task]] = one.request.data
        if not one.moved:
            report.add(
                "note", f"queries/{names[task]}.yaml is a copy of it, for Portico to ask", name=one.query
            )
            continue
        for name in one.pages:
            files.pages[name].queries.pop(one.query, None)
        for title, page in ((titles.get(name, name), page) for name, page in files.pages.items()):
            if page.scripts.get(one.query) is not None:
                # What stood for it where it was missing.
                del page.scripts[one.query]
                report.withdraw("missing", page=title, name=one.query)
        report.add(
            "changed",
            f"it is a query of the app now, in the place of {_counted(len(one.pages))}",
            name=one.query,
        )
        report.counts["queries"] -= len(one.pages) - 1


def _counted(pages: int) -> str:
    return "that of its page" if pages == 1 else f"those of {pages} pages"


def _access(
    found: SignIn, told: Roles, files: AppFiles, report: Report, titles: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """Who may open each page."""
    guarded, carrying, open_ = found.guarded or {}, found.carrying or {}, found.open or {}
    asking = {*told.unclear, *([found.home] if told.home is not None else [])}
    for name, page in files.pages.items():
        title = titles.get(name, name)
        if name in open_:
            yield name, "public"
            report.add("sign-in", f"anybody may open it: {open_[name]}", page=title)
        elif name in told.pages:
            guard = told.pages[name]
            yield name, {"roles": list(guard.roles)}
            report.add(
                "sign-in",
                f"users with the role {' or '.join(guard.roles)} may open it: its guard leads others away "
                f"({guard.reason})",
                page=title,
            )
        elif name in guarded or name in carrying or name in asking:
            yield name, "signed-in"
            report.add(
                "sign-in",
                f"signed-in users may open it: {_why(guarded, carrying, name)}",
                page=title,
            )
        elif name in titles:
            yield name, "signed-in"
            report.add(
                "question",
                "who may open it? Nothing in it says so; until you write `access: public` it is for "
                "signed-in users",
                page=title,
            )
        elif "access" not in page.head:
            yield name, "signed-in"


def _why(guarded: Mapping[str, str], carrying: Mapping[str, str], name: str) -> str:
    return guarded.get(name) or carrying.get(name) or "its guard asks for a role"


def _problem(
    draft: AppDraft,
    files: AppFiles,
    contract: dict[str, Any],
    access: Mapping[str, Any],
    queries: Mapping[str, dict[str, Any]],
    types: Mapping[str, WidgetType],
    folder: Path,
) -> str | None:
    """What Portico would say against it."""
    manifest = {key: value for key, value in files.manifest.items() if key not in ("auth", "home_page")}
    trial = AppFiles(
        manifest={**manifest, "auth": contract},
        datasources=files.datasources,
        pages={name: PageFiles(head={"title": name}) for name in files.pages},
        queries=dict(queries),
    )
    problems = Problems()
    read = drafted(folder, types=types, settings={}, planned=trial.files(), problems=problems)
    pages = {
        name: replace(page, access=Public() if access.get(name) == "public" else SignedIn())
        for name, page in draft.pages.items()
    }
    if read.manifest.auth is not None:
        check_contract(replace(read, pages=pages), read.manifest.auth, problems)
    return next((found.message for found in problems.sorted() if found.severity == "error"), None)


def _apply(files: AppFiles, contract: dict[str, Any], access: Mapping[str, Any]) -> None:
    files.manifest.pop("home_page", None)
    files.manifest["auth"] = contract
    for name, who in access.items():
        head = files.pages[name].head
        rest = {key: value for key, value in head.items() if key not in ("title", "access")}
        title = {"title": head["title"]} if "title" in head else {}
        files.pages[name].head = {**title, "access": who, **rest}


def _tell(found: SignIn, report: Report, titles: Mapping[str, str]) -> None:
    """What was concluded, and why."""
    for reason in found.reasons:
        report.add("sign-in", f"{found.query} signs users in: {reason}")
    key, entry, home = (
        found.token.key,
        titles.get(found.entry, found.entry),
        titles.get(found.home, found.home),
    )
    report.add("sign-in", f"the key {key} of the store stands for the sign-in; clearing it signs out")
    report.add("sign-in", f"{entry} is the entry page, {home} what users see first")
    for ending in found.endings:
        report.add("sign-in", f"this signs out: {ending.what}", page=titles.get(ending.page, ending.page))
    for name in found.audience:
        report.add("sign-in", f"the token goes to the datasource {name} too, as the app sent it there")
    if found.sign_up is not None and not found.trusted:
        report.add(
            "sign-in", f"{found.sign_up.query} makes accounts, and signs in: its answer is kept as {key}"
        )


def _tell_tasks(tasks: Mapping[Task, Concluded], report: Report, titles: Mapping[str, str]) -> None:
    for task, one in tasks.items():
        report.add(
            "sign-in",
            f"`{task}` of the contract: {one.reason}",
            page=titles.get(one.page, one.page),
            name=one.query,
        )
        if one.question:
            report.add("question", one.question)


def _tell_roles(told: Roles, report: Report, titles: Mapping[str, str], home: str) -> None:
    if told.home is not None:
        roles_ = " or ".join(told.home.roles)
        report.add(
            "question",
            f"who of the signed-in users may open it? Its guard is for the role {roles_}, and it is the home "
            "page, where all are led after the sign-in: before you write `access: {roles: […]}`, choose a "
            "`home_page` that all may open",
            page=home,
        )
    for query, path in told.answers.items():
        report.add(
            "sign-in",
            f"roles are {'.'.join(path)} of the answer of {query}; users must not be able to change it",
        )
    for page, asked in told.unclear.items():
        report.add(
            "question",
            f"who of the signed-in users may open it? Its guard compares a role ({asked}), in a way that "
            "`access: {roles: […]}` could not be told from",
            page=titles.get(page, page),
        )


def _questions(found: SignIn, tasks: Mapping[Task, Concluded]) -> Iterator[str]:
    """What the code does not tell."""
    key = found.token.key
    if not found.endings:
        yield f"where do users sign out? Nothing clears {key}; logoutUser() would do it"
    if found.trusted:
        yield (
            f"{found.query} hands out no token, so its answer alone says who somebody is: does the API check "
            "the password? And what keeps others from calling the API without signing in?"
        )
    if found.trusted and found.identity is None:
        yield f"which member of the answer of {found.query} says who it is? `uid` below sign_in guesses id"
    if "*" in found.token.path or not (found.token.path or found.trusted):
        yield f"which member of the answer of {found.query} is the token? Write it as `token` below sign_in"
    renews = tasks["refresh"].query if "refresh" in tasks else None
    others = [name for name in found.others if name != renews]
    yield from (f"{name} stores {key} too: is it another way to sign in?" for name in others)
    asked: Mapping[Task, tuple[str, ...]] = {
        "me": found.me,
        "refresh": found.renewing,
        "sign_out": found.revoking,
    }
    for what, names in asked.items():
        if names and what not in tasks:
            parameter = "refreshToken" if what == "refresh" else "token"
            yield (
                f"is {' or '.join(names[:3])} the query for `{what}` of the contract? Then copy it "
                f"to queries/ beside app.yaml, send {{{{ this.params.{parameter} }}}} in it, and name it "
                "below auth"
            )
