"""Fills templates: `{access_token}` in an answer that a file describes."""

import re
from collections.abc import Mapping

from portico.authserver.dialects.imitation import Json

#: What stands for a value, or for whether it is that word; braces around anything else are braces.
NAME = re.compile(r"\{([a-z_]{1,30})(?: is ([A-Za-z0-9_-]{1,50}))?\}")


def names_in(template: Json) -> set[str]:
    """Every name that a template says."""
    match template:
        case str():
            return {name for name, _ in NAME.findall(template)}
        case list():
            return {name for item in template for name in names_in(item)}
        case dict():
            return {name for item in template.values() for name in names_in(item)}
        case _:
            return set()


def filled(template: Json, values: Mapping[str, Json]) -> Json:
    """The template with its values; a text that is one name whole becomes the value, of whatever type."""
    match template:
        case str():
            whole = NAME.fullmatch(template)
            return _value(whole, values) if whole else text(template, values)
        case list():
            return [filled(item, values) for item in template]
        case dict():
            return {key: filled(item, values) for key, item in template.items()}
        case _:
            return template


def text(template: str, values: Mapping[str, Json]) -> str:
    """The template as text, for headers, cookies and within other text."""
    return NAME.sub(lambda found: _written(_value(found, values)), template)


def _value(found: re.Match[str], values: Mapping[str, Json]) -> Json:
    value = values.get(found[1])
    return value if found[2] is None else value == found[2]


def _written(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)
