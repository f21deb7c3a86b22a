"""Build hook: puts the pinned browser assets into the wheel, and the test assets beside the checkout.

The archives are those that ``web/package-lock.json`` names. npm fetches them, this file checks their sha512
before it reads anything out of them, and only then a finished folder takes its place: never half of one.
Users of a wheel need no Node.js; building one does.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = ".stamp"


class AssetError(RuntimeError):
    """The browser assets cannot be provided; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One file of a package: the member of its archive, and the name it gets here."""

    package: str
    member: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """The exact version of a package and the sha512 of its archive, in base64."""

    package: str
    version: str
    sha512: str

    @property
    def archive(self) -> str:
        """The file name that ``npm pack`` gives the archive."""
        return f"{self.package.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


RUNTIME_FOLDER = "src/portico/_assets"
RUNTIME_ASSETS = (
    Asset(package="idiomorph", member="package/dist/idiomorph.esm.js", name="idiomorph.js"),
    Asset(package="idiomorph", member="package/LICENSE", name="idiomorph.LICENSE"),
)

TEST_FOLDER = "build/test-assets"
TEST_ASSETS = (
    Asset(package="axe-core", member="package/axe.min.js", name="axe.min.js"),
    Asset(package="axe-core", member="package/LICENSE", name="axe.LICENSE"),
)


class AssetBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # its configuration type is of no use here
    """Wheels and editable installs get the runtime assets; editable installs also the test assets."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Provide the assets; ``version`` is "standard" or "editable". Ends the build where that fails."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        try:
            provide(root, root / RUNTIME_FOLDER, RUNTIME_ASSETS)
            if version == "editable":
                provide(root, root / TEST_FOLDER, TEST_ASSETS)
        except AssetError as error:
            self.app.abort(str(error))
        build_data["artifacts"].extend(f"{RUNTIME_FOLDER}/{asset.name}" for asset in RUNTIME_ASSETS)

    def clean(self, versions: list[str]) -> None:
        """Remove what ``initialize`` wrote."""
        for folder in (RUNTIME_FOLDER, TEST_FOLDER):
            shutil.rmtree(Path(self.root, folder), ignore_errors=True)


def provide(root: Path, folder: Path, assets: tuple[Asset, ...]) -> None:
    """Make ``folder`` hold exactly ``assets``; no network where it already does.

    Raises AssetError; ``folder`` is then as it was before.
    """
    pins = read_pins(root / "web" / "package-lock.json", {asset.package for asset in assets})
    if is_current(folder, pins, assets):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        archives, fresh = Path(scratch, "archives"), Path(scratch, "fresh")
        archives.mkdir()
        fresh.mkdir()
        fetch(pins, archives)
        for pin in pins:
            wanted = [asset for asset in assets if asset.package == pin.package]
            for name, data in read_members(archives / pin.archive, pin, wanted).items():
                (fresh / name).write_bytes(data)
        (fresh / STAMP).write_text(stamp_of(fresh, pins, assets))
        take_place(fresh, folder, old=Path(scratch, "old"))


def read_pins(lock: Path, packages: Iterable[str]) -> list[Pin]:
    """The pins of ``packages``, sorted; AssetError where the lock does not pin one by sha512."""
    entries = json.loads(lock.read_text())["packages"]
    return [_pin(package, entries.get(f"node_modules/{package}", {})) for package in sorted(packages)]


def _pin(package: str, entry: Mapping[str, str]) -> Pin:
    algorithm, _, digest = entry.get("integrity", "").partition("-")
    if algorithm != "sha512" or not digest:
        raise AssetError(f"{package} is not pinned by sha512 in web/package-lock.json; run `make lock`")
    return Pin(package=package, version=entry["version"], sha512=digest)


def is_current(folder: Path, pins: list[Pin], assets: tuple[Asset, ...]) -> bool:
    """Whether ``folder`` holds the assets of these pins, every byte as it was checked."""
    try:
        return (folder / STAMP).read_text() == stamp_of(folder, pins, assets)
    except FileNotFoundError:
        return False


def stamp_of(folder: Path, pins: list[Pin], assets: tuple[Asset, ...]) -> str:
    """A digest of the pins, of the list of assets and of the files themselves."""
    digest = hashlib.sha256(repr((pins, assets)).encode())
    for asset in assets:
        digest.update(hashlib.sha256((folder / asset.name).read_bytes()).digest())
    return digest.hexdigest()


def fetch(pins: list[Pin], into: Path) -> None:
    """Fetch the archives with one ``npm pack``, which runs nothing of what it fetches."""
    npm = shutil.which("npm")
    if npm is None:
        raise AssetError(
            "the browser assets are not there yet and npm is not on PATH: "
            "install Node.js with npm (only the build needs it) and run this again"
        )
    command = [npm, "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(into)]
    specs = [f"{pin.package}@{pin.version}" for pin in pins]
    done = subprocess.run([*command, *specs], cwd=into, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssetError(f"npm pack {' '.join(specs)} failed:\n{done.stderr.strip()[-1000:]}")


def read_members(archive: Path, pin: Pin, assets: Iterable[Asset]) -> dict[str, bytes]:
    """The wanted files by their new name, from an archive that has the pinned sha512. Extracts no path."""
    data = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != pin.sha512:
        raise AssetError(
            f"{pin.package} {pin.version}: the archive does not match the sha512 in web/package-lock.json; "
            "nothing of it was used"
        )
    with tarfile.open(archive) as tar:
        return {asset.name: _read_member(tar, asset, pin) for asset in assets}


def _read_member(tar: tarfile.TarFile, asset: Asset, pin: Pin) -> bytes:
    try:
        stream = tar.extractfile(asset.member)
    except KeyError:
        stream = None
    if stream is None:
        raise AssetError(
            f"{pin.package} {pin.version} has no file {asset.member}; correct it in hatch_build.py"
        )
    return stream.read()


def take_place(fresh: Path, folder: Path, *, old: Path) -> None:
    """Put ``fresh`` where ``folder`` is, by renaming; what was there goes to ``old``."""
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
