"""A name that code declares, and what it stands for."""

from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """A value with the members taken of it, or a parameter of a function with its index."""

    kind: Literal["value", "parameter"]
    node: Node
    path: tuple[str, ...] = ()
    index: int = 0
