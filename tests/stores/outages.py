"""Ways of a Redis server to be out, and back again: each is a real one, of a real server."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portico.testing.serving import free_port
from tests.stores.redis_servers import PASSWORD, RedisProcess, until
from tests.stores.trials import PATIENT

#: For calls that would wait for ever.
HASTY = timedelta(milliseconds=100)

#: What needs no room: people can sign out of a full store, and sweeping makes room again.
FREEING = {
    "sessions.delete",
    "index.drop",
    "index.sweep",
    "visits.delete",
    "outbox.done",
    "timeline.delete",
    "tally.forgive",
}


@dataclass(frozen=True)
class Outage:
    """A way to be out, and back again; `reads`: whether reads are answered meanwhile, `answers`: and what."""

    begin: Callable[[RedisProcess], object]
    end: Callable[[RedisProcess], object]
    reads: bool = False
    answers: frozenset[str] = frozenset()
    patience: timedelta = PATIENT


def _load_slowly(server: RedisProcess) -> None:
    """Restarted, and busy with its log, of which it reads a thousand commands between two clients."""
    filling = server.redis.pipeline(transaction=False)
    for _ in range(200_000):
        filling.set("filling", "x")
    filling.execute()
    server.kill()
    server.start(until=lambda redis: redis.info("persistence"), key_load_delay="20")
    assert server.redis.info("persistence")["loading"]


def _load_fast(server: RedisProcess) -> None:
    """A configuration cannot be changed meanwhile, so it begins again."""
    server.kill()
    server.start()


def _fail_to_save(server: RedisProcess) -> None:
    """A snapshot that cannot be written, so that Redis takes no more writes."""
    (server.folder / "dump.rdb").mkdir()
    server.redis.config_set("save", "3600 1")
    server.redis.bgsave()
    until(lambda: server.redis.info("persistence")["rdb_last_bgsave_status"] == "err")


def _save_again(server: RedisProcess) -> None:
    (server.folder / "dump.rdb").rmdir()
    until(
        lambda: server.redis.bgsave() and server.redis.info("persistence")["rdb_last_bgsave_status"] == "ok"
    )


def _other_password(server: RedisProcess) -> None:
    server.redis.config_set("requirepass", "another")
    server.redis.client_kill_filter(_type="normal", skipme=True)


OUTAGES = {
    "stopped": Outage(begin=RedisProcess.kill, end=RedisProcess.start),
    "hanging": Outage(
        begin=lambda server: server.signal(signal.SIGSTOP),
        end=lambda server: server.signal(signal.SIGCONT),
        patience=HASTY,
    ),
    "loading": Outage(begin=_load_slowly, end=_load_fast),
    "read-only": Outage(
        begin=lambda server: server.redis.replicaof("127.0.0.1", free_port()),
        end=lambda server: server.redis.replicaof("NO", "ONE"),
        reads=True,
    ),
    "full": Outage(
        begin=lambda server: server.redis.config_set("maxmemory", 1),
        end=lambda server: server.redis.config_set("maxmemory", 0),
        reads=True,
        answers=frozenset(FREEING),
    ),
    "cannot save": Outage(begin=_fail_to_save, end=_save_again, reads=True),
    "another password": Outage(
        begin=_other_password, end=lambda server: server.redis.config_set("requirepass", PASSWORD)
    ),
}
