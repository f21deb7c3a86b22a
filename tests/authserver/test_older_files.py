"""A database file that an older auth server left goes on, with its users and their sessions."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from portico.authserver import database
from tests.authserver.gotrue_flows_calls import browsing, flows_of, methods_of
from tests.authserver.oidc_calls import Oidc
from tests.authserver.servers import DEFAULTS, running


@pytest.mark.parametrize("added", [True, False])
async def test_a_file_without_the_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, added: bool
) -> None:
    """What came after a table is added to it; a server that does not would break."""
    path = tmp_path / "auth.db"
    settings = replace(DEFAULTS, database=path)
    async with running(settings) as server:
        _, refresh = await flows_of(server).tokens()
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE gotrue_sessions DROP COLUMN method")
        connection.execute("ALTER TABLE gotrue_profiles DROP COLUMN first_provider")
        connection.execute("ALTER TABLE users DROP COLUMN role")
        for table in (
            *("gotrue_identities", "gotrue_one_time_tokens", "gotrue_flow_states", "provider_codes"),
            *("oidc_codes", "oidc_logins"),
        ):
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    if not added:
        monkeypatch.setattr(database, "_ADDED", ())
        with pytest.raises((sqlite3.OperationalError, IndexError)):
            async with running(settings) as server:
                await flows_of(server).refresh(refresh)
        return
    for _ in range(2):
        async with running(settings) as server, browsing(server.app) as browser:
            answer = await flows_of(server).refresh(refresh)
            assert methods_of(answer.json()["access_token"]) == ["password"]
            assert "access_token" in (await browser.trip()).fragment
            assert await Oidc(http=browser.http).tokens()
