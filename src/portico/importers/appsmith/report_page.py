"""The report of an import as one page that stands alone: no scripts, nothing to fetch."""

from pathlib import Path

from jinja2 import Environment

from portico.importers.appsmith.report import HEADINGS, Kind, Report
from portico.ui.theme import palette

#: What each kind of line means, for whoever reads it for the first time.
_WORDS: dict[Kind, str] = {
    "needs": "Files of the app name these and do not hold them. Secrets go into the environment, "
    "or into secrets.toml.",
    "question": "The app does not say. Until you decide, the safer answer holds.",
    "sign-in": "Read from the code of the app. Look whether it is right before others rely on it.",
    "left-out": "Not in the imported app. Code that reads it gets undefined, and goes on.",
    "broken": "Appsmith could not have run it either. Its text stands in a comment beside where it was.",
    "missing": "Code names these. What stands for them gives undefined.",
    "changed": "The same in other words, because Portico has no such thing.",
    "note": "Good to know.",
}
_BRAND = "#4f46e5"

_PAGE = Environment(autoescape=True, trim_blocks=True).from_string(
    (Path(__file__).parent / "report.html").read_text(encoding="utf-8")
)
_TONES: dict[Kind, str] = {
    "needs": "amber",
    "question": "amber",
    "broken": "red",
    "left-out": "red",
    "sign-in": "green",
}


#: What is counted: first what came over.
_COUNTS = (
    *("modules", "pages", "widgets", "queries", "scripts", "datasources"),
    *("widgets left out", "queries left out"),
)


def html(report: Report) -> str:
    """The page."""
    groups = [
        (kind, heading, _WORDS[kind], _TONES.get(kind, ""), lines)
        for kind, heading in HEADINGS.items()
        if (lines := report.lines(kind))
    ]
    return _PAGE.render(
        report=report,
        counts=[(what, report.counts[what]) for what in _COUNTS if report.counts[what]],
        groups=groups,
        widgets=sorted(report.widgets.items()),
        cosmetic=sorted(report.cosmetic.items()),
        light=_tokens("light"),
        dark=_tokens("dark"),
    )


def _tokens(scheme: str) -> str:
    colors = palette(_BRAND, dark=scheme == "dark")
    return f"color-scheme: {scheme}; " + "; ".join(f"--{name}: {color.hex}" for name, color in colors.items())
