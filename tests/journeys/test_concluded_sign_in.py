"""What an import concludes runs: the token is renewed, the API hears of a log-out, roles open pages.

Against an auth API that speaks as the imported application expects, by a file that describes it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import yaml

from portico.importers.appsmith.importing import import_application
from portico.model.journey import Account, AuthSettings
from portico.testing.stage import Stage
from portico.testing.user import User
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.harbour import DIALECT, GUARD, OFFICE_GUARD, SIGNING, harbour
from tests.importers.appsmith.shop import script

ADA = Account(username="ada", email="ada@example.com", password="correct horse", role="admin")
BEN = Account(username="ben", email="ben@example.com", password="correct horse", role="clerk")
RENEWAL, LOG_OUT, ME = "POST /v2/session/renew", "DELETE /v2/session", "GET /v2/me"


def imported(folder: Path, *, without: str = "", silent: bool = False) -> Path:
    """The application as an app, with its address filled in, without a key of its contract. A `silent` office
    forgets the token and tells the API nothing."""
    office = OFFICE_GUARD.replace("await logOut.run();", "") if silent else OFFICE_GUARD
    bodies = (("Login", SIGNING), ("Berths", GUARD), ("Office", office))
    scripts = [script(page, "Session", body) for page, body in bodies]
    found = import_application(harbour(folder / "source", scripts=scripts), "harbour", CATALOGUE)
    files = {
        **found.files,
        "datasources/Harbour-API.yaml": "url: ${AUTH_URL}\nallow_private: true\n",
        "dialect.yaml": DIALECT,
    }
    if without:
        manifest = yaml.safe_load(files["app.yaml"])
        assert manifest["auth"].pop(without)
        files["app.yaml"] = yaml.safe_dump(manifest)
    for path, content in files.items():
        (folder / "harbour" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "harbour" / path).write_text(content)
    return folder / "harbour"


@contextmanager
def staged(app: Path) -> Iterator[Stage]:
    """The app with its API."""
    with Stage(app, accounts=[ADA, BEN], auth=AuthSettings(dialect="dialect.yaml")) as stage:
        yield stage


def signed_in(stage: Stage, account: Account) -> User:
    """Somebody who signed in on the page of the app."""
    user = stage.user()
    user.open("Login")
    user.fill("E-mail", account.email)
    user.fill("Password", account.password)
    user.click("Log in")
    user.at("Berths")
    user.see(f"Berths of {account.email}")
    return user


def called(stage: Stage, call: str) -> list[int | None]:
    """What the API answered to a call."""
    return [one.status for one in stage.calls if f"{one.method} {one.path}".partition("?")[0] == call]


def test_the_token_is_renewed(tmp_path: Path) -> None:
    """By the concluded query, as often as it ends; a renewal by hand is the same one."""
    with staged(imported(tmp_path)) as stage:
        ada = signed_in(stage, ADA)
        for _ in range(2):
            stage.advance(timedelta(minutes=16))
            ada.click("Look again")
            ada.see("Berth 7")
        assert called(stage, RENEWAL) == [200, 200]
        ada.click("Renew")
        ada.see("Renewed")
        assert called(stage, RENEWAL) == [200, 200, 200]
        # What was renewed by hand is what Portico goes on with.
        stage.advance(timedelta(minutes=16))
        ada.reload()
        ada.see("Berth 7")
        assert set(called(stage, RENEWAL)) == {200}


def test_without_the_concluded_refresh(tmp_path: Path) -> None:
    """The control: with a contract that has none, what the page shows ends with the token."""
    with staged(imported(tmp_path, without="refresh")) as stage:
        ada = signed_in(stage, ADA)
        ada.see("Berth 7")
        stage.advance(timedelta(minutes=16))
        ada.reload()
        ada.not_see("Berth 7")
        assert called(stage, RENEWAL) == []


def test_the_api_hears_of_a_log_out(tmp_path: Path) -> None:
    """Once: the script of the app runs the concluded query itself."""
    with staged(imported(tmp_path)) as stage:
        ada = signed_in(stage, ADA)
        ada.click("Log out")
        ada.at("Login")
        ada.open("Berths")
        ada.at("Login")
        assert called(stage, LOG_OUT) == [204]


def waited(stage: Stage, call: str) -> list[int | None]:
    """The same, once there is something: Portico tells of log-outs behind the user's back."""
    deadline = time.monotonic() + 20
    while not called(stage, call) and time.monotonic() < deadline:
        time.sleep(0.05)
    return called(stage, call)


def test_a_log_out_whose_script_says_nothing(tmp_path: Path) -> None:
    """The API hears of it all the same."""
    with staged(imported(tmp_path, silent=True)) as stage:
        ada = signed_in(stage, ADA)
        ada.open("Office")
        ada.click("Log out")
        ada.at("Login")
        assert waited(stage, LOG_OUT) == [204]


def test_without_the_concluded_sign_out(tmp_path: Path) -> None:
    """The control: in a contract that has none, that log-out leaves the token good."""
    with staged(imported(tmp_path, without="sign_out", silent=True)) as stage:
        ada = signed_in(stage, ADA)
        ada.open("Office")
        ada.click("Log out")
        ada.at("Login")
        # As long as it takes where the API is told.
        time.sleep(2)
        assert called(stage, LOG_OUT) == []


def test_roles_open_pages(tmp_path: Path) -> None:
    """The page of the office is for those whose role its guard asked for, and not there for others."""
    with staged(imported(tmp_path)) as stage:
        ada, ben = signed_in(stage, ADA), signed_in(stage, BEN)
        ada.open("Office")
        ada.see("Papers of the office")
        ben.open("Office")
        ben.not_see("Papers of the office")
        stage.fault("role clerk")
        stage.advance(timedelta(minutes=2))
        # What `me` says counts from then on, whatever the store of the page holds.
        ada.open("Office")
        ada.not_see("Papers of the office")
        assert 200 in called(stage, ME)


def test_without_the_concluded_roles(tmp_path: Path) -> None:
    """The control: for signed-in users the same page is open to both."""
    app = imported(tmp_path)
    file = app / "pages" / "Office" / "page.yaml"
    text = file.read_text()
    assert "access:\n  roles:\n    - admin\n" in text
    file.write_text(text.replace("access:\n  roles:\n    - admin\n", "access: signed-in\n"))
    (app / "pages" / "Office" / "scripts" / "Session.yaml").unlink()
    with staged(app) as stage:
        ben = signed_in(stage, BEN)
        ben.open("Office")
        ben.see("Papers of the office")
