"""Table: editing rows, adding them, switching cells, buttons in cells; in the real sandbox."""

from typing import Any

import pytest

from tests.sandbox.sessions import request, requests
from tests.ui.tables import PEOPLE, PROBE, Table, alerts

EDITABLE: list[dict[str, Any]] = [
    {"id": "name", "isEditable": True, "isRequired": True, "onSubmit": None},
    {"id": "age", "type": "number", "isEditable": True, "min": 1, "max": "{{ currentRow.active ? 99 : 20 }}"},
    {"id": "active", "type": "checkbox", "isEditable": True},
    {"id": "born", "type": "date", "isEditable": True},
    {"id": "team", "type": "select", "selectOptions": ["a", "b"], "isEditable": "{{ true }}"},
]
SAYS = "{{ showAlert(JSON.stringify([currentRow.name, currentIndex])) }}"
GONE = "This row has changed in the meantime. Please look at it again."


def columns(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The editable columns with changes by id; None takes a field away."""
    merged = [{**column, **changes.get(column["id"], {})} for column in EDITABLE]
    return [{name: value for name, value in column.items() if value is not None} for column in merged]


def editable(**props: Any) -> Table:
    """A table whose rows can be edited; saving runs the query `save` with the row as its parameter."""
    given = {
        "columns": columns(),
        "onSave": "{{ save.run({row: T.updatedRow}) }}",
        "primaryKey": "id",
        "more": PROBE,
    }
    return Table(**{**given, **props})


def typed(table: Table, key: str, **values: Any) -> None:
    """Type into the controls of a row."""
    for column, value in values.items():
        table.post("cell", value, f"{key}:{column}")


def row(table: Table, at: int) -> dict[str, Any]:
    """A row of the page, its cells by column."""
    found = table.view["rows"][at]
    return {
        **found,
        "cells": dict(zip([one["id"] for one in table.view["columns"]], found["cells"], strict=True)),
    }


def test_a_row_is_taken_into_controls() -> None:
    """Each control holds what its kind of column edits; other cells stay as they are."""
    table = editable(columns=[{"id": "id"}, *columns()])
    assert row(table, 0)["editable"]
    table.command("edit", "p1")
    cells = row(table, 0)["cells"]
    assert cells["id"] == "1"
    kinds = {
        name: (cell["control"]["kind"], cell["control"]["value"])
        for name, cell in cells.items()
        if isinstance(cell, dict)
    }
    assert kinds == {
        "name": ("text", "Ada"),
        "age": ("number", "36"),
        "active": ("truth", True),
        "born": ("date", "1815-12-10"),
        "team": ("choice", "a"),
    }
    assert cells["team"]["control"]["options"] == [["a", "a"], ["b", "b"]]
    assert (row(table, 0)["drafted"], row(table, 1)["drafted"]) == (True, False)


def test_saving_runs_the_action_with_the_row_as_typed() -> None:
    """`updatedRow`, `updatedRowIndex`, `updatedRowIndices` and `updatedRows` of the Table have the new
    values, each of its type; after the action (`onSave`) the row is done with."""
    table = editable()
    table.command("edit", "p1")
    typed(table, "p1", name="Ada L.", age="17", active="false", born="1815-12-11", team="b")
    asked = request(table.command("save", "p1"))
    expected = {"id": 1, "name": "Ada L.", "age": 17, "active": False, "born": "1815-12-11", "team": "b"}
    assert asked.params == {"row": expected}
    assert table.read("[T.updatedRowIndex, T.updatedRowIndices]") == [0, [0]]
    assert table.read("T.updatedRows") == [
        {
            "index": 0,
            "id": 1,
            "updatedFields": {key: expected[key] for key in list(expected)[1:]},
            "allFields": expected,
        }
    ]
    assert row(table, 0)["drafted"], "until the action has ended"
    table.answer(asked, {})
    assert not row(table, 0)["drafted"]
    assert table.read("T.updatedRows") == []
    assert table.words("name")[0] == "Ada", "the data are what they are until they are fetched again"


def test_a_failed_action_leaves_the_row_as_typed() -> None:
    """Nothing that was typed is lost, and the user is told by the query's own message."""
    table = editable()
    table.command("edit", "p1")
    typed(table, "p1", name="Ada L.")
    turn = table.answer(request(table.command("save", "p1")), ok=False, message="No such person")
    assert [(error.unhandled, error.query, error.message) for error in turn.errors] == [
        (True, "save", "No such person")
    ]
    assert row(table, 0)["cells"]["name"]["control"]["value"] == "Ada L."


def test_what_is_wrong_stops_it() -> None:
    """Nothing runs while a rule is broken; each cell then says what is wrong, until it is right."""
    table = editable()
    table.command("edit", "p2")
    typed(table, "p2", name="", age="21")
    assert row(table, 1)["cells"]["age"]["control"]["wrong"] == ""
    assert requests(table.command("save", "p2")) == []
    cells = row(table, 1)["cells"]
    assert cells["name"]["control"]["wrong"] == "Please fill in this field."
    assert cells["age"]["control"]["wrong"] == "Please enter 20 or less."
    typed(table, "p2", name="g", active="true")
    assert {cell["control"]["wrong"] for cell in row(table, 1)["cells"].values() if cell} == {""}
    assert len(requests(table.command("save", "p2"))) == 1


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ({"regex": "^[A-Z]"}, "ada", "Please check this value."),
        ({"regex": "/^[a-z]+$/i"}, "Ada", ""),
        ({"regex": "(", "errorMessage": "Own words"}, "x", "Own words"),
        ({"validation": "{{ currentRow.name !== 'x' }}"}, "x", "Please check this value."),
        ({"validation": "{{ currentRow.name.no.such }}"}, "x", ""),
        ({"type": "number"}, "1.5e3", ""),
        ({"type": "number"}, "abc", "Please enter a number."),
        ({"type": "number", "max": "{{ null }}"}, "7", ""),
        ({"type": "date"}, "2024-13-45", "Please enter a date."),
        ({"isRequired": None}, "", ""),
    ],
)
def test_rules_of_a_cell(column: dict[str, Any], value: str, message: str) -> None:
    """The author's rules over the row as it is typed, and those of the type."""
    table = editable(columns=columns(name=column))
    table.command("edit", "p1")
    typed(table, "p1", name=value)
    table.command("save", "p1")
    cell = row(table, 0)["cells"]["name"]
    assert (cell["control"]["wrong"] if row(table, 0)["drafted"] and message else "") == message
    assert bool(requests(table.last)) is (message == "")


@pytest.mark.parametrize(
    ("column", "data", "control", "posted", "kept"),
    [
        (
            {"type": "date", "inputFormat": "DD/MM/YYYY"},
            "01/02/2024",
            ("date", "2024-02-01"),
            "2024-03-09",
            "09/03/2024",
        ),
        (
            {"type": "date", "inputFormat": "Epoch", "outputFormat": "YYYY"},
            0,
            ("date", "1970-01-01"),
            "1970-01-02",
            86400,
        ),
        (
            {"type": "date"},
            "2024-02-01T10:00:00Z",
            ("moment", "2024-02-01T10:00"),
            "2024-02-01T11:30",
            "2024-02-01T11:30:00.000Z",
        ),
        ({"type": "date"}, "2024-02-01T10:00:00Z", ("moment", "2024-02-01T10:00"), "", None),
        ({"type": "select", "selectOptions": [{"label": "x", "value": 7}]}, 7, ("choice", "7"), "", ""),
        ({"type": "number"}, 7, ("number", "7"), "", None),
        ({"type": "html"}, "<b>x</b>", ("lines", "<b>x</b>"), "a\r\nb", "a\nb"),
        ({"type": "url"}, "https://a.io", ("text", "https://a.io"), "a\nb\0", "ab"),
    ],
)
def test_values_go_back_in_the_form_of_the_data(
    column: dict[str, Any], data: Any, control: tuple[str, str], posted: str, kept: Any
) -> None:
    """What a control holds and what the data hold differ: each is turned into the other."""
    table = Table(
        [{"id": 1, "x": data}],
        primaryKey="id",
        columns=[{"id": "x", "isEditable": True, **column}],
        more=PROBE,
        inlineEditingSaveOption="CUSTOM",
    )
    table.command("edit", "p1")
    held = row(table, 0)["cells"]["x"]["control"]
    assert (held["kind"], held["value"]) == control
    typed(table, "p1", x=posted)
    table.command("save", "p1")
    assert table.read("T.updatedRows[0].updatedFields") == {"x": kept}


def test_discarding_takes_everything_back() -> None:
    """What was typed, and what was switched; the author hears of it."""
    table = editable(onDiscard="{{ showAlert('discarded') }}")
    table.command("check", "p1:active")
    table.command("edit", "p1")
    typed(table, "p1", name="x")
    assert alerts(table.command("discard", "p1")) == ["discarded"]
    assert (table.words("name")[0], row(table, 0)["edited"], row(table, 0)["drafted"]) == (
        "Ada",
        False,
        False,
    )


def test_a_cell_is_switched_where_it_stands() -> None:
    """Its row differs from the data then, and the author's action sees the new value."""
    own = "{{ showAlert(currentRow.name + ' ' + currentRow.active + ' ' + T.updatedRow.active) }}"
    table = editable(
        columns=columns(active={"onCheckChange": own, "isCellEditable": "{{ currentRow.id < 3 }}"})
    )
    assert alerts(table.command("check", "p2:active")) == ["grace true true"]
    assert row(table, 1)["cells"]["active"] == {"on": True, "set": True}
    assert row(table, 1)["edited"]
    table.command("check", "p2:active")
    assert not row(table, 1)["edited"], "as in the data again"
    assert row(table, 2)["cells"]["active"] == {"on": True, "set": False}
    assert alerts(table.command("check", "p3:active")) == ["This cannot be done here."]
    assert alerts(table.command("check", "p1:name")) == ["This cannot be done here."]
    assert alerts(table.command("check", "p1:nowhere")) == ["This cannot be done here."]


def test_edits_end_when_the_data_bring_the_row_anew() -> None:
    """A row with another content shows it; one that is as it was keeps what is typed, wherever it stands."""
    table = editable(inlineEditingSaveOption="CUSTOM")
    for key, name in (("p1", "one"), ("p3", "three")):
        table.command("edit", key)
        typed(table, key, name=name)
        table.command("save", key)
    assert table.words("name") == ["one", "grace", "three", ""]
    assert table.read("T.updatedRows.map((row) => row.updatedFields)") == [{"name": "one"}, {"name": "three"}]
    table.refetch([PEOPLE[2], {**PEOPLE[0], "age": 1}])
    assert table.words("name") == ["three", "Ada"]
    assert table.read("T.updatedRowIndices") == [0]


def test_edits_count_in_sorting_searching_and_the_members() -> None:
    """What the table shows is what it sorts, finds and tells, also over a computed value."""
    table = editable(
        inlineEditingSaveOption="CUSTOM",
        columns=columns(name={"value": "{{ currentRow.name.toUpperCase() }}"}),
    )
    table.command("edit", "p1")
    typed(table, "p1", name="zoe")
    table.command("save", "p1")
    table.post("sort", "desc name")
    assert table.words("name") == ["zoe", "GRACE", "ALAN", ""]
    table.post("search", "zoe")
    assert table.read("[T.selectedRow.name, T.filteredTableData.length]") == ["zoe", 1]


def test_a_choice_may_mean_something_at_once() -> None:
    """`onOptionChange` runs with the row as it is typed."""
    table = editable(
        columns=columns(team={"onOptionChange": "{{ showAlert(currentRow.name + currentRow.team) }}"})
    )
    table.command("edit", "p1")
    typed(table, "p1", team="b")
    assert alerts(table.command("cellChanged", "p1:team")) == ["Adab"]


def test_enter_saves_the_row_or_does_what_the_column_says() -> None:
    """Without `onSubmit` it is the row's own button; with it the edit stays in the table."""
    table = editable()
    table.command("edit", "p1")
    typed(table, "p1", name="x")
    assert len(requests(table.command("onSubmit", "p1:name"))) == 1
    table = editable(columns=columns(name={"onSubmit": "{{ showAlert('sub ' + currentRow.name) }}"}))
    table.command("edit", "p1")
    typed(table, "p1", name="x")
    turn = table.command("onSubmit", "p1:name")
    assert (alerts(turn), requests(turn)) == (["sub x"], [])
    assert (row(table, 0)["drafted"], table.words("name")[0]) == (False, "x")


def test_the_column_of_the_buttons() -> None:
    """It is there where rows can change, where the author put it, with their words and their actions."""
    assert [one["id"] for one in Table().view["columns"]][-1] == "team"
    assert editable().view["columns"][-1] == {
        "id": "__actions",
        "label": "Actions",
        "type": "editActions",
        "align": "left",
        "sorted": None,
        "save": "Save",
        "discard": "Discard",
    }
    own = {"id": "do", "type": "editActions", "saveActionLabel": "Keep", "onSave": SAYS, "onDiscard": SAYS}
    table = editable(columns=[own, *columns()], onSave="{{ showAlert('table') }}")
    assert (table.view["columns"][0]["save"], len(table.view["columns"])) == ("Keep", 6)
    table.command("edit", "p2")
    typed(table, "p2", age="2")
    assert alerts(table.command("save", "p2")) == ['["grace",1]', "table"]
    table.command("edit", "p2")
    assert alerts(table.command("discard", "p2")) == ['["grace",1]']


def test_commands_of_rows_that_are_not_there_are_refused() -> None:
    """On another page, gone, another by now, or never there: the user is told, and nothing runs."""
    rows = [{"id": at, "name": f"n{at}"} for at in range(30)]
    own: dict[str, Any] = {
        "columns": [{"id": "name", "isEditable": True, "onClick": SAYS}],
        "onSave": "{{ save.run() }}",
    }
    table = Table(rows, **own)
    keys = (table.key(0), "i25~x", "i1~abc", "p1", "p%E0", "", "new", None)
    table.refetch([{"id": 0, "name": "another"}, *rows[1:]])
    for key in keys:
        for name in ("edit", "save", "discard"):
            if (name, key) == ("discard", "new"):
                continue
            turn = table.command(name, key)
            assert requests(turn) == []
            assert [said for said in alerts(turn) if said not in (GONE, "This cannot be done here.")] == []
            assert (len(alerts(turn)), turn.errors) == (1, ())
        assert alerts(table.command("columns.name.onClick", key)) == [GONE] or key is None
    assert not any(row["drafted"] for row in table.view["rows"])


def test_buttons_in_cells_act_on_their_row() -> None:
    """The action takes the row and its place in the data, and `triggeredRow` is that row."""
    own = {
        "id": "go",
        "type": "button",
        "onClick": SAYS,
        "buttonLabel": "{{ 'Call ' + currentRow.name }}",
        "isDisabled": "{{ !currentRow.active }}",
    }
    table = Table(primaryKey="id", columns=[{"id": "name"}, own], more=PROBE)
    table.post("sort", "desc name")
    assert alerts(table.command("columns.go.onClick", "p3")) == ['["Alan",2]']
    assert table.read("[T.triggeredRow.name, T.triggeredRowIndex, Object.keys(T.triggeredRow)]") == [
        "Alan",
        2,
        [*PEOPLE[0]],
    ]
    assert row(table, 0)["cells"]["go"] == {
        "words": "Call grace",
        "off": True,
        "variant": "",
        "color": "",
    }
    table.refetch(PEOPLE[:2])
    assert table.read("[T.triggeredRow.name, T.triggeredRowIndex]") == ["Alan", 2], (
        "as it was when it was there"
    )


# Adding


def test_a_row_is_added() -> None:
    """Controls of the Table begin as `defaultNewRow` says; `isAddRowInProgress` and `newRow` say what there
    is, and `onAddNewRowSave` takes it."""
    table = editable(
        allowAddNewRow=True,
        defaultNewRow={"team": "b", "extra": 1},
        onAddNewRowSave="{{ save.run(T.newRow) }}",
    )
    assert table.read("[T.isAddRowInProgress, T.newRow]") == [False, {}]
    table.command("addRow")
    assert [cell and cell["control"]["value"] for cell in table.view["adding"]] == [
        "",
        "",
        False,
        "",
        "b",
        None,
    ]
    assert requests(table.command("save", "new")) == []
    assert table.view["adding"][0]["control"]["wrong"] == "Please fill in this field."
    typed(table, "new", name="Zoe", age="30")
    typed(table, "new", active="true")
    expected = {"name": "Zoe", "age": 30, "active": True, "born": "", "team": "b", "extra": 1}
    assert table.read("[T.isAddRowInProgress, T.newRow]") == [True, expected]
    asked = request(table.command("save", "new"))
    assert asked.params == expected
    table.answer(asked, {})
    assert (table.view["adding"], table.read("T.newRow")) == (None, {})


def test_adding_can_be_given_up_and_has_to_be_allowed() -> None:
    """The Table's `onAddNewRowDiscard` hears of it; without the author's leave there is no new row."""
    table = editable(allowAddNewRow=True, onAddNewRowDiscard="{{ showAlert('given up') }}")
    table.command("addRow")
    assert alerts(table.command("discard", "new")) == ["given up"]
    assert table.view["adding"] is None
    table = editable()
    assert alerts(table.command("addRow")) == ["This cannot be done here."]
    assert table.view["adding"] is None


def test_a_failed_addition_is_kept() -> None:
    """What was typed stays for another try."""
    table = editable(allowAddNewRow=True, onAddNewRowSave="{{ save.run(T.newRow) }}")
    table.command("addRow")
    typed(table, "new", name="Zoe", active="true")
    table.answer(request(table.command("save", "new")), ok=False, message="full")
    assert table.view["adding"][0]["control"]["value"] == "Zoe"


def test_state_survives_another_context() -> None:
    """Search, order, page, selection, drafts and edits are kept; a context built from them goes on."""
    table = editable(inlineEditingSaveOption="CUSTOM")
    table.post("sort", "desc name")
    table.post("row", "+p3")
    table.command("edit", "p2")
    typed(table, "p2", name="half")
    table.command("check", "p1:active")
    kept = table.snapshot()
    other = editable(inlineEditingSaveOption="CUSTOM")
    other.turn({"k": "restore", "state": kept})
    fresh = Table.__new__(Table)
    fresh.app = table.app
    super(Table, fresh).__init__(table.page.program, {"k": "restore", "state": kept})
    assert fresh.view == table.view
    assert fresh.view["rows"][0]["cells"][0]["control"]["value"] == "half"


def test_a_reset_forgets_what_the_user_did() -> None:
    """`resetWidget`: everything is as it was at first."""
    table = editable(allowAddNewRow=True)
    first = table.view
    table.post("sort", "desc name")
    table.post("search", "a")
    table.command("addRow")
    table.command("edit", table.key(0))
    table.command("check", table.key(1) + ":active")
    table.command("addFilter")
    table.turn({"k": "reset", "w": "T"})
    assert table.view == first
