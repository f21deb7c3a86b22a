"""Packages of an app: where each lies, which version it is, what is in it, what it needs."""

from pathlib import Path

import pytest

from portico.definition.content import content_hash
from portico.definition.load import Loaded, load
from portico.definition.packages import load_package
from tests.definition.apps import TYPES, brief, write
from tests.definition.packages import (
    ASK,
    ASK_QUERY,
    HOME,
    KIT,
    LOGIN,
    MANIFEST,
    PACKAGE,
    USING,
    fine,
    package,
    said,
    swapped,
    using,
)

CASES: list[tuple[str, dict[str, str], str]] = [
    (
        "no such folder",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kitt}}
"""
        },
        """\
app.yaml:2:24 E701 there is no such folder
    received: packages/kitt
    fix: write the path of a package's folder, from the folder of the app
""",
    ),
    (
        "neither a version nor a path",
        {
            MANIFEST: """\
auth: none
packages: {kit: {registry: x}}
"""
        },
        """\
app.yaml:2:17 E203 a package needs `version` or `path`
    fix: write a range like "^1.0", or a mapping with `version` or `path`
""",
    ),
    (
        "nothing",
        {
            MANIFEST: """\
auth: none
packages:
  kit:
"""
        },
        """\
app.yaml:3:7 E202 `kit` is a range of versions or a mapping
    received: nothing
    fix: write a range like "^1.0", or a mapping with `version` or `path`
""",
    ),
    (
        "a name that no package has",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit}, 'k it': '1'}
"""
        },
        """\
app.yaml:2:39 E114 a name has at most 64 letters, digits, `_` and `-`, a letter first
    received: k it
    fix: write the package's own name
""",
    ),
    (
        "no range",
        {
            MANIFEST: """\
auth: none
packages: {kit: latest}
"""
        },
        """\
app.yaml:2:17 E703 this is no range of versions
    received: latest
    fix: write one like "^1.0", "~1.2" or "1.2.3", in quotes
""",
    ),
    (
        "no range below version",
        {
            MANIFEST: """\
auth: none
packages: {kit: {version: 1.x.y.z}}
"""
        },
        """\
app.yaml:2:27 E703 this is no range of versions
    received: 1.x.y.z
    fix: write one like "^1.0", "~1.2" or "1.2.3", in quotes
""",
    ),
    (
        "a bound version",
        {
            MANIFEST: """\
auth: none
packages: {kit: '{{ 1 }}'}
"""
        },
        """\
app.yaml:2:17 E213 `kit` cannot be a binding
    received: {{ 1 }}
    fix: write the value out
""",
    ),
    (
        "another name",
        {
            f"{PACKAGE}package.yaml": """\
name: kat
version: 1.2.3
"""
        },
        """\
app.yaml:2:12 E702 the package in packages/kit/ is called `kat`: two packages of an app cannot share a name
    received: kit
    fix: write `kat:`, the package's own name
""",
    ),
    (
        "no name",
        {f"{PACKAGE}package.yaml": "version: 1.2.3\n"},
        """\
packages/kit/package.yaml:1:1 E203 package.yaml needs `name`
    fix: write `name: login`
""",
    ),
    (
        "a name that cannot be",
        {
            f"{PACKAGE}package.yaml": """\
name: a/b
version: 1.2.3
"""
        },
        """\
packages/kit/package.yaml:1:7 E114 a name has at most 64 letters, digits, `_` and `-`, a letter first
    received: a/b
    fix: rename it
""",
    ),
    (
        "no version",
        {f"{PACKAGE}package.yaml": "name: kit\n"},
        """\
packages/kit/package.yaml:1:1 E203 package.yaml needs `version`
    fix: write `version: 1.0.0`
""",
    ),
    (
        "no such version",
        {
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2
"""
        },
        """\
packages/kit/package.yaml:2:10 E702 a version is x.y.z
    received: 1.2
    fix: write `version: 1.0.0`
""",
    ),
    (
        "an unknown key",
        {
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2.3
licence: MIT
"""
        },
        """\
packages/kit/package.yaml:3:1 E201 package.yaml has no `licence`
    received: licence
    fix: known are `description`, `name`, `packages`, `version`
""",
    ),
    (
        "no package.yaml",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages}}
"""
        },
        """\
packages/package.yaml:1:1 E101 packages/package.yaml is missing
    fix: a package is a folder with package.yaml, which has `name` and `version`
""",
    ),
    (
        "no module",
        {
            MANIFEST: """\
auth: none
packages: {bare: {path: packages/bare}, kit: {path: packages/kit}}
""",
            "packages/bare/package.yaml": """\
name: bare
version: 1.0.0
""",
        },
        """\
packages/bare/package.yaml:1:1 E702 the package has no module
    fix: write modules/<Name>/module.yaml
""",
    ),
    (
        "a file that nothing reads",
        {
            f"{PACKAGE}modules/notes.txt": "x",
            f"{PACKAGE}modules/ask/other.yaml": "a: 1\n",
            f"{PACKAGE}datasources/x.txt": "x",
        },
        """\
packages/kit/datasources/x.txt:1:1 W101 nothing reads this
    fix: files of this folder end in .yaml
packages/kit/modules/ask/other.yaml:1:1 W101 nothing reads this
    fix: a module has module.yaml, queries/ and scripts/
packages/kit/modules/notes.txt:1:1 W101 nothing reads this
    fix: a module is a folder modules/<Name> with module.yaml in it
""",
    ),
    (
        "a package that it needs and the app has not",
        {
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2.3
packages: {other: ^1.0}
"""
        },
        """\
packages/kit/package.yaml:3:19 E705 the package `kit` needs `other`
    received: ^1.0
    fix: list `other` below `packages` of app.yaml too
""",
    ),
    (
        "a need without a range",
        {
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2.3
packages: {other: newest}
"""
        },
        """\
packages/kit/package.yaml:3:19 E703 this is no range of versions
    received: newest
    fix: write one like "^1.0", in quotes
""",
    ),
    (
        "a need of another version",
        {
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2.3
packages: {other: ^2.0}
""",
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit}, other: {path: packages/other}}
""",
            "packages/other/package.yaml": """\
name: other
version: 1.9.0
""",
            "packages/other/modules/M/module.yaml": "kind: ui\n",
        },
        """\
packages/kit/package.yaml:3:19 E703 the package `kit` needs another version of `other` than 1.9.0
    received: ^2.0
    fix: use versions that go with each other
""",
    ),
    (
        "a datasource that is bound to nothing there is",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit, datasources: {auth_api: apj}}}
"""
        },
        """\
app.yaml:2:62 E405 there is no datasource `apj`
    received: apj
    fix: did you mean `api`?
""",
    ),
    (
        "a datasource that the package does not need",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit, datasources: {auth: api}}}
"""
        },
        """\
app.yaml:2:58 E711 there is no datasource of kit called `auth`
    received: auth
    fix: did you mean `auth_api`?
""",
    ),
    (
        "a datasource that it needs and does not bring",
        {**swapped(LOGIN, "datasources: [auth_api]", "datasources: [auth_api, other]")},
        """\
app.yaml:2:12 E711 the package `kit` needs a datasource `other`, and brings none
    fix: write `kit: {…, datasources: {other: one of the app's}}`
""",
    ),
    (
        "two packages of one name",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit}, twin: {path: packages/twin}}
""",
            "packages/twin/package.yaml": """\
name: kit
version: 3.0.0
""",
            "packages/twin/modules/M/module.yaml": "kind: ui\n",
        },
        """\
app.yaml:2:39 E702 the package in packages/twin/ is called `kit`: two packages of an app cannot share a name
    received: twin
    fix: write `kit:`, the package's own name
""",
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_wrong_with_a_package(changes: dict[str, str], expected: str, tmp_path: Path) -> None:
    """Each mistake with its place, what was found and what to do; nothing follows from it elsewhere."""
    assert said(tmp_path, changes) == expected.rstrip("\n")


ADD = "run `portico package add kit --app shop --from REGISTRY`"


def locked(folder: Path, chosen: str = "^1.0", version: str = "1.2.3") -> Path:
    """The app with the package published: in a range of versions, pinned by its hash."""
    root = write(folder, {**USING, MANIFEST: f'auth: none\npackages: {{kit: "{chosen}"}}\n'})
    digest = content_hash(root / PACKAGE)
    lock = f'packages:\n  kit: {{version: {version}, hash: "{digest}", registry: ../registry}}\n'
    (root / "portico.lock").write_text(lock)
    return root


def read(root: Path, **packages: Path) -> Loaded:
    """The app, with other folders for some packages."""
    return load(root, types=TYPES, settings={}, packages=packages)


def test_a_published_package_is_read_from_the_app(tmp_path: Path) -> None:
    """Nothing but the copy and the lock is asked: the registry does not exist here."""
    result = read(locked(tmp_path))
    assert result.problems == ()
    assert result.app is not None
    assert result.app.datasources.keys() == {"api", "kit/auth_api"}


@pytest.mark.parametrize(
    "file", ["package.yaml", "modules/Login/scripts/sign.js", "datasources/auth_api.yaml"]
)
def test_a_changed_byte_stops_the_app(file: str, tmp_path: Path) -> None:
    """Whichever file it is in; the line is that of the lock."""
    root = locked(tmp_path)
    path = root / PACKAGE / file
    path.write_text(path.read_text() + "\n")
    result = read(root)
    assert result.app is None
    assert brief(result.problems) == ["portico.lock:2:8 E704"]
    assert result.problems[0].received == content_hash(root / PACKAGE)


def test_a_file_too_many_or_too_few_stops_the_app(tmp_path: Path) -> None:
    """What lies there is what was published."""
    more, less = locked(tmp_path / "more"), locked(tmp_path / "less")
    (more / PACKAGE / "notes.txt").write_text("x")
    (less / ASK_QUERY).unlink()
    assert brief(read(more).problems) == brief(read(less).problems) == ["portico.lock:2:8 E704"]


def test_a_link_in_a_copy_is_not_followed(tmp_path: Path) -> None:
    """A file from elsewhere is no part of what was published, whatever it says."""
    root = locked(tmp_path)
    (tmp_path / "elsewhere.js").write_text((root / PACKAGE / "modules/Login/scripts/sign.js").read_text())
    (root / PACKAGE / "modules/Login/scripts/sign.js").unlink()
    (root / PACKAGE / "modules/Login/scripts/sign.js").symlink_to(tmp_path / "elsewhere.js")
    assert brief(read(root).problems) == ["app.yaml:2:12 E704"]


def test_a_missing_copy(tmp_path: Path) -> None:
    """It is brought back, not fetched."""
    root = locked(tmp_path)
    (root / "packages").rename(tmp_path / "gone")
    (problem,) = read(root).problems
    assert problem.as_text() == (
        "app.yaml:2:12 E701 the app has no copy of `kit` 1.2.3 in packages/kit/\n"
        f"    fix: bring it back from version control, or {ADD}"
    )


def test_a_missing_lock(tmp_path: Path) -> None:
    """Without it nobody knows which version the copy is."""
    root = locked(tmp_path)
    (root / "portico.lock").unlink()
    (problem,) = read(root).problems
    assert problem.as_text() == (f"app.yaml:2:12 E703 portico.lock names no version of `kit`\n    fix: {ADD}")


def test_a_version_out_of_its_range(tmp_path: Path) -> None:
    """The range is changed, or another version added: a start decides neither."""
    (problem,) = read(locked(tmp_path, chosen="^2.0")).problems
    assert problem.as_text() == (
        "app.yaml:2:17 E703 portico.lock pins kit 1.2.3, which is not in this range\n"
        "    received: ^2.0\n"
        f"    fix: write another range, or {ADD}"
    )


def test_a_lock_that_names_another_version_than_the_copy(tmp_path: Path) -> None:
    """What was hashed is what counts, and says its version itself."""
    (problem,) = read(locked(tmp_path, version="1.9.0")).problems
    assert problem.as_text() == (
        "portico.lock:2:8 E703 kit is 1.2.3 by its own packages/kit/package.yaml\n"
        "    received: 1.9.0\n"
        "    fix: bring the file back as it was, or write it again with `portico package add`"
    )


def test_a_package_that_is_followed_needs_no_lock(tmp_path: Path) -> None:
    """`path` is for development: its folder, wherever it is, is one that `dev` watches."""
    root = write(tmp_path, {path: text for path, text in USING.items() if not path.startswith("packages/")})
    write(tmp_path / "elsewhere", KIT)
    kit = tmp_path / "elsewhere" / "shop" / PACKAGE
    (root / MANIFEST).write_text(f"auth: none\npackages: {{kit: {{path: ../elsewhere/shop/{PACKAGE}}}}}\n")
    result = read(root)
    assert result.problems == ()
    assert result.folders == (root.resolve(), kit.resolve())
    before = result.app.version if result.app is not None else ""
    (kit / "modules/ask/queries/ask.yaml").write_text("datasource: auth_api\npath: /other\n")
    after = read(root)
    assert after.app is not None
    assert after.app.version != before


def test_folders_that_are_given_stand_for_what_the_app_has(tmp_path: Path) -> None:
    """An update is tried before anything is copied: lock, range and copy do not count."""
    root = locked(tmp_path)
    files = {**KIT, f"{PACKAGE}package.yaml": "name: kit\nversion: 3.0.0\n"}
    newer = write(tmp_path / "newer", files) / PACKAGE
    (newer / "modules/ask/module.yaml").write_text("kind: query\nquery: none\n")
    assert brief(read(root, kit=newer).problems)[0] == "packages/kit/modules/ask/module.yaml:2:8 E713"
    assert read(root).problems == ()


def test_an_app_of_packages_that_need_each_other(tmp_path: Path) -> None:
    """There is one of each; a module finds those of packages that its own lists."""
    more = {
        MANIFEST: "auth: none\npackages: {kit: {path: packages/kit}, forms: {path: packages/forms}}\n",
        "packages/forms/package.yaml": "name: forms\nversion: 1.0.0\npackages: {kit: ^1.2}\n",
        "packages/forms/modules/Sign/module.yaml": """\
kind: ui
outputs: {token: "{{ Login1.token }}"}
stores: [jwt]
navigates: [Home]
widgets: [{name: Login1, module: kit/Login, inputs: {logo: x}}]
""",
        HOME: "widgets:\n  - {name: Sign1, module: forms/Sign}\n"
        '  - {name: Shown, type: Text, text: "{{ Sign1.token }}"}\n',
    }
    found = fine(tmp_path / "a", more)
    assert "Sign1.Login1.email" in found.pages["Home"].widgets
    assert found.pages["Home"].queries["Sign1.Login1.send"].datasource == "kit/auth_api"
    unlisted = {**more, "packages/forms/package.yaml": "name: forms\nversion: 1.0.0\n"}
    assert said(tmp_path / "b", unlisted) == (
        "packages/forms/modules/Sign/module.yaml:5:34 E705 there is no package `kit` here\n"
        "    received: kit/Login\n"
        "    fix: list the package below `packages` of package.yaml, and of app.yaml"
    )


def test_a_bound_datasource_stands_for_the_package_s_own(tmp_path: Path) -> None:
    """Which is then not read: what it lacks is not missing."""
    lacking = {f"{PACKAGE}datasources/auth_api.yaml": "url: ${NOWHERE}\nheaders: {apikey: {secret: KEY}}\n"}
    assert brief(using(tmp_path / "a", lacking).problems) == [
        "packages/kit/datasources/auth_api.yaml:1:6 E212",
        "packages/kit/datasources/auth_api.yaml:2:28 W601",
        "packages/kit/modules/Login/module.yaml:1:1 E710",
        "packages/kit/modules/ask/module.yaml:1:1 E710",
    ]
    bound = "auth: none\npackages: {kit: {path: packages/kit, datasources: {auth_api: api}}}\n"
    found = fine(tmp_path / "b", {**lacking, MANIFEST: bound})
    assert found.datasources.keys() == {"api"}
    assert {name: query.datasource for name, query in found.pages["Home"].queries.items()} == {
        "getUser": "api",
        "Ask1.ask": "api",
        "Login1.send": "api",
    }


def test_a_default_datasource_is_one_of_the_app(tmp_path: Path) -> None:
    """Under the name of its package, which no datasource of an app can have."""
    found = fine(tmp_path)
    assert found.datasources["kit/auth_api"].url.endswith("auth.example.com")
    assert found.pages["Home"].queries["Ask1.ask"].datasource == "kit/auth_api"


def test_what_a_package_promises(tmp_path: Path) -> None:
    """Its contract, with the parameters that the code of its functions has."""
    result = package(tmp_path)
    assert result.problems == ()
    contract = result.contract
    assert contract is not None
    assert (contract.name, contract.version, *contract.datasources) == ("kit", "1.2.3", "auth_api")
    assert contract.modules.keys() == {"Login", "Tools", "ask"}
    login = contract.modules["Login"]
    assert {name: (one.type, one.required) for name, one in login.inputs.items()} == {
        "title": ("string", False),
        "logo": ("string", True),
    }
    assert (*login.stores, *login.navigates, *login.outputs) == ("jwt", "Home", "token", "typed")
    assert contract.modules["Tools"].functions["length"].parameters == ("value", "unit")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        (swapped(LOGIN, "stores: [jwt]\n", ""), ["E710"]),
        (swapped(LOGIN, "type: Input}", "module: Login, inputs: {logo: x}}"), ["E705", "E708", "E705"]),
        (swapped(LOGIN, "default: Sign in", 'default: "{{ inputs.title }}"'), ["E709"]),
        (swapped(ASK, "kind: query", "kind: nothing"), ["E204"]),
        ({f"{PACKAGE}package.yaml": "name: kit\nversion: 1.0.0\npackages: {other: ^1.0}\n"}, ["E705"]),
    ],
    ids=["contract", "circle", "loop", "kind", "need"],
)
def test_a_package_is_checked_without_an_app(
    changes: dict[str, str], codes: list[str], tmp_path: Path
) -> None:
    """Before it is published: all that an app would report of it."""
    result = package(tmp_path, changes)
    assert [problem.code for problem in result.problems] == codes
    assert result.contract is None


def test_no_folder_is_no_package(tmp_path: Path) -> None:
    """A wrong path is a diagnostic, in an app and alone; one that no folder can have is too."""
    alone = load_package(tmp_path / "nowhere", types=TYPES, settings={})
    assert ([problem.code for problem in alone.problems], alone.contract) == (["E101"], None)
    for path in ("x" * 300, "a/" * 3000, "\\0"):
        manifest = f'auth: none\npackages: {{kit: {{path: "{path}"}}}}\n'
        assert brief(using(tmp_path, {MANIFEST: manifest}).problems) == ["app.yaml:2:24 E701"]
