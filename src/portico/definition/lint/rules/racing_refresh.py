"""A renewal by hand that two pages, tabs or queries can begin at once."""

from collections.abc import Iterator

from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject


def find(subject: Subject) -> Iterator[Spot]:
    """Calls of queries that send a refresh token, but for the contract's own where Portico renews."""
    for page in subject.pages:
        taken = _taken(page)
        for piece in page.view.acting():
            for call, query in page.runs(piece):
                if query in page.renewing and query != taken:
                    yield Spot(place=piece.place(call), received=piece.excerpt(call))


def _taken(page: Facts) -> str | None:
    """The query whose calls by hand wait for each other: with `sign_in` the server renews, and so do they."""
    return page.contract.get("refresh") if "sign_in" in page.contract else None


RULE = Rule(
    id="racing-refresh",
    reason="two tabs or two queries can renew at once, and an auth API that takes a refresh token once signs "
    "the user out for the second",
    remedy="declare `sign_in` and `refresh` in `auth`: the server renews in time, once for all that wait",
    find=find,
)
