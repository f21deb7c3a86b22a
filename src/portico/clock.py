"""The only source of time. Everything that needs it is given a `Clock`."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall-clock time in UTC, moved by one offset: tests and trials move everything at once."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        """Move this clock, for good."""
        self.offset += by
