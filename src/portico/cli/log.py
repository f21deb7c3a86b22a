"""The log: one event a line, as JSON, on standard error (promise 128)."""

import json
import logging
import re
import sys
import traceback
from datetime import datetime

from portico.clock import Clock

_KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """JSON escapes what could break a line or move a terminal's cursor."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        event: dict[str, object] = {
            "time": self._clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        event |= {name: value for name, value in record.__dict__.items() if name not in _KNOWN}
        if record.exc_info and record.exc_info[0] is not None:
            event["error"] = record.exc_info[0].__name__
            # Frames only: what an exception says, and the values in frames, may hold secrets.
            event["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(event, default=str)


class Readable(JsonLines):
    """The same events for a terminal: the time of day, what happened, and the rest as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line; values are JSON, which escapes what could move the cursor."""
        event = json.loads(super().format(record))
        at = datetime.fromisoformat(event.pop("time")).astimezone()
        level, _, words = event.pop("level"), event.pop("logger"), event.pop("event")
        rest = " ".join(f"{name}={_plain(value)}" for name, value in event.items() if value is not None)
        return f"{at:%H:%M:%S} {level} {words}  {rest}".rstrip()


def _plain(value: object) -> str:
    """A value without quotes where it needs none."""
    text = json.dumps(value)
    return text[1:-1] if re.fullmatch(r'"[\w./:@+-]+"', text, re.ASCII) else text


def configure(clock: Clock, level: int = logging.INFO, *, readable: bool = False) -> None:
    """Log to standard error from now on; `readable` for a person, not for a program."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Readable(clock) if readable else JsonLines(clock))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portico").setLevel(level)
