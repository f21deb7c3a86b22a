"""The manual of the import says what the import does."""

import re
from pathlib import Path

from portico.importers.curl import parse
from portico.importers.curl_import import import_request
from portico.importers.shell import split
from portico.importers.yaml_text import dump

MANUAL = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")


def test_the_example_is_what_comes_of_its_command() -> None:
    """Word for word."""
    (command,) = re.findall(r"^```\n(curl .*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```yaml\n# (.*?)\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    found = import_request(parse(split(command).words))
    assert found.source is not None
    assert blocks == [
        (f"datasources/{found.datasource}.yaml", dump(found.source)),
        (f"queries/{found.query}.yaml", dump(found.content)),
    ]
