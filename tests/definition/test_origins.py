"""Origins that pages would load from, and those that `app.yaml` declares."""

from pathlib import Path

import pytest

from portico.model.origins import is_declared, origin_of
from tests.definition.apps import PLAIN, loaded


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://x.io/a?b#c", "https://x.io"),
        ("HTTPS://X.io:443/", "https://x.io"),
        ("http://x.io:8080", "http://x.io:8080"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        (" https://x.io ", "https://x.io"),
        ("https://user@x.io/", None),
        ("https://x.io:99999/", None),
        ("//x.io/a", None),
        ("/a", None),
        ("logo.svg", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_origins(address: str, origin: str | None) -> None:
    """Of http and https alone, without what is usual."""
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("origin", "declared", "is_so"),
    [
        ("https://x.io", ["https://x.io"], True),
        ("https://x.io", ["https://y.io", "https://x.io:443"], True),
        ("https://x.io", ["http://x.io"], False),
        ("https://x.io:8443", ["https://x.io"], False),
        ("https://a.x.io", ["https://*.x.io"], True),
        ("https://a.b.x.io", ["https://*.x.io"], True),
        ("https://x.io", ["https://*.x.io"], False),
        ("https://evilx.io", ["https://*.x.io"], False),
        ("http://a.x.io", ["https://*.x.io"], False),
        ("https://x.io.evil.io", ["https://x.io"], False),
        ("https://x.io", [], False),
    ],
)
def test_declared(origin: str, declared: list[str], is_so: bool) -> None:
    """As the browser's policy reads them."""
    assert is_declared(origin, declared) is is_so


@pytest.mark.parametrize(
    ("frames", "source", "reported"),
    [
        ("[]", "https://x.io/a", ["https://x.io"]),
        ("[https://x.io]", "https://x.io/a", []),
        ("[https://y.io]", "https://x.io/{{ 1 }}", ["https://x.io"]),
        ("[https://*.x.io]", "https://a.x.io/{{ 1 }}", []),
        ("[]", "{{ NameInput.text }}", [None]),
        ("[https://y.io]", "{{ NameInput.text }}", []),
        ("[]", "https://{{ NameInput.text }}/", [None]),
        ("[]", "", []),
        ("[]", "logo.svg", []),
    ],
)
def test_what_is_not_declared_is_reported(
    tmp_path: Path, frames: str, source: str, reported: list[str | None]
) -> None:
    """Written out, in part, or bound in an app that declares none."""
    page = (
        "widgets:\n  - {name: NameInput, type: Input}\n"
        f'  - {{name: Frame, type: Iframe, source: "{source}"}}\n'
    )
    files = {
        **PLAIN,
        "app.yaml": f"auth: none\nbrowser: {{frames: {frames}}}\n",
        "pages/Home/page.yaml": page,
    }
    found = [problem for problem in loaded(tmp_path, files).problems if problem.code == "W222"]
    assert [problem.received for problem in found] == reported
