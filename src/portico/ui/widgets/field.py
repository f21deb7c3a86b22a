"""What the inputs of forms have around their control: a label, a hint, a message."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property
from portico.ui.prose import as_text
from portico.ui.style import choice
from portico.ui.widgets.node import Node

LABEL_POSITIONS = ("Top", "Left", "Auto")

LABELLED = {
    "label": Property(kind="text", default="Label", help="The words beside it."),
    "labelPosition": Property(
        kind="choice", default="Top", choices=LABEL_POSITIONS, help="Where the label stands."
    ),
}


def required(what: str) -> Mapping[str, Property]:
    """`isRequired`: it is invalid while `what`, such as nothing is chosen."""
    return {
        "isRequired": Property(kind="boolean", default=False, help=f"Whether it is invalid while {what}.")
    }


def surroundings(node: Node) -> dict[str, Any]:
    """What `LABEL` or `CAPTION`, and `FOOT`, need: its label, where that stands, what describes it, and
    whether it is to say what is wrong."""
    props = node.props
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    return {
        "label": as_text(props["label"]),
        "position": choice(props["labelPosition"], ("TOP", "LEFT", "AUTO")),
        "described": " ".join([*described, f"e.{node.path}"]),
        "wrong": bool(props["isDirty"]) and props["isValid"] is False,
    }


def live(node: Node, event: str) -> str | None:
    """When a change is posted: as an event, as a value that something depends on, or with the next event."""
    return "event" if node.fires(event) else "value" if node.widget.live else None


_WORDS = """\
{{ label }}{% if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}"""

#: The label of a control.
LABEL = f"""\
{{% if label %}}
<label for="c.{{{{ w.path }}}}">{_WORDS}</label>
{{% endif %}}
"""

#: The label of a group of controls.
CAPTION = f"""\
{{% if label %}}
<span class="caption" id="l.{{{{ w.path }}}}">{_WORDS}</span>
{{% endif %}}
"""

#: The attributes of a control, and those that have no value.
ATTRIBUTES = """\
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- for name, set in flags.items() if set %} {{ name }}{% endfor %}"""

FOOT = """\
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}"{% if not wrong %} hidden{% endif %}>
{%- if wrong %}{{ p.message|text }}{% endif %}</p>
"""
