"""GoTrue dialect: rotation against a model of it, over random histories (P104, P105)."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from portico.authserver.settings import GoTrueSettings
from tests.authserver.gotrue_calls import NOT_FOUND, USED, GoTrueCalls, StoppedClock, refusal
from tests.authserver.servers import DEFAULTS, running

INTERVAL = timedelta(seconds=10)

# A history of fifty steps can be read as it is; making it shorter would take minutes.
PLAYED = settings(
    max_examples=80,
    stateful_step_count=50,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(kw_only=True)
class Chain:
    """The model of a session: every refresh token it ever had, the last of which is active."""

    access: str
    tokens: list[str]
    rotated_at: datetime
    lives: bool = True


@dataclass(kw_only=True)
class World:
    """A running server, the calls to it, and every chain that was begun."""

    runner: asyncio.Runner
    calls: GoTrueCalls
    interval: timedelta
    chains: list[Chain] = field(default_factory=list)

    def now(self) -> datetime:
        """The server's time."""
        return self.calls.server.clock.now()

    def refresh(self, token: str) -> httpx.Response:
        """What the server says to a refresh token."""
        return self.runner.run(self.calls.refresh(token))

    def expected(self, chain: Chain, place: int) -> str:
        """What it has to say to the token at this place of this chain."""
        behind = len(chain.tokens) - 1 - place
        if not chain.lives:
            return "not found"
        if behind == 0:
            return "rotates"
        if behind == 1 or self.now() - chain.rotated_at < self.interval:
            return "active again"
        return "used"


class Rotation(RuleBasedStateMachine):
    """Clients sign in, refresh with tokens of any age, wait, sign out; the server agrees with the model."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.world.chains = []

    @precondition(lambda self: len(self.world.chains) < 4)
    @rule()
    def sign_in(self) -> None:
        """A new chain begins."""
        access, refresh = self.world.runner.run(self.world.calls.tokens())
        self.world.chains.append(Chain(access=access, tokens=[refresh], rotated_at=self.world.now()))

    @precondition(lambda self: self.world.chains)
    @rule(data=st.data(), age=st.one_of(st.integers(0, 2), st.integers(0, 20)))
    def refresh(self, data: st.DataObject, age: int) -> None:
        """Any token there ever was comes back, the recent ones more often."""
        chain = data.draw(st.sampled_from(self.world.chains), label="chain")
        place = max(len(chain.tokens) - 1 - age, 0)
        expected, answer = self.world.expected(chain, place), self.world.refresh(chain.tokens[place])
        if expected == "rotates":
            assert answer.status_code == 200
            token = answer.json()["refresh_token"]
            assert token not in chain.tokens
            chain.tokens.append(token)
            chain.rotated_at = self.world.now()
        elif expected == "active again":
            assert answer.status_code == 200
            assert answer.json()["refresh_token"] == chain.tokens[-1]
        elif expected == "used":
            assert refusal(answer) == USED
            chain.lives = False
        else:
            assert refusal(answer) == NOT_FOUND

    @rule(seconds=st.sampled_from([1, 4, 9, 10, 11]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.world.calls.server.clock.advance(timedelta(seconds=seconds))

    @precondition(lambda self: self.world.chains)
    @rule(data=st.data(), scope=st.sampled_from(["local", "local", "others", "global"]))
    def log_out(self, data: st.DataObject, scope: str) -> None:
        """A client ends its session, the others', or all."""
        mine = data.draw(st.sampled_from(self.world.chains), label="chain")
        answer = self.world.runner.run(self.world.calls.log_out(mine.access, scope))
        if not mine.lives:
            assert refusal(answer)[1] == "session_not_found"
            return
        assert answer.status_code == 204
        for chain in self.world.chains:
            if scope == "global" or (chain is mine) == (scope == "local"):
                chain.lives = False

    def teardown(self) -> None:
        """At the end, the access tokens of living chains work, and no others."""
        for chain in self.world.chains:
            answer = self.world.runner.run(self.world.calls.user(chain.access))
            assert answer.is_success == chain.lives


class Forgetful(World):
    """A world that takes a grandparent for a parent."""

    def expected(self, chain: Chain, place: int) -> str:
        if chain.lives and len(chain.tokens) - 1 - place == 2:
            return "active again"
        return super().expected(chain, place)


def play(kind: type[World], interval: timedelta, *, rounds: int = 1) -> None:
    """Random histories over one server. Raises `AssertionError` where the model says otherwise."""
    # Access tokens that last: the clock only ever goes forward, over all histories.
    known = GoTrueSettings(reuse_interval=interval, access_lifetime=timedelta(days=365))
    with asyncio.Runner() as runner:
        context = running(replace(DEFAULTS, gotrue=known), StoppedClock())
        server = runner.run(context.__aenter__())
        try:

            class Played(Rotation):
                world = kind(runner=runner, calls=GoTrueCalls(server=server), interval=interval)

            for _ in range(rounds):
                run_state_machine_as_test(Played, settings=PLAYED)
        finally:
            runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("interval", [timedelta(0), INTERVAL])
def test_rotation_follows_the_model(interval: timedelta) -> None:
    """P104, P105: some thousand steps with each interval, and the server does what the model says."""
    play(World, interval)


def test_a_wrong_model_is_noticed() -> None:
    """Positive control: a model that lets grandparents through disagrees with the server. One round of
    random histories in six or so has none that tells."""
    with pytest.raises(AssertionError):
        play(Forgetful, timedelta(0), rounds=6)
