"""The same functions without scripts in the browser: forms, redirects, whole pages."""

import re

import httpx

from tests.journeys.upstream import Upstream


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms."""
    names = ("portico.visit", "portico.n")
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in names}


def press(client: httpx.Client, path: str, button: str, page: str = "", **values: str) -> httpx.Response:
    """Press a button of a page that was shown."""
    fields = {f"v.{name}": value for name, value in values.items()}
    return client.post(path, data={"portico.event": button, **hidden(page), **fields})


def test_short_timers_fire_before_the_answer(client: httpx.Client) -> None:
    """R5: once, within two seconds; intervals are dropped."""
    answer = press(client, "/language/Timers", "Later onClick")
    assert '<div class="alert info">later</div>' in answer.text
    assert ">100</div>" in answer.text
    assert "later" not in press(client, "/language/Timers", "Start onClick").text


def test_a_modal_is_an_open_dialog(client: httpx.Client) -> None:
    """With a button that closes it."""
    opened = press(client, "/language/Modals", "Open onClick")
    assert re.search(r"<dialog [^>]*open", opened.text)
    assert 'name="v.Details:closed"' in opened.text
    closed = client.post("/language/Modals", data={**hidden(opened.text), "v.Details:closed": "true"})
    assert "closed 1" in closed.text
    assert "<dialog" not in closed.text


def test_rows_work_as_forms(client: httpx.Client) -> None:
    """Their buttons and inputs, the pages, and choosing the same item twice."""
    page = client.get("/language/Rows").text
    assert 'name="v.People[2].Note"' in page
    answer = press(client, "/language/Rows", "People[2].Greet onClick", page, **{"People[2].Note": "old"})
    assert "hello Bob old" in answer.text
    for _ in range(2):
        answer = client.post("/language/Rows", data={**hidden(answer.text), "v.People:selected": "2"})
        assert "chose Bob" in answer.text
    turned = client.post("/language/Rows", data={**hidden(answer.text), "v.People:page": "2"})
    assert "Eve" in turned.text
    assert 'value="3" formnovalidate disabled' in turned.text


def test_a_question_is_a_page_with_two_buttons(client: httpx.Client, other_api: Upstream) -> None:
    """Hard-cases 33."""

    def hits() -> int:
        return sum(b"POST /hit" in request for request in other_api.requests)

    before = hits()
    asked = press(client, "/language/Asking", "Hit onClick", Secret="hunter2")
    assert "Hit it?" in asked.text
    (yes, no) = re.findall(r'name="portico.answer"\s+value="([^"]+)"', asked.text)
    assert (yes.rpartition(" ")[2], no.rpartition(" ")[2]) == ("yes", "no")
    assert hits() == before
    agreed = client.post("/language/Asking", data={**hidden(asked.text), "portico.answer": yes})
    assert "hit with hunter2" in agreed.text
    assert hits() == before + 1
    again = client.post("/language/Asking", data={**hidden(agreed.text), "portico.answer": yes})
    assert again.status_code == 409
    asked = press(client, "/language/Asking", "Hit onClick", agreed.text, Secret="x")
    (_, no) = re.findall(r'name="portico.answer"\s+value="([^"]+)"', asked.text)
    refused = client.post("/language/Asking", data={**hidden(asked.text), "portico.answer": no})
    assert "Hit it?" not in refused.text
    assert hits() == before + 1


def test_odd_answers_are_refused(client: httpx.Client) -> None:
    """What is no answer is no event."""
    for answer in ("", "yes", " yes", "x maybe", "x"):
        assert client.post("/language/Asking", data={"portico.answer": answer}).status_code == 400


def test_a_position_needs_scripts(client: httpx.Client) -> None:
    """Nothing is asked that nobody could answer: the page is shown without a question."""
    answer = press(client, "/language/Asking", "Where onClick")
    assert answer.status_code == 200
    assert "<dialog" not in answer.text


def test_what_a_tab_keeps_goes_with_a_redirect(client: httpx.Client) -> None:
    """A cookie of ten seconds for the next page alone."""
    answer = press(client, "/language/Handing", "Go onClick", Value="half done")
    assert answer.status_code == 303
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if "tab" in line]
    assert "HttpOnly" in cookie
    assert "Path=/language/Tab;" in cookie
    page = client.get(answer.headers["location"])
    assert "draft: half done" in page.text
    onward = press(client, "/language/Tab", "On onClick", page.text)
    assert "draft: half done" in client.get(onward.headers["location"]).text
    assert "draft: none" in client.get("/language/Tab").text


def test_files_are_links_and_texts_are_shown(client: httpx.Client) -> None:
    """What scripts would do, the user can."""
    saved = press(client, "/language/Handing", "Save onClick", Value='<b>&"x')
    assert 'href="data:text/plain;charset=utf-8,%3Cb%3E%26%22x" download="value.txt"' in saved.text
    copied = press(client, "/language/Handing", "Copy onClick", Value="<b>")
    assert '<pre tabindex="0">&lt;b&gt;</pre>' in copied.text


def test_a_load_without_scripts_is_a_button(client: httpx.Client) -> None:
    """What a cross-site link may not run, Continue does."""
    page = client.get("/language/Ordered").text
    assert 'value="load">Continue' in page
    answer = client.post("/language/Ordered", data={**hidden(page), "portico.event": "load"})
    assert "begin,begun,after hello" in answer.text
    assert "Continue" not in answer.text


def test_actions_as_a_form(client: httpx.Client) -> None:
    """A list of actions needs no scripts either."""
    answer = press(client, "/language/Actions", "Act onClick", Name="Ada")
    assert "Hello Ada" in answer.text
    away = press(client, "/language/Actions", "Away onClick", Name="Ada")
    assert away.headers["location"] == "/language/Tab?from=Ada"
