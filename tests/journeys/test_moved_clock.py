"""Time that is moved: for the auth server, the apps and their scripts together, in development alone."""

import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from portico.clock import SharedClock
from portico.testing.serving import free_port
from tests.journeys.servers import DevServer, PorticoServer

FILES = {
    "app.yaml": "name: Watch\nauth: none\n",
    "pages/Home/page.yaml": (
        "title: Home\nwidgets:\n"
        "  - {name: NowText, type: Text, text: 'now {{ new Date().toJSON() }} {{ +moment() }}'}\n"
    ),
}
HOUR = timedelta(minutes=61)
SLACK = timedelta(minutes=10)


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """An app that shows the time."""
    for name, text in FILES.items():
        file = tmp_path / "watch" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "watch"


def shown(url: str) -> datetime:
    """The time by `Date`; `moment` has the same."""
    text = httpx.get(f"{url}/watch/Home", trust_env=False, timeout=60).text
    found = re.search(r"now (\S+)Z (\d+)", text)
    assert found, text
    by_date = datetime.fromisoformat(f"{found[1]}+00:00")
    assert abs(by_date.timestamp() - int(found[2]) / 1000) < SLACK.total_seconds()
    return by_date


def test_everything_moves_together(watch: Path, tmp_path: Path) -> None:
    """The auth server's own time, Portico's, and that of scripts; a new start begins at the present."""
    auth_port = free_port()
    options = ("--auth-server", "--auth-port", str(auth_port), "--faults")
    clock = f"http://127.0.0.1:{auth_port}/_clock"
    with DevServer([watch], *options, folder=tmp_path) as server:
        before = shown(server.url)
        answer = httpx.post(clock, json={"advance": "61m"}, trust_env=False)
        assert answer.json()["advanced"] == "1h1m"
        told = datetime.fromisoformat(answer.json()["now"].replace("Z", "+00:00"))
        assert abs(told - before - HOUR) < SLACK
        assert abs(shown(server.url) - before - HOUR) < SLACK
        server.stop()
        server.start()
        assert abs(shown(server.url) - before) < SLACK


def test_faults_are_switched_from_outside(watch: Path, tmp_path: Path) -> None:
    """`portico dev --auth-server` alone has none of it, and says so."""
    auth_port = free_port()
    options = ("--auth-server", "--auth-port", str(auth_port))
    with DevServer([watch], *options, folder=tmp_path):
        for path in ("_faults", "_clock"):
            answer = httpx.get(f"http://127.0.0.1:{auth_port}/{path}", trust_env=False)
            assert answer.status_code == 404
            assert "off" in answer.json()["message"]


def test_portico_run_cannot_be_moved(watch: Path, tmp_path: Path) -> None:
    """Hard-cases 20: neither by an option, nor by a file that `portico dev` left, nor by the environment."""
    (tmp_path / ".portico").mkdir()
    SharedClock(tmp_path / ".portico" / "dev.clock").advance(HOUR)
    settings = {"PORTICO_CLOCK": str(tmp_path / ".portico" / "dev.clock")}
    plain = SharedClock(tmp_path / "present")
    with PorticoServer([watch], folder=tmp_path, settings=settings) as server:
        assert abs(shown(server.url) - plain.now()) < SLACK
    for option in ("--clock", "--faults"):
        command = [sys.executable, "-m", "portico", "run", str(watch), option]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert "No such option" in done.stderr


def test_faults_without_an_auth_server_are_refused(watch: Path) -> None:
    """There would be nothing that goes wrong."""
    command = [sys.executable, "-m", "portico", "dev", str(watch), "--faults"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "--auth-server" in done.stderr
