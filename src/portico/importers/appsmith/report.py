"""What an import took over, what it did not, and why: for people, for programs, and as a page."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["left-out", "changed", "broken", "missing", "needs", "question", "sign-in", "note"]

#: The kinds in the order in which they are told, with what stands over each.
HEADINGS: Mapping[Kind, str] = {
    "needs": "To fill in before it runs",
    "question": "Questions to you",
    "sign-in": "What was concluded about the sign-in",
    "left-out": "Left out",
    "broken": "Code that does not parse, kept in comments",
    "missing": "Named by the app, and not in it",
    "changed": "Changed on the way",
    "note": "Notes",
}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Line:
    """One thing that somebody should know. `page`, `name` (of a widget, query or script) and `part` (a
    property of it) say where; `code` is what stood there."""

    kind: Kind
    page: str = ""
    name: str = ""
    part: str = ""
    message: str = ""
    code: str = ""

    @property
    def where(self) -> str:
        """The place in words of the app: `LoginPage › Button1.onClick`."""
        inner = ".".join(part for part in (self.name, self.part) if part)
        return " › ".join(part for part in (self.page, inner) if part)

    def as_text(self) -> str:
        """`where: what`."""
        return f"{self.where}: {self.message}" if self.where else self.message

    def as_json(self) -> dict[str, str]:
        """The same as plain values."""
        return {
            "kind": self.kind,
            "page": self.page,
            "name": self.name,
            "property": self.part,
            "message": self.message,
            "code": self.code,
        }


@dataclass(kw_only=True, slots=True)
class Report:
    """Grows while an application is imported."""

    source: str
    form: str
    name: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    #: Widgets that came over, by Appsmith's type and ours.
    widgets: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Properties that are only of Appsmith's, by type and name, with how often they were set.
    cosmetic: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lines: dict[Line, None] = field(default_factory=dict)

    def add(
        self,
        kind: Kind,
        message: str,
        *,
        page: str = "",
        name: str = "",
        part: str = "",
        code: str = "",
    ) -> None:
        """Note something; the same thing once."""
        self._lines[Line(kind=kind, page=page, name=name, part=part, message=message, code=code[:2000])] = (
            None
        )

    def withdraw(self, kind: Kind, *, page: str, name: str) -> None:
        """Take back what was noted of a name, which did come over after all."""
        self._lines = {
            line: None for line in self._lines if (line.kind, line.page, line.name) != (kind, page, name)
        }

    def lines(self, kind: Kind | None = None) -> list[Line]:
        """All lines, or those of a kind, by place."""
        order = list(HEADINGS)
        found = [line for line in self._lines if kind in (None, line.kind)]
        return sorted(
            found, key=lambda line: (order.index(line.kind), line.page, line.name, line.part, line.message)
        )

    def as_text(self) -> Iterator[str]:
        """The report in lines."""
        yield f"{self.name}, from {self.source} ({self.form})"
        yield self.summary
        for kind, heading in HEADINGS.items():
            found = self.lines(kind)
            if found:
                yield ""
                yield f"{heading} ({len(found)})"
                yield from (f"  {line.as_text()}" for line in found)
        if self.cosmetic:
            yield ""
            yield "Properties that only Appsmith has (type.property, times set)"
            yield "  " + ", ".join(
                f"{kind}.{name} {count}" for (kind, name), count in sorted(self.cosmetic.items())
            )

    @property
    def summary(self) -> str:
        """The counts in one sentence."""
        ones = {"modules": "module"} if self.counts["modules"] else {"pages": "page"}
        ones |= {"widgets": "widget", "queries": "query", "scripts": "script"}
        parts = [
            f"{(count := self.counts[what])} {one if count == 1 else what}"
            for what, one in {**ones, "datasources": "datasource"}.items()
        ]
        return f"Came over: {', '.join(parts)}."

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "source": self.source,
            "format": self.form,
            "name": self.name,
            "counts": dict(sorted(self.counts.items())),
            "widgets": [
                {"appsmith": kind, "portico": ours, "count": count}
                for (kind, ours), count in sorted(self.widgets.items())
            ],
            "properties": [
                {"type": kind, "property": name, "count": count}
                for (kind, name), count in sorted(self.cosmetic.items())
            ],
            "lines": [line.as_json() for line in self.lines()],
        }
