"""Takes a journey on a stage, and says how it went."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from portico.errors import PorticoError
from portico.model.journey import (
    Action,
    Advance,
    As,
    At,
    ClearFaults,
    Click,
    Fill,
    Holds,
    Journey,
    JourneyFile,
    Open,
    OpenMail,
    See,
    Select,
    SetFault,
    Simple,
    Step,
    SwitchTab,
)
from portico.testing.failure import StepFailed
from portico.testing.jar import Jar
from portico.testing.stage import Stage
from portico.testing.user import Browser, User
from portico.testing.wire import Wire

#: Who acts first.
FIRST = "user"
#: Makes the browser of a user on a stage.
MakeBrowser = Callable[[Stage], Browser]


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a journey failed: at a step, or before the first (None). What follows is what was there then."""

    message: str
    step: Step | None = None
    address: str = ""
    page: str = ""
    screenshot: str | None = None
    timeline: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a journey went. `seconds`: how long it took."""

    app: str
    file: str
    name: str
    seconds: float
    steps: int
    failure: Failure | None = field(default=None)

    @property
    def title(self) -> str:
        """It among all others: `shop tests/sign_in.yaml: right password`."""
        return f"{self.app} {self.file}: {self.name}"


def take(
    folder: Path,
    file: JourneyFile,
    journey: Journey,
    *,
    make: MakeBrowser | None = None,
    pictures: Path | None = None,
    trusted: bool = False,
) -> Result:
    """Take one journey of the app in `folder`, on a stage of its own. `make` makes browsers, and a failing
    step leaves a screenshot in `pictures` if they can make one. `trusted`: the app's Python may run."""
    began = time.monotonic()
    failure, done = None, 0
    try:
        with Stage(
            folder,
            accounts=file.accounts,
            settings=file.settings,
            secrets=file.secrets,
            auth=file.auth,
            trusted=trusted,
        ) as stage:
            cast = Cast(stage, make)
            for step in journey.steps:
                failure = cast.failing(step, pictures)
                if failure is not None:
                    break
                done += 1
    except PorticoError as error:
        failure = Failure(message=error.message)
    return Result(
        app=folder.resolve().name,
        file=file.path,
        name=journey.name,
        seconds=time.monotonic() - began,
        steps=done,
        failure=failure,
    )


class Cast:
    """The users of a journey, and what they do on a stage."""

    def __init__(self, stage: Stage, make: MakeBrowser | None = None) -> None:
        self._stage = stage
        self._make = make
        self._users: dict[str, User] = {}
        self._acting = FIRST

    @property
    def user(self) -> User:
        """Who acts now."""
        if self._acting not in self._users:
            browser = self._make(self._stage) if self._make is not None else None
            self._users[self._acting] = self._stage.user(browser)
        return self._users[self._acting]

    def failing(self, step: Step, pictures: Path | None = None) -> Failure | None:
        """Take a step; what there is to say if it failed."""
        try:
            self.act(step.action)
        except PorticoError as error:
            return self._failure(step, error.message, pictures)
        return None

    def act(self, action: Action) -> None:
        """Do what a step says. Raises StepFailed."""
        user = self.user
        match action:
            case Open(page):
                user.open(page)
            case Fill(name, text):
                user.fill(name, text)
            case Click(name):
                user.click(name)
            case Select(name, option):
                user.select(name, option)
            case At(page):
                user.at(page)
            case SwitchTab(name):
                user.tab(name)
            case As(name):
                self._acting = name
            case OpenMail(to, code_into):
                self._mail(to, code_into)
            case See() | Holds():
                _look(user, action)
            case _:
                self._stage_direction(action)

    def _stage_direction(self, action: Advance | SetFault | ClearFaults | Simple) -> None:
        match action:
            case Advance(by):
                self._stage.advance(by)
            case SetFault(spelled):
                self._stage.fault(spelled)
            case ClearFaults():
                self._stage.clear_faults()
            case Simple(what):
                {"reload": self.user.reload, "back": self.user.back, "restart": self._stage.restart}[what]()
            case _:
                assert_never(action)

    def _mail(self, to: str, code_into: str) -> None:
        """Open the link of the last mail to somebody, or type its code."""
        wire = Wire(Jar(self._stage.clock))
        try:
            answer = wire.fetch("GET", f"{self._stage.mails_url}?to={to}", {})
        finally:
            wire.close()
        mails = json.loads(answer.text) if answer.status == 200 else []
        if not mails:
            raise StepFailed(f"there is no mail to {to}")
        if code_into:
            self.user.fill(code_into, mails[0]["code"])
        else:
            self.user.open(mails[0]["link"])

    def _failure(self, step: Step, message: str, pictures: Path | None) -> Failure:
        user = self.user
        try:
            page, address = user.text(), user.shown_address
        except PorticoError as error:
            page, address = f"(it cannot be read: {error.message})", ""
        return Failure(
            message=message,
            step=step,
            address=address,
            page=page,
            screenshot=_pictured(user, step, pictures),
            timeline=tuple(self._stage.timeline()),
            calls=tuple(call.text for call in self._stage.calls),
            log=tuple(self._stage.log),
        )


def _look(user: User, action: See | Holds) -> None:
    match action:
        case See(text, wanted):
            if wanted:
                user.see(text)
            else:
                user.not_see(text)
        case Holds(name, value, wanted):
            if wanted:
                user.holds(name, value)
            else:
                user.not_holds(name, value)


def _pictured(user: User, step: Step, pictures: Path | None) -> str | None:
    if pictures is None:
        return None
    stem = f"{Path(step.place.file).stem}-{step.place.line}-{time.monotonic_ns()}"
    path = str(pictures / f"{stem}.png")
    return path if user.screenshot(path) else None
