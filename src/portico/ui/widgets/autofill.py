"""What an input asks for, in the words of HTML `autocomplete`, so that password managers work.

The rules follow what HTML (4.10.18.7) says the values mean and what a form with these inputs is
for: one password is a sign-in, two or a telling name are a sign-up or a change.
"""

import re

from portico.ui.prose import as_text
from portico.ui.widgets.node import Node

_TOKENS = re.compile(r"[a-z0-9-]+(?: [a-z0-9-]+){0,3}")
_NEW = re.compile(r"sign[ _-]?up|register|registration|create|new|confirm|repeat|change|reset", re.IGNORECASE)


def autocomplete(node: Node) -> str | None:
    """The value for this input: the author's own, `off` where they forbid it, else by its form."""
    props = node.props
    own = as_text(props["autocomplete"]).strip().lower()
    if _TOKENS.fullmatch(own):
        return own
    if not props["shouldAllowAutofill"]:
        return "off"
    tree = node.view.tree
    inputs = [other for other in node.siblings if tree.placed_widget(other).type == "Input"]
    passwords = [other for other in inputs if _type(node, other) == "PASSWORD"]
    match props["inputType"]:
        case "PASSWORD":
            telling = _NEW.search(node.widget.name) or (node.form and _NEW.search(node.form))
            return "new-password" if len(passwords) > 1 or telling else "current-password"
        case "EMAIL":
            return "username" if passwords else "email"
        case "TEXT" if node.path == _user_name(node, inputs, passwords):
            return "username"
    return None


def _user_name(node: Node, inputs: list[str], passwords: list[str]) -> str | None:
    """The TEXT input that names the user: the one nearest before the first password, unless an
    EMAIL does so."""
    if not passwords or any(_type(node, other) == "EMAIL" for other in inputs):
        return None
    before = inputs[: inputs.index(passwords[0])]
    return next((other for other in reversed(before) if _type(node, other) == "TEXT"), None)


def _type(node: Node, path: str) -> str:
    return as_text(node.view.props.get(path, {}).get("inputType", "TEXT"))
