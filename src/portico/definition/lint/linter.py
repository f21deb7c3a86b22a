"""The rules over an app, and the silences in it."""

from collections.abc import Mapping

from portico.definition.draft import AppDraft
from portico.definition.lint import silences
from portico.definition.lint.facts import Facts, facts
from portico.definition.lint.finding import Finding, Rule, Spot, Subject
from portico.definition.lint.piece import Piece
from portico.definition.lint.rules import RULES
from portico.definition.lint.silences import Silence
from portico.definition.source import Node

#: What is wrong with a silence is a finding too.
SILENCES = Rule(
    id=silences.RULE,
    reason="a silence without a reason, or one that silences nothing, hides what somebody should look at",
    remedy="write `portico: ignore RULE -- reason`",
    find=lambda subject: iter(()),
)
#: Everything that can be found, by id.
CATALOGUE: Mapping[str, Rule] = {rule.id: rule for rule in (*RULES, SILENCES)}


def lint(app: AppDraft, texts: Mapping[str, str], documents: Mapping[str, Node]) -> tuple[Finding, ...]:
    """What the rules find in an app that has no error, silenced findings among it, by place and rule.

    `texts` are the app's files, those of packages that it follows among them, and `documents` what stands in
    those of YAML, by their paths.
    """
    subject = Subject(pages=facts(app), texts=texts, documents=documents)
    found = {_finding(rule, spot) for rule in RULES for spot in rule.find(subject)}
    quiet = _silences(subject)
    judged = [
        *silences.applied(tuple(found), quiet),
        *(
            Finding(
                rule=SILENCES.id,
                place=spot.place,
                reason=SILENCES.reason,
                remedy=remedy,
                received=spot.received,
            )
            for spot, remedy in silences.faults(
                tuple(found), quiet, CATALOGUE.keys() - {SILENCES.id}, shared=_packages(subject)
            )
        ),
    ]
    return tuple(sorted(judged, key=lambda one: (one.place.file, one.place.line, one.place.column, one.rule)))


def _finding(rule: Rule, spot: Spot) -> Finding:
    return Finding(
        rule=rule.id, place=spot.place, reason=rule.reason, remedy=rule.remedy, received=spot.received
    )


def _silences(subject: Subject) -> tuple[Silence, ...]:
    """Every silence of the app, once."""
    found = [one for file, text in subject.texts.items() for one in silences.of_file(file, text)]
    found += [one for page in subject.pages for piece in _pieces(page) for one in silences.of_piece(piece)]
    return tuple(dict.fromkeys(found))


def _packages(subject: Subject) -> tuple[str, ...]:
    """What the paths of the files of packages begin with."""
    ends = (file.removesuffix("package.yaml") for file in subject.texts if file.endswith("/package.yaml"))
    return tuple(ends)


def _pieces(page: Facts) -> list[Piece]:
    """All code of a page that stands in YAML files."""
    seen = page.view
    groups = (seen.properties, seen.events, seen.requests, seen.outputs, seen.inputs)
    return [part.piece for group in groups for part in group]
