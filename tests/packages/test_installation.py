"""A package comes into an app whole, pinned, checked with it, or not at all."""

from functools import partial
from pathlib import Path

import pytest
from semantic_version import Version

from portico.definition.content import content_hash
from portico.definition.versions import versions_range
from portico.errors import InstallationRefused, PackageNotFound, PackagesConflict, RegistryUnusable
from portico.packages.change import STAGE
from portico.packages.installation import Addition, Origin, Request, add
from portico.packages.listing import read
from portico.packages.own import FOLDER
from portico.packages.registry import Registry
from tests.packages.deaths import killed_at
from tests.packages.shelves import (
    APP,
    GREETING,
    MODULE,
    READER,
    app,
    content,
    errors,
    package,
    put,
    shelf,
    write,
)

COPY = f"packages/greeting/{MODULE}"


def install(
    root: Path, registry: Registry | None, within: str | None = None, *, name: str = "greeting", **bound: str
) -> Addition:
    """Add a package from a registry that is named."""
    request = Request(name=name, within=versions_range(within) if within else None, datasources=bound)
    return add(root, request, Origin(named=registry.folder if registry is not None else None), READER)


def test_a_package_is_added(tmp_path: Path) -> None:
    """The newest in the range: its files as published, its line in app.yaml, its pin in portico.lock."""
    registry = shelf(tmp_path, "1.0.0", "1.2.0", "2.0.0")
    shop = app(tmp_path)
    assert errors(shop) == ["E705"]
    found = install(shop, registry, "^1.0")
    assert [str(it.version) for it in found.packages] == ["1.2.0"]
    assert content_hash(shop / "packages" / "greeting") == content_hash(tmp_path / "sources" / "1.2.0")
    assert content(shop).keys() == {*APP, "portico.lock", COPY, "packages/greeting/package.yaml"}
    assert (shop / "app.yaml").read_text() == (
        APP["app.yaml"] + '\npackages:\n  greeting: {version: "^1.0", registry: ../registry}\n'
    )
    pinned = read(shop).locked["greeting"]
    assert (pinned.version, pinned.registry) == ("1.2.0", "../registry")
    assert READER.app(shop).app is not None


def test_the_usual_range_and_registry(tmp_path: Path) -> None:
    """Without a range it is the one in which the newest stays compatible; a registry that is not named
    is not written into app.yaml, and the lock says it."""
    registry, shop = shelf(tmp_path, "0.9.0", "1.2.3", "2.0.0-rc.1"), app(tmp_path)
    add(shop, Request(name="greeting"), Origin(otherwise=registry.folder), READER)
    assert '  greeting: "^1.2"\n' in (shop / "app.yaml").read_text()
    assert read(shop).locked["greeting"].registry == "../registry"
    assert errors(shop) == []


def test_a_second_time_nothing_happens(tmp_path: Path) -> None:
    """Also when there is a newer one: that is what upgrade is for."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    install(shop, registry)
    shelf(tmp_path, "1.1.0")
    before = content(shop)
    assert install(shop, registry) == Addition()
    assert content(shop) == before


def test_a_damaged_copy_comes_back_as_it_was_pinned(tmp_path: Path) -> None:
    """A changed byte, or no copy at all, stops the app; `add` brings back the version that is pinned,
    and not the newest."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    install(shop, registry)
    before = content(shop)
    shelf(tmp_path, "1.1.0")
    (shop / COPY).write_text(GREETING + "\n")
    assert "E704" in errors(shop)
    install(shop, registry)
    assert content(shop) == before
    (shop / "packages" / "greeting").rename(tmp_path / "away")
    assert "E701" in errors(shop)
    install(shop, None)
    assert content(shop) == before
    assert errors(shop) == []


def test_a_registry_with_another_content_is_refused(tmp_path: Path) -> None:
    """What the lock pins is not replaced by something else of the same version."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    install(shop, registry)
    (shop / COPY).write_text(GREETING + "\n")
    before = content(shop)
    (tmp_path / "other").mkdir()
    other = shelf(tmp_path / "other")
    put(other, package(tmp_path / "evil", more={"evil.txt": "x"}), "greeting", "1.0.0")
    with pytest.raises(InstallationRefused, match="is not the one that"):
        install(shop, other)
    assert content(shop) == before


def test_a_changed_registry_is_refused(tmp_path: Path) -> None:
    """A byte in its files: nothing of it reaches the app."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    file = registry.folder / "greeting" / "1.0.0" / MODULE
    file.write_text(file.read_text().replace("Hello", "Hullo"))
    before = content(shop)
    with pytest.raises(RegistryUnusable, match="not what was published"):
        install(shop, registry)
    assert content(shop) == before


def test_listed_by_hand(tmp_path: Path) -> None:
    """A line in app.yaml is installed as it says, and stays as it is."""
    registry = shelf(tmp_path, "1.0.0", "1.1.0", "2.0.0")
    manifest = APP["app.yaml"] + "packages:\n  greeting: {version: ~1.0, registry: ../registry}  # ours\n"
    shop = app(tmp_path, {"app.yaml": manifest})
    assert [str(it.version) for it in install(shop, None).packages] == ["1.0.0"]
    assert (shop / "app.yaml").read_text() == manifest
    assert registry.folder.is_dir()
    assert errors(shop) == []


WRAPPER = """\
kind: ui
outputs: {shown: "{{ Inner.shown }}"}
inputs: {name: {type: string, default: ""}}
widgets:
  - {name: Inner, module: greeting/Greeting, inputs: {name: "{{ inputs.name }}"}}
"""


def wrapped(root: Path) -> tuple[Registry, Path]:
    """A registry with a package that needs another, and an app that uses it."""
    registry = shelf(root, "1.0.0", "1.1.0", "2.0.0")
    source = package(root / "wrapper", name="wrapper", module=WRAPPER, needs={"greeting": "^1.0"})
    put(registry, source, "wrapper", "1.0.0")
    page = APP["pages/Home/page.yaml"].replace("greeting/", "wrapper/")
    return registry, app(root, {"pages/Home/page.yaml": page})


def test_what_it_needs_comes_too(tmp_path: Path) -> None:
    """Both are listed and pinned, the one that is needed by the range that it is needed in."""
    registry, shop = wrapped(tmp_path)
    install(shop, registry, name="wrapper")
    found = read(shop)
    assert {name: it.version for name, it in found.locked.items()} == {
        "greeting": "1.1.0",
        "wrapper": "1.0.0",
    }
    assert {name: it.within.expression for name, it in found.listed.items() if it.within} == {
        "greeting": "^1.0",
        "wrapper": "^1.0",
    }
    assert errors(shop) == []


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    """A version that is pinned is used if it fits, else the conflict is told; so is a followed one."""
    registry, shop = wrapped(tmp_path)
    install(shop, registry, "1.0.0")
    install(shop, registry, name="wrapper")
    assert read(shop).locked["greeting"].version == "1.0.0"
    manifest = APP["app.yaml"] + "packages: {greeting: {path: ../sources/2.0.0}}\n"
    other = write(tmp_path / "other", {**APP, "app.yaml": manifest})
    before = content(other)
    with pytest.raises(PackagesConflict, match=r"\^1\.0 for wrapper 1\.0\.0; 2\.0\.0 is installed"):
        install(other, registry, name="wrapper")
    assert content(other) == before


DATA = {
    "modules/Greeting/queries/words.yaml": "datasource: words_api\npath: /\n",
}


def test_an_app_that_would_have_more_errors_stays_as_it_is(tmp_path: Path) -> None:
    """A datasource that nothing stands for is told; bound, the package is added with it. Errors that
    the app has anyway are no reason."""
    registry = shelf(tmp_path)
    module = GREETING.replace("kind: ui", "kind: ui\ndatasources: [words_api]")
    put(registry, package(tmp_path / "greeting", module=module, more=DATA), "greeting", "1.0.0")
    broken = "title: Old\nwidgets:\n  - {name: X, type: Nothing}\n"
    shop = app(
        tmp_path, {"datasources/ours.yaml": "url: https://example.com\n", "pages/Old/page.yaml": broken}
    )
    before = content(shop)
    found = install(shop, registry)
    assert [problem.code for problem in found.problems] == ["E711"]
    assert content(shop) == before
    assert install(shop, registry, words_api="ours").problems == ()
    assert "datasources: {words_api: ours}" in (shop / "app.yaml").read_text()
    assert errors(shop) == ["E205"]


@pytest.mark.parametrize(
    ("manifest", "within", "words"),
    [
        ("packages: {greeting: {path: ../sources/1.0.0}}\n", None, "takes greeting from the files in"),
        ("packages: {greeting: ^2.0}\n", "^1.0", r"lists greeting as \^2\.0 already"),
        ("packages: {greeting: latest}\n", None, "needs a range of versions"),
        ("packages: [greeting]\n", None, "is a mapping of names"),
        ("name: {{ x }}\n", None, "cannot be used"),
    ],
)
def test_what_is_refused(manifest: str, within: str | None, words: str, tmp_path: Path) -> None:
    """Told in words; the app stays as it is."""
    registry = shelf(tmp_path, "1.0.0")
    shop = app(tmp_path, {"app.yaml": f"auth: none\n{manifest}"})
    before = content(shop)
    with pytest.raises(InstallationRefused, match=words):
        install(shop, registry, within)
    assert content(shop) == before


def test_no_app_and_no_registry(tmp_path: Path) -> None:
    """A folder without app.yaml, a package of which nothing says where it is, a name that is not there,
    and a lock that cannot be used."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    with pytest.raises(InstallationRefused, match=r"has no app\.yaml"):
        install(tmp_path, registry)
    with pytest.raises(InstallationRefused, match="Nothing says where greeting comes from"):
        install(shop, None)
    with pytest.raises(PackageNotFound, match="did you mean `greeting`"):
        install(shop, registry, name="greetings")
    with pytest.raises(RegistryUnusable, match="There is no registry"):
        install(shop, Registry(tmp_path / "nowhere"))
    (shop / "portico.lock").write_text("packages: {greeting: {version: 1}}\n")
    with pytest.raises(InstallationRefused, match=r"portico\.lock cannot be used"):
        install(shop, registry)
    assert sorted(path.name for path in shop.iterdir()) == ["app.yaml", "pages", "portico.lock"]


def test_a_registry_far_away_is_named_in_full(tmp_path: Path) -> None:
    """From the app's folder if both have a common root, else by its whole path."""
    found = read(app(tmp_path))
    assert found.address(tmp_path / "a" / "registry") == "../a/registry"
    assert found.address(Path("/somewhere/registry")) == "/somewhere/registry"


def test_a_change_that_fails_is_taken_back(tmp_path: Path) -> None:
    """A folder where portico.lock is to be: the copy that was there already is there again."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    old = write(shop / "packages" / "greeting", {"old.txt": "x"})
    (shop / "packages" / "greeting" / "old.txt").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        rename = Path.rename

        def failing(self: Path, target: Path) -> Path:
            if Path(target).name == "app.yaml":
                raise PermissionError(13, "Permission denied")
            return rename(self, target)

        patch.setattr(Path, "rename", failing)
        before = content(shop)
        with pytest.raises(InstallationRefused, match="cannot be written: Permission denied"):
            install(shop, registry)
        assert content(shop) == before
    assert (old / "old.txt").read_text() == "x"
    install(shop, registry)
    assert errors(shop) == []


def test_an_addition_that_is_killed_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Killed right before each of its steps: the app is as it was or as it is to be; what comes next
    carries the change out or begins anew, and nothing is left over."""
    registry = shelf(tmp_path, "1.0.0")
    model = app(tmp_path / "model")
    install(model, registry)
    outcomes = set()
    moment = 1
    while True:
        (tmp_path / str(moment)).mkdir()
        shop = app(tmp_path / str(moment))
        before = content(shop)
        if not killed_at(moment, partial(install, shop, registry)):
            break
        shown = {name: data for name, data in content(shop).items() if not name.startswith(".")}
        for name in ("app.yaml", "portico.lock", COPY):
            assert shown.get(name) in (before.get(name), content(model).get(name)), (moment, name)
        outcomes.add(tuple(errors(shop)))
        assert errors(shop) in ([], ["E705"]), moment
        install(shop, registry)
        assert content(shop) == content(model)
        moment += 1
    assert outcomes == {(), ("E705",)}
    assert moment > 10
    assert not (shop / STAGE).exists()
    assert read(shop).version("greeting") == Version("1.0.0")


def test_packages_that_come_with_portico_need_no_registry(tmp_path: Path) -> None:
    """Neither app.yaml nor the lock says where they are, as that is another place on every machine."""
    shop = app(tmp_path, {"app.yaml": "name: Shop\nauth: none\n", "pages/Home/page.yaml": "title: Home\n"})
    for name in Registry(FOLDER).names():
        found = add(shop, Request(name=name), Origin(), READER)
        assert not found.problems
        assert read(shop).locked[name].registry is None
    assert str(FOLDER) not in (shop / "app.yaml").read_text() + (shop / "portico.lock").read_text()
    assert errors(shop) == []
    assert Registry(FOLDER).names() == ("portico-sessions",)


def test_a_registry_that_is_named_comes_first(tmp_path: Path) -> None:
    """Whoever has another package of the name gets that."""
    registry, shop = shelf(tmp_path, "1.0.0"), app(tmp_path)
    with pytest.raises(PackageNotFound):
        install(shop, registry, name="portico-sessions")
