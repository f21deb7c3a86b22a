"""Queries of GraphQL and of Python, in an app that is served."""

# ruff: noqa: E501  (scripts stand on one line)

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.contracts import BUTTON, AuthApi, House, Reply, portico
from tests.web.posts import Tab

PAGE = {
    "pages/Enter/queries/people.yaml": "kind: graphql\ndatasource: api\npath: /graphql\nrun: manual\n"
    'query: |\n  query P($a: Int) { people(first: $a, city: "in {{ Email.text }}", where: {{ this.params.where }}) { id } }\n'
    "variables: {a: 2, name: '{{ Email.text }}'}\n",
    "pages/Enter/queries/page.yaml": "kind: graphql\ndatasource: api\npath: /graphql\nrun: manual\nquery: query { x }\n"
    'variables: |\n  {"name": "{{ Email.text }}", "deep": {{ this.params.where }} }\n'
    "pagination:\n  next: {limit: {name: first, value: 5}, cursor: {name: after, value: '{{ this.params.at }}'}}\n"
    "  previous: {limit: {name: last, value: 5}, cursor: {name: before, value: '{{ this.params.at }}'}}\n",
    "pages/Enter/queries/quote.yaml": "kind: python\ncall: pricing:quote\nargs: {amount: 3, who: '{{ Email.text }}'}\n",
    "pages/Enter/queries/slow.yaml": "kind: python\ncall: pricing:slow\ntimeout: 0.3\n",
    "pages/Enter/queries/broken.yaml": "kind: python\ncall: pricing:broken\n",
    "pages/Enter/queries/token.yaml": "kind: python\ncall: pricing:seen\nargs: {token: '{{ auth.token }}'}\n",
    "pages/Enter/page.yaml": "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
    + BUTTON.format("SignIn", "login.run({email: Email.text})")
    + BUTTON.format(
        "People",
        "people.run({where: {age: 5, tags: [null, Email.text]}}).then((d) => showAlert(JSON.stringify(d)))",
    )
    + BUTTON.format("Bad", "people.run({where: {[Email.text]: 1}})")
    + BUTTON.format("Next", 'page.run({at: "c1", where: [1]}).then((d) => showAlert(JSON.stringify(d)))')
    + BUTTON.format(
        "Previous",
        'page.run({at: "c1", where: null, paginationField: "PREV"}).then((d) => showAlert(JSON.stringify(d)))',
    )
    + "".join(
        BUTTON.format(name.title(), f"{name}.run().then((d) => showAlert(JSON.stringify(d)))")
        for name in ("quote", "slow", "broken", "token")
    ),
    "python/pricing.py": """
import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal


@dataclass
class Price:
    amount: Decimal


async def quote(amount, who):
    await asyncio.sleep(0)
    return {"price": Price(Decimal(amount) * 2).amount, "who": who}


def slow():
    time.sleep(1)


def broken():
    raise ValueError("a detail that is nobody's business")


def seen(token):
    return {"ends": token[-4:], "token": token}
""",
}
HOSTILE = 'x" } } mutation { drop } #'


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """The API."""
    with AuthApi() as found:
        yield found


def press(house: House, button: str, email: str = HOSTILE) -> dict[str, Any]:
    """Press a button of the entry page."""
    return Tab(house.client(), "/app/Enter").post(button, Email=email)


def test_a_document_is_posted_with_its_variables(api: AuthApi, tmp_path: Path) -> None:
    """Values become literals and parts of texts, whatever is in them; nothing of the document."""
    api.answers["/graphql"] = lambda call: Reply(body={"data": {"people": [1]}})
    with portico(tmp_path, api, files=PAGE) as house:
        assert press(house, "People")["alerts"] == ['{"data":{"people":[1]}}']
    call = api.last("/graphql")
    assert api.count("/graphql") == 1
    assert (call.method, call.headers["content-type"]) == ("POST", "application/json")
    literal = json.dumps(HOSTILE)
    assert call.json() == {
        "query": f'query P($a: Int) {{ people(first: $a, city: "in {literal[1:-1]}", where: {{age:5,tags:[null,{literal}]}}) {{ id }} }}\n',
        "variables": {"a": 2, "name": HOSTILE},
    }


def test_a_key_that_is_no_name_is_refused(api: AuthApi, tmp_path: Path) -> None:
    """An object of a user's could bring a piece of the document in its keys."""
    api.answers["/graphql"] = lambda call: Reply(body={"data": {}})
    with portico(tmp_path, api, files=PAGE) as house:
        press(house, "Bad")
        assert api.count("/graphql") == 0 or HOSTILE not in api.last("/graphql").json()["query"]


@pytest.mark.parametrize(
    ("button", "variables"),
    [
        ("Next", {"name": HOSTILE, "deep": [1], "first": 5, "after": "c1"}),
        ("Previous", {"name": HOSTILE, "deep": None, "last": 5, "before": "c1"}),
    ],
)
def test_pages(button: str, variables: dict[str, Any], api: AuthApi, tmp_path: Path) -> None:
    """Variables of the page that is wanted go along; JSON with bindings in it is JSON."""
    api.answers["/graphql"] = lambda call: Reply(body={"data": {"x": 1}})
    with portico(tmp_path, api, files=PAGE) as house:
        press(house, button)
        assert api.last("/graphql").json()["variables"] == variables


@pytest.mark.parametrize(
    ("answer", "alert"),
    [
        ({"errors": [{"message": "no such field"}]}, "no such field"),
        ({"errors": [{"message": "not allowed"}], "data": None}, "not allowed"),
        ({"errors": ["odd"]}, "The service did not execute the query."),
        (
            {"errors": [{"message": "a part"}], "data": {"x": 1}},
            '{"errors":[{"message":"a part"}],"data":{"x":1}}',
        ),
        ({"data": {"x": 1}, "errors": []}, '{"data":{"x":1},"errors":[]}'),
    ],
)
def test_errors_of_a_document(answer: Any, alert: str, api: AuthApi, tmp_path: Path) -> None:
    """Without data the query failed, in the API's words; with some it did not."""
    api.answers["/graphql"] = lambda call: Reply(body=answer)
    with portico(tmp_path, api, files=PAGE) as house:
        assert press(house, "People")["alerts"] == [alert]


def test_functions_are_off(api: AuthApi, tmp_path: Path) -> None:
    """Unless whoever starts the server says otherwise; the user reads so, and nothing ran."""
    with portico(tmp_path, api, files=PAGE) as house:
        assert press(house, "Quote")["alerts"] == ["This server does not run functions of this app."]


def test_a_function_is_called(api: AuthApi, tmp_path: Path) -> None:
    """With what the bindings gave, by name; what it returns is the data."""
    with portico(tmp_path, api, files=PAGE, trusted=True) as house:
        assert press(house, "Quote")["alerts"] == [
            json.dumps({"price": 6, "who": HOSTILE}, separators=(",", ":"))
        ]


def test_a_function_that_fails(api: AuthApi, tmp_path: Path) -> None:
    """Users do not read what it raised, and wait no longer than they are to."""
    with portico(tmp_path, api, files=PAGE, trusted=True) as house:
        assert press(house, "Broken")["alerts"] == ["A function of this app failed."]
        assert press(house, "Slow")["alerts"] == ["The service took too long to answer."]


def test_a_function_sees_tokens_sealed(api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 37: even code that is trusted gets the name of a token."""
    with portico(tmp_path, api, files=PAGE, trusted=True) as house:
        client = house.user()
        (alert,) = Tab(client, "/app/Enter").post("Token")["alerts"]
        real = next(iter(api.access))
        assert real not in alert
        assert json.loads(alert)["ends"] != real[-4:]
        assert json.loads(alert)["token"].startswith("sealed")
