"""The log: one event a line, as JSON, on standard error (promise 128)."""

import json
import logging
import re
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from typing import TextIO

from portico.clock import Clock
from portico.errors import StoreUnavailable

#: Seconds for which one line about a store that is out is enough.
_QUIET = 10
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
            "event": _words(record),
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


def _words(record: logging.LogRecord) -> str:
    """What a record says. Of asyncio's only what happened: it goes on with tasks, callbacks and their
    arguments, whose `repr` shows what an exception says (promise 59)."""
    words = record.getMessage()
    return re.split(r"[\n(<]", words, maxsplit=1)[0].rstrip(": ") if record.name == "asyncio" else words


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


class OncePerOutage(logging.Filter):
    """A store that is out fails every request. Of the lines about that, one in ten seconds passes, with the
    number of those that were left out before it (promise 115)."""

    def __init__(self) -> None:
        super().__init__()
        self._told = float("-inf")
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if StoreUnavailable.code not in (getattr(record, "code", ""), getattr(record, "why", "")):
            return True
        if 0 <= record.created - self._told < _QUIET:
            self._left_out += 1
            return False
        record.left_out = self._left_out
        self._told, self._left_out = record.created, 0
        return True


class Frugal(logging.StreamHandler[TextIO]):
    """A handler that tells of a record that could not be written no more than whose it was: what `logging`
    itself says then has the exception's words, and those of its causes (promise 59)."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class's name)
        """One line in its place."""
        with suppress(OSError, ValueError):
            self.stream.write(json.dumps({"level": "error", "logger": record.name, "event": "not logged"}))
            self.stream.write(self.terminator)
            self.flush()


def configure(clock: Clock, level: int = logging.INFO, *, readable: bool = False) -> None:
    """Log to standard error from now on; `readable` for a person, not for a program."""
    handler = Frugal(sys.stderr)
    handler.setFormatter(Readable(clock) if readable else JsonLines(clock))
    handler.addFilter(OncePerOutage())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portico").setLevel(level)
