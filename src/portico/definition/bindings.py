"""Text with `{{ }}` in it: where each binding ends, and what it is.

A binding ends at the first `}}` up to which it is JavaScript on its own: braces and quotes inside
are the language's business, not ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portico.definition import javascript
from portico.definition.diagnostics import Problems
from portico.definition.javascript import Broken, Code, Fault
from portico.definition.refusals import refusals
from portico.definition.scope import Reading, reading
from portico.definition.text import Text

#: How many characters are parsed in looking for the ends of the bindings of one text.
_WORK_LIMIT = 1 << 21
#: A parse costs at least as much as this many characters.
_PARSE_COST = 64
#: How many broken bindings of one text are reported.
_FAULT_LIMIT = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Snippet:
    """A piece of JavaScript and where it stands: `source.value[start:end]`, white space included.

    `statements`: it is not one expression; only actions may be that. `declared` are names that stand
    around it in its program, such as the row that it is computed for.
    """

    source: Text
    start: int
    end: int
    statements: bool
    reading: Reading
    declared: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The code as written."""
        return self.source.value[self.start : self.end]


Part = str | Snippet


def has_binding(text: str) -> bool:
    """Whether a text holds the beginning of a binding."""
    return "{{" in text


def split(text: Text, problems: Problems, *, action: bool = False) -> tuple[Part, ...] | None:
    """A text as literal parts and bindings, in order; None if a binding has a problem.

    `action`: the code may be statements and may `await`.
    """
    parts: list[Part] = []
    index, faults = 0, 0
    work = _Work()
    while faults < _FAULT_LIMIT and (start := text.value.find("{{", index)) >= 0:
        if start > index:
            parts.append(text.value[index:start])
        end, found = _binding(text.value, start + 2, work, action=action)
        if isinstance(found, Fault):
            where = text.place(start if found.code in ("E302", "E303") else start + 2 + found.offset)
            problems.add(found.code, where, found.message, received=found.received, remedy=remedy(found))
            faults += 1
        else:
            snippet = _snippet(text, start + 2, end, found, problems, action=action)
            faults += snippet is None
            parts.extend([snippet] if snippet else [])
        index = end + 2
    if index < len(text.value):
        parts.append(text.value[index:])
    return None if faults else tuple(parts)


def only(parts: Sequence[Part]) -> Snippet | None:
    """The snippet of a text that is exactly one binding with nothing but white space around it."""
    snippets = [part for part in parts if isinstance(part, Snippet)]
    blank = all(isinstance(part, Snippet) or not part.strip() for part in parts)
    return snippets[0] if blank and len(snippets) == 1 else None


_REMEDIES = {
    "E302": "close the binding with `}}`; write `{{ '{{' }}` for two braces as text",
    "E303": "write an expression between the braces, or remove them",
    "E301": "look for a missing comma, bracket, quote or operator before it",
    "E308": "move the code into a script",
}
#: The remedy for what parses and still cannot stand here; the message says where it can.
_MOVE = "remove it, or write it differently"


def remedy(fault: Fault) -> str | None:
    """What to do about code that does not parse."""
    if fault.code == "E301" and (fault.received or "").startswith(";"):
        return "a binding is one expression: leave `;` out"
    return _REMEDIES.get(fault.code)


@dataclass(kw_only=True, slots=True)
class _Work:
    """What may still be spent on one text: its length is the author's, the square of it is not."""

    left: int = _WORK_LIMIT


def _binding(value: str, start: int, work: _Work, *, action: bool) -> tuple[int, Code | Fault]:
    """Where the binding that begins at `start` ends, and its code or its fault."""
    for end in _ends(value, start):
        code = _code(value[start:end], action=action)
        if code is not None:
            return end, code
        work.left -= end - start + _PARSE_COST
        if work.left < 0:
            break
    counted = _counted(value, start)
    if counted is None:
        return len(value), Fault(code="E302", offset=0, message="this `{{` has no `}}`")
    text = value[start:counted]
    return counted, _code(text, action=action) or _fault(text, action=action)


def _ends(value: str, start: int) -> Iterator[int]:
    end = value.find("}}", start)
    while end >= 0:
        yield end
        end = value.find("}}", end + 1)


def _code(text: str, *, action: bool) -> Code | None:
    """`text` as one expression, or in actions as statements."""
    found = javascript.expression(text)
    if isinstance(found, Code):
        return found
    body = javascript.statements(text) if action and text.strip() else None
    return body if isinstance(body, Code) else None


def _fault(text: str, *, action: bool) -> Fault:
    """Why `text` is neither; of two readings the one that came further is what the author meant."""
    readings = [javascript.expression(text)]
    if action:
        readings.append(javascript.statements(text))
    faults = [found.fault() for found in readings if isinstance(found, Broken)]
    return max(faults, key=lambda fault: (fault.code == "E308", fault.offset))


def _counted(value: str, start: int) -> int | None:
    """The end by counting braces; where they do not add up, the first `}}`."""
    depth = 0
    for index in range(start, len(value)):
        if value[index] == "{":
            depth += 1
        elif value[index] == "}":
            if depth == 0 and value.startswith("}}", index):
                return index
            depth = max(depth - 1, 0)
    first = value.find("}}", start)
    return first if first >= 0 else None


def _snippet(
    text: Text, start: int, end: int, code: Code, problems: Problems, *, action: bool
) -> Snippet | None:
    found = checked(text, start, code, problems, asynchronous=action, function=action)
    if found is None:
        return None
    statements = code.root.type == "statement_block"
    return Snippet(source=text, start=start, end=end, statements=statements, reading=found)


def checked(
    text: Text,
    start: int,
    code: Code,
    problems: Problems,
    *,
    asynchronous: bool = False,
    function: bool = False,
) -> Reading | None:
    """What `code`, which begins at `start` of `text`, reads; None if the engine would refuse it."""
    refused = refusals(code, asynchronous=asynchronous, function=function)
    for refusal in refused:
        place = text.place(start + refusal.offset)
        problems.add("E304", place, refusal.message, received=refusal.received, remedy=_MOVE)
    found = reading(code)
    for name, offset in found.clashes:
        problems.add(
            "E304", text.place(start + offset), f"`{name}` is declared twice in this block", received=name
        )
    return None if refused or found.clashes else found
