"""What code needs at hand: libraries, locales, time zones. Found in its syntax tree, by names.

Too much costs some milliseconds, too little would be a wrong answer: where a name alone does not
tell, it counts.
"""

from collections.abc import Iterable

from portico.culture import locales
from portico.definition.scope import Reading
from portico.model.program import Library, Needs

#: Names whose values can be anything, a library too.
_ANYTHING = frozenset({"globalThis", "eval", "Function"})
#: Methods of strings, numbers, dates and lists whose result depends on the language.
_LOCAL_METHODS = ("toLocale", "localeCompare")
#: Members of `Date` that know nothing of time zones.
_ZONELESS = frozenset({"now", "UTC"})
#: Which words of code ask for a further part of a locale's data.
_SECTIONS = {
    "currencies": {"currencyDisplay"},
    "words": {"RelativeTimeFormat", "ListFormat"},
    "zones": {"timeZoneName", "timeStyle"},
}
#: What needs random numbers, or bytes of texts. `CryptoJS` takes the former for a salt, `uuid` for most ids.
_CRYPTO = frozenset({"crypto", "scrypt", "TextEncoder", "TextDecoder", "CryptoJS", "uuid"})
#: Tags of languages that are words of programs more often.
_AMBIGUOUS = frozenset({"id", "is", "to", "no", "or", "as", "in", "am", "be", "he", "it", "so"})
#: Locales that one program can have at hand.
_LOCALE_LIMIT = 20


def needs(readings: Iterable[Reading], *, zoned: bool = False) -> Needs:
    """What all of these pieces of code need together; `zoned`: what else runs reads the time zone."""
    found = tuple(readings)
    names = {use.name for reading in found for use in reading.uses}
    names |= {use.path[0] for reading in found for use in reading.uses if use.name in _ANYTHING and use.path}
    words = {word for reading in found for word in (*reading.properties, *reading.words)}
    libraries: list[Library] = []
    with_intl = "Intl" in names or any(is_local(word) for word in words)
    if zoned or with_intl or reads_zone((), found):
        libraries.append("zones")
    if with_intl:
        libraries.append("intl")
    if "_" in names:
        libraries.append("lodash")
    if "moment" in names:
        libraries.append("moment")
        if "tz" in words:
            libraries.append("moment-timezone")
    if names & _CRYPTO:
        libraries.append("crypto")
    if "CryptoJS" in names:
        libraries.append("crypto-js")
    if names & {"jwt_decode", "jwtDecode"}:
        libraries.append("jwt-decode")
    if "uuid" in names:
        libraries.append("uuid")
    return Needs(
        libraries=tuple(libraries),
        locales=_locales(words) if with_intl else (),
        sections=tuple(name for name in _SECTIONS if with_intl and words & _SECTIONS[name]),
        zones="moment-timezone" in libraries or (with_intl and "timeZone" in words),
    )


def is_local(name: str) -> bool:
    """Whether this is the name of a method whose result depends on the language."""
    return name.startswith(_LOCAL_METHODS)


def reads_zone(found: Iterable[tuple[str, str]], readings: Iterable[Reading]) -> bool:
    """Whether what is `found` read, or one of `readings`, may depend on the time zone."""
    pairs = {*found, *((use.name, use.path[0] if use.path else "") for one in readings for use in one.uses)}
    return any(
        name in _ANYTHING or name in ("moment", "Intl") or (name == "Date" and member not in _ZONELESS)
        for name, member in pairs
    )


def _locales(words: Iterable[str]) -> tuple[str, ...]:
    """The locales that code writes out, in their usual spelling."""
    tags = {locales.canonical(word) for word in words if len(word) <= 12 and word not in _AMBIGUOUS}
    return tuple(sorted(tag for tag in tags if tag is not None))[:_LOCALE_LIMIT]
