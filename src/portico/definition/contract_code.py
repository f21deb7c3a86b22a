"""The code of the contract: the queries that this server runs itself, and what answers mean."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from portico.definition import auth, oidc, plain
from portico.definition.bindings import Part
from portico.definition.chunks import Chunks
from portico.definition.draft import AppDraft, ContractDraft
from portico.definition.entries import definition, names
from portico.definition.scopes import World, world
from portico.model.expression import Constant, Expression, Plain
from portico.model.program import FRAMEWORK_NAMES, Program
from portico.model.query import SERVED

_RESPONSE = ("response",)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evaluation:
    """An evaluation over `names`: of code, which stands at `owner` and `mapping`; without code of `value`."""

    name: str
    owner: str
    mapping: str
    names: tuple[str, ...] = _RESPONSE
    code: Part | None = None
    value: Any = None


def program(app: AppDraft, slug: str) -> Program | None:
    """The program of the contract."""
    draft = app.manifest.auth
    if draft is None:
        return None
    found = _world(app, draft)
    chunks = Chunks(FRAMEWORK_NAMES | names(found) | {"response", *oidc.NAMES})
    evaluations = {one.name: _compiled(one, chunks) for one in _evaluations(draft)}
    return chunks.program(definition(slug, "", chunks, found) | {"evaluations": evaluations})


def plain_of(app: AppDraft) -> Plain:
    """What of it is plain: nothing where scripts belong to it, as these may change what all objects have."""
    draft = app.manifest.auth
    found = _world(app, draft) if draft is not None else None
    if draft is None or found is None or len(found.scopes) > 1 or found.scripts:
        return Plain()
    requests = {query.name: plain.request(query) for scope in found.scopes for query in scope.queries}
    return Plain(
        requests={name: request for name, request in requests.items() if request is not None},
        evaluations={one.name: _plain(one) for one in _evaluations(draft)},
    )


def _world(app: AppDraft, draft: ContractDraft) -> World:
    named = {word.text.value for role in SERVED if (word := draft.query(role)) is not None}
    queries = tuple(query for query in app.entities.queries if query.name in named)
    return world(app, replace(app.entities, queries=queries))


def _compiled(one: _Evaluation, chunks: Chunks) -> dict[str, Any]:
    value = {"v": one.value}
    if one.code is not None:
        value = {"b": chunks.expression((one.code,), one.owner, one.mapping, names=one.names)}
    return {"names": list(one.names), "value": value}


def _plain(one: _Evaluation) -> Expression:
    return plain.expression((one.code,), one.names) if one.code is not None else Constant(one.value)


def _evaluations(draft: ContractDraft) -> Iterator[_Evaluation]:
    for role, said in draft.roles.items():
        for mapping, default in auth.DEFAULTS[role].items():
            code: Part | None = said.mappings.get(mapping, draft.refused if mapping == "refused" else None)
            if code is None and default != "[]":
                code = default
            yield _Evaluation(
                name=f"{role}.{mapping}",
                owner=f"auth.{role}",
                mapping=mapping,
                code=code,
                value=[] if default is not None else None,
            )
    if draft.refused is not None:
        yield _Evaluation(name="auth.refused", owner="auth", mapping="refused", code=draft.refused)
    if draft.provider is not None:
        for mapping, default in oidc.DEFAULTS.items():
            yield _Evaluation(
                name=f"oidc.{mapping}",
                owner="auth",
                mapping=mapping,
                names=oidc.NAMES,
                code=draft.provider.mappings.get(mapping, default),
            )
