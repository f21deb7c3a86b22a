"""Where a binding ends, and what it is."""

import pytest

from portico.definition.bindings import Snippet, only, split
from portico.definition.diagnostics import Problems
from portico.definition.text import whole
from tests.definition.apps import brief


def parts(text: str, *, action: bool = False) -> list[str]:
    """Literal parts as they are, code in angle brackets."""
    problems = Problems()
    found = split(whole("f", text), problems, action=action)
    assert brief(problems.sorted()) == []
    assert found is not None
    return [f"<{part.text}>" if isinstance(part, Snippet) else part for part in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ b }} c {{d}}", ["a ", "< b >", " c ", "<d>"]),
        ("{{ {a: {b: 1}} }}", ["< {a: {b: 1}} >"]),
        ("{{{a:1}}}", ["<{a:1}>"]),
        ("{{{}}}", ["<{}>"]),
        ('{{ "}}" }}', ['< "}}" >']),
        ("{{ '{{' }}", ["< '{{' >"]),
        ("{{ `${{a: 1}}` }}", ["< `${{a: 1}}` >"]),
        ("{{ /}}/.test(a) }}", ["< /}}/.test(a) >"]),
        ("{{ a /* }} */ }}", ["< a /* }} */ >"]),
        ("{{ () => {}}}", ["< () => {}>"]),
        ("{{ a // note }}", ["< a // note >"]),
        ("{{ a }}}", ["< a >", "}"]),
        ("}} {{ a }}", ["}} ", "< a >"]),
        (
            '{"email": {{email.text}}, "p": {{p.text}}}',
            ['{"email": ', "<email.text>", ', "p": ', "<p.text>", "}"],
        ),
        ("{{\n  {\n    identifier: U.text,\n    password: P.text\n  }\n}}", None),
        ("", []),
        ("no binding } } at all", ["no binding } } at all"]),
    ],
)
def test_a_binding_ends_where_its_code_does(text: str, expected: list[str] | None) -> None:
    """The first `}}` up to which the code parses on its own ends it (seed rows S2-5, S0-3)."""
    assert parts(text) == (expected if expected is not None else [f"<{text[2:-2]}>"])


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("{{ a.run() }}", False),
        ("{{ if (a) { b() }}}", True),
        ("{{ const x = await a.run(); b(x) }}", True),
        ("{{ // nothing yet }}", True),
        ("{{ a; }}", True),
        ("{{ {a: 1} }}", False),
        ("{{ return }}", True),
    ],
)
def test_actions_may_be_statements(text: str, statements: bool) -> None:
    """What is not one expression is the body of an async function."""
    found = split(whole("f", text), Problems(), action=True)
    assert found is not None
    snippet = only(found)
    assert snippet is not None
    assert snippet.statements is statements


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ a + }} x", "f:1:7 E301"),
        ("{{ { a: }} b", "f:1:8 E301"),
        ("x {{ a", "f:1:3 E302"),
        ("{{ }}", "f:1:1 E303"),
        ("a {{}}", "f:1:3 E303"),
        ("{{ // note }}", "f:1:1 E303"),
        ("{{ a) + (b }}", "f:1:5 E301"),
        ("{{ a }, b: { c }}", "f:1:6 E301"),
        ("{{ a; }}", "f:1:5 E301"),
        ("{{ await a }}", "f:1:4 E304"),
        ("{{\n  a\n  b c\n}}", "f:3:3 E301"),
        ("{{ 'a }}", "f:1:4 E301"),
        ("{{ a /* b }}", "f:1:6 E301"),
        ("{{ a `b }}", "f:1:6 E301"),
        ("{{ a\x00 }}", "f:1:5 E301"),
    ],
)
def test_a_broken_binding_is_reported_at_its_first_mistake(text: str, problem: str) -> None:
    """Line and column inside the snippet; where no end parses, braces are counted."""
    problems = Problems()
    assert split(whole("f", text), problems) is None
    assert brief(problems.sorted()) == [problem]


def test_several_broken_bindings_are_all_reported() -> None:
    """One mistake does not hide the next."""
    problems = Problems()
    assert split(whole("f", "{{ a b }} {{ c }} {{ d e }}"), problems) is None
    assert brief(problems.sorted()) == ["f:1:6 E301", "f:1:24 E301"]


def test_the_work_on_one_text_is_bounded() -> None:
    """A text made to be parsed again and again ends."""
    problems = Problems()
    assert split(whole("f", "{{ ( }}" * 20_000), problems) is None
    assert problems.failed


def test_exactly_one_binding_may_have_white_space_around_it() -> None:
    """That is what keeps its type."""
    for text, exactly in (
        (" \n{{ a }}\n", True),
        ("{{ a }}.", False),
        ("{{ a }}{{ b }}", False),
        ("a", False),
    ):
        found = split(whole("f", text), Problems())
        assert found is not None
        assert (only(found) is not None) is exactly
