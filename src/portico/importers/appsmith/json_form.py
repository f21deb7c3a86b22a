"""The schema of Appsmith's JSON Form as fields of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portico.importers.appsmith import code
from portico.importers.appsmith.columns import DATES, identity
from portico.importers.appsmith.loose import mapping, number, text, word
from portico.importers.appsmith.model import Node
from portico.ui.prose import humanised
from portico.ui.widgets.json_form.fields import KINDS, LEVELS

ROOT, ITEM = "__root_schema__", "__array_item__"
#: What a field sees of its form, there as parameters of a function around its code.
_OF_FORM = ("sourceData", "formData", "fieldState")
#: Names that types of fields had at first.
_OLD = {
    "Text": "Text Input",
    "Number": "Number Input",
    "Email": "Email Input",
    "Password": "Password Input",
    "Phone Number": "Phone Number Input",
    "Currency": "Currency Input",
    "Date": "Datepicker",
    "Multi-Select": "Multiselect",
    "Radio-Group": "Radio Group",
}
#: Events that say that a value is another.
_CHANGES = (
    *("onChange", "onTextChanged", "onSelectionChange", "onOptionChange", "onCheckChange"),
    "onDateSelected",
)
#: Dates that Appsmith sets as bounds by itself.
_FIRST, _LAST = "1920-12-31", "2121-12-31"
_ISO = frozenset({*DATES, "YYYY-MM-DDTHH:mm:ss.sssZ"})


class Tell(Protocol):
    """Hears of what is lost: words, the part of the widget, and the code."""

    def __call__(self, message: str, *, part: str = "", code: str = "") -> None:
        """Note it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where fields stand: what they are called in the report, the level, and how code there reads the value
    of the group in the data; None where the fields are not what the data have at that place."""

    part: str
    level: int
    path: str | None


def fields(node: Node, tell: Tell) -> list[dict[str, Any]]:
    """The fields in their order; none where the form has no schema, or one of a list."""
    root = mapping(mapping(node.properties.get("schema")).get(ROOT))
    if text(root.get("fieldType")) == "Array":
        tell("a form for a list: here a form is about one object", part="schema")
        return []
    place = _Place(part="fields", level=1, path="sourceData")
    return list(_fields(node, mapping(root.get("children")), place, tell))


def _fields(node: Node, children: Mapping[str, Any], place: _Place, tell: Tell) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    given = [(name, raw) for name, raw in children.items() if isinstance(raw, dict)]
    for name, raw in sorted(given, key=lambda one: number(one[1].get("position")) or 0):
        alias = text(raw.get("accessor")) or name
        record = {"id": identity(alias, seen, "field")}
        part = f"{place.part}.{record['id']}"
        kind = _kind(raw, part, tell)
        inner = _inner(raw, kind, part, tell) if kind in ("Object", "Array") else None
        if kind == "Array" and inner is None:
            continue
        record |= {"alias": alias} if alias != record["id"] else {}
        yield (
            record
            | _said(node, raw, kind, alias, place, part, tell)
            | _nested(node, raw, inner, _below(place, raw, alias, part, kind), tell)
        )


def _kind(raw: Mapping[str, Any], part: str, tell: Tell) -> str:
    given = text(raw.get("fieldType"))
    found = _OLD.get(given, given)
    if found in KINDS:
        return found
    tell(f"there is no field of the type {given or 'nothing'}; it is a Text Input", part=part)
    return "Text Input"


def _inner(raw: Mapping[str, Any], kind: str, part: str, tell: Tell) -> Mapping[str, Any] | None:
    """The fields in a group; None for a list of what are no objects."""
    children = mapping(raw.get("children"))
    if kind == "Object":
        return children
    item = mapping(children.get(ITEM))
    if text(item.get("fieldType")) == "Object":
        return mapping(item.get("children"))
    tell("the items of an Array are objects here; this list is left out", part=part)
    return None


def _below(place: _Place, raw: Mapping[str, Any], alias: str, part: str, kind: str) -> _Place:
    source = text(raw.get("originalIdentifier")) or alias
    plain = place.path is not None and source == alias
    end = "[0]" if kind == "Array" else ""
    return _Place(
        part=f"{part}.fields",
        level=place.level + 1,
        path=f"{place.path}.{source}{end}" if plain else None,
    )


def _nested(
    node: Node, raw: Mapping[str, Any], inner: Mapping[str, Any] | None, place: _Place, tell: Tell
) -> dict[str, Any]:
    if not inner:
        return {}
    if place.level > LEVELS:
        tell(f"fields are {LEVELS} levels deep at most here; what stands deeper is left out", part=place.part)
        return {}
    return {"fields": list(_fields(node, inner, place, tell))}


def _said(
    node: Node, raw: Mapping[str, Any], kind: str, alias: str, place: _Place, part: str, tell: Tell
) -> dict[str, Any]:
    """What is said of a field, under our names and with code that has its names from the form."""
    given = {name: _bare(node, value) for name, value in raw.items() if name != "children"}
    record = {**given, "fieldType": kind}
    if given.get("label") == humanised(alias):
        del record["label"]
    if _is_of_data(given.get("defaultValue"), raw, alias, place):
        del record["defaultValue"]
    if given.get("dateFormat") in _ISO or kind != "Datepicker":
        record.pop("dateFormat", None)
    for name, usual in (("minDate", _FIRST), ("maxDate", _LAST)):
        if text(given.get(name)).startswith(usual):
            record.pop(name)
    if kind == "Currency Input":
        record["currencyCode"] = word(raw.get("currencyCountryCode")) or "USD"
    record |= {"onChange": does} if (does := _change(given)) else {}
    for name, value in given.items():
        is_event = name.startswith("on") and name[2:3].isupper()
        if is_event and name not in _CHANGES and text(value).strip():
            tell("a field of a JSONForm has no such event", part=f"{part}.{name}", code=text(value))
    return record


def _change(given: Mapping[str, Any]) -> str:
    return next((text(given[name]) for name in _CHANGES if text(given.get(name)).strip()), "")


def _is_of_data(value: Any, raw: Mapping[str, Any], alias: str, place: _Place) -> bool:
    """Whether a default says what holds without it: nothing, or the value of the data."""
    if value is None or value in ("", [], {}):
        return "defaultValue" in raw
    source = text(raw.get("originalIdentifier")) or alias
    if not isinstance(value, str) or place.path is None or source != alias:
        return False
    read = value.strip().removeprefix("{{").removesuffix("}}").strip()
    return read in (f"{place.path}.{source}", f'{place.path}["{source}"]', f"{place.path}?.{source}")


def _bare(node: Node, value: Any) -> Any:
    """Code without the function around it that Appsmith writes, whose parameters are known here anyway."""
    if isinstance(value, list):
        return [_bare(node, one) for one in value]
    if isinstance(value, dict):
        return {key: _bare(node, one) for key, one in value.items()}
    if not isinstance(value, str) or "{{" not in value:
        return value
    value = code.called(value, _OF_FORM[0]) or value
    return code.unowned(value, node.name, frozenset(_OF_FORM))
