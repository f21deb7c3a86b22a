"""What `auth:` declares against the pages and queries there are."""

import re

from portico.definition import own_users, sharing
from portico.definition.auth import ROLES
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, ContractDraft, ModuleDraft, ProviderDraft, QueryDraft
from portico.definition.lookup import check_defined, check_exists
from portico.definition.module_check import INPUTS
from portico.definition.module_lookup import query_instances
from portico.definition.names import suggestion
from portico.definition.oidc import NAMES
from portico.definition.parts import query_snippets
from portico.definition.source import Scalar
from portico.model.access import Public

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)


def check_contract(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    """Report what the contract names and the app does not have, and what would not hold."""
    for word in (contract.entry_page, contract.home_page, contract.pending_page):
        if word is not None:
            check_exists("E407", word.place, word.text.value, app.pages, "page", problems)
    _open_pages(app, contract, problems)
    _pending(contract, problems)
    mappings = [snippet for said in contract.roles.values() for snippet in said.mappings.values()]
    for snippet in (*mappings, *((contract.refused,) if contract.refused is not None else ())):
        check_defined(snippet.source, snippet.start, snippet.reading, frozenset({"response"}), problems)
    _token_key(contract, problems)
    sharing.check(contract, problems)
    own_users.check(app, contract, problems)
    _queries(app, contract, problems)
    if contract.user_type is not None:
        word = contract.user_type
        check_exists("E410", word.place, word.text.value, app.types, "data type", problems)
    for word in contract.audience:
        check_exists("E405", word.place, word.text.value, app.datasources, "datasource", problems)
    if contract.provider is not None:
        _provider(contract, contract.provider, problems)
        return
    _exchange(contract, problems)
    if contract.token_key is None and contract.query("sign_in") is None:
        problems.add(
            "W501",
            contract.place,
            "nobody can sign in by this contract",
            remedy="write `preset:`, `sign_in: {query: …}`, or `store_keys` and `me`",
        )


def _exchange(contract: ContractDraft, problems: Problems) -> None:
    """The way to a provider of the auth API, and the way back, go together."""
    authorize, exchange = contract.authorize, contract.query("exchange")
    found = authorize or exchange
    if found is not None and (authorize is None or exchange is None):
        problems.add(
            "E523",
            found.place,
            "a sign-in at a provider of the auth API needs both `authorize` and `exchange`",
            received=found.text.value,
            remedy="write `authorize: /auth/v1/authorize` and `exchange: {query: exchange}`",
        )
    if authorize is not None and not _PATH.fullmatch(authorize.text.value):
        problems.add(
            "E523",
            authorize.place,
            "`authorize` is a path of the auth API",
            received=authorize.text.value,
            remedy="write it like /auth/v1/authorize",
        )


def _provider(contract: ContractDraft, provider: ProviderDraft, problems: Problems) -> None:
    """There is one way in: who signs in at the provider has no password for a query to send."""
    said = (*(contract.query(role) for role in ROLES), contract.token_key, contract.authorize)
    for word in said:
        if word is None:
            continue
        problems.add(
            "E521",
            word.place,
            "`preset: oidc` signs in at the provider, and in no other way",
            received=word.text.value,
            remedy="remove this, or the preset",
        )
    for name, snippet in provider.mappings.items():
        check_defined(snippet.source, snippet.start, snippet.reading, frozenset(NAMES), problems)
        if name == "uid" and any(use.path[:1] == ("email",) for use in snippet.reading.uses):
            problems.add(
                "W521",
                snippet.source.place(snippet.start),
                "an e-mail address is no identity: it can be changed, and given to somebody else",
                received=snippet.text,
                remedy="leave `uid` out: it is the claim `sub`, which stays",
            )


def _queries(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    for role in ROLES:
        word = contract.query(role)
        if word is None:
            continue
        refreshes = role == "refresh" and contract.query("sign_in") is not None
        if role in ("me", "sign_out", "exchange") or refreshes:
            _of_app(app, word, problems)
        else:
            _known_query(app, word, problems)
        if role == "me":
            _asks_about_token(app, word.text.value, contract.sending.header, problems)


def _known_query(app: AppDraft, word: Scalar, problems: Problems) -> None:
    """A query that pages run may stand with the app or with a page."""
    places = (app.entities, *(page.entities for page in app.pages.values()))
    if not any(found.broken for found in places):
        names = [query.name for found in places for query in found.queries]
        names += [name for found in places for name in query_instances(app, found)]
        check_exists("E505", word.place, word.text.value, names, "query", problems)


def _open_pages(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    named = {"entry_page": contract.entry_page, "pending_page": contract.pending_page}
    for key, word in named.items():
        page = app.pages.get(word.text.value) if word is not None else None
        if page is not None and not isinstance(page.access, Public | None):
            problems.add(
                "E502",
                page.access_place,
                f"the {key.replace('_', ' ')} is what signed-out visitors see, so it is public",
                remedy=f"write `access: public`, or choose another {key} in app.yaml",
            )


def _pending(contract: ContractDraft, problems: Problems) -> None:
    """A second step needs a page to be taken on, and a query to end it."""
    said = [
        (role, said.mappings["pending"])
        for role, said in contract.roles.items()
        if "pending" in said.mappings
    ]
    for role, snippet in said:
        if contract.pending_page is None:
            problems.add(
                "E507",
                snippet.source.place(snippet.start),
                f"`{role}` can need another step, and there is no page for it",
                remedy="write `pending_page:` with the page that asks for what is missing",
            )
    if contract.pending_page is not None and not said:
        problems.add(
            "W502",
            contract.pending_page.place,
            "nothing leads to this page: no query of the contract says `pending`",
            remedy='write `pending: "{{ … }}"` below `sign_in`, or remove it',
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
    if contract.query("me") is None and contract.query("sign_in") is None:
        problems.add(
            "E504",
            key.place,
            "a stored token signs in only after the auth API accepted it",
            remedy="write `me: {query: …}` with a query that asks the auth API who the user is",
        )


def _of_app(app: AppDraft, word: Scalar, problems: Problems) -> None:
    """A query that this server runs itself, so that it belongs to no page."""
    name = word.text.value
    used = query_instances(app, app.entities)
    names = [*(query.name for query in app.entities.queries), *used]
    # What cannot be read was reported, and may be what is missing here.
    if app.entities.broken or name in names:
        return
    remedy = suggestion(name, names, none=f"write queries/{name}.yaml beside app.yaml")
    for page in app.pages.values():
        if any(query.name == name for query in page.entities.queries):
            remedy = f"move pages/{page.name}/queries/{name}.yaml to queries/ beside app.yaml"
    problems.add("E505", word.place, f"the app has no query `{name}`", received=name, remedy=remedy)


def _asks_about_token(app: AppDraft, name: str, header: str, problems: Problems) -> None:
    """A `me` that sends something else in the place of the token confirms nothing."""
    module = query_instances(app, app.entities).get(name)
    found = app.entities.queries if module is None else module.entities.queries
    own = name if module is None else module.main
    query = next((query for query in found if query.name == own), None)
    if query is None or not any(key.lower() == header.lower() for key, _ in query.headers):
        return
    if not _sends_token(query, module):
        problems.add(
            "E505",
            query.place,
            f"the query `{name}` does not send the token that it is asked about",
            remedy=f"remove its header, or send the token in it: {header}: "
            '"Bearer {{ this.params.token }}"',
        )


def _sends_token(query: QueryDraft, module: ModuleDraft | None) -> bool:
    """Whether it reads the parameter `token`, which an input of a module may be too."""
    uses = [use for snippet in query_snippets(query) for use in snippet.reading.uses]
    if any(use.name == "this" and use.path[:2] == ("params", "token") for use in uses):
        return True
    takes = module is not None and "token" in module.contract.inputs
    return takes and any(use.name == INPUTS and use.path[:1] == ("token",) for use in uses)
