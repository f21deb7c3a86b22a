"""What an action of a list can be: its keys, what their values can be, and what they mean."""

from collections.abc import Mapping

from portico.definition.shapes import (
    FLAG,
    VALUE,
    WORD,
    Key,
    Schema,
    Shape,
    each,
    either,
    named,
    one_of,
)
from portico.definition.shapes import table as mapping

STYLES = ("info", "success", "warning", "error")
WINDOWS = ("SAME_WINDOW", "NEW_WINDOW")

_ACTIONS = named("actions")
#: The name under which a file's schema holds that of a list of actions.
SCHEMA = _ACTIONS


def _shape(kind: str, schema: Schema, text: str, **more: Key) -> Shape:
    """An action; its first key says what it does."""
    return Shape(f"the action `{kind}`", {kind: Key(schema=schema, help=text, required=True), **more})


#: Any value, nothing included: that takes away what there was.
_GIVEN: Schema = {}
#: What a sign-in is given: the argument of `auth.logIn` and `auth.update`, in the words of files.
CREDENTIALS = Shape(
    "a sign-in",
    {
        "token": Key(schema=_GIVEN, help="The token, as the auth API's answer has it."),
        "refresh_token": Key(schema=_GIVEN, help="What renews it."),
        "expires_at": Key(schema=_GIVEN, help="When the token ends: a date, or seconds since 1970."),
        "expires_in": Key(schema=_GIVEN, help="In how many seconds it ends."),
        "uid": Key(schema=_GIVEN, help="Who it is; what the auth API says of that counts."),
        "user": Key(schema=_GIVEN, help="What `auth.user` is to be; of `update_user`, what of it changes."),
    },
)
#: What an action can be, by the key that says so.
SHAPES: Mapping[str, Shape] = {
    "run": _shape(
        "run",
        WORD,
        "Runs a query, or calls a function: `Script.name`.",
        params=Key(schema=VALUE, help="What `this.params` is in a query."),
        **{"with": Key(schema=VALUE, help="The arguments of a function, a list.")},
        on_success=Key(schema=_ACTIONS, help="What follows if it went well; these read `result`."),
        on_error=Key(schema=_ACTIONS, help="What follows if it failed; these read `error`."),
    ),
    "if": _shape(
        "if",
        VALUE,
        "Asks a condition.",
        then=Key(schema=_ACTIONS, help="What to do if it holds."),
        **{"else": Key(schema=_ACTIONS, help="What to do if it does not.")},
    ),
    "store": _shape(
        "store",
        mapping(VALUE),
        "Keeps values, by key.",
        persist=Key(schema=FLAG, help="Whether they outlive the tab; they do unless this is false."),
    ),
    "remove": _shape("remove", either(WORD, each(WORD)), "Drops keys of the store."),
    "navigate": _shape(
        "navigate",
        VALUE,
        "Goes to a page of the app or to an address.",
        params=Key(schema=VALUE, help="Parameters of the address, a mapping."),
        window=Key(schema=one_of(WINDOWS), help="Where it opens."),
    ),
    "alert": _shape(
        "alert", VALUE, "Shows a message.", style=Key(schema=one_of(STYLES), help="How it is meant.")
    ),
    "log_in": _shape(
        "log_in", CREDENTIALS.schema(), "Signs in with what the auth API answered (`auth.logIn`)."
    ),
    "update_user": _shape(
        "update_user", CREDENTIALS.schema(), "Changes what is given of who is signed in (`auth.update`)."
    ),
    "show_modal": _shape("show_modal", WORD, "Opens a Modal."),
    "close_modal": _shape("close_modal", WORD, "Closes a Modal."),
    "reset": _shape("reset", WORD, "Resets a widget and those inside it."),
    "copy": _shape("copy", VALUE, "Puts a text on the clipboard."),
    "download": _shape(
        "download",
        VALUE,
        "Gives the user a file.",
        name=Key(schema=VALUE, help="What the file is called."),
        type=Key(schema=VALUE, help="Its media type."),
    ),
}
