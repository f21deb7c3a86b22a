"""Which words a condition over one of them lets through."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WordSet:
    """These words; with `outside`, all others. `""` stands for no word at all."""

    words: frozenset[str] = frozenset()
    outside: bool = False

    @property
    def constant(self) -> bool:
        """Whether it is all words, or none: whatever the word is, it says the same."""
        return not self.words

    def __invert__(self) -> "WordSet":
        return WordSet(words=self.words, outside=not self.outside)

    def __and__(self, other: "WordSet") -> "WordSet":
        if self.outside and other.outside:
            return WordSet(words=self.words | other.words, outside=True)
        if self.outside or other.outside:
            inner, outer = (other, self) if self.outside else (self, other)
            return WordSet(words=inner.words - outer.words)
        return WordSet(words=self.words & other.words)

    def __or__(self, other: "WordSet") -> "WordSet":
        return ~(~self & ~other)


ALL = WordSet(outside=True)
NONE = WordSet()
