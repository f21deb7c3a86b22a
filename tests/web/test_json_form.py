"""JSONForm on a server: forms without scripts, passwords that are forgotten, and who is told of a reset."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.servers import PorticoServer
from tests.ui.markup import Element, parse
from tests.web.conftest import client_of

PAGE = """\
title: Home
access: public
widgets:
  - name: F
    type: JSONForm
    sourceData: {name: Ada, role: viewer, langs: [en]}
    fields:
      - {id: name, isRequired: true}
      - {id: role, isDisabled: true}
      - {id: langs, fieldType: Multiselect, options: [en, fr]}
      - {id: news, fieldType: Switch, defaultValue: true}
      - {id: secret, label: Password, fieldType: Password Input}
      - {id: kids, fieldType: Array, fields: [{id: name}]}
    onSubmit: "{{ showAlert(JSON.stringify({...F.formData, secret: F.formData.secret.length})) }}"
"""
PASSWORD = "hunter2-is-typed"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Portico with one page."""
    folder = tmp_path_factory.mktemp("forms")
    root = folder / "forms"
    (root / "pages" / "Home").mkdir(parents=True)
    (root / "app.yaml").write_text("name: Forms\nauth: none\n")
    (root / "pages" / "Home" / "page.yaml").write_text(PAGE)
    with PorticoServer([root], folder=Path(folder), settings={}) as server:
        yield server


@pytest.fixture
def browser(served: PorticoServer) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with client_of(served) as client:
        yield client


def fields(page: Element) -> dict[str, Any]:
    """What a browser would post of the form as it stands."""
    found: dict[str, Any] = {}
    form = next(page.matching("form", id_="w.F"))
    for control in form.all:
        name = control.get("name") or ""
        if control.tag != "input" or "disabled" in control or name == "portico.event":
            continue
        if control.get("type") == "checkbox" and "checked" not in control:
            continue
        if name.startswith("m."):
            found.setdefault(name, []).append(control.get("value") or "")
        else:
            found[name] = control.get("value") or ""
    return found


def named(found: Mapping[str, Any], place: str) -> str:
    """The name of the control of a field."""
    return next(name for name in found if re.fullmatch(rf"[vm]\.F:\w+:\w+/{place}", name))


def alerts(text: str) -> list[Any]:
    """What the page says."""
    return [
        json.loads(found)
        for found in re.findall(r"\{&#34;name.*?\}(?=\s*<)", text)
        for found in [unescape(found)]
    ]


def post(browser: httpx.Client, form: Mapping[str, Any], event: str) -> httpx.Response:
    """The form, sent by one of its buttons."""
    answer = browser.post("/forms/Home", data={**form, "portico.event": event}, follow_redirects=True)
    assert answer.status_code in (200, 422)
    return answer


def test_without_scripts(browser: httpx.Client) -> None:
    """The form is posted as it stands: what is typed is taken, what is off is not, and the password is in no
    answer and is forgotten behind it."""
    form = fields(parse(browser.get("/forms/Home").text))
    role = named(form, "name").replace("/name", "/role")
    form |= {named(form, "name"): "Bea", role: "admin", named(form, "secret"): PASSWORD}
    form[named(form, "langs")] = ["", "fr"]
    answer = post(browser, form, "F submit")
    expected = {"name": "Bea", "role": "viewer", "langs": ["fr"], "news": True, "kids": []}
    assert alerts(answer.text) == [{**expected, "secret": len(PASSWORD)}]
    assert PASSWORD not in answer.text
    again = fields(parse(answer.text))
    assert (again[named(again, "name")], again[named(again, "secret")]) == ("Bea", "")
    del again[named(again, "secret")]  # nothing is said of it: what it was is forgotten
    answer = post(browser, again, "F submit")
    assert alerts(answer.text) == [{**expected, "secret": 0}]


def test_rows_without_scripts(browser: httpx.Client) -> None:
    """What was typed stays when a row is added; a switch that is off is posted as that."""
    form = fields(parse(browser.get("/forms/Home").text))
    place = named(form, "name").removeprefix("v.F:field:").replace("/name", "/kids")
    form |= {named(form, "name"): "Bea", named(form, "news"): "false"}
    form = fields(parse(post(browser, form, f"F addRow {place}").text))
    assert form[named(form, "name")] == "Bea"
    form[named(form, "kids/n1/name")] = "Cy"
    found = alerts(post(browser, form, "F submit").text)
    assert found == [
        {
            "name": "Bea",
            "role": "viewer",
            "langs": ["en"],
            "news": False,
            "secret": 0,
            "kids": [{"name": "Cy"}],
        }
    ]


def test_a_form_that_is_not_valid_says_so(browser: httpx.Client) -> None:
    """Nothing runs, and the field says what is wrong."""
    form = fields(parse(browser.get("/forms/Home").text))
    form[named(form, "name")] = ""
    answer = post(browser, form, "F submit")
    assert alerts(answer.text) == []
    told = [one.text for one in parse(answer.text).matching("p", class_="message") if "hidden" not in one]
    assert told == ["Please fill in this field."]


def test_a_reset_is_told_to_the_browser(served: PorticoServer) -> None:
    """With scripts: the answer says what the controls hold now, of a password that it is empty."""
    with client_of(served) as client:
        form = fields(parse(client.get("/forms/Home").text))
        name, secret = (named(form, place).removeprefix("v.") for place in ("name", "secret"))
        answers = [
            client.post(
                "/forms/Home",
                json={
                    "visit": "v" * 22,
                    "n": n,
                    "session": "",
                    "widget": "F",
                    "event": event,
                    "values": {name: "Bea", secret: PASSWORD},
                },
                headers={"Portico-Event": "1"},
            ).text
            for n, event in ((1, "submit"), (2, "reset"))
        ]
    assert not any(PASSWORD in answer for answer in answers)
    lines = [json.loads(line) for answer in answers for line in answer.splitlines()]
    told = [line.get("values", {}) for line in lines]
    assert told == [{}, {name: "Ada", secret: ""}]
