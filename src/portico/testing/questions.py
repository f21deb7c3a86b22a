"""Questions that an event waits for, as the dialog that the client makes of them."""

from dataclasses import dataclass

from portico.testing.markup import Element


@dataclass(frozen=True, slots=True)
class Question:
    """A question on a page."""

    id: str
    dialog: Element


def question(asked: str, words: str, yes: str, no: str) -> Question:
    """The dialog of a question."""
    dialog = Element("dialog", {"class": "ask", "open": ""})
    text = Element("p", {})
    text.append(words)
    dialog.append(text)
    for label, answer in ((yes, "yes"), (no, "no")):
        button = Element("button", {"type": "button", "data-answers": answer})
        button.append(label)
        dialog.append(button)
    return Question(asked, dialog)
