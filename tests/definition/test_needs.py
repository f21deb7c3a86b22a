"""What a page's code needs at hand: libraries, locales, time zones."""

from pathlib import Path

import pytest

from portico.model.page import Page
from portico.model.program import Needs
from tests.definition.apps import GUARDED, PLAIN, app, brief, loaded

HOME = "pages/Home/page.yaml"


def home(folder: Path, binding: str, files: dict[str, str] | None = None) -> Page:
    """Page Home that shows a binding."""
    text = f"widgets:\n  - name: Shown\n    type: Text\n    text: |\n      {{{{ {binding} }}}}\n"
    return app(folder, {**PLAIN, HOME: text, **(files or {})}).pages["Home"]


@pytest.mark.parametrize(
    ("binding", "needs"),
    [
        ("getUser.data", Needs()),
        ("Date.now()", Needs()),
        ("new Date().getHours()", Needs(libraries=("zones",))),
        ("eval('1')", Needs(libraries=("zones",))),
        ("[1].map((_) => _)", Needs()),
        ("((moment) => moment())(1)", Needs()),
        ("getUser.data.moment._", Needs()),
        ("'_ moment Intl'", Needs()),
        ("_.get(getUser.data, 'a')", Needs(libraries=("lodash",))),
        ("globalThis._.get({}, 'a')", Needs(libraries=("zones", "lodash"))),
        ("moment().format()", Needs(libraries=("zones", "moment"))),
        ("moment.tz('x', 'UTC')", Needs(libraries=("zones", "moment", "moment-timezone"), zones=True)),
        (
            "moment().tz(getUser.data.zone)",
            Needs(libraries=("zones", "moment", "moment-timezone"), zones=True),
        ),
        ("(1).toLocaleString()", Needs(libraries=("zones", "intl"))),
        ("new Date()['toLocaleDateString']()", Needs(libraries=("zones", "intl"))),
        ("'a'.localeCompare('b')", Needs(libraries=("zones", "intl"))),
        ("new Intl.NumberFormat()", Needs(libraries=("zones", "intl"))),
        ("(1).toLocaleString('de-AT')", Needs(libraries=("zones", "intl"), locales=("de-AT",))),
        ("(1).toLocaleString(['fr', 'EN-gb'])", Needs(libraries=("zones", "intl"), locales=("en-GB", "fr"))),
        ("({a: 'de', id: 'is'})[(1).toLocaleString()]", Needs(libraries=("zones", "intl"), locales=("de",))),
        ("new Date().toLocaleString('x', {timeZone: 'UTC'})", Needs(libraries=("zones", "intl"), zones=True)),
        (
            "new Date().toLocaleString(undefined, {timeStyle: 'full'})",
            Needs(libraries=("zones", "intl"), sections=("zones",)),
        ),
        (
            "(1).toLocaleString(undefined, {currencyDisplay: 'name'})",
            Needs(libraries=("zones", "intl"), sections=("currencies",)),
        ),
        ("new Intl.ListFormat()", Needs(libraries=("zones", "intl"), sections=("words",))),
        ("crypto.subtle", Needs(libraries=("crypto",))),
        ("globalThis.crypto.randomUUID()", Needs(libraries=("zones", "crypto"))),
        ("new TextEncoder().encode('a')", Needs(libraries=("crypto",))),
        ("scrypt.scrypt", Needs(libraries=("crypto",))),
        ("uuid.NIL", Needs(libraries=("crypto", "uuid"))),
        ("CryptoJS.MD5('a')", Needs(libraries=("crypto", "crypto-js"))),
        ("jwtDecode(getUser.data.token)", Needs(libraries=("jwt-decode",))),
        ("((crypto) => crypto.uuid)(getUser.data)", Needs()),
    ],
)
def test_libraries_are_found_by_the_names_that_code_takes(binding: str, needs: Needs, tmp_path: Path) -> None:
    """Free names and methods decide, not texts, parameters or members that look like them."""
    assert home(tmp_path, binding).program.needs == needs


def test_events_scripts_and_queries_count_too(tmp_path: Path) -> None:
    """Everything that runs in a page's context; another page's code does not."""
    page = "widgets:\n  - {name: Go, type: Button, onClick: '{{ _.noop() }}'}\n"
    other = "widgets: []\n"
    query = "datasource: api\npath: /{{ moment().year() }}\n"
    script = "export default { f() { return (1).toLocaleString() } }\n"
    made = app(
        tmp_path,
        {
            **PLAIN,
            HOME: page,
            "pages/Home/queries/getUser.yaml": query,
            "pages/Home/scripts/Tools.js": script,
            "pages/Other/page.yaml": other,
        },
    )
    assert made.pages["Home"].program.needs.libraries == ("zones", "intl", "lodash", "moment")
    assert made.pages["Other"].program.needs == Needs()


def test_contract_and_access_rules_may_name_them(tmp_path: Path) -> None:
    """Programs without a page have needs of their own."""
    files = {
        **GUARDED,
        "app.yaml": GUARDED["app.yaml"].replace(
            "{query: me}", "{query: me, uid: '{{ _.get(response, \"a\") }}'}"
        ),
        HOME: 'access: "{{ moment(auth.user.until).isAfter() }}"\nwidgets: []\n',
    }
    made = app(tmp_path, files)
    assert made.contract_program is not None
    assert made.contract_program.needs.libraries == ("lodash",)
    assert made.guard_program is not None
    assert made.guard_program.needs.libraries == ("zones", "moment")
    assert made.pages["Home"].program.needs == Needs()


@pytest.mark.parametrize(
    ("binding", "zoned"),
    [
        ("getUser.data", False),
        ("Date.now()", False),
        ("Date.UTC(2030, 1)", False),
        ("Math.random()", False),
        ("_.sum([1])", False),
        ("new Date().getHours()", True),
        ("Date()", True),
        ("moment().format()", True),
        ("Intl.DateTimeFormat().format()", True),
        ("getUser.data.day.toLocaleString()", True),
        ("Tools.day()", True),
    ],
)
def test_a_page_says_that_it_depends_on_the_zone(binding: str, zoned: bool, tmp_path: Path) -> None:
    """Only such pages are worth another request when the browser's zone becomes known."""
    script = {"pages/Home/scripts/Tools.js": "export default { day() { return new Date().getDay() } }\n"}
    assert home(tmp_path, binding, script if "Tools" in binding else None).zoned is zoned


def test_what_only_events_do_with_dates_does_not_make_a_page_depend_on_the_zone(tmp_path: Path) -> None:
    """By the time of an event the browser has said its zone; a query of the load has been asked before."""
    page = "widgets:\n  - {name: Go, type: Button, onClick: '{{ showAlert(moment().format()) }}'}\n"
    query = "datasource: api\npath: /{{ new Date().getDay() }}\n"
    files = {**PLAIN, HOME: page, "pages/Home/queries/getUser.yaml": query}
    assert not app(tmp_path / "by", files).pages["Home"].zoned
    files["pages/Home/queries/getUser.yaml"] = query + "run: on_load\n"
    assert app(tmp_path / "at", files).pages["Home"].zoned


@pytest.mark.parametrize(
    "binding", ["moment().year()", "_.random(5)", "Intl.DateTimeFormat().format()", "'a'.localeCompare('b')"]
)
def test_pages_with_libraries_vary(binding: str, tmp_path: Path) -> None:
    """What depends on time, chance, language or zone is not the same for everybody (hard-cases 16)."""
    assert home(tmp_path / "plain", "1 + 1").cacheable
    assert not home(tmp_path / "varying", binding).cacheable


@pytest.mark.parametrize("name", ["_", "moment", "Intl"])
def test_nothing_else_can_have_the_name_of_a_library(name: str, tmp_path: Path) -> None:
    """A widget so named would hide it."""
    page = f"widgets:\n  - {{name: {name}, type: Input}}\n"
    assert brief(loaded(tmp_path, {**PLAIN, HOME: page}).problems) == ["pages/Home/page.yaml:2:12 E402"]


def test_locale_and_zone_of_an_app(tmp_path: Path) -> None:
    """They stand in the model as they are spelled; without them it is English and UTC."""
    said = app(tmp_path / "a", {**PLAIN, "app.yaml": "auth: none\nlocale: DE-at\ntimezone: Europe/Vienna\n"})
    assert (said.locale, said.timezone) == ("de-AT", "Europe/Vienna")
    silent = app(tmp_path / "b", PLAIN)
    assert (silent.locale, silent.timezone) == ("en-US", "UTC")
