"""`auth:` of `app.yaml`: the contract with the app's auth API."""

from portico.definition import pages
from portico.definition.bindings import Snippet
from portico.definition.draft import ContractDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.source import Scalar, Table
from portico.model.place import Place

#: The mappings over the answer of `me`, and what they are when the app does not say.
DEFAULTS = {
    "succeeded": "response.status >= 200 && response.status < 300",
    "uid": "response.body?.id ?? response.body?.sub ?? response.body?.uid",
    "user": "response.body",
    "roles": "[]",
    "error": (
        "((b) => [b, b?.message, b?.msg, b?.detail, b?.error?.message, b?.errors?.[0]?.message]"
        '.find((m) => typeof m === "string" && m !== ""))(response.body)'
    ),
}

_REMEDY = "write `auth: none`, or `auth:` with entry_page, home_page, store_keys and me"


def read(fields: Fields) -> tuple[bool, ContractDraft | None]:
    """Whether the app has a contract, and what it says."""
    node = fields.node("auth")
    if node is None:
        fields.problems.add("E501", fields.place, "app.yaml does not say how users sign in", remedy=_REMEDY)
        return True, None
    if isinstance(node, Scalar) and node.value == "none":
        return False, None
    if not isinstance(node, Table):
        wrong_type(fields.problems, node, "`auth` is `none` or a contract", _REMEDY, code="E501")
        return True, None
    return True, _contract(node, fields.place_of("auth"), fields)


def _contract(node: Table, place: Place, outer: Fields) -> ContractDraft:
    fields = Fields(node, outer.problems, "`auth`")
    entry = fields.required_word("entry_page", "name the page that signed-out visitors see")
    home = fields.required_word("home_page", "name the page that signed-in users see first")
    keys = _store_keys(fields)
    me, mappings = _me(fields)
    keep = fields.words_of("keep")
    fields.done()
    return ContractDraft(
        place=place, entry_page=entry, home_page=home, token_key=keys, me=me, mappings=mappings, keep=keep
    )


def _store_keys(fields: Fields) -> Scalar | None:
    table = fields.table_of("store_keys")
    if table is None:
        return None
    inner = Fields(table, fields.problems, "`store_keys`")
    token = inner.required_word("token", "name the store key that holds the token, like jwt")
    inner.done()
    return token


def _me(fields: Fields) -> tuple[Scalar | None, dict[str, Snippet]]:
    table = fields.table_of("me")
    if table is None:
        return None, {}
    inner = Fields(table, fields.problems, "`me`")
    query = inner.required_word("query", "name a query of the app's folder queries/")
    mappings = {}
    for name in DEFAULTS:
        node = inner.node(name)
        snippet = None if node is None else pages.rule(node, fields.problems, name)
        if snippet is not None:
            mappings[name] = snippet
    inner.done()
    return query, mappings
