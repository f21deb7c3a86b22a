"""Data types of an app: what `types/*.yaml` says, and what is wrong with it (rows S4-4, S4-9)."""

from pathlib import Path

import pytest

from portico.model.data_type import DataField
from tests.definition.apps import GUARDED, PLAIN, app, brief, loaded

TYPES = {
    "types/AuthUser.yaml": """\
fields:
  firstName: {type: string, required: true}
  tags: {type: string, list: true}
  since: {type: datetime, from: meta.created.at}
  address: {type: Address}
""",
    "types/Address.yaml": "fields:\n  city: {type: string}\n",
}
SIGN_IN = GUARDED["app.yaml"] + "  user_type: AuthUser\n"


def test_types_are_read(tmp_path: Path) -> None:
    """Fields, what they hold, and where in JSON they stand."""
    found = app(tmp_path, {**GUARDED, **TYPES, "app.yaml": SIGN_IN})
    assert found.contract is not None
    assert found.contract.user_type == "AuthUser"
    assert found.types["AuthUser"].fields == {
        "firstName": DataField(type="string", source=("firstName",), required=True),
        "tags": DataField(type="string", source=("tags",), list=True),
        "since": DataField(type="datetime", source=("meta", "created", "at")),
        "address": DataField(type="Address", source=("address",)),
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("fields: {}\n", []),
        ("{}\n", ["types/A.yaml:1:1 E203"]),
        ("fields: [a]\n", ["types/A.yaml:1:9 E202"]),
        ("fields:\n  a: string\n", ["types/A.yaml:2:6 E202"]),
        ("fields:\n  a: {list: true}\n", ["types/A.yaml:2:6 E203"]),
        ("fields:\n  a: {type: text}\n", ["types/A.yaml:2:13 E410"]),
        ("fields:\n  a: {type: string, required: sure}\n", ["types/A.yaml:2:31 E202"]),
        ("fields:\n  a: {type: string, optional: true}\n", ["types/A.yaml:2:21 E201"]),
        ("fields:\n  a: {type: string, from: a..b}\n", ["types/A.yaml:2:27 E241"]),
        ("fields:\n  a-b: {type: string}\n", ["types/A.yaml:2:3 E241"]),
        ("fields:\n  a: {type: A, required: true}\n", ["types/A.yaml:1:1 E241"]),
        ("fields:\n  a: {type: A}\n", []),
        ("fields:\n  a: {type: A, required: true, list: true}\n", []),
    ],
)
def test_what_is_wrong_with_a_type(content: str, expected: list[str], tmp_path: Path) -> None:
    """Each problem with its place; a type may hold others of itself, but not need one."""
    assert brief(loaded(tmp_path, {**PLAIN, "types/A.yaml": content}).problems) == expected


def test_types_that_need_each_other(tmp_path: Path) -> None:
    """A circle of required fields can be filled by nothing."""
    types = {
        f"types/{name}.yaml": f"fields:\n  other: {{type: {other}, required: true}}\n"
        for name, other in (("A", "B"), ("B", "A"), ("C", "A"))
    }
    problems = loaded(tmp_path, {**PLAIN, **types}).problems
    assert brief(problems) == ["types/A.yaml:1:1 E241", "types/B.yaml:1:1 E241"]


def test_a_user_type_must_exist(tmp_path: Path) -> None:
    """And the remedy is the one that was meant."""
    files = {**GUARDED, **TYPES, "app.yaml": SIGN_IN.replace("AuthUser", "AuthUsers")}
    (problem,) = loaded(tmp_path, files).problems
    assert (f"{problem.place} {problem.code}", problem.remedy) == (
        "app.yaml:6:14 E410",
        "did you mean `AuthUser`?",
    )


def test_a_type_that_cannot_be_read_is_not_missing(tmp_path: Path) -> None:
    """One problem, not two."""
    files = {**GUARDED, **TYPES, "app.yaml": SIGN_IN, "types/AuthUser.yaml": "fields: {a: [\n"}
    assert brief(loaded(tmp_path, files).problems) == ["types/AuthUser.yaml:2:1 E105"]


def test_basic_types_have_their_names(tmp_path: Path) -> None:
    """A file cannot take one."""
    problems = loaded(tmp_path, {**PLAIN, "types/string.yaml": "fields: {}\n"}).problems
    assert brief(problems) == ["types/string.yaml:1:1 E241"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("  sign_in: {query: getUser, trust: script}\n", []),
        ("  sign_in: {query: getUser, trust: scripts}\n", ["app.yaml:6:36 E204"]),
        ("  sign_up: {query: getUser, trust: script}\n", ["app.yaml:6:29 E201"]),
    ],
)
def test_scripts_are_trusted_with_sign_in_alone(role: str, expected: list[str], tmp_path: Path) -> None:
    """`trust: script`, in no other words and nowhere else."""
    result = loaded(tmp_path, {**GUARDED, "app.yaml": GUARDED["app.yaml"] + role})
    assert brief(result.problems) == expected
    if result.app is not None and result.app.contract is not None:
        assert result.app.contract.trusts_script
