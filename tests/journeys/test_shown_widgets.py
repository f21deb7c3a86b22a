"""Simulated users meet pickers of files, rich text, charts and placeholders, with and without a browser."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.definition.apps import write

FILES = {
    "app.yaml": "auth: none\n",
    "pages/Home/page.yaml": """
title: Home
widgets:
  - name: F
    type: Form
    widgets:
      - {name: Name, type: Input, label: Name}
      - {name: Pick, type: FilePicker, label: Photo}
      - {name: Note, type: RichTextEditor, labelText: Note}
      - name: Send
        type: Button
        text: Send
        onClick: |
          {{ showAlert([Name.text, Note.text.replace(/<[^>]*>/g, ''), Pick.files.length].join(' ')) }}
  - name: Sold
    type: Chart
    chartType: COLUMN_CHART
    chartData: [{seriesName: Tea, data: [{x: Jan, y: 3}]}]
    onDataPointClick: "{{ showAlert('chose ' + Sold.selectedDataPoint.x) }}"
  - {name: Map1, type: Placeholder, widget: MAP_WIDGET, properties: {zoom: 7}}
  - {name: Zoom, type: Text, text: "{{ 'Zoom ' + Map1.zoom }}"}
""",
    "tests/shown.yaml": """
journeys:
  a form with a file and a note is sent:
    - open: Home
    - see: MAP_WIDGET is not supported yet
    - see: Zoom 7
    - fill: {Name: Ada, Note: a note}
    - click: Send
    - see: Ada a note 0
""",
}


@pytest.mark.parametrize("how", [[], ["--browser"]], ids=["without", "with a browser"])
def test_simulated_users_use_them(tmp_path: Path, how: list[str]) -> None:
    """`portico test` fills in rich text as any field, and sends forms that may hold files."""
    app = write(tmp_path, FILES)
    done = subprocess.run(
        [sys.executable, "-m", "portico", "test", str(app), *how], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 journey" in done.stdout
