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
from portico.importers.appsmith.report import Report
from portico.importers.appsmith.sign_in import Kept, SignIn, recognise
from portico.model.access import Public, SignedIn
from portico.model.widget import WidgetType

#: Members of an answer that Portico takes for the token, and for what renews it, by itself.
_TOKENS = frozenset({"access_token", "accessToken", "token", "jwt", "access"})
_REFRESH = frozenset({"refresh_token", "refreshToken", "refresh"})


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
    found = recognise(facts(draft), default)
    if found is None:
        report.add(
            "question",
            "how do users sign in? Nothing in the app says so, and `auth: none` leaves every page open "
            "to anybody; docs/auth shows contracts",
        )
        return
    contract = dict(_contract(found))
    access = dict(_access(found, files, report, titles))
    problem = _problem(draft, files, contract, access, types, folder)
    if problem is not None:
        report.add(
            "question", f"{found.query} seems to sign users in, but the contract would not hold: {problem}"
        )
        return
    _apply(files, contract, access)
    _tell(found, report, titles)


def _contract(found: SignIn) -> Iterator[tuple[str, Any]]:
    yield "entry_page", found.entry
    yield "home_page", found.home
    yield "sign_in", dict(_sign_in(found))
    if found.sign_up is not None and not found.trusted:
        yield "sign_up", dict(_sign_up(found.sign_up))
    yield "store_keys", {"token": found.token.key}
    if found.audience:
        yield "audience", list(found.audience)


def _sign_in(found: SignIn) -> Iterator[tuple[str, Any]]:
    yield "query", found.query
    if found.trusted:
        yield from _trusted(found)
        return
    token = _member(found.token)
    if (
        token is not None
        and found.token.path
        and not (len(found.token.path) == 1 and found.token.path[0] in _TOKENS)
    ):
        yield "token", f"{{{{ {token} }}}}"
    refresh = _member(found.refresh)
    if (
        found.refresh is not None
        and refresh is not None
        and not (len(found.refresh.path) == 1 and found.refresh.path[0] in _REFRESH)
    ):
        yield "refresh_token", f"{{{{ {refresh} }}}}"
    user = _member(found.user)
    if found.user is not None and user is not None and found.user.path != ("user",):
        yield "uid", f"{{{{ {user}?.id }}}}"
        yield "user", f"{{{{ {user} }}}}"


def _trusted(found: SignIn) -> Iterator[tuple[str, Any]]:
    """Where the answer holds no token: whom it names is who signs in, once the app's code says so."""
    yield "trust", "script"
    user = "response.body"
    if found.rows or found.token.path[:1] == ("0",):
        user = "response.body?.[0]"
    uid = _member(found.identity) or f"{user}?.id"
    # A statement that finds nobody, or everybody, names nobody. It has run well all the same: the app's own
    # code gets the rows, and says what comes of it.
    yield "uid", f"{{{{ response.body?.length === 1 ? {uid} : null }}}}" if found.rows else f"{{{{ {uid} }}}}"
    yield "user", f"{{{{ {user} }}}}"


def _sign_up(kept: Kept) -> Iterator[tuple[str, Any]]:
    yield "query", kept.query
    token = _member(kept)
    if token is not None and not (len(kept.path) == 1 and kept.path[0] in _TOKENS):
        yield "token", f"{{{{ {token} }}}}"


def _member(kept: Kept | None) -> str | None:
    """The member of an answer that is kept, as code over the response; None for one that is computed."""
    if kept is None or "*" in kept.path:
        return None
    code = "response.body"
    for part in kept.path:
        if part.isdigit():
            code += f"?.[{part}]"
        elif part.isidentifier() and part.isascii():
            code += f"?.{part}"
        else:
            return None
    return code


def _access(
    found: SignIn, files: AppFiles, report: Report, titles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Who may open each page."""
    guarded, carrying, open_ = found.guarded or {}, found.carrying or {}, found.open or {}
    for name, page in files.pages.items():
        title = titles.get(name, name)
        if name in open_:
            yield name, "public"
            report.add("sign-in", f"anybody may open it: {open_[name]}", page=title)
        elif name in guarded or name in carrying:
            yield name, "signed-in"
            report.add(
                "sign-in", f"signed-in users may open it: {guarded.get(name) or carrying[name]}", page=title
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


def _problem(
    draft: AppDraft,
    files: AppFiles,
    contract: dict[str, Any],
    access: dict[str, str],
    types: Mapping[str, WidgetType],
    folder: Path,
) -> str | None:
    """What Portico would say against it."""
    manifest = {key: value for key, value in files.manifest.items() if key not in ("auth", "home_page")}
    trial = AppFiles(
        manifest={**manifest, "auth": contract},
        datasources=files.datasources,
        pages={name: PageFiles(head={"title": name}) for name in files.pages},
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


def _apply(files: AppFiles, contract: dict[str, Any], access: dict[str, str]) -> None:
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
    for question in _questions(found):
        report.add("question", question)


def _questions(found: SignIn) -> Iterator[str]:
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
    yield from (f"{name} stores {key} too: is it another way to sign in?" for name in found.others)
    for what, names in (("me", found.me), ("refresh", found.renewing), ("sign_out", found.revoking)):
        if names:
            parameter = "refreshToken" if what == "refresh" else "token"
            yield (
                f"is {' or '.join(names[:3])} the query for `{what}` of the contract? Then copy it "
                f"to queries/ beside app.yaml, send {{{{ this.params.{parameter} }}}} in it, and name it "
                "below auth"
            )
