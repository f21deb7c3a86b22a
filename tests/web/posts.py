"""Fetch events as the client of the browser posts them."""

import itertools
import json
import re
import secrets
from typing import Any

import httpx


class Tab:
    """One open page: its visit id, or one of our own, and a count of events."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self.client = client
        self.path = path
        shown = re.search(r'data-visit="([^"]+)"', client.get(path).text)
        self.visit = shown[1] if shown else secrets.token_urlsafe(16)
        self.numbers = itertools.count(1)

    def raw(self, body: Any, **headers: str) -> httpx.Response:
        """Post anything as an event."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        wanted = {"Content-Type": "application/json", "Portico-Event": "1", **headers}
        return self.client.post(self.path, content=content, headers=wanted)

    def post(
        self, widget: str | None, event: str = "onClick", n: int | None = None, **values: Any
    ) -> dict[str, Any]:
        """An event; returns its lines merged, the last one's keys winning."""
        return self.send(n=n, widget=widget, event=event, values=values)

    def send(self, *, n: int | None = None, **fields: Any) -> dict[str, Any]:
        """An event by its fields; returns its lines merged."""
        return merged(self.raw({"visit": self.visit, "n": n or next(self.numbers), **fields}))

    def load(self, **fields: Any) -> dict[str, Any]:
        """The page's own event `load`."""
        return self.send(widget=None, event="load", **fields)

    def reply(
        self, asked: dict[str, Any], *, agreed: bool, insists: bool = False, **more: Any
    ) -> dict[str, Any]:
        """The answer to a question."""
        answer = {"to": asked["id"], "agreed": agreed, **more}
        return self.send(widget=None, event="answer", answer=answer, insists=insists)


def merged(answer: httpx.Response) -> dict[str, Any]:
    """All lines of an answer as one."""
    result: dict[str, Any] = {"status": answer.status_code, "alerts": [], "html": {}}
    for line in answer.text.splitlines():
        update = json.loads(line)
        result["alerts"] += [alert["message"] for alert in update.pop("alerts", [])]
        result["html"] |= update.pop("html", {})
        result |= update
    assert result["done"] is True
    return result
