"""HTML as the tests look at it: elements with their attributes and text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(slots=True)
class Element:
    """One element."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    def get(self, name: str) -> str | None:
        """An attribute, or None."""
        return self.attributes.get(name)

    @property
    def all(self) -> Iterator["Element"]:
        """This element and all inside, in document order."""
        yield self
        for child in self.children:
            yield from child.all

    @property
    def text(self) -> str:
        """The text of this element and all inside."""
        return " ".join(" ".join(part for element in self.all for part in element.texts).split())

    def find(self, tag: str = "", **attributes: str) -> "Element":
        """The first element like this; `id_` and `class_` stand for reserved words."""
        return next(self.matching(tag, **attributes))

    def matching(self, tag: str = "", **attributes: str) -> Iterator["Element"]:
        """All elements like this."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for element in self.all:
            if tag in ("", element.tag) and all(element.get(name) == wanted[name] for name in wanted):
                yield element


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1:
            if self.open.pop().tag == tag:
                break

    def handle_data(self, data: str) -> None:
        self.open[-1].texts.append(data)


def parse(html: str) -> Element:
    """The tree of a document or a fragment."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
