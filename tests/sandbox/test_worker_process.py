"""What a worker process has, and has not, seen from outside."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portico.sandbox.limits import Limits
from portico.sandbox.pool import Pool
from portico.sandbox.wire import REPLY, REQUEST, Op
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import NOW

PLAIN = page(Widget("Go", on={"onClick": "new Array(1e9) + ''"}))


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """The /proc folder of a worker whose parent has a secret and an open file."""
    monkeypatch.setenv("PORTICO_CANARY", "canary-51ac")
    handle = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(handle, True)
    async with Pool() as pool:
        await pool.open("app", PLAIN, [], NOW)
        yield Path(f"/proc/{pool.workers['app'][0]}")
    os.close(handle)


async def test_environment_is_empty(worker: Path) -> None:
    """No variable of the server reaches a worker."""
    assert worker.joinpath("environ").read_bytes() == b""


def test_ordinary_child_has_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: a child started without care has every variable."""
    monkeypatch.setenv("PORTICO_CANARY", "canary-51ac")
    waits = "import time; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert b"canary-51ac" in Path(f"/proc/{child.pid}/environ").read_bytes()
        child.kill()


async def test_only_the_pipes_are_open(worker: Path) -> None:
    """Three descriptors, and neither a file nor a socket among them."""
    links = {int(fd.name): str(fd.readlink()) for fd in worker.joinpath("fd").iterdir()}
    assert sorted(links) == [0, 1, 2]
    assert all(link.startswith(("pipe:", "socket:")) or link == "/dev/null" for link in links.values())


async def test_limits_of_the_process(worker: Path) -> None:
    """It can open nothing, write no file, start nothing, dump nothing, and grow only so far."""
    limits = worker.joinpath("limits").read_text()
    rows = {line[:25].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert rows["Max open files"] == ["3", "3"]
    assert rows["Max file size"] == ["0", "0"]
    assert rows["Max processes"] == ["0", "0"]
    assert rows["Max core file size"] == ["0", "0"]
    assert rows["Max address space"] == [str(Limits().worker_bytes)] * 2


async def test_one_thread(worker: Path) -> None:
    """The engine's limit counts the CPU of the whole process."""
    assert len(list(worker.joinpath("task").iterdir())) == 1


def test_worker_imports_little() -> None:
    """What a worker loads is what an attacker finds in it: no HTTP, no store, no template."""
    code = "import sys, portico.sandbox.worker; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    modules = set(printed.stdout.split())
    heavy = {
        "asyncio",
        "httpx",
        "starlette",
        "jinja2",
        "pydantic",
        "ssl",
        "sqlite3",
        "cryptography",
        "yaml",
        "socket",
    }
    assert not modules & heavy
    ours = {name for name in modules if name.startswith("portico")}
    assert ours == {
        "portico",
        "portico.errors",
        *(f"portico.sandbox{part}" for part in ("", ".engine", ".limits", ".wire", ".worker")),
    }


def test_hanging_worker_ends_without_its_pool() -> None:
    """If the server was killed, a worker that hangs in native code ends by itself."""
    limits = Limits(wall=timedelta(milliseconds=300))
    command = [sys.executable, "-I", "-m", "portico.sandbox.worker", limits.to_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as worker:
        assert worker.stdin
        assert worker.stdout
        assert len(worker.stdout.read(REPLY.size)) == REPLY.size
        head = json.dumps({"program": 1, "generation": "g", "libraries": [], "cpu": 0.2})
        click = {"now": 0, "inputs": [{"k": "event", "ev": "e", "w": "Go", "p": "onClick"}]}
        for op, number, body in ((Op.PROGRAM, 1, PLAIN.source), (Op.OPEN, 2, f"{head}\n{json.dumps(click)}")):
            worker.stdin.write(REQUEST.pack(len(body), number, op) + body.encode())
        worker.stdin.flush()
        assert worker.wait(timeout=20) == -signal.SIGALRM


def test_worker_ends_with_its_pipe() -> None:
    """A worker whose server is gone ends at once."""
    command = [sys.executable, "-I", "-m", "portico.sandbox.worker", Limits().to_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as worker:
        assert worker.stdout
        worker.stdout.read(REPLY.size)
        worker.communicate(timeout=20)
        assert worker.returncode == 0
