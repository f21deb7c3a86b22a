"""What `portico check` says about cookies that two hands would write."""

from pathlib import Path

import pytest

from tests.definition.apps import GUARDED, PLAIN, loaded

KEEPS = "url: https://api.example.com\nkeep_cookies: true\n"
QUERY = "datasource: api\npath: /x\nheaders:\n  X-A: b\n  cookie: sid=1\n"
LOGIN = {"queries/login.yaml": "datasource: api\nmethod: POST\npath: /login\n"}
CONTRACT = "auth:\n  entry_page: Login\n  home_page: Home\n  sign_in: {query: login}\n"


def said(folder: Path, files: dict[str, str]) -> list[str]:
    """Where, and which codes."""
    return [problem.as_text().partition("\n")[0][:60] for problem in loaded(folder, files).problems]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("queries/x.yaml", "queries/x.yaml:5:3"),
        ("pages/Home/queries/x.yaml", "pages/Home/queries/x.yaml:5:3"),
    ],
)
def test_a_query_with_a_cookie_of_its_own(path: str, place: str, tmp_path: Path) -> None:
    """Its header, wherever the query stands; without `keep_cookies` it may."""
    files = {**PLAIN, path: QUERY}
    found = said(tmp_path, {**files, "datasources/api.yaml": KEEPS})
    assert [line.startswith(f"{place} E606") for line in found] == [True], found
    assert said(tmp_path, {**files, "datasources/api.yaml": KEEPS.replace("true", "false")}) == []


def test_a_datasource_with_a_cookie_of_its_own(tmp_path: Path) -> None:
    """Both are in one file."""
    text = KEEPS + "headers: {Cookie: {secret: SID}}\n"
    found = loaded(tmp_path, {**PLAIN, "datasources/api.yaml": text}).problems
    assert "datasources/api.yaml:3:11 E606" in found[0].as_text()


def test_a_cookie_that_the_contract_sends_elsewhere(tmp_path: Path) -> None:
    """Only datasources that get the token count; those of `audience` do."""
    auth = GUARDED["app.yaml"] + "  send: {cookie: sid}\n"
    files = {**GUARDED, "app.yaml": auth, "datasources/files.yaml": KEEPS}
    assert said(tmp_path, files) == []
    found = said(tmp_path, {**files, "app.yaml": auth + "  audience: [files]\n"})
    assert [line.startswith("app.yaml:6:18 E508") for line in found] == [True], found


@pytest.mark.parametrize("more", ["  me: {query: me}\n", ""])
def test_somebody_must_say_who_signed_in(more: str, tmp_path: Path) -> None:
    """`me`, or `uid` of the answer."""
    files = {**GUARDED, **LOGIN, "datasources/api.yaml": KEEPS, "app.yaml": CONTRACT + more}
    assert ["W503" in line for line in said(tmp_path, files)] == ([] if more else [True])
    named = CONTRACT.replace("login}", "login, uid: '{{ response.body.id }}'}")
    assert said(tmp_path, {**files, "app.yaml": named}) == []
