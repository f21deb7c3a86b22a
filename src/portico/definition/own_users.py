"""Sign-ins over users of the app's own: a table, or a function of its own, instead of an auth API.

Whatever such a query gives, it gives with success: a row or none, with the right password or a wrong one. So
the contract says what a sign-in is, and who it is.
"""

from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, ContractDraft, QueryDraft
from portico.model.query import OWN, Role

_ROLES: tuple[Role, ...] = ("sign_in", "verify", "me")
_UID = 'write `uid: "{{ response.body[0]?.id }}"`'
_SUCCEEDED = (
    'write `succeeded: "{{ response.body.length === 1 }}"`, or `trust: script` where a script compares'
)


def queries_of(app: AppDraft, contract: ContractDraft) -> dict[Role, QueryDraft]:
    """The contract's queries that ask no API."""
    places = (app.entities, *(page.entities for page in app.pages.values()))
    known = {query.name: query for found in places for query in found.queries if query.kind in OWN}
    named = {role: contract.query(role) for role in _ROLES}
    return {
        role: known[word.text.value]
        for role, word in named.items()
        if word is not None and word.text.value in known
    }


def check(app: AppDraft, contract: ContractDraft, problems: Problems) -> None:
    """Report what such a sign-in leaves open."""
    found = queries_of(app, contract)
    for role in found:
        said, word = contract.roles[role], contract.query(role)
        if word is None:
            continue
        if "uid" not in said.mappings:
            what = f"`{role}` asks the app's own users, and does not say who it is that was found"
            problems.add("E511", word.place, what, received=word.text.value, remedy=_UID)
        if role != "me" and not said.trusted and "succeeded" not in said.mappings:
            what = f"`{role}` asks the app's own users, and does not say when somebody is signed in by it"
            problems.add("E511", word.place, what, received=word.text.value, remedy=_SUCCEEDED)
    if "sign_in" in found and contract.group is not None:
        problems.add(
            "E531",
            contract.group.place,
            "a sign-in over the app's own users cannot be shared: no other app could check it",
            received=contract.group.name,
            remedy="write `session: separate`",
        )
