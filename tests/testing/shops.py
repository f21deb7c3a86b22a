"""A small app for journeys, whole or with something broken."""

from collections.abc import Mapping
from pathlib import Path

from portico.cli import new, new_auth

#: A page with one of everything that journeys use.
PARTS = """\
title: Parts
access: public
widgets:
  - {name: Word, type: Input, label: Word}
  - {name: Twin1, type: Input, label: Twin}
  - {name: Twin2, type: Input, label: Twin}
  - {name: Colour, type: Select, label: Colour, sourceData: [{label: Red, value: r}, {label: Blue, value: b}]}
  - {name: Agreed, type: Checkbox, label: I agree}
  - {name: Echo, type: Text, text: "{{ 'You said ' + Word.text + ' in ' + Colour.selectedOptionValue }}"}
  - {name: Yes, type: Text, text: "{{ Agreed.isChecked ? 'All agreed' : 'Nobody agrees' }}"}
  - {name: Say, type: Button, text: Say it, onClick: "{{ showAlert('It was ' + Word.text) }}"}
  - {name: Dead, type: Button, text: Dead, isDisabled: true, onClick: "{{ showAlert('no') }}"}
  - {name: Leave, type: Button, text: Go on, onClick: "{{ navigateTo('Login') }}"}
  - {name: Late, type: Button, text: Later, onClick: "{{ setTimeout(() => showAlert('It is late'), 300) }}"}
  - {name: Beside, type: Button, text: Beside, onClick: "{{ navigateTo('Login', {}, 'NEW_WINDOW') }}"}
  - name: Form
    type: Form
    widgets:
      - {name: Must, type: Input, label: Must, isRequired: true}
      - {name: Send, type: Button, text: Send, disabledWhenInvalid: true, onClick: "{{ showAlert('Sent') }}"}
  - name: Ways
    type: Tabs
    defaultTab: By mail
    tabs:
      - label: By mail
        widgets: [{name: Mailed, type: Button, text: By name, onClick: "{{ showAlert('Mailed') }}"}]
      - label: By name
        widgets: [{name: Named, type: Button, text: By name, onClick: "{{ showAlert('Named') }}"}]
"""


def shop(folder: Path, journeys: str, changes: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """What `portico new --auth supabase` makes, with the page `Parts` and these journeys alone; in some files
    a text is replaced by another."""
    for path, content in {**new_auth.files("supabase"), "pages/Parts/page.yaml": PARTS}.items():
        file = folder / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace(new.DRAFT_SLUG, "shop"), encoding="utf-8")
    for path, (before, after) in (changes or {}).items():
        file = folder / "shop" / path
        text = file.read_text(encoding="utf-8")
        assert before in text, path
        file.write_text(text.replace(before, after), encoding="utf-8")
    (folder / "shop" / "tests" / "sign_in.yaml").write_text(journeys, encoding="utf-8")
    return folder / "shop"
