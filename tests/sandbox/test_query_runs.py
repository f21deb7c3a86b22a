"""`query.run` in all its forms, and what a query shows of itself (seeds-checklist 2A)."""

# ruff: noqa: E501  (a table reads best with one case a line)

import pytest

from portico.sandbox.turn import RunQuery, ShowAlert, Turn
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, commands, request, requests, result, unhandled


def visit_with(code: str, **query: object) -> Session:
    return Session(
        page(
            Widget("Go", on={"onClick": code}),
            Widget(
                "See",
                props={"d": "{{ q.data }}", "m": "{{ q.responseMeta.statusCode }}", "l": "{{ q.isLoading }}"},
            ),
            queries=[Query("q", **query), Query("r")],  # type: ignore[arg-type]
        )
    )


def said(turn: Turn) -> list[str]:
    return [command.message for command in commands(turn) if isinstance(command, ShowAlert)]


def test_params_are_this_params() -> None:
    """run({…}) fills `this.params` in every part of the request; params are sent along as given."""
    visit = visit_with(
        "{{ q.run({ id: 7, note: 'a&b' }) }}",
        path="/u/{{ this.params.id }}",
        params={"n": "{{ this.params.note }}", "none": "{{ this.params.nope }}"},
        headers={"X": "v{{ this.params.id }}"},
        body="{{ this.params }}",
    )
    asked = request(visit.event())
    assert asked.request.path == "/u/7"
    assert asked.request.params == (("n", "a&b"), ("none", ""))
    assert asked.request.headers == (("X", "v7"),)
    assert asked.request.body == asked.params == {"id": 7, "note": "a&b"}


@pytest.mark.parametrize(
    ("body", "expected", "is_text"),
    [
        (None, None, False),
        ("plain text", "plain text", True),
        ({"a": 1}, {"a": 1}, False),
        ("{{ 'text' }}", "text", False),
        ("{{ undefined }}", None, False),
        ("{{ [1] }}", [1], False),
        ('{"a": {{ 1 }}, "b": {{ undefined }} }', '{"a": 1, "b": null }', True),
        ('{"a": "{{ \'x"y\' }} {{ 5 }}", "b": {{ \'x"y\' }} }', '{"a": "x\\"y 5", "b": "x\\"y" }', True),
        ('{"o": "{{ ({k: 1}) }}"}', '{"o": "{\\"k\\":1}"}', True),
    ],
)
def test_bodies(body: object, expected: object, is_text: bool) -> None:
    """A body that is one binding keeps its type; JSON text stays text, its bindings made JSON."""
    asked = request(visit_with("{{ q.run() }}", body=body).event())
    assert asked.request.body == expected
    assert asked.request.body_is_text is is_text


def test_meta_data_and_loading_change_before_callbacks() -> None:
    """`query.responseMeta`, `query.data` and `query.isLoading` come first, all in one turn."""
    visit = visit_with(
        "{{ q.run((data, params, meta) => showAlert(JSON.stringify([data, params, meta.statusCode, q.data, q.responseMeta.statusCode, q.isLoading])), undefined, {p: 1}) }}"
    )
    asked = request(visit.event())
    assert visit.props["See"] == {"isVisible": True, "d": None, "m": None, "l": True}
    turn = visit.answer(asked, {"x": 1})
    assert said(turn) == ['[{"x":1},{"p":1},"200 OK",{"x":1},"200 OK",false]']
    assert visit.props["See"] == {"isVisible": True, "d": {"x": 1}, "m": "200 OK", "l": False}


@pytest.mark.parametrize(
    ("code", "on_success", "on_failure", "reported"),
    [
        ("q.run().then((d) => showAlert('then ' + d))", "then V", None, True),
        ("q.run({a: 1}).then((d) => showAlert('then ' + d), (e) => showAlert('no ' + e.message))", "then V", "no M", False),
        ("q.run().catch((e) => showAlert([e.name, e.message, e.responseMeta.statusCode, e instanceof Error].join()))", None, "QueryError,M,400 Bad Request,true", False),
        ("q.run(() => showAlert('ok'), (m) => showAlert('failed ' + m))", "ok", "failed M", False),
        ("q.run(() => showAlert('ok'), (m) => showAlert('x')).then((v) => showAlert('then ' + v))", "ok|then undefined", "x|then undefined", False),
        ("q.run(undefined, (m, params) => showAlert(m + params.p), {p: 1})", None, "M1", False),
        ("q.run(() => showAlert('ok'))", "ok", None, True),
        ("q.run(() => { throw new Error('mine') }, () => showAlert('not mine'))", "", "not mine", False),
        ("(async () => { try { showAlert(await q.run()) } catch (e) { showAlert(e.message) } finally { showAlert('end') } })()", "V|end", "M|end", False),
    ],
)  # fmt: skip
def test_forms_of_run(code: str, on_success: str | None, on_failure: str | None, reported: bool) -> None:
    """`query.run` in every documented form, on success and on failure."""
    visit = visit_with(f"{{{{ {code} }}}}")
    turn = visit.answer(request(visit.event()), "V")
    assert said(turn) == ([] if not on_success else on_success.split("|"))
    assert len(unhandled(turn)) == (1 if on_success == "" else 0)
    turn = visit.answer(request(visit.event()), None, ok=False, message="M")
    assert said(turn) == ([] if not on_failure else on_failure.split("|"))
    assert [error.message for error in unhandled(turn)] == (["M"] if reported else [])


def test_data_are_of_the_last_answer() -> None:
    """A refusal's body is data too; a call without an answer leaves none (S2-10, S2-13)."""
    visit = visit_with("{{ q.run().catch(() => 0) }}")
    visit.answer(request(visit.event()), {"n": 1})
    visit.answer(request(visit.event()), {"n": 2}, ok=False)
    assert visit.props["See"] == {"isVisible": True, "d": {"n": 2}, "m": "400 Bad Request", "l": False}
    visit.answer(request(visit.event()), None, ok=False)
    assert visit.props["See"]["d"] is None


def test_clear_empties_data() -> None:
    """`query.clear` empties data and resolves."""
    visit = visit_with("{{ q.data ? q.clear().then(() => showAlert('cleared ' + q.data)) : q.run() }}")
    visit.answer(request(visit.event()), 1)
    assert said(visit.event()) == ["cleared undefined"]
    assert visit.props["See"]["d"] is None


def test_result_is_a_copy() -> None:
    """What a script does to what run() resolves with leaves `data` alone."""
    visit = visit_with("{{ q.run().then((d) => { delete d.a }) }}")
    visit.answer(request(visit.event()), {"a": 1})
    assert visit.props["See"]["d"] == {"a": 1}


def test_loading_lasts_until_the_last_answer() -> None:
    """isLoading counts concurrent runs; answers may come in any order."""
    visit = visit_with("{{ Promise.all([q.run(), q.run(), r.run()]).then((all) => showAlert(all.join())) }}")
    first, second, third = requests(visit.event())
    assert visit.answer(third, "c").open == 2
    visit.answer(second, "b")
    assert visit.props["See"]["l"] is True
    assert said(visit.answer(first, "a")) == ["a,b,c"]
    assert visit.props["See"]["l"] is False


def test_answers_of_another_context_are_dropped() -> None:
    """Ids carry the generation; an unknown one changes nothing (R1)."""
    visit = visit_with("{{ q.run() }}")
    asked = request(visit.event())
    assert asked.id.startswith("g1.")
    stranger = {"k": "result", "id": "g0.1", "ok": True, "value": 1, "meta": {}, "message": ""}
    turn = visit.turn(stranger, stranger)
    assert (turn.open, turn.patch, turn.errors) == (1, {}, ())
    visit.answer(asked, 1)
    assert visit.answer(asked, 2).patch == {}


def test_request_that_cannot_be_made_rejects() -> None:
    """A binding of a request that throws: nothing is sent, run() rejects, onError is called."""
    visit = visit_with("{{ q.run() }}", path="/{{ missing.id }}")
    turn = visit.event()
    assert turn.effects == ()
    assert unhandled(turn)[0].name == "ReferenceError"
    caught = visit_with("{{ q.run(() => 0, (m) => showAlert(m)) }}", path="/{{ null.id }}").event()
    assert len(said(caught)) == 1


def test_page_load_run() -> None:
    """A run that the page's load starts shows nothing to the visitor when it fails, but is logged."""
    visit = visit_with("")
    turn = visit.turn({"k": "run", "ev": "load", "q": "q", "load": True, "params": {"a": 1}})
    asked = request(turn)
    assert (asked.ev, asked.params) == ("load", {"a": 1})
    turn = visit.answer(asked, ok=False, message="M")
    (error,) = turn.errors
    assert (error.unhandled, error.query, error.message) == (False, "q", "M")
    assert [(done.event, done.ok) for done in turn.done] == [("load", False)]


def test_requests_that_wait_are_capped() -> None:
    """P48: one more than the limit rejects; those before it are made."""
    visit = visit_with(
        "{{ (async () => { for (let i = 0; i < 300; i++) q.run().catch((e) => { throw e }) })() }}"
    )
    turn = visit.event()
    assert len([effect for effect in turn.effects if isinstance(effect, RunQuery)]) == 256
    assert turn.open == 256


def test_what_follows_an_answer_belongs_to_its_event() -> None:
    """Commands after an answer carry the event of the request, also when events overlap."""
    visit = visit_with("{{ q.run().then((v) => showAlert(String(v))) }}")
    first, second = request(visit.event()), request(visit.event())
    turn = visit.turn(result(second, 2), result(first, 1))
    assert [
        (command.ev, command.message) for command in commands(turn) if isinstance(command, ShowAlert)
    ] == [
        ("e2", "2"),
        ("e1", "1"),
    ]
