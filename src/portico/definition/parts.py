"""The snippets in the parts of an app."""

from collections.abc import Iterator

from portico.definition import events
from portico.definition.bindings import Snippet
from portico.definition.draft import QueryDraft, WidgetDraft
from portico.definition.value import Bound, Composed, Fixed, JsonText, Pairs, snippets


def query_snippets(query: QueryDraft) -> Iterator[Snippet]:
    """The snippets of a query's request."""
    yield from snippets(query.path)
    for _, value in (*query.params, *query.headers):
        yield from snippets(value)
    match query.body:
        case Pairs(members):
            for _, value in members:
                yield from snippets(value)
        case Fixed() | Bound() | JsonText() | Composed():
            yield from snippets(query.body)


def property_snippets(widget: WidgetDraft) -> Iterator[Snippet]:
    """The snippets of a widget's properties, events left out."""
    for value in widget.properties.values():
        yield from snippets(value)


def event_snippets(widget: WidgetDraft) -> Iterator[Snippet]:
    """The snippets of what a widget does."""
    for event in widget.events.values():
        yield from events.snippets(event)
