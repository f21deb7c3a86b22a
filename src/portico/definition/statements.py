"""SQL with bindings in it: what stands at each of them, and whether a value can stand there.

The database's own dialect is read, by a tokenizer and a parser, with a number in the place of each binding.
The tokens tell what is text, what is a comment and what is code, the tree what the number is there. A binding
becomes a place for a bound value (`model.statement`), or a fault: nothing that it gives could be a name, a
keyword or a piece of SQL.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from portico.definition.bindings import Part
from portico.definition.sql_places import NO_VALUE, Places, places
from portico.definition.sql_sample import Sample
from portico.model.statement import Part as Piece
from portico.model.statement import Slot, Statement

# It warns of statements that it knows by their first word only, which are none of an author's faults.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_COMMON = ("postgres", "mysql")
_UNREADABLE = "it cannot be read: look for a quote or a comment that is not closed"
_NAMES = "it is a part of a name, and names cannot be bound"
_IN_TEXT = "it stands in a text of a kind that is not put together"
#: Types that stand before a text: `INTERVAL '1 day'`.
_TYPES = frozenset(
    {
        TokenType.INTERVAL,
        TokenType.DATE,
        TokenType.TIME,
        TokenType.TIMETZ,
        TokenType.TIMESTAMP,
        TokenType.TIMESTAMPTZ,
    }
)
_NAMING = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Misplaced:
    """A binding that cannot stand where it stands, by its index, or the statement as a whole (None)."""

    index: int | None
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """A statement, and what is wrong with it. Without faults it can be run."""

    statement: Statement
    faults: tuple[Misplaced, ...] = ()


def changes_nothing(parts: Sequence[Part]) -> bool:
    """Whether a statement only reads, whatever its dialect: one in which it can be told says so."""
    return any(understood(parts, dialect, prepared=True).statement.reads for dialect in ("", *_COMMON))


def understood(parts: Sequence[Part], dialect: str, *, prepared: bool) -> Understood:
    """A statement of this dialect. Never raises for what an author wrote."""
    return _understood(Sample.of(parts), dialect, prepared)


# Checks, the lint and the compiler ask the same of each statement, and parsing is most of their work.
@lru_cache(maxsize=2048)
def _understood(sample: Sample, dialect: str, prepared: bool) -> Understood:
    try:
        tokens = _tokens(sample.text, dialect)
    except (SqlglotError, RecursionError, ValueError):
        return Understood(statement=Statement(commands=()), faults=(Misplaced(index=None, why=_UNREADABLE),))
    return _Reader(sample, dialect, prepared=prepared).read(tokens)


def _tokens(text: str, dialect: str, offset: int = 0) -> list[Token]:
    """The tokens of a text, from `offset` on. Of a statement that it knows by its first word only the
    tokenizer makes one text of the rest, which is read for itself here."""
    found: list[Token] = []
    for token in sqlglot.tokenize(text[offset:], dialect=dialect or None):
        start, end = token.start + offset, token.end + offset
        if token.token_type == TokenType.STRING and found and end - start < len(token.text):
            # It has no quotes, and says of itself only where it ends.
            found += _tokens(text[: end + 1], dialect, found[-1].end + 1)
        else:
            found.append(Token(token.token_type, token.text, start=start, end=end))
    return found


class _Reader:
    """Reads one statement."""

    def __init__(self, sample: Sample, dialect: str, *, prepared: bool) -> None:
        self._sample = sample
        self._dialect = dialect
        self._prepared = prepared
        self._faults: dict[int | None, str] = {}

    def read(self, tokens: Sequence[Token]) -> Understood:
        """All commands. Where a transaction begins and ends is left out: they are one anyway."""
        commands: list[tuple[Piece, ...]] = []
        reading, columns, unchanged = True, dict[int, str](), set[int]()
        for begin, end, own in self._commands(tokens):
            text = self._sample.text[begin:end]
            pieces = list(self._pieces(begin, end, own))
            named = {part for piece in pieces if isinstance(piece, Slot) for part in piece.parts}
            found = places(text, self._sample, self._dialect)
            for index, why in found.faults.items():
                # A name in quotes that stands for a value, as prepared statements have them, is one.
                if index not in self._as_names(own) or index not in named:
                    self._faults.setdefault(index, why)
            columns |= found.columns
            unchanged |= found.unchanged
            if not found.around:
                commands.append(tuple(self._used(pieces, found)))
                reading = reading and found.reads
        if not commands:
            self._faults.setdefault(None, "it is empty")
        faults = tuple(Misplaced(index=index, why=why) for index, why in self._faults.items())
        return Understood(
            statement=Statement(
                commands=tuple(commands), reads=reading, columns=columns, unchanged=frozenset(unchanged)
            ),
            faults=faults,
        )

    def _commands(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int, Sequence[Token]]]:
        """Where each command begins and ends, and its tokens."""
        begin, own = 0, list[Token]()
        for token in tokens:
            if token.token_type != TokenType.SEMICOLON:
                own.append(token)
                continue
            if own:
                yield begin, token.start, own
            begin, own = token.end + 1, []
        if own:
            yield begin, len(self._sample.text), own

    def _as_names(self, tokens: Sequence[Token]) -> set[int | str]:
        """Bindings that stand in quotes of names, each alone, where that means a value."""
        split = [self._sample.split(token.text) for token in tokens if self._stands_for_value(token)]
        return {parts[0] for parts in split if len(parts) == 1}

    def _stands_for_value(self, token: Token) -> bool:
        """Whether a name in quotes may be meant for a value, as `"{{ x }}"` is in a prepared statement."""
        quoted = self._sample.text[token.start] == '"'
        return self._prepared and quoted and token.token_type == TokenType.IDENTIFIER

    def _pieces(self, begin: int, end: int, tokens: Sequence[Token]) -> Iterator[Piece]:
        """A command as text and places. Bindings that no token holds stand in comments, and are left out."""
        cursor, source = begin, self._sample.text
        for number, token in enumerate(tokens):
            parts = self._sample.split(token.text)
            if not any(isinstance(part, int) for part in parts):
                continue
            slot = self._slot(token, parts, tokens[number - 1] if number else None)
            if slot is None:
                continue
            slot, start, stop = self._spread(slot, tokens, number)
            yield self._sample.plain(source[cursor:start])
            yield slot
            cursor = stop
        yield self._sample.plain(source[cursor:end])

    def _slot(self, token: Token, parts: tuple[str | int, ...], before: Token | None) -> Slot | None:
        """The place of a token with bindings in it; None, and a fault, if it is none."""
        alone = len(parts) == 1
        rows = before is not None and before.token_type == TokenType.VALUES
        match token.token_type:
            case TokenType.STRING:
                return Slot(parts=parts, use="text", quoted=True, written=not self._prepared)
            case TokenType.IDENTIFIER if alone and self._stands_for_value(token):
                return Slot(parts=parts, use="text", quoted=True)
            case TokenType.NUMBER if alone and before and not rows and not self._glued(token):
                return Slot(parts=parts, written=not self._prepared)
        why = NO_VALUE if rows or before is None else _NAMES if token.token_type in _NAMING else _IN_TEXT
        for part in parts:
            if isinstance(part, int):
                self._faults.setdefault(part, why)
        return None

    def _glued(self, token: Token) -> bool:
        """Whether something of a name stands right beside it."""
        source = self._sample.text
        beside = source[max(token.start - 1, 0) : token.start] + source[token.end + 1 : token.end + 2]
        return any(char.isalnum() or char in "_$.@#" for char in beside)

    def _spread(self, slot: Slot, tokens: Sequence[Token], number: int) -> tuple[Slot, int, int]:
        """The place, and what of the sample it takes: with a list all of `NOT IN (…)`, with a text of a type
        the type."""
        token = tokens[number]
        before = [other.token_type for other in tokens[max(number - 3, 0) : number]]
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        closed = after is not None and after.token_type == TokenType.R_PAREN
        if (
            after is not None
            and closed
            and before[-2:] == [TokenType.IN, TokenType.L_PAREN]
            and len(slot.parts) == 1
        ):
            negated = before[0] == TokenType.NOT
            first = tokens[number - 3 if negated else number - 2]
            return replace(slot, use="list", negated=negated), first.start, after.end + 1
        if slot.quoted and self._dialect == "postgres" and before and before[-1] in _TYPES:
            kind = tokens[number - 1]
            return replace(slot, before="CAST(", after=f" AS {kind.text})"), kind.start, token.end + 1
        return slot, token.start, token.end + 1

    def _used(self, pieces: Sequence[Piece], found: Places) -> Iterator[Piece]:
        """The pieces, with what the tree says of those whose tokens did not."""
        for piece in pieces:
            if not isinstance(piece, Slot):
                yield from (piece,) if piece else ()
                continue
            index = piece.parts[0]
            if index in found.untyped and self._dialect == "postgres":
                piece = replace(piece, after="::text")
            if piece.use == "value" and isinstance(index, int):
                use = found.uses.get(index, "value")
                # Who writes a prepared statement knows that a value is a value.
                piece = replace(piece, use="value" if use == "name" and self._prepared else use)
            yield piece
