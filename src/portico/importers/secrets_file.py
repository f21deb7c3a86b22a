"""New values in a file of secrets, in the table of their app."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from portico.definition.secrets import SecretsUnusable, parse
from portico.importers.secret_names import Wanted


def with_secrets(content: str, slug: str, wanted: Sequence[Wanted], file: Path) -> str:
    """The content of a file of secrets with more values in it; comments and order stay.

    `file` is for messages. Raises SecretsUnusable if the file is not one, or if it is written in
    a way that values cannot be put into.
    """
    shared, by_app = parse(content.encode(), file)
    known = {**shared, **by_app.get(slug, {})}
    revealed = [(found.name, found.value.reveal()) for found in wanted if found.value is not None]
    values = {name: value for name, value in revealed if known.get(name) != value}
    if not values:
        return content
    lines = [f"{name} = {_quoted(value)}\n" for name, value in values.items()]
    # TOML's bare keys are what slugs are made of.
    header = re.search(
        rf'^[ \t]*\[[ \t]*(?:{re.escape(slug)}|"{re.escape(slug)}")[ \t]*\][^\n]*(\n|$)',
        content,
        re.MULTILINE,
    )
    if header is not None:
        at = header.end()
        before = content[:at] if content[:at].endswith("\n") else content[:at] + "\n"
        changed = before + "".join(lines) + content[at:]
    else:
        gap = "" if not content else "\n" if content.endswith("\n") else "\n\n"
        changed = f"{content}{gap}[{slug}]\n" + "".join(lines)
    expected = {**by_app, slug: {**by_app.get(slug, {}), **values}}
    try:
        found = parse(changed.encode(), file)
    except SecretsUnusable:
        found = ({}, {})
    if found != (shared, expected):
        raise SecretsUnusable(
            message=f"{file} is written in a way that nothing can be put into: set the secrets by hand."
        )
    return changed


def _quoted(value: str) -> str:
    """A basic string of TOML, which takes the escapes of JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
