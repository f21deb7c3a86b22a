"""One worker process, seen from the server: frames in and out, one at a time, with a watchdog."""

import asyncio
import contextlib
import sys
from typing import cast

from portico.errors import ScriptFailed, ScriptMemory, ScriptOverrun, ScriptTooMuch, WorkerLost
from portico.sandbox.limits import Limits
from portico.sandbox.wire import REPLY, REQUEST, Op, Status

#: Seconds that a new worker has until it is ready, and a stopped one until it is killed.
START_PATIENCE = 20.0
STOP_PATIENCE = 1.0

ERRORS: dict[int, type[ScriptFailed]] = {
    Status.FAILED: ScriptFailed,
    Status.OVERRUN: ScriptOverrun,
    Status.MEMORY: ScriptMemory,
    Status.TOO_MUCH: ScriptTooMuch,
}


class NotSent(WorkerLost):
    """The worker was gone before anything was sent, so another may be asked instead."""


class WorkerProcess:
    """A running worker. Made by `start`."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)
        self._limits = limits
        self._turn = asyncio.Lock()
        self._broken = False

    @classmethod
    async def start(cls, limits: Limits) -> "WorkerProcess":
        """Start a process and wait until it is ready. Raises WorkerLost if it cannot be."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-m", "portico.sandbox.worker", limits.to_json()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            limit=1 << 20,
        )
        worker = cls(process, limits)
        try:
            async with asyncio.timeout(START_PATIENCE):
                await worker._read()
        except (TimeoutError, OSError, EOFError) as error:
            await worker.kill()
            raise WorkerLost(f"no worker could be started: {error!r}") from None
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._broken and self._process.returncode is None

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._turn.locked()

    async def ask(self, op: Op, number: int, body: str) -> str:
        """One frame there and one back.

        Raises ScriptFailed or one of its kinds as the worker says; ScriptOverrun if it did not
        answer in time, and WorkerLost if it died (the process is gone in both cases); NotSent.
        """
        # The exchange ends even if nobody waits for it any more: half of it would be read as the
        # answer to the next.
        exchange = asyncio.ensure_future(self._exchange(op, number, body.encode()))
        exchange.add_done_callback(_retrieved)
        status, text = await asyncio.shield(exchange)
        if status != Status.OK:
            raise ERRORS.get(status, ScriptFailed)(text[:500])
        return text

    async def _exchange(self, op: Op, number: int, body: bytes) -> tuple[int, str]:
        async with self._turn:
            if not self.alive:
                raise NotSent("the worker is gone")
            try:
                async with asyncio.timeout(self._limits.wall.total_seconds()):
                    return await self._roundtrip(REQUEST.pack(len(body), number, op) + body)
            except TimeoutError:
                await self.kill()
                raise ScriptOverrun("the worker did not answer and was killed") from None
            except (OSError, EOFError, ValueError) as error:
                await self.kill()
                raise WorkerLost(f"the worker died: {error!r}") from None
            except BaseException:
                await self.kill()
                raise

    async def _roundtrip(self, frame: bytes) -> tuple[int, str]:
        self._input.write(frame)
        await self._input.drain()
        return await self._read()

    async def _read(self) -> tuple[int, str]:
        length, status = REPLY.unpack(await self._output.readexactly(REPLY.size))
        if length > self._limits.answer:
            raise ValueError("an answer of impossible length")
        return status, (await self._output.readexactly(length)).decode()

    async def stop(self) -> None:
        """Let it end by itself, or kill it."""
        self._broken = True
        self._input.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_PATIENCE):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it now."""
        self._broken = True
        self._input.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


def _retrieved(exchange: "asyncio.Future[tuple[int, str]]") -> None:
    """Nobody waits for it any more: its failure has been dealt with."""
    if not exchange.cancelled():
        exchange.exception()
