"""What one script context, and one worker process, may use."""

import json
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of a context; `worker_bytes` is of the process that holds many.

    cpu           of one turn, all its inputs together: twice what a table of 50,000 rows takes at most, for
                  writing them as a file (reading or sorting them takes a fifth)
    wall          of one turn, seen from outside: beyond it the worker is killed
    heap, stack   bytes
    message       bytes of a turn's message: what a datasource may usually answer (8 MiB) passes, also
                  where each of its characters is written as an escape
    answer        bytes of a turn's answer
    kept          characters of a value in a snapshot, roughly; larger ones are left out
    requests      that wait for their answers
    timers        that run
    random        bytes that a turn is given, of a program that may want some
    effects, errors, logs   of one turn; more effects end the context, more of the others are dropped
    """

    cpu: timedelta = timedelta(seconds=1)
    wall: timedelta = timedelta(seconds=5)
    heap: int = 64 << 20
    stack: int = 256 << 10
    message: int = 24 << 20
    answer: int = 16 << 20
    kept: int = 256 << 10
    requests: int = 256
    timers: int = 50
    random: int = 16 << 10
    effects: int = 1000
    errors: int = 100
    logs: int = 200
    worker_bytes: int = 1 << 30

    def to_json(self) -> str:
        """For `from_json` in another process."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(values, default=lambda span: span.total_seconds())

    @classmethod
    def from_json(cls, text: str) -> "Limits":
        """What `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        for name in ("cpu", "wall"):
            values[name] = timedelta(seconds=values[name])
        return cls(**values)
