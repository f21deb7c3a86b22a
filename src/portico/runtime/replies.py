"""What scripts are told that wait for something else than a query."""

from typing import Any

from portico.sandbox.turn import Ask, Awaited


def reply(effect: Ask | Awaited, *, ok: bool, value: object = None, message: str = "") -> dict[str, Any]:
    """The input that answers a question, or says what became of a command."""
    return {"k": "result", "id": effect.id, "ok": ok, "value": value, "message": message}
