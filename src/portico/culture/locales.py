"""Locales: which there are, which of them a browser asks for, and the CLDR data of one.

The data are those that the build took in (`web/cldr.py`). A tag keeps the region it was asked for,
as in browsers: the data of `de-DE` are those of `de`.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

DEFAULT = "en-US"

#: Parts of a locale's data that few pages need (`web/cldr.py`).
SECTIONS = ("currencies", "words", "zones")

_FILE = Path(__file__).parent.parent / "_assets" / "cldr.zip"
#: Language, script and region of a tag; extensions and variants say nothing that is used here.
_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?(?:-[A-Za-z0-9]{1,8}){0,8}")
#: Of an Accept-Language header: characters and entries that are looked at.
_HEADER_LIMIT = 1000
_ENTRY_LIMIT = 20


def canonical(tag: str) -> str | None:
    """A tag in its usual spelling and without extensions; None for what is none, or has no data."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    language, script, region = found.groups()
    parts = [language.lower(), (script or "").title(), (region or "").upper()]
    spelled = "-".join(part for part in parts if part)
    return spelled if source(spelled) is not None else None


def accepted(header: str) -> str | None:
    """The locale that an Accept-Language header (RFC 9110, 12.5.4) likes best, of those there are."""
    wanted = sorted(_entries(header[:_HEADER_LIMIT]), key=lambda entry: -entry[1])
    return next((tag for name, quality in wanted if quality > 0 and (tag := canonical(name))), None)


def _entries(header: str) -> Iterator[tuple[str, float]]:
    for entry in header.split(",")[:_ENTRY_LIMIT]:
        name, _, parameters = entry.partition(";")
        weight = parameters.strip().removeprefix("q=")
        try:
            quality = float(weight) if parameters else 1.0
        except ValueError:
            continue
        if 0 <= quality <= 1:
            yield name.strip(), quality


@lru_cache(maxsize=1024)
def source(tag: str) -> str | None:
    """The locale that holds the data of `tag`: itself, or what it is a variant of; else None."""
    names, scripts = frozenset(shared()["locales"]), shared()["scripts"]
    language, *rest = tag.split("-")
    region = rest[-1] if rest and len(rest[-1]) != 4 else None
    script = rest[0] if rest and len(rest[0]) == 4 else scripts.get(f"{language}-{region}")
    tries = [tag, *([f"{language}-{script}-{region}", f"{language}-{script}"] if script else []), language]
    for name in tries:
        if name in names:
            # Chinese in Taiwan is not the Chinese of the bare tag.
            other = name == language and script not in (None, scripts.get(language))
            return None if other else name
    return None


@lru_cache(maxsize=256)
def data(tag: str, sections: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a locale's numbers, dates and plurals look like, and further `sections` of its data.

    Raises KeyError for a tag that has no data (`source`).
    """
    name = source(tag)
    if name is None:
        raise KeyError(tag)
    further = {section: _section(name, f".{section}") for section in sections}
    return _section(name, "") | {"sections": further}


@lru_cache(maxsize=1)
def shared() -> dict[str, Any]:
    """What all locales share: `locales`, `digits` of currencies, `metazones` of zones."""
    return _read("shared.json")


def _section(name: str, section: str) -> dict[str, Any]:
    language = name.split("-")[0]
    base = _read(f"{language}{section}.json")
    return base if name == language else _laid_over(base, _read(f"{name}{section}.json"))


def _read(member: str) -> dict[str, Any]:
    with zipfile.ZipFile(_FILE) as archive:
        try:
            text = archive.read(member)
        except KeyError:
            return {}
    found: dict[str, Any] = json.loads(text)
    return found


def _laid_over(base: dict[str, Any], difference: dict[str, Any]) -> dict[str, Any]:
    """`difference` of `web/cldr.py`, undone."""
    whole = dict(base)
    for key, value in difference.items():
        before = whole.get(key)
        if value is None:
            whole.pop(key, None)
        elif isinstance(value, dict) and isinstance(before, dict):
            whole[key] = _laid_over(before, value)
        else:
            whole[key] = value
    return whole
