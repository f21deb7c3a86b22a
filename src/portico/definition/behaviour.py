"""When a query or a function of a script runs by itself, and whether it asks first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from portico.definition.bindings import has_binding
from portico.definition.fields import Fields, wrong_type
from portico.definition.shapes import FLAG, WORD, Key, either, one_of
from portico.definition.source import Scalar
from portico.model.query import Run

#: What is asked where the author only says that something is to be asked.
QUESTION = "Are you sure?"
QUESTION_LIMIT = 300

_MEANINGS: Mapping[Run, str] = {
    "manual": "`manual`, never",
    "on_load": "`on_load`, when the page opens",
    "automatic": "`automatic`, then and whenever what it would send changes",
}
RUNS: tuple[Run, ...] = get_args(Run)


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """`run` is None if the author left it to us; `confirm` the question, if there is one."""

    run: Run | None = None
    confirm: str | None = None


def keys(runs: tuple[Run, ...] = RUNS) -> dict[str, Key]:
    """The keys `run`, one of `runs`, and `confirm`."""
    words = (_MEANINGS[run] for run in runs)
    return {
        "run": Key(schema=one_of(runs), help=f"When it runs by itself: {'; '.join(words)}."),
        "confirm": Key(
            schema=either(FLAG, {**WORD, "type": "string", "minLength": 1, "maxLength": QUESTION_LIMIT}),
            help="`true`, or a question: the user is asked before it runs.",
        ),
    }


def read(fields: Fields, runs: tuple[Run, ...] = RUNS) -> Behaviour:
    """The keys `run`, one of `runs`, and `confirm`."""
    chosen = fields.choice("run", runs, "")
    return Behaviour(run=next((run for run in runs if run == chosen), None), confirm=_question(fields))


def _question(fields: Fields) -> str | None:
    """`true`, or the question itself."""
    node = fields.node("confirm")
    if node is None or (isinstance(node, Scalar) and node.value is False):
        return None
    if isinstance(node, Scalar) and node.value is True:
        return QUESTION
    text = node.text.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""
    if not text.strip() or has_binding(text) or len(text) > QUESTION_LIMIT:
        wrong_type(
            fields.problems,
            node,
            f"`confirm` is true or a question of at most {QUESTION_LIMIT} characters",
            "write `confirm: true`, or the question, like `confirm: Delete this order?`",
        )
        return QUESTION
    return text
