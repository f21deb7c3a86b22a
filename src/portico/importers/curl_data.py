"""The data of a curl command: what its options make of a value."""

import re
from urllib.parse import quote_plus

from portico.importers.curl_options import Option
from portico.importers.words import CLOSE, OPEN, CommandUnreadable

#: A field of a form: name, value, content type.
Part = tuple[str, str, str | None]

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:;(.*))?', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


def plain(option: Option) -> str:
    """The value, unless it names a file. Raises CommandUnreadable then."""
    if option.value.startswith("@"):
        raise _a_file(option)
    return option.value


def urlencoded(option: Option) -> str:
    """`content`, `=content` or `name=content`, encoded as curl does it; `@file` and `name@file` are
    refused."""
    name, equals, content = option.value.partition("=")
    if "@" in name:
        raise _a_file(option)
    encoded = quote_plus(content if equals else name, safe=OPEN + CLOSE)
    return f"{name}={encoded}" if equals and name else encoded


def part(option: Option) -> Part:
    """`name=content;type=text/x`, the content in quotes or not. Raises CommandUnreadable for a file."""
    name, equals, content = option.value.partition("=")
    if not equals:
        raise CommandUnreadable(message=f"{option.written} takes name=content.")
    if option.name == "form-string":
        return name, content, None
    if content.startswith(("@", "<")):
        raise CommandUnreadable(
            message=f"{option.written}: the field `{name[:50]}` is a file. Import the command without it and "
            f'add the field to the query: {name[:50]}: "{{{{ this.params.file }}}}". The query is then '
            "run with {file: {name: …, type: …, data: …}}."
        )
    if not content.startswith('"'):
        content, _, more = content.partition(";")
        return name, content, _type(more)
    found = _QUOTED.fullmatch(content)
    if found is None:
        raise CommandUnreadable(
            message=f"{option.written}: the quotes of the field `{name[:50]}` do not close."
        )
    return name, _ESCAPED.sub(r"\1", found[1]), _type(found[2] or "")


def _type(more: str) -> str | None:
    for option in more.split(";"):
        key, _, value = option.strip().partition("=")
        if key == "type":
            return value
    return None


def _a_file(option: Option) -> CommandUnreadable:
    return CommandUnreadable(
        message=f"{option.written} with `@` sends what a file holds. Put that into the command, in quotes; "
        "use --data-raw if the `@` itself is meant."
    )
