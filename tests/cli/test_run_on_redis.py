"""`portico run --store redis://…`."""

from pathlib import Path

import httpx

from portico.testing.serving import free_port
from tests.cli.test_commands import app, interrupt, portico, read_until, started
from tests.stores.redis_servers import PASSWORD, RedisProcess

KEY = "k" * 32


def test_what_is_wrong_with_a_redis_store_is_told(tmp_path: Path) -> None:
    """In one line, with what to do, without the password."""
    root = app(tmp_path)
    nobody = f"redis://:{PASSWORD}@127.0.0.1:{free_port()}"
    for options, words in (
        (["--store", nobody], "PORTICO_KEY"),
        (["--store", nobody, "--key", KEY], "cannot be used"),
        (["--store", f"{nobody}/none", "--key", KEY], "database is not a number"),
    ):
        answer = portico("run", root, *options, cwd=tmp_path)
        assert answer.returncode == 1
        assert words in " ".join(answer.stderr.split())
        assert PASSWORD not in answer.stderr + answer.stdout
        assert "Traceback" not in answer.stderr


def test_it_serves_and_says_once_what_may_be_lost(tmp_path: Path) -> None:
    """A server as it is by default keeps no log; the line about it names place and risk, not the password."""
    port = free_port()
    with RedisProcess(tmp_path / "redis", appendonly="no") as server:
        options = ["--store", server.address, "--key", KEY, "--port", str(port)]
        with started(["run", str(app(tmp_path)), *options], tmp_path) as process:
            shown = read_until(process, "Ctrl-C")
            assert httpx.get(f"http://127.0.0.1:{port}/small/Home", trust_env=False).status_code == 200
            assert server.redis.get("portico:number")
            interrupt(process)
            assert process.stdout is not None
            shown += process.stdout.read()
    assert shown.count("Redis may lose sessions") == 1
    assert f"127.0.0.1:{server.port}/0" in shown
    assert PASSWORD not in shown
