"""What a probe found, as text and as JSON. Text is files of an app, with everything else as comments."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from portico.importers.probe_findings import Findings, Sent

_MARKS = {"seen": "", "likely": " (likely)", "unknown": " (not sure)"}


def as_text(found: Findings, files: Mapping[str, str]) -> str:
    """The conclusions, the requests that were made, and the files."""
    return "\n".join(
        [*_lines(found), *(f"\n# {path}\n{content.rstrip()}" for path, content in files.items())]
    )


def as_json(found: Findings, files: Mapping[str, str]) -> str:
    """Everything as one JSON object."""
    return json.dumps({**asdict(found), "files": dict(files)}, indent=2, ensure_ascii=False)


def line(sent: Sent) -> str:
    """One request."""
    return f"{sent.method} {sent.path}: {sent.status or sent.failure}  ({sent.purpose})"


def _lines(found: Findings) -> Iterator[str]:
    yield f"# {found.url}"
    for conclusion in found.conclusions:
        mark = _MARKS[conclusion.sure]
        yield f"#   {conclusion.about}: {conclusion.found}{mark}: {conclusion.reason}"
    yield f"# {len(found.requests)} requests were made:"
    for sent in found.requests:
        yield f"#   {line(sent)}"
