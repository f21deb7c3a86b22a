"""Queries and datasources come over; what is secret does not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.importers.appsmith.importing import Imported
from tests.importers.appsmith.shop import (
    CANARY,
    imported,
    lines,
    of_page,
    rest,
    root,
    write_export,
    write_git,
)


def query(tmp_path: Path, **configuration: Any) -> dict[str, Any]:
    """What becomes of a query."""
    return said(of_page(tmp_path, root(), actions=[rest("Home", "q", configuration=configuration)]), "q")


def said(found: Imported, name: str, home: str = "Home") -> dict[str, Any]:
    """What the file of a query says."""
    content: dict[str, Any] = yaml.safe_load(found.files[f"pages/{home}/queries/{name}.yaml"])
    return content


JSON = {"apiContentType": "application/json"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"a": {{1}}}', '{"a": {{1}}}'),
        ("{a: {{1}}, 'b': 'x', }", '{"a": {{1}}, "b": "x" }'),
        ("{\n  // who\n  name: {{1}},\n}", '{\n  \n  "name": {{1}}\n}'),
        ("{{ {a: 1} }}", "{{ {a: 1} }}"),
        ('["{{1}}", null, -1.5e3]', '["{{1}}", null, -1.5e3]'),
    ],
)
def test_json_bodies(body: str, expected: str, tmp_path: Path) -> None:
    """What Appsmith takes for JSON is written as JSON."""
    found = query(tmp_path, httpMethod="POST", body=body, formData=JSON)
    assert found["body"] == expected
    assert "body_type" not in found


def test_what_is_no_json_is_sent_as_it_stands(tmp_path: Path) -> None:
    """With its label; so is JSON that code has made text already."""
    for number, body in enumerate(("{{JSON.stringify({a: 1})}}", "{a: {{1}} {{2}}")):
        found = query(tmp_path / str(number), httpMethod="POST", body=body, formData=JSON)
        assert (found["body_type"], found["body"]) == ("text", body)
        assert found["headers"] == {"Content-Type": "application/json"}


def test_forms_and_parts(tmp_path: Path) -> None:
    """Names that stand twice give a list; the label of parts is ours."""
    fields = [{"key": "a", "value": "1"}, {"key": "a", "value": "{{2}}"}, {"key": "", "value": "x"}]
    for number, (kind, label) in enumerate(
        [("form", "application/x-www-form-urlencoded"), ("multipart", "multipart/form-data")]
    ):
        found = query(
            tmp_path / str(number),
            httpMethod="PUT",
            bodyFormData=fields,
            headers=[{"key": "content-type", "value": label}],
            formData={"apiContentType": label},
        )
        assert found["body_type"] == kind
        assert found["body"] == {"a": ["1", "{{2}}"]}
        assert "headers" not in found


def test_times_runs_and_questions(tmp_path: Path) -> None:
    """Times are kept within what there is; who runs by himself says so."""
    actions = [
        rest("Home", "slow", configuration={"timeoutInMillisecond": 259200000}, runBehaviour="AUTOMATIC"),
        rest("Home", "asks", configuration={"httpMethod": "DELETE"}, confirmBeforeExecute=True),
        rest("Home", "leaves", runBehaviour="ON_PAGE_UNLOAD"),
    ]
    found = of_page(tmp_path, root(), actions=actions)
    assert said(found, "slow") == {
        "datasource": "Shop-API",
        "path": "/",
        "run": "automatic",
        "timeout": "60s",
    }
    assert said(found, "asks") == {"datasource": "Shop-API", "method": "DELETE", "path": "/", "confirm": True}
    assert said(found, "leaves")["run"] == "manual"
    assert any("leaves" in line for line in lines(found, "left-out"))


def test_addresses(tmp_path: Path) -> None:
    """Queries with an address of their own share the datasource of its origin."""
    own = {
        "name": "DEFAULT_REST_DATASOURCE",
        "datasourceConfiguration": {"url": "https://api.example.com/v1/"},
    }
    ask = {
        "name": "DEFAULT_REST_DATASOURCE",
        "datasourceConfiguration": {"url": "https://api.example.com?a=b"},
    }
    away = {
        "name": "DEFAULT_REST_DATASOURCE",
        "datasourceConfiguration": {"url": "{{appsmith.store.base}}/x"},
    }
    home = {"name": "DEFAULT_REST_DATASOURCE", "datasourceConfiguration": {"url": "http://192.168.0.7:8080"}}
    paging = {"queryParameters": [{"key": "page", "value": "1"}]}
    actions = [
        rest("Home", "one", datasource=own, configuration={"path": "users?page=1", **paging}),
        rest("Home", "two", datasource=ask, configuration={"path": "/a b"}),
        rest("Home", "three", datasource=away, configuration={"path": ""}),
        rest("Home", "four", datasource=home),
    ]  # fmt: skip
    found = of_page(tmp_path, root(), actions=actions)
    assert found.files["datasources/example.yaml"] == 'url: "https://api.example.com"\n'
    assert said(found, "one") == {
        "datasource": "example", "path": "/v1/users", "params": {"page": "1"}, "run": "manual"
    }  # fmt: skip
    assert said(found, "two") == {
        "datasource": "example",
        "path": "/a%20b",
        "params": {"a": "b"},
        "run": "manual",
    }
    assert "address-missing.invalid" in found.files[f"datasources/{said(found, 'three')['datasource']}.yaml"]
    assert any("three" in line and "computed" in line for line in lines(found, "question"))
    assert any("allow_private" in line for line in lines(found, "needs"))


def test_a_datasource_that_nobody_exported_is_ready_to_fill_in(tmp_path: Path) -> None:
    """Its address is a setting, whose default leads nowhere."""
    found = imported(write_git(tmp_path))
    assert (
        found.files["datasources/Shop-API.yaml"]
        == 'url: "${SHOP_API_URL:-https://address-missing.invalid}"\n'
    )
    assert any("SHOP_API_URL" in line for line in lines(found, "needs"))


def test_plugins_that_there_are_not(tmp_path: Path) -> None:
    """A query that cannot come over is told, and what reads it gets undefined."""
    found = imported(write_git(tmp_path))
    assert "My Orders › countOrders: there is no kind of query for snowflake-plugin" in lines(
        found, "left-out"
    )
    assert "pages/My-Orders/queries/countOrders.yaml" not in found.files


def leaks(files: dict[str, str]) -> list[str]:
    """The files that hold the canary."""
    return [path for path, content in files.items() if CANARY in content]


def everything_secret(folder: Path) -> Path:
    """An export with credentials wherever one may hold them."""
    source = {
        "name": "Shop API",
        "pluginId": "restapi-plugin",
        "datasourceConfiguration": {
            "url": "https://api.example.com",
            "headers": [{"key": "X-Token", "value": CANARY}],
            "authentication": {"authenticationType": "basic", "username": "shop", "password": f"{CANARY}-p"},
        },
    }
    database = {
        "name": "Base",
        "pluginId": "postgres-plugin",
        "datasourceConfiguration": {"authentication": {"username": "shop", "password": CANARY}},
    }
    embedded = {
        "name": "DEFAULT_REST_DATASOURCE",
        "datasourceConfiguration": {"url": f"https://user:{CANARY}@other.example.com"},
    }
    return write_export(
        folder,
        datasourceList=[source, database],
        decryptedFields={"Shop API": {"password": CANARY, "authType": "basic"}},
        actionList=[
            rest(
                "Login",
                "keyed",
                configuration={
                    "headers": [{"key": "Authorization", "value": f"Bearer {CANARY}"}],
                    "queryParameters": [{"key": "api_key", "value": CANARY}],
                },
            ),
            rest("Login", "plain"),
            rest("Login", "base", plugin="postgres-plugin", datasource={"name": "Base", "id": "Base"}),
            rest("Login", "userinfo", datasource=embedded),
        ],
        actionCollectionList=[],
    )


def test_no_value_of_a_secret_is_written(tmp_path: Path) -> None:
    """Not into a datasource, a query or the report; the name is told. The values are at hand for the file
    of secrets."""
    found = imported(everything_secret(tmp_path))
    assert leaks(dict(found.files)) == []
    assert CANARY not in str(found.report.as_json()) + "\n".join(found.report.as_text())
    assert CANARY not in repr(found)
    names = {one.name for one in found.wanted}
    assert {"SHOP_API_TOKEN", "SHOP_API_PASSWORD"} <= names
    assert all(any(name in line for line in lines(found, "needs")) for name in names)
    assert any(one.value is not None and one.value.reveal() == CANARY for one in found.wanted)
    of_user = yaml.safe_load(found.files["datasources/example.yaml"])
    assert of_user == {
        "url": "https://other.example.com",
        "headers": {"Authorization": {"secret": "EXAMPLE_AUTHORIZATION"}},
    }


def test_a_leak_would_be_found(tmp_path: Path) -> None:
    """The control of the test above: an import that writes what the export says is reported."""
    found = imported(everything_secret(tmp_path))
    broken = {**found.files, "datasources/Shop-API.yaml": f"headers:\n  X-Token: {CANARY}\n"}
    assert leaks(broken) == ["datasources/Shop-API.yaml"]


def test_queries_with_other_credentials_have_another_datasource(tmp_path: Path) -> None:
    """Nobody sends a key that he did not send before."""
    actions = [
        rest("Home", "plain"),
        rest("Home", "first", configuration={"headers": [{"key": "X-Api-Key", "value": "k-1-k-1-k-1"}]}),
        rest("Home", "second", configuration={"headers": [{"key": "X-Api-Key", "value": "k-2-k-2-k-2"}]}),
        rest("Home", "again", configuration={"headers": [{"key": "x-api-key", "value": "k-1-k-1-k-1"}]}),
    ]
    found = of_page(tmp_path, root(), actions=actions)
    used = {name: said(found, name)["datasource"] for name in ("plain", "first", "second", "again")}
    assert used["first"] == used["again"]
    assert len(set(used.values())) == 3
    assert "secret" not in found.files[f"datasources/{used['plain']}.yaml"]
