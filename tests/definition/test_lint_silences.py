"""`portico: ignore RULE -- reason`: where it holds, and what is wrong with some."""

from pathlib import Path

import pytest

from tests.definition.linting import SOUND, findings, found, page

HOME = "pages/Home/page.yaml"
BAD = "{{ storeValue('seen', true); navigateTo('Home') }}"
SILENCE = "portico: ignore unawaited-store -- nobody reads it"


def button(before: str = "", after: str = "") -> str:
    return f'title: Home\nwidgets:\n  - name: Act\n    type: Button\n{before}    onClick: "{BAD}"{after}\n'


def test_without_a_silence_it_is_found(tmp_path: Path) -> None:
    """The control of what follows."""
    assert found(tmp_path, {HOME: button()}) == [f"{HOME}:5:18 unawaited-store"]


@pytest.mark.parametrize(
    "text",
    [
        button(after=f"  # {SILENCE}"),
        button(before=f"    # {SILENCE}\n"),
        button(before=f"    # {SILENCE}\n    # and more words, and a line without any\n\n"),
        page(f"{{{{ // {SILENCE}\n  storeValue('seen', true); navigateTo('Home') }}}}"),
        page(f"{{{{ /* {SILENCE} */\n  storeValue('seen', true); navigateTo('Home') }}}}"),
        page(f"{{{{\n  storeValue('seen', true); // {SILENCE}\n  navigateTo('Home')\n}}}}"),
        page("{{\n\n  storeValue('seen', true);\n  navigateTo('Home')\n}}").replace(
            "onClick: |", f"onClick: |  # {SILENCE}"
        ),
        page("{{\n\n  storeValue('seen', true);\n  navigateTo('Home')\n}}").replace(
            "    onClick: |", f"    # {SILENCE}\n    onClick: |"
        ),
    ],
)
def test_it_holds_beside_what_it_silences(text: str, tmp_path: Path) -> None:
    """On the line, on the line before, at the head of a text of several lines, in JavaScript inside it."""
    (only,) = findings(tmp_path, {HOME: text})
    assert (only.rule, only.silenced) == ("unawaited-store", "nobody reads it")


SCRIPT = "export default {\n  go() {\n    storeValue('seen', true);\n    navigateTo('Home');\n  }\n};\n"


@pytest.mark.parametrize(
    "text",
    [
        f"// {SILENCE}\n{SCRIPT}",
        f"/* {SILENCE} */\n\n{SCRIPT}",
        SCRIPT.replace("    storeValue", f"    // {SILENCE}\n    storeValue"),
        SCRIPT.replace("true);", f"true); // {SILENCE}"),
    ],
)
def test_in_scripts(text: str, tmp_path: Path) -> None:
    """Beside a line, or before everything else for all of the script."""
    (only,) = findings(tmp_path, {"pages/Home/scripts/Tools.js": text})
    assert only.silenced == "nobody reads it"


@pytest.mark.parametrize(
    "text",
    [
        # It stands behind, not before.
        button() + f"    # {SILENCE}\n",
        # Two lines above something else.
        button(before=f"    # {SILENCE}\n    text: Go\n"),
        # Words in a value are no comment.
        button(before=f"    text: '# {SILENCE}'\n"),
        button(before=f'    text: "# {SILENCE}"\n'),
    ],
)
def test_it_does_not_hold_elsewhere(text: str, tmp_path: Path) -> None:
    """What is found is told, and so is a silence that silences nothing."""
    told = findings(tmp_path, {HOME: text})
    assert "unawaited-store" in [one.rule for one in told if one.silenced is None]


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("portico: ignore unawaited-store", "write `-- ` and the reason behind the rule"),
        ("portico: ignore unawaited-store --", "write `-- ` and the reason behind the rule"),
        ("portico: ignore", "write `-- ` and the reason behind the rule"),
        ("portico: ignore stale-gate -- why", "remove it: the rule finds nothing there"),
        ("portico: ignore unawaited -- why", "write the id of a rule, as `docs/lint.md` has it"),
        ("portico: ignore bad-silence -- why", "write the id of a rule, as `docs/lint.md` has it"),
    ],
)
def test_a_bad_silence_is_found(words: str, remedy: str, tmp_path: Path) -> None:
    """And what it was to silence is told as well."""
    told = findings(tmp_path, {HOME: button(before=f"    # {words}\n")})
    assert remedy in [one.remedy for one in told if one.rule == "bad-silence"]
    assert [one.silenced for one in told if one.rule == "unawaited-store"] == [None]
    assert {str(one.place) for one in told if one.rule == "bad-silence"} == {f"{HOME}:5:5"}


def test_several_rules_in_one_comment(tmp_path: Path) -> None:
    """Each is looked at by itself."""
    text = button(before="    # portico: ignore unawaited-store, stale-gate -- why\n")
    told = findings(tmp_path, {HOME: text})
    assert [(one.rule, one.silenced, one.received) for one in told] == [
        ("bad-silence", None, "stale-gate"),
        ("unawaited-store", "why", "storeValue('seen', true)"),
    ]


def test_a_silence_of_one_file_is_not_one_of_another(tmp_path: Path) -> None:
    """Lines are those of a file."""
    more = {HOME: button(), "pages/Other/page.yaml": button(before=f"    # {SILENCE}\n")}
    told = findings(tmp_path, more)
    assert [(one.place.file, one.silenced is None) for one in told] == [
        (HOME, True),
        ("pages/Other/page.yaml", False),
    ]


def test_json_has_the_reason(tmp_path: Path) -> None:
    """For tools: silenced or not, with the words of the author."""
    open_one, quiet = (
        one.as_json()
        for text in (button(), button(before=f"    # {SILENCE}\n"))
        for one in findings(tmp_path, {HOME: text})
    )
    assert open_one["silenced"] is None
    assert quiet["silenced"] == "nobody reads it"
    assert (quiet["code"], quiet["severity"], quiet["line"]) == ("unawaited-store", "finding", 6)


def test_silences_in_packages_are_judged_by_their_form(tmp_path: Path) -> None:
    """Whether they silence something depends on the app: one catches what the module throws, another not."""
    package = {
        "app.yaml": SOUND["app.yaml"] + "packages: {kit: {path: kit}}\n",
        "kit/package.yaml": "name: kit\nversion: 1.0.0\n",
        "kit/modules/Gate/module.yaml": "kind: ui\n# portico: ignore stale-gate -- meant so\nwidgets: []\n",
    }
    used = {HOME: "title: Home\nwidgets:\n  - {name: Gate1, module: kit/Gate}\n"}
    assert found(tmp_path, package) == []
    assert found(tmp_path, package | used) == []
    package["kit/modules/Gate/module.yaml"] = "kind: ui\n# portico: ignore stale-gate --\nwidgets: []\n"
    assert found(tmp_path, package | used) == ["kit/modules/Gate/module.yaml:2:1 bad-silence"]


def test_nothing_secret_is_repeated(tmp_path: Path) -> None:
    """What is reported is printed by `portico run`, and so ends in logs."""
    words = "correct-horse-1"
    code = f"{{{{ navigateTo('Home', {{ token: auth.token, password: '{words}' }}); orders.run() }}}}"
    files = {
        HOME: page(code),
        "pages/Login/scripts/Other.js": "export default {\n"
        f"  go: () => login.run({{ password: '{words}' }})\n}};\n",
        "pages/Home/queries/q.yaml": "datasource: api\npath: /x\n"
        f"headers: {{Authorization: Basic {words}}}\n",
    }
    told = findings(tmp_path, files)
    assert {"exposed-token", "silent-sign-in", "written-secret"} <= {one.rule for one in told}
    assert [one.as_text() for one in told if words in one.as_text()] == []
