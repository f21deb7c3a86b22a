"""The lines of a fetch event's answer."""

import json
from dataclasses import replace
from typing import Any

from portico.auth.session import Session
from portico.runtime.outcome import Navigation, ToPage, ToUrl, Update
from portico.runtime.visit import Visit
from portico.ui.render import render_widget
from portico.values import SitePath
from portico.web.problems import Problem
from portico.web.service import Service
from portico.web.views import view


class Lines:
    """Writes updates as JSON lines. Their numbers go on through all answers of a visit, so that the
    client can tell which of two says what the page is now."""

    def __init__(self, service: Service, visit: Visit, session: Session | None) -> None:
        self._service = service
        self._visit = visit
        self._before = session

    def of(self, update: Update, way: SitePath | None = None) -> str:
        """One line; `way` is our address from which a browser goes on to a provider. A navigation of this
        window makes everything on the page pointless."""
        line = self._head(update.done)
        to = update.navigation
        if to is None or to.window != "SAME_WINDOW":
            line |= self._shown(update)
        if update.alerts:
            line["alerts"] = [{"message": alert.message, "style": alert.style} for alert in update.alerts]
        line |= _requests(update)
        if to is not None:
            line["navigate"] = self._navigate(to, way, update.handed)
        if update.done and (told := _told(self._before, update.session)):
            line["session"] = told
        return json.dumps(line, ensure_ascii=False) + "\n"

    def problem(self, problem: Problem) -> str:
        """The last line of an answer that was cut short."""
        return json.dumps({**self._head(True), "problem": problem.as_json()}) + "\n"

    def _head(self, done: bool) -> dict[str, Any]:
        return {"version": self._visit.ledger.next_line(), "done": done}

    def _shown(self, update: Update) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if update.changed:
            found["html"] = self._html(update)
        if update.values:
            found["values"] = dict(update.values)
        if update.focus:
            found["focus"] = update.focus
        if update.loading:
            found["load"] = True
        if update.asked is not None:
            asked = update.asked
            found["ask"] = {"id": asked.id, "about": asked.about, "question": asked.question}
            found["ask"] |= {"yes": asked.yes, "no": asked.no, "options": dict(asked.options)}
        return found

    def _navigate(self, to: Navigation, way: SitePath | None, handed: str | None) -> dict[str, str]:
        match to:
            case ToPage(path=path):
                url = str(path)
            case ToUrl(url=address):
                url = address
            case _:
                url = str(way)
        found = {"url": url, "target": to.window}
        if handed is not None and isinstance(to, ToPage):
            found["cookie"] = self._service.handing.for_script(self._visit.app, to, handed)
        return found

    def _html(self, update: Update) -> dict[str, str]:
        """The changed widgets that have a place on the page, without those inside another."""
        surface = self._visit.surface
        placed = {path for path in update.changed if surface.placed(path)}
        shown = view(self._service, self._visit, replace(update, session=update.session or self._before))

        def inside(path: str) -> bool:
            parent = surface.parent(path)
            return parent is not None and (parent in placed or inside(parent))

        return {path: render_widget(shown, path) for path in sorted(placed) if not inside(path)}


def _requests(update: Update) -> dict[str, Any]:
    """What the browser is asked to do besides."""
    wanted = update.requests
    found: dict[str, Any] = {}
    if wanted.timers:
        found["timers"] = [{"id": one.id, "ms": one.ms, "repeat": one.repeat} for one in wanted.timers]
    if wanted.stopped:
        found["stopped"] = list(wanted.stopped)
    if wanted.files:
        found["files"] = [
            {"name": one.name, "type": one.type, **({"url": one.url} if one.url else {"text": one.text})}
            for one in wanted.files
        ]
    if wanted.copied:
        found["copied"] = list(wanted.copied)
    return found


def _told(before: Session | None, after: Session | None) -> str | None:
    """What the other tabs of the browser should know."""
    was = before is not None and before.signed_in
    now = after is not None and after.signed_in
    if now and (before is None or after is None or not was or before.tag != after.tag):
        return "signed-in"
    return "signed-out" if was and not now else None
