"""Where the role that guards compare comes from: which members of which answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portico.definition.lint import calls, syntax, trace
from portico.definition.lint.facts import Facts
from portico.importers.appsmith.page_roles import Guards, PageRoles
from portico.importers.appsmith.sign_in import SignIn
from portico.importers.appsmith.upkeep import Concluded

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Roles:
    """The pages that are for roles, and where these stand in the answers of queries, by their names. The home
    page is none of them, as everybody is led there: `home` is what its guard asks for."""

    pages: Mapping[str, PageRoles]
    unclear: Mapping[str, str]
    answers: Mapping[str, Path]
    home: PageRoles | None = None


def roles(pages: Sequence[Facts], found: SignIn, guards: Guards, me: Concluded | None) -> Roles:
    """What of the guards holds: those whose role is told by the auth API, and by it alone. A guard that asks
    otherwise is unclear."""
    unclear = dict(guards.unclear)
    known: dict[str, PageRoles] = {}
    answers: Mapping[str, Path] = {}
    for name, guard in guards.known.items():
        told = _told(pages, found, guard.path, me)
        if told is None or (answers and told != answers):
            unclear[name] = guard.reason
        else:
            known[name], answers = guard, told
    return Roles(home=known.pop(found.home, None), pages=known, unclear=unclear, answers=answers)


def _told(
    pages: Sequence[Facts], found: SignIn, path: Path, me: Concluded | None
) -> Mapping[str, Path] | None:
    """Where the answers that are kept under a key have the role; None where something else is kept there."""
    key, members = path[0], path[1:]
    asked = {found.query, *([me.query] if me is not None else [])}
    known = asked | ({found.sign_up.query} if found.sign_up is not None else set())
    if any(not names or not names <= known for names in _keepers(pages, key)):
        return None
    told: dict[str, Path] = {}
    for one in found.kept:
        if one.key == "*" and one.query == found.query:
            told.setdefault(one.query, path)
        if one.key != key:
            continue
        whole = (*one.path, *members)
        if told.setdefault(one.query, whole) != whole:
            return None
    plain = all("*" not in whole and all(_is_plain(part) for part in whole) for whole in told.values())
    if not told or not plain:
        return None
    if found.trusted:
        told = {query: whole for query, whole in told.items() if query == found.query}
    # What else keeps the key signs nobody in, or brings no roles.
    return told if not asked.isdisjoint(told) else None


def _keepers(pages: Sequence[Facts], key: str) -> Iterator[set[str]]:
    """The queries that each value comes from that is stored under a key; empty where one is no answer."""
    for page in pages:
        for piece in page.view.acting():
            for call in calls.of(page, piece):
                given = syntax.arguments(call.node)
                if not calls.is_function(call, "storeValue") or len(given) < 2:
                    continue
                if syntax.text(piece, given[0]) != key or syntax.is_nothing(piece, given[1]):
                    continue
                origins = [origin.name for origin in trace.origins(page.view, piece, given[1])]
                answered = all(one.id in page.view.queries and one.path[:1] == ("data",) for one in origins)
                yield {one.id for one in origins} if answered else set()


def _is_plain(part: str) -> bool:
    return part.isdigit() or (part.isidentifier() and part.isascii())
