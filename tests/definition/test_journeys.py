"""Files of journeys: what they come to, and every mistake with its place and remedy."""

from pathlib import Path

import pytest

from portico.definition.journeys import STANDARDS, load
from portico.model.journey import Click, Fill, Holds, Open, See, SetFault, Simple
from portico.testing.adversary import fault_problem
from portico.testing.dialect_file import IMITATIONS
from tests.definition.test_diagnostics import EXAMPLES

MISTAKES = {
    "E801": "steps: {}\n",
    "E802": "journeys:\n  one:\n    - clic: Sign in\n",
    "E803": "journeys:\n  one:\n    - use: sing in\nsteps:\n  sign in: []\n",
    "E804": "journeys:\n  one:\n    - fault: status 200\n",
    "E805": "journeys: {}\nauth: {dialect:  pocketbas}\n",
}


def read(folder: Path, text: str) -> "tuple[list[str], tuple[object, ...]]":
    """The problems of a file, and the actions of its first journey."""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "sign_in.yaml").write_text(text)
    found = load(folder, fault_problem=fault_problem, imitations=IMITATIONS)
    first = next((journey for file in found.files for journey in file.journeys), None)
    actions = tuple(step.action for step in first.steps) if first else ()
    return [problem.as_text() for problem in found.problems], actions


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_is_told_as_the_manual_says(code: str, tmp_path: Path) -> None:
    """With file, line and column, and what to write instead."""
    problems, _ = read(tmp_path, MISTAKES[code])
    assert problems == [EXAMPLES[code].output]


def test_steps_are_taken_in_their_order_with_those_they_use(tmp_path: Path) -> None:
    """Mappings and lists are several steps; a step knows where it was used."""
    problems, actions = read(
        tmp_path,
        "steps: {sign in: [{open: Home}, {fill: {A: b, C: ''}}]}\njourneys:\n  one:\n    - use: sign in\n"
        "    - click: [Go, On]\n    - see: {Box: true}\n    - not_see: x\n    - reload\n"
        "    - fault: {me: status 401}\n",
    )
    assert problems == []
    assert actions == (
        *(Open("Home"), Fill("A", "b"), Fill("C", ""), Click("Go"), Click("On")),
        *(Holds("Box", "ticked"), See("x", wanted=False), Simple("reload"), SetFault("me: status 401")),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("journeys: {one: [{advance: 61}]}", "E802"),
        ("journeys: {one: [{reload: now}]}", "E802"),
        ("journeys: {one: [click, back]}", "E802"),
        ("journeys: {one: [{fill: x}]}", "E802"),
        ("journeys: {one: [{click: }]}", "E802"),
        ("journeys: {one: [{mail: {form: x}}]}", "E802"),
        ("journeys: {one: {click: x}}", "E801"),
        ("steps: {a: [{use: b}], b: [{use: a}]}\njourneys: {one: [{use: a}]}", "E803"),
        ("standard: sign-in\nwithout: {nothing: x}\n", "E801"),
        ("standard: sign-out\n", "E204"),
        ("journeys: {}\naccount: []", "E201"),
        ("journeys: {}\naccounts: [{username: x}]", "E203"),
        ("journeys: {}\nauth: {dialect: dialects/none.yaml}", "E805"),
        ("journeys: {}\nauth: {dialect: ../../none.yaml}", "E805"),
        ("journeys: {}\nauth: {dialect: pocketbase}\nsettings: {AUTH_URL: x}", "E801"),
    ],
)
def test_other_mistakes_are_found(text: str, code: str, tmp_path: Path) -> None:
    """None of them raises."""
    problems, _ = read(tmp_path, text)
    assert any(f" {code} " in problem for problem in problems), problems


IMITATED = """\
endpoints:
  sign_in: {path: /in, body: {token: "{access_token}"}}
  me: {path: /me, body: {id: "{id}"}}
"""


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("dialects/my-api.yaml", "tests/dialects/my-api.yaml"),
        ("./dialects/../dialects/my-api.yaml", "tests/dialects/my-api.yaml"),
        ("../my-api.yaml", "my-api.yaml"),
        ("pocketbase", "pocketbase"),
    ],
)
def test_an_imitated_api_is_named_from_where_it_is_named(written: str, path: str, tmp_path: Path) -> None:
    """A file is taken from the folder of the journeys; what is in that folder besides needs no journeys."""
    for place in ("tests/dialects/my-api.yaml", "my-api.yaml"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(IMITATED)
    problems, _ = read(tmp_path, f"journeys: {{}}\nauth: {{dialect: {written}}}\n")
    assert problems == []
    (file,) = load(tmp_path).files
    assert file.auth.dialect == path


def test_an_imitated_api_is_judged_once_with_its_place(tmp_path: Path) -> None:
    """File, line and column of what is wrong in it, however many journeys name it."""
    (tmp_path / "tests/dialects").mkdir(parents=True)
    (tmp_path / "tests/dialects/api.yaml").write_text(IMITATED.replace("{id}", "{ID} {nobody}"))
    (tmp_path / "tests/other.yaml").write_text("journeys: {}\nauth: {dialect: dialects/api.yaml}\n")
    problems, _ = read(tmp_path, "journeys: {}\nauth: {dialect: dialects/api.yaml}\n")
    (problem,) = problems
    assert problem.startswith("tests/dialects/api.yaml:3:30 E204 `{nobody}` stands for nothing here")


def test_an_account_may_have_a_role(tmp_path: Path) -> None:
    """It has none that is not said."""
    who = "username: a, email: a@example.com, password: x"
    read(tmp_path, f"journeys: {{}}\naccounts: [{{{who}}}, {{{who}, role: admin}}]\n")
    (file,) = load(tmp_path).files
    assert [account.role for account in file.accounts] == ["", "admin"]


def test_a_standard_says_what_an_app_has_to_say(tmp_path: Path) -> None:
    """Each list of steps that is missing, once, at the line that names the standard."""
    problems, _ = read(tmp_path, f"standard: {STANDARDS[0]}\n")
    assert len(problems) == 10
    assert all(problem.startswith("tests/sign_in.yaml:1:1 E803") for problem in problems)
    assert len(set(problems)) == len(problems)


def test_a_report_never_repeats_what_was_typed(tmp_path: Path) -> None:
    """It may be a password: words of a step name the field alone."""
    read(tmp_path, "journeys: {one: [{fill: {Password: hunter2}}]}")
    (file,) = load(tmp_path).files
    assert "hunter2" not in repr(file)
    assert file.journeys[0].steps[0].words == "fill: Password"
