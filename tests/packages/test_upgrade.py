"""Packages of apps are brought to newer versions: shown, checked, and changed whole."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from portico.definition.content import content_hash
from portico.definition.module_uses import ModuleUse
from portico.definition.versions import version
from portico.errors import InstallationRefused, PackageNotFound, PackagesConflict
from portico.model.place import Place
from portico.packages.comparison import Change, Subject
from portico.packages.installation import Origin, Request, add
from portico.packages.listing import read
from portico.packages.registry import Registry
from portico.packages.upgrade import Upgrade, concerned, upgrade
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

RENAMED = GREETING.replace("  shown:", "  text:")


def installed(root: Path, *later: tuple[str, str]) -> tuple[Registry, Path]:
    """An app with version 1.0.0, and versions that came later, with their modules."""
    registry, shop = shelf(root), app(root)
    put(registry, package(root / "sources" / "1.0.0"), "greeting", "1.0.0")
    add(shop, Request(name="greeting"), Origin(otherwise=registry.folder), READER)
    for number, module in later:
        put(registry, package(root / "sources" / number, number, module=module), "greeting", number)
    return registry, shop


def run(shop: Path, *names: str, to: str | None = None, origin: Origin | None = None) -> Upgrade:
    """Upgrade; the registry is the one that the lock names."""
    return upgrade(shop, names, version(to) if to else None, origin or Origin(), READER)


def test_the_newest_in_the_range(tmp_path: Path) -> None:
    """Copied, pinned, told with what differs; app.yaml stays; a second time nothing happens."""
    more = GREETING.replace("outputs:\n", 'outputs:\n  more: "{{ 1 }}"\n')
    _, shop = installed(tmp_path, ("1.0.1", GREETING + "# x\n"), ("1.1.0", more), ("2.0.0", RENAMED))
    manifest = (shop / "app.yaml").read_bytes()
    found = run(shop)
    assert [(str(it.before), str(it.after)) for it in found.steps] == [("1.0.0", "1.1.0")]
    assert [it.change.words for it in found.steps[0].concerns] == ["the output more of Greeting is new"]
    assert found.steps[0].concerns[0].uses == ()
    assert content_hash(shop / "packages" / "greeting") == content_hash(tmp_path / "sources" / "1.1.0")
    assert read(shop).locked["greeting"].version == "1.1.0"
    assert (shop / "app.yaml").read_bytes() == manifest
    assert errors(shop) == []
    before = content(shop)
    assert run(shop) == Upgrade(notes=("greeting 1.1.0 is the newest in ^1.0; beyond that there is 2.0.0",))
    assert content(shop) == before


def test_a_change_that_the_app_cannot_take(tmp_path: Path) -> None:
    """What differs is shown with the instance that it concerns; with an error nothing changes; with the
    page made ready it is done, and app.yaml gets the range."""
    _, shop = installed(tmp_path, ("2.0.0", RENAMED))
    before = content(shop)
    found = run(shop, "greeting", to="2.0.0")
    gone = next(it for it in found.steps[0].concerns if it.change.level == "major")
    assert gone.change.words == "the output shown of Greeting is gone"
    assert [(use.page, use.instance, use.place.line) for use in gone.uses] == [("Home", "Greeting1", 3)]
    assert [(problem.code, problem.received) for problem in found.problems] == [("E705", "Greeting1.shown")]
    assert content(shop) == before
    page = shop / "pages/Home/page.yaml"
    page.write_text(page.read_text().replace("Greeting1.shown", "Greeting1.text"))
    assert run(shop, "greeting", to="2.0.0").problems == ()
    assert '  greeting: "^2.0"\n' in (shop / "app.yaml").read_text()
    assert errors(shop) == []


def test_back_to_an_older_version(tmp_path: Path) -> None:
    """Within the range that stays as it is."""
    _, shop = installed(tmp_path, ("1.0.1", GREETING + "# x\n"))
    run(shop)
    manifest = (shop / "app.yaml").read_bytes()
    assert [str(it.after) for it in run(shop, "greeting", to="1.0.0").steps] == ["1.0.0"]
    assert (shop / "app.yaml").read_bytes() == manifest
    assert errors(shop) == []


def test_one_that_needs_another_now(tmp_path: Path) -> None:
    """It is added, listed and pinned with it."""
    registry, shop = installed(tmp_path)
    source = package(tmp_path / "next", "1.1.0", needs={"words": "^3.0"})
    put(registry, package(tmp_path / "words", "3.1.0", name="words"), "words", "3.1.0")
    put(registry, source, "greeting", "1.1.0")
    found = run(shop)
    assert [(it.name, it.before is None) for it in found.steps] == [("greeting", False), ("words", True)]
    assert '  words: "^3.0"\n' in (shop / "app.yaml").read_text()
    assert read(shop).locked["words"].version == "3.1.0"
    assert errors(shop) == []


def test_packages_that_are_followed(tmp_path: Path) -> None:
    """Passed over with a word."""
    package(tmp_path / "greeting")
    manifest = APP["app.yaml"] + "packages: {greeting: {path: ../greeting}}\n"
    shop = app(tmp_path, {"app.yaml": manifest})
    before = content(shop)
    assert run(shop).notes == ("greeting follows the files in ../greeting, and is always as they are",)
    assert content(shop) == before


def test_what_is_refused(tmp_path: Path) -> None:
    """Names that are not listed, versions that are not there, copies that are not what is pinned, and a
    lock that names no registry."""
    registry, shop = installed(tmp_path, ("1.0.1", GREETING + "# x\n"))
    before = content(shop)
    with pytest.raises(InstallationRefused, match="did you mean `greeting`"):
        run(shop, "greetings")
    with pytest.raises(PackagesConflict, match=r"wanted is 7\.0\.0"):
        run(shop, "greeting", to="7.0.0")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackageNotFound, match="no package greeting"):
        run(shop, origin=Origin(named=tmp_path / "empty"))
    assert content(shop) == before
    lock = (shop / "portico.lock").read_text()
    (shop / "portico.lock").write_text(lock.replace(", registry: ../registry", ""))
    with pytest.raises(InstallationRefused, match="Nothing says where greeting comes from"):
        run(shop)
    assert run(shop, origin=Origin(named=registry.folder)).problems == ()
    (shop / "packages/greeting" / MODULE).write_text("kind: ui\n")
    with pytest.raises(InstallationRefused, match="portico package add greeting"):
        run(shop)


def test_a_registry_that_holds_another_content_now(tmp_path: Path) -> None:
    """The version that the app has is compared too, before anything newer is taken from there."""
    registry, shop = installed(tmp_path)
    (tmp_path / "other").mkdir()
    other = shelf(tmp_path / "other", "1.0.0")
    with pytest.raises(InstallationRefused, match="is not the one that"):
        run(shop, origin=Origin(named=other.folder))
    assert registry.folder.is_dir()


def _use(**more: frozenset[str]) -> ModuleUse:
    none: frozenset[str] = frozenset()
    parts = {"inputs": none, "outputs": none, "functions": none, **more}
    return ModuleUse(page="", instance="A", package="p", module="M", place=Place("app.yaml", 1, 1), **parts)


@pytest.mark.parametrize(
    ("subject", "used"),
    [
        ("input", _use(inputs=frozenset({"x"}))),
        ("output", _use(outputs=frozenset({"x"}))),
        ("function", _use(functions=frozenset({"x"}))),
    ],
)
def test_whom_a_change_concerns(subject: Subject, used: ModuleUse) -> None:
    """Instances that give the input, read the output or call the function; all of them, where every
    instance has to do something; none of other packages and modules."""
    change = Change(level="major", subject=subject, module="M", name="x", words="")
    uses = [used, _use()]
    assert concerned(change, "p", uses) == (used,)
    assert concerned(replace(change, everyone=True), "p", uses) == tuple(uses)
    assert concerned(replace(change, module="N"), "p", uses) == ()
    assert concerned(change, "q", uses) == ()


def test_an_upgrade_that_is_killed_fails_closed(tmp_path: Path) -> None:
    """Killed right before each of its steps: the app runs with the old version or the new one, or does
    not start because the copy is not what is pinned; the next command brings it into order."""
    registry, model = installed(tmp_path, ("1.0.1", GREETING + "# x\n"))
    old = content(model)
    moment = 1
    codes: set[str] = set()
    while True:
        shop = write(tmp_path / "apps" / str(moment) / "shop", {})
        for name, data in old.items():
            write(shop, {name: data.decode()})
        lock = (shop / "portico.lock").read_text()
        write(shop, {"portico.lock": lock.replace("../registry", "../../../registry")})
        if not killed_at(moment, partial(run, shop)):
            break
        codes.update(errors(shop))
        run(shop)
        assert read(shop).locked["greeting"].version == "1.0.1"
        assert content_hash(shop / "packages/greeting") == content_hash(tmp_path / "sources" / "1.0.1")
        assert errors(shop) == []
        assert content(shop).keys() == old.keys()
        moment += 1
    assert codes <= {"E701", "E704"}
    assert moment > 10
    assert registry.versions("greeting")
