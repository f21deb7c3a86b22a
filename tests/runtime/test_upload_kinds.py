"""Names and kinds of uploaded files: nothing a browser says is believed."""

import pytest

from portico.runtime.upload_kinds import HEAD, NAME_LIMIT, kind_of, safe_name

PNG = b"\x89PNG\r\n\x1a\n rest"
ZIP = b"PK\x03\x04 rest"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("cat.png", "cat.png"),
        ("my résumé (2).pdf", "my résumé (2).pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("C:a.txt", "Ca.txt"),
        ("a.txt:stream", "a.txtstream"),
        ("/", "file"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("...", "file"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nX-Evil: 1.txt", "aX-Evil 1.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("con", "_con"),
        ("COM1.txt", "_COM1.txt"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("a.txt. . ", "a.txt"),
        ('<img src=x>"|?*', "img src=x"),
        (".htaccess", ".htaccess"),
        ("ａ\u0301", "ａ\u0301"),
    ],
)
def test_a_name_is_no_path(given: str, name: str) -> None:
    """Only the last part is left, of characters that people see, and no device."""
    assert safe_name(given) == name


def test_a_long_name_keeps_its_ending() -> None:
    """4 KB of name become 200 characters."""
    found = safe_name("a" * 4096 + ".pdf")
    assert len(found) == NAME_LIMIT
    assert found.endswith("a.pdf")
    assert len(safe_name("." + "b" * 5000)) <= NAME_LIMIT


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.png", PNG, "image/png"),
        ("a.txt", PNG, "image/png"),
        ("a.png", b"MZ\x90\x00", "application/x-msdownload"),
        ("a.docx", ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.png", ZIP, "application/zip"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        ("a.webp", b"RIFF1234WEBPVP8 ", "image/webp"),
        ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("a.png", b"a,b\n1,2\n", "text/plain"),
        ("a.html", b"<script>", "text/html"),
        ("a.svg", b"<svg/>", "image/svg+xml"),
        ("noname", b"words", "text/plain"),
        ("a.csv", b"a\0b", "application/octet-stream"),
        ("a.txt", b"\xff\xfe\x00a", "application/octet-stream"),
        ("a.txt", b"", "text/plain"),
        ("a.txt", ("x" * (HEAD - 1) + "ü").encode()[:HEAD], "text/plain"),
    ],
)
def test_the_content_says_what_it_is(name: str, head: bytes, kind: str) -> None:
    """The name only tells kinds apart that look alike."""
    assert kind_of(name, head) == kind
