"""App files as text: YAML that people read and edit, with comments, and with the way back from a line of it
to what stands there."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

#: The key under which a mapping holds lines of comment; they stand where the key stands.
COMMENT = "#"

#: Text that is text in every YAML without quotes.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.@+-]*( [A-Za-z0-9_/.@+-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
#: What a literal block cannot hold, or would not give back.
_NOT_IN_BLOCKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Flow(dict[str, Any]):
    """A small mapping on one line: `{left: 0, top: 4, width: 16, height: 4}`."""


#: The containers and keys that lead to a value, from the outermost on.
Trail = tuple[tuple[dict[str, Any], str], ...]


@dataclass(kw_only=True, slots=True)
class Written:
    """The text of a file. `trails` lead from lines to the values that begin there."""

    text: str
    _lines: list[int] = field(default_factory=list)
    _trails: list[Trail] = field(default_factory=list)

    def trail(self, line: int) -> Trail:
        """What stands at a line, from 1; nothing above the first key."""
        at = bisect_right(self._lines, line) - 1
        return self._trails[at] if at >= 0 else ()


def write(data: dict[str, Any]) -> Written:
    """A mapping as a file."""
    writer = _Writer()
    writer.mapping(data, 0, ())
    text = "\n".join(writer.lines) + "\n" if writer.lines else "{}\n"
    return Written(text=text, _lines=writer.starts, _trails=writer.trails)


def scalar(value: Any) -> str:
    """A single value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        written = repr(value)
        return written if "e" not in written or "." in written else written.replace("e", ".0e")
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def comment(text: str) -> list[str]:
    """Lines of comment for any text."""
    lines = text.replace("\r", "\n").split("\n")
    return [
        "# " + "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in line)
        for line in lines
    ]


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.starts: list[int] = []
        self.trails: list[Trail] = []

    def mapping(self, data: dict[str, Any], indent: int, trail: Trail, *, first: str = "") -> None:
        """The entries of a mapping; `first` stands before the first one, in place of its indent."""
        pad = " " * indent
        for key, value in data.items():
            if key == COMMENT:
                self.lines += [f"{pad}{line}".rstrip() for line in value]
                continue
            here = (*trail, (data, key))
            self.starts.append(len(self.lines) + 1)
            self.trails.append(here)
            self._entry(f"{first or pad}{scalar(key)}:", value, indent, here)
            first = ""

    def _entry(self, head: str, value: Any, indent: int, trail: Trail) -> None:
        if isinstance(value, Flow):
            inner = ", ".join(f"{scalar(key)}: {scalar(one)}" for key, one in value.items())
            self.lines.append(f"{head} {{{inner}}}")
        elif isinstance(value, dict) and value:
            self.lines.append(head)
            self.mapping(value, indent + 2, trail)
        elif isinstance(value, list | tuple) and value:
            self.lines.append(head)
            self._items(list(value), indent + 2, trail)
        elif isinstance(value, dict | list | tuple):
            self.lines.append(f"{head} {'{}' if isinstance(value, dict) else '[]'}")
        elif isinstance(value, str) and "\n" in value and (block := _block(value, indent + 2)) is not None:
            self.lines += [f"{head} {block[0]}", *block[1:]]
        else:
            self.lines.append(f"{head} {scalar(value)}")

    def _items(self, values: list[Any], indent: int, trail: Trail) -> None:
        pad = " " * indent
        for value in values:
            if isinstance(value, dict) and value and not isinstance(value, Flow):
                # A comment cannot follow the dash: it stands before it.
                for line in value.get(COMMENT, ()):
                    self.lines.append(f"{pad}{line}".rstrip())
                shown = {key: one for key, one in value.items() if key != COMMENT}
                if not shown:
                    continue
                self._item(value, shown, indent, trail)
            elif isinstance(value, list | tuple) and value:
                self.lines.append(f"{pad}-")
                self._items(list(value), indent + 2, trail)
            else:
                self._entry(f"{pad}-", value, indent, trail)

    def _item(self, value: dict[str, Any], shown: dict[str, Any], indent: int, trail: Trail) -> None:
        """A mapping in a list; trails lead to the mapping itself, not to what is shown of it."""
        first = " " * indent + "- "
        pad = " " * (indent + 2)
        for key, one in shown.items():
            here = (*trail, (value, key))
            self.starts.append(len(self.lines) + 1)
            self.trails.append(here)
            self._entry(f"{first or pad}{scalar(key)}:", one, indent + 2, here)
            first = ""


def _block(text: str, indent: int) -> list[str] | None:
    """A text of several lines after `|`, exactly as it is; None where YAML could not hold it so."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    if not body.strip() or _NOT_IN_BLOCKS.search(text) or ends > 1:
        return None
    lines = body.split("\n")
    filled = [line for line in lines if line.strip()]
    if lines[0].strip() == "" and lines[0] != "":
        return None
    # A first line that is indented says so; tabs are no indent to YAML, but look like one to people.
    mark = "2" if filled[0][:1] in (" ", "\t") or lines[0] == "" else ""
    pad = " " * indent
    return [f"|{mark}{'' if ends else '-'}", *(f"{pad}{line}" if line else "" for line in lines)]
