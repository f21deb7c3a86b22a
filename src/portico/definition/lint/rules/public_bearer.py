"""A page for everybody that asks an API as the user."""

from collections.abc import Iterator

from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.model.query import READING


def find(subject: Subject) -> Iterator[Spot]:
    """Public pages that read with the user's token: what a binding shows, what runs at load or in events."""
    for page in subject.pages:
        if page.view.public and page.app.manifest.auth is not None:
            used = sorted(_used(page))
            if used:
                yield Spot(place=page.view.page.access_place, received=", ".join(used))


def _used(page: Facts) -> set[str]:
    """The queries that only read, send the token, and are used on the page."""
    reading = {name for name in page.carrying if page.view.queries[name].method in READING}
    named = {name for located in page.view.world.code() for name, _ in located.steps()}
    at_load = {
        name for name in page.carrying if page.view.queries[name].behaviour.run in ("on_load", "automatic")
    }
    run = {query for piece in page.view.acting() for _, query in page.runs(piece)}
    return (reading & (named | run)) | at_load


RULE = Rule(
    id="public-bearer",
    reason="anybody may open this page, and it asks the API with a token that only signed-in users have",
    remedy="write `access: signed-in`, or move what needs the token to a page that says so",
    find=find,
)
