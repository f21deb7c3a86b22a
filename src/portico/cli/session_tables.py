"""What `portico sessions` prints: tables that fit into 80 columns, and the same for tools."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from portico.auth.directory import Found, History
from portico.auth.timeline import as_json as entry_as_json
from portico.auth.timeline_words import words

_UNITS = (
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
    (timedelta(seconds=1), "s"),
)


def age(moment: datetime, now: datetime) -> str:
    """How long ago that was, or in how long it will be: in the largest unit that fits."""
    distance = abs(now - moment)
    unit, name = next(((unit, name) for unit, name in _UNITS if distance >= unit), _UNITS[-1])
    count = f"{distance // unit} {name}"
    return f"{count} ago" if moment <= now else f"in {count}"


def local(moment: datetime, *, seconds: bool = False) -> str:
    """A moment in the time zone of this machine."""
    return f"{moment.astimezone():{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}}"


def listed(found: Sequence[Found], now: datetime) -> Table:
    """Many sessions."""
    table = Table(box=None, pad_edge=False)
    table.add_column("session", style="bold", no_wrap=True)
    table.add_column("app", overflow="fold", max_width=14)
    table.add_column("user", overflow="fold")
    table.add_column("since", no_wrap=True)
    table.add_column("seen", no_wrap=True)
    table.add_column("ends", no_wrap=True)
    for session in found:
        card = session.card
        table.add_row(
            card.id,
            Text(card.app),
            Text(card.name),
            local(card.created_at),
            age(session.seen_at, now),
            age(card.expires_at, now),
        )
    return table


def shown(session: Found, now: datetime) -> Table:
    """One session."""
    card = session.card
    rows = {
        "session": card.id,
        "app": card.app,
        "apps": ", ".join(card.apps or (card.app,)),
        "uid": card.uid,
        "name": card.name,
        "browser": card.agent or "not known",
        "signed in": f"{local(card.created_at)} ({age(card.created_at, now)})",
        "last seen": f"{local(session.seen_at)} ({age(session.seen_at, now)})",
        "ends": f"{local(card.expires_at)} ({age(card.expires_at, now)})",
        "idle limit": str(timedelta(seconds=card.idle)) if card.idle else "none",
        "lasts": "until the browser is closed" if card.brief else "beyond the browser",
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table


def timeline(session_id: str, history: History, now: datetime) -> Table:
    """What happened to a session."""
    state = "lives" if history.lives else "has ended"
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = Text(f"session {session_id} of {history.card.app} {state}")
    table.add_column("at", no_wrap=True)
    table.add_column("", no_wrap=True, style="dim")
    table.add_column("what", overflow="fold")
    for entry in history.entries:
        table.add_row(local(entry.at, seconds=True), age(entry.at, now), Text(words(entry)))
    return table


def ended(session: Found) -> Text:
    """That a session is over."""
    card = session.card
    return Text(f"ended {card.id} of {card.app}, user {card.name}")


def as_json(session: Found) -> dict[str, Any]:
    """A session for tools."""
    card = session.card
    return {
        "id": card.id,
        "app": card.app,
        "apps": list(card.apps or (card.app,)),
        "uid": card.uid,
        "name": card.name,
        "agent": card.agent,
        "created_at": card.created_at.isoformat(),
        "seen_at": session.seen_at.isoformat(),
        "expires_at": card.expires_at.isoformat(),
        "idle_seconds": card.idle,
        "brief": card.brief,
    }


def history_as_json(session_id: str, history: History) -> dict[str, Any]:
    """A timeline for tools."""
    return {
        "id": session_id,
        "app": history.card.app,
        "uid": history.card.uid,
        "lives": history.lives,
        "entries": [{**entry_as_json(entry), "text": words(entry)} for entry in history.entries],
    }
