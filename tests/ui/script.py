"""Runs the JavaScript of widget types as a page's program would, over plain objects."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import quickjs  # type: ignore[import-untyped]

from portico.model.widget import WidgetType

#: `self` reads properties, then what is derived from them; a derived value that throws reads as nothing.
_HARNESS = """
function widgetOf(type, name, given) {
  const cells = { ...type.defaults, ...type.meta, ...given };
  const self = new Proxy(cells, {
    get(target, key) {
      if (key === "name") return name;
      if (key in type.methods && !(key in given)) return type.methods[key](self, kit);
      if (!(key in type.derived) || key in given) return target[key];
      try { return type.derived[key](self, kit); } catch { return undefined; }
    },
  });
  return self;
}
const inside = [];
const kit = { inputs: () => inside };
"""


def _type(kind: WidgetType) -> str:
    def functions(snippets: Mapping[str, str]) -> str:
        return "{" + ",".join(f"{name}: (self, kit) => ({code})" for name, code in snippets.items()) + "}"

    defaults = json.dumps({name: declared.default for name, declared in kind.properties.items()})
    return (
        f"{{defaults: {defaults}, meta: {json.dumps(dict(kind.meta))}, derived: {functions(kind.derived)},"
        f" methods: {functions(kind.methods)}}}"
    )


def run(
    kind: WidgetType,
    props: Mapping[str, Any],
    code: str,
    *,
    missing: Sequence[str] = (),
    inside: Sequence[tuple[WidgetType, str, Mapping[str, Any]]] = (),
) -> Any:
    """The value of `code` over `self`, a widget of this type with these properties.

    `missing` are properties whose binding failed; `inside` are the inputs within.
    """
    gone = "".join(f", {name}: undefined" for name in missing)
    inner = "".join(
        f"inside.push(widgetOf({_type(inner)}, {json.dumps(name)}, {json.dumps(given)}));"
        for inner, name, given in inside
    )
    context = quickjs.Context()
    context.eval(
        _HARNESS + inner + f"const self = widgetOf({_type(kind)}, 'W', {{...{json.dumps(props)}{gone}}});"
    )
    return json.loads(context.eval(f"JSON.stringify({{value: {code}}})")).get("value")
