"""Scripts that loop, flood or eat memory: an error of that page alone (promises 46-48)."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.journeys.servers import PorticoServer
from tests.web.posts import Tab

SCRIPTS = "/probe/Scripts"


# Endless promises meet the limit of memory or that of time, depending on the machine.
@pytest.mark.parametrize(
    ("widget", "code"), [("Loop", "script_overrun"), ("Memory", "script_"), ("Flood", "script_")]
)
def test_a_runaway_script_is_stopped(widget: str, code: str, client: httpx.Client) -> None:
    """The user reads why; the next event of the same page works, and typed input is still there."""
    tab = Tab(client, SCRIPTS)
    assert tab.post("Fine", Kept="typed")["alerts"] == ["fine typed"]
    answer = tab.post(widget, Kept="typed")
    assert answer["status"] >= 500
    assert answer["problem"]["code"].startswith(code)
    assert "stopped" in answer["problem"]["message"] or "crashed" in answer["problem"]["message"]
    assert tab.post("Fine", Kept="typed")["alerts"] == ["fine typed"]


def test_other_users_notice_nothing(server: PorticoServer, client: httpx.Client) -> None:
    """While one user's script loops, every event of another app's user is answered."""
    tabs = [Tab(client, SCRIPTS) for _ in range(3)]
    with ThreadPoolExecutor(4) as threads:
        loops = [threads.submit(tab.post, "Loop") for tab in tabs]
        with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as other:
            answers = [other.get("/jwt-login/MainPageAsInSeed").status_code for _ in range(10)]
        assert answers == [200] * 10
        assert all(loop.result()["problem"]["code"] == "script_overrun" for loop in loops)


def test_events_beside_a_runaway_script_end_like_it(client: httpx.Client) -> None:
    """Events of one page at once, in all stages of being answered when it loses its context: each works, or
    says that a script was stopped. None finds a context that has gone."""
    tab = Tab(client, SCRIPTS)
    with ThreadPoolExecutor(21) as threads:
        for _ in range(3):
            around = [*["Fine"] * 10, "Loop", *["Fine"] * 10]
            codes = {answer.get("problem", {}).get("code", "") for answer in threads.map(tab.post, around)}
            assert codes <= {"", "script_overrun", "script_crashed"}, codes
            assert "script_overrun" in codes, "the script was not stopped"


def test_a_script_error_is_told_and_logged_with_its_place(
    server: PorticoServer, client: httpx.Client
) -> None:
    """The user reads that it failed; the log has file, line and column."""
    assert Tab(client, SCRIPTS).post("Throw")["alerts"]
    assert "pages/Scripts/page.yaml:7:" in server.read_log()
