"""An app over a table of users, by its own journeys, with and without a browser."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parent / "apps" / "users-table"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The app, with a database of its own."""
    root = shutil.copytree(APP, tmp_path / "users-table")
    file = tmp_path / "users.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, role TEXT, secret TEXT)")
        db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, author INTEGER, text TEXT)")
        db.execute("INSERT INTO users VALUES (1, 'ann', 'admin', hex('salt' || 'right'))")
    db.close()
    journeys = root / "tests" / "sign_in.yaml"
    journeys.write_text(journeys.read_text().replace("DATABASE", str(file)))
    return root


def taken(app: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`portico test`."""
    command = [sys.executable, "-m", "portico", "test", str(app), "-j", "1", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def test_its_journeys(app: Path) -> None:
    """All of them, by forms and events."""
    answer = taken(app, "--trust-python", "users-table")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "6 journeys" in answer.stdout


def test_its_journeys_in_a_browser(app: Path) -> None:
    """The sign-in, and what is stored."""
    answer = taken(app, "--browser", "-k", "as it is")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_its_function_is_off(app: Path) -> None:
    """Unless the option names the app, which has to be one that is served."""
    answer = taken(app, "-k", "greets")
    assert answer.returncode == 1
    assert "does not run functions of this app" in answer.stdout + answer.stderr
    answer = taken(app, "--trust-python", "another")
    assert answer.returncode != 0
    assert "another is none of users-table" in answer.stderr


def test_check_has_nothing_to_say(app: Path) -> None:
    """No error, no warning, no finding."""
    command = [sys.executable, "-m", "portico", "check", str(app)]
    environment = {"DB_URL": "sqlite:///x.db", "PATH": ""}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert answer.returncode == 0, answer.stdout + answer.stderr
