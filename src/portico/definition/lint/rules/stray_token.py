"""A query that sends the user's token to an origin that the contract does not name."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from portico.definition import compile as compiling
from portico.definition.draft import AppDraft, QueryDraft
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.model.query import Datasource

_PORTS = {"http": 80, "https": 443}


def find(subject: Subject) -> Iterator[Spot]:
    """Tokens in requests to other origins than the contract's."""
    for page in subject.pages:
        draft = page.app.manifest.auth
        if draft is None:
            continue
        sources = _datasources(page.app)
        covered = {_origin(sources.get(name)) for name in compiling.covered(page.app, draft)}
        for scope in page.view.world.scopes:
            for query in scope.queries:
                source = _source(query)
                origin = _origin(sources.get(scope.sources.get(source, source)))
                if origin is None or origin in covered:
                    continue
                for read in page.carrying.get(query.name, ()):
                    shown = f"{read.piece.excerpt(read.node)} to {origin}"
                    yield Spot(place=read.piece.place(read.node), received=shown)


def _datasources(app: AppDraft) -> Mapping[str, Datasource | None]:
    found = dict(app.datasources)
    for package in app.packages.values():
        for name, source in package.datasources.items() if package is not None else ():
            found[f"{package.name}/{name}" if package is not None else name] = source
    return found


def _source(query: QueryDraft) -> str:
    return query.datasource.text.value if query.datasource is not None else ""


def _origin(source: Datasource | None) -> str | None:
    """Scheme, host and port, which is what tokens are opened for."""
    if source is None:
        return None
    parts = urlsplit(source.url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS.get(parts.scheme)}"


RULE = Rule(
    id="stray-token",
    reason="the contract does not name this origin, so that it gets a sealed token, which it cannot "
    "use: whoever "
    "runs it would otherwise have the user's",
    remedy="list the datasource below `audience` of `auth` if it may have the token, or take the token out",
    find=find,
)
