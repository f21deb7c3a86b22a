"""Each file of an app, field by field."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from portico.definition.load import load
from portico.model.app import BrowserOrigins, Theme
from portico.model.query import Datasource
from tests.definition.apps import PLAIN, TYPES, app, brief, loaded, page, write

HOME = "pages/Home/page.yaml"
QUERY = "pages/Home/queries/getUser.yaml"
SOURCE = "datasources/api.yaml"


def test_an_app_file_with_everything(tmp_path: Path) -> None:
    """Name, theme, pictures and origins."""
    root = write(
        tmp_path,
        {
            **PLAIN,
            "app.yaml": """\
name: 2026
auth: none
theme: {brand: "#0AF", logo: assets/logo.svg, mode: dark}
browser: {images: [https://images.example.com], frames: ["https://a.example.com:8443"], fonts: []}
""",
            "assets/logo.svg": "<svg/>",
            "photo.png": "x",
            "notes.txt": "not a picture",
        },
    )
    result = load(root, types=TYPES, settings={})
    assert result.problems == ()
    found = result.app
    assert found is not None
    assert (found.slug, found.name) == ("shop", "2026")
    assert found.theme == Theme(brand="#00aaff", logo="assets/logo.svg", mode="dark")
    assert found.browser == BrowserOrigins(
        images=("https://images.example.com",), frames=("https://a.example.com:8443",)
    )
    assert found.files == {"assets/logo.svg": root / "assets/logo.svg", "photo.png": root / "photo.png"}


def test_an_app_is_called_like_its_folder_unless_it_says(tmp_path: Path) -> None:
    """The folder's name is the address too, so it must be fit for one."""
    assert app(tmp_path, {**PLAIN, "app.yaml": "auth: none\n"}).name == "shop"
    root = write(tmp_path, PLAIN)
    moved = root.rename(tmp_path / "my shop")
    result = load(moved, types=TYPES, settings={})
    assert brief(result.problems) == ["app.yaml:1:1 E114"]


def test_a_datasource_with_everything(tmp_path: Path) -> None:
    """Address, headers and limits."""
    text = """\
url: https://api.example.com:8443/v1/
headers: {X-Shop: "1"}
allow_private: true
timeout: 1500ms
max_bytes: 1000
"""
    assert app(tmp_path, {**PLAIN, SOURCE: text}).datasources["api"] == Datasource(
        name="api",
        url="https://api.example.com:8443/v1",
        headers=(("X-Shop", "1"),),
        allow_private=True,
        timeout=timedelta(seconds=1.5),
        max_bytes=1000,
    )


@pytest.mark.parametrize(
    ("url", "settings", "expected"),
    [
        ("${API:-http://127.0.0.1:8001}", {}, "http://127.0.0.1:8001"),
        ("${API:-http://127.0.0.1:8001}", {"API": "https://api.example.com"}, "https://api.example.com"),
        ("${API:-http://127.0.0.1:8001}", {"API": ""}, "http://127.0.0.1:8001"),
        ("https://${HOST}/${VERSION:-v1}", {"HOST": "x.example.com"}, "https://x.example.com/v1"),
        ("http://[::1]:8001", {}, "http://[::1]:8001"),
    ],
)
def test_addresses_may_name_settings(
    url: str, settings: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """Hard-cases 19: one app, several environments."""
    found = app(tmp_path, {**PLAIN, SOURCE: f"url: '{url}'\n"}, settings)
    assert found.datasources["api"].url == expected


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("api.example.com", "E211"),
        ("ftp://api.example.com", "E211"),
        ("http://", "E211"),
        ("http://user:pass@api.example.com", "E211"),
        ("http://a b.example.com", "E211"),
        ("http://api.example.com:99999", "E211"),
        ("http://api.example.com:0", "E211"),
        ("http://api.example.com/a?b=c", "E211"),
        ("http://api.example.com/#a", "E211"),
        ("http://api.example.com/../a", "E211"),
        ("http://api.example.com/a\\b", "E211"),
        ("http://[::1", "E211"),
        ("http://x;y", "E211"),
        ("http://{{ a }}", "E213"),
        ("${API}", "E212"),
        ("${api-x}", "E212"),
        ("http://${API", "E212"),
    ],
)
def test_addresses_that_are_refused(url: str, code: str, tmp_path: Path) -> None:
    """An origin and a base path; no credentials, no bindings, nothing a binding could change."""
    result = loaded(tmp_path, {**PLAIN, SOURCE: f"url: '{url}'\n"})
    assert [problem.code for problem in result.problems] == [code]
    assert "user:pass" not in "".join(problem.as_text() for problem in result.problems)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1:1 E202"]),
        ("- a\n", ["1:1 E202"]),
        ("headers: {A: b}\n", ["1:1 E203"]),
        ("url: https://a.example.com\nheaders: {A B: c}\n", ["2:11 E216"]),
        ('url: https://a.example.com\nheaders: {A: "b\\nc"}\n', ["2:14 E216"]),
        ("url: https://a.example.com\nheaders: {A: '${B}'}\n", ["2:14 E212"]),
        ("url: https://a.example.com\nheaders: {A: '{{ b }}'}\n", ["2:14 E213"]),
        ("url: https://a.example.com\nallow_private: yes\n", ["2:16 E202"]),
        ("url: https://a.example.com\ntimeout: soon\n", ["2:10 E202"]),
        ("url: https://a.example.com\ntimeout: 0\n", ["2:10 E219"]),
        ("url: https://a.example.com\nmax_bytes: 1.5\n", ["2:12 E202"]),
        ("url: https://a.example.com\nmax_bytes: 0\n", ["2:12 E219"]),
    ],
)
def test_datasources_that_are_refused(text: str, problems: list[str], tmp_path: Path) -> None:
    """Each field at its place."""
    assert brief(loaded(tmp_path, {**PLAIN, SOURCE: text}).problems) == [
        f"{SOURCE}:{found}" for found in problems
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("kind: soap\n", ["3:7 E204"]),
        ("method: get\n", ["3:9 E204"]),
        ("params: [a]\n", ["3:9 E202"]),
        ("params: {a: {b: 1}}\n", ["3:13 E202"]),
        ("params: {a: }\n", ["3:12 E202"]),
        ("params: {'{{ a }}': 1}\n", ["3:10 E213"]),
        ("headers: {Content-Length: 1}\n", ["3:11 E216"]),
        ('headers: {A: "b\\n{{ getUser.data }}"}\n', ["3:14 E216"]),
        ("body: {a: 1}\n", ["3:1 E217"]),
        ("method: POST\nbody_type: json\n", ["4:1 E217"]),
        ("method: POST\nbody_type: none\nbody: {}\n", ["5:1 E217"]),
        ("method: POST\nbody: '{a: 1}'\n", ["4:9 E215"]),
        ("method: POST\nbody: '{\"a\": NaN}'\n", ["4:8 E215"]),
        ("method: POST\nbody: '{\"a\": {{ getUser.data }} 1}'\n", ["4:33 E215"]),
        ("method: POST\nbody_type: form\nbody: a=1\n", ["5:7 E202"]),
        ("method: POST\nbody_type: form\nbody: {a: {b: 1}}\n", ["5:11 E202"]),
        ("method: POST\nbody_type: text\nbody: [a]\n", ["5:7 E202"]),
        ("run: 1\n", ["3:6 E204"]),
        ("run: true\n", ["3:6 E202"]),
        ("run: '{{ true }}'\n", ["3:6 E213"]),
        ("confirm: 1\n", ["3:10 E202"]),
        ("confirm: '{{ true }}'\n", ["3:10 E202"]),
        ("method: POST\nbody_type: multipart\nbody: a=1\n", ["5:7 E202"]),
        ("method: POST\nbody_type: multipart\nbody: 'a{{ getUser.data }}'\n", ["5:7 E202"]),
        ("method: POST\nbody_type: multipart\nbody: {a: }\n", ["5:10 E202"]),
        ("method: POST\nbody_type: multipart\nbody: {a: [[b]]}\n", ["5:12 E202"]),
        ("method: POST\nbody_type: multipart\nbody: {a: {name: b}}\n", ["5:11 E203"]),
        ("method: POST\nbody_type: multipart\nbody: {a: {name: b, data: c, path: d}}\n", ["5:30 E201"]),
        ("method: POST\nbody_type: multipart\nheaders: {content-type: a/b}\nbody: {a: b}\n", ["5:11 E216"]),
        ("headers: {Accept-Encoding: br}\n", ["3:11 E216"]),
        ("headers: {Transfer_Encoding: chunked}\n", ["3:11 E216"]),
    ],
)
def test_queries_that_are_refused(text: str, problems: list[str], tmp_path: Path) -> None:
    """Each field at its place."""
    found = loaded(tmp_path, {**PLAIN, QUERY: f"datasource: api\npath: /user\n{text}"}).problems
    assert brief(found) == [f"{QUERY}:{problem}" for problem in problems]


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        ("/", True),
        ("/auth/v1/token?grant_type=password", True),
        ("/users/{{ getUser.data.id }}/posts", True),
        ("{{ getUser.data.path }}", True),
        ("/a.b/..c", True),
        ("users", False),
        ("//evil.example.com/", False),
        ("https://evil.example.com/", False),
        ("/../admin", False),
        ("/a/%2e%2E/b", False),
        ("/a/./b", False),
        ("/a b", False),
        ("/a#b", False),
        ("/a\\b", False),
    ],
)
def test_a_path_stays_below_its_datasource(path: str, fine: bool, tmp_path: Path) -> None:
    """What is written out is checked here, what a binding gives when it is sent."""
    found = loaded(tmp_path, {**PLAIN, QUERY: f"datasource: api\npath: '{path}'\n"}).problems
    assert brief(found) == ([] if fine else [f"{QUERY}:2:7 E214"])


@pytest.mark.parametrize(
    ("script", "problems"),
    [
        (
            "export default { a: 1, b() {}, c: async () => {}, 'd': function () {}, async e() {}, *f() {} }",
            [],
        ),
        ("// note\nconst a = 1; let b; function c() {} class D {} var e\nexport default { a };", []),
        ("export default { a: 1 }\nfunction b() { return $$$ }", ["2:23 E403"]),
        ("", ["1:1 E306"]),
        ("export default class {}", ["1:1 E306"]),
        ("export default function () {}", ["1:1 E306"]),
        ("export const a = 1", ["1:1 E306"]),
        ("export { a }", ["1:1 E306"]),
        ("import a from 'a'\nexport default {}", ["1:1 E306"]),
        ("export default {}\nexport default {}", ["2:1 E306"]),
        ("console.log(1)\nexport default {}", ["1:1 E306"]),
        ("export default { a: 1, a: 2 }", ["1:24 E401"]),
        ("export default { ['a']: 1 }", ["1:18 E307"]),
        ("export default { ...b }", ["1:18 E307", "1:21 E403"]),
        ("export default { a() { await b() } }", ["1:24 E304"]),
        ("export default { a() { return <b/> } }", ["1:31 E304"]),
        ("export default { a: }", ["1:21 E301"]),
        ("let a; let a\nexport default {}", ["1:12 E304"]),
        ("export default { a() { return Nothing } }", ["1:31 E403"]),
    ],
)
def test_scripts(script: str, problems: list[str], tmp_path: Path) -> None:
    """One object, helpers beside it, no modules."""
    found = loaded(tmp_path, {**PLAIN, "pages/Home/scripts/Tools.js": script}).problems
    assert brief(found) == [f"pages/Home/scripts/Tools.js:{problem}" for problem in problems]


def test_names_of_the_app_are_seen_everywhere_and_see_only_each_other(tmp_path: Path) -> None:
    """An entity of a page is nobody else's."""
    files = {
        **PLAIN,
        "scripts/Shared.js": "export default { get() { return all.data } }",
        "queries/all.yaml": 'datasource: api\npath: "/{{ Shared.get() }}"\n',
        HOME: 'widgets:\n  - {name: A, type: Text, text: "{{ Shared.get() + all.data + getUser.data }}"}\n',
        "pages/Other/page.yaml": 'widgets:\n  - {name: A, type: Text, text: "{{ Shared.get() }}"}\n',
    }
    found = app(tmp_path, files)
    assert list(found.pages["Home"].queries) == ["all", "getUser"]
    assert list(found.pages["Other"].queries) == ["all"]
    assert list(found.queries) == ["all"]
    assert brief(
        loaded(
            tmp_path, {**files, "scripts/Shared.js": "export default { get() { return A.text } }"}
        ).problems
    ) == ["scripts/Shared.js:1:33 E403"]
    assert brief(loaded(tmp_path, {**files, "pages/Other/scripts/all.js": "export default {}"}).problems) == [
        "pages/Other/scripts/all.js:1:1 E401",
        "queries/all.yaml:1:1 E401",
    ]


def test_typeof_and_locals_need_no_definition(tmp_path: Path) -> None:
    """A name may be asked about, and a local name hides nothing from outside."""
    text = """\
widgets:
  - {name: A, type: Text, text: "{{ typeof window === 'undefined' && (() => { let B; return B })() }}"}
"""
    assert page(tmp_path, text).problems == ()


@pytest.mark.parametrize(
    ("target", "fine"),
    [
        ("'Home'", True),
        ("'Homee'", False),
        ("'Log in'", False),
        ("'https://example.com'", True),
        ("'example.com'", True),
        ("'/shop/Home'", True),
        ("'mailto:a'", True),
        ("'#top'", True),
        ("NameInput.text", True),
        ("`Homee`", True),
    ],
)
def test_pages_that_navigate_to_names(target: str, fine: bool, tmp_path: Path) -> None:
    """Only a literal that can be nothing but a page is judged."""
    text = f"""\
widgets:
  - {{name: NameInput, type: Input}}
  - name: Go
    type: Button
    onClick: "{{{{ navigateTo({target}, {{}}) }}}}"
"""
    assert [problem.code for problem in page(tmp_path, text).problems] == ([] if fine else ["E404"])


def test_the_version_follows_every_file_and_setting(tmp_path: Path) -> None:
    """Same files, same version; any change, another."""
    files = {**PLAIN, SOURCE: "url: ${API:-https://api.example.com}\n", "logo.svg": "<svg/>"}
    versions = [
        app(tmp_path, files).version,
        app(tmp_path, files, {"API": "https://b.example.com"}).version,
        app(tmp_path, {**files, HOME: PLAIN[HOME] + "# note\n"}).version,
        app(tmp_path, {**files, "logo.svg": "<svg />"}).version,
        app(tmp_path, {**files, "pages/Home/scripts/T.js": "export default {}"}).version,
    ]
    assert len(set(versions)) == len(versions)
    (tmp_path / "again").mkdir()
    assert app(tmp_path / "again", files).version == versions[0]


def test_files_that_are_no_files(tmp_path: Path) -> None:
    """A pipe would block for ever, a folder is no text: both are problems."""
    root = write(tmp_path, PLAIN)
    os.mkfifo(root / "datasources/pipe.yaml")
    (root / "pages/Home/queries/folder.yaml").mkdir()
    result = load(root, types=TYPES, settings={})
    assert brief(result.problems) == [
        "datasources/pipe.yaml:1:1 E102",
        "pages/Home/queries/folder.yaml:1:1 E102",
    ]


def test_hidden_files_and_strangers(tmp_path: Path) -> None:
    """What an editor leaves is not seen; what looks like a part of the app and is none gets a warning."""
    files = {
        **PLAIN,
        "pages/Home/.page.yaml.swp": "x",
        "README.md": "x",
        "tests/sign_in.yaml": "x",
        "datasources/api.yml": "x",
        "pages/notes.txt": "x",
        "pages/Home/widgets/a.yaml": "x",
        "pages/Home/scripts/a.ts": "x",
    }
    result = loaded(tmp_path, files)
    assert brief(result.problems) == [
        "datasources/api.yml:1:1 W101",
        "pages/Home/scripts/a.ts:1:1 W101",
        "pages/Home/widgets:1:1 W101",
        "pages/notes.txt:1:1 W101",
    ]
    assert result.app is not None
