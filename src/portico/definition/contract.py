"""What `auth:` declares against the pages and queries there are."""

from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, ContractDraft, ModuleDraft, QueryDraft
from portico.definition.lookup import check_defined, check_exists
from portico.definition.module_check import INPUTS
from portico.definition.module_lookup import query_instances
from portico.definition.names import suggestion
from portico.definition.parts import query_snippets
from portico.definition.source import Scalar
from portico.model.access import Public


def check_contract(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    """Report what the contract names and the app does not have, and what would not hold."""
    for word in (contract.entry_page, contract.home_page):
        if word is not None:
            check_exists("E407", word.place, word.text.value, app.pages, "page", problems)
    _entry_page(app, contract, problems)
    for snippet in contract.mappings.values():
        check_defined(snippet.source, snippet.start, snippet.reading, frozenset({"response"}), problems)
    _token_key(contract, problems)
    if contract.me is not None:
        _me(app, contract.me, problems)
    for word in (contract.refresh, *contract.starts):
        if word is not None:
            _known_query(app, word, problems)
    if contract.token_key is None:
        problems.add(
            "W501",
            contract.place,
            "nobody can sign in by this contract",
            remedy="write `store_keys` and `me`",
        )


def _known_query(app: AppDraft, word: Scalar, problems: Problems) -> None:
    """A query that pages run may stand with the app or with a page."""
    places = (app.entities, *(page.entities for page in app.pages.values()))
    if not any(found.broken for found in places):
        names = [query.name for found in places for query in found.queries]
        names += [name for found in places for name in query_instances(app, found)]
        check_exists("E505", word.place, word.text.value, names, "query", problems)


def _entry_page(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    entry = app.pages.get(contract.entry_page.text.value) if contract.entry_page else None
    if entry is not None and not isinstance(entry.access, Public | None):
        problems.add(
            "E502",
            entry.access_place,
            "the entry page is what signed-out visitors see, so it is public",
            remedy="write `access: public`, or choose another entry_page in app.yaml",
        )


def _token_key(contract: ContractDraft, problems: Problems) -> None:
    key = contract.token_key
    if key is None:
        return
    for kept in contract.keep:
        if kept.text.value == key.text.value:
            problems.add(
                "E506",
                kept.place,
                "the token must not outlive a log-out",
                received=kept.text.value,
                remedy="remove it",
            )
    if contract.me is None:
        problems.add(
            "E504",
            key.place,
            "a stored token signs in only after the auth API accepted it",
            remedy="write `me: {query: …}` with a query that asks the auth API who the user is",
        )


def _me(app: AppDraft, word: Scalar, problems: Problems) -> None:
    name = word.text.value
    used = query_instances(app, app.entities)
    module = used.get(name)
    found = app.entities.queries if module is None else module.entities.queries
    own = name if module is None else module.main
    query = next((query for query in found if query.name == own), None)
    if query is not None:
        if not _sends_token(query, module):
            problems.add(
                "E505",
                query.place,
                f"the query `{name}` does not send the token that it is asked about",
                remedy='send it, for example as a header: Authorization: "Bearer {{ this.params.token }}"',
            )
        return
    # What cannot be read was reported, and may be what is missing here.
    if app.entities.broken or name in used:
        return
    names = [*(query.name for query in app.entities.queries), *used]
    remedy = suggestion(name, names, none=f"write queries/{name}.yaml beside app.yaml")
    for page in app.pages.values():
        if any(query.name == name for query in page.entities.queries):
            remedy = f"move pages/{page.name}/queries/{name}.yaml to queries/ beside app.yaml"
    problems.add("E505", word.place, f"the app has no query `{name}`", received=name, remedy=remedy)


def _sends_token(query: QueryDraft, module: ModuleDraft | None) -> bool:
    """Whether it reads the parameter `token`, which an input of a module may be too."""
    uses = [use for snippet in query_snippets(query) for use in snippet.reading.uses]
    if any(use.name == "this" and use.path[:2] == ("params", "token") for use in uses):
        return True
    takes = module is not None and "token" in module.contract.inputs
    return takes and any(use.name == INPUTS and use.path[:1] == ("token",) for use in uses)
