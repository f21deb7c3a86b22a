"""A registry: what is in it is whole, never changes, and is what was published."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from semantic_version import Version

from portico.definition.content import content_hash
from portico.definition.versions import versions_range
from portico.errors import Busy, PackageNotFound, PublicationRefused, RegistryUnusable
from portico.packages.claim import FILE_NAME, claim
from portico.packages.registry import STAGING, Registry
from tests.packages.deaths import killed_at
from tests.packages.shelves import GREETING, MODULE, content, package, put, shelf

FIRST = Version("1.0.0")


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def test_the_layout_is_the_one_of_the_design(tmp_path: Path) -> None:
    """Files, and beside them the hash of all; nothing hidden is published, nothing else is left."""
    registry = shelf(tmp_path)
    source = package(tmp_path / "greeting")
    (source / ".git").mkdir()
    (source / ".git" / "config").write_text("x")
    assert put(registry, source, "greeting", "1.0.0")
    assert content(registry.folder) == {
        "greeting/1.0.0/package.yaml": b"name: greeting\nversion: 1.0.0\n",
        f"greeting/1.0.0/{MODULE}": GREETING.encode(),
        "greeting/1.0.0.sha256": f"{content_hash(source)}\n".encode(),
    }
    assert names(registry.folder) == ["greeting"]


def test_names_and_versions(tmp_path: Path) -> None:
    """Versions in their own order, not the one of text; what is no package is passed over."""
    registry = shelf(tmp_path, "1.10.0", "1.9.0", "1.9.0-rc.1")
    (registry.folder / "README.md").write_text("x")
    (registry.folder / ".git").mkdir()
    (registry.folder / "empty").mkdir()
    (registry.folder / "greeting" / "notes.txt").write_text("x")
    (registry.folder / "greeting" / "2.0.0").mkdir()
    assert registry.names() == ("greeting",)
    assert [str(number) for number in registry.versions("greeting")] == ["1.9.0-rc.1", "1.9.0", "1.10.0"]
    assert registry.versions("../registry/greeting") == ()
    assert registry.newest("greeting", versions_range("^1.0")) == Version("1.10.0")
    assert registry.newest("greeting", versions_range("~1.9")) == Version("1.9.0")


@pytest.mark.parametrize(
    ("name", "within", "words"),
    [
        ("greting", "*", "did you mean `greeting`?"),
        ("greeting", "^2.0", "has no version of greeting in ^2.0. There is: 1.0.0, 1.1.0."),
        ("..", "*", "no package .."),
    ],
)
def test_what_is_not_there(name: str, within: str, words: str, tmp_path: Path) -> None:
    """Told with what there is."""
    registry = shelf(tmp_path, "1.0.0", "1.1.0")
    with pytest.raises(PackageNotFound) as caught:
        registry.newest(name, versions_range(within))
    assert words in caught.value.message


def test_what_is_published_never_changes(tmp_path: Path) -> None:
    """The same content again is no error and no change; another content is refused."""
    registry = shelf(tmp_path)
    source = package(tmp_path / "greeting")
    assert put(registry, source, "greeting", "1.0.0")
    before = content(registry.folder)
    assert not put(registry, source, "greeting", "1.0.0")
    (source / "extra.txt").write_text("x")
    with pytest.raises(PublicationRefused, match="published with another content"):
        put(registry, source, "greeting", "1.0.0")
    assert content(registry.folder) == before


def test_a_source_that_changes_meanwhile(tmp_path: Path) -> None:
    """What was judged is what is published, or nothing is."""
    registry = shelf(tmp_path)
    source = package(tmp_path / "greeting")
    judged = content_hash(source)
    (source / "extra.txt").write_text("x")
    with pytest.raises(PublicationRefused, match="was changed meanwhile"):
        registry.publish(source, "greeting", FIRST, expected=judged, seen=())
    assert names(registry.folder) == []


def test_another_version_that_comes_meanwhile(tmp_path: Path) -> None:
    """A version is compared with what was there: if that is not all any more, it is compared again."""
    registry = shelf(tmp_path, "1.0.0")
    source = package(tmp_path / "greeting", "1.1.0")
    with pytest.raises(PublicationRefused, match="published meanwhile"):
        registry.publish(source, "greeting", Version("1.1.0"), expected=content_hash(source), seen=())
    assert registry.versions("greeting") == (FIRST,)


@pytest.mark.parametrize("change", ["byte", "more", "less", "sidecar", "no folder"])
def test_a_changed_registry_is_refused(change: str, tmp_path: Path) -> None:
    """A byte, a file more or less, another hash, files that are gone: never read, never built upon."""
    registry = shelf(tmp_path, "1.0.0")
    source = tmp_path / "sources" / "1.0.0"
    assert registry.get("greeting", FIRST).hash == content_hash(source)
    folder = registry.folder / "greeting" / "1.0.0"
    if change == "byte":
        data = bytearray((folder / MODULE).read_bytes())
        data[0] ^= 1
        (folder / MODULE).write_bytes(data)
    elif change == "more":
        (folder / "more.txt").write_text("")
    elif change == "less":
        (folder / MODULE).unlink()
    elif change == "sidecar":
        (folder.parent / "1.0.0.sha256").write_text("sha256:" + "0" * 64)
    else:
        folder.rename(folder.with_name("elsewhere"))
    with pytest.raises((RegistryUnusable, PackageNotFound)):
        registry.get("greeting", FIRST)
    with pytest.raises((RegistryUnusable, PublicationRefused)):
        put(registry, source, "greeting", "1.0.0")


def test_a_copy_is_judged_by_itself(tmp_path: Path) -> None:
    """What changes between reading and copying is found in the copy."""
    registry = shelf(tmp_path, "1.0.0")
    found = registry.get("greeting", FIRST)
    registry.copy(found, tmp_path / "good")
    assert content_hash(tmp_path / "good") == found.hash
    (found.folder / "more.txt").write_text("x")
    with pytest.raises(RegistryUnusable, match="not what was published"):
        registry.copy(found, tmp_path / "bad")


def test_registries_that_cannot_be_used(tmp_path: Path) -> None:
    """Missing, a file, and one that nothing can be written to: each told in a sentence."""
    source = package(tmp_path / "greeting")
    for folder, words in (
        (tmp_path / "nowhere", "There is no registry"),
        (source / "package.yaml", "is not a folder"),
        (Path("/proc/self"), "cannot be written"),
    ):
        with pytest.raises(RegistryUnusable, match=words):
            put(Registry(folder), source, "greeting", "1.0.0")
    assert not (tmp_path / "nowhere").exists(), "a registry that is not mounted is not made anew"
    with pytest.raises(RegistryUnusable, match="There is no registry"):
        Registry(tmp_path / "nowhere").names()


def test_a_publication_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A file where the package's folder is to be, and a folder where its hash is to be."""
    registry = shelf(tmp_path)
    source = package(tmp_path / "greeting")
    (registry.folder / "greeting").write_text("x")
    with pytest.raises(RegistryUnusable, match="cannot be written: File exists"):
        put(registry, source, "greeting", "1.0.0")
    assert content(registry.folder) == {"greeting": b"x"}


def test_a_publication_that_is_killed_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Killed right before each of its steps: the version is there whole or not at all, and the same
    publication succeeds afterwards and cleans up."""
    source = package(tmp_path / "greeting", more={"a/b/c.txt": "x", "d.txt": "y"})
    outcomes = set()
    moment = 1
    while True:
        registry = Registry(tmp_path / f"registry-{moment}")
        registry.folder.mkdir()
        if not killed_at(moment, partial(put, registry, source, "greeting", "1.0.0")):
            break
        outcomes.add(registry.versions("greeting"))
        for number in registry.versions("greeting"):
            assert registry.get("greeting", number).hash == content_hash(source)
        put(registry, source, "greeting", "1.0.0")
        assert registry.get("greeting", FIRST).hash == content_hash(source)
        assert names(registry.folder) == ["greeting"]
        assert names(registry.folder / "greeting") == ["1.0.0", "1.0.0.sha256"]
        moment += 1
    assert outcomes == {(), (FIRST,)}
    assert moment > 10


def test_a_publication_that_is_not_atomic_would_be_found(tmp_path: Path) -> None:
    """The control of the test above: files copied to where they belong, the hash first."""
    source = package(tmp_path / "greeting", more={"a/b/c.txt": "x", "d.txt": "y"})

    def careless(registry: Registry) -> None:
        shelf = registry.folder / "greeting"
        (shelf / "1.0.0").mkdir(parents=True)
        (shelf / "1.0.0.sha256").write_text(content_hash(source))
        shutil.copytree(source, shelf / "1.0.0", dirs_exist_ok=True)

    found = False
    moment = 1
    while not found:
        registry = Registry(tmp_path / f"registry-{moment}")
        registry.folder.mkdir()
        assert killed_at(moment, partial(careless, registry)), "every moment left it whole"
        try:
            for number in registry.versions("greeting"):
                registry.get("greeting", number)
        except RegistryUnusable:
            found = True
        moment += 1


def test_files_without_a_hash(tmp_path: Path) -> None:
    """What was cut off is finished by the same content, and not replaced by another one."""
    registry = shelf(tmp_path, "1.0.0")
    source = tmp_path / "sources" / "1.0.0"
    (registry.folder / "greeting" / "1.0.0.sha256").unlink()
    assert registry.versions("greeting") == ()
    with pytest.raises(RegistryUnusable, match=r"without 1\.0\.0\.sha256"):
        put(registry, package(tmp_path / "other"), "greeting", "1.0.0")
    assert put(registry, source, "greeting", "1.0.0")
    assert registry.get("greeting", FIRST).hash == content_hash(source)


def test_two_that_publish_the_same_version(tmp_path: Path) -> None:
    """Two processes at once with different contents: one wins, the other is refused, and the registry is
    that of the winner. With the same content both are content."""
    sources = [package(tmp_path / name, more={"who.txt": name}) for name in ("a", "b")]
    for turn in range(10):
        for contents, wanted in ((sources, [0, 1]), (sources[:1] * 2, [0, 0])):
            registry = Registry(tmp_path / f"registry-{turn}-{wanted[1]}")
            registry.folder.mkdir()
            assert sorted(_at_once(registry, contents)) == wanted
            found = registry.get("greeting", FIRST)
            assert found.hash in {content_hash(source) for source in contents}
            assert names(registry.folder) == ["greeting"]


def _at_once(registry: Registry, sources: list[Path]) -> list[int]:
    """How processes end that publish at the same moment: 0 for published or there, 1 for refused."""
    waiting, go = os.pipe()
    children = []
    for source in sources:
        judged = content_hash(source)
        child = os.fork()
        if child == 0:
            os.close(go)
            os.read(waiting, 1)
            status = 2
            try:
                registry.publish(source, "greeting", FIRST, expected=judged, seen=())
                status = 0
            except PublicationRefused:
                status = 1
            finally:
                os._exit(status)
        children.append(child)
    os.close(waiting)
    os.close(go)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_one_at_a_time(tmp_path: Path) -> None:
    """Who comes second waits, and is told when that takes too long; the file that says so goes."""
    with claim(tmp_path):
        assert names(tmp_path) == [FILE_NAME]
        with pytest.raises(Busy, match="Another command"), claim(tmp_path, patience=0.05):
            pytest.fail("both hold it")
    assert names(tmp_path) == []
    with claim(tmp_path, patience=0):
        pass


def test_what_killed_publications_left_is_swept(tmp_path: Path) -> None:
    """The next one removes it; before that nobody takes it for a package."""
    registry = shelf(tmp_path, "1.0.0")
    (registry.folder / f"{STAGING}x" / "package").mkdir(parents=True)
    assert registry.names() == ("greeting",)
    put(registry, package(tmp_path / "new", "1.0.1"), "greeting", "1.0.1")
    assert names(registry.folder) == ["greeting"]
