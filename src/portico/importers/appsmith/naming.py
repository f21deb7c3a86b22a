"""Names that Portico can have for pages, datasources and whatever code names."""

import re
import unicodedata

from portico.definition.names import entity_name_problem, file_name_problem, is_page_like

_NOT_IN_FILES = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_CODE = re.compile(r"[^A-Za-z0-9_$]+")


class Names:
    """Names that differ from each other, also where case does not count."""

    def __init__(self) -> None:
        self._by_source: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, source: str, fallback: str) -> str:
        """The name for `source`, always the same one: its own if it can be had."""
        return self.wish(source, source, fallback)

    def wish(self, source: str, wanted: str, fallback: str) -> str:
        """The same, where `source` is to be called `wanted` if that can be had."""
        if source not in self._by_source:
            self._by_source[source] = self._free(file_word(wanted, fallback))
        return self._by_source[source]

    def known(self, source: str) -> str | None:
        """The name that `source` was given."""
        return self._by_source.get(source)

    def _free(self, wanted: str) -> str:
        number, name = 1, wanted
        while name.casefold() in self._taken:
            number += 1
            name = f"{wanted[:60]}-{number}"
        self._taken.add(name.casefold())
        return name


def file_word(source: str, fallback: str) -> str:
    """A text as the name of a page or datasource: accents are taken off, and other signs become `-`."""
    if file_name_problem(source) is None:
        return source
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode()
    word = _NOT_IN_FILES.sub("-", plain).strip("-")[:60].strip("-")
    if word and not word[0].isalpha():
        word = f"{fallback}-{word}"[:60]
    return word if word and file_name_problem(word) is None else fallback


def entity_word(source: str, taken: set[str]) -> str:
    """A text as the name of a widget, query or script that nothing else has."""
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode()
    word = _NOT_IN_CODE.sub("_", plain).strip("_")[:56] or "Unnamed"
    word = f"_{word}" if word[0].isdigit() else word
    number, name = 1, word
    while entity_name_problem(name) is not None or name in taken:
        number += 1
        name = f"{word}_{number}"
    return name


class PageNames:
    """Pages, by what the application calls them. What code goes to and the application does not have gets a
    name too, for the page that stands there."""

    def __init__(self, pages: list[str]) -> None:
        self._names = Names()
        self._own = {page: self._names.of(page, "Page") for page in pages}
        #: Pages that do not exist, by what code calls them.
        self.missing: dict[str, str] = {}

    def of(self, page: str) -> str:
        """The name of a page of the application."""
        return self._own[page]

    def target(self, written: str) -> str | None:
        """Where `navigateTo` leads; None for an address."""
        if written in self._own:
            return self._own[written]
        if not is_page_like(written):
            return None
        if written not in self.missing:
            self.missing[written] = self._names.of(written, "Page")
        return self.missing[written]
