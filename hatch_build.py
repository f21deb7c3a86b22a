"""Build hook: puts the pinned assets into the wheel, and the test assets beside the checkout.

The archives are those that ``web/package-lock.json`` names. npm fetches them, this file checks their sha512
before it reads anything out of them, and only then a finished folder takes its place: never half of one.
Users of a wheel need no Node.js; building one does.
"""

import base64
import hashlib
import importlib.util
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
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
class Compiled:
    """A file that is made of whole archives: `web/<script>.py` has a function `compile_archives`,
    from the archives by package name to the bytes of the file."""

    packages: tuple[str, ...]
    script: str
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
    # For pages with a Chart alone; a part of the client of its own.
    Asset(package="echarts", member="package/dist/echarts.min.js", name="echarts.js"),
    Asset(package="echarts", member="package/LICENSE", name="echarts.LICENSE"),
    Asset(package="echarts", member="package/NOTICE", name="echarts.NOTICE"),
    Asset(package="idiomorph", member="package/dist/idiomorph.min.js", name="idiomorph.js"),
    Asset(package="idiomorph", member="package/LICENSE", name="idiomorph.LICENSE"),
    Asset(package="crypto-js", member="package/crypto-js.js", name="crypto-js.js"),
    Asset(package="crypto-js", member="package/LICENSE", name="crypto-js.LICENSE"),
    # Its build for CommonJS: the last one for browsers (3.1) throws errors that tell no place.
    Asset(package="jwt-decode", member="package/build/cjs/index.js", name="jwt-decode.js"),
    Asset(package="jwt-decode", member="package/LICENSE", name="jwt-decode.LICENSE"),
    Asset(package="lodash", member="package/lodash.min.js", name="lodash.js"),
    Asset(package="lodash", member="package/LICENSE", name="lodash.LICENSE"),
    Asset(package="moment", member="package/min/moment.min.js", name="moment.js"),
    Asset(package="moment", member="package/LICENSE", name="moment.LICENSE"),
    # Without its own data: time zones are those of the server (portico.culture.zones).
    Asset(
        package="moment-timezone",
        member="package/builds/moment-timezone.min.js",
        name="moment-timezone.js",
    ),
    Asset(package="moment-timezone", member="package/LICENSE", name="moment-timezone.LICENSE"),
    # The last version that is one script; those after it are modules.
    Asset(package="uuid", member="package/dist/umd/uuid.min.js", name="uuid.js"),
    Asset(package="uuid", member="package/LICENSE.md", name="uuid.LICENSE"),
    Asset(package="cldr-core", member="package/LICENSE", name="cldr.LICENSE"),
    Asset(package="@blueprintjs/icons", member="package/LICENSE", name="icons.LICENSE"),
)
RUNTIME_COMPILED = (
    Compiled(
        packages=("cldr-core", "cldr-dates-full", "cldr-misc-full", "cldr-numbers-full"),
        script="cldr",
        name="cldr.zip",
    ),
    Compiled(packages=("@blueprintjs/icons",), script="icons", name="icons.json"),
)

TEST_FOLDER = "build/test-assets"
TEST_ASSETS = (
    Asset(package="axe-core", member="package/axe.min.js", name="axe.min.js"),
    Asset(package="axe-core", member="package/LICENSE", name="axe.LICENSE"),
    # With its own data, as apps of others have it: what ours is compared with.
    Asset(
        package="moment-timezone",
        member="package/builds/moment-timezone-with-data.min.js",
        name="moment-timezone.js",
    ),
)


class AssetBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # its configuration type is of no use here
    """Wheels and editable installs get the runtime assets; editable installs also the test assets."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Provide the assets; ``version`` is "standard" or "editable". Ends the build where that fails."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        try:
            provide(root, root / RUNTIME_FOLDER, RUNTIME_ASSETS, RUNTIME_COMPILED)
            if version == "editable":
                provide(root, root / TEST_FOLDER, TEST_ASSETS)
        except AssetError as error:
            self.app.abort(str(error))
        names = [*(asset.name for asset in RUNTIME_ASSETS), *(made.name for made in RUNTIME_COMPILED)]
        build_data["artifacts"].extend(f"{RUNTIME_FOLDER}/{name}" for name in names)

    def clean(self, versions: list[str]) -> None:
        """Remove what ``initialize`` wrote."""
        for folder in (RUNTIME_FOLDER, TEST_FOLDER):
            shutil.rmtree(Path(self.root, folder), ignore_errors=True)


def provide(root: Path, folder: Path, assets: tuple[Asset, ...], compiled: tuple[Compiled, ...] = ()) -> None:
    """Make ``folder`` hold exactly ``assets`` and ``compiled``; no network where it already does.

    Raises AssetError; ``folder`` is then as it was before.
    """
    packages = {asset.package for asset in assets} | {name for made in compiled for name in made.packages}
    pins = read_pins(root / "web" / "package-lock.json", packages)
    scripts = tuple((root / "web" / f"{made.script}.py").read_text() for made in compiled)
    made_of = (pins, assets, compiled, scripts)
    names = [*(asset.name for asset in assets), *(made.name for made in compiled)]
    if is_current(folder, names, made_of):
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
        for made in compiled:
            wanted_pins = [pin for pin in pins if pin.package in made.packages]
            whole = {pin.package: read_archive(archives / pin.archive, pin) for pin in wanted_pins}
            (fresh / made.name).write_bytes(compiler(root / "web" / f"{made.script}.py")(whole))
        (fresh / STAMP).write_text(stamp_of(fresh, names, made_of))
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


def is_current(folder: Path, names: list[str], made_of: object) -> bool:
    """Whether ``folder`` holds what is made of this, every byte as it was checked."""
    try:
        return (folder / STAMP).read_text() == stamp_of(folder, names, made_of)
    except FileNotFoundError:
        return False


def stamp_of(folder: Path, names: list[str], made_of: object) -> str:
    """A digest of what the files were made of, and of the files themselves."""
    digest = hashlib.sha256(repr(made_of).encode())
    for name in names:
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def compiler(script: Path) -> Callable[[Mapping[str, bytes]], bytes]:
    """The function ``compile_archives`` of a script of ours."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise AssetError(f"{script} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Mapping[str, bytes]], bytes] = module.compile_archives
    return found


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
    data = read_archive(archive, pin)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {asset.name: _read_member(tar, asset, pin) for asset in assets}


def read_archive(archive: Path, pin: Pin) -> bytes:
    """An archive, if it has the pinned sha512."""
    data = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != pin.sha512:
        raise AssetError(
            f"{pin.package} {pin.version}: the archive does not match the sha512 in web/package-lock.json; "
            "nothing of it was used"
        )
    return data


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
