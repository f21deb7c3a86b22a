"""What the file of an API can hold that the embedded auth server imitates."""

from collections.abc import Mapping

from portico.definition.shapes import ANYTHING, FLAG, LASTING, WORD, Key, Schema, Shape, each, integer, one_of
from portico.definition.shapes import named as in_definitions
from portico.definition.shapes import table as named

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: What requests of an endpoint can bring, by the names that `fields` gives them.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "sign_in": ("login", "password"),
    "sign_up": ("email", "username", "password"),
    "refresh": ("refresh_token",),
    "me": (),
    "sign_out": ("refresh_token",),
    "recover": ("email",),
}
#: What a request can be written as.
TAKES = ("any", "json", "form")
#: What can say which sign-in is renewed or ended.
BY = ("access_token", "refresh_token")

_METHOD = one_of(METHODS)
_REPLY = {
    "status": Key(schema=integer(200, 599), help="The status of the answer."),
    "body": Key(
        schema=ANYTHING,
        help="The answer, sent as JSON. A text such as `{access_token}` stands for a value; without `body` "
        "there is none.",
    ),
    "headers": Key(schema=named(WORD), help="Headers of the answer."),
    "cookies": Key(schema=named(WORD), help="Cookies that the answer sets."),
}
ERROR = Shape("a refusal", _REPLY)
ERRORS = Shape(
    "`errors`",
    {
        "wrong_password": Key(schema=in_definitions("refusal"), help="No such account, or not its password."),
        "no_token": Key(schema=in_definitions("refusal"), help="There is no access token."),
        "dead_token": Key(
            schema=in_definitions("refusal"), help="There is one that opens nothing (any more)."
        ),
        "dead_refresh_token": Key(
            schema=in_definitions("refusal"), help="A refresh token that renews nothing."
        ),
        "blocked": Key(schema=in_definitions("refusal"), help="The account may not sign in."),
        "taken": Key(schema=in_definitions("refusal"), help="There is such an account already."),
        "bad_request": Key(schema=in_definitions("refusal"), help="A field is missing, or no text."),
        "not_found": Key(schema=in_definitions("refusal"), help="There is no such path."),
        "too_many": Key(schema=in_definitions("refusal"), help="Too many attempts."),
        "failed": Key(schema=in_definitions("refusal"), help="Everything else; faults of a status, too."),
    },
)
ENDPOINT = Shape(
    "an endpoint",
    {
        "method": Key(schema=_METHOD, help="GET for `me`, and else POST, unless it is said."),
        "path": Key(schema=WORD, help="Where it is.", required=True),
        "query": Key(schema=named(WORD), help="What the address must say behind `?`."),
        "fields": Key(
            schema=named(WORD),
            help="What the request calls what it brings: `login`, `password`, `email`, `username`, "
            "`refresh_token`.",
        ),
        "takes": Key(
            schema=one_of(TAKES), help="What the request has to be: `json` or a `form`; `any` is either."
        ),
        "by": Key(
            schema=one_of(BY),
            help="Of `refresh` and `sign_out`: which token says what is renewed or ended. Without it "
            "`refresh` goes by the refresh token and `sign_out` by the access token.",
        ),
        **_REPLY,
        "errors": Key(
            schema=in_definitions("refusals"),
            help="How this endpoint refuses, where it has words of its own.",
        ),
    },
)
ENDPOINTS = Shape(
    "`endpoints`",
    {
        "sign_in": Key(schema=in_definitions("endpoint"), help="Takes a password, hands out tokens."),
        "sign_up": Key(schema=in_definitions("endpoint"), help="Makes an account."),
        "refresh": Key(schema=in_definitions("endpoint"), help="Renews an access token."),
        "me": Key(
            schema=in_definitions("endpoint"),
            help="Says whose an access token is; not needed where `refresh` goes by that.",
        ),
        "sign_out": Key(schema=in_definitions("endpoint"), help="Ends a sign-in."),
        "recover": Key(
            schema=in_definitions("endpoint"),
            help="Is asked for another password, and answers everybody alike; nothing is mailed.",
        ),
    },
)
DATA = Shape(
    "an item of `data`",
    {
        "method": Key(schema=_METHOD, help="GET unless it is said."),
        "path": Key(schema=WORD, help="Where it is.", required=True),
        "access": Key(schema=one_of(("signed-in", "public")), help="Who may see it."),
        **_REPLY,
    },
)
ACCESS = Shape(
    "`access_token`",
    {
        "kind": Key(schema=one_of(("jwt", "opaque")), help="What it looks like."),
        "lifetime": Key(schema=LASTING, help="How long it is good; 15m unless it is said."),
        "header": Key(schema=WORD, help="The header that carries it; Authorization unless it is said."),
        "scheme": Key(schema=WORD, help="The word before it; Bearer in Authorization, and else none."),
        "cookie": Key(
            schema=WORD, help="The cookie that carries it, in place of a header; with `header`, besides it."
        ),
        "claims": Key(schema=named(ANYTHING), help="What a `jwt` says besides `jti`, `iat` and `exp`."),
        "outlives_sign_out": Key(
            schema=FLAG, help="Whether it is good to its own end, whatever becomes of the sign-in."
        ),
        "slides": Key(
            schema=LASTING,
            help="It stays the same, and a use makes it last `lifetime` again, once this has passed since "
            "the last time.",
        ),
    },
)
REFRESH = Shape(
    "`refresh_token`",
    {
        "lifetime": Key(schema=LASTING, help="How long it is good; 30d unless it is said."),
        "rotates": Key(schema=FLAG, help="Whether what renews is good once; true unless it is said."),
        "cookie": Key(schema=WORD, help="A cookie that it may come in."),
    },
)
IMITATION = Shape(
    "an imitated API",
    {
        "endpoints": Key(schema=ENDPOINTS.schema(), help="Where what is.", required=True),
        "access_token": Key(schema=ACCESS.schema(), help="What opens the rest."),
        "refresh_token": Key(schema=REFRESH.schema(), help="What renews it."),
        "user": Key(schema=ANYTHING, help="What `{user}` stands for in answers."),
        "errors": Key(schema=in_definitions("refusals"), help="How it refuses."),
        "data": Key(schema=each(DATA.schema()), help="What else it answers, always the same."),
    },
)


def definitions() -> Mapping[str, Schema]:
    """What stands several times in a file, by name."""
    return {"endpoint": ENDPOINT.schema(), "refusals": ERRORS.schema(), "refusal": ERROR.schema()}
