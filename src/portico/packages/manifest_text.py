"""`packages:` of app.yaml, written so that everything else in the file stays as it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from portico.definition.lock import word
from portico.errors import InstallationRefused

KEY = "packages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What is to stand for a package; all but the range is written with new ones alone."""

    within: str
    registry: str | None = None
    datasources: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As YAML on one line."""
        within = json.dumps(self.within)
        parts = [f"version: {within}"]
        if self.registry is not None:
            parts.append(f"registry: {word(self.registry)}")
        if self.datasources:
            bound = ", ".join(f"{word(name)}: {word(ours)}" for name, ours in self.datasources.items())
            parts.append(f"datasources: {{{bound}}}")
        return within if len(parts) == 1 else f"{{{', '.join(parts)}}}"

    @property
    def data(self) -> Any:
        """As it is read again."""
        return yaml.safe_load(self.text)


def with_packages(text: str, entries: Mapping[str, Entry]) -> str:
    """`text` with these entries: one that is there gets the range, others are added after the last.

    Comments, order, quotes and line ends stay. Raises InstallationRefused, with the lines to write, for a
    file in which that cannot be done.
    """
    for name, entry in entries.items():
        wanted = _expected(text, name, entry)
        text = _with(text, name, entry)
        if _data(text) != wanted:
            raise _by_hand(entries)
    return text


def _with(text: str, name: str, entry: Entry) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _by_hand({name: entry})
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{word(name)}: {entry.text}"
    pair = next(((key, value) for key, value in root.value if key.value == KEY), None)
    if pair is None:
        indent = " " * root.value[0][0].start_mark.column
        body = text if text.endswith("\n") else text + newline
        gap = "" if body.endswith(newline * 2) else newline
        return f"{body}{gap}{indent}{KEY}:{newline}{indent}  {line}{newline}"
    key, value = pair
    if isinstance(value, yaml.MappingNode):
        there = next((node for inner, node in value.value if inner.value == name), None)
        if there is None:
            return _added(text, value, line, newline)
        return _changed(text, there, name, entry)
    indent = " " * (key.start_mark.column + 2)
    if value.value:
        # `null`, written out.
        start, end = value.start_mark.index, value.end_mark.index
        return f"{text[:start].rstrip(' ')}{newline}{indent}{line}{text[end:]}"
    return _after(text, key.end_mark.index, f"{indent}{line}", newline)


def _added(text: str, packages: yaml.MappingNode, line: str, newline: str) -> str:
    if packages.flow_style:
        if not packages.value:
            start = packages.start_mark.index + 1
            return f"{text[:start]}{line}{text[start:]}"
        end = _end(packages.value[-1][1])
        return f"{text[:end]}, {line}{text[end:]}"
    indent = " " * packages.value[0][0].start_mark.column
    return _after(text, _end(packages.value[-1][1]), f"{indent}{line}", newline)


def _changed(text: str, node: yaml.Node, name: str, entry: Entry) -> str:
    """Another range for a package that is there."""
    if isinstance(node, yaml.MappingNode):
        found = [value for key, value in node.value if key.value == "version"]
        if not found:
            raise _by_hand({name: entry})
        node = found[0]
    start, end = node.start_mark.index, node.end_mark.index
    return f"{text[:start]}{json.dumps(entry.within)}{text[end:]}"


def _after(text: str, index: int, line: str, newline: str) -> str:
    """A line after the one of `index`."""
    end = text.find("\n", index)
    if end < 0:
        return f"{text}{newline}{line}{newline}"
    return f"{text[: end + 1]}{line}{newline}{text[end + 1 :]}"


def _end(node: yaml.Node) -> int:
    """Where a value ends: the mark of a block would be where the next one begins."""
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _expected(text: str, name: str, entry: Entry) -> Any:
    data = _data(text)
    packages = dict(data.get(KEY) or {})
    before = packages.get(name)
    changed = {**before, "version": entry.within} if isinstance(before, dict) else entry.within
    return {**data, KEY: {**packages, name: entry.data if before is None else changed}}


def _data(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None


def _by_hand(entries: Mapping[str, Entry]) -> InstallationRefused:
    lines = ", ".join(f"{word(name)}: {entry.text}" for name, entry in entries.items())
    return InstallationRefused(
        message=f"app.yaml is written in a form that cannot be added to. Write this below `{KEY}:` yourself, "
        f"and call the command again: {lines}"
    )
