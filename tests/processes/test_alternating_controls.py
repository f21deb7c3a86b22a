"""The alternating journeys notice when what they need is taken away."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.journeys.upstream import Upstream
from tests.processes import test_alternating as journeys
from tests.processes.alternating import Cluster, cluster
from tests.processes.conftest import SERVED
from tests.web.posts import Tab
from tests.web.small_provider import SmallProvider

Broken = Callable[[str], AbstractContextManager[Cluster]]

NO_HOLDING = "import portico.runtime.questions as q; q.refuse_elsewhere = lambda *_: None"
NO_FORMS = """
from portico.runtime import ledger
ledger.Ledger.number = lambda self, form: max(self.answered.highest, *self.begun, 0) + 1
"""
NO_STORE = """
import portico.auth.passing as p
waiting = {}
async def leave(self, content, *, holder, life):
    key = p.new_id()
    waiting[key, holder] = content
    return key
async def take(self, key, *, holder):
    return waiting.pop((key, holder), None)
p.Passing.leave, p.Passing.take = leave, take
"""
NO_VISITS = """
from portico.runtime.visits import Visits
async def nothing(self, visit, session):
    pass
Visits._adopt = nothing
"""


@pytest.fixture
def broken(settings: dict[str, str], tmp_path: Path) -> Broken:
    """A pair with something taken out of both."""

    @contextmanager
    def start(code: str) -> Iterator[Cluster]:
        store = f"sqlite:{tmp_path}/store.db"
        with cluster(SERVED, store=store, folder=tmp_path, settings=settings, broken=code) as running:
            yield running

    return start


def test_without_stored_visits_an_edit_is_lost(broken: Broken) -> None:
    """Each process would know its own page."""
    with broken(NO_VISITS) as pair, pytest.raises(AssertionError):
        journeys.test_a_table_is_edited(pair)


def test_a_log_out_that_waits_in_one_process_is_not_found(broken: Broken, provider: SmallProvider) -> None:
    """Nor is a session on its way to the browser."""
    with broken(NO_STORE) as pair, pytest.raises(AssertionError):
        journeys.test_a_provider_sends_the_browser_back_to_another_process(pair, provider)


def test_a_form_that_is_not_known_again_is_run_twice(broken: Broken, other_api: Upstream) -> None:
    """Two processes would write twice."""
    with broken(NO_FORMS) as pair, pytest.raises(AssertionError):
        journeys.test_a_lost_answer_and_a_form_posted_twice(pair, other_api)


def test_a_question_that_is_not_passed_on_is_over(broken: Broken) -> None:
    """The process that did not ask would say so."""
    with broken(NO_HOLDING) as pair, journeys.client_of(pair) as client:
        said = []
        for _ in range(2):
            tab = Tab(client, "/language/Asking")
            answer = tab.reply(tab.post("Wipe")["ask"], agreed=True)
            said.append(answer.get("problem", {}).get("code"))
        assert "question_over" in said
