"""`auth:` of `app.yaml`: the contract with the app's auth API."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

from portico.definition import headers, oidc, pages, preset, sharing
from portico.definition.bindings import Snippet
from portico.definition.draft import ContractDraft, PresetDraft, ProviderDraft, RoleDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.folder import Folder
from portico.definition.shapes import BINDING, FLAG, LASTING, WORD, Key, Shape, each, either, integer, one_of
from portico.definition.source import Scalar, Table
from portico.model.place import Place
from portico.model.query import Role, Sending

#: Longest that a session can be let last: cookies end after 400 days in browsers (RFC 6265bis).
_LONGEST = timedelta(days=365)

ROLES: tuple[Role, ...] = get_args(Role)

_SUCCEEDED = "response.status >= 200 && response.status < 300"
_REFUSED = "response.status === 401"


def _first(*members: str) -> str:
    """The first of these members of the body that is text."""
    found = "undefined"
    for member in reversed(members):
        found = f'typeof {member} === "string" && {member} !== "" ? {member} : {found}'
    return found


def _of_body(*names: str) -> str:
    return _first(*(f"response.body?.{name}" for name in names))


_WORDS = ("message", "msg", "detail", "error_description", "error?.message", "errors?.[0]?.message")
_ERROR = _first("response.body", *(f"response.body?.{name}" for name in _WORDS))
_USER = "(response.body?.user ?? response.body?.record)"
#: The mappings over the answer of a query that hands out tokens, and what they are when the app does not say.
_GRANT: Mapping[str, str | None] = {
    "succeeded": _SUCCEEDED,
    "token": _of_body("access_token", "accessToken", "token", "jwt", "access"),
    "refresh_token": _of_body("refresh_token", "refreshToken", "refresh"),
    "expires_in": "response.body?.expires_in",
    "expires_at": "response.body?.expires_at",
    "uid": f"{_USER}?.id ?? {_USER}?.uid",
    "user": _USER,
    "roles": None,
    "error": _ERROR,
}
#: The same for those that can end in another step.
_STEPS = {**_GRANT, "pending": None}
#: The mappings over the answer of any other query of the contract.
_DONE = {"succeeded": _SUCCEEDED, "error": _ERROR}
#: By role: the mappings that it has, and what they are when the app does not say: None is nothing.
DEFAULTS: Mapping[Role, Mapping[str, str | None]] = {
    "sign_in": _STEPS,
    "sign_up": _STEPS,
    "verify": _STEPS,
    "refresh": {**_GRANT, "refused": _REFUSED},
    "exchange": _GRANT,
    "me": {
        "succeeded": _SUCCEEDED,
        "uid": "response.body?.id ?? response.body?.sub ?? response.body?.uid",
        "user": "response.body",
        "roles": "[]",
        "error": _ERROR,
        "refused": _REFUSED,
    },
    "sign_out": _DONE,
    "recover": _DONE,
    "otp": _DONE,
}
_MEANINGS = {
    "succeeded": "Whether it went well; without it: the status is 2xx.",
    "token": "The token; without it `access_token`, `accessToken`, `token`, `jwt` or `access` of the body.",
    "refresh_token": "What renews it; without it `refresh_token`, `refreshToken` or `refresh` of the body.",
    "expires_in": "In how many seconds it ends; without it `expires_in`, or what the token itself says.",
    "expires_at": "When the token ends, in seconds since 1970, or as a date; without it `expires_at`.",
    "uid": "Who it is; without it the `id` of the user in the answer.",
    "user": "What `auth.user` is; without it the user in the answer.",
    "roles": "The user's roles, a list; without it none.",
    "error": "What the user is told when it did not go well.",
    "refused": "Whether it says that the token is good no more; without it what `refused` of `auth` says.",
    "pending": "Whether another step has to follow, on `pending_page`: until then nobody is signed in.",
}
_HELP: Mapping[Role, str] = {
    "sign_in": "The query that signs in: once it went well, its user is signed in.",
    "sign_up": "The query that makes an account: who gets a token is signed in. A link that comes back here "
    "signs in the browser that ran it.",
    "verify": "The query that takes a code: it ends a sign-in of several steps, or one without a password.",
    "refresh": "A query that brings another token for the same user: the session goes on with it. "
    "`this.params.refreshToken` and `this.params.token` are what there is.",
    "sign_out": "A query that ends the token at the auth API; run after every log-out.",
    "me": "The query that confirms a token, `this.params.token`, and says whose it is.",
    "recover": "A query that sends the user a link which comes back here: the browser that ran it is "
    "signed in by the link at once, any other is asked first.",
    "exchange": "The query that trades the code of a sign-in at a provider for tokens: it sends "
    "`this.params.code` and `this.params.codeVerifier`.",
    "otp": "The same for a link, or a code, that signs in without a password.",
}

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
_SEND = Shape(
    "`send`",
    {
        "header": Key(schema=WORD, help="The header that carries the token; `Authorization` by default."),
        "scheme": Key(
            schema=WORD, help='What stands before it; `Bearer` by default, `""` where nothing does.'
        ),
        "cookie": Key(schema=WORD, help="The name of a cookie that carries the token, in place of a header."),
    },
)


_TRUST = Key(
    schema=one_of(("script",)),
    help="`script`: once the query went well, the app's scripts decide that its user is signed in, by "
    "`auth.logIn` or the store key, also without a token.",
)


def _role(role: Role) -> Shape:
    query = Key(schema=WORD, help="A query of the app or of a page.", required=True)
    trust = {"trust": _TRUST} if role == "sign_in" else {}
    meanings = {name: Key(schema=BINDING, help=_MEANINGS[name]) for name in DEFAULTS[role]}
    return Shape(f"`{role}`", {"query": query, **trust, **meanings})


_SHAPES: Mapping[Role, Shape] = {role: _role(role) for role in ROLES}


def _roles() -> dict[str, Key]:
    none = one_of(("none",))
    return {role: Key(schema=either(none, _SHAPES[role].schema()), help=_HELP[role]) for role in ROLES}


SHAPE = Shape(
    "`auth`",
    {
        "entry_page": Key(
            schema=WORD, help="The page that signed-out visitors see; always public.", required=True
        ),
        "home_page": Key(schema=WORD, help="The page that signed-in users see first.", required=True),
        **preset.KEYS,
        **oidc.KEYS,
        "authorize": Key(
            schema=WORD,
            help="The path at which the auth API sends browsers on to providers, which `exchange` completes: "
            "`auth.signIn({ provider: 'github' })`.",
        ),
        **_roles(),
        "user_type": Key(schema=WORD, help="The data type of `auth.user`, of `types/`; without it any JSON."),
        "store_keys": Key(schema=_STORE_KEYS.schema(), help="What the keys of the store mean."),
        "session": sharing.KEY,
        "persist_sessions": Key(
            schema=FLAG,
            help="Whether users stay signed in when the browser is closed; they do unless `false`.",
        ),
        "audience": Key(
            schema=each(WORD), help="Datasources, besides the contract's own, that get the user's token."
        ),
        "refused": Key(
            schema=BINDING,
            help="Whether an answer with an error says that the token is good no more, so that it is renewed "
            "and the call repeated, or the session ends. Without it: the status is 401.",
        ),
        "send": Key(schema=_SEND.schema(), help="How requests carry the token."),
        "pending_page": Key(
            schema=WORD, help="The page for the second step of a sign-in; always public. See `pending`."
        ),
        "max_stale": Key(
            schema=integer(0, 86_400),
            help="Seconds that a user's roles count while the auth API does not answer; 600 by default.",
        ),
        "idle_timeout": Key(
            schema=LASTING,
            help="After how long without an action of its user a session ends, like `30m`; never by default.",
        ),
        "absolute_timeout": Key(
            schema=LASTING, help="How long a session lasts at most, like `12h`; `14d` by default."
        ),
        "sessions_per_user": Key(
            schema=integer(1, 1000),
            help="Most sessions of one user: the oldest makes room for another; 100 by default.",
        ),
        "keep": Key(schema=each(WORD), help="Keys of the store that outlive a log-out."),
    },
)

_REMEDY = "write `auth: none`, or `auth:` with entry_page, home_page, and `preset`, `sign_in` or `store_keys`"


def read(fields: Fields, folder: Folder, provider: oidc.Reader) -> tuple[bool, ContractDraft | None]:
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
    own = Fields(node, fields.problems, SHAPE)
    name = preset.chosen(own)
    if name is None and own.node("preset") is not None:
        return True, None
    place = fields.place_of("auth")
    if name == preset.OIDC:
        return True, _contract(own, place, signed=provider.read(own))
    oidc.refuse(own)
    if name is None:
        return True, _contract(own, place)
    brought = preset.read(name, own, folder)
    whole = Fields(preset.merged(brought.auth, node), fields.problems, SHAPE)
    return True, _contract(whole, place, brought=brought)


def _contract(
    fields: Fields, place: Place, *, brought: PresetDraft | None = None, signed: ProviderDraft | None = None
) -> ContractDraft:
    entry = fields.required_word("entry_page", "name the page that signed-out visitors see")
    home = fields.required_word("home_page", "name the page that signed-in users see first")
    keys = _store_keys(fields)
    roles = {role: found for role in ROLES if (found := _read_role(fields, role)) is not None}
    persist = fields.flag("persist_sessions")
    audience, keep = fields.words_of("audience"), fields.words_of("keep")
    (sending, cookie), user_type = _sending(fields), fields.word("user_type")
    authorize, pending_page = fields.word("authorize"), fields.word("pending_page")
    max_stale = fields.integer("max_stale", least=0, most=86_400)
    idle = fields.lasting("idle_timeout", least=timedelta(minutes=1), most=_LONGEST)
    absolute = fields.lasting("absolute_timeout", least=timedelta(minutes=5), most=_LONGEST)
    per_user = fields.integer("sessions_per_user", least=1, most=1000)
    refused, group = _mapping(fields, "refused"), sharing.read(fields)
    fields.done()
    return ContractDraft(
        place=place,
        entry_page=entry,
        home_page=home,
        token_key=keys,
        roles=roles,
        keep=keep,
        persist=persist is not False,
        audience=audience,
        sending=sending,
        cookie=cookie,
        provider=signed,
        # Who leaves the preset's `exchange` out leaves both out.
        authorize=authorize if brought is None or "exchange" in roles else None,
        preset=brought,
        pending_page=pending_page,
        max_stale=timedelta(seconds=600 if max_stale is None else max_stale),
        user_type=user_type,
        refused=refused,
        idle_timeout=idle,
        absolute_timeout=absolute or timedelta(days=14),
        sessions_per_user=per_user or 100,
        group=group,
    )


def _read_role(fields: Fields, role: Role) -> RoleDraft | None:
    """What `<role>: {query: name, …}` says; by `none` there is no such query, whatever a preset has."""
    node = fields.node(role)
    if isinstance(node, Scalar) and node.value == "none":
        return None
    table = fields.table_of(role)
    if table is None:
        return None
    inner = Fields(table, fields.problems, _SHAPES[role])
    word = inner.required_word("query", "name a query of the app or of a page")
    trusted = role == "sign_in" and inner.choice("trust", ("script",), "") == "script"
    mappings: dict[str, Snippet] = {}
    for name in DEFAULTS[role]:
        snippet = _mapping(inner, name)
        if snippet is not None:
            mappings[name] = snippet
    inner.done()
    return RoleDraft(query=word, trusted=trusted, mappings=mappings)


def _mapping(fields: Fields, name: str) -> Snippet | None:
    node = fields.node(name)
    return None if node is None else pages.rule(node, fields.problems, name)


def _store_keys(fields: Fields) -> Scalar | None:
    table = fields.table_of("store_keys")
    if table is None:
        return None
    inner = Fields(table, fields.problems, _STORE_KEYS)
    token = inner.required_word("token", "name the store key that holds the token, like jwt")
    inner.done()
    return token


def _sending(fields: Fields) -> tuple[Sending, Scalar | None]:
    """How the token goes along; and the cookie that it goes in, if it does."""
    table = fields.table_of("send")
    if table is None:
        return Sending(), None
    inner = Fields(table, fields.problems, _SEND)
    header, scheme, cookie = inner.word("header"), inner.word("scheme"), inner.word("cookie")
    inner.done()
    for word in (header, cookie):
        if word is not None:
            # The name of a cookie is a token too (RFC 6265, 4.1.1).
            headers.check_name(word.text.value, word.place, fields.problems)
    if cookie is not None:
        return Sending(header="Cookie", scheme="", cookie=cookie.text.value), cookie
    return Sending(
        header=header.text.value if header is not None else Sending().header,
        scheme=scheme.text.value if scheme is not None else "" if header is not None else Sending().scheme,
    ), None
