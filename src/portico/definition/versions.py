"""Versions of packages, and ranges of them, by the rules of Semantic Versioning and npm."""

import re

from semantic_version import NpmSpec, Version

#: Longest text that is read as a version or a range: it stands in paths, and numbers in it are computed.
LENGTH_LIMIT = 100

# What follows `+` would not count in comparisons: two versions that are the same and are not.
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?")
_RANGE = re.compile(r"[0-9A-Za-z.*<>=^~| -]+")


def version(text: str) -> Version | None:
    """A version `x.y.z` or `x.y.z-prerelease`, or None for any other text."""
    if len(text) > LENGTH_LIMIT or not _VERSION.fullmatch(text):
        return None
    try:
        return Version(text)
    except ValueError:
        return None


def versions_range(text: str) -> NpmSpec | None:
    """A range such as `^1.0`, `~1.2`, `1.2.3`, `>=1 <3` or `*`, or None for any other text.

    A prerelease is in a range that names one of the same `x.y.z` alone.
    """
    if len(text) > LENGTH_LIMIT or not _RANGE.fullmatch(text) or not text.strip():
        return None
    try:
        return NpmSpec(text.strip())
    except ValueError:
        return None
