"""A contract that was not written yet, tried on answers that came: what an app with it would make of them.

The mappings are evaluated by what evaluates them in an app that is served, in the sandbox.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from portico.clock import Clock
from portico.definition.load import load
from portico.errors import PorticoError
from portico.importers.probe_contract import Draft, app_files
from portico.importers.probe_talk import Heard
from portico.model.app import App
from portico.model.query import Role
from portico.runtime.meaning import named, questions
from portico.runtime.queries import Result
from portico.sandbox.pool import Pool


class ContractUnusable(PorticoError):
    """A contract that a probe came to and that no app can have."""

    code = "contract_unusable"
    default_message = "What was found makes no contract."


class Trial:
    """Tries contracts. `pool` runs their mappings."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def read(self, draft: Draft, role: Role, heard: Heard) -> Mapping[str, Any]:
        """The values of a role's mappings over an answer, by their names. A mapping that throws has none.

        Raises ContractUnusable for a contract that `portico check` would not let pass, and ScriptFailed.
        """
        app = compiled(draft)
        if app.contract_program is None:
            raise ContractUnusable
        result = Result(ok=heard.well, value=heard.body, answer=heard.answer)
        asked = questions(role, result)
        context, turn = await self._pool.open(app.key, app.contract_program, asked, self._clock.now())
        await context.close()
        return named(role, turn.results)


def compiled(draft: Draft) -> App:
    """The smallest app with a contract. Raises ContractUnusable."""
    with TemporaryDirectory(prefix="portico-probe-") as folder:
        here = Path(folder) / "probe"
        here.mkdir()
        loaded = load(here, types={}, settings={}, planned=app_files(draft))
    if loaded.app is None:
        raise ContractUnusable("; ".join(problem.as_text() for problem in loaded.problems))
    return loaded.app
