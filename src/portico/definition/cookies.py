"""Datasources that keep cookies, against whatever else of an app says something about cookies."""

from collections.abc import Iterable, Iterator, Mapping

from portico.definition.auth import ROLES
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, ContractDraft, QueryDraft
from portico.model.query import Datasource

_KEPT = "keeps its cookies itself (`keep_cookies`)"


def check_cookies(app: AppDraft, problems: Problems) -> None:
    """Report cookies that two hands would write, and sign-ins by cookies that cannot say who signed in."""
    _headers(_own(app), app.datasources, problems)
    for package in app.packages.values():
        for module in package.modules.values() if package is not None else ():
            if module is not None and package is not None:
                _headers(module.entities.queries, package.datasources, problems)
    contract = app.manifest.auth
    if contract is not None:
        _sending(app, contract, problems)
        _nobody(app, contract, problems)


def _headers(
    queries: Iterable[QueryDraft], datasources: Mapping[str, Datasource | None], problems: Problems
) -> None:
    for query in queries:
        if query.cookie is not None and _keeps(query, datasources):
            problems.add(
                "E606",
                query.cookie,
                f"the datasource of this query {_KEPT}, and the query has a header `Cookie`",
                remedy="remove the header; what the server set goes along by itself",
            )


def _sending(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    word = contract.cookie
    found = (app.datasources.get(name) for name in _datasources(app, contract))
    kept = sorted({datasource.name for datasource in found if datasource and datasource.keep_cookies})
    if word is not None and kept:
        problems.add(
            "E508",
            word.place,
            f"the datasource `{kept[0]}` {_KEPT}, and `send` would write a cookie of its own",
            received=word.text.value,
            remedy="remove `send.cookie`: the cookies that the server set go along by themselves",
        )


def _nobody(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    """A cookie tells nobody whose it is."""
    role = contract.roles.get("sign_in")
    if role is None or contract.query("me") is not None or {"uid", "token"} & role.mappings.keys():
        return
    name = role.query.text.value if role.query is not None else None
    if any(query.name == name and _keeps(query, app.datasources) for query in _own(app)):
        problems.add(
            "W503",
            role.query.place if role.query is not None else contract.place,
            "nothing says who signed in, unless the answer has a `user` with an `id`: a cookie does not",
            remedy="write `me: {query: …}` with a query that asks the API, or `uid` below `sign_in`",
        )


def _datasources(app: AppDraft, contract: ContractDraft) -> Iterator[str]:
    """Those that get the user's token."""
    named = {word.text.value for role in ROLES if (word := contract.query(role)) is not None}
    for query in _own(app):
        if query.name in named and query.datasource is not None:
            yield query.datasource.text.value
    for word in contract.audience:
        yield word.text.value


def _own(app: AppDraft) -> Iterator[QueryDraft]:
    yield from app.entities.queries
    for page in app.pages.values():
        yield from page.entities.queries


def _keeps(query: QueryDraft, datasources: Mapping[str, Datasource | None]) -> bool:
    found = datasources.get(query.datasource.text.value) if query.datasource is not None else None
    return found is not None and found.keep_cookies
