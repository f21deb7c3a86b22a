"""What a probe that signs in knows so far."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from portico.importers.probe_contract import Draft
from portico.importers.probe_findings import (
    Call,
    Conclusion,
    Me,
    Refused,
    Renewed,
    Sample,
    SignedIn,
    SignedOut,
    Spot,
    Sureness,
)
from portico.importers.probe_places import Search
from portico.importers.probe_sample import Kind, Sketch
from portico.importers.probe_talk import Heard
from portico.model.query import Role, Sending
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A token at work: how it is sent, what renews it, and what `me` says to it and to nobody."""

    token: Secret
    spot: Spot | None
    sending: Sending
    refresh: Secret | None = None
    call: Call | None = None
    me: Heard | None = None
    nobody: Heard | None = None

    @property
    def given(self) -> dict[str, str]:
        """What a contract's own queries get as parameters."""
        more = {"refreshToken": self.refresh.reveal()} if self.refresh is not None else {}
        return {"token": self.token.reveal()} | more


@dataclass(kw_only=True, slots=True)
class Progress:
    """What is known so far; `draft` grows with it. `named` are calls that the user has named."""

    draft: Draft
    calls: dict[Role, Call]
    named: Collection[Role]
    conclusions: list[Conclusion] = field(default_factory=list)
    signed_in: SignedIn | None = None
    refused: Refused | None = None
    me: Me | None = None
    renewed: Renewed | None = None
    signed_out: SignedOut | None = None
    sketch: Sketch | None = None
    samples: dict[str, Sample] = field(default_factory=dict)

    def sample(self, name: str, heard: Heard | None, kind: Kind) -> None:
        """Note what an answer looks like, once it is known what its secrets are."""
        if heard is not None and self.sketch is not None:
            self.samples[name] = self.sketch.of(heard, kind)

    def say(self, about: str, found: str, reason: str, sure: Sureness = "seen") -> None:
        """Note a conclusion."""
        self.conclusions.append(Conclusion(about=about, found=found, reason=reason, sure=sure))

    def keep(self, role: Role, call: Call) -> None:
        """Have the app itself make a call."""
        self.calls[role] = call
        self.draft = replace(self.draft, calls={**self.draft.calls, role: call})

    def drop(self, role: Role) -> None:
        """Have the app do without a call of its own."""
        self.calls.pop(role, None)
        kept = {known: call for known, call in self.draft.calls.items() if known != role}
        self.draft = replace(self.draft, calls=kept)

    def keep_likely(self, candidates: tuple[Call, ...]) -> None:
        """Have the app ask the first of these whose a token is, though nobody has tried it with one."""
        if candidates:
            self.keep("me", candidates[0])
            self.say("me", f"GET {candidates[0].path}", "nobody has signed in, so it was not tried", "likely")

    def map(self, role: Role, name: str, code: str) -> None:
        """Have the contract say so."""
        mappings = {known: dict(said) for known, said in self.draft.mappings.items()}
        mappings.setdefault(role, {})[name] = code
        self.draft = replace(self.draft, mappings=mappings)


def is_me(search: Search, heard: Heard, nobody: Heard | None) -> bool:
    """Whether an answer says whose a token is: it names somebody, and `nobody`, the one without a token, does
    not."""
    if not heard.well or search.user(heard) is None:
        return False
    return nobody is None or not nobody.well or search.user(nobody) is None


def titled(name: str) -> str:
    """A header as it is usually written."""
    return "-".join(part.title() for part in name.split("-"))
