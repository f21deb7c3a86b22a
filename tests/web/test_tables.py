"""Tables over the wire: what their users do, from scripts and from forms, against a running server."""

import html
import json
import re
import secrets
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.servers import AuthServer, PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.conftest import DELAY, client_of, start
from tests.web.posts import Tab

PEOPLE, MANY, SERVED = "/tables/People", "/tables/Many", "/tables/Served"


def cells(text: str, column: int = 0) -> list[str]:
    """The words of a column of the first table in a piece of HTML, without the buttons before it."""
    rows = re.findall(r'<tr id="o\.[^"]*:[pi][^"]*".*?</tr>', text, re.DOTALL)
    found = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [html.unescape(re.sub(r"<[^>]*>", "", row[column + 1])).strip() for row in found]


def shown(answer: dict[str, Any], widget: str = "People") -> list[str]:
    """The first column of a table in an answer."""
    return cells(answer["html"][widget])


def change(tab: Tab, widget: str, part: str, value: str, **others: str) -> dict[str, Any]:
    """A changed part of a table, and what stands in its other controls."""
    values = {f"{widget}:{name}": given for name, given in {part: value, **others}.items()}
    return tab.send(widget=f"{widget}:{part}", event="change", values=values)


# From scripts


def test_a_table_is_complete_before_any_script_runs(client: httpx.Client) -> None:
    """The first page of rows is in the document."""
    assert cells(client.get(PEOPLE).text)[:3] == ["Ada", "Grace", "Alan"]


def test_sorting_searching_and_turning_pages(client: httpx.Client) -> None:
    """Each is a value of a part of the Table, and fires its event: `onSort`, `onPageChange`,
    `onSearchTextChanged`, `onPageSizeChange`."""
    tab = Tab(client, PEOPLE)
    answer = change(tab, "People", "sort", "desc name")
    assert (answer["alerts"], shown(answer)[0]) == (["sort name desc"], "Tim")
    answer = change(tab, "People", "page", "2")
    assert (answer["alerts"], shown(answer)) == (["page 2"], ["Alan", "Ada"])
    answer = change(tab, "People", "search", "D")
    assert (answer["alerts"], shown(answer)[:2]) == (["search D"], ["Radia", "Edsger"])
    answer = change(tab, "People", "size", "50", search="")
    assert (answer["alerts"], len(shown(answer))) == (["size 50"], 12)
    answer = tab.send(widget="Reset", event="onClick", values={"People:size": "50", "People:search": ""})
    assert (shown(answer)[0], answer["values"]) == ("Ada", {"People:size": 10})


def test_values_that_are_not_offered_change_nothing(client: httpx.Client) -> None:
    """Another page, an unsortable column, a row of another page, a cell without a control."""
    tab = Tab(client, PEOPLE)
    forged = {
        "page": "9",
        "sort": "asc remove",
        "size": "11",
        "row": "+p12",
        "cell:p1:name": "x",
        "filter:1:value": "x",
    }
    for part, value in forged.items():
        answer = change(tab, "People", part, value)
        assert "People" not in answer["html"]
    assert "x" not in change(tab, "People", "sort", "asc name")["alerts"]


def test_a_row_is_selected_once_and_told(client: httpx.Client) -> None:
    """Selecting fires the Table's `onRowSelected`; taking the selection back does not."""
    tab = Tab(client, PEOPLE)
    answer = change(tab, "People", "row", "+p3")
    assert answer["alerts"] == ["selected Alan"]
    assert "Alan" in answer["html"]["Selected"]
    answer = change(tab, "People", "row", "-p3")
    assert answer["alerts"] == []
    assert "Alan" not in answer["html"]["Selected"]


def edit(tab: Tab, key: str = "p2", **values: Any) -> dict[str, Any]:
    """Take a row into controls, and save it with these values."""
    tab.send(widget="People", event="edit", row=key, values={})
    cells = {f"People:cell:{key}:{column}": value for column, value in values.items()}
    return tab.send(widget="People", event="save", row=key, values=cells)


def test_a_row_is_edited(client: httpx.Client) -> None:
    """All cells of one post count together; the author's action sees the row, the table the new data."""
    answer = edit(Tab(client, PEOPLE), name="Grace Hopper", age="40", active=True, since="2024-03-01")
    (said,) = answer["alerts"]
    row = json.loads(said.removeprefix("saved "))
    assert list(row.values()) == [2, "Grace Hopper", 40, True, "viewer", "2024-03-01"]
    assert shown(answer)[1] == "Grace Hopper"
    assert "People:cell" not in answer["html"]["People"]


def test_what_is_wrong_with_a_row_is_told(client: httpx.Client) -> None:
    """Nothing is saved, and the cell says why."""
    answer = edit(Tab(client, PEOPLE), name="", age="17")
    assert answer["alerts"] == []
    assert "Please fill in this field." in answer["html"]["People"]
    assert "Please enter 18 or more." in answer["html"]["People"]


def test_a_save_that_fails_keeps_what_was_typed(client: httpx.Client) -> None:
    """The user is told, and the row is still in its controls."""
    answer = edit(Tab(client, PEOPLE), name="fail")
    assert answer["alerts"] == ["This action failed. The details are in the log."]
    assert 'value="fail"' in answer["html"]["People"]


def test_a_choice_and_a_switch_act_at_once(client: httpx.Client) -> None:
    """A changed option of a row that is being edited, and a switch of any row."""
    tab = Tab(client, PEOPLE)
    tab.send(widget="People", event="edit", row="p2", values={})
    answer = change(tab, "People", "cell:p2:role", "admin")
    assert answer["alerts"] == ["role admin"]
    answer = tab.send(widget="People", event="check", row="p2:active", values={})
    assert answer["alerts"] == ["active Grace true"]
    answer = tab.send(widget="People:cell:p2:name", event="onSubmit", values={"People:cell:p2:name": "G"})
    assert answer["alerts"][0].startswith("saved ")


def test_a_row_is_added(client: httpx.Client) -> None:
    """It begins as the author says."""
    tab = Tab(client, PEOPLE)
    answer = tab.send(widget="People", event="addRow", values={})
    assert 'name="v.People:cell:new:name"' in answer["html"]["People"]
    values = {"People:cell:new:name": "Zoe", "People:cell:new:age": "20"}
    (said,) = tab.send(widget="People", event="save", row="new", values=values)["alerts"]
    assert json.loads(said.removeprefix("added "))["role"] == "viewer"


def test_a_row_that_is_gone_is_not_acted_on(client: httpx.Client) -> None:
    """A second press on a button of a deleted row hits no other row."""
    tab = Tab(client, PEOPLE)
    press: dict[str, Any] = {"widget": "People", "event": "columns.remove.onClick", "row": "p2", "values": {}}
    assert tab.send(**press)["alerts"] == ["removed Grace at 1"]
    answer = tab.send(**press)
    assert answer["alerts"] == ["This row has changed in the meantime. Please look at it again."]
    assert "problem" not in answer


def test_events_that_a_table_does_not_have_are_refused(client: httpx.Client) -> None:
    """Methods that are no commands, events of columns without a row, and whatever else."""
    tab = Tab(client, PEOPLE)
    for event, row in (
        ("setData", None),
        ("rowAt", "p1"),
        ("columns.remove.onClick", None),
        ("columns.no.onClick", "p1"),
        ("onSave", "p1"),
        ("constructor", None),
    ):
        assert (
            tab.send(widget="People", event=event, row=row, values={})["problem"]["code"] == "event_refused"
        )


def test_a_file_is_handed_out(client: httpx.Client) -> None:
    """All rows as they are searched and sorted, as CSV."""
    tab = Tab(client, PEOPLE)
    change(tab, "People", "sort", "desc age")
    answer = tab.send(widget="People", event="download", values={"People:search": "gra"})
    (file,) = answer["files"]
    assert (file["name"], file["type"]) == ("People.csv", "text/csv")
    lines = file["text"].split("\r\n")
    assert lines[0] == "Name,Age,Active,Role,Since"
    assert [line.split(",")[0] for line in lines[1:-1]] == ["Grace"]


def test_a_server_that_makes_the_pages_is_asked(client: httpx.Client, other_api: Upstream) -> None:
    """Page, search and order go to the API, and what it answers is shown as it is."""
    tab = Tab(client, SERVED)
    answer = change(tab, "Log", "page", "6")
    assert shown(answer, "Log") == [str(at) for at in range(50, 57)]
    assert "Page 6 of 6" in answer["html"]["Log"]
    change(tab, "Log", "sort", "desc at")
    answer = change(tab, "Log", "search", "needle")
    assert "offset=0&limit=10&search=needle&sort=at+desc" in other_api.requests[-1].decode().replace(
        "%20", "+"
    )
    assert shown(answer, "Log") == [str(at) for at in range(10)]


def test_fifty_thousand_rows(client: httpx.Client) -> None:
    """Fetched at load, sorted, searched, fetched again by a script, taken along: within the limits."""
    tab = Tab(client, MANY)
    answer = tab.load()
    text = answer["html"].get("Everybody") or client.get(MANY).text
    assert "of 50,000" in text
    answer = change(tab, "Everybody", "sort", "desc name")
    assert shown(answer, "Everybody")[0] == "9999"
    answer = change(tab, "Everybody", "search", "person 4999")
    assert "of 11" in answer["html"]["Everybody"]
    answer = tab.send(widget="Fetch", event="onClick", values={"Everybody:search": ""})
    assert answer["alerts"] == ["50000 rows"]
    (file,) = tab.send(widget="Everybody", event="download", values={})["files"]
    assert file["text"].count("\r\n") == 50_001


def test_many_rows_are_fetched_again_where_they_are_gone(
    auth_server: AuthServer, other_api: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are too large to be kept with the visit: another process asks the API again, and the table goes on
    with the order that it had, and with the page that was asked for, however long the rows take."""
    answer_at_once = other_api.answer

    def answer_late(connection: socket.socket) -> None:
        time.sleep(DELAY)
        answer_at_once(connection)

    with start(tmp_path, auth_server, other_api) as server, client_of(server) as client:
        tab = Tab(client, MANY)
        tab.load()
        change(tab, "Everybody", "sort", "desc name")
        server.restart()
        monkeypatch.setattr(other_api, "answer", answer_late)
        answer = change(tab, "Everybody", "page", "2")
        assert "of 50,000" in answer["html"]["Everybody"]
        assert shown(answer, "Everybody")[0] == "999"


def test_the_first_press_after_a_long_time_counts(client: httpx.Client) -> None:
    """A page that was open for longer than its visit is kept is loaded anew: what was pressed on it is
    offered again only then, and not lost."""
    tab = Tab(client, MANY)
    tab.visit = secrets.token_urlsafe(16)
    answer = change(tab, "Everybody", "page", "2")
    assert shown(answer, "Everybody")[0] == "10"


def test_data_that_are_none_are_an_empty_table_and_a_line_in_the_log(
    client: httpx.Client, server: PorticoServer
) -> None:
    """A word, a binding that fails, nothing: three tables, and an error that names widget and property."""
    text = client.get("/tables/Odd").text
    assert text.count("No rows yet.") == 3
    log = [json.loads(line) for line in server.read_log().splitlines() if "script error" in line]
    said = {(one["owner"], one["property"]): one["error"] for one in log if one["page"] == "Odd"}
    assert set(said) == {("Words", "tableData"), ("Failed", "tableData")}
    assert said["Words", "tableData"].endswith("JSON text of one, not the text hello")


# From forms


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms."""
    names = ("portico.visit", "portico.n")
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in names}


def submit(client: httpx.Client, path: str, page: str, **fields: str) -> str:
    """Post a page's form with these fields; the next page."""
    answer = client.post(path, data={**hidden(page), **fields})
    assert answer.status_code == 200
    return answer.text


def alerts(page: str) -> list[str]:
    """The messages of a page."""
    return [html.unescape(found) for found in re.findall(r'<div class="alert [a-z]+">(.*?)</div>', page)]


def test_without_scripts_everything_is_a_form(client: httpx.Client) -> None:
    """Sort, page, search, size, selection: buttons and controls that post the page's own form."""
    page = client.get(PEOPLE).text
    page = submit(client, PEOPLE, page, **{"v.People:sort": "desc age"})
    assert (alerts(page), cells(page)[0]) == (["sort age desc"], "Tim")
    page = submit(client, PEOPLE, page, **{"v.People:page": "2"})
    assert (alerts(page), cells(page)) == (["page 2"], ["Grace", "Ada"])
    page = submit(client, PEOPLE, page, **{"v.People:row": "+p1"})
    assert alerts(page) == ["selected Ada"]
    page = submit(client, PEOPLE, page, **{"v.People:search": "ken", "v.People:size": "25"})
    assert (alerts(page), cells(page)) == (["search ken", "size 25"], ["Ken"])


def test_without_scripts_filters_are_set_together(client: httpx.Client) -> None:
    """One post may change several parts of several lines."""
    page = client.get(PEOPLE).text
    for _ in range(2):
        page = submit(client, PEOPLE, page, **{"portico.event": "People addFilter"})
    parts = {"1:column": "age", "1:value": "35", "2:column": "name", "2:value": "d", "operator": "AND"}
    lines = {f"v.People:filter:{part}": value for part, value in parts.items()}
    page = submit(client, PEOPLE, page, **lines)
    assert cells(page) == []
    page = submit(client, PEOPLE, page, **lines, **{"v.People:filter:1:condition": "greaterThan"})
    assert cells(page) == ["Edsger", "Donald", "Dennis", "Radia"]
    page = submit(client, PEOPLE, page, **{"portico.event": "People removeFilter 2"})
    assert cells(page)[0] == "Edsger"


def test_without_scripts_a_row_is_edited_and_one_added(client: httpx.Client) -> None:
    """Into controls, wrong, right, saved; then a new row."""
    page = submit(client, PEOPLE, client.get(PEOPLE).text, **{"portico.event": "People edit p2"})
    typed = {"v.People:cell:p2:name": "", "v.People:cell:p2:age": "50"}
    page = submit(client, PEOPLE, page, **typed, **{"portico.event": "People save p2"})
    assert "Please fill in this field." in page
    typed["v.People:cell:p2:name"] = "G. H."
    page = submit(client, PEOPLE, page, **typed, **{"portico.event": "People save p2"})
    assert '"name":"G. H.","age":50' in alerts(page)[0]
    assert cells(page)[1] == "G. H."
    page = submit(client, PEOPLE, page, **{"portico.event": "People addRow"})
    typed = {"v.People:cell:new:name": "Zoe", "v.People:cell:new:active": "true"}
    page = submit(client, PEOPLE, page, **typed, **{"portico.event": "People save new"})
    assert '"name":"Zoe"' in alerts(page)[0]


def test_without_scripts_a_file_is_a_link(client: httpx.Client) -> None:
    """The page that follows the press holds it."""
    page = submit(client, PEOPLE, client.get(PEOPLE).text, **{"portico.event": "People download"})
    found = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)" download="People.csv"', page)
    assert found is not None
    assert httpx.URL("x?" + found[1]).query.decode().startswith("Name%2CAge")


def test_a_table_in_a_form_leaves_its_buttons_out_of_it(client: httpx.Client) -> None:
    """Enter in an input of the Form means its own button: those of the table are the page's own."""
    page = client.get("/tables/InForm").text
    inside = (
        page.partition("<form id")[2].partition("</form>")[2].partition("<form ")[2].partition("</form>")[0]
    )
    buttons = re.findall(r'<button [^>]*type="submit"[^>]*>', inside)
    assert len(buttons) > 4
    assert [button for button in buttons if 'form="portico"' not in button] == [buttons[-1]]
    tab = Tab(client, "/tables/InForm")
    key = re.search(r"columns\.go\.onClick (i0~\w+)", page)
    assert key is not None
    answer = tab.send(widget="Rows", event="columns.go.onClick", row=key[1], values={"Item": "tea"})
    assert answer["alerts"] == ["row 1 of tea"]


@pytest.mark.parametrize("field", ["portico.event", "v.People:row", "v.People:cell:p1:name"])
def test_forms_that_nobody_was_shown(client: httpx.Client, field: str) -> None:
    """Forged fields are dropped or refused, and never a failure of ours."""
    page = client.get(PEOPLE).text
    for value in (
        "People save",
        "People save p99",
        "People check p1:age",
        "People edit",
        "+p99",
        "x" * 5000,
        "\0",
    ):
        answer = client.post(PEOPLE, data={**hidden(page), field: value})
        assert answer.status_code in (200, 400, 403, 409, 422)
