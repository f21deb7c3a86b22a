"""What a rule is, and what it found."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from portico.definition.diagnostics import clean, excerpt
from portico.definition.lint.facts import Facts
from portico.definition.source import Node
from portico.model.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """One place at which a rule is broken; `received` is what stands there."""

    place: Place
    received: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What rules look at: the pages of an app, its files as text, and what stands in those of YAML."""

    pages: Sequence[Facts]
    texts: Mapping[str, str]
    documents: Mapping[str, Node]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """`reason` says in one sentence why it hurts a user, `remedy` what to do. Rules report what is there
    for sure; where they stop is written in `docs/lint.md`."""

    id: str
    reason: str
    remedy: str
    find: Callable[[Subject], Iterator[Spot]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A rule that is broken, and where. `silenced` is the reason of the author who wants it so."""

    rule: str
    place: Place
    reason: str
    remedy: str
    received: str | None = None
    silenced: str | None = None

    def as_text(self) -> str:
        """`file:line:col rule why`, then what was received, and the remedy; as diagnostics are written."""
        lines = [f"{clean(str(self.place))} {self.rule} {self.reason}"]
        if self.received is not None:
            lines.append(f"    received: {excerpt(self.received)}")
        lines.append(f"    fix: {self.remedy}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same for programs, beside diagnostics: the severity is `finding`, the code is the rule."""
        return {
            "code": self.rule,
            "severity": "finding",
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.reason,
            "received": None if self.received is None else excerpt(self.received),
            "remedy": self.remedy,
            "silenced": self.silenced,
        }


def open_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that nobody silenced."""
    return tuple(finding for finding in findings if finding.silenced is None)
