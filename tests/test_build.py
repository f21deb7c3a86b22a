"""The build hook: only checked bytes reach the package, whole or not at all."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import hatch_build
from hatch_build import Asset, AssetError, Compiled, Pin

ROOT = Path(__file__).parent.parent
ASSETS = (Asset(package="left", member="package/left.js", name="left.js"),)


def archive(path: Path, members: dict[str, bytes]) -> str:
    """Write a package archive as npm would and give its sha512 in base64."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def checkout(root: Path, integrity: str) -> Path:
    """A project folder whose lock pins one package."""
    lock = {"packages": {"node_modules/left": {"version": "1.0.0", "integrity": integrity}}}
    (root / "web").mkdir(parents=True)
    (root / "web" / "package-lock.json").write_text(json.dumps(lock))
    return root


def npm(folder: Path, script: str) -> None:
    """An executable `npm` of our own making: the registry that a test may use."""
    folder.mkdir()
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes]) -> str:
    """Let `npm pack` deliver an archive with these members; gives the sha512 of the archive."""
    source = tmp_path / "served.tgz"
    digest = archive(source, members)
    # The hook calls: npm pack --loglevel=error --ignore-scripts --pack-destination FOLDER SPEC
    npm(tmp_path / "bin", f'/bin/cp "{source}" "$5/left-1.0.0.tgz"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return f"sha512-{digest}"


def test_provide_writes_the_checked_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder holds the wanted member under its new name, the stamp, and nothing else."""
    integrity = serve(tmp_path, monkeypatch, {"package/left.js": b"left", "package/../../evil": b"evil"})
    root = checkout(tmp_path / "project", integrity)
    hatch_build.provide(root, root / "out", ASSETS)
    assert {path.name: path.read_bytes() for path in (root / "out").iterdir() if path.suffix} == {
        "left.js": b"left"
    }
    assert sorted(path.name for path in root.iterdir()) == ["out", "web"]


def test_provide_needs_no_npm_where_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamped folder is taken as it is; a changed file is not, nor is another lock."""
    integrity = serve(tmp_path, monkeypatch, {"package/left.js": b"left"})
    root = checkout(tmp_path / "project", integrity)
    hatch_build.provide(root, root / "out", ASSETS)
    monkeypatch.setenv("PATH", "")
    hatch_build.provide(root, root / "out", ASSETS)

    (root / "out" / "left.js").write_bytes(b"tampered")
    with pytest.raises(AssetError, match="npm is not on PATH"):
        hatch_build.provide(root, root / "out", ASSETS)


def test_provide_replaces_what_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of an older lock go, the new ones come."""
    root = checkout(tmp_path / "project", serve(tmp_path, monkeypatch, {"package/left.js": b"left"}))
    (root / "out").mkdir()
    (root / "out" / "gone.js").write_text("old")
    hatch_build.provide(root, root / "out", ASSETS)
    assert sorted(path.name for path in (root / "out").iterdir()) == [hatch_build.STAMP, "left.js"]


JOINING = """
def compile_archives(archives):
    return b"".join(name.encode() + b":" + str(len(data)).encode() for name, data in archives.items())
"""


def test_provide_compiles_whole_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of ours makes one file of checked archives, anew only when one of them changes."""
    root = checkout(tmp_path / "project", serve(tmp_path, monkeypatch, {"package/left.js": b"left"}))
    (root / "web" / "join.py").write_text(JOINING)
    compiled = (Compiled(packages=("left",), script="join", name="all.bin"),)
    hatch_build.provide(root, root / "out", ASSETS, compiled)
    size = (tmp_path / "served.tgz").stat().st_size
    assert (root / "out" / "all.bin").read_bytes() == f"left:{size}".encode()

    monkeypatch.setenv("PATH", "")
    hatch_build.provide(root, root / "out", ASSETS, compiled)
    (root / "web" / "join.py").write_text(JOINING + "# changed\n")
    with pytest.raises(AssetError, match="npm is not on PATH"):
        hatch_build.provide(root, root / "out", ASSETS, compiled)


def test_compiled_archives_are_checked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No script sees an archive that does not match."""
    serve(tmp_path, monkeypatch, {"package/left.js": b"evil"})
    root = checkout(tmp_path / "project", "sha512-" + base64.b64encode(b"0" * 64).decode())
    (root / "web" / "join.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(AssetError, match="does not match the sha512"):
        hatch_build.provide(
            root, root / "out", (), (Compiled(packages=("left",), script="join", name="all.bin"),)
        )


def test_provide_refuses_an_archive_that_does_not_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the package; what was there before is untouched and nothing half is left."""
    serve(tmp_path, monkeypatch, {"package/left.js": b"evil"})
    root = checkout(tmp_path / "project", "sha512-" + base64.b64encode(b"0" * 64).decode())
    (root / "out").mkdir()
    (root / "out" / "left.js").write_text("old")
    with pytest.raises(AssetError, match=r"left 1\.0\.0: the archive does not match the sha512"):
        hatch_build.provide(root, root / "out", ASSETS)
    assert (root / "out" / "left.js").read_text() == "old"
    assert sorted(path.name for path in root.iterdir()) == ["out", "web"]


def test_provide_says_what_npm_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that does not answer is reported with npm's own words."""
    npm(tmp_path / "bin", "echo no such package >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    root = checkout(tmp_path / "project", "sha512-eA==")
    with pytest.raises(AssetError, match=r"npm pack left@1\.0\.0 failed:\nno such package"):
        hatch_build.provide(root, root / "out", ASSETS)
    assert not (root / "out").exists()


def test_read_members_names_a_missing_member(tmp_path: Path) -> None:
    """A package that moved its file is reported by the file's name."""
    digest = archive(tmp_path / "left.tgz", {"package/other.js": b"x"})
    pin = Pin(package="left", version="1.0.0", sha512=digest)
    with pytest.raises(AssetError, match=r"left 1\.0\.0 has no file package/left\.js"):
        hatch_build.read_members(tmp_path / "left.tgz", pin, ASSETS)


@pytest.mark.parametrize("integrity", ["sha1-eA==", ""])
def test_read_pins_takes_sha512_only(tmp_path: Path, integrity: str) -> None:
    """A weaker digest, or none, is refused before anything is fetched."""
    root = checkout(tmp_path, integrity)
    with pytest.raises(AssetError, match="left is not pinned by sha512"):
        hatch_build.read_pins(root / "web" / "package-lock.json", {"left"})


def test_wheel_holds_the_assets_and_no_test_material(tmp_path: Path) -> None:
    """What a user installs: the package, its assets with their licences, the command."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        (entry_points,) = (content.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert {"portico/__init__.py", "portico/py.typed"} <= set(names)
    assert {"portico/ui/static/dev/dev.css", "portico/cli/new_app/strapi/app.yaml"} <= set(names)
    assets = (*hatch_build.RUNTIME_ASSETS, *hatch_build.RUNTIME_COMPILED)
    provided = {asset.name for asset in assets}
    assert {f"portico/_assets/{name}" for name in provided} == {name for name in names if "/_assets/" in name}
    assert [name for name in names if not name.startswith(("portico/", "portico-"))] == []
    assert [name for name in names if "axe" in name] == []
    assert "portico = portico.cli:main" in entry_points
