"""JSONForms as an app has them, and the places of their fields."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.ui.running import Running, text_of

ADA: Mapping[str, Any] = {
    "name": "Ada",
    "mail": "ada@example.com",
    "age": 36,
    "active": True,
    "born": "1815-12-10",
    "langs": ["en", "fr"],
    "none": None,
    "address": {"city": "London", "zip": None},
    "kids": [{"name": "Byron", "age": 3}, {"name": "Anne", "age": 1}],
    "notes": "a\nb",
    "first name": "Augusta",
    "grid": [[1]],
    "__v": 1,
}
SUBMIT = "{{ showAlert(JSON.stringify(F.formData)) }}"


def form(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with the JSONForm `F`, whose `onSubmit` says its `formData`."""
    given = {"name": "F", "type": "JSONForm", "sourceData": ADA, "onSubmit": SUBMIT, **props}
    seen = text_of("Seen", "[F.formData, F.fieldState, F.isValid, F.isDirty]")
    return Running(folder, given, seen, *more)


def mark(page: Running) -> str:
    """What the places of the fields begin with now."""
    nodes = page.value("F", "view")["nodes"]
    return str(nodes[0]["detail"].partition("/")[0])


def at(page: Running, place: str) -> str:
    """The place of a field as the browser has it."""
    return f"{mark(page)}/{place}"


def put(page: Running, place: str, value: Any, part: str = "field") -> bool:
    """The user sets a field; whether the server took it."""
    return page.post(f"F:{part}:{at(page, place)}", value)


def data(page: Running) -> Any:
    """`formData`."""
    return json.loads(page.widget("Seen").text)[0]


def state(page: Running) -> Any:
    """`fieldState`."""
    return json.loads(page.widget("Seen").text)[1]


def flags(page: Running) -> tuple[bool, bool]:
    """`isValid` and `isDirty`."""
    _, _, valid, dirty = json.loads(page.widget("Seen").text)
    return valid, dirty


def controls(page: Running) -> Mapping[str, Mapping[str, Any]]:
    """The controls of the view by their places."""
    found = page.value("F", "view")["controls"]
    return {place.partition("/")[2]: control for place, control in found.items()}
