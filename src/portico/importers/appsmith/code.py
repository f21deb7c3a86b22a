"""Changes of code that an import cannot do without. They go by the syntax tree, and touch nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition import javascript
from portico.definition.bindings import Snippet, split
from portico.definition.diagnostics import Problems
from portico.definition.javascript import Code
from portico.definition.scope import reading
from portico.definition.text import whole

#: Functions whose first argument names a widget.
_NAMING_WIDGETS = frozenset({"resetWidget", "showModal", "closeModal"})

#: What a page is called here, by what code calls it; None for what names no page.
Pages = Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """Characters of a text, and what is to stand there."""

    start: int
    end: int
    text: str


def parts(text: str, *, action: bool = False) -> Sequence[str | Snippet] | None:
    """A text as literal parts and bindings; None if a binding does not parse."""
    return split(whole("", text), Problems(), action=action)


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits made."""
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Renaming:
    """What has other names here: pages, and widgets, queries and scripts of one page."""

    pages: Pages
    names: Mapping[str, str]

    def of_text(self, text: str, *, action: bool = False) -> str:
        """A text with bindings."""
        if not self._concerns(text):
            return text
        found = parts(text, action=action)
        edits = [
            Edit(start=part.start + edit.start, end=part.start + edit.end, text=edit.text)
            for part in found or ()
            if isinstance(part, Snippet)
            for edit in self._edits(_code(part.text, statements=part.statements))
        ]
        return applied(text, edits)

    def of_script(self, text: str) -> str:
        """The code of a script object."""
        if not self._concerns(text):
            return text
        code = javascript.module(text)
        return applied(text, list(self._edits(code if isinstance(code, Code) else None)))

    def _concerns(self, text: str) -> bool:
        return "navigateTo" in text or any(name in text for name in self.names)

    def _edits(self, code: Code | None) -> Iterator[Edit]:
        if code is None:
            return
        for call in _calls(code):
            function, given = call
            if function == "navigateTo":
                yield from self._of_pages(code, given)
            elif function in _NAMING_WIDGETS and given.type == "string":
                yield from self._literal(code, given, self.names.get)
        for use in reading(code).uses if self.names else ():
            if use.name in self.names:
                yield Edit(
                    start=use.offset,
                    end=use.offset + len(use.name),
                    text=self._as_used(code, use.offset, use.name),
                )

    def _as_used(self, code: Code, offset: int, name: str) -> str:
        """The new name; in `{name}` the key stays what it was."""
        start = code.prefix + len(code.text[:offset].encode())
        node = code.root.descendant_for_byte_range(start, start + len(name.encode()))
        short = node is not None and node.type == "shorthand_property_identifier"
        return f"{name}: {self.names[name]}" if short else self.names[name]

    def _of_pages(self, code: Code, given: Node) -> Iterator[Edit]:
        """The pages that the first argument of `navigateTo` may be: written out, or chosen by a condition."""
        waiting = [given]
        while waiting:
            node = waiting.pop()
            if node.type == "string":
                yield from self._literal(code, node, self.pages)
            elif node.type in ("ternary_expression", "parenthesized_expression", "binary_expression"):
                fields = ("consequence", "alternative") if node.type == "ternary_expression" else ()
                named = [node.child_by_field_name(name) for name in fields]
                waiting += [child for child in named or node.named_children if child is not None]

    def _literal(self, code: Code, node: Node, find: Pages) -> Iterator[Edit]:
        written = code.word(node)
        new = find(written[1:-1])
        if new is not None and new != written[1:-1]:
            start = code.start(node)
            yield Edit(start=start, end=start + len(written), text=f"{written[0]}{new}{written[0]}")


def targets(text: str, *, script: bool = False) -> Iterator[str]:
    """The texts that code hands to `navigateTo`, written out."""
    if "navigateTo" not in text:
        return
    seen: list[str] = []

    def note(name: str) -> None:
        seen.append(name)

    renaming = Renaming(pages=note, names={})
    if script:
        renaming.of_script(text)
    else:
        renaming.of_text(text, action=True)
    yield from seen


def _code(text: str, *, statements: bool) -> Code | None:
    found = javascript.statements(text) if statements else javascript.expression(text)
    return found if isinstance(found, Code) else None


def _calls(code: Code) -> Iterator[tuple[str, Node]]:
    """Calls of a plain name that are given something: the name, and the first argument."""
    for node in javascript.walk(code.root):
        if node.type != "call_expression":
            continue
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        first = (
            next((child for child in given.named_children if child.type != "comment"), None)
            if given
            else None
        )
        if function is not None and function.type == "identifier" and first is not None:
            yield code.word(function), first


def per_row(text: str, row: str) -> str | None:
    """A binding that gives a list, one value for each row, as the binding that gives the value of one:
    `{{ T.map((row) => body) }}` as `{{ body }}`, wherever in it the mapping stands. None where it is none."""
    found = parts(text)
    if found is None:
        return None
    changed = [part if isinstance(part, str) else _of_one(part, row) for part in found]
    if all(
        part == (old if isinstance(old, str) else old.text) for part, old in zip(changed, found, strict=True)
    ):
        return None
    return "".join(
        part if isinstance(old, str) else f"{{{{{part}}}}}" for part, old in zip(changed, found, strict=True)
    )


def _of_one(part: Snippet, row: str) -> str:
    code = _code(part.text, statements=part.statements)
    if code is None:
        return part.text
    for node in javascript.walk(code.root):
        body = _body(code, node, row)
        if body is not None:
            return _bare(code, body)
    return part.text


def _body(code: Code, call: Node, row: str) -> Node | None:
    """What a call of `map` computes of each row."""
    function = call.child_by_field_name("function") if call.type == "call_expression" else None
    member = function.child_by_field_name("property") if function is not None else None
    given = call.child_by_field_name("arguments")
    if member is None or given is None or code.word(member) != "map":
        return None
    for argument in given.named_children:
        if argument.type == "arrow_function" and _takes(code, argument, row):
            return argument.child_by_field_name("body")
    return None


def _takes(code: Code, function: Node, row: str) -> bool:
    single, several = function.child_by_field_name("parameter"), function.child_by_field_name("parameters")
    first = single or (several.named_children[0] if several is not None and several.named_children else None)
    return first is not None and code.word(first) == row


def _bare(code: Code, body: Node) -> str:
    """An expression as text, without the parentheses around it; a block as a function that is called."""
    if body.type == "statement_block":
        return f" (() => {code.word(body)})() "
    written = code.word(body)
    if body.type == "parenthesized_expression":
        written = written[1:-1]
    if "\n" not in written and "//" not in written:
        return f" {written.strip()} "
    return f"\n{written.strip()}\n"


def called(text: str, parameter: str) -> str | None:
    """A binding that calls a function at once, whose first parameter is this, as the binding that gives what
    the function computes: `{{ ((parameter) => body)(given) }}` as `{{ body }}`. None where it is none."""
    found = parts(text)
    if found is None or not any(isinstance(part, Snippet) for part in found):
        return None
    bodies = [part if isinstance(part, str) else _at_once(part, parameter) for part in found]
    changed = [part for part in bodies if part is not None]
    if len(changed) < len(found):
        return None
    return "".join(
        part if isinstance(old, str) else f"{{{{{part}}}}}" for part, old in zip(changed, found, strict=True)
    )


def _at_once(part: Snippet, parameter: str) -> str | None:
    code = _code(part.text, statements=part.statements)
    node = (
        None
        if code is None
        else next((one for one in javascript.walk(code.root) if one.type == "call_expression"), None)
    )
    function = node.child_by_field_name("function") if node is not None else None
    inner = function.named_children[0] if function is not None and function.named_children else None
    if code is None or node is None or inner is None or inner.type != "arrow_function":
        return None
    body = inner.child_by_field_name("body")
    whole = code.word(node).strip() == part.text.strip().rstrip(";").rstrip()
    return _bare(code, body) if whole and body is not None and _takes(code, inner, parameter) else None


def unowned(text: str, owner: str, members: frozenset[str]) -> str:
    """A text with bindings in which `owner.member` is `member` alone."""
    if owner not in text:
        return text
    edits = []
    for part in parts(text) or ():
        code = _code(part.text, statements=part.statements) if isinstance(part, Snippet) else None
        if code is None or isinstance(part, str):
            continue
        for node in javascript.walk(code.root):
            whose, member = node.child_by_field_name("object"), node.child_by_field_name("property")
            if node.type != "member_expression" or whose is None or member is None:
                continue
            if whose.type == "identifier" and code.word(whose) == owner and code.word(member) in members:
                start = part.start + code.start(node)
                edits.append(Edit(start=start, end=start + len(code.word(node)), text=code.word(member)))
    return applied(text, edits)


def member_of(text: str, owner: str) -> str | None:
    """The member that a binding reads of a name and nothing else: `id` of `{{ currentRow["id"] }}`."""
    found = parts(text)
    snippets = [part for part in found or () if isinstance(part, Snippet)]
    if found is None or len(snippets) != 1 or any(isinstance(part, str) and part.strip() for part in found):
        return None
    code = _code(snippets[0].text, statements=False)
    node = code.root if code is not None else None
    while code is not None and node is not None and node.type == "parenthesized_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        node = inner[0] if len(inner) == 1 else None
    if code is None or node is None or node.type not in ("member_expression", "subscript_expression"):
        return None
    whose = node.child_by_field_name("object")
    if whose is None or code.word(whose) != owner:
        return None
    name = node.child_by_field_name("property") or node.child_by_field_name("index")
    if name is None or (node.type == "subscript_expression" and name.type != "string"):
        return None
    return code.word(name) if node.type == "member_expression" else code.word(name)[1:-1]


def as_expression(text: str) -> str:
    """A text with bindings of which each is one expression: Appsmith takes a `;` at the end, too."""
    if ";" not in text or parts(text) is not None:
        return text
    pieces = text.split("}}")
    trimmed = [
        piece.rstrip().rstrip(";").rstrip() if piece.rstrip().endswith(";") else piece
        for piece in pieces[:-1]
    ]
    changed = "}}".join([*trimmed, pieces[-1]])
    return changed if parts(changed) is not None else text


def as_event(text: str) -> str:
    """An event as one binding: several after each other are the statements of one."""
    found = parts(text, action=True)
    snippets = [part for part in found or () if isinstance(part, Snippet)]
    loose = any(isinstance(part, str) and part.strip(" \t\n;") for part in found or ())
    if len(snippets) < 2 or loose:
        return text
    return "{{\n" + "\n".join(f"{part.text.strip().rstrip(';')};" for part in snippets) + "\n}}"
