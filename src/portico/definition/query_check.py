"""Queries against the datasources that they call: of one kind, with statements that their databases read."""

from collections.abc import Mapping

from portico.definition import statements
from portico.definition.bindings import Snippet
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, Entities, QueryDraft, StatementDraft
from portico.model.query import Datasource
from portico.model.statement import dialect_of

_KINDS = {"rest": "an API", "sql": "a database"}
_WRITE_OUT = (
    "write names out, and choose among them in SQL: "
    "ORDER BY CASE WHEN {{ Sort.selectedOptionValue }} = 'name' THEN name ELSE city END"
)


def check_queries(app: AppDraft, problems: Problems) -> None:
    """Report the queries that their datasources cannot run."""
    _check(app.entities, app.datasources, problems)
    for page in app.pages.values():
        _check(page.entities, app.datasources, problems)
    for package in app.packages.values():
        for module in package.modules.values() if package is not None else ():
            if package is not None and module is not None:
                _check(module.entities, package.datasources, problems)


def _check(entities: Entities, sources: Mapping[str, Datasource | None], problems: Problems) -> None:
    for query in entities.queries:
        word = query.datasource
        source = sources.get(word.text.value) if word is not None else None
        if word is None or source is None:
            continue
        needed = "sql" if query.kind == "sql" else "rest"
        if source.kind != needed:
            problems.add(
                "E224",
                word.place,
                f"a query of kind {query.kind} calls {_KINDS[needed]}, "
                f"and `{source.name}` is {_KINDS[source.kind]}",
                received=source.name,
                remedy=f"name a datasource of kind {needed}, or write another `kind`",
            )
        elif query.statement is not None:
            _statement(query, query.statement, source, problems)


def _statement(query: QueryDraft, draft: StatementDraft, source: Datasource, problems: Problems) -> None:
    dialect = dialect_of(source.url)
    found = statements.understood(draft.parts, dialect, prepared=draft.prepared)
    bindings = [part for part in draft.parts if isinstance(part, Snippet)]
    for fault in found.faults:
        if fault.index is None:
            problems.add(
                "E222", draft.text.place(0), f"the statement of `{query.name}` cannot be run: {fault.why}"
            )
            continue
        snippet = bindings[fault.index]
        problems.add(
            "E223",
            draft.text.place(snippet.start - 2),
            f"this binding cannot be bound: {fault.why}",
            received=f"{{{{{snippet.text}}}}}",
            remedy=_WRITE_OUT,
        )
