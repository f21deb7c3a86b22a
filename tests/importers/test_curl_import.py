# ruff: noqa: E501  (tables of commands)
"""From a command to files: credentials, parameters, names, and datasources that are used again."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.load import load
from portico.definition.secrets import Secrets
from portico.importers.curl import parse
from portico.importers.curl_import import Import, import_request
from portico.importers.shell import split
from portico.importers.sources import Source, sources_of
from portico.importers.words import CommandUnreadable
from portico.importers.yaml_text import dump
from portico.ui.widgets import CATALOGUE
from portico.values import Secret

URL = "https://api.shop.example/v1/items"


def imported(command: str, **more: Any) -> Import:
    """What a command becomes."""
    return import_request(parse(split(command).words), **more)


def source_of(found: Import) -> Any:
    """The datasource file, read as YAML again."""
    assert found.source is not None
    return yaml.safe_load(dump(found.source))


def secret(name: str) -> dict[str, str]:
    """A reference."""
    return {"secret": name}


def wanted(found: Import) -> dict[str, str | None]:
    """Names and values of the secrets."""
    return {item.name: item.value.reveal() if item.value else None for item in found.wanted}


CREDENTIALS: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
    ("", {}, {}),
    ("-H 'Accept: text/csv'", {}, {}),
    (
        "-H 'apikey: k3y-k3y-k3y'",
        {"headers": {"apikey": secret("SHOP_APIKEY")}},
        {"SHOP_APIKEY": "k3y-k3y-k3y"},
    ),
    (
        "-H 'X-Auth-Token: a-1' -H 'X-Api-Key: b-2'",
        {"headers": {"X-Auth-Token": secret("SHOP_AUTH_TOKEN"), "X-Api-Key": secret("SHOP_API_KEY")}},
        {"SHOP_AUTH_TOKEN": "a-1", "SHOP_API_KEY": "b-2"},
    ),
    (
        "-H 'Authorization: Bearer abc'",
        {"auth": {"type": "bearer", "token": secret("SHOP_TOKEN")}},
        {"SHOP_TOKEN": "abc"},
    ),
    (
        "-H 'authorization: Token abc'",
        {"auth": {"type": "api_key", "name": "authorization", "prefix": "Token", "value": secret("SHOP_KEY")}},
        {"SHOP_KEY": "abc"},
    ),
    (
        "-H 'Authorization: abc'",
        {"headers": {"Authorization": secret("SHOP_AUTHORIZATION")}},
        {"SHOP_AUTHORIZATION": "abc"},
    ),
    (
        "-u ann:pw:x",
        {"auth": {"type": "basic", "username": "ann", "password": secret("SHOP_PASSWORD")}},
        {"SHOP_PASSWORD": "pw:x"},
    ),
    (
        "-u sk_live_1:",
        {"auth": {"type": "basic", "username": secret("SHOP_KEY"), "password": ""}},
        {"SHOP_KEY": "sk_live_1"},
    ),
    (
        "-u ann",
        {"auth": {"type": "basic", "username": "ann", "password": secret("SHOP_PASSWORD")}},
        {"SHOP_PASSWORD": None},
    ),
    (
        "-H 'Authorization: Basic YW5uOnB3'",
        {"auth": {"type": "basic", "username": "ann", "password": secret("SHOP_PASSWORD")}},
        {"SHOP_PASSWORD": "pw"},
    ),
    (
        "-H 'Authorization: Basic not-base64'",
        {"headers": {"Authorization": secret("SHOP_AUTHORIZATION")}},
        {"SHOP_AUTHORIZATION": "Basic not-base64"},
    ),
    (
        "-u 'ann:pw' -H 'Authorization: Bearer abc'",
        {"auth": {"type": "bearer", "token": secret("SHOP_TOKEN")}},
        {"SHOP_TOKEN": "abc"},
    ),
    ("-b 'sid=abc'", {"headers": {"Cookie": secret("SHOP_COOKIE")}}, {"SHOP_COOKIE": "sid=abc"}),
    (
        "-G -d api_key=abc",
        {"auth": {"type": "api_key", "name": "api_key", "in": "query", "value": secret("SHOP_API_KEY")}},
        {"SHOP_API_KEY": "abc"},
    ),
    (
        "-G -d api_key=abc -u ann:pw",
        {
            "headers": {"Authorization": secret("SHOP_AUTHORIZATION")},
            "auth": {"type": "api_key", "name": "api_key", "in": "query", "value": secret("SHOP_API_KEY")},
        },
        {"SHOP_AUTHORIZATION": "Basic YW5uOnB3", "SHOP_API_KEY": "abc"},
    ),
    ("-G -d key=name", {}, {}),
    (
        "-G -d key=AIzaSyD-9tSrke72PouQMnMX",
        {"auth": {"type": "api_key", "name": "key", "in": "query", "value": secret("SHOP_KEY")}},
        {"SHOP_KEY": "AIzaSyD-9tSrke72PouQMnMX"},
    ),
    # Variables and placeholders give their names, and no values.
    ('-H "apikey: $MY_KEY"', {"headers": {"apikey": secret("MY_KEY")}}, {"MY_KEY": None}),
    ('-H "apikey: ${myKey}"', {"headers": {"apikey": secret("MYKEY")}}, {"MYKEY": None}),
    (
        '-H "Authorization: Bearer $TOKEN"',
        {"auth": {"type": "bearer", "token": secret("TOKEN")}},
        {"TOKEN": None},
    ),
    ('-H "Cookie: sid=$SID; a=b"', {"headers": {"Cookie": secret("SHOP_COOKIE")}}, {"SHOP_COOKIE": None}),
    ("-H 'apikey: SUPABASE_KEY'", {"headers": {"apikey": secret("SUPABASE_KEY")}}, {"SUPABASE_KEY": None}),
    ("-H 'apikey: <your key>'", {"headers": {"apikey": secret("SHOP_APIKEY")}}, {"SHOP_APIKEY": None}),
    ("-H 'apikey: your-api-key'", {"headers": {"apikey": secret("SHOP_APIKEY")}}, {"SHOP_APIKEY": None}),
    ("-H 'apikey: xxxxxxxx'", {"headers": {"apikey": secret("SHOP_APIKEY")}}, {"SHOP_APIKEY": None}),
    # One value has one name.
    (
        "-H 'apikey: same' -H 'Authorization: Bearer same'",
        {"headers": {"apikey": secret("SHOP_APIKEY")}, "auth": {"type": "bearer", "token": secret("SHOP_APIKEY")}},
        {"SHOP_APIKEY": "same"},
    ),
    # Words that are no credentials.
    ("-H 'Idempotency-Key: abc' -H 'X-Monkey: b' -H 'X-Author: c'", {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected", "secrets"), CREDENTIALS)
def test_credentials_become_secrets(
    options: str, expected: dict[str, Any], secrets: dict[str, str | None]
) -> None:
    """By the datasource's name and what they are; the query has none of them."""
    found = imported(f"curl {URL} {options}")
    assert source_of(found) == {"url": "https://api.shop.example/v1", **expected}
    assert wanted(found) == secrets
    for name, value in secrets.items():
        assert value is None or value not in dump(found.content), name


def test_a_credential_twice_is_refused() -> None:
    """A mapping has a name once."""
    with pytest.raises(CommandUnreadable, match="twice"):
        imported(f"curl {URL} -H 'apikey: a' -H 'APIKEY: b'")


def test_names_of_secrets_avoid_those_in_use() -> None:
    """Unless they mean the same value."""
    other = imported(f"curl {URL} -H 'apikey: new'", values={"SHOP_APIKEY": Secret("old")})
    assert list(wanted(other)) == ["SHOP_APIKEY_2"]
    same = imported(f"curl {URL} -H 'apikey: old'", values={"SHOP_APIKEY": Secret("old")})
    assert list(wanted(same)) == ["SHOP_APIKEY"]


BODIES: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
    (
        """--json '{"email":"ann@example.com","password":"s3cret","n":1.50}'""",
        {
            "body": '{\n  "email": "ann@example.com",\n  "password": {{ this.params.password }},\n  "n": 1.50\n}\n'
        },
        {"password": "s3cret"},
    ),
    (
        """--json '{"user":{"newPassword":"a","password_confirmation":"a","pin":1}}'""",
        {
            "body": '{\n  "user": {\n    "newPassword": {{ this.params.newPassword }},\n'
            '    "password_confirmation": {{ this.params.password_confirmation }},\n    "pin": 1\n  }\n}\n'
        },
        {"newPassword": "a", "password_confirmation": "a"},
    ),
    (
        """--json '{"a":{"password":"x"},"b":{"password":"y"},"c":{"password":"x"}}'""",
        {
            "body": '{\n  "a": {\n    "password": {{ this.params.password }}\n  },\n'
            '  "b": {\n    "password": {{ this.params.password_2 }}\n  },\n'
            '  "c": {\n    "password": {{ this.params.password }}\n  }\n}\n'
        },
        {"password": "x", "password_2": "y"},
    ),
    (
        "-d 'username=ann&password=s3cret%2B'",
        {"body_type": "form", "body": {"username": "ann", "password": "{{ this.params.password }}"}},
        {"password": "s3cret+"},
    ),
    (
        "-F user=ann -F 'client-secret=x y'",
        {
            "body_type": "multipart",
            "body": {"user": "ann", "client-secret": "{{ this.params.client_secret }}"},
        },
        {"client_secret": "x y"},
    ),
    (
        """--json "{\\"id\\": \\"$ID\\", \\"to\\": \\"$NAME <$MAIL>\\", \\"password\\": \\"$PASSWORD\\"}" """,
        {
            "body": '{\n  "id": {{ this.params.ID }},\n  "to": "{{ this.params.NAME }} <{{ this.params.MAIL }}>",\n'
            '  "password": {{ this.params.PASSWORD }}\n}\n'
        },
        {"ID": None, "NAME": None, "MAIL": None, "PASSWORD": None},
    ),
    ("""--json '{"password":""}'""", {"body": '{\n  "password": ""\n}\n'}, {}),
    ("""--json '{"password":null,"token":12}'""", {"body": '{\n  "password": null,\n  "token": 12\n}\n'}, {}),
    ("""--json '[]'""", {"body": "[]\n"}, {}),
    ("""--json '"{{x}}"'""", {"body": "\"{{ '{{' }}x}}\"\n"}, {}),
]


@pytest.mark.parametrize(("options", "expected", "parameters"), BODIES)
def test_passwords_and_variables_become_parameters(
    options: str, expected: dict[str, Any], parameters: dict[str, str | None]
) -> None:
    """Other values stay as they were, numbers digit by digit."""
    found = imported(f"curl {URL} {options}")
    content = yaml.safe_load(dump(found.content))
    kept = {name: content[name] for name in ("body_type", "body") if name in content}
    assert kept == expected
    assert found.parameters.values == parameters


@pytest.mark.parametrize(
    ("command", "datasource", "url", "query", "path"),
    [
        ("curl https://abc.supabase.co/auth/v1/signup -d a=1", "supabase", "/auth/v1", "signup", "/signup"),
        ("curl https://api.stripe.com/v1/charges/ch_1", "stripe", "/v1", "get_ch_1", "/charges/ch_1"),
        ("curl -X DELETE https://x.co.uk/users/7", "x", "", "delete_users", "/users/7"),
        ("curl -X PATCH https://auth.my-shop.example/a.b", "my-shop", "", "update_a_b", "/a.b"),
        ("curl https://a.example", "a", "", "get_query", "/"),
        ("curl https://1password.example/v1", "api_1password", "", "get_query", "/v1"),
        ("curl http://10.0.0.1:8080/api/delete -d a=1", "api", "", "delete_query", "/api/delete"),
        ("curl https://a.example/v1/v2/x", "a", "/v1/v2", "get_x", "/x"),
        ("curl https://a.example/v1//x", "a", "/v1", "get_x", "//x"),
    ],
)
def test_names_and_the_base_of_an_api(command: str, datasource: str, url: str, query: str, path: str) -> None:
    """From host, version and last word."""
    if path.startswith("//"):
        with pytest.raises(CommandUnreadable, match="cannot call"):
            imported(command)
        return
    found = imported(command)
    assert (found.datasource, found.query, found.content["path"]) == (datasource, query, path)
    assert source_of(found)["url"].partition("//")[2].partition("/")[1:] == ("/" if url else "", url[1:])


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost:1337", True), ("127.0.0.1", True), ("192.168.1.4:80", True), ("[::1]:80", True),
        ("nas.local", True), ("api.internal", True), ("example.com", False), ("93.184.216.34", False),
    ],
)  # fmt: skip
def test_private_addresses_are_allowed_where_the_command_names_one(host: str, private: bool) -> None:
    """Nobody else's: `allow_private` is written, and told."""
    found = imported(f"curl http://{host}/x")
    assert source_of(found).get("allow_private", False) is private
    assert any("allow_private" in note for note in found.notes) is private


@pytest.mark.parametrize("seconds", ["5", "0.25", "0.01", "600"])
def test_a_time_limit_is_the_querys(seconds: str) -> None:
    """If a query may have it."""
    found = imported(f"curl {URL} -m {seconds}")
    if seconds in ("5", "0.25"):
        assert (found.content["timeout"], found.notes) == (f"{seconds}s", ())
    else:
        assert "timeout" not in found.content
        assert "-m was left out" in found.notes[0]


# Datasources that an app has


def existing(folder: Path, files: dict[str, str]) -> list[Source]:
    """The datasources of an app with these files."""
    everything = {"app.yaml": "auth: none\n", "pages/Home/page.yaml": "title: Home\n", **files}
    for name, text in everything.items():
        file = folder / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    loaded = load(folder / "shop", types=CATALOGUE, settings={}, secrets=Secrets())
    assert loaded.app is not None
    return sources_of(loaded.datasources, folder / "shop")


SHOP = "url: https://api.shop.example/v1\nheaders: {apikey: {secret: SHOP_KEY}, X-Shop: '1'}\n"

REUSED = [
    ("curl https://api.shop.example/v1/items -H 'apikey: abc'", True),
    ("curl https://api.shop.example:443/v1/items?x=1 -H 'APIKEY: other'", True),
    ("curl https://api.shop.example/v1/items", True),
    ("curl https://api.shop.example/v1", True),
    ("curl https://API.shop.example/v1/items -H 'apikey: abc' -H 'X-Shop: 1'", True),
    ("curl http://api.shop.example/v1/items -H 'apikey: abc'", False),
    ("curl https://api.shop.example:8443/v1/items -H 'apikey: abc'", False),
    ("curl https://api.shop.example/v2/items -H 'apikey: abc'", False),
    ("curl https://api.shop.example/v11 -H 'apikey: abc'", False),
    ("curl https://shop.example/v1/items -H 'apikey: abc'", False),
    ("curl https://api.shop.example/v1/items -H 'apikey: abc' -H 'Authorization: Bearer x'", False),
    ("curl https://api.shop.example/v1/items -u a:b", False),
]


@pytest.mark.parametrize(("command", "reused"), REUSED)
def test_a_datasource_that_leads_there_is_used(command: str, reused: bool, tmp_path: Path) -> None:
    """If it sends what the command needs to be let in (the seed's "save as a datasource")."""
    sources = existing(tmp_path, {"datasources/shop.yaml": SHOP})
    found = imported(command, sources=sources)
    assert (found.source is None) == reused
    assert found.datasource == ("shop" if reused else "shop_2")
    assert found.content["datasource"] == found.datasource
    if reused:
        assert found.wanted == ()
        assert "apikey" not in dump(found.content).lower()
    if "Bearer" in command:
        assert "does not send Authorization" in " ".join(found.notes)


def test_what_a_datasource_adds_is_told(tmp_path: Path) -> None:
    """It changes what is sent."""
    sources = existing(tmp_path, {"datasources/shop.yaml": SHOP})
    notes = imported("curl https://api.shop.example/v1/x -H 'X-Other: 1'", sources=sources).notes
    assert notes == ("the datasource shop sends besides: apikey, X-Shop",)
    found = imported("curl https://api.shop.example/v1/x -H 'apikey: a' -H 'X-Shop: 2'", sources=sources)
    assert (found.notes, found.content["headers"]) == ((), {"X-Shop": "2"})


AUTHS = [
    ("auth: {type: bearer, token: {secret: A}}", "-H 'Authorization: Bearer x'", True),
    ("auth: {type: bearer, token: {secret: A}}", "-u a:b", True),
    ("auth: {type: bearer, token: {secret: A}}", "-H 'Authorization: Token x'", True),
    ("auth: {type: basic, username: a, password: {secret: A}}", "-u a:b", True),
    ("headers: {authorization: {secret: A}}", "-H 'Authorization: Bearer x'", True),
    ("auth: {type: api_key, name: x-key, value: {secret: A}}", "-H 'X-Key: x'", True),
    ("auth: {type: api_key, name: key, in: query, value: {secret: A}}", "-G -d api_key=x", False),
    ("auth: {type: api_key, name: api_key, in: query, value: {secret: A}}", "-G -d api_key=x", True),
    ("auth: {type: api_key, name: api_key, value: {secret: A}}", "-G -d api_key=x", False),
    ("auth: none", "-u a:b", False),
]


@pytest.mark.parametrize(("auth", "options", "reused"), AUTHS)
def test_credentials_of_a_datasource_count_while_they_are_not_set(
    auth: str, options: str, reused: bool, tmp_path: Path
) -> None:
    """What its file says decides."""
    sources = existing(tmp_path, {"datasources/api.yaml": f"url: https://api.shop.example\n{auth}\n"})
    assert (imported(f"curl https://api.shop.example/x {options}", sources=sources).source is None) == reused


def test_the_longest_way_wins_and_a_chosen_one_before_all(tmp_path: Path) -> None:
    """Several datasources may lead to one address."""
    files = {
        "datasources/all.yaml": "url: https://a.example\n",
        "datasources/auth.yaml": "url: https://a.example/auth/v1\n",
        "datasources/keyed.yaml": "url: https://a.example/auth\nheaders: {apikey: {secret: K}}\n",
    }
    sources = existing(tmp_path, files)
    command = "curl https://a.example/auth/v1/user"
    assert (imported(command, sources=sources).datasource) == "auth"
    assert imported(f"{command} -H 'apikey: x'", sources=sources).datasource == "keyed"
    chosen = imported(command, sources=sources, datasource="all")
    assert (chosen.datasource, chosen.content["path"]) == ("all", "/auth/v1/user")
    new = imported(command, sources=sources, datasource="mine")
    assert (new.datasource, new.source is None) == ("mine", False)


def test_the_second_name_is_free(tmp_path: Path) -> None:
    """And so are those of its secrets, while nobody knows whether they mean the same."""
    sources = existing(tmp_path, {"datasources/shop.yaml": SHOP.replace("SHOP_KEY", "SHOP_2_APIKEY")})
    found = imported("curl https://api.shop.example/v2/x -H 'apikey: abc'", sources=sources)
    assert (found.datasource, list(wanted(found))) == ("shop_2", ["SHOP_2_APIKEY_2"])
