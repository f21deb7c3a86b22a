"""Values of Appsmith's properties as those of ours."""

import json
import re
from typing import Any

from portico.importers.appsmith.loose import number, plain_number
from portico.model.widget import Property

#: A value that cannot become one of the property.
UNFIT = object()

_CHAIN = re.compile(r"[A-Za-z0-9_.\[\]'\"? ]*")


def follows_theme(value: Any) -> bool:
    """Whether a value is nothing but something of the theme, which is one for the whole app here."""
    if not isinstance(value, str):
        return False
    inner = value.strip()
    if not (inner.startswith("{{") and inner.endswith("}}")):
        return False
    inner = inner[2:-2].strip().rstrip(";")
    return inner.startswith("appsmith.theme") and _CHAIN.fullmatch(inner) is not None


def is_bound(value: Any) -> bool:
    """Whether a text holds a binding, or something in a structure does."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(is_bound(one) for one in value.values())
    return isinstance(value, list) and any(is_bound(one) for one in value)


def is_empty_binding(value: Any) -> bool:
    """Whether a text is a binding without code."""
    inner = value.strip() if isinstance(value, str) else ""
    return inner.startswith("{{") and inner.endswith("}}") and not inner.strip("{} \n\t;")


def unbound(value: Any) -> Any:
    """Texts in which `{{` is no binding, as texts that say so."""
    if isinstance(value, dict):
        return {key: unbound(one) for key, one in value.items()}
    return value.replace("{{", "{{ '{{' }}") if isinstance(value, str) else value


def of(prop: Property, value: Any) -> Any:
    """A value as the property takes it; None where it says nothing, UNFIT where it cannot be had."""
    if value is None or follows_theme(value) or is_empty_binding(value):
        return None
    if isinstance(value, str) and "{{" in value:
        return value.strip() if prop.kind not in ("text", "any") else value
    match prop.kind:
        case "text":
            return _text(value)
        case "boolean":
            return _boolean(value)
        case "number":
            return _number(value)
        case "choice":
            return _choice(prop, value)
        case "color" | "size":
            return _style(value)
        case "list" | "object":
            return _structure(value, list if prop.kind == "list" else dict)
        case _:
            return value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(plain_number(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower()
    if said in ("", "none"):
        return None
    return said == "true" if said in ("true", "false") else UNFIT


def _number(value: Any) -> Any:
    if value == "" or isinstance(value, list | dict):
        return None
    found = number(value)
    return UNFIT if found is None else plain_number(found)


def _choice(prop: Property, value: Any) -> Any:
    if value in ("", None):
        return None
    folded = {choice.casefold(): choice for choice in prop.choices}
    return folded.get(str(value).casefold(), UNFIT)


def _style(value: Any) -> Any:
    if isinstance(value, bool):
        return UNFIT
    if isinstance(value, int | float):
        return plain_number(value)
    if not isinstance(value, str):
        return UNFIT
    return value.strip() or None


def _structure(value: Any, kind: type) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None if value == "" else UNFIT
    return value if isinstance(value, kind) else UNFIT


def is_default(value: Any, prop: Property) -> bool:
    """Whether a value is what the property is anyway."""
    default = list(prop.default) if isinstance(prop.default, tuple) else prop.default
    return bool(value == default) and isinstance(value, bool) == isinstance(default, bool)


def shown(value: Any) -> str:
    """A value as the report shows it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
