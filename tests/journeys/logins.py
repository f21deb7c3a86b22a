"""What the journeys of both login packages do and look at."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, Response, expect

from portico.auth.directory import ALL
from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, PorticoServer

EMAIL = f"{USERNAME}@example.com"
HR, CRM, LOBBY = "hr-portal", "crm-dashboard", "lobby"
APPS = Path(__file__).parent / "apps"
FOLDERS = {HR: EXAMPLES / HR, CRM: EXAMPLES / CRM, LOBBY: APPS / LOBBY}
#: A row that only the API behind each app knows.
ROWS = {HR: "Ada Example", CRM: "Example Bakery"}


def field(page: Page, name: str) -> Locator:
    """The control of an input, by its path."""
    return page.locator(f'[name="v.{name}"]')


def shown(page: Page, name: str) -> Locator:
    """A widget, by its path."""
    return page.locator(f'[data-widget="{name}"]')


def button(page: Page, name: str) -> Locator:
    """The button of a widget, by its path."""
    return shown(page, name).get_by_role("button")


def fill(
    page: Page, email: str = EMAIL, password: str = PASSWORD, *, within: str = "LoginModule1.emailInput"
) -> None:
    """Both fields, of which `within` is the first."""
    field(page, within).fill(email)
    field(page, within.replace("email", "password").replace("Email", "Password")).fill(password)


def log_in(page: Page, portico: PorticoServer, app: str, password: str = PASSWORD) -> None:
    """Fill in the module on an app's sign-in page, and press its button."""
    page.goto(f"{portico.url}/{app}/LoginPage")
    fill(page, EMAIL, password)
    button(page, "LoginModule1.loginButton").click()


def at_home(page: Page, portico: PorticoServer, app: str) -> None:
    """Wait for the home page of an app, with a row of its API."""
    expect(page).to_have_url(f"{portico.url}/{app}/Home")
    expect(page.get_by_text(f"Hello {USERNAME}")).to_be_visible()
    expect(page.get_by_text(ROWS[app], exact=True)).to_be_visible()


def alert(page: Page, words: str) -> None:
    """Wait for an alert."""
    expect(page.locator("#alerts").get_by_text(words)).to_be_visible()


def sessions_of(page: Page) -> list[str]:
    """The values of the cookies that hold a session; the browser's time zone has one too."""
    return [str(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] != "tz"]


@contextmanager
def everything(page: Page) -> Iterator[Callable[[], str]]:
    """All that reaches the browser meanwhile and what it holds: answers with their headers and addresses,
    the page, cookies and storage."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)

    def seen() -> str:
        found = [f"{answer.url} {answer.all_headers()}" for answer in answers]
        for answer in answers:
            try:
                found.append(answer.text())
            except Exception:  # noqa: BLE001 (redirects have no body)
                continue
        found.append(page.content())
        found.append(
            page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        )
        found.append(str(page.context.cookies()))
        found.append(json.dumps(page.context.storage_state(indexed_db=True)))
        return "\n".join(found)

    yield seen
    page.remove_listener("response", note)


def kept(store: Path) -> set[tuple[str, str]]:
    """The records of sessions and of open pages in a store, by table and key, and what is in the list of all
    sessions. The card that leads an operator to the timeline of a session outlives it by a week, in none."""
    living = f"SELECT key FROM tagged WHERE tag = '{ALL}'"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        return {
            (table, key)
            for table, keys in (
                ("session", "SELECT key FROM session"),
                ("filed", living),
                ("visit", "SELECT key FROM visit"),
            )
            for (key,) in database.execute(keys)
        }


def copied(folder: Path, app: str, change: Callable[[Path], None]) -> Path:
    """An example and its packages, with something in the app's folder changed."""
    shutil.copytree(EXAMPLES / "packages", folder / "packages", dirs_exist_ok=True)
    copy = folder / app
    shutil.copytree(EXAMPLES / app, copy)
    change(copy)
    return copy


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    """The change of one text in one file."""

    def change(app: Path) -> None:
        text = (app / file).read_text()
        assert old in text
        (app / file).write_text(text.replace(old, new))

    return change


def portico_says(*command: str | Path, **settings: str) -> tuple[int, str]:
    """Run a command: its exit code, and all that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "portico", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **settings},
    )
    return done.returncode, done.stdout + done.stderr
