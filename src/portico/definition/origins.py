"""Addresses that a page would load and may not: their origin is not declared (hard-cases 39)."""

from portico.definition.diagnostics import Problems
from portico.definition.draft import WidgetDraft
from portico.definition.value import Bound, Fixed, Value
from portico.model.app import BrowserOrigins
from portico.model.origins import is_declared, origin_of


def check_origins(widget: WidgetDraft, browser: BrowserOrigins, problems: Problems) -> None:
    """Report what the properties of a widget name, as far as that is written down."""
    for name, prop in widget.type.properties.items() if widget.type is not None else ():
        value = widget.properties.get(name)
        if prop.loads is None or value is None:
            continue
        declared: tuple[str, ...] = getattr(browser, prop.loads)
        text = _written(value)
        origin = origin_of(text) if text is not None else None
        if text is None and not declared:
            problems.add(
                "W222",
                widget.place,
                f"`{name}` is bound, and app.yaml names no origin for {prop.loads}",
                remedy=f"write `browser: {{{prop.loads}: [https://…]}}` with the origins it may be of",
            )
        elif origin is not None and not is_declared(origin, declared):
            problems.add(
                "W222",
                widget.place,
                f"`{name}` is of an origin that pages may not load {prop.loads} from",
                received=origin,
                remedy=f"write `browser: {{{prop.loads}: [{origin}]}}` in app.yaml",
            )


def _written(value: Value) -> str | None:
    """An address as far as its origin is written out; None where it is not."""
    if isinstance(value, Fixed):
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, Bound) and isinstance(value.parts[0], str):
        begin = value.parts[0]
        return begin if begin.count("/") > 2 or "://" not in begin else None
    return None
