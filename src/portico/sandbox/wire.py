"""Frames between the pool and a worker: a header, then a body of UTF-8 text.

The pool sends one frame and reads one before it sends the next, so frames need no number.
"""

from enum import IntEnum
from struct import Struct

#: length of the body, context (or program) number, `Op`
REQUEST = Struct("<IIB")
#: length of the body, `Status`
REPLY = Struct("<IB")


class Op(IntEnum):
    """What a worker is asked for."""

    #: The number is the program's, the body its text.
    PROGRAM = 1
    #: A new context. The body is a line of JSON, {"program", "generation", "libraries", "cpu"}, and
    #: after it a message.
    OPEN = 2
    #: The body is a message, the answer what the turn gave.
    TURN = 3
    SNAPSHOT = 4
    DROP = 5


class Status(IntEnum):
    """How it went. With anything but OK the context is gone, and the body says why."""

    OK = 0
    FAILED = 1
    OVERRUN = 2
    MEMORY = 3
    TOO_MUCH = 4
