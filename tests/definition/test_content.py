"""The content of a package: which files count, what they hash to, and what cannot be in one."""

import hashlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition.content import content_hash, data, files
from portico.definition.folder import FILE_LIMIT
from portico.errors import PackageUnusable

FILES = {"package.yaml": "name: login\n", "modules/Login/module.yaml": "kind: ui\n", "modules/a.txt": ""}


def package(root: Path, content: Mapping[str, str] = FILES) -> Path:
    """A folder with these files."""
    for path, text in content.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_the_hash_is_the_one_of_the_design(tmp_path: Path) -> None:
    """A line of hash and path for every file, sorted by path: computed here by hand."""
    lines = "".join(f"{hashlib.sha256(FILES[path].encode()).hexdigest()} {path}\n" for path in sorted(FILES))
    folder = package(tmp_path / "login")
    assert files(folder) == tuple(sorted(FILES))
    assert content_hash(folder) == "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def test_what_is_hidden_does_not_count(tmp_path: Path) -> None:
    """Neither hidden files nor what lies in hidden folders; nor do empty folders, times and modes."""
    plain, more = package(tmp_path / "a"), package(tmp_path / "b")
    package(more, {".git/config": "x", "modules/.swp": "x", ".DS_Store": "x"})
    (more / "empty").mkdir()
    (more / "package.yaml").chmod(0o600)
    os.utime(more / "package.yaml", (1, 1))
    assert content_hash(more) == content_hash(plain)


@pytest.mark.parametrize(
    "change",
    [
        {"package.yaml": "name: login \n"},
        {"package.yaml": "name: login\r\n"},
        {"modules/b.txt": ""},
    ],
)
def test_every_byte_counts(change: Mapping[str, str], tmp_path: Path) -> None:
    """A space, a line end, an empty file more."""
    before = content_hash(package(tmp_path / "login"))
    for path, text in change.items():
        (tmp_path / "login" / path).write_bytes(text.encode())
    assert content_hash(tmp_path / "login") != before


def test_a_renamed_file_counts(tmp_path: Path) -> None:
    """The same contents under other names are another package."""
    folder = package(tmp_path / "login")
    before = content_hash(folder)
    (folder / "modules/a.txt").rename(folder / "modules/b.txt")
    assert content_hash(folder) != before


def test_a_link_inside_is_the_file_it_leads_to(tmp_path: Path) -> None:
    """As if a copy stood there, which is what is published."""
    linked, copied = package(tmp_path / "a"), package(tmp_path / "b")
    (linked / "same.yaml").symlink_to("package.yaml")
    (copied / "same.yaml").write_text(FILES["package.yaml"])
    assert content_hash(linked) == content_hash(copied)
    (tmp_path / "c").symlink_to(copied)
    assert content_hash(tmp_path / "c") == content_hash(copied), "the folder itself may be a link"


def refused(folder: Path, words: str) -> None:
    """The package is refused with these words, and the file is named."""
    with pytest.raises(PackageUnusable) as caught:
        content_hash(folder)
    assert words in caught.value.message
    assert str(folder) in caught.value.message


def test_links_that_lead_elsewhere(tmp_path: Path) -> None:
    """Out of the package, to a folder, in a circle, to nowhere."""
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret")
    for target, words in (
        (outside, "out of the package"),
        (Path("../outside.yaml"), "out of the package"),
        (tmp_path, "out of the package"),
        (Path("modules"), "a link to a folder"),
        (Path("bad"), "not a regular file"),
        (Path("nowhere"), "not a regular file"),
    ):
        folder = package(tmp_path / "login")
        (folder / "bad").symlink_to(target)
        refused(folder, words)
        (folder / "bad").unlink()
    assert content_hash(tmp_path / "login")


def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe does not make it wait; a socket is refused too."""
    folder = package(tmp_path / "login")
    os.mkfifo(folder / "pipe")
    refused(folder, "not a regular file")
    (folder / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as server, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # the address of a socket has a hundred bytes
        server.bind("socket")
        refused(folder, "not a regular file")


@pytest.mark.parametrize("name", [b"a\nb", b"a\x1bb", b"a\\b", b"a\xffb", "a\u202eb".encode()])
def test_names_that_cannot_be(name: bytes, tmp_path: Path) -> None:
    """Line feeds, control characters, backslashes, and what is no UTF-8."""
    folder = package(tmp_path / "login")
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("")
    refused(folder, "Rename it")


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    """One byte too many is refused; the limit itself is not."""
    folder = package(tmp_path / "login")
    (folder / "large").write_bytes(b"x" * FILE_LIMIT)
    assert content_hash(folder)
    (folder / "large").write_bytes(b"x" * (FILE_LIMIT + 1))
    refused(folder, f"over {FILE_LIMIT} bytes")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A folder that is not there, a file that fails when it is read, and what one has no permission for."""
    refused(tmp_path / "nowhere", "not a folder")
    with pytest.raises(PackageUnusable, match="cannot be read: Input/output error"):
        data(Path("/proc/self/mem"))
    folder = package(tmp_path / "login")
    for path in (folder / "package.yaml", folder / "modules"):
        mode = path.stat().st_mode
        path.chmod(0)
        try:
            if os.geteuid() != 0:  # root reads everything
                refused(folder, "Permission denied")
        finally:
            path.chmod(mode)
