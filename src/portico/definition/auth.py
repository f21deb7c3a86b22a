"""`auth:` of `app.yaml`: the contract with the app's auth API."""

from portico.definition import pages
from portico.definition.bindings import Snippet
from portico.definition.draft import ContractDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.shapes import BINDING, WORD, Key, Shape, each
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

#: Parts of a contract that send the user something to come back with (hard-cases 13).
STARTS = ("sign_up", "recover", "otp")

_STORE_KEYS = Shape(
    "`store_keys`",
    {
        "token": Key(
            schema=WORD,
            help="The key under which scripts store the token: setting it signs in, clearing it signs out.",
            required=True,
        )
    },
)
_ME = Shape(
    "`me`",
    {
        "query": Key(
            schema=WORD,
            help="A query of the app that answers whose token `this.params.token` is.",
            required=True,
        ),
        "succeeded": Key(schema=BINDING, help="Whether the token counts; without it: the status is 2xx."),
        "uid": Key(schema=BINDING, help="Who it is; without it `id`, `sub` or `uid` of the body."),
        "user": Key(schema=BINDING, help="What `auth.user` is; without it the body."),
        "roles": Key(schema=BINDING, help="The user's roles, a list; without it none."),
        "error": Key(schema=BINDING, help="What the user is told when it does not count."),
    },
)


def _of_query(word: str) -> Shape:
    query = Key(schema=WORD, help="A query of the app or of a page.", required=True)
    return Shape(f"`{word}`", {"query": query})


SHAPE = Shape(
    "`auth`",
    {
        "entry_page": Key(
            schema=WORD, help="The page that signed-out visitors see; always public.", required=True
        ),
        "home_page": Key(schema=WORD, help="The page that signed-in users see first.", required=True),
        "store_keys": Key(schema=_STORE_KEYS.schema(), help="What the keys of the store mean."),
        "me": Key(schema=_ME.schema(), help="The query that confirms a token, and what its `response` says."),
        "refresh": Key(
            schema=_of_query("refresh").schema(),
            help="A query that brings another token for the same user: the session goes on with it.",
        ),
        **{
            word: Key(
                schema=_of_query(word).schema(),
                help="A query that sends the user a link which comes back here: the browser that ran it is "
                "signed in by the link at once, any other is asked first.",
            )
            for word in STARTS
        },
        "keep": Key(schema=each(WORD), help="Keys of the store that outlive a log-out."),
    },
)

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
    fields = Fields(node, outer.problems, SHAPE)
    entry = fields.required_word("entry_page", "name the page that signed-out visitors see")
    home = fields.required_word("home_page", "name the page that signed-in users see first")
    keys = _store_keys(fields)
    me, mappings = _me(fields)
    refresh = _query(fields, "refresh")
    starts = [word for key in STARTS if (word := _query(fields, key)) is not None]
    keep = fields.words_of("keep")
    fields.done()
    return ContractDraft(
        place=place,
        entry_page=entry,
        home_page=home,
        token_key=keys,
        me=me,
        mappings=mappings,
        refresh=refresh,
        starts=tuple(starts),
        keep=keep,
    )


def _query(fields: Fields, key: str) -> Scalar | None:
    """The query that `key: {query: name}` names."""
    table = fields.table_of(key)
    if table is None:
        return None
    inner = Fields(table, fields.problems, _of_query(key))
    word = inner.required_word("query", "name a query of the app or of a page")
    inner.done()
    return word


def _store_keys(fields: Fields) -> Scalar | None:
    table = fields.table_of("store_keys")
    if table is None:
        return None
    inner = Fields(table, fields.problems, _STORE_KEYS)
    token = inner.required_word("token", "name the store key that holds the token, like jwt")
    inner.done()
    return token


def _me(fields: Fields) -> tuple[Scalar | None, dict[str, Snippet]]:
    table = fields.table_of("me")
    if table is None:
        return None, {}
    inner = Fields(table, fields.problems, _ME)
    query = inner.required_word("query", "name a query of the app's folder queries/")
    mappings = {}
    for name in DEFAULTS:
        node = inner.node(name)
        snippet = None if node is None else pages.rule(node, fields.problems, name)
        if snippet is not None:
            mappings[name] = snippet
    inner.done()
    return query, mappings
