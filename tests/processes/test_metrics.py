"""What Prometheus reads: figures of everything that was done, and nothing of anybody."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from prometheus_client.parser import text_string_to_metric_families

from portico.testing.serving import free_port
from tests.documented import DOCS, block
from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, Server

APP = EXAMPLES / "jwt-login"
#: A label that belongs to a person.
NAMING = """
from portico.web.metrics import Metrics
Metrics.denied = lambda self, app, reason: self._denials.labels(app, "appsmith_user").inc()
"""


class Measured(Server):
    """A process whose metrics can be read."""

    def __init__(self, folder: Path, auth: AuthServer, *, broken: str = "", metrics: bool = True) -> None:
        port, self.metrics_port = free_port(), free_port()
        options = ["--metrics", f"127.0.0.1:{self.metrics_port}"] if metrics else []
        super().__init__(
            ["run", str(APP), "--port", str(port), "--store", f"sqlite:{folder}/store.db", *options],
            port=port,
            log=folder / "portico.log",
            env={"AUTH_URL": auth.url},
            broken=broken,
        )

    def read(self) -> str:
        """All of it."""
        return httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", trust_env=False, timeout=20).text

    def listening(self) -> set[int]:
        """Ports of the process and its workers."""
        process = psutil.Process(self.pid)
        return {
            connection.laddr.port
            for one in (process, *process.children(recursive=True))
            for connection in one.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }


@pytest.fixture
def measured(auth_server: AuthServer, tmp_path: Path) -> Iterator[Measured]:
    """One."""
    with Measured(tmp_path, auth_server) as server:
        yield server


def walk(server: Measured) -> set[str]:
    """A visit of the app; returns what nobody else may learn of it."""
    with httpx.Client(
        base_url=server.url, trust_env=False, timeout=60, headers={"Origin": server.url}
    ) as client:
        assert client.get("/jwt-login/MainPage").status_code == 303
        assert client.get("/jwt-login/no-such-page-5417").status_code in (303, 404)
        form = {
            "v.UsernameInput": USERNAME,
            "v.PasswordInput": PASSWORD,
            "portico.event": "LoginButton onClick",
        }
        assert client.post("/jwt-login/LoginPage", data=form).status_code == 303
        cookies = set(client.cookies.values())
        assert client.get("/jwt-login/MainPage").status_code == 200
        form = {"portico.event": "LogoutButton onClick"}
        shown = client.get("/jwt-login/MainPage").text
        button = re.search(r'value="(\w*[Ll]og\w*[Oo]ut\w* onClick)"', shown)
        assert button is not None
        assert client.post("/jwt-login/MainPage", data={"portico.event": button[1]}).status_code == 303
    parts = {part for cookie in cookies for part in cookie.split(".") if len(part) > 20}
    return {USERNAME, PASSWORD, "example.com", "no-such-page-5417", "eyJ", *parts}


def figures(text: str) -> dict[str, float]:
    """Each figure by its name and labels."""
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


def test_what_was_done_is_counted(measured: Measured) -> None:
    """Requests by pattern, events, calls, sessions, denials, the sandbox, the store, and what is held."""
    walk(measured)
    found = figures(measured.read())
    page, app = "/{app}/{page}", "jwt-login"
    assert found[f"portico_requests_total{sorted([page, '2xx'])}"] == 2
    assert found[f"portico_requests_total{sorted([page, '3xx'])}"] >= 3
    assert found["portico_event_seconds_count[]"] == 2
    assert found[f"portico_sessions_total{sorted([app, 'signed_in'])}"] == 1
    assert found[f"portico_sessions_total{sorted([app, 'signed_out'])}"] == 1
    assert found[f"portico_sessions_total{sorted([app, 'resumed'])}"] >= 2
    assert sum(value for name, value in found.items() if name.startswith("portico_denials_total")) >= 1
    assert sum(value for name, value in found.items() if name.startswith("portico_query_seconds_count")) >= 2
    assert found["portico_turn_seconds_count['ok']"] >= 4
    assert found[f"portico_store_seconds_count{sorted(['sessions', 'create'])}"] >= 1
    assert found["portico_visits[]"] >= 1
    assert found["portico_workers[]"] == 1


def documented() -> dict[str, set[str]]:
    """The table of the page: labels by metric."""
    rows = re.findall(r"^\| (`portico_[^|]*) \| ([^|]*)\|", (DOCS / "deploy.md").read_text(), re.MULTILINE)
    return {
        name.removesuffix("_total"): set(re.findall(r"`(\w+)`", labels))
        for names, labels in rows
        for name in re.findall(r"`(\w+)`", names)
    }


def test_the_page_names_all_of_it(measured: Measured) -> None:
    """Every metric with its labels, and nothing that is not there; rules ask for these alone."""
    walk(measured)
    families = [
        family
        for family in text_string_to_metric_families(measured.read())
        if family.name.startswith("portico_") and not family.name.endswith("_created")
    ]
    assert {family.name for family in families} == set(documented())
    for family in families:
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == documented()[family.name], family.name
    asked = re.findall(r"portico_\w+", block("deploy.md", "yaml", having="rules:"))
    kept = {name for family in families for name in (family.name, *(s.name for s in family.samples))}
    assert len(asked) > 5
    assert {name.removesuffix("_total") for name in asked} <= kept


def test_nobody_is_in_it(measured: Measured) -> None:
    """No name, no token, no cookie, no path that somebody asked for."""
    secrets, text = walk(measured), measured.read()
    assert not [secret for secret in secrets if secret in text]


def test_a_label_that_names_somebody_is_noticed(auth_server: AuthServer, tmp_path: Path) -> None:
    """The control."""
    with Measured(tmp_path, auth_server, broken=NAMING) as server:
        secrets, text = walk(server), server.read()
    assert [secret for secret in secrets if secret in text] == [USERNAME]


def test_it_has_a_listener_of_its_own(measured: Measured) -> None:
    """The public address has none of it."""
    assert measured.listening() == {measured.port, measured.metrics_port}
    for path in ("/metrics", "/_portico/metrics", "/jwt-login/metrics"):
        answer = httpx.get(f"{measured.url}{path}", trust_env=False, follow_redirects=True, timeout=20)
        assert "portico_requests" not in answer.text


def test_it_is_off_by_default(auth_server: AuthServer, tmp_path: Path) -> None:
    """One port, the one that was asked for (P42)."""
    with Measured(tmp_path, auth_server, metrics=False) as server:
        assert server.listening() == {server.port}
