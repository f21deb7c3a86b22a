"""What comes out where a script holds a token of the auth API: everywhere but there, a sealed one."""

import base64
import html
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError

from tests.journeys.canaries import ANSWERED, UPSTREAM
from tests.journeys.servers import DevServer, PorticoServer
from tests.web.canary_api import CanaryApi
from tests.web.conftest import APPS, client_of
from tests.web.posts import Tab, merged

APP = APPS / "sealed"
ENTER, HOME = "/sealed/Enter", "/sealed/Home"
SEALED = re.compile(r"(?:eyJ[\w-]+\.[\w-]+\.)?sealed[JO][A-Za-z0-9]{37}")
# Where the set-up of the tests installs npm packages: jsonwebtoken and jose are in its node_modules.
NPM = Path(__file__).parents[2] / "build" / "test-assets"
SCRIPT = Path(__file__).with_name("sealed_jwt.mjs")

#: What takes a rule of sealing out of a server: the tests that watch over it must notice.
UNSEALED = """
import portico.auth.sealing as sealing
sealing.Vault.seal = lambda vault, token: token
"""
FOR_ANYBODY = """
import portico.runtime.queries as queries
queries.covers = lambda app, datasource: True
"""


@pytest.fixture(scope="module")
def api() -> Iterator[CanaryApi]:
    """The auth API."""
    with CanaryApi() as running:
        yield running


@pytest.fixture(scope="module")
def other() -> Iterator[CanaryApi]:
    """Another origin."""
    with CanaryApi() as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[tuple[CanaryApi, CanaryApi]]:
    """Both, of which no other test has asked anything."""
    with CanaryApi() as api, CanaryApi() as other:
        yield api, other


def settings(api: CanaryApi, other: CanaryApi) -> dict[str, str]:
    """Where the app finds them."""
    return {"AUTH_URL": api.url, "OTHER_URL": other.url}


@pytest.fixture(scope="module")
def sealed(
    api: CanaryApi, other: CanaryApi, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PorticoServer]:
    """A server of the app."""
    with PorticoServer(
        [APP], folder=tmp_path_factory.mktemp("sealed"), settings=settings(api, other)
    ) as server:
        yield server


@pytest.fixture
def visitor(sealed: PorticoServer) -> Iterator[httpx.Client]:
    """A browser that knows nothing."""
    with client_of(sealed) as client:
        yield client


@pytest.fixture
def user(visitor: httpx.Client, api: CanaryApi) -> Tab:
    """A page of somebody who signed in."""
    return signed_in(visitor)


def signed_in(client: httpx.Client, kind: str = "jwt") -> Tab:
    """The page behind the sign-in."""
    answer = Tab(client, ENTER).post("SignIn", Kind=kind)
    assert answer["navigate"]["url"] == HOME
    return Tab(client, HOME)


def told(tab: Tab, button: str, **values: Any) -> Any:
    """What a script says after a button."""
    alerts = tab.post(button, **values)["alerts"]
    assert len(alerts) == 1
    return json.loads(alerts[0])


def leaked(text: str, api: CanaryApi) -> list[str]:
    """The tokens of which something secret stands in a text, also in base64."""
    found = []
    for token, part in zip(api.issued, api.secret_parts, strict=True):
        encoded = [base64.b64encode(b" " * pad + part.encode()).decode()[4:-4] for pad in range(3)]
        if any(piece in text for piece in (part, *encoded)):
            found.append(token)
    return found


def current(api: CanaryApi) -> tuple[str, str]:
    """The access and the refresh token that were handed out last."""
    return api.issued[-2], api.issued[-1]


# Signing in


def test_the_answer_of_a_sign_in_is_sealed(visitor: httpx.Client, api: CanaryApi) -> None:
    """Body, headers and words, before anybody is signed in; the same token is the same text."""
    data, meta = told(Tab(visitor, ENTER), "Look")
    assert leaked(json.dumps([data, meta]), api) == []
    assert SEALED.fullmatch(data["token"])
    assert SEALED.fullmatch(data["refresh_token"])
    assert data["message"] == f"It is {data['token']}"
    assert meta["headers"]["x-says"] == [f"Bearer {data['token']}"]
    assert meta["headers"]["x-auth-token"] == [data["refresh_token"]]
    assert "set-cookie" not in meta["headers"]
    assert data["user"] == {"id": "u1"}


def test_it_works_before_anybody_is_signed_in(visitor: httpx.Client, api: CanaryApi) -> None:
    """`me` by the page's own script: the API got the token, the script gets it sealed again."""
    answer = told(Tab(visitor, ENTER), "Use")
    assert api.requests[-1].headers["Authorization"] == f"Bearer {current(api)[0]}"
    assert SEALED.fullmatch(answer["last_token"])


def test_without_scripts_too(visitor: httpx.Client, api: CanaryApi) -> None:
    """A form post signs in, and the page shows sealed tokens."""
    form = {"v.Kind": "jwt", "portico.event": "SignIn onClick"}
    assert visitor.post(ENTER, data=form).status_code == 303
    page = visitor.get(HOME).text
    assert len(SEALED.findall(page)) >= 3
    assert leaked(page, api) == []


# Shown


def test_a_page_that_prints_them_shows_them_sealed(user: Tab, api: CanaryApi) -> None:
    """Text, `auth`, and every answer to an event."""
    page = user.client.get(HOME).text
    words = html.unescape(page)
    auth, _ = json.JSONDecoder().raw_decode(words, words.index('{"isLoggedIn"'))
    assert auth["user"]["last_token"] == auth["token"]
    assert page.count(auth["token"]) == 3
    assert auth["token"].rpartition(".")[0] == current(api)[0].rpartition(".")[0]
    assert auth["refreshToken"] is None
    assert auth["expiresAt"].endswith("Z")
    assert leaked(page, api) == []
    answer = user.raw({"visit": user.visit, "n": 50, "widget": "Save", "event": "onClick"}).text
    assert len(SEALED.findall(answer)) == 2
    assert leaked(answer, api) == []


def test_claims_are_readable_and_nothing_verifies(user: Tab, api: CanaryApi) -> None:
    """`atob` of its parts, as scripts do it; a library that checks the signature refuses it."""
    header, payload, length, shown = told(user, "Claims")
    assert header["alg"] == "HS256"
    assert payload == jwt.decode(current(api)[0], api.key).claims
    assert length == 33
    with pytest.raises(BadSignatureError):
        jwt.decode(shown, api.key)


def by_node(api: CanaryApi, shown: str) -> Any:
    """What jsonwebtoken and jose say to the token and to what a script has of it, the right key at hand."""
    node = shutil.which("node")
    assert node is not None, "node is needed"
    given = {"key": api.key.as_dict(private=True)["k"], "real": current(api)[0], "sealed": shown}
    done = subprocess.run(
        [node, SCRIPT, NPM], input=json.dumps(given), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_libraries_of_node_read_it_and_refuse_it(user: Tab, api: CanaryApi) -> None:
    """jsonwebtoken and jose decode the true claims, and verify only the token itself."""
    said = by_node(api, told(user, "Claims")[3])
    claims = jwt.decode(current(api)[0], api.key).claims
    assert said["real"] == [claims, claims, claims, claims]
    assert said["sealed"] == [
        claims,
        "JsonWebTokenError: invalid signature",
        claims,
        "JWSSignatureVerificationFailed: signature verification failed",
    ]


def test_nothing_that_a_script_can_reach_is_a_token(user: Tab, api: CanaryApi) -> None:
    """P50: all objects, their hidden members and prototypes."""
    user.post("Echo")
    said = " ".join(user.post("Everything")["alerts"])
    assert "sealedJ" in said
    assert "sealedO" in said
    assert leaked(said, api) == []


# Sent to the auth API


def test_the_auth_api_gets_the_token_and_its_echo_is_sealed(user: Tab, api: CanaryApi) -> None:
    """Headers, bodies, deep in them and inside of texts; the answer's body and headers."""
    found = told(user, "Echo")
    token, received = current(api)[0], api.requests[-1]
    assert received.headers["Authorization"] == f"Bearer {token}"
    assert received.headers["X-Other"] == token
    assert json.loads(received.body) == {"direct": token, "deep": [{"text": f"x {token}"}]}
    assert leaked(json.dumps(found), api) == []
    shown = found["data"]["json"]["direct"]
    assert SEALED.fullmatch(shown)
    assert found["data"]["json"]["deep"] == [{"text": f"x {shown}"}]
    assert found["data"]["headers"]["Authorization"] == f"Bearer {shown}"
    assert found["meta"]["headers"]["x-echo"] == [f"Bearer {shown}"]


@pytest.mark.parametrize("button", ["FormBody", "Words", "EchoRefresh"])
def test_a_short_token_is_sealed_too(user: Tab, api: CanaryApi, button: str) -> None:
    """Twelve characters that belong to no slot: in forms, texts and JSON, there and back."""
    found = told(user, button)
    refresh = current(api)[1]
    assert refresh in api.requests[-1].body + api.requests[-1].headers.get("Authorization", "")
    assert leaked(json.dumps(found), api) == []


def test_basic_is_opened_and_comes_back_as_it_was(user: Tab, api: CanaryApi) -> None:
    """User and password are one text in base64, the only encoding that is looked into."""
    found = told(user, "Basic")
    sent = api.requests[-1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"user:{current(api)[0]}"
    assert leaked(json.dumps(found), api) == []
    back = base64.b64decode(found["data"]["headers"]["Authorization"].removeprefix("Basic ")).decode()
    assert SEALED.fullmatch(back.removeprefix("user:"))


def test_any_other_encoding_stays_sealed(user: Tab, api: CanaryApi) -> None:
    """Base64 in a header of the app's own is not looked into: the API gets the sealed token."""
    told(user, "Encoded")
    sent = base64.b64decode(api.requests[-1].headers["X-Other"]).decode()
    assert SEALED.fullmatch(sent)


def test_addresses_keep_it_sealed(user: Tab, api: CanaryApi) -> None:
    """P60: paths and parameters end up in logs."""
    told(user, "Address")
    assert len(SEALED.findall(api.requests[-1].path)) == 2
    assert leaked(api.requests[-1].path, api) == []


def test_unless_the_datasource_says_otherwise(api: CanaryApi, other: CanaryApi, tmp_path: Path) -> None:
    """`token_in_query`: parameters are opened, for the auth API's origin only; the echo is sealed."""
    tells = {UPSTREAM: "token_in_query: true"}
    with (
        PorticoServer([APP], folder=tmp_path, settings=settings(api, other), tells=tells) as server,
        client_of(server) as client,
    ):
        found = told(signed_in(client), "Asset")
    token = current(api)[0]
    assert api.requests[-1].path == f"/assets/echo?first={token}&t={token}"
    assert leaked(json.dumps(found), api) == []


def test_what_a_user_types_is_opened_only_if_it_is_sealed(user: Tab, api: CanaryApi) -> None:
    """A token that somebody pastes is theirs; the sealed one of another browser is worth nothing."""
    told(user, "EchoNote", Note="pasted-by-the-user-1234")
    assert api.requests[-1].headers["X-Other"] == "pasted-by-the-user-1234"
    with httpx.Client(
        base_url=user.client.base_url, headers=user.client.headers, trust_env=False
    ) as stranger:
        shown = told(signed_in(stranger), "Claims")[3]
    told(user, "EchoNote", Note=shown)
    assert api.requests[-1].headers["X-Other"] == shown


def test_an_answer_can_be_left_as_it_is(api: CanaryApi, other: CanaryApi, tmp_path: Path) -> None:
    """`seal: false` gives away what `portico check` says."""
    tells = {ANSWERED: "seal: false"}
    with (
        PorticoServer([APP], folder=tmp_path, settings=settings(api, other), tells=tells) as server,
        client_of(server) as client,
    ):
        assert told(Tab(client, ENTER), "Plain")["token"] == current(api)[0]


# Sent elsewhere


def elsewhere(client: httpx.Client, api: CanaryApi, other: CanaryApi) -> list[str]:
    """What of the token another origin gets."""
    told(signed_in(client), "Elsewhere")
    received = other.requests[-1]
    assert received.path.startswith("/echo")
    return leaked(json.dumps([received.path, received.headers, received.body]), api)


def test_another_origin_gets_it_sealed(visitor: httpx.Client, api: CanaryApi, other: CanaryApi) -> None:
    """Header, body and parameters."""
    assert elsewhere(visitor, api, other) == []
    assert len(SEALED.findall(str(other.requests[-1]))) >= 3


def test_what_another_origin_knows_is_sealed(user: Tab, api: CanaryApi, other: CanaryApi) -> None:
    """Should it have the token from elsewhere: known ones are replaced in its answers."""
    access, refresh = current(api)
    other.knows = {"whole": refresh, "inside": f"it is {access}", access: 1, "jwt": "unknown-to-this-server"}
    data = told(user, "Told")["data"]
    assert leaked(json.dumps(data), api) == []
    assert data["jwt"] == "unknown-to-this-server"
    assert SEALED.fullmatch(data["whole"])


# Kept


def test_tokens_compare(visitor: httpx.Client) -> None:
    """The store's and `auth.token` are one; after a renewal a JWT differs and old copies still work."""
    tab = signed_in(visitor)
    tab.post("Keep")
    assert told(tab, "Compare") == [True, True]
    before, after = told(tab, "Renew")
    assert before != after
    assert told(tab, "Compare") == [True, False]


def test_an_old_copy_sends_the_newest_token(visitor: httpx.Client, api: CanaryApi) -> None:
    """A sealed token is a name for the session's current token."""
    tab = signed_in(visitor)
    tab.post("Keep")
    first = current(api)[0]
    told(tab, "Renew")
    told(tab, "EchoCopy")
    assert api.requests[-1].headers["X-Other"] == current(api)[0] != first


def test_an_opaque_token_compares_equal_after_a_renewal(visitor: httpx.Client, api: CanaryApi) -> None:
    """It has no claims that could differ."""
    tab = signed_in(visitor, kind="opaque")
    tab.post("Keep")
    told(tab, "Renew")
    assert told(tab, "Compare") == [True, True]
    told(tab, "EchoCopy")
    assert api.requests[-1].headers["X-Other"] == current(api)[0]


def test_a_copy_is_kept_by_the_page_and_the_store(api: CanaryApi, other: CanaryApi, tmp_path: Path) -> None:
    """In a variable of a script, in an object of the store, in a page restored by another process."""
    with (
        PorticoServer([APP], folder=tmp_path, settings=settings(api, other)) as server,
        client_of(server) as client,
    ):
        tab = signed_in(client)
        tab.post("Keep")
        tab.post("Store")
        server.restart(signal.SIGKILL)
        told(tab, "EchoCopy")
        assert api.requests[-1].headers["X-Other"] == current(api)[0]
        told(tab, "EchoRefresh")
        assert api.requests[-1].headers["X-Other"] == current(api)[1]
        assert leaked(client.get(HOME).text, api) == []


def test_it_goes_along_to_the_next_page_of_the_tab(user: Tab, api: CanaryApi) -> None:
    """`persist: false`: what was stored for the tab, and the token behind it."""
    answer = user.post("Hand")
    assert answer["navigate"]["url"] == HOME
    name, _, value = answer["navigate"]["cookie"].partition(";")[0].partition("=")
    user.client.cookies.set(name, value)
    told(Tab(user.client, HOME), "EchoTab")
    assert api.requests[-1].headers["X-Other"] == current(api)[1]


def test_an_address_carries_it_sealed(user: Tab, api: CanaryApi) -> None:
    """`navigateTo` with it: the session's own opens behind it too."""
    url = user.post("Away")["navigate"]["url"]
    assert SEALED.search(url)
    assert leaked(url, api) == []
    query = url.partition("?")[2]
    assert leaked(user.client.get(url).text, api) == []
    told(Tab(user.client, f"{HOME}?{query}"), "EchoUrl")
    assert api.requests[-1].headers["X-Other"] == current(api)[0]


def test_tokens_behind_the_hash_are_sealed_before_a_script_reads_them(
    visitor: httpx.Client, api: CanaryApi
) -> None:
    """What an auth API sends a browser back with."""
    access, refresh = api.token(), api.short()
    answer = Tab(visitor, "/sealed/Landing").load(
        fragment=f"#access_token={access}&refresh_token={refresh}&type=x"
    )
    assert len(answer["alerts"]) == 1
    assert len(SEALED.findall(answer["alerts"][0])) == 4
    assert answer["alerts"][0].endswith("&type=x")
    assert leaked(json.dumps(answer), api) == []


def test_after_log_out_nothing_opens(user: Tab, api: CanaryApi) -> None:
    """A copy that somebody made is worth nothing, in this browser either."""
    shown = told(user, "Claims")[3]
    user.post("Leave")
    tab = signed_in(user.client)
    told(tab, "EchoNote", Note=shown)
    assert api.requests[-1].headers["X-Other"] == shown


# Logged


def test_a_builder_reads_sealed_tokens_and_is_warned(
    api: CanaryApi, other: CanaryApi, tmp_path: Path
) -> None:
    """What scripts print, what they throw, and once for a query that sends a token where it is of no use."""
    with (
        DevServer([APP], folder=tmp_path, settings=settings(api, other)) as server,
        client_of(server) as client,
    ):
        tab = signed_in(client)
        for button in ("Log", "Elsewhere", "Elsewhere", "Address"):
            tab.post(button)
        heard: list[Any] = []
        params = {"app": "sealed", "visit": tab.visit}
        with client.stream("GET", "/_portico/dev/events", params=params) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    heard.append(line)
                if "address:" in line or len(heard) > 60:
                    break
    said = "\n".join(heard)
    assert "the token" in said
    assert leaked(said, api) == []
    assert said.count("elsewhere: a token in it stays sealed") == 0
    assert said.count("elsewhere: a token among its parameters stays sealed") == 1
    assert said.count("address: a token among its parameters stays sealed") == 1
    log = (tmp_path / "portico.log").read_text()
    assert leaked(log, api) == []


# All of it, on the disk and in the log


def everything(server: PorticoServer, api: CanaryApi) -> list[str]:
    """The tokens that are found anywhere after a user did all that the pages offer."""
    seen = []
    with client_of(server) as client:
        told(Tab(client, ENTER), "Look")
        tab = signed_in(client)
        buttons = re.findall(r'name="portico.event" value="(\w+) onClick"', client.get(HOME).text)
        assert len(buttons) > 20
        for button in (*(name for name in buttons if name != "Leave"), "Compare"):
            answer = tab.raw(
                {"visit": tab.visit, "n": next(tab.numbers), "widget": button, "event": "onClick"}
            )
            assert merged(answer)["status"] == 200
            seen += [answer.text, str(answer.headers)]
            page = client.get(HOME)
            seen += [page.text, str(page.headers)]
    files = sorted(server.store.parent.glob("*"))
    assert {server.store.name, f"{server.store.name}-wal"} <= {file.name for file in files}
    seen += [file.read_bytes().decode("latin-1") for file in files]
    assert "console" in seen[-1] + server.read_log()
    return leaked("\n".join(seen), api)


def test_no_token_is_found_anywhere(fresh: tuple[CanaryApi, CanaryApi], tmp_path: Path) -> None:
    """P58–60: pages, answers, headers, logs at their loudest, the store with its journal."""
    api, other = fresh
    tells = {UPSTREAM: "token_in_query: true"}
    with PorticoServer([APP], folder=tmp_path, settings=settings(api, other), tells=tells) as server:
        assert everything(server, api) == []


def test_a_server_that_does_not_seal_is_found_out(fresh: tuple[CanaryApi, CanaryApi], tmp_path: Path) -> None:
    """The control of the test above."""
    api, other = fresh
    tells = dict.fromkeys((ANSWERED, UPSTREAM, "portico.log"), "nothing is sealed")
    with PorticoServer(
        [APP], folder=tmp_path, settings=settings(api, other), broken=UNSEALED, tells=tells
    ) as server:
        assert everything(server, api) != []


def test_a_server_that_opens_for_anybody_is_found_out(
    api: CanaryApi, other: CanaryApi, tmp_path: Path
) -> None:
    """The control of the test with another origin."""
    tells = {UPSTREAM: "sealed tokens are opened for anybody"}
    with (
        PorticoServer(
            [APP], folder=tmp_path, settings=settings(api, other), broken=FOR_ANYBODY, tells=tells
        ) as server,
        client_of(server) as client,
    ):
        assert elsewhere(client, api, other) != []
