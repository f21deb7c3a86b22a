"""Tabs of Portico without a browser: a login page that was opened and on which one event happened.

Thousands of them, each from a visitor of its own, told apart by the address it comes from (all of
127.0.0.0/8 is this machine).
"""

import http.client
import json
import secrets

from bench.product import PORTICO
from bench.server import BenchError

#: Tabs that come from one address, which may have only so many open.
PER_ADDRESS = 20


def open_tab(port: int, number: int) -> None:
    """Show the login page and tick its box, from the address that this tab shares with its neighbours.

    Raises BenchError if either is refused.
    """
    high, low = divmod(number // PER_ADDRESS, 250)
    source = (f"127.0.{high + 1}.{low + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
    heads = {
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/json",
        "Portico-Event": "1",
    }
    try:
        connection.request("GET", PORTICO.login)
        _expect(connection, b"<form")
        connection.request("POST", PORTICO.login, _event(), heads)
        _expect(connection, b"help desk")
    finally:
        connection.close()


def _event() -> str:
    event = {"widget": "Forgot", "event": "change", "values": {"Forgot": True}}
    return json.dumps({"visit": secrets.token_urlsafe(16), "n": 1, **event})


def _expect(connection: http.client.HTTPConnection, text: bytes) -> None:
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or text not in body:
        raise BenchError(f"{answer.status}: {body[:300]!r}")
