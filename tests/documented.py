"""What pages of the documentation tell operators to type, so that tests use the very same."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def blocks(page: str, language: str = "") -> list[str]:
    """The fenced blocks of a page that are of this language, in order."""
    text = (DOCS / page).read_text()
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [content for named, content in found if named == language]


def block(page: str, language: str = "", *, having: str = "") -> str:
    """The one of them that has these words in it."""
    (found,) = [text for text in blocks(page, language) if having in text]
    return found


def replaced(text: str, changes: dict[str, str]) -> str:
    """With these words in the place of those; all must be there."""
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in {text!r}"
        text = text.replace(old, new)
    return text
