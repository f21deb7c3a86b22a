"""The theme of an application: of it, its one colour is ours."""

import re
from collections.abc import Mapping
from typing import Any

from portico.importers.appsmith.loose import dig, text

_HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(,[^)]*)?\)")
#: The colours of themes that Appsmith brings along, which applications only name.
_SYSTEM = {"Default-New": "#553de9", "Default": "#16a34a", "Classic": "#16a34a"}


def brand(theme: Mapping[str, Any]) -> str | None:
    """The colour of buttons and links; None where nothing says."""
    said = text(dig(theme, "properties", "colors", "primaryColor")).strip()
    if _HEX.fullmatch(said):
        return said.lower()
    found = _RGB.fullmatch(said)
    if found is not None:
        parts = [min(int(part), 255) for part in found.groups()[:3]]
        return "#" + "".join(f"{part:02x}" for part in parts)
    return _SYSTEM.get(text(theme.get("name")))
