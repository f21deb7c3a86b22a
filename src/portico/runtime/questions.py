"""What an event asks the browser: it waits for the answer, for a minute (hard-cases 33).

Only this process can go on with it. Another one that gets the answer says so, and the browser asks again
until it comes here; a late answer finds nothing.
"""

import asyncio
import logging

from portico.errors import HeldElsewhere, QuestionOver, ScriptFailed
from portico.runtime.effects import Effects
from portico.runtime.event import Answer, Event
from portico.runtime.outcome import Asked
from portico.runtime.replies import reply
from portico.runtime.run import Run
from portico.runtime.visit import Question, Visit

log = logging.getLogger("portico.runtime")

#: Seconds that the browser has.
PATIENCE = 60.0

UNANSWERED = "The question was not answered in time."
#: The question whether to sign in as whom a link brings along.
LANDING = "landing"


def ask(visit: Visit, event: Event, run: Run, effects: Effects) -> Asked | None:
    """The question that `event` waits for, if it does. It is held until it is answered or over."""
    if effects.consent is not None:
        question = f"Continue as {effects.consent.name}?"
        asked = Asked(id=LANDING, about="confirm", question=question, yes="Continue", no="Not me")
    elif run.asks:
        first = run.asks[0]
        asked = Asked(id=first.id, about=first.about, question=first.question, options=first.options)
    else:
        return None
    expire = asyncio.get_running_loop().call_later(PATIENCE, _expire, visit, asked.id)
    until = visit.clock.now().timestamp() + PATIENCE
    visit.asked[asked.id] = Question(
        asked=asked, event=event, run=run, effects=effects, expire=expire, until=until
    )
    return asked


def refuse_elsewhere(visit: Visit, event: Event) -> None:
    """Raises HeldElsewhere for an event of a page of which another process holds what cannot be stored, a
    question or a timer: what runs here would take it away.

    Let through is one that found no such process; and, where no script can look for it again and again, one
    that is no answer.
    """
    now = visit.clock.now().timestamp()
    if event.insists or not (event.scripted or event.answer):
        return
    if visit.elsewhere > now:
        raise HeldElsewhere("another process holds this page")


def taken(visit: Visit, answer: Answer) -> Question:
    """The question that is answered. Raises QuestionOver."""
    question = visit.asked.pop(answer.to, None)
    if question is None:
        raise QuestionOver(f"no question {answer.to[:80]} is open")
    question.expire.cancel()
    return question


async def go_on(visit: Visit, run: Run, effects: Effects, answer: Answer) -> None:
    """Give an answer to whoever asked."""
    if answer.to == LANDING:
        await effects.agree(answer.agreed)
        return
    waiting, run.asks = run.asks, []
    for asked in waiting:
        if asked.id != answer.to:
            run.asks.append(asked)
            continue
        message = "" if answer.agreed else answer.reason
        await visit.turn([reply(asked, ok=answer.agreed, value=answer.value, message=message)], run)


def _expire(visit: Visit, key: str) -> None:
    question = visit.asked.pop(key, None)
    if question is not None:
        visit.spawn(_unanswered(visit, question.run))


async def _unanswered(visit: Visit, run: Run) -> None:
    """The event ends as if refused; what it still does finds nobody."""
    asks, run.asks = run.asks, []
    visit.end(run)
    for asked in asks:
        try:
            await visit.turn([reply(asked, ok=False, message=UNANSWERED)], None)
        except ScriptFailed as error:
            log.info("a question expired in a context that is gone", extra={"detail": error.detail})
