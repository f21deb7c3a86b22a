"""Presets: what each brings, what the app says against it, and what is reported."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition import preset
from portico.definition.preset import NAMES
from portico.model.query import Sending
from portico.values import Secret
from tests.definition.apps import app, brief, loaded

PAGES = {"pages/Login/page.yaml": "title: Login\n", "pages/Home/page.yaml": "title: Home\n"}
ALL = ("sign_in", "sign_up", "refresh", "sign_out", "me", "recover")
#: What each API has: its queries, and whether its token renews itself.
BROUGHT = {
    "supabase": ((*ALL, "exchange"), False),
    "strapi": (ALL, False),
    "pocketbase": (("sign_in", "sign_up", "refresh", "me", "recover"), True),
    "dummyjson": (("sign_in", "refresh", "me"), False),
    "better-auth": (ALL, True),
    "fastapi-users": (("sign_in", "sign_up", "sign_out", "me", "recover"), False),
    "simplejwt": (("sign_in", "refresh", "sign_out"), False),
    "allauth": (("sign_in", "sign_up", "sign_out", "me", "recover"), False),
}


def contract(name: str, more: str = "", *, url: str = "https://auth.example.com") -> dict[str, str]:
    """An app that signs in by a preset; `more` are lines below `auth`."""
    lines = "".join(f"  {line}\n" for line in more.splitlines())
    address = f"  url: {url}\n" if url else ""
    return {
        **PAGES,
        "app.yaml": f"auth:\n  preset: {name}\n{address}  entry_page: Login\n  home_page: Home\n{lines}",
    }


@pytest.mark.parametrize("name", BROUGHT)
def test_two_lines_are_a_contract(name: str, tmp_path: Path) -> None:
    """Datasource, queries and mappings, without a problem."""
    found = app(tmp_path, contract(name))
    queries, slides = BROUGHT[name]
    assert found.contract is not None
    assert found.contract.queries == {role: role for role in queries}
    assert found.contract.holds_tokens
    assert (found.contract.refreshes, found.contract.slides) == ("refresh" in queries, slides)
    assert set(found.queries) == set(queries)
    assert {query.datasource for query in found.queries.values()} == {"auth_api"}
    assert found.contract.datasources == {"auth_api"}
    assert found.datasources["auth_api"].url == "https://auth.example.com"
    assert {query.place.file for query in found.queries.values()} == {f"preset {name}"}
    assert len({query.place for query in found.queries.values()}) == len(queries)
    token = Sending(header="X-Session-Token", scheme="") if name == "allauth" else Sending()
    assert found.contract.sending == token


def test_the_presets_that_there_are() -> None:
    """These, at least."""
    assert set(BROUGHT) <= set(NAMES)


def test_the_address_is_the_apps(tmp_path: Path) -> None:
    """With settings, headers, and a private network where the app says so."""
    more = "headers: {apikey: {secret: SUPABASE_KEY}, X-Shop: '1'}\nallow_private: true"
    result = loaded(
        tmp_path, contract("supabase", more, url="${AUTH_URL}"), {"AUTH_URL": "http://127.0.0.1:1"}
    )
    assert brief(result.problems) == ["app.yaml:6:30 W601"]
    assert result.app is not None
    found = result.app.datasources["auth_api"]
    assert (found.url, found.allow_private, found.unset) == ("http://127.0.0.1:1", True, ("SUPABASE_KEY",))
    assert found.headers == (("X-Shop", "1"),)
    assert not any(isinstance(value, Secret) for _, value in found.headers)


def test_keys_of_the_app_win_one_by_one(tmp_path: Path) -> None:
    """Inside a query's mappings as well; what it does not say stays the preset's."""
    more = """\
sign_in: {uid: "{{ 'mine' }}"}
send: {scheme: Token}
audience: [other]
keep: [language]
persist_sessions: false
"""
    files = {**contract("allauth", more), "datasources/other.yaml": "url: https://api.example.com\n"}
    found = app(tmp_path / "own", files)
    plain = app(tmp_path / "plain", contract("allauth"))
    assert found.contract is not None
    assert found.contract.sending == Sending(header="X-Session-Token", scheme="Token")
    assert found.contract.datasources == {"auth_api", "other"}
    assert found.contract.keep == {"language"}
    assert not found.contract.persist
    assert found.contract_program is not None
    assert plain.contract_program is not None
    sources = [program.source for program in (found.contract_program, plain.contract_program)]
    assert ["'mine'" in source for source in sources] == [True, False]
    assert all("meta?.session_token" in source for source in sources)


def test_a_query_of_the_app_takes_the_place_of_the_presets(tmp_path: Path) -> None:
    """One file, or another name for a role; the others stay."""
    files = contract("simplejwt", "me: {query: whoAmI}")
    mine = "datasource: auth_api\npath: /mine\n"
    found = app(tmp_path, {**files, "queries/whoAmI.yaml": mine, "queries/refresh.yaml": mine})
    assert found.contract is not None
    assert found.contract.queries["me"] == "whoAmI"
    files_of = {name: query.place.file for name, query in found.queries.items()}
    assert files_of == {
        "sign_in": "preset simplejwt",
        "sign_out": "preset simplejwt",
        "refresh": "queries/refresh.yaml",
        "whoAmI": "queries/whoAmI.yaml",
    }


def test_a_datasource_of_the_app_takes_the_place_of_the_presets(tmp_path: Path) -> None:
    """Then the address stands there alone."""
    source = {"datasources/auth_api.yaml": "url: https://own.example.com\ntimeout: 3s\n"}
    found = app(tmp_path, {**contract("strapi", url=""), **source})
    assert found.datasources["auth_api"].url == "https://own.example.com"
    result = loaded(tmp_path, {**contract("strapi", "allow_private: true"), **source})
    assert brief(result.problems) == ["app.yaml:3:3 E510", "app.yaml:6:3 E510"]
    assert "datasources/auth_api.yaml" in result.problems[0].message


@pytest.mark.parametrize("role", ["refresh", "sign_out", "me", "sign_up", "recover", "exchange"])
def test_a_query_of_the_preset_can_be_left_out(role: str, tmp_path: Path) -> None:
    """`none`: this API has it not."""
    found = app(tmp_path, contract("supabase", f"{role}: none"))
    assert found.contract is not None
    assert set(found.contract.queries) == {*ALL, "exchange"} - {role}
    assert (found.contract.authorize is None) is (role == "exchange")
    assert found.contract.refreshes is (role != "refresh")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            contract("supbase"),
            """\
app.yaml:2:11 E204 there is no preset `supbase`
    received: supbase
    fix: did you mean `supabase`?""",
        ),
        (
            contract("strapi", url=""),
            """\
app.yaml:2:3 E510 a preset needs the address of the auth API
    fix: write `url: https://auth.example.com` beside it, or `url: ${AUTH_URL}`""",
        ),
        (
            contract("strapi", url="ftp://auth.example.com"),
            """\
app.yaml:3:8 E211 an address begins with https:// or http:// and a host
    received: ftp://auth.example.com
    fix: write an address like https://api.example.com/v1""",
        ),
        (
            contract("strapi", "sign_in: {tokn: '{{ 1 }}'}"),
            """\
app.yaml:6:13 E201 `sign_in` has no `tokn`
    received: tokn
    fix: did you mean `token`?""",
        ),
        (
            contract("strapi", "sign_in: {query: signin}"),
            """\
app.yaml:6:20 E505 there is no query `signin`
    received: signin
    fix: did you mean `sign_in`?""",
        ),
    ],
)
def test_what_is_wrong_is_said_once(files: Mapping[str, str], expected: str, tmp_path: Path) -> None:
    """Where the app says it; nothing follows from it."""
    result = loaded(tmp_path, files)
    assert result.app is None
    assert "\n".join(problem.as_text() for problem in result.problems) == expected


def test_an_address_needs_a_preset(tmp_path: Path) -> None:
    """Without one it belongs to a datasource."""
    files = {
        **PAGES,
        "app.yaml": "auth:\n  url: https://auth.example.com\n  headers: {}\n  allow_private: true\n"
        "  entry_page: Login\n  home_page: Home\n  sign_in: {query: signIn}\n",
        "datasources/api.yaml": "url: https://api.example.com\n",
        "queries/signIn.yaml": "datasource: api\npath: /\n",
    }
    result = loaded(tmp_path, files)
    assert brief(result.problems) == ["app.yaml:2:3 E510", "app.yaml:3:3 E510", "app.yaml:4:3 E510"]


def test_a_name_that_the_preset_has_is_taken(tmp_path: Path) -> None:
    """Told with the place in the preset."""
    page = {"pages/Home/page.yaml": "widgets: [{name: sign_in, type: Input}]\n"}
    result = loaded(tmp_path, {**contract("strapi"), **page})
    assert {problem.code for problem in result.problems} == {"E401"}
    assert "preset strapi:" in result.problems[0].as_text()


def test_the_preset_counts_into_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept by another preset is not taken up."""
    before = app(tmp_path, contract("strapi")).version
    assert app(tmp_path, contract("strapi")).version == before
    shutil.copytree(preset._FOLDER, tmp_path / "presets")
    with (tmp_path / "presets" / "strapi.yaml").open("a") as file:
        file.write("# changed\n")
    monkeypatch.setattr(preset, "_FOLDER", tmp_path / "presets")
    assert app(tmp_path, contract("strapi")).version != before
