"""`me`, `refresh` and `sign_out` are concluded where all speaks for them, and asked about otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.load import load
from portico.importers.appsmith.importing import Imported, import_application
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.harbour import (
    ACTIONS,
    BERTHS,
    GUARD,
    LOGIN,
    OFFICE,
    OFFICE_GUARD,
    SIGNING,
    harbour,
    query,
)
from tests.importers.appsmith.shop import Json, lines, page, root, script, widget


def told(found: Imported) -> dict[str, Any]:
    """The contract."""
    contract: dict[str, Any] = yaml.safe_load(found.files["app.yaml"])["auth"]
    return contract


def coded(folder: Path, old: str, new: str, **more: Any) -> Imported:
    """The application, with other code in all of its scripts."""
    assert old in GUARD or old in SIGNING
    bodies = [("Login", SIGNING), ("Berths", GUARD), ("Office", OFFICE_GUARD)]
    scripts = [script(name, "Session", body.replace(old, new)) for name, body in bodies]
    return import_application(harbour(folder, scripts=scripts, **more), "harbour", CATALOGUE)


def asking(
    folder: Path, name: str, change: Json, *, pages: tuple[str, ...] = ("Berths", "Office")
) -> Imported:
    """The application, with something else in what a query is configured to; on some pages only."""
    actions = json.loads(json.dumps(ACTIONS))
    for one in actions:
        action = one["unpublishedAction"]
        if action["name"] == name and action["pageId"] in pages:
            action["actionConfiguration"] |= change.get("configuration", {})
            action |= {key: value for key, value in change.items() if key != "configuration"}
    return import_application(harbour(folder, actions=actions), "harbour", CATALOGUE)


def asked(found: Imported, task: str) -> bool:
    """Whether the report asks for the query of this, and the contract has none."""
    return task not in told(found) and any(f"for `{task}` of" in line for line in lines(found, "question"))


def test_all_three(tmp_path: Path) -> None:
    """They are queries of the app, with what they are given; those of pages give way to two of them."""
    found = import_application(harbour(tmp_path / "source"), "harbour", CATALOGUE)
    contract = told(found)
    assert contract["refresh"] == {
        "query": "renewToken",
        "token": "{{ response.body?.result?.token }}",
        "refresh_token": "{{ response.body?.result?.refresh_token }}",
    }
    assert contract["sign_out"] == {"query": "logOut"}
    assert contract["me"] == {
        "query": "me",
        "uid": "{{ response.body?.data?.id }}",
        "user": "{{ response.body?.data }}",
        "roles": "{{ [].concat(response.body?.data?.role ?? []) }}",
    }
    queries = {path: yaml.safe_load(text) for path, text in found.files.items() if "queries/" in path}
    assert queries["queries/renewToken.yaml"]["body"] == (
        '{"renew": "{{ this.params.refreshToken ?? auth.refreshToken }}"}'
    )
    # Portico sends the token by itself.
    assert queries["queries/logOut.yaml"] == {
        "datasource": "Harbour-API",
        "method": "DELETE",
        "path": "/v2/session",
    }
    assert queries["queries/me.yaml"] == {"datasource": "Harbour-API", "path": "/v2/me"}
    of_pages = sorted(path for path in queries if path.startswith("pages/Office"))
    assert of_pages == ["pages/Office/queries/whoAmI.yaml"]
    reasons = lines(found, "sign-in")
    for start in (
        "Office › renewToken: `refresh` of the contract: it renews the token: it sends",
        "Berths › logOut: `sign_out` of the contract: it ends the token: it sends it, and runs together",
        "Berths › whoAmI: `me` of the contract: it says who is signed in: it sends the token",
    ):
        assert any(line.startswith(start) for line in reasons), reasons
    assert not any("of the contract?" in line for line in lines(found, "question"))


def test_what_is_written_loads_without_a_word(tmp_path: Path) -> None:
    """The names of the queries fit the pages, and no rule over sign-ins has anything against it."""
    found = import_application(harbour(tmp_path / "source"), "harbour", CATALOGUE)
    loaded = load(tmp_path, types=CATALOGUE, settings={}, planned=dict(found.files))
    assert [problem.as_text() for problem in loaded.problems if problem.severity == "error"] == []
    assert loaded.app is not None
    assert loaded.app.contract is not None
    assert loaded.app.contract.refreshes
    assert {"me", "refresh", "sign_out"} <= loaded.app.contract.queries.keys()


@pytest.mark.parametrize(
    ("task", "old", "new"),
    [
        # Its answer is kept as something else.
        ("refresh", "storeValue('token', again", "storeValue('other', again"),
        # What renews is kept under another key than the one that is sent.
        ("refresh", "storeValue('renewal'", "storeValue('refreshToken'"),
        # Nothing ends where it runs.
        ("sign_out", "await clearStore();\n    navigateTo('Login');", ""),
        # Its answer is kept.
        ("sign_out", "await logOut.run();", "await storeValue('gone', (await logOut.run()).id);"),
        # It does not run when a page opens.
        ("me", "const who = await whoAmI.run();\n    await storeValue('user', who.data);", ""),
        # Its answer is kept as no user, and nothing says where in it the user is.
        ("me", "storeValue('user', who.data)", "storeValue('kept', who.data)"),
    ],
)
def test_code_that_says_less(task: str, old: str, new: str, tmp_path: Path) -> None:
    """One step less of what speaks for it, and it is asked."""
    found = coded(tmp_path, old, new)
    assert task not in told(found)
    others = {"me", "refresh", "sign_out"} - {task}
    assert any(other in told(found) for other in others)


TYPED = {"body": '{"renew": "{{appsmith.store.renewal}}", "of": "{{Session.of}}"}'}
ELSEWHERE = {"id": "Shop API", "name": "Shop API"}


@pytest.mark.parametrize(
    ("task", "name", "change"),
    [
        ("refresh", "renewToken", {"configuration": TYPED}),
        ("refresh", "renewToken", {"configuration": {"body": '{"renew": "{{appsmith.store.token}}"}'}}),
        ("refresh", "renewToken", {"datasource": ELSEWHERE}),
        ("refresh", "renewToken", {"runBehaviour": "ON_PAGE_LOAD"}),
        ("refresh", "renewToken", {"confirmBeforeExecute": True}),
        ("sign_out", "logOut", {"configuration": {"headers": []}}),
        ("sign_out", "logOut", {"configuration": {"path": "/v2/session?of={{appsmith.store.user.id}}"}}),
        ("me", "whoAmI", {"configuration": {"path": "/v2/me?team={{appsmith.URL.queryParams.team}}"}}),
        ("me", "whoAmI", {"configuration": {"httpMethod": "POST"}}),
        ("me", "whoAmI", {"datasource": ELSEWHERE}),
    ],
)
def test_queries_that_ask_for_more(task: str, name: str, change: Json, tmp_path: Path) -> None:
    """What sends anything but the token, or belongs to another API, is none of the contract's."""
    assert task not in told(asking(tmp_path, name, change))


def test_copies_that_differ(tmp_path: Path) -> None:
    """Which of two is it? One that is spelled otherwise is the same."""
    spelled = {"headers": [{"key": "authorization", "value": "Bearer {{appsmith.store.token}}"}]}
    same = asking(tmp_path / "same", "logOut", {"configuration": spelled}, pages=("Office",))
    assert told(same)["sign_out"] == {"query": "logOut"}
    other = {"configuration": {"path": "/v2/session/revoke"}}
    assert asked(asking(tmp_path / "other", "logOut", other, pages=("Office",)), "sign_out")


def test_a_name_that_a_page_has_already(tmp_path: Path) -> None:
    """A query of the app needs a name of its own on every page."""
    login = root(*LOGIN["children"], widget("renewToken", "TEXT_WIDGET", (0, 30, 20, 34), text="Renewed"))
    pages = [page("Login", login), page("Berths", BERTHS), page("Office", OFFICE)]
    found = import_application(harbour(tmp_path, pages=pages), "harbour", CATALOGUE)
    assert "refresh" not in told(found)
    assert "renewToken stores token too: is it another way to sign in?" in lines(found, "question")


def test_what_stood_for_it_gives_way(tmp_path: Path) -> None:
    """A page that ran the query without having it has it now, and the report says nothing else."""
    pages = [*(page(name, dsl) for name, dsl in (("Login", LOGIN), ("Berths", BERTHS), ("Office", OFFICE)))]
    out = widget("Leave", "BUTTON_WIDGET", onClick="{{logOut.run().then(() => clearStore())}}")
    pages.append(page("Quay", root(out)))
    found = import_application(harbour(tmp_path, pages=pages), "harbour", CATALOGUE)
    assert told(found)["sign_out"] == {"query": "logOut"}
    assert "pages/Quay/scripts/logOut.js" not in found.files
    assert not any("logOut" in line for line in lines(found, "missing"))
    loaded = load(tmp_path, types=CATALOGUE, settings={}, planned=dict(found.files))
    assert [problem.as_text() for problem in loaded.problems if problem.severity == "error"] == []


def test_an_account_that_is_deleted_is_no_log_out(tmp_path: Path) -> None:
    """It sends the token, and the key is cleared; but it ends more than a sign-in."""
    code = "{{closeAccount.run().then(() => { clearStore(); navigateTo('Login'); })}}"
    berths = root(*BERTHS["children"], widget("Close", "BUTTON_WIDGET", (0, 50, 9, 54), onClick=code))
    close = query("Berths", "closeAccount", "DELETE", "/v2/account", sends=True)
    rest_of = [one for one in ACTIONS if one["unpublishedAction"]["name"] != "logOut"]
    pages = [page("Login", LOGIN), page("Berths", berths), page("Office", OFFICE)]
    found = import_application(
        harbour(tmp_path, pages=pages, actions=[*rest_of, close]), "harbour", CATALOGUE
    )
    assert "sign_out" not in told(found)


def test_a_log_out_that_only_leads_away(tmp_path: Path) -> None:
    """It is the log-out of the API, and what the store keeps is asked about."""
    found = coded(tmp_path, "await clearStore();\n    navigateTo('Login');", "navigateTo('Login');")
    assert told(found)["sign_out"] == {"query": "logOut"}
    assert any("leaves it in the store: is this a log-out?" in line for line in lines(found, "question"))


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("/v2/users/me", True),
        ("/auth/v1/user", True),
        ("/v2/berths/me", False),
        ("/v2/me/berths", False),
        ("/v2/berths", False),
    ],
)
def test_addresses_of_me(path: str, is_one: bool, tmp_path: Path) -> None:
    """By its address, where its answer is kept under no name of a user, but read."""
    berths = root(*BERTHS["children"], widget("Id", "TEXT_WIDGET", (0, 60, 9, 64), text="{{whoAmI.data.id}}"))
    pages = [page("Login", LOGIN), page("Berths", berths), page("Office", OFFICE)]
    actions = json.loads(json.dumps(ACTIONS))
    for one in actions:
        if one["unpublishedAction"]["name"] == "whoAmI":
            one["unpublishedAction"]["actionConfiguration"]["path"] = path
    kept = ("storeValue('user', who.data)", "storeValue('kept', 1)")
    found = coded(tmp_path, *kept, pages=pages, actions=actions)
    # Its guard asks for a role of the sign-in, which nobody knows to be in this answer: so without it.
    assert told(found).get("me") is None
    guard = OFFICE_GUARD.replace("appsmith.store.user.role !== 'admin'", "false")
    bodies = [("Login", SIGNING), ("Berths", GUARD), ("Office", guard)]
    scripts = [script(name, "Session", body.replace(*kept)) for name, body in bodies]
    source = harbour(tmp_path / "plain", pages=pages, actions=actions, scripts=scripts)
    contract = told(import_application(source, "harbour", CATALOGUE))
    assert contract.get("me") == ({"query": "me"} if is_one else None)
