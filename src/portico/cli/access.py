"""Who may open which page of an app, as a matrix: what the guard itself says (`portico check --access`)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from portico.auth.guard import Allow, Decision, SignIn, decide
from portico.definition.load import Loaded
from portico.model.access import Access, AnyRole, Public, Rule, SignedIn
from portico.model.app import App
from portico.model.identity import Identity

SIGNED_OUT, SIGNED_IN, ROLE = "signed out", "signed in", "role "
#: What a rule decides cannot be said without a user.
BY_RULE = "by rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What somebody gets of a page, and why."""

    who: str
    gets: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One page; `place` is where a rule stands."""

    page: str
    access: str
    cells: tuple[Cell, ...]
    place: str = ""


def rows(app: App) -> list[Row]:
    """The pages of an app, for everybody whom it tells apart."""
    named = sorted({role for page in app.pages.values() for role in _roles(page.access)})
    found = []
    for name, page in app.pages.items():
        cells = [_cell(SIGNED_OUT, page.access, None)]
        if app.contract is not None:
            cells.append(_cell(SIGNED_IN, page.access, _user()))
            cells += [_cell(f"{ROLE}{role}", page.access, _user(role)) for role in named]
        place = str(page.place) if isinstance(page.access, Rule) else ""
        found.append(Row(page=name, access=_said(page.access), cells=tuple(cells), place=place))
    return found


def as_table(app: App) -> Table:
    """For a terminal, of 80 columns too: all roles share one column."""
    found = rows(app)
    table = Table(title=Text(app.name), box=None, pad_edge=False, title_justify="left")
    for title in ("page", "access"):
        table.add_column(title, overflow="fold")
    for title in (SIGNED_OUT, SIGNED_IN)[: len(found[0].cells)]:
        table.add_column(title, no_wrap=True)
    if len(found[0].cells) > 2:
        table.add_column("with a role", overflow="fold")
    for row in found:
        # Which roles these are stands at the end of the row.
        table.add_row(row.page, row.access.partition(":")[0], *(Text(gets) for gets in _shared(row)))
    if any(row.place for row in found):
        table.caption = "by rule: the binding in `access` decides for each user; only `true` opens the page."
        table.caption_justify = "left"
    return table


def _shared(row: Row) -> list[str]:
    """What everybody gets, with one word on all roles: those that get more than others who signed in."""
    gets = [cell.gets for cell in row.cells[:2]]
    roles = row.cells[2:]
    if roles:
        more = [cell for cell in roles if cell.gets != gets[1]]
        names = ", ".join(cell.who.removeprefix(ROLE) for cell in more)
        gets.append(f"{more[0].gets}: {names}" if more else gets[1])
    return gets


def as_json(loaded: Sequence[tuple[Path, Loaded]]) -> str:
    """For tools: one array of all pages of all apps."""
    found = [
        {
            "app": str(folder),
            "page": row.page,
            "access": row.access,
            **({"rule": row.place} if row.place else {}),
            "who": {cell.who: {"gets": cell.gets, "reason": cell.reason} for cell in row.cells},
        }
        for folder, result in loaded
        if result.app is not None
        for row in rows(result.app)
    ]
    return json.dumps(found, indent=2, ensure_ascii=False)


def _cell(who: str, access: Access, identity: Identity | None) -> Cell:
    if isinstance(access, Rule):
        return Cell(who=who, gets=BY_RULE, reason=BY_RULE)
    decision = decide(access, identity)
    return Cell(who=who, gets=_gets(decision), reason=str(decision.reason))


def _gets(decision: Decision) -> str:
    match decision:
        case Allow():
            return "open"
        case SignIn():
            return "sign in"
    return "not found"


def _user(*roles: str) -> Identity:
    return Identity(uid="somebody", user={}, roles=frozenset(roles))


def _roles(access: Access) -> frozenset[str]:
    return access.roles if isinstance(access, AnyRole) else frozenset()


def _said(access: Access) -> str:
    match access:
        case AnyRole(roles=roles):
            return f"roles: {', '.join(sorted(roles))}"
        case Rule():
            return "a rule"
        case SignedIn():
            return "signed-in"
        case Public():
            return "public"
