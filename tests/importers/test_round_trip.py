"""An imported command sends what curl would send (row S3-3)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from portico.cli.import_target import Target
from portico.definition.secrets import Secrets
from portico.importers.curl import parse
from portico.importers.curl_import import Import, import_request
from portico.importers.shell import split
from portico.importers.yaml_text import dump
from tests.importers.commands import CASES, VARIABLES, Case
from tests.importers.wire import comparable, in_order, run_curl, run_query, world

APP = {"app.yaml": "name: Imported\nauth: none\n", "pages/Home/page.yaml": "title: Home\n"}


def new_app(folder: Path) -> Path:
    """An app without a datasource."""
    for name, text in APP.items():
        file = folder / "imported" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "imported"


def imported(app: Path, command: str, secrets_file: Path) -> Import:
    """Write what a command becomes, with its secrets."""
    target = Target.of(app, secrets_file if secrets_file.exists() else None)
    found = import_request(parse(split(command).words), sources=target.sources, values=target.known)
    files = {f"queries/{found.query}.yaml": dump(found.content)}
    if found.source is not None:
        files = {f"datasources/{found.datasource}.yaml": dump(found.source), **files}
    target = replace(target, secrets_file=secrets_file)
    target.write(files, found.wanted, replace=False)
    return found


def host_of(case: Case) -> str:
    """The host that a case calls."""
    return parse(split(case.command).words).address.host


def values(found: Import) -> Mapping[str, str]:
    """The environment with what a command left open: a variable's value, or the placeholder itself."""
    open_secrets = [secret.name for secret in found.wanted if secret.value is None]
    return {f"PORTICO_SECRET_{name}": VARIABLES.get(name, name) for name in open_secrets}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_query_sends_what_its_command_does(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Method, path, parameters, headers and body: of the command in curl, and of the written app."""
    monkeypatch.chdir(tmp_path)
    expected = replace(case.sent, query=in_order(case.sent.query))
    async with world(tmp_path, [host_of(case)]) as at:
        own = await run_curl(
            at, split(case.command).words if case.windows else case.command.removeprefix("$ "), VARIABLES
        )
        missing = set(case.left_out) - own.headers.keys()
        assert (comparable(own, case), missing) == (expected, set())
        app = new_app(tmp_path)
        found = imported(app, case.command, tmp_path / "secrets.toml")
        file = tmp_path / "secrets.toml"
        secrets = Secrets.read(file if file.exists() else None, values(found))
        parameters = {
            name: value if value is not None else VARIABLES[name]
            for name, value in found.parameters.values.items()
        }
        ours = await run_query(at, app, found.query, parameters, secrets)
    assert comparable(ours, case) == expected
    for name in case.left_out:
        assert any(name in note.lower() for note in found.notes), name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_file_of_the_app_holds_a_credential(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither secrets nor passwords: nothing that went into secrets or parameters is written down."""
    monkeypatch.chdir(tmp_path)
    app = new_app(tmp_path)
    found = imported(app, case.command, tmp_path / "secrets.toml")
    written = "".join(file.read_text() for file in app.rglob("*.yaml"))
    hidden = [secret.value.reveal() for secret in found.wanted if secret.value is not None]
    hidden += [value for value in found.parameters.values.values() if value is not None]
    for value in hidden:
        assert value not in written
        assert value not in repr(found)
        assert value not in "".join(found.notes)
    assert host_of(case) in written


def test_there_are_forty_commands_of_many_kinds() -> None:
    """The corpus is what it claims to be."""
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.windows for case in CASES) >= 2
