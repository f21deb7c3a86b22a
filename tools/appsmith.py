"""Writes `docs/appsmith-support.md`: what an import from Appsmith takes over, from the code."""

from collections.abc import Iterator
from pathlib import Path

from portico.definition import properties
from portico.importers.appsmith.libraries import KNOWN
from portico.importers.appsmith.sources import DATABASES, GRAPHQL, REST
from portico.importers.appsmith.spots import HINTS
from portico.importers.appsmith.widget_table import PLACEHOLDER, TABLE, Entry
from portico.model.program import LIBRARY_NAMES
from portico.ui.widgets import CATALOGUE

FILE = Path(__file__).parents[1] / "docs" / "appsmith-support.md"

HEAD = """\
# What comes over from Appsmith

Made by `make docs` from the code of the import; [Bring an Appsmith app](appsmith.md) explains it.

## Widgets

Properties and events of the same name come over by themselves; the table names what is called otherwise
here. What a type of Portico has: [reference](reference.md#widgets).

"""


def text() -> str:
    """The whole page."""
    parts = [HEAD, "| in Appsmith | here | called otherwise | events |\n|---|---|---|---|\n"]
    parts += (_row(entry) for entry in TABLE.values())
    parts.append(f"\nAny other type: {_other()}\n\n## Queries\n\n")
    parts.append("| plugin | here |\n|---|---|\n")
    parts += (f"| `{plugin}` | {kind} |\n" for plugin, kind in _plugins())
    parts.append("| any other | left out and told; what reads it gets undefined |\n\n")
    parts.append("## Libraries\n\n| code calls it | here |\n|---|---|\n")
    parts += (f"| `{name}` | {here.what} |\n" for name, here in sorted(KNOWN.items()))
    parts.append(f"| {_built_in()} | as in Appsmith, which brings them itself |\n")
    parts.append("| any other | left out and told; what reads it gets undefined |\n\n")
    parts.append("## Names that scripts have in Appsmith and not here\n\n| name | instead |\n|---|---|\n")
    parts += (f"| `{name}` | {hint} |\n" for name, hint in sorted(HINTS.items()))
    return "".join(parts)


def _row(entry: Entry) -> str:
    found = next((name for name in (entry.to, entry.otherwise) if name in CATALOGUE), None)
    here = _other() if found is None else f"`{found}`"
    renamed = ", ".join(f"`{old}` → `{new}`" for old, new in entry.renamed.items()) if found else ""
    return f"| `{entry.of}` | {here} | {renamed} | {_events(found)} |\n"


def _events(name: str | None) -> str:
    """The events of a type, those of its records among them."""
    if name is None:
        return ""
    kind = CATALOGUE[name]
    found = [*kind.events, *(event for prop in properties.of(kind).values() for event in prop.events)]
    return ", ".join(f"`{event}`" for event in dict.fromkeys(found))


def _built_in() -> str:
    return ", ".join(f"`{name}`" for name in ("_", "moment") if name in LIBRARY_NAMES)


def _other() -> str:
    if PLACEHOLDER in CATALOGUE:
        return "a placeholder that keeps its name and properties"
    return "left out and told; what stands in it stays"


def _plugins() -> Iterator[tuple[str, str]]:
    for plugin in sorted(REST):
        yield plugin, "`rest`"
    for plugin in sorted(GRAPHQL):
        yield plugin, "`graphql`"
    for plugin in sorted(DATABASES):
        yield plugin, f"`sql`, over `{DATABASES[plugin]}://`"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
