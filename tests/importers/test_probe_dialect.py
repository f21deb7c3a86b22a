"""An API that was probed and is imitated: the app whose contract the probe wrote signs in there."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn

from portico.authserver.app import create_app
from portico.authserver.dialects.imitation import Imitation
from portico.authserver.serve import create_server
from portico.authserver.settings import NewAccount, Settings
from portico.clock import Clock
from portico.definition.diagnostics import Problems
from portico.importers.probe_dialect import NothingToImitate, dialect_of
from portico.importers.probe_findings import Findings
from portico.importers.probe_look import Asked
from portico.importers.probe_report import as_json
from portico.testing.dialect_file import dialect
from portico.values import Secret
from tests.authserver.servers import CHEAP
from tests.importers.probe_apis import Asking, Reply, api, probed, signs_in, written
from tests.importers.test_probe_own import (
    LOGIN,
    PASSWORD,
    Sessions,
    cookie_only,
    nested,
    renewing,
)

ACCOUNT = NewAccount(username="anna", email=LOGIN, password=Secret(PASSWORD))


def imitation_of(found: Findings) -> Imitation:
    """What the file that the probe writes describes, without a problem."""
    problems = Problems()
    imitation = dialect("my-api.yaml", dialect_of(found), problems)
    assert [problem.as_text() for problem in problems.sorted()] == []
    assert imitation is not None
    return imitation


@contextmanager
def imitated(imitation: Imitation) -> Iterator[str]:
    """An auth server that speaks like this, on a socket, in a thread; where it is."""
    settings = Settings(hash_cost=CHEAP, rate_limit=None, accounts=(ACCOUNT,), imitation=imitation)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server: uvicorn.Server = create_server(create_app(settings, Clock()), host="127.0.0.1", port=0)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (
            nested,
            {"sign_in": ("POST", "/v2/login"), "me": ("GET", "/v2/me"), "sign_out": ("POST", "/v2/logout")},
        ),
        (
            cookie_only,
            {"sign_in": ("POST", "/login"), "me": ("GET", "/session"), "sign_out": ("POST", "/logout")},
        ),
        (
            renewing,
            {
                "sign_in": ("POST", "/api/session"),
                "me": ("GET", "/api/who"),
                "refresh": ("POST", "/api/renew"),
                "sign_out": ("POST", "/api/leave"),
            },
        ),
    ],
    ids=["nested", "cookie", "renewing"],
)
@pytest.mark.parametrize("renew", [False, True])
def test_an_app_works_against_the_imitation(
    tmp_path: Path,
    kind: Callable[[Sessions], Callable[[Asking], Reply]],
    asked: dict[str, tuple[str, str]],
    renew: bool,
) -> None:
    """Its contract was written from the API itself; only the address is another. A probe of the imitation
    finds the same contract."""
    calls = Asked(calls=asked, email=True)  # type: ignore[arg-type]
    with api(kind(Sessions())) as real:
        found, draft = probed(real.url, LOGIN, PASSWORD, asked=calls, renew=renew)
        assert draft is not None
        told = signs_in(written(found, draft, tmp_path / "real"), LOGIN, PASSWORD)
    with imitated(imitation_of(found)) as url:
        moved = replace(draft, url=url)
        again = signs_in(written(found, moved, tmp_path / "imitated"), LOGIN, PASSWORD)
        assert "You are signed in as" in told
        assert "You are signed in as" in again
        anew, second = probed(url, LOGIN, PASSWORD, asked=calls, renew=renew)
    assert second is not None
    assert replace(second, url=draft.url) == draft
    assert (anew.renewed is None) == (found.renewed is None)


def test_the_control_an_imitation_that_lacks_a_field_is_noticed(tmp_path: Path) -> None:
    """What shows that the apps above could fail: the token is handed out under another name."""
    calls = Asked(calls={"sign_in": ("POST", "/v2/login"), "me": ("GET", "/v2/me")}, email=True)
    with api(nested(Sessions())) as real:
        found, draft = probed(real.url, LOGIN, PASSWORD, asked=calls)
    assert draft is not None
    text = dialect_of(found)
    assert "x-auth-token" in text
    broken = dialect("my-api.yaml", text.replace("x-auth-token", "x-other"), Problems())
    assert broken is not None
    with imitated(broken) as url, pytest.raises(AssertionError):
        signs_in(written(found, replace(draft, url=url), tmp_path), LOGIN, PASSWORD)


def test_no_value_of_an_answer_is_written() -> None:
    """Neither who signed in, nor a token, a word or an id, in the file or in the report."""
    calls = Asked(calls={"sign_in": ("POST", "/in"), "me": ("GET", "/me")}, email=True)
    marks = ["cNrYaccess00000000000000", "cNrYrefresh0000000000000", "cNrYname", "cNrYword", "cNrYdeep"]

    def answer(asking: Asking) -> Reply:
        deep = {"list": [marks[4]]}
        person = {"id": 4711, "email": LOGIN, "name": marks[2], "more": deep, "phone": 5551234}
        token = {"token": marks[0], "refresh_token": marks[1], "user": person, marks[0]: 1}
        match asking.call:
            case "POST /in" if asking.fields.get("password") == PASSWORD:
                return Reply(status=200, body=token)
            case "GET /me" if asking.headers.get("authorization") == f"Bearer {marks[0]}":
                return Reply(status=200, body=person)
        return Reply(status=401, body={"message": marks[3], "error": marks[3]})

    with api(answer) as real:
        found, _ = probed(real.url, LOGIN, PASSWORD, asked=calls)
    for text in (dialect_of(found), as_json(found, {})):
        for mark in (*marks, LOGIN, PASSWORD, "4711", "5551234"):
            assert mark not in text
    assert '"{refresh_token}"' in dialect_of(found)


def test_without_a_sign_in_there_is_nothing_to_imitate() -> None:
    """It is imitated by what it answered."""
    with api(nested(Sessions())) as real:
        found, _ = probed(real.url, asked=Asked(calls={"sign_in": ("POST", "/v2/login")}, email=True))
    with pytest.raises(NothingToImitate, match="Sign in with --identifier"):
        dialect_of(found)
