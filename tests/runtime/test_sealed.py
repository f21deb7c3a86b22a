"""Opening tokens on the way out: in each kind of body, and only where they stand in the form given out."""

import json
from typing import Any

import pytest

from portico.auth.opener import Opener
from portico.auth.sealing import Vault
from portico.model.query import BodyType, Datasource, Request
from portico.runtime.sealed import opened, stays

ODD = 'quote" slash/ plus+ and & equals='
SOURCE = Datasource(name="api", url="https://api.example.com")


def _opener(vault: Vault, *, covered: bool = True) -> Opener:
    return Opener(vault=vault, tokens=covered)


@pytest.mark.parametrize(
    ("body_type", "label", "body", "sent"),
    [
        ("json", "", '{"t": "TOKEN"}', json.dumps({"t": ODD})),
        ("text", "application/json", '{"t": "TOKEN"}', json.dumps({"t": ODD})),
        ("text", "text/csv", "a,TOKEN", f"a,{ODD}"),
        ("form", "", "t=TOKEN&x=1", "t=quote%22%20slash%2F%20plus%2B%20and%20%26%20equals%3D&x=1"),
        (
            "text",
            "application/x-www-form-urlencoded",
            "t=TOKEN",
            "t=quote%22%20slash%2F%20plus%2B%20and%20%26%20equals%3D",
        ),
    ],
)
def test_a_text_is_opened_as_its_type_is_written(
    body_type: BodyType, label: str, body: str, sent: str
) -> None:
    """A token with characters that mean something there is escaped."""
    vault = Vault()
    shown = vault.seal(ODD)
    headers = (("Content-Type", label),) if label else ()
    request = Request(path="/", headers=headers, body=body.replace("TOKEN", shown), body_is_text=True)
    assert opened(request, body_type, _opener(vault)).body == sent


def test_values_are_opened_however_deep() -> None:
    """Not by recursion; names of members too; what came in is left as it was."""
    vault = Vault()
    shown = vault.seal("opaque-token")
    deep: Any = {shown: shown}
    for at in range(10_000):
        deep = [deep] if at % 2 else {"x": deep}
    request = Request(path="/", body=deep)
    for body, expected in (
        (opened(request, "json", _opener(vault)).body, "opaque-token"),
        (request.body, shown),
    ):
        found: Any = body
        for _ in range(10_000):
            found = found[0] if isinstance(found, list) else found["x"]
        assert found == {expected: expected}
    assert stays(request, _opener(vault, covered=False), SOURCE) != ""


@pytest.mark.parametrize("covered", [True, False])
def test_paths_and_parameters_stay(covered: bool) -> None:
    """And it is said why; nothing is said where there is no token."""
    vault = Vault()
    shown = vault.seal("opaque-token")
    request = Request(path=f"/a/{shown}?x={shown}", params=(("t", shown),))
    assert opened(request, "none", _opener(vault)) == request
    assert "among its parameters" in stays(request, _opener(vault, covered=covered), SOURCE)
    assert stays(Request(path="/a", params=(("t", "x"),)), _opener(vault, covered=covered), SOURCE) == ""
    there = opened(request, "none", _opener(vault), in_query=True)
    assert (there.path, there.params) == (f"/a/{shown}?x=opaque-token", (("t", "opaque-token"),))
