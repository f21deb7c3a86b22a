"""What one script context, and one worker process, may use."""

import json
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of a context; `worker_bytes` is of the process that holds many.

    cpu           of one turn, all its inputs together
    wall          of one turn, seen from outside: beyond it the worker is killed
    heap, stack   bytes
    message       bytes of a turn's message, and of its answer
    requests      that wait for their answers
    effects, errors, logs   of one turn; more effects end the context, more of the others are dropped
    """

    cpu: timedelta = timedelta(milliseconds=200)
    wall: timedelta = timedelta(seconds=2)
    heap: int = 64 << 20
    stack: int = 256 << 10
    message: int = 4 << 20
    requests: int = 256
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
