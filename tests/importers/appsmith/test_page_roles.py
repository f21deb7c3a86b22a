"""Guards that compare a role with words become roles of pages; the others are asked about."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.importers.appsmith.importing import Imported, import_application
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.harbour import GUARD, OFFICE_GUARD, SIGNING, harbour
from tests.importers.appsmith.shop import lines, script

ROLE = "appsmith.store.user.role"
AWAY = "navigateTo('Berths')"
#: What the guard of the office does, before it is anything else.
OWN = f"if ({ROLE} !== 'admin') {{\n      {AWAY};\n    }}"


def guarded(folder: Path, code: str, *, signing: str = SIGNING) -> Imported:
    """The application, whose office is guarded by this code."""
    assert OWN in OFFICE_GUARD
    bodies = [("Login", signing), ("Berths", GUARD), ("Office", OFFICE_GUARD.replace(OWN, code))]
    scripts = [script(name, "Session", body) for name, body in bodies]
    return import_application(harbour(folder, scripts=scripts), "harbour", CATALOGUE)


def access(found: Imported) -> Any:
    """Who may open the office."""
    return yaml.safe_load(found.files["pages/Office/page.yaml"])["access"]


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        (f"if ({ROLE} !== 'admin') {AWAY};", ["admin"]),
        (f"if ({ROLE} != 'admin' && {ROLE} != 'boss') {AWAY};", ["admin", "boss"]),
        (f"if (!({ROLE} === 'admin' || 'boss' === {ROLE})) {{ {AWAY}; }}", ["admin", "boss"]),
        (f"if (!['admin', 'boss'].includes({ROLE})) {{ {AWAY}; }}", ["admin", "boss"]),
        (f"if ({ROLE} === 'admin') {{ showAlert('Hello'); }} else {{ {AWAY}; }}", ["admin"]),
        (f"if ({ROLE} === 'admin') {{ return; }}\n{AWAY};", ["admin"]),
        (f"{ROLE} === 'admin' ? showAlert('Hello') : {AWAY};", ["admin"]),
        (f"{ROLE} !== 'admin' && {AWAY};", ["admin"]),
        (f"{ROLE} === 'admin' || {AWAY};", ["admin"]),
        (f"const role = appsmith.store?.user?.role ?? ''; if (role !== 'admin') {AWAY};", ["admin"]),
        (f"const isAdmin = {ROLE} === 'admin'; if (!isAdmin) {AWAY};", ["admin"]),
        (f"const allowed = ['admin']; if (!allowed.includes({ROLE})) {AWAY};", ["admin"]),
        (f"const {{role}} = appsmith.store.user; if (!role || role !== 'admin') {AWAY};", ["admin"]),
        (f"if (!appsmith.store.token || {ROLE} !== 'admin') {AWAY};", ["admin"]),
        (f"if (appsmith.store.user === undefined || {ROLE} !== 'admin') {AWAY};", ["admin"]),
        (f"if (appsmith.store.user && {ROLE} !== 'admin') {AWAY};", ["admin"]),
        (f"if ({ROLE} !== 'admin') {{ {AWAY}; }} else {{ showAlert('Hello'); }}", ["admin"]),
        (f"this.only();\n  }},\n  async only() {{ if ({ROLE} !== 'admin') {AWAY};", ["admin"]),
        (f"whoAmI.run().then(() => {{ if ({ROLE} !== 'admin') {AWAY}; }});", ["admin"]),
        (f"try {{ if ({ROLE} !== 'admin') {AWAY}; }} catch (e) {{ showAlert(e.message); }}", ["admin"]),
        # Each leads others away: who is left satisfies both.
        (f"if (!['a', 'b'].includes({ROLE})) {AWAY}; if (!['b', 'c'].includes({ROLE})) {AWAY};", ["b"]),
    ],
)
def test_roles_that_are_compared(code: str, roles: list[str], tmp_path: Path) -> None:
    """However the comparison is written."""
    found = guarded(tmp_path, code)
    assert access(found) == {"roles": roles}
    assert any("Office: users with the role" in line for line in lines(found, "sign-in"))
    assert not any("compares a role" in line for line in lines(found, "question"))


@pytest.mark.parametrize(
    "code",
    [
        # Everybody but one: no list says that.
        f"if ({ROLE} === 'guest') {AWAY};",
        # It depends on more than the role.
        f"if ({ROLE} !== 'admin' && appsmith.URL.queryParams.strict) {AWAY};",
        f"if ({ROLE} !== 'admin' && appsmith.store.user.mail !== 'x') {AWAY};",
        # Words that are not written out, or are numbers.
        f"if ({ROLE} !== Session.wanted) {AWAY};",
        f"if ({ROLE} < 3) {AWAY};",
        f"if ({ROLE}.includes('admin')) {AWAY};",
        f"if (!{ROLE}.startsWith('admin')) {AWAY};",
        # Two different roles.
        f"if ({ROLE} !== 'admin' && appsmith.store.user.group !== 'office') {AWAY};",
        # It is asked once something failed, or perhaps never.
        f"try {{ await whoAmI.run(); }} catch (e) {{ if ({ROLE} !== 'admin') {AWAY}; }}",
        f"whoAmI.run().catch(() => {{ if ({ROLE} !== 'admin') {AWAY}; }});",
        f"whoAmI.run(() => {{}}, () => {{ if ({ROLE} !== 'admin') {AWAY}; }});",
        f"const later = () => {{ if ({ROLE} !== 'admin') {AWAY}; }};",
        f"if (appsmith.URL.queryParams.guest) {{ return; }}\nif ({ROLE} !== 'admin') {AWAY};",
        # One that nobody can have.
        f"if ({ROLE} !== 'a') {AWAY}; if ({ROLE} !== 'b') {AWAY};",
        f"switch ({ROLE}) {{ case 'guest': {AWAY}; }}",
        f"switch ({ROLE} === 'admin') {{ case false: break; default: {AWAY}; }}",
        # Where it leads is computed.
        f"if ({ROLE} !== 'admin') navigateTo(Session.place);\nif ({ROLE} < 3) {AWAY};",
        f"if (whoAmI.data.role !== 'admin') {AWAY};",
    ],
)
def test_comparisons_that_say_less(code: str, tmp_path: Path) -> None:
    """The page stays one for signed-in users, and the guard is named."""
    found = guarded(tmp_path, code)
    assert access(found) == "signed-in"
    asked = [line for line in lines(found, "question") if "compares a role" in line]
    assert len(asked) == 1
    assert asked[0].startswith("Office: who of the signed-in users may open it?")


@pytest.mark.parametrize(
    "code",
    [
        # It leads nowhere.
        f"if ({ROLE} !== 'admin') showAlert('Careful');",
        f"if ({ROLE} !== 'admin') navigateTo('Office');",
        # It asks for no role.
        f"if (appsmith.store.user.mail !== 'x') {AWAY};",
    ],
)
def test_what_is_no_guard(code: str, tmp_path: Path) -> None:
    """Nothing is concluded, and nothing is asked that nobody asked."""
    found = guarded(tmp_path, code)
    assert access(found) == "signed-in"
    assert not any("compares a role" in line for line in lines(found, "question"))


def test_lists_of_roles(tmp_path: Path) -> None:
    """Users with several: one of them is enough, and asking for two is no list."""
    roles = "appsmith.store.user.roles"
    one = guarded(tmp_path / "one", f"if (!{roles}.includes('admin') && !{roles}.includes('boss')) {AWAY};")
    assert access(one) == {"roles": ["admin", "boss"]}
    signing = yaml.safe_load(one.files["app.yaml"])["auth"]["sign_in"]
    assert signing["roles"] == "{{ [].concat(response.body?.result?.of?.roles ?? []) }}"
    both = guarded(tmp_path / "both", f"if (!{roles}.includes('admin') || !{roles}.includes('boss')) {AWAY};")
    assert access(both) == "signed-in"
    twice = f"if (!{roles}.includes('admin')) {AWAY}; if (!{roles}.includes('boss')) {AWAY};"
    assert access(guarded(tmp_path / "twice", twice)) == "signed-in"


def test_a_role_that_is_kept_by_itself(tmp_path: Path) -> None:
    """Under a key of its own, out of the answer of the sign-in."""
    kept = "await storeValue('user', answer.result.of);"
    signing = SIGNING.replace(kept, f"{kept}\n    await storeValue('kind', answer.result.of.role);")
    assert access(
        guarded(tmp_path / "a", f"if (appsmith.store.kind !== 'admin') {AWAY};", signing=signing)
    ) == ("signed-in")
    signing = signing.replace("'kind'", "'myRole'")
    found = guarded(tmp_path / "b", f"if (appsmith.store.myRole !== 'admin') {AWAY};", signing=signing)
    assert access(found) == {"roles": ["admin"]}
    contract = yaml.safe_load(found.files["app.yaml"])["auth"]
    assert contract["sign_in"]["roles"] == "{{ [].concat(response.body?.result?.of?.role ?? []) }}"
    # Nothing says that the answer of `me` has it: asked, it could take every role away.
    assert "me" not in contract
    assert any("for `me` of the contract?" in line for line in lines(found, "question"))


@pytest.mark.parametrize("value", ["'admin'", "Name.text", "appsmith.URL.queryParams.role"])
def test_a_role_that_users_say_themselves(value: str, tmp_path: Path) -> None:
    """What a page can put under the same key is no word of the auth API."""
    kept = "await storeValue('user', answer.result.of);"
    again = f"await storeValue('myRole', answer.result.of.role);\n    await storeValue('myRole', {value});"
    signing = SIGNING.replace(kept, f"{kept}\n    {again}")
    found = guarded(tmp_path, f"if (appsmith.store.myRole !== 'admin') {AWAY};", signing=signing)
    assert access(found) == "signed-in"
    assert "roles" not in yaml.safe_load(found.files["app.yaml"])["auth"]["sign_in"]
    assert any("compares a role" in line for line in lines(found, "question"))


def test_the_home_page_stays_open_to_all(tmp_path: Path) -> None:
    """Everybody is led there after the sign-in: what its guard asks for is asked, and others get roles."""
    bodies = [("Login", SIGNING), ("Berths", OFFICE_GUARD.replace(AWAY, "navigateTo('Office')"))]
    scripts = [script(name, "Session", body) for name, body in (*bodies, ("Office", OFFICE_GUARD))]
    found = import_application(harbour(tmp_path / "home", scripts=scripts), "harbour", CATALOGUE)
    assert yaml.safe_load(found.files["app.yaml"])["auth"]["home_page"] == "Berths"
    assert yaml.safe_load(found.files["pages/Berths/page.yaml"])["access"] == "signed-in"
    assert access(found) == {"roles": ["admin"]}
    asked = [line for line in lines(found, "question") if "the role admin, and it is the home page" in line]
    assert [line.partition(":")[0] for line in asked] == ["Berths"]
