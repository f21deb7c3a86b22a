"""A gate over what a query answered, which does not say whether the call went well (seed S2)."""

from collections.abc import Iterator

from portico.definition.lint import gates, meanings
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.gates import Gate
from portico.definition.lint.names import Named

#: Members of an answer by which authors tell that a call went well.
_OUTCOMES = frozenset(
    {
        "status",
        "statuscode",
        "code",
        "ok",
        "success",
        "succeeded",
        "authorized",
        "authenticated",
        "isauthorized",
    }
    | {"isauthenticated", "loggedin", "isloggedin", "signedin", "valid", "isvalid"}
)
#: Those by which they tell who it is.
_IDENTITY = frozenset({"id", "uid", "email", "username", "user", "sub"})


def find(subject: Subject) -> Iterator[Spot]:
    """Gates that ask the data of a query which carries the token, and nothing else."""
    for page in subject.pages:
        for gate in gates.gates(page):
            read = tuple(gates.asked(page, gate))
            if any(name.id == "auth" for name, _ in read):
                continue
            checked = {name.id for name, _ in read if name.path[:1] == ("responseMeta",)}
            for name, node in read:
                if name.id not in checked and _tells_outcome(page, gate, name):
                    yield Spot(place=gate.piece.place(node), received=gate.piece.excerpt(gate.shown(node)))


def _tells_outcome(page: Facts, gate: Gate, name: Named) -> bool:
    if name.path[:1] != ("data",) or name.id not in {*page.carrying, page.contract.get("me")}:
        return False
    members = [meanings.plain(part) for part in name.path[1:]]
    if not members:
        return gate.holds
    return members[-1] in _OUTCOMES or (gate.holds and members[0] in _IDENTITY)


RULE = Rule(
    id="stale-gate",
    reason="`data` is what a query answered, of whatever call: it does not say that the last one went well, "
    "and can keep content open after the token has ended",
    remedy="let the page's `access` decide, and ask `auth.isLoggedIn` or `responseMeta.isExecutionSuccess`",
    find=find,
)
