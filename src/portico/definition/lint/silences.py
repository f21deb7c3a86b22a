"""`portico: ignore RULE -- reason`: what an author wants as it is, and why."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from portico.definition import javascript
from portico.definition.javascript import Code
from portico.definition.lint import comments
from portico.definition.lint.comments import Comment
from portico.definition.lint.finding import Finding, Spot
from portico.definition.lint.piece import Piece
from portico.definition.text import whole
from portico.model.place import Place

#: The rule that is about silences; nothing silences it.
RULE = "bad-silence"
_MARK = "portico: ignore"


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A comment that silences `rules` from the line `first` to the line `last`."""

    place: Place
    rules: tuple[str, ...]
    reason: str
    first: int
    last: int

    def covers(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        place = finding.place
        return (
            finding.rule in self.rules
            and place.file == self.place.file
            and self.first <= place.line <= self.last
        )


def of_file(file: str, content: str) -> Iterator[Silence]:
    """The silences of a file; of a YAML file those that are not in JavaScript."""
    if _MARK not in content:
        return
    found = _of_script(file, content) if file.endswith(".js") else comments.of_yaml(file, content)
    for comment in found:
        yield from _read(comment)


def of_piece(piece: Piece) -> Iterator[Silence]:
    """The silences in JavaScript that stands in a YAML file."""
    if piece.script is not None or _MARK not in piece.code.text:
        return
    for node in piece.nodes("comment"):
        place = piece.place(node)
        words, alone = comments.of_node(piece.code, node)
        line = place.line + piece.word(node).count("\n") + 1 if alone else place.line
        yield from _read(Comment(place=place, words=words, first=line, last=line))


def applied(findings: Sequence[Finding], silences: Sequence[Silence]) -> Iterator[Finding]:
    """The findings, those that are silenced with the reason for it."""
    for finding in findings:
        reason = next((one.reason for one in silences if one.reason and one.covers(finding)), None)
        yield replace(finding, silenced=reason)


def faults(
    findings: Sequence[Finding],
    silences: Sequence[Silence],
    rules: Collection[str],
    *,
    shared: tuple[str, ...],
) -> Iterator[tuple[Spot, str]]:
    """What is wrong with silences, and what to do about it. Whether one in a package, whose path begins with
    one of `shared`, silences something depends on the app that uses it, and is not asked."""
    for silence in silences:
        if not silence.reason:
            yield Spot(place=silence.place), "write `-- ` and the reason behind the rule"
        for rule in silence.rules:
            one = replace(silence, rules=(rule,))
            if rule not in rules:
                yield (
                    Spot(place=silence.place, received=rule),
                    "write the id of a rule, as `docs/lint.md` has it",
                )
            elif silence.place.file.startswith(shared):
                continue
            elif silence.reason and not any(one.covers(finding) for finding in findings):
                yield Spot(place=silence.place, received=rule), "remove it: the rule finds nothing there"


def _of_script(file: str, content: str) -> Iterator[Comment]:
    """The comments of a script; one before everything else is about all of it."""
    code = javascript.module(content)
    if not isinstance(code, Code):
        return
    text = whole(file, content)
    begin = next((node.start_byte for node in code.root.children if node.type != "comment"), 0)
    for node in javascript.walk(code.root):
        if node.type != "comment":
            continue
        place = text.place(code.start(node))
        words, alone = comments.of_node(code, node)
        line = place.line + code.word(node).count("\n") + 1 if alone else place.line
        last = content.count("\n") + 1 if node.start_byte < begin else line
        yield Comment(place=place, words=words, first=line, last=last)


def _read(comment: Comment) -> Iterator[Silence]:
    if not comment.words.startswith(_MARK):
        return
    named, _, reason = comment.words.removeprefix(_MARK).partition("--")
    yield Silence(
        place=comment.place,
        rules=tuple(word.strip() for word in named.split(",") if word.strip()) or ("",),
        reason=reason.strip(),
        first=comment.first,
        last=comment.last,
    )
