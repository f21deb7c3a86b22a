"""Whether a connection that nobody uses has something to read."""

import select
from asyncio.trsock import TransportSocket
from socket import socket


def is_readable(connected: socket | TransportSocket) -> bool:
    """Whether something came that nobody asked for: the other side's end, as a rule. A socket that was closed
    counts as readable."""
    if connected.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connected.fileno(), select.POLLIN)
    return bool(poll.poll(0))
