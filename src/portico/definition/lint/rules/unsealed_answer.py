"""A query whose answer is not sealed."""

from collections.abc import Iterator

from portico.definition.lint.finding import Rule, Spot, Subject


def find(subject: Subject) -> Iterator[Spot]:
    """`seal: false`."""
    for page in subject.pages:
        for query in page.view.queries.values():
            if not query.seal:
                yield Spot(place=query.places.get("seal", query.place), received="seal: false")


RULE = Rule(
    id="unsealed-answer",
    reason="the answer is not sealed: scripts, pages, logs and other origins can get the real tokens",
    remedy="remove `seal: false`, unless a browser or another API must have such a token itself",
    find=find,
)
