"""What became of the events of a page: which were answered, and how."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from portico.runtime.numbers import Numbers

#: The number of what showing the page began; events count from 1.
SHOWN = 0
#: Forms that are known again, for browsers that post one twice.
FORMS_KEPT = 8


class Ledger:
    """`answered` are the numbers of events that were answered, `begun` of those that wrote to another
    server and were not answered yet. `answers` holds the last few answers, for clients that lost one.
    `forms` are the numbers that the last few forms were given, by their content.
    `sent` counts the lines that browsers got, in the order in which the page changed."""

    def __init__(self) -> None:
        self.answered = Numbers()
        self.begun: set[int] = set()
        self.answers: OrderedDict[object, asyncio.Future[Any]] = OrderedDict()
        self.forms: dict[str, int] = {}
        self.sent = 0
        self._values_of = 0

    def begin(self, n: int) -> bool:
        """Event `n` is about to write to another server. Whether that was not noted before."""
        if n in self.begun:
            return False
        self.begun.add(n)
        return True

    def answer(self, n: int) -> None:
        """Event `n` is answered."""
        self.answered.add(n)
        self.begun.discard(n)

    def number(self, form: str) -> int:
        """The number of the event that a form is: the same for the same form posted again."""
        if form not in self.forms:
            self.forms[form] = max(self.answered.highest, *self.begun, 0) + 1
            while len(self.forms) > FORMS_KEPT:
                del self.forms[next(iter(self.forms))]
        return self.forms[form]

    def overtakes(self, n: int) -> bool:
        """Whether the values of event `n` are not older than those that were taken last."""
        if n < self._values_of:
            return False
        self._values_of = n
        return True

    def next_line(self) -> int:
        """The number of one more line."""
        self.sent += 1
        return self.sent

    def as_json(self) -> dict[str, Any]:
        """For `read` in another process; answers stay here."""
        return {
            "answered": self.answered.as_json(),
            "begun": sorted(self.begun),
            "forms": self.forms,
            "sent": self.sent,
            "values_of": self._values_of,
        }

    def read(self, kept: Mapping[str, Any]) -> None:
        """What `as_json` gave."""
        self.answered, self.begun = Numbers(*kept["answered"]), set(kept["begun"])
        self.forms = dict(kept.get("forms", {}))
        self.sent, self._values_of = kept["sent"], kept["values_of"]
