"""docs/auth/try-your-login.md, followed: each command that it shows is run, and answers what it says."""

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.authserver.dialects.imitation import NAMES
from portico.authserver.endpoints import Role
from portico.authserver.fault_words import SPELLINGS
from portico.definition import dialect_shapes
from portico.testing.serving import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "auth" / "try-your-login.md").read_text("utf-8")
_BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`\n\n)?^```(?P<kind>\w+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL
)
PASSWORD = "correct-horse-battery"


class Reader:
    """Somebody who does what the page says, in a folder and at ports of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"8000": str(free_port()), "8001": str(free_port())}
        self.said: list[str] = []
        self._server = ExitStack()

    def follow(self) -> None:
        """Everything, from the first line to the last."""
        (self.folder / "password.txt").write_text(f"{PASSWORD}\n")
        try:
            for block in _BLOCK.finditer(PAGE):
                self._do(block)
        finally:
            self._server.close()

    def _do(self, block: re.Match[str]) -> None:
        if block["path"]:
            (self.folder / block["path"]).write_text(block["content"])
        elif block["kind"] == "sh":
            for line in block["content"].splitlines():
                self.said.append(self._run(line.replace("8001", self.ports["8001"])))
        else:
            assert block["kind"] == "json"
            assert alike(json.loads(self.said[-1]), json.loads(block["content"])), self.said[-1]

    def _run(self, line: str) -> str:
        line, _, given = line.partition(" < ")
        words = shlex.split(line)
        if words[:2] in (["portico", "dev"], ["portico", "auth-server"]) and words[2] != "user":
            self._serve(words[1:])
            return ""
        command = [sys.executable, "-m", *words] if words[0] == "portico" else words
        text = (self.folder / given).read_text() if given else ""
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=60, cwd=self.folder, check=False
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout

    def _serve(self, words: list[str]) -> None:
        self._server.close()
        if words[0] == "dev":
            words = [*words, "--port", self.ports["8000"], "--auth-port", self.ports["8001"]]
        self._server.enter_context(serving(words, self.folder, self.ports["8001"]))


@contextmanager
def serving(words: list[str], folder: Path, port: str) -> Iterator[None]:
    """A command that serves, until its auth server has answered and the block ends."""
    with (folder / "shown.txt").open("ab") as shown:
        process = subprocess.Popen(
            [sys.executable, "-m", "portico", *words], cwd=folder, stdout=shown, stderr=shown
        )
    try:
        end = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, (folder / "shown.txt").read_text()
            assert time.monotonic() < end, "it does not answer"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(60)


def answers(port: str) -> bool:
    """Whether the switches can be reached."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_faults", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def alike(found: Any, said: Any) -> bool:
    """Whether an answer is what the page says; `…` stands for any text."""
    match found, said:
        case str(), "…":
            return True
        case dict(), dict():
            return found.keys() == said.keys() and all(alike(found[key], said[key]) for key in said)
        case list(), list():
            return len(found) == len(said) and all(map(alike, found, said))
        case _:
            return bool(found == said)


@pytest.mark.timeout(300)
def test_the_page_is_followed(tmp_path: Path) -> None:
    """Its app is made and served, faults stand and are cleared, time moves, accounts and mails are there, and
    an API of one's own is imitated."""
    reader = Reader(tmp_path)
    reader.follow()
    heard = [json.loads(text) for text in reader.said if text.startswith(("{", "["))]
    assert {"cleared": 1} in heard
    mails = next(answer for answer in heard if isinstance(answer, list) and answer and "code" in answer[0])
    assert (mails[0]["to"], mails[0]["kind"]) == ("anna@example.com", "recovery")
    fields = set(re.findall(r"`(\w+)`", PAGE.partition("## Mails")[2].partition("```sh")[0])) - {"_mails"}
    assert fields == set(mails[0])
    assert any("ben (ben@example.com) can sign in." in text for text in reader.said)


def test_a_fault_that_is_shown_is_one() -> None:
    """The table names every kind, as it is written, and no other; so do the lists of endpoints and values."""
    table = PAGE.partition("| WHAT | |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == SPELLINGS
    endpoints = PAGE.partition("* **ENDPOINT** is ")[2].partition(", whatever")[0]
    assert re.findall(r"`(\w+)`", endpoints) == [role.value for role in Role]
    values = PAGE.partition("In answers ")[2].partition(" stand for values")[0]
    assert re.findall(r"`\{(\w+)\}`", values) == list(NAMES)


def test_the_keys_that_are_shown_are_those_of_a_file() -> None:
    """Nothing that a file can hold is missing from the table."""
    table = PAGE.rpartition("| key |")[2]
    rows: Mapping[str, str] = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))
    assert rows.keys() == dialect_shapes.IMITATION.keys.keys()
    shapes = {
        "access_token": dialect_shapes.ACCESS,
        "refresh_token": dialect_shapes.REFRESH,
        "endpoints": dialect_shapes.ENDPOINTS,
        "errors": dialect_shapes.ERRORS,
    }
    for key, shape in shapes.items():
        for name in shape.keys:
            assert f"`{name}`" in rows[key], (key, name)
