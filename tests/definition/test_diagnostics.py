"""Every problem has a code, a line in the manual, and an example that provokes it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import portico.definition
from portico.definition.diagnostics import CATALOGUE, Diagnostic, Problems
from portico.definition.load import Loaded, load
from portico.model.place import Place
from tests.definition.apps import GUARDED, PLAIN, TYPES, loaded, write

MANUAL = Path(__file__).parents[2] / "docs" / "diagnostics.md"

_SECTION = re.compile(r"^### (?P<code>[EW]\d{3})\n\n(?P<title>.+)\n(?P<rest>(?:(?!^##).*\n?)*)", re.MULTILINE)
_FILE = re.compile(r"^`(?P<path>[^`\n]+)`\n\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTPUT = re.compile(r"^```text\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)

#: Examples that are not text, too long to print, or that need a secret, two apps, or journeys; tests
#: elsewhere provoke them.
UNPRINTED = {"E102", "E103", "E104", "E308", "E532", "E533", "E606", "E712", "E714"}
UNPRINTED |= {"W605"}
UNPRINTED |= {"E801", "E802", "E803", "E804", "E805"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A section of the manual."""

    code: str
    title: str
    files: dict[str, str]
    output: str


def sections() -> Iterator[Example]:
    """The sections of the manual, in order."""
    for found in _SECTION.finditer(MANUAL.read_text(encoding="utf-8")):
        output = _OUTPUT.search(found["rest"])
        assert output is not None, found["code"]
        yield Example(
            code=found["code"],
            title=found["title"],
            files={file["path"]: file["content"] for file in _FILE.finditer(found["rest"])},
            output=output["output"].rstrip("\n"),
        )


EXAMPLES = {example.code: example for example in sections()}


def test_the_manual_lists_the_catalogue() -> None:
    """Codes and titles of the manual are those of the catalogue, in its order."""
    assert [(example.code, example.title) for example in sections()] == list(CATALOGUE.items())


@pytest.mark.parametrize("code", [code for code, example in EXAMPLES.items() if example.files])
def test_an_example_says_what_the_manual_says(code: str, tmp_path: Path) -> None:
    """Each example, put into one of the two small apps, is reported word for word as printed."""
    example = EXAMPLES[code]
    contract = (
        "entry_page" in example.files.get("app.yaml", "")
        or example.files.keys() & GUARDED.keys() - PLAIN.keys()
    )
    result = loaded(tmp_path, {**(GUARDED if contract else PLAIN), **example.files})
    assert "\n".join(problem.as_text() for problem in result.problems) == example.output
    assert {problem.code for problem in result.problems} == {code}
    assert (result.app is None) == code.startswith("E")


def test_every_code_has_an_example_or_a_test_of_its_own() -> None:
    """No code is without something that provokes it, and each is used somewhere."""
    assert {code for code, example in EXAMPLES.items() if not example.files} == UNPRINTED
    sources = Path(portico.definition.__path__[0]).glob("*.py")
    text = "".join(source.read_text() for source in sources if source.name != "diagnostics.py")
    assert set(re.findall(r'"([EW]\d{3})"', text)) == set(CATALOGUE)


def _unprinted(result: Loaded, code: str) -> None:
    assert "\n".join(problem.as_text() for problem in result.problems) == EXAMPLES[code].output
    assert result.app is None


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    """E102 says which byte."""
    root = write(tmp_path, PLAIN)
    (root / "pages/Home/page.yaml").write_bytes(b"title: \xfcber uns\n")
    _unprinted(load(root, types=TYPES, settings={}), "E102")


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    """E103: a file of one byte too many; one of exactly the limit is read."""
    root = write(tmp_path, PLAIN)
    file = root / "pages/Home/page.yaml"
    content = PLAIN["pages/Home/page.yaml"]
    file.write_text(content + "#" * ((1 << 20) - len(content)))
    assert load(root, types=TYPES, settings={}).problems == ()
    file.write_text(content + "#" * ((1 << 20) - len(content) + 1))
    _unprinted(load(root, types=TYPES, settings={}), "E103")


def test_a_link_out_of_the_app(tmp_path: Path) -> None:
    """E104: a link to a file outside is not followed; one to a file inside is."""
    root = write(tmp_path, PLAIN)
    file = root / "datasources/api.yaml"
    outside = tmp_path / "outside.yaml"
    outside.write_text(PLAIN["datasources/api.yaml"])
    inside = root / "datasources/real.yaml"
    file.rename(inside)
    file.symlink_to(inside)
    assert load(root, types=TYPES, settings={}).problems == ()
    file.unlink()
    file.symlink_to(outside)
    _unprinted(load(root, types=TYPES, settings={}), "E104")


def test_a_folder_that_leads_out_of_the_app(tmp_path: Path) -> None:
    """A linked folder of pages is not read either."""
    root = write(tmp_path, PLAIN)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "page.yaml").write_text("title: Secret\n")
    (root / "pages" / "Secret").symlink_to(tmp_path / "elsewhere")
    result = load(root, types=TYPES, settings={})
    assert "E104" in {problem.code for problem in result.problems}
    assert result.app is None


def test_a_snippet_that_is_too_long(tmp_path: Path) -> None:
    """E308 by length; nesting has the same code."""
    text = 'widgets:\n  - {name: Hello, type: Text, text: "{{ %s }}"}\n'
    long = loaded(tmp_path, {**PLAIN, "pages/Home/page.yaml": text % ("1 +  " * (1 << 14) + "1")})
    _unprinted(long, "E308")
    deep = loaded(tmp_path, {**PLAIN, "pages/Home/page.yaml": text % ("(" * 400 + "1" + ")" * 400)})
    assert [problem.code for problem in deep.problems] == ["E308"]


def test_functions_that_only_work_in_another_form(tmp_path: Path) -> None:
    """W301 for each of these libraries, with the form that works; that form, and the same word elsewhere, are
    nothing to warn of."""
    script = """export default {
  a: (x) => scrypt.syncScrypt(x), b: (x) => scrypt.scrypt(x), c: (x) => x.syncScrypt(x),
  d: (x) => dcodeIO.bcrypt.genSaltSync(x), e: (x) => bcryptjs.hash(x), f: (x) => scrypt.hashSync,
}
"""
    problems = loaded(tmp_path, {**PLAIN, "pages/Home/scripts/Tools.js": script}).problems
    assert [(one.code, one.place.line, one.place.column, one.received, one.remedy) for one in problems] == [
        ("W301", 2, 13, "syncScrypt", "write `await` and `scrypt`"),
        ("W301", 3, 13, "genSaltSync", "write `await` and `genSalt`"),
    ]


def test_the_two_forms_of_a_diagnostic() -> None:
    """Text of up to three lines, and plain values for programs."""
    problem = Diagnostic(
        code="E205", place=Place("pages/A/page.yaml", 3, 9), message="no", received="x", remedy="y"
    )
    assert problem.as_text() == "pages/A/page.yaml:3:9 E205 no\n    received: x\n    fix: y"
    assert json.loads(json.dumps(problem.as_json())) == {
        "code": "E205",
        "severity": "error",
        "file": "pages/A/page.yaml",
        "line": 3,
        "column": 9,
        "message": "no",
        "received": "x",
        "remedy": "y",
    }
    bare = Diagnostic(code="W101", place=Place("a", 1, 1), message="no")
    assert (bare.as_text(), bare.severity) == ("a:1:1 W101 no", "warning")


def test_problems_are_sorted_counted_once_and_shortened() -> None:
    """By file, line, column; control characters and long excerpts do not reach a terminal."""
    problems = Problems()
    for line in (10, 9, 9):
        problems.add("W101", Place("b", line, 1), "no", received="a\x1b[2J\n" + "x" * 200)
    problems.add("E101", Place("a", 99, 1), "no `\x1b[2J`\nE999 yes", remedy="line\nline")
    found = problems.sorted()
    assert [(problem.place.file, problem.place.line) for problem in found] == [("a", 99), ("b", 9), ("b", 10)]
    received = found[1].received
    assert received is not None
    assert len(received) == 100
    assert received.startswith("a\N{REPLACEMENT CHARACTER}[2J x")
    assert found[0].as_text() == "a:99:1 E101 no `\N{REPLACEMENT CHARACTER}[2J` E999 yes\n    fix: line line"
    hostile = Diagnostic(code="W101", place=Place("a\nE999 b", 1, 1), message="no")
    assert hostile.as_text() == "a E999 b:1:1 W101 no"
    with pytest.raises(KeyError):
        problems.add("E999", Place("a", 1, 1), "no")


def test_all_files_are_reported_at_once(tmp_path: Path) -> None:
    """Problems of every file and every phase come together, and broken files do not cause others."""
    result = loaded(
        tmp_path,
        {
            "app.yaml": "naem: Shop\nauth: none\n",
            "datasources/api.yaml": "url: ftp://x\n",
            "pages/Home/page.yaml": 'widgets:\n  - {name: A, type: Text, text: "{{ B + getUser }}"}\n',
            "pages/Home/queries/getUser.yaml": "datasource: [api\n",
            "pages/More/page.yaml": "widgets:\n  - {name: A, type: Txt}\n  - {name: A, type: Text}\n",
        },
    )
    assert [f"{problem.place} {problem.code}" for problem in result.problems] == [
        "app.yaml:1:1 E201",
        "datasources/api.yaml:1:6 E211",
        "pages/Home/queries/getUser.yaml:1:13 E105",
        "pages/More/page.yaml:2:5 E401",
        "pages/More/page.yaml:2:21 E205",
        "pages/More/page.yaml:3:5 E401",
    ]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is a diagnostic, not an exception."""
    result = load(tmp_path / "shop", types=TYPES, settings={})
    assert [problem.code for problem in result.problems] == ["E101"]
    assert result.app is None
