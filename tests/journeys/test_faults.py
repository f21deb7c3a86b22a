"""Promise 59: an exception at each `await` between a request and the store or an API tells nobody anything.

Every place that a journey passes fails, in the first step that passes it, with an exception that says all
secrets of the process. The answer is clean, the server goes on, the user signs in again; at the end the
search of `canaries` goes over the wires, the log at DEBUG, what was printed and the store.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.journeys.faults import all_places
from tests.journeys.servers import ACCOUNT, EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.journeys.test_staff_directory import MOVABLE
from tests.web.posts import Tab
from tests.web.small_provider import SECRET, SmallProvider

ROOT = Path(__file__).parents[2]
STAFF = "emilys:emily.sample@example.com:emilyspass"
#: What an answer to a fault must not show.
INSIDE = re.compile(
    r"Traceback|Fault|RuntimeError|ValueError|\.py\b|site-packages|portico\.(?:auth|web|runtime|stores)"
)
#: There are more sign-ins than users make.
UNLIMITED = """
import portico.runtime.attempts as attempts
_much = attempts.Limit(burst=1_000_000, seconds=1)
attempts.LIMITS = dict.fromkeys(attempts.LIMITS, attempts.Limits(address=_much, account=_much))
"""
#: Marks the modules of the server's process, before any is imported.
MARKED = """
import sys
sys.path.insert(0, {root!r})
from tests.journeys import faults
faults.install({folder!r})
"""


#: Steps of a journey beside the buttons of its guarded page.
SIGNED_OUT, SIGN_IN, HOME, LOAD, RENEW, LOG_OUT = "signed out", "sign in", "home", "load", "renew", "log out"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A server whose places can be made to fail, and whose clock can be moved."""

    server: PorticoServer
    folder: Path

    def arm(self, place: str) -> None:
        """Let a place fail from now on; "" for none."""
        self._write("armed", place)

    def move(self, seconds: int) -> None:
        """Set the clock ahead of the real one."""
        self._write("seconds", str(seconds))

    def _write(self, name: str, content: str) -> None:
        # At once: the server reads it meanwhile.
        fresh = self.folder / f"{name}.new"
        fresh.write_text(content)
        fresh.replace(self.folder / name)

    def noted(self, name: str) -> set[str]:
        """The places in a file."""
        return set((self.folder / name).read_text().splitlines())


@dataclass(frozen=True, kw_only=True)
class Journey:
    """The ways of a user of one app. `shows` is what only signed-in users see on its home page, `ahead` how
    far the clock is moved for its token to be renewed."""

    app: str
    shows: str
    sign_in: Callable[[httpx.Client], list[httpx.Response]]
    log_out: str
    ahead: int
    buttons: tuple[str, ...] = ()

    @property
    def home(self) -> str:
        """Its guarded page."""
        return f"/{self.app}/Home"

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done, each with one place failing: first where most secrets are at hand."""
        return (SIGN_IN, RENEW, *self.buttons, LOG_OUT, LOAD, HOME, SIGNED_OUT)

    def ready(self, step: str, bench: Bench, client: httpx.Client) -> None:
        """Bring a browser to where a step begins, nothing failing: whoever was there before gets in again."""
        bench.arm("")
        bench.move(0)
        if step not in (HOME, LOAD):
            client.cookies.clear()
        if step not in (SIGNED_OUT, SIGN_IN) and self.shows not in client.get(self.home).text:
            entered = self.sign_in(client)[-1]
            assert (entered.status_code, entered.headers.get("location")) == (303, self.home), entered.text
            assert self.shows in client.get(self.home).text

    def take(self, step: str, bench: Bench, client: httpx.Client) -> list[httpx.Response]:
        """Do it."""
        match step:
            case "sign in":
                return self.sign_in(client)
            case "signed out" | "home":
                return [client.get(self.home)]
            case "renew":
                bench.move(self.ahead)
                return loaded(client, self.home)
            case "load":
                return loaded(client, self.home)
            case "log out":
                return [press(client, self.home, self.log_out)]
            case button:
                return [press(client, self.home, button)]


def one_by_one(server: PorticoServer) -> httpx.Client:
    """A browser that opens a connection for each request: a server closes one on which it failed."""
    return httpx.Client(
        base_url=server.url,
        headers={"Origin": server.url},
        trust_env=False,
        timeout=30,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def press(client: httpx.Client, path: str, button: str, **values: str) -> httpx.Response:
    """Fill in a form and press a button."""
    form = {f"v.{name}": value for name, value in values.items()}
    return client.post(path, data={**form, "portico.event": f"{button} onClick"})


def loaded(client: httpx.Client, path: str) -> list[httpx.Response]:
    """Open a page with scripts, which tells that it is there."""
    tab = Tab(client, path)
    return [tab.raw({"visit": tab.visit, "n": 1, "widget": None, "event": "load", "values": {}})]


def there_and_back(provider: SmallProvider, client: httpx.Client) -> list[httpx.Response]:
    """A sign-in by a provider, as far as it gets."""
    here = {"Sec-Fetch-Site": "same-origin"}
    answers = [client.get("/provider/_auth/start", params={"next": "/provider/Home"}, headers=here)]
    address = answers[0].headers.get("location", "")
    if "/authorize?" in address:
        back = {"Sec-Fetch-Site": "cross-site"}
        answers.append(client.get(provider.authorize(address), headers=back))
    return answers


def journeys(provider: SmallProvider) -> tuple[Journey, ...]:
    """By the store of a script, by actions, and by a provider."""
    return (
        Journey(
            app="sign-up",
            shows="Log out, as in the seed",
            sign_in=lambda client: [
                press(
                    *(client, "/sign-up/LoginPage", "SubmitButton"),
                    username=f"{USERNAME}@example.com",
                    password=PASSWORD,
                )
            ],
            log_out="LogOutButton",
            ahead=61,
        ),
        Journey(
            app="staff-directory",
            shows="Hello Emily",
            sign_in=lambda client: [
                press(
                    *(client, "/staff-directory/Entry", "LoginButton"),
                    UsernameInput="emilys",
                    PasswordInput="emilyspass",
                )
            ],
            buttons=("ProfileButton", "RenewButton"),
            log_out="LogoutButton",
            ahead=1790,
        ),
        Journey(
            app="provider",
            shows="user ada",
            sign_in=partial(there_and_back, provider),
            buttons=("Ask",),
            log_out="Leave",
            ahead=290,
        ),
    )


@contextmanager
def bench_of(
    provider: SmallProvider, folder: Path, *, broken: str = "", tells: Mapping[str, str] = {}
) -> Iterator[Bench]:
    """A server with all three apps."""
    controls = folder / "controls"
    controls.mkdir()
    for name, content in {"armed": "", "reached": "", "fired": "", "seconds": "0"}.items():
        (controls / name).write_text(content)
    clock = MOVABLE.format(file=str(controls / "seconds"))
    marked = MARKED.format(root=str(ROOT), folder=str(controls))
    apps = [EXAMPLES / "sign-up", EXAMPLES / "staff-directory", ROOT / "tests/web/apps/provider"]
    store = folder / "portico"
    store.mkdir()
    with AuthServer("--access-lifetime", "62", accounts=(ACCOUNT, STAFF)) as api:
        settings = {
            "AUTH_URL": api.url,
            "ISSUER": provider.url,
            "API_URL": provider.url,
            "PORTICO_SECRET_OIDC_SECRET": SECRET,
        }
        with PorticoServer(
            apps, folder=store, settings=settings, broken=marked + clock + UNLIMITED + broken, tells=tells
        ) as server:
            yield Bench(server=server, folder=controls)


def passed(bench: Bench, journey: Journey, step: str, client: httpx.Client) -> list[str]:
    """The places that a step passes."""
    journey.ready(step, bench, client)
    (bench.folder / "reached").write_text("")
    journey.take(step, bench, client)
    return sorted(bench.noted("reached"))


def fail(bench: Bench, journey: Journey, step: str, client: httpx.Client, place: str) -> None:
    """Take a step with a place failing, and look at the answers."""
    journey.ready(step, bench, client)
    bench.arm(place)
    try:
        answers = journey.take(step, bench, client)
    finally:
        bench.arm("")
    for answer in answers:
        inside = INSIDE.search(answer.text)
        assert inside is None, f"{place} in {step}: {inside}"
        assert step != SIGNED_OUT or journey.shows not in answer.text, place
    if step == LOG_OUT and answers[-1].status_code == 303:
        assert journey.shows not in client.get(journey.home).text, place


#: Functions with places that no ordinary journey passes, and what would.
ELSEWHERE = {
    "AppStore._still": "a store that another event has changed meanwhile",
    "AppStore.merge": "the same",
    **dict.fromkeys(("Belongings.give", "Belongings.outliving"), "keys that outlive a sign-out"),
    **dict.fromkeys(
        (
            *("Directory._found", "Directory.all", "Directory.by_id", "Directory.history"),
            *("Directory._one", "Directory.of_app", "Directory.of_user", "Directory.over"),
            *("AppStore.forget", "Dismissals._delete", "Dismissals.end"),
        ),
        "an operator, or a user who looks at their own sessions",
    ),
    "Dismissals.keep_newest": "a user with too many sessions",
    **dict.fromkeys(
        ("Directory.of_provider", "Dismissals.end_all_of", "SessionManager.is_spent"),
        "a log-out that a provider tells of",
    ),
    "Directory.why_ended": "whoever comes back with a session that is over",
    "Passing.take": "a sign-in whose answer streams",
    **dict.fromkeys(
        (
            *("Refresher._deferred", "Refresher._drop", "Refresher._flight", "Refresher._intended"),
            *("Refresher._overtaken", "Refresher._refused", "Refresher._renewed", "Refresher._written"),
            *("Refresher.drop", "Turns.awaited", "pause"),
        ),
        "a renewal that is refused or late, that another process makes, or that a script makes",
    ),
    **dict.fromkeys(
        ("Refresher.close", "Revocations.close", "Standing.close", "Timelines.close"), "the end of the server"
    ),
    **dict.fromkeys(
        (
            *("Revocations._deliver", "Revocations._keep", "Revocations._put_off"),
            *("Revocations.deliver_due", "Revocations.send", "Revocations.work"),
        ),
        "an API that is down, and what waits in the outbox",
    ),
    **dict.fromkeys(("Seen.at", "Seen.lives", "Seen.sign"), "a session with an idle limit"),
    "SessionManager._rewritten": "a session that changed while it was written",
    "SessionManager._succeed": "a sign-in that takes the place of another user's",
    "SessionManager.begin": "a visitor who stores something before signing in",
    "SessionManager.clear_store": "the same, when it is cleared",
    "SessionManager.keep_cookies": "an API that signs in by cookies",
    "SessionManager.sign_out": "a visitor's, with keys that outlive a sign-out",
    "SessionManager.suspend": "a sign-in of two steps",
    "SessionManager.sweep": "hours",
    "SessionManager.why_ended": "whoever comes back with a session that is over",
    "SessionReader._again": "a session that changed while it was written",
    "SessionReader._joined": "apps that share a session",
    "SessionReader.read_store": "a visitor's store",
    "SessionReader.resume": "a session with an idle limit, or that apps share",
    "Standing._confirmed": "an API that is silent",
    "Standing._noted_anew": "a session that changed while `me` was asked",
    **dict.fromkeys(
        ("Timelines._written", "Timelines.flush", "Timelines.read", "Timelines.work"),
        "what is written in the background",
    ),
    "Visits.lease": "a page that two servers work on",
    "Visits.load": "the same, or a restart",
}


@pytest.mark.timeout(900)
def test_a_fault_at_every_await(tmp_path: Path) -> None:
    """Three journeys, with each of their places failing."""
    count = 0
    with SmallProvider() as provider, bench_of(provider, tmp_path) as bench:
        pid = bench.server.pid
        for journey in journeys(provider):
            done: set[str] = set()
            with one_by_one(bench.server) as client:
                for step in journey.steps:
                    for place in passed(bench, journey, step, client):
                        if place not in done:
                            fail(bench, journey, step, client, place)
                            done.add(place)
                            count += 1
                journey.ready(HOME, bench, client)
        assert bench.server.pid == pid
        fired = bench.noted("fired")
    found = all_places(ROOT / "src")
    assert fired <= found.keys()
    missing = {
        where for place, where in found.items() if place.startswith("portico.auth.") and place not in fired
    }
    unlisted = missing - ELSEWHERE.keys()
    assert not unlisted, ", ".join(sorted(unlisted))
    assert len(fired) > 280, "places are reached at all"
    assert count > 500, "and in all three journeys"


#: Logs that say more than frames, and where something fails so that they do.
TALKING = {
    "rich, with locals": (
        """
from rich.console import Console
from rich.traceback import Traceback
import portico.cli.log as log
_plain = log.JsonLines.format
def format(self, record):
    if record.exc_info and record.exc_info[0]:
        console = Console(stderr=True, width=4_000)
        console.print(Traceback.from_exception(*record.exc_info, show_locals=True, max_frames=4))
    return _plain(self, record)
log.JsonLines.format = format
""",
        "portico.auth.manager:",
    ),
    "plain": (
        """
import logging
import portico.cli.log as log
log.JsonLines.format = logging.Formatter.format
""",
        "portico.auth.manager:",
    ),
    "asyncio's own words": (
        """
import portico.cli.log as log
log._words = lambda record: record.getMessage()
""",
        "portico.runtime.calls:",
    ),
}


@pytest.mark.parametrize("talking", TALKING)
def test_a_log_that_says_more_is_found_out(talking: str, tmp_path: Path) -> None:
    """The control: one sign-in fails, and what a log like this says of it holds secrets."""
    broken, where = TALKING[talking]
    tells = {"portico.log": "says more than frames"}
    with (
        SmallProvider() as provider,
        bench_of(provider, tmp_path, broken=broken, tells=tells) as bench,
        one_by_one(bench.server) as client,
    ):
        journey = journeys(provider)[0]
        within = [place for place in passed(bench, journey, SIGN_IN, client) if place.startswith(where)]
        fail(bench, journey, SIGN_IN, client, within[-1])
