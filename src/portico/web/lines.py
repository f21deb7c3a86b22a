"""The lines of a fetch event's answer."""

import json
from typing import Any

from portico.auth.session import Session
from portico.runtime.outcome import ToPage, Update
from portico.runtime.visit import Visit
from portico.ui.render import render_widget
from portico.web.problems import Problem
from portico.web.service import Service
from portico.web.views import view


class Lines:
    """Writes updates as JSON lines, numbered."""

    def __init__(self, service: Service, visit: Visit, session: Session | None) -> None:
        self._service = service
        self._visit = visit
        self._before = session
        self._version = 0

    def of(self, update: Update) -> str:
        """One line. A navigation of this window makes everything on the page pointless."""
        line: dict[str, Any] = self._head(update.done)
        leaving = update.navigation is not None and update.navigation.window == "SAME_WINDOW"
        if update.changed and not leaving:
            line["html"] = self._html(update)
        if update.values and not leaving:
            line["values"] = dict(update.values)
        if update.alerts:
            line["alerts"] = [{"message": alert.message, "style": alert.style} for alert in update.alerts]
        if update.focus:
            line["focus"] = update.focus
        if update.loading:
            line["load"] = True
        if update.navigation is not None:
            to = update.navigation
            line["navigate"] = {
                "url": str(to.path) if isinstance(to, ToPage) else to.url,
                "target": to.window,
            }
        if update.done and (told := _told(self._before, update.session)):
            line["session"] = told
        return json.dumps(line, ensure_ascii=False) + "\n"

    def problem(self, problem: Problem) -> str:
        """The last line of an answer that was cut short."""
        return json.dumps({**self._head(True), "problem": problem.as_json()}) + "\n"

    def _head(self, done: bool) -> dict[str, Any]:
        self._version += 1
        return {"version": self._version, "done": done}

    def _html(self, update: Update) -> dict[str, str]:
        """The changed widgets that have a place on the page, without those inside another."""
        widgets = self._visit.page.widgets
        placed = {path for path in update.changed if self._visit.surface.placed(path)}
        shown = view(self._service, self._visit, update.session or self._before, (), update.loading)

        def inside(path: str) -> bool:
            parent = widgets[path].parent
            return parent is not None and (parent in placed or inside(parent))

        return {path: render_widget(shown, path) for path in widgets if path in placed and not inside(path)}


def _told(before: Session | None, after: Session | None) -> str | None:
    """What the other tabs of the browser should know."""
    was = before is not None and before.signed_in
    now = after is not None and after.signed_in
    if now and (before is None or after is None or not was or before.tag != after.tag):
        return "signed-in"
    return "signed-out" if was and not now else None
