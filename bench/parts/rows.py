"""The protected page with its 200 rows, against the auth API's own answer with them."""

import time

import httpx

from bench.api import LAST_NAME, PASSWORD, TOKEN, USERNAME
from bench.figures import Goal, Row, Sample
from bench.product import PORTICO
from bench.server import BenchError
from bench.stand import Stand

#: Pages of one round.
PAGES = 10
MAIN = "/portico/MainPage"


def measure(stand: Stand) -> list[Row]:
    """How long both take, and what Portico adds."""
    page, answer, added = [], [], []
    with stand.fresh(PORTICO) as server, _client(server.url) as browser, _client(stand.api.url) as api:
        form = {
            "v.UsernameInput": USERNAME,
            "v.PasswordInput": PASSWORD,
            "portico.event": "LoginButton onClick",
        }
        browser.post(PORTICO.login, data=form, headers={"Origin": server.url}).raise_for_status()
        for _ in range(stand.rounds):
            for _ in range(PAGES):
                page.append(_timed(browser, MAIN))
                answer.append(_timed(api, "/rows"))
                added.append(page[-1] - answer[-1])
            stand.say(f"Portico: {added[-1] * 1e3:.1f} ms on top of the API's {answer[-1] * 1e3:.1f} ms")
    return [
        _row("protected page with 200 rows", page),
        _row("the auth API's own answer with these rows", answer),
        _row("what the page adds to it", added, Goal(bound=0.05)),
    ]


def _client(url: str) -> httpx.Client:
    return httpx.Client(
        base_url=url, trust_env=False, follow_redirects=True, headers={"Authorization": f"Bearer {TOKEN}"}
    )


def _timed(client: httpx.Client, path: str) -> float:
    begin = time.perf_counter()
    answer = client.get(path)
    seconds = time.perf_counter() - begin
    if LAST_NAME not in answer.text:
        raise BenchError(f"{path} lacks the last row: {answer.status_code}")
    return seconds


def _row(what: str, values: list[float], goal: Goal | None = None) -> Row:
    return Row(part="rows", what=what, unit="s", figures={PORTICO.name: Sample.of(values)}, goal=goal)
