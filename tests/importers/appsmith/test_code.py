"""Code stays as it was written; what cannot stay is told, and nothing stops for it."""

from pathlib import Path

import pytest

from portico.definition.load import load
from portico.importers.appsmith import code, json_text
from portico.importers.appsmith.importing import Imported
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import (
    ACTIONS,
    function,
    holding,
    imported,
    lines,
    of_page,
    page,
    rest,
    root,
    script,
    widget,
    write_export,
    write_git,
)


def errors(found: Imported, folder: Path) -> list[str]:
    """What Portico says against the app."""
    (folder / "shop").mkdir()
    loaded = load(folder / "shop", types=CATALOGUE, settings={}, planned=dict(found.files))
    return [problem.as_text() for problem in loaded.problems if problem.severity == "error"]


def test_pages_that_are_called_otherwise(tmp_path: Path) -> None:
    """Names that addresses cannot hold change, in code that goes there too, and nowhere else."""
    texts = [
        "{{navigateTo('My Orders', {}, 'SAME_WINDOW')}}",
        "{{showAlert('My Orders')}}",
        '{{ appsmith.store.x ? navigateTo("My Orders") : navigateTo(a ? "Login" : \'My Orders\') }}',
        "{{navigateTo('https://example.com/My Orders')}}",
    ]
    dsl = root(*(widget(f"B{at}", "BUTTON_WIDGET", onClick=text) for at, text in enumerate(texts)))
    source = write_git(
        tmp_path / "source",
        pages=[
            page("Login", dsl),
            page("My Orders", root()),
            page("¡Año!", root()),
            page("my-orders", root()),
        ],
        scripts=[script("Login", "Go", "export default { go() { navigateTo('My Orders'); } }")],
        actions=[],
    )
    found = imported(source)
    written = found.files["pages/Login/page.yaml"]
    assert "{{navigateTo('My-Orders', {}, 'SAME_WINDOW')}}" in written
    assert "{{showAlert('My Orders')}}" in written
    assert 'navigateTo(\\"My-Orders\\") : navigateTo(a ? \\"Login\\" : \'My-Orders\')' in written
    assert "https://example.com/My Orders" in written
    assert "navigateTo('My-Orders')" in found.files["pages/Login/scripts/Go.js"]
    assert {"pages/Ano/page.yaml", "pages/my-orders-2/page.yaml"} <= found.files.keys()
    assert errors(found, tmp_path) == []


def test_a_page_that_does_not_exist_is_there_and_says_so(tmp_path: Path) -> None:
    """Whoever is sent there is not lost."""
    found = of_page(tmp_path, root(widget("B", "BUTTON_WIDGET", onClick="{{navigateTo('Old Page')}}")))
    assert "does not have it" in found.files["pages/Old-Page/page.yaml"]
    assert "navigateTo('Old-Page')" in found.files["pages/Home/page.yaml"]
    assert any("Old Page" in line for line in lines(found, "missing"))
    assert errors(found, tmp_path) == []


BROKEN = [
    ("text", "TEXT_WIDGET", "Hello {{ user. }}"),
    ("text", "TEXT_WIDGET", "{{ "),
    ("onClick", "BUTTON_WIDGET", "{{ save.run( }}"),
    ("onClick", "BUTTON_WIDGET", "{{ import('x') }}"),
    ("isVisible", "TEXT_WIDGET", "{{ 1 }} and {{ 2 }}"),
    ("onClick", "BUTTON_WIDGET", "text {{ showAlert('x') }}"),
    ("text", "TEXT_WIDGET", "{{ currentRow.id }}"),
]


@pytest.mark.parametrize(("name", "kind", "text"), BROKEN)
def test_broken_snippets_are_kept_in_comments(name: str, kind: str, text: str, tmp_path: Path) -> None:
    """The widget stays, without the property; the report says where, and what stood there."""
    found = of_page(
        tmp_path, root({**widget("Odd", kind), name: text}, widget("Fine", "TEXT_WIDGET", text="x"))
    )
    written = found.files["pages/Home/page.yaml"]
    assert f"# {name}: {text}".rstrip() in written
    assert "name: Odd" in written
    assert "name: Fine" in written
    told = [line for line in found.report.lines() if line.name == "Odd" and line.part == name]
    assert [(line.page, line.code) for line in told] == [("Home", text)]
    assert told[0].kind in ("broken", "left-out")
    assert errors(found, tmp_path) == []


LIBRARIES = [
    {"name": "dcodeIO", "accessor": ["dcodeIO"], "version": "2.4.3"},
    {"name": "jsonwebtoken", "accessor": ["jsonwebtoken"], "version": "8.5.1"},
    {"name": "uuid", "accessor": "uuid", "version": "8.3.2"},
    {"name": "jwt-decode", "accessor": ["jwt_decode"], "version": "3.1.2"},
    {"name": "crypto-js", "accessor": ["CryptoJS"], "version": "4.1.1"},
    {"name": "uuidjs", "accessor": ["UUID"], "version": "4.2.12"},
    {"name": "two", "accessor": ["uuid", "two"], "version": ""},
]


def test_libraries_that_it_brought_along(tmp_path: Path) -> None:
    """What is here is said where it is not the whole of it, or another version; what is not is named."""
    found = imported(write_export(tmp_path, customJSLibList=LIBRARIES))
    assert [line for line in lines(found, "left-out") if "the library" in line] == [
        "the library two, which code calls uuid, two",
        "the library uuidjs 4.2.12, which code calls UUID",
    ]
    told = [line.split(":")[0].rsplit(" ", 1)[1] for line in lines(found, "note") if "the library" in line]
    assert told == ["CryptoJS", "dcodeIO", "jsonwebtoken"]


def test_control_the_same_version_is_not_told(tmp_path: Path) -> None:
    """Nor anything else, where nothing differs."""
    same = [{"name": "crypto-js", "accessor": ["CryptoJS"], "version": "4.2.0"}]
    other = [{"name": "uuid", "accessor": ["uuid"], "version": "11.1.0"}]
    first, second = (
        imported(write_export(tmp_path / name, customJSLibList=given))
        for name, given in (("same", same), ("other", other))
    )
    assert [line for line in lines(first, "note") if "the library" in line] == []
    (told,) = [line for line in lines(second, "note") if "the library" in line]
    assert told.startswith("the library that code calls uuid: here it is 8.3, the last version that is one")


def test_broken_scripts_and_columns(tmp_path: Path) -> None:
    """A script that does not parse runs nothing; a column loses the property alone."""
    table = widget(
        "T",
        "TABLE_WIDGET_V2",
        tableData="{{[{a: 1}]}}",
        primaryColumns={
            "a": {"id": "a", "columnType": "text", "computedValue": "{{ currentRow. }}", "label": "A"}
        },
    )
    found = of_page(
        tmp_path,
        root(table, widget("B", "BUTTON_WIDGET", onClick="{{Bad.go()}}")),
        scripts=[script("Home", "Bad", "export default {\n  go() {\n"), script("Home", "Empty", "")],
        actions=[function("Home", "Bad", "go", "ON_PAGE_LOAD")],
    )
    assert found.files["pages/Home/scripts/Bad.js"].endswith(
        "//\n// export default {\n//   go() {\nexport default {}\n"
    )
    assert "# columns.a.value: {{ currentRow. }}" in found.files["pages/Home/page.yaml"]
    assert "label: A" in found.files["pages/Home/page.yaml"]
    assert any("Bad" in line for line in lines(found, "broken"))
    assert errors(found, tmp_path) == []


def test_names_that_nothing_has(tmp_path: Path) -> None:
    """Of another widget, a library, the browser: what reads them gets undefined, and the rest runs."""
    dsl = root(
        widget("A", "TEXT_WIDGET", text="{{OldInput.text}}"),
        widget("B", "BUTTON_WIDGET", onClick="{{showModal('Gone'); fetch('x'); closeModal(Gone.name)}}"),
    )
    found = of_page(
        tmp_path, dsl, scripts=[script("Home", "S", "export default { go() { return currentRow; } }")]
    )
    assert found.files["pages/Home/scripts/OldInput.js"].startswith("// Stands for `OldInput`")
    assert "name: Gone\n    type: Modal" in found.files["pages/Home/page.yaml"]
    assert found.files["pages/Home/scripts/S.js"].startswith("const currentRow = undefined\n")
    assert any("fetch" in line and "make it a query" in line for line in lines(found, "missing"))
    assert 'text: "{{OldInput.text}}"' in found.files["pages/Home/page.yaml"]
    assert errors(found, tmp_path) == []


def test_widgets_of_rows_are_known_there_alone(tmp_path: Path) -> None:
    """What reads one from outside of its list is told; the widget itself stays."""
    row = holding("Row", "CONTAINER_WIDGET", (0, 0, 64, 9), widget("Name", "TEXT_WIDGET", text="x"))
    dsl = root(
        holding("People", "LIST_WIDGET_V2", (0, 0, 64, 30), row, listData=[{"a": 1}]),
        widget("Reads", "TEXT_WIDGET", text="{{Name.text}}"),
    )
    body = "export default { go() { return Name.text; } }"
    found = of_page(tmp_path, dsl, scripts=[script("Home", "S", body)])
    assert "name: Name" in found.files["pages/Home/page.yaml"]
    assert "# text: {{Name.text}}" in found.files["pages/Home/page.yaml"]
    assert found.files["pages/Home/scripts/S.js"] == f"const Name = undefined\n{body}\n"
    assert errors(found, tmp_path) == []


def test_names_that_cannot_be_had(tmp_path: Path) -> None:
    """They change where they are used as well; a member of the same name does not."""
    dsl = root(
        widget("auth", "INPUT_WIDGET_V2", label="x"),
        widget("B", "BUTTON_WIDGET", onClick="{{showAlert(auth.text + x.auth); resetWidget('auth')}}"),
    )
    found = of_page(
        tmp_path, dsl, scripts=[script("Home", "S", "export default { go() { return {auth}; } }")]
    )
    written = found.files["pages/Home/page.yaml"]
    assert "name: auth_2" in written
    assert "showAlert(auth_2.text + x.auth); resetWidget('auth_2')" in written
    assert "return {auth: auth_2};" in found.files["pages/Home/scripts/S.js"]
    assert errors(found, tmp_path) == []


def test_functions_that_a_script_does_not_have(tmp_path: Path) -> None:
    """Settings of functions that are gone do not stop the rest."""
    found = of_page(
        tmp_path,
        root(),
        scripts=[script("Home", "S", "export default { go() {} }")],
        actions=[function("Home", "S", "gone", "ON_PAGE_LOAD"), function("Home", "S", "go", "ON_PAGE_LOAD")],
    )
    assert found.files["pages/Home/scripts/S.yaml"] == "functions:\n  go:\n    run: on_load\n"
    assert errors(found, tmp_path) == []


def test_a_query_that_cannot_be_had_is_left_out(tmp_path: Path) -> None:
    """What reads it gets undefined."""
    actions = [rest("Home", "up", configuration={"path": "/a/../../b"})]
    found = of_page(tmp_path, root(widget("A", "TEXT_WIDGET", text="{{up.data}}")), actions=actions)
    assert "pages/Home/queries/up.yaml" not in found.files
    assert "pages/Home/scripts/up.js" in found.files
    assert any("Home › up.path" in line for line in lines(found, "left-out"))
    assert errors(found, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{T.map((currentRow) => currentRow.a)}}", "{{ currentRow.a }}"),
        ("{{T.map((currentRow, i) => ( currentRow['a'] + \")\" ))}}", "{{ currentRow['a'] + \")\" }}"),
        ("{{T.map((currentRow) => { return 1; })}}", "{{ (() => { return 1; })() }}"),
        ("a {{T.map(currentRow => currentRow.b)}} c", "a {{ currentRow.b }} c"),
        ("{{T.map((row) => row.a)}}", None),
        ("{{ broken( }}", None),
    ],
)
def test_values_of_one_row(text: str, expected: str | None) -> None:
    """The function that maps rows gives what is computed of one."""
    assert code.per_row(text, "currentRow") == expected


def test_expressions_and_events() -> None:
    """A `;` at the end of an expression goes; several bindings of an event become one."""
    assert code.as_expression("{{ a; }} and {{ ';' }}") == "{{ a}} and {{ ';' }}"
    assert code.as_expression("{{ ';' }}") == "{{ ';' }}"
    assert code.as_event("{{a()}}{{b();}}") == "{{\na();\nb();\n}}"
    assert code.as_event("{{a()}}") == "{{a()}}"


def test_json_that_cannot_be_mended() -> None:
    """It is left to be sent as text."""
    assert json_text.strict('{"a": {{1}} {{2}}}') is None
    assert json_text.strict('{"a": "') is None
    assert json_text.strict("{a: undefined}") == '{"a": "undefined"}'


def test_scripts_stay_as_they_are(tmp_path: Path) -> None:
    """Every character of them."""
    found = imported(write_git(tmp_path))
    body = next(iter(one for one in ACTIONS), None)
    assert body is not None
    assert (
        "removeValue('token').then(() => navigateTo('Login'));"
        in found.files["pages/My-Orders/scripts/Session.js"]
    )
