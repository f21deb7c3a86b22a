"""What is remembered by key for a while, in this process: a bounded memory, never the truth."""

from collections import OrderedDict
from typing import Generic, TypeVar

#: Keys that are remembered.
REMEMBERED = 10_000

Value = TypeVar("Value")


class Remembered(OrderedDict[str, Value], Generic[Value]):
    """By key, for those that were noted last."""

    def note(self, key: str, value: Value) -> None:
        """Remember it."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > REMEMBERED:
            self.popitem(last=False)
