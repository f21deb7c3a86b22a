"""The process that scripts run in: `python -I -m portico.sandbox.worker LIMITS`.

It has no environment, no file descriptor but the two pipes, and may open none; the pool kills it
when it does not answer. One thread: the CPU limit of the engine counts the whole process.
"""

import json
import os
import resource
import signal
import sys
import time
from datetime import timedelta
from typing import BinaryIO

from portico.errors import ScriptFailed, ScriptMemory, ScriptOverrun, ScriptTooMuch
from portico.sandbox.engine import Box, read_texts
from portico.sandbox.limits import Limits
from portico.sandbox.wire import REPLY, REQUEST, Op, Status

STATUS: dict[type[ScriptFailed], Status] = {
    ScriptFailed: Status.FAILED,
    ScriptOverrun: Status.OVERRUN,
    ScriptMemory: Status.MEMORY,
    ScriptTooMuch: Status.TOO_MUCH,
}


class Worker:
    """The programs and contexts of this process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._programs: dict[int, str] = {}
        self._boxes: dict[int, Box] = {}

    def answer(self, op: int, number: int, body: str) -> tuple[Status, str]:
        """Do what a frame asks for. A context that fails is dropped."""
        try:
            return Status.OK, self._perform(Op(op), number, body)
        except ScriptFailed as error:
            status, why = STATUS[type(error)], error.detail
        except MemoryError:
            status, why = Status.MEMORY, "the worker is out of memory"
        self._boxes.pop(number, None)
        return status, why

    def _perform(self, op: Op, number: int, body: str) -> str:
        match op:
            case Op.PROGRAM:
                self._programs[number] = body
            case Op.OPEN:
                return self._open(number, body)
            case Op.TURN:
                return self._boxes[number].turn(body)
            case Op.SNAPSHOT:
                return self._boxes[number].snapshot()
            case Op.DROP:
                self._boxes.pop(number, None)
        return ""

    def _open(self, number: int, body: str) -> str:
        head, _, message = body.partition("\n")
        wanted = json.loads(head)
        box = Box(
            self._programs[wanted["program"]],
            generation=wanted["generation"],
            libraries=wanted["libraries"],
            limits=self._limits,
            cpu=timedelta(seconds=wanted["cpu"]),
        )
        answer = box.turn(message)
        self._boxes[number] = box
        return answer


def confine(limits: Limits) -> None:
    """Give up everything that scripts have no use for. Nothing can be imported afterwards."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for what, most in (
        (resource.RLIMIT_AS, limits.worker_bytes),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def serve(worker: Worker, reader: BinaryIO, writer: BinaryIO, patience: float) -> None:
    """Answer frames until the pool closes the pipe."""
    while len(header := reader.read(REQUEST.size)) == REQUEST.size:
        length, number, op = REQUEST.unpack(header)
        body = reader.read(length).decode()
        # If the pool is gone too: the signal's default action ends even a loop inside the engine.
        signal.setitimer(signal.ITIMER_REAL, patience)
        status, answer = worker.answer(op, number, body)
        text = answer.encode()
        writer.write(REPLY.pack(len(text), status) + text)
        writer.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def main() -> None:
    """Confine this process, say that it is ready, and serve."""
    limits = Limits.from_json(sys.argv[1])
    # A terminal and most supervisors tell all processes of a service to end: the pool has work to finish
    # then, and ends this one by closing its pipe.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    read_texts()
    confine(limits)
    sys.stdout.buffer.write(REPLY.pack(0, Status.OK))
    sys.stdout.buffer.flush()
    serve(Worker(limits), sys.stdin.buffer, sys.stdout.buffer, 2 * limits.wall.total_seconds())


if __name__ == "__main__":
    main()
