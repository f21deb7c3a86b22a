"""HTML as a tree that can be looked through and changed in part, as the client of the browser changes it.

A standard parser (Lexbor) reads it. What users typed is kept apart from what the server wrote: `typed` and
`ticked` are the live value of a control, its attributes the one it came with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Union

from selectolax.lexbor import LexborHTMLParser, LexborNode

Test = Callable[["Element"], bool]


@dataclass(eq=False, slots=True)
class Element:
    """An element. `typed`: what stands in a control since its user, or an answer, wrote there."""

    tag: str
    attrs: dict[str, str]
    children: list[Union["Element", str]] = field(default_factory=list, repr=False)
    parent: "Element | None" = field(default=None, repr=False)
    typed: str | None = None
    ticked: bool | None = None

    def append(self, child: "Element | str") -> None:
        """Put a child behind the others."""
        if isinstance(child, Element):
            child.parent = self
        self.children.append(child)

    def walk(self) -> Iterator["Element"]:
        """Every element inside, in the order of the document, without this one."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, test: Test) -> list["Element"]:
        """Those inside that pass."""
        return [element for element in self.walk() if test(element)]

    def first(self, test: Test) -> "Element | None":
        """The first one inside that passes."""
        return next((element for element in self.walk() if test(element)), None)

    def by_id(self, wanted: str) -> "Element | None":
        """The element with this id inside."""
        return self.first(lambda element: element.attrs.get("id") == wanted)

    def around(self) -> Iterator["Element"]:
        """This one, and those that it stands in, from the inside."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.parent

    def closest(self, test: Test) -> "Element | None":
        """The innermost of these that passes."""
        return next((element for element in self.around() if test(element)), None)

    def has_class(self, name: str) -> bool:
        """Whether it is of this class."""
        return name in self.attrs.get("class", "").split()

    @property
    def text(self) -> str:
        """All text inside, also what is hidden."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def remove(self) -> None:
        """Take it out of its parent."""
        if self.parent is not None:
            self.parent.children = [child for child in self.parent.children if child is not self]
            self.parent = None

    def replace(self, fresh: "Element") -> None:
        """Put `fresh` in its place."""
        parent = self.parent
        if parent is None:
            return
        parent.children = [fresh if child is self else child for child in parent.children]
        fresh.parent, self.parent = parent, None


def document(html: str) -> Element:
    """A whole document."""
    root = LexborHTMLParser(html).root
    return Element("html", {}) if root is None else _read(root)


def fragment(html: str) -> Element | None:
    """The first element of a piece of a page; None if there is none."""
    body = LexborHTMLParser(html).body
    if body is None:
        return None
    return next((child for child in _read(body).children if isinstance(child, Element)), None)


def _read(node: LexborNode) -> Element:
    tag = node.tag or ""
    element = Element(tag, {name: value or "" for name, value in node.attributes.items()})
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            element.append(child.text_content or "")
        elif child.tag and not child.tag.startswith("-"):
            element.append(_read(child))
    return element
