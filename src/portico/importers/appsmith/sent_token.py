"""A query of a page as one of the contract: where it read the token in the store, it is given it.

What reads anything else cannot be one: the contract's queries run where no page is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tree_sitter import Node

from portico.definition import javascript
from portico.definition.bindings import Snippet
from portico.definition.javascript import Code
from portico.definition.scope import Use, reading
from portico.importers.appsmith import code
from portico.importers.appsmith.code import Edit
from portico.importers.appsmith.page_text import COMMENT

#: Names that only put what they are given into another form.
_FORMS = frozenset({"JSON", "String", "encodeURIComponent"})
_STORES = frozenset({"appsmith", "portico"})
_CHAINS = ("member_expression", "subscript_expression")
#: What stands in an `Authorization` that Portico writes by itself.
_BEARER = "Bearer "
#: Keys of a query that say nothing of its request.
_BESIDE = frozenset({"run", "confirm", COMMENT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A query that takes what it sends from `this.params`. `keys` are those of the store that it read."""

    data: dict[str, Any]
    keys: frozenset[str]


def request_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a query is its request."""
    return {key: value for key, value in data.items() if key not in _BESIDE}


def same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two queries send the same."""
    return _spelled(first) == _spelled(second)


def _spelled(data: Mapping[str, Any]) -> dict[str, Any]:
    """A request in one spelling: of names of headers, and without the type of a body that there is not."""
    request = request_of(data)
    headers = {name.lower(): value for name, value in request.pop("headers", {}).items()}
    if "body" not in request:
        headers.pop("content-type", None)
    return {**request, "headers": headers}


def given(
    data: Mapping[str, Any], params: Mapping[str, str], *, bearer: bool, by_pages: bool
) -> Request | None:
    """A query that reads nothing but keys of the store, as one that is given them as these parameters; None
    if it reads anything else. `bearer`: Portico sends the token in its header itself. `by_pages`: pages run
    it too, and give it nothing."""
    rewriter = _Rewriter(params, by_pages=by_pages)
    written = rewriter.value(request_of(data))
    if rewriter.failed:
        return None
    if bearer:
        headers = written.get("headers", {})
        plain = f"{_BEARER}{rewriter.whole('token')}"
        kept = {name: one for name, one in headers.items() if (name.lower(), one) != ("authorization", plain)}
        written = {key: value for key, value in written.items() if key != "headers" or kept}
        written |= {"headers": kept} if kept else {}
    return Request(data=written, keys=frozenset(rewriter.keys))


class _Rewriter:
    def __init__(self, params: Mapping[str, str], *, by_pages: bool) -> None:
        self._params = params
        self._by_pages = by_pages
        self.keys: set[str] = set()
        self.failed = False

    def value(self, value: Any) -> Any:
        """The same with other bindings."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {key: self.value(one) for key, one in value.items()}
        return value

    def whole(self, param: str) -> str:
        """A binding that is the parameter, and nothing else."""
        return f"{{{{ {self._read(param)} }}}}"

    def _read(self, param: str) -> str:
        return f"this.params.{param} ?? auth.{param}" if self._by_pages else f"this.params.{param}"

    def _text(self, text: str) -> str:
        found = code.parts(text)
        if found is None:
            self.failed = True
            return text
        return "".join(part if isinstance(part, str) else self._snippet(part) for part in found)

    def _snippet(self, part: Snippet) -> str:
        parsed = javascript.expression(part.text)
        if part.statements or not isinstance(parsed, Code):
            self.failed = True
            return part.text
        found = list(self._found(parsed))
        if len(found) == 1 and part.text.strip() == part.text[found[0].start : found[0].end]:
            return self.whole(found[0].text)
        edits = [replace(edit, text=f"({self._read(edit.text)})") for edit in found]
        return f"{{{{{code.applied(part.text, edits)}}}}}"

    def _found(self, parsed: Code) -> Iterator[Edit]:
        """Where an expression reads the keys, and the parameter that each is."""
        for use in reading(parsed).uses:
            of_store = use.name in _STORES and len(use.path) == 2 and use.path[0] == "store"
            param = self._params.get(use.path[1]) if of_store else None
            node = _chain(parsed, use) if param is not None else None
            if node is not None and param is not None:
                self.keys.add(use.path[1])
                start = parsed.start(node)
                yield Edit(start=start, end=start + len(parsed.word(node)), text=param)
            elif use.name not in _FORMS:
                self.failed = True


def _chain(parsed: Code, use: Use) -> Node | None:
    """The chain of members that a use of a name begins."""
    name = next(
        (
            one
            for one in javascript.walk(parsed.root)
            if one.type == "identifier" and parsed.start(one) == use.offset
        ),
        None,
    )
    for _ in use.path:
        outer = name.parent if name is not None else None
        name = outer if outer is not None and outer.type in _CHAINS else None
    return name
