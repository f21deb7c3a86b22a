"""Alerts of one tab: for five seconds, wherever its user goes in that time."""

import time
from collections.abc import Iterator

from portico.testing.markup import Element

#: Seconds that an alert is shown; and those that it is shown on the next page at least.
LIFE, LEAST = 5.0, 2.0
_KNOWN = ("success", "warning", "error")


class Messages:
    """What was said, until when, and in which style."""

    def __init__(self) -> None:
        self._said: list[tuple[float, str, str]] = []

    def add(self, text: str, style: str) -> None:
        """Say something."""
        self._said.append((time.monotonic() + LIFE, text, style if style in _KNOWN else "info"))

    def dismiss_complaints(self) -> None:
        """What a new action sets out to do makes the complaints about the one before it stale."""
        self._said = [said for said in self._said if said[2] not in ("error", "warning")]

    def travel(self) -> None:
        """They are carried to another page."""
        least = time.monotonic() + LEAST
        self._said = [(max(until, least), text, style) for until, text, style in self._current()]

    @property
    def waiting(self) -> bool:
        """Whether one of them is still to go."""
        return any(True for _ in self._current())

    def shown_on(self, page: Element) -> None:
        """Put them on a page, in the place of those that are on it."""
        place = page.by_id("alerts")
        if place is None:
            return
        place.children = []
        for _, text, style in self._current():
            alert = Element("div", {"class": f"alert {style}"})
            alert.append(text)
            place.append(alert)

    def _current(self) -> Iterator[tuple[float, str, str]]:
        now = time.monotonic()
        return (said for said in self._said if said[0] > now)
