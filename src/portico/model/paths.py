"""Paths of widgets, and addresses of what their users set.

A widget is `Name`, in a module instance `Login1.emailInput`, in a row of a list `List1[key].Name`.
What stands once for each row is known to the model by its template, `List1[].Name`. Keys hold
letters, digits, `_`, `-`, `~` and `%` alone. An address is a path, or a path, `:` and a part.
"""

import re

_KEY = re.compile(r"\[([A-Za-z0-9_~%-]*)\]")


def template_of(path: str) -> str:
    """The path of the widget that `path` is an instance of: the same with its keys left out."""
    return _KEY.sub("[]", path) if "[" in path else path


def instance_of(template: str, beside: str) -> str:
    """`template` in the rows that `beside` stands in, as many of them as it has."""
    keys = _KEY.findall(beside)
    for key in keys:
        template = template.replace("[]", f"[{key}]", 1)
    return template


def in_row(template: str, list_path: str, key: str) -> str:
    """`template`, a widget of the rows of the list at `list_path`, in the row `key`."""
    return instance_of(template, f"{list_path}[{key}]")


def split_address(address: str) -> tuple[str, str, str]:
    """Path, part and detail of an address: `Table1:cell:name` gives `Table1`, `cell`, `name`."""
    path, _, part = address.partition(":")
    name, _, detail = part.partition(":")
    return path, name, detail
