"""Data as YAML that people read and edit on."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

#: Text that is text in every YAML without quotes: no word or number of another type, no sign of YAML's.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.@+-]*( [A-Za-z0-9_/.@+-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Inline(dict[str, str]):
    """A small mapping on one line: `{secret: NAME}`."""


def dump(data: Mapping[str, Any]) -> str:
    """A mapping in its own order: long text after `|`, everything else quoted unless it is plainly text."""
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=float("inf"),
    )


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, with other choices of style."""

    def ignore_aliases(self, data: Any) -> bool:
        """Aliases are not part of app files."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    if "\n" in text:
        style = "|"
    elif _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        style = ""
    else:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _inline(dumper: _Dumper, data: Inline) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Inline, _inline)
