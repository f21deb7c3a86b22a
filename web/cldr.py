"""Build step: the CLDR data of Unicode, as the parts of it that `Intl` in scripts needs.

Out of the archives of the `cldr-*` packages comes one zip file with up to four files a locale:
`de.json` (numbers, dates, plurals), and what few pages need, `de.currencies.json` (their names),
`de.zones.json` (names of time zones) and `de.words.json` (lists and relative times). A locale with
a region holds only what differs from its language. `shared.json` is the same for all.
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

#: Locales whose language CLDR covers for everyday software.
COVERAGE = "modern"
#: Counts of decimal formats begin with the power of ten they are for.
_COUNT = "-count-"
#: Widths of names, by the letter that the client of this data uses.
_WIDTHS = {"w": "wide", "a": "abbreviated", "n": "narrow"}
_FIELDS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def compile_archives(archives: Mapping[str, bytes]) -> bytes:
    """The zip file. `archives` are the packages' tar.gz files by package name.

    Raises KeyError, naming it, where a package lacks a file or a file a part.
    """
    files = {package: _members(data) for package, data in archives.items()}
    core = files["cldr-core"]
    levels = core["coverageLevels.json"]["effectiveCoverageLevels"]
    known = sorted(tag for tag in core["availableLocales.json"]["availableLocales"]["full"] if tag != "und")
    wanted = [tag for tag in known if levels.get(_covered(tag, levels)) == COVERAGE]
    made = {tag: _locale(tag, files) for tag in wanted}
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for tag, sections in made.items():
            base = made.get(tag.split("-")[0]) if "-" in tag else None
            for name, section in sections.items():
                kept = section if base is None else difference(section, base[name])
                if kept:
                    _write(target, f"{tag}{name}.json", kept)
        _write(target, "shared.json", _shared(core, wanted))
    return output.getvalue()


def difference(one: Json, other: Json) -> Json:
    """What has to be laid over `other` to get `one`; None stands for what `one` does not have."""
    found: Json = {key: None for key in other if key not in one}
    for key, value in one.items():
        before = other.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            if inner := difference(value, before):
                found[key] = inner
        elif value != before:
            found[key] = value
    return found


def _covered(tag: str, levels: Mapping[str, str]) -> str:
    """The locale that says how well `tag` is covered: itself, else what it is a variant of."""
    while tag not in levels and "-" in tag:
        tag = tag.rpartition("-")[0]
    return tag


def _members(archive: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name.removeprefix("package/"): json.load(stream)
            for member in tar
            if member.name.endswith(".json") and (stream := tar.extractfile(member)) is not None
        }


def _write(target: zipfile.ZipFile, name: str, content: Json) -> None:
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))  # the same bytes whenever it is built
    info.compress_type = zipfile.ZIP_DEFLATED
    target.writestr(info, json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _locale(tag: str, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Json]:
    """The sections of a locale, by what stands between its tag and `.json`."""
    core = files["cldr-core"]

    def part(package: str, file: str) -> Any:
        return files[package][f"main/{tag}/{file}.json"]["main"][tag]

    numbers = part("cldr-numbers-full", "numbers")["numbers"]
    currencies = part("cldr-numbers-full", "currencies")["numbers"]["currencies"]
    calendar = part("cldr-dates-full", "ca-gregorian")["dates"]["calendars"]["gregorian"]
    zones = part("cldr-dates-full", "timeZoneNames")["dates"]["timeZoneNames"]
    fields = part("cldr-dates-full", "dateFields")["dates"]["fields"]
    lists = part("cldr-misc-full", "listPatterns")["listPatterns"]
    main = {
        "numbers": _numbers(numbers, core),
        "currencies": {
            code: [entry.get("symbol", code), entry.get("symbol-alt-narrow", entry.get("symbol", code))]
            for code, entry in currencies.items()
            if entry.get("symbol", code) != code or "symbol-alt-narrow" in entry
        },
        "dates": _dates(calendar, zones, _period_hours(tag, core)) | {"cycle": _hour_cycle(tag, core)},
        "plurals": _plurals(tag, core["supplemental/plurals.json"], "plurals-type-cardinal"),
        "ordinals": _plurals(tag, core["supplemental/ordinals.json"], "plurals-type-ordinal"),
    }
    return {
        "": main,
        ".currencies": {
            code: {
                **{key.partition(_COUNT)[2]: text for key, text in names.items() if _COUNT in key},
                "name": names["displayName"],
            }
            for code, names in currencies.items()
            if "displayName" in names
        },
        ".zones": _zone_names(zones),
        ".words": {"relative": _relative(fields), "lists": _lists(lists)},
    }


def _numbers(numbers: Json, core: Mapping[str, Any]) -> Json:
    system = numbers["defaultNumberingSystem"]
    digits = core["supplemental/numberingSystems.json"]["supplemental"]["numberingSystems"][system]
    currency = numbers[f"currencyFormats-numberSystem-{system}"]
    decimal = numbers[f"decimalFormats-numberSystem-{system}"]
    compact = currency if "short" in currency else numbers["currencyFormats-numberSystem-latn"]
    return {
        "system": system,
        "digits": digits.get("_digits", "0123456789"),
        "grouping": int(numbers["minimumGroupingDigits"]),
        "symbols": numbers[f"symbols-numberSystem-{system}"],
        "decimal": decimal["standard"],
        "percent": numbers[f"percentFormats-numberSystem-{system}"]["standard"],
        "currency": {
            key: currency[key]
            for kind in ("standard", "accounting")
            for key in (kind, f"{kind}-alphaNextToNumber")
            if key in currency
        },
        "unit": {
            key.partition(_COUNT)[2]: text
            for key, text in currency.items()
            if key.startswith(f"unitPattern{_COUNT}")
        },
        "short": _powers(decimal["short"]["decimalFormat"]),
        "long": _powers(decimal["long"]["decimalFormat"]),
        "shortCurrency": _powers(compact["short"]["standard"]),
    }


def _powers(formats: Mapping[str, str]) -> Json:
    """Compact formats: number of zeros of the power of ten → plural category → pattern."""
    found: Json = {}
    for key, pattern in formats.items():
        power, _, count = key.partition(_COUNT)
        if "-alt-" not in count:
            found.setdefault(str(len(power) - 1), {})[count] = pattern
    return found


def _dates(calendar: Json, zones: Json, periods: Json) -> Json:
    formats = calendar["dateTimeFormats"]
    return {
        "months": _names(calendar["months"], [str(number) for number in range(1, 13)]),
        "days": _names(calendar["days"], ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
        "periods": {
            letter: _without_variants(calendar["dayPeriods"]["format"][width])
            for letter, width in _WIDTHS.items()
        },
        "periodHours": periods,
        "eras": {
            letter: [calendar["eras"][key]["0"], calendar["eras"][key]["1"]]
            for letter, key in {"w": "eraNames", "a": "eraAbbr", "n": "eraNarrow"}.items()
        },
        "date": {style: _pattern(calendar["dateFormats"][style]) for style in _STYLES},
        "time": {style: _pattern(calendar["timeFormats"][style]) for style in _STYLES},
        "join": {style: _pattern(calendar["dateTimeFormats-atTime"]["standard"][style]) for style in _STYLES},
        "skeletons": {
            skeleton: pattern
            for skeleton, pattern in formats["availableFormats"].items()
            if "-" not in skeleton and not set(skeleton) & set("WwQqUBrYz")
        },
        "appendZone": formats["appendItems"]["Timezone"],
        "gmt": zones["gmtFormat"],
        "gmtZero": zones["gmtZeroFormat"],
        "gmtHours": zones["hourFormat"],
    }


_STYLES = ("full", "long", "medium", "short")


def _pattern(found: str | Json) -> str:
    return found if isinstance(found, str) else str(found["_value"])


def _names(names: Json, keys: list[str]) -> Json:
    """Names by use (f: in a date, s: alone) and width."""
    return {
        use[0]: {letter: [names[use][width][key] for key in keys] for letter, width in _WIDTHS.items()}
        for use in ("format", "stand-alone")
    }


def _without_variants(names: Json) -> Json:
    return {key: name for key, name in names.items() if "-alt-" not in key}


def _period_hours(tag: str, core: Mapping[str, Any]) -> Json:
    """From which hour to which each part of the day lasts, for patterns that name them."""
    rules = core["supplemental/dayPeriods.json"]["supplemental"]["dayPeriodRuleSet"]
    own = rules.get(tag) or rules.get(tag.split("-")[0]) or {}
    return {
        name: [int(rule["_from"].split(":")[0]), int(rule["_before"].split(":")[0])]
        for name, rule in own.items()
        if "_from" in rule
    }


def _hour_cycle(tag: str, core: Mapping[str, Any]) -> str:
    """`H` where the day has 24 hours, `h` where it has twice 12."""
    supplemental = core["supplemental/timeData.json"]["supplemental"]["timeData"]
    parts = tag.split("-")
    region = next((part for part in parts[1:] if len(part) == 2 or part.isdigit()), None)
    if region is None:
        likely = core["supplemental/likelySubtags.json"]["supplemental"]["likelySubtags"]
        region = likely.get(tag, likely.get(parts[0], "und-Latn-001")).split("-")[-1]
    chosen = supplemental.get(f"{parts[0]}-{region}") or supplemental.get(region) or supplemental["001"]
    return "h" if str(chosen["_preferred"]).startswith("h") else "H"


def _plurals(tag: str, file: Json, kind: str) -> Json:
    """Rules by category, without `other` and without samples."""
    rules = file["supplemental"][kind]
    own = rules.get(tag) or rules.get(tag.split("-")[0]) or {}
    return {
        key.partition(_COUNT)[2]: text.partition("@")[0].strip()
        for key, text in own.items()
        if not key.endswith("-other")
    }


def _zone_names(zones: Json) -> Json:
    """Names of zones and metazones: [long, short] of generic, standard and daylight time."""

    def names(entry: Json) -> Json:
        return {
            f"{width[0]}{kind[0]}": text
            for width in ("long", "short")
            for kind, text in entry.get(width, {}).items()
            if text != "∅∅∅"
        }

    found = {f"meta:{name}": names(entry) for name, entry in zones.get("metazone", {}).items()}
    found |= {name: names(entry) for name, entry in _flat(zones.get("zone", {}), "")}
    return {name: inner for name, inner in found.items() if inner}


def _flat(zones: Json, prefix: str) -> list[tuple[str, Json]]:
    found = []
    for name, entry in zones.items():
        if entry.get("_type") == "zone":
            found.append((prefix + name, entry))
        elif all(isinstance(inner, dict) for inner in entry.values()):
            found += _flat(entry, f"{prefix}{name}/")
    return found


def _relative(fields: Json) -> Json:
    """Field, with `-short` and `-narrow` variants: words for -2…2, and patterns for past and future."""
    found: Json = {}
    for field in _FIELDS:
        for width in ("", "-short", "-narrow"):
            entry = fields[field + width]
            found[field + width] = {
                "auto": {
                    key.removeprefix("relative-type-"): text
                    for key, text in entry.items()
                    if key.startswith("relative-type-")
                },
                **{
                    time: {
                        key.partition(_COUNT)[2]: text
                        for key, text in entry.get(f"relativeTime-type-{time}", {}).items()
                    }
                    for time in ("past", "future")
                },
            }
    return found


def _lists(patterns: Json) -> Json:
    return {key.removeprefix("listPattern-type-"): pattern for key, pattern in patterns.items()}


def _shared(core: Mapping[str, Any], tags: list[str]) -> Json:
    """What all locales share: their names and parents, digits of currencies, metazones of zones."""
    parents = core["supplemental/parentLocales.json"]["supplemental"]["parentLocales"]["parentLocale"]
    likely = core["supplemental/likelySubtags.json"]["supplemental"]["likelySubtags"]
    fractions = core["supplemental/currencyData.json"]["supplemental"]["currencyData"]["fractions"]
    zones = core["supplemental/metaZones.json"]["supplemental"]["metaZones"]["metazoneInfo"]["timezone"]
    languages = {tag.split("-")[0] for tag in tags}
    return {
        "locales": tags,
        "parents": {tag: parent for tag, parent in parents.items() if tag in tags},
        "scripts": {
            tag: full.split("-")[1]
            for tag, full in likely.items()
            if tag.split("-")[0] in languages and full.count("-") == 2
        },
        "digits": {code: int(entry["_digits"]) for code, entry in fractions.items() if code != "DEFAULT"},
        "metazones": dict(_metazones(zones, "")),
    }


def _metazones(zones: Json, prefix: str) -> list[tuple[str, str]]:
    """Each zone with the metazone it has been in last."""
    found = []
    for name, entry in zones.items():
        if isinstance(entry, list):
            found.append((prefix + name, entry[-1]["usesMetazone"]["_mzone"]))
        else:
            found += _metazones(entry, f"{prefix}{name}/")
    return found
