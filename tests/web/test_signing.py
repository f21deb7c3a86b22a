"""Who is signed in after `auth.logIn`, `auth.update` and `auth.logOut`: evidence decides (hard-cases 1)."""

# ruff: noqa: E501  (scripts stand on one line)

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.servers import PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.web.conftest import client_of
from tests.web.posts import Tab

FIRST, SECOND = f"{USERNAME}@example.com", "second@example.com"
#: What the auth API says of a token that is none.
REFUSED = "The token is not valid, has expired or was revoked: sign in again."
ME = 'me: {query: me, roles: "{{ [response.body.name] }}"}'
#: Contracts, beside the pages that all of them have.
CONTRACTS = {
    # The answer of the contract's query, and `me`.
    "asked": f"sign_in: {{query: login}}\n  {ME}",
    # The answer alone.
    "bare": "sign_in: {query: login}",
    # `me` alone, and no query of the contract.
    "only-me": ME,
    # Answers without a token, for which scripts are trusted or not.
    "trusted": 'sign_in: {query: login, trust: script, token: "{{ null }}"}',
    "keyed": 'sign_in: {query: login, trust: script, token: "{{ null }}"}\n  store_keys: {token: user}',
    "wary": 'sign_in: {query: login, token: "{{ null }}"}',
}
#: Where the auth API of this module answers.
AUTH: dict[str, str] = {}
#: What buttons do.
CODE = {
    "Forged": "auth.logIn({token: 'made-up', uid: 'root', user: {name: 'root'}})",
    "ForgedAndGo": "{ auth.logIn({token: 'made-up'}); navigateTo('Home') }",
    "Caught": "auth.logIn({token: 'made-up'}).catch((e) => showAlert('caught: ' + e.message))",
    "Empty": "auth.logIn({user: {name: 'root'}})",
    "In": "login.run().then((d) => auth.logIn({token: d.token, uid: 'root', user: {name: 'Ada', roles: ['root']}}))",
    "InAndAsk": "login.run().then((d) => auth.logIn({token: d.token})).then(() => me.run()).then((d) => showAlert(d.name))",
    "InAsSecond": "login.run({second: true}).then((d) => auth.logIn({token: d.token}))",
    "InUntokened": "login.run().then(() => auth.logIn({user: {name: 'Ada'}}))",
    "InByKey": "login.run().then((d) => storeValue('user', 'anything'))",
    "ByKeyAlone": "storeValue('user', 'anything')",
    "InByNumber": "login.run().then((d) => storeValue('user', 7))",
    "ByNumberAlone": "storeValue('user', 7)",
    "Wrong": "login.run({wrong: true}).then(() => auth.logIn({user: {}}), () => auth.logIn({user: {}}))",
    "Expired": "login.run().then((d) => auth.logIn({token: d.token, expiresAt: 'tomorrow'}))",
    "Rename": "auth.update({user: {name: 'Bo', more: 1}, uid: 'root'})",
    "Less": "auth.update({user: {more: null}})",
    "NoUser": "auth.update({user: null})",
    "Renewable": "auth.update({refreshToken: 'rrrrrrrrrrrr', expiresIn: 8640000})",
    "Shorter": "auth.update({refreshToken: null, expiresAt: null})",
    "NoToken": "auth.update({token: null})",
    "SameUser": "login.run().then((d) => auth.update({token: d.token}))",
    "OtherUser": "login.run({second: true}).then((d) => auth.update({token: d.token}))",
    "ForgedUpdate": "auth.update({token: 'made-up', user: {name: 'Eve'}})",
    "Out": "auth.logOut()",
    "OutTo": "auth.logOut('Other')",
}


def pages() -> dict[str, str]:
    """Enter and Other for everybody, Home for the signed-in, Admin for a role."""
    buttons = "".join(
        f"  - name: {name}\n    type: Button\n    text: {name}\n    onClick: |\n      {{{{ {code} }}}}\n"
        for name, code in CODE.items()
    )
    who = """\
  - name: Who
    type: Text
    text: "{{ JSON.stringify([auth.uid, auth.user, auth.roles, !!auth.token, !!auth.refreshToken, auth.expiresAt]) }}"
"""
    return {
        "pages/Enter/page.yaml": f"access: public\nwidgets:\n{who}{buttons}",
        "pages/Home/page.yaml": f"access: signed-in\nwidgets:\n{who}{buttons}",
        "pages/Other/page.yaml": "access: public\nwidgets:\n  - {name: T, type: Text, text: other}\n",
        "pages/Admin/page.yaml": "access: {roles: [root]}\nwidgets:\n  - {name: T, type: Text, text: admin mark}\n",
    }


def app(folder: Path, slug: str, contract: str) -> Path:
    """An app with this contract."""
    password = f"this.params.wrong ? 'no' : this.params.second ? 'password-two' : '{PASSWORD}'"
    files = {
        **pages(),
        "app.yaml": f"auth:\n  entry_page: Enter\n  home_page: Home\n  {contract}\n",
        "datasources/api.yaml": "url: ${AUTH_URL}/plain\nallow_private: true\n",
        "queries/login.yaml": f"""\
datasource: api
method: POST
path: /auth/v1/token?grant_type=password
body:
  email: "{{{{ this.params.second ? '{SECOND}' : '{FIRST}' }}}}"
  password: "{{{{ {password} }}}}"
""",
        "queries/me.yaml": "datasource: api\npath: /auth/v1/user\n"
        + ('headers: {Authorization: "Bearer {{ this.params.token }}"}\n' if slug == "only-me" else ""),
    }
    for path, content in files.items():
        (folder / slug / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / slug / path).write_text(content)
    return folder / slug


def landing(root: Path) -> None:
    """A page that signs in, when it opens, by what stands behind `#`."""
    page = root / "pages" / "Land"
    (page / "scripts").mkdir(parents=True)
    (page / "page.yaml").write_text("access: public\nwidgets:\n  - {name: T, type: Text, text: land}\n")
    (page / "scripts" / "Land.js").write_text(
        "export default { async go() {\n"
        "  await auth.logIn({token: appsmith.URL.hash.slice('#access_token='.length)})\n"
        "  navigateTo('Home')\n"
        "} }\n"
    )
    (page / "scripts" / "Land.yaml").write_text("functions: {go: {run: on_load}}\n")


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Portico with an app for each contract."""
    folder = tmp_path_factory.mktemp("signing")
    apps = [app(folder, slug, contract) for slug, contract in CONTRACTS.items()]
    for root in apps:
        landing(root)
    with (
        AuthServer("--account", f"second:{SECOND}:password-two") as auth,
        PorticoServer(apps, folder=folder, settings={"AUTH_URL": auth.url}) as server,
    ):
        AUTH["url"] = auth.url
        yield server


@pytest.fixture
def visitor(signing: PorticoServer) -> Iterator[httpx.Client]:
    """A browser that is not signed in."""
    with client_of(signing) as client:
        yield client


def press(client: httpx.Client, slug: str, button: str, page: str = "Enter") -> dict[str, Any]:
    """A button of a page that was just opened."""
    return Tab(client, f"/{slug}/{page}").post(button)


def who(client: httpx.Client, slug: str) -> list[Any] | None:
    """Whom the home page shows; None if it does not open."""
    answer = client.get(f"/{slug}/Home")
    if answer.status_code != 200:
        assert answer.status_code == 303
        return None
    text = re.sub(r"<[^>]+>", "", answer.text)
    found = re.search(r"(\[.*?\])\s*Forged", html.unescape(text), re.DOTALL)
    assert found is not None
    shown = json.loads(found[1])
    assert isinstance(shown, list)
    return shown


def cookie(answer_of: httpx.Client, slug: str) -> str:
    """The session's cookie."""
    (found,) = (value for name, value in answer_of.cookies.items() if name.endswith(f".{slug}"))
    return found


@pytest.mark.parametrize("slug", CONTRACTS)
@pytest.mark.parametrize("button", ["Forged", "ForgedAndGo", "Caught", "Empty", "Wrong"])
def test_what_scripts_make_up_signs_nobody_in(slug: str, button: str, visitor: httpx.Client) -> None:
    """`auth.logIn` with a token that the auth API did not hand out or accept, or with none: the user is told,
    a navigation that followed is dropped, and no session is there."""
    answer = press(visitor, slug, button)
    assert len(answer["alerts"]) == 1
    message = answer["alerts"][0].removeprefix("caught: ")
    assert (message != answer["alerts"][0]) is (button == "Caught")
    assert message in ("The sign-in could not be confirmed.", REFUSED)
    assert "navigate" not in answer
    assert answer.get("session") is None
    assert who(visitor, slug) is None


def test_the_answer_of_the_event_is_evidence(visitor: httpx.Client) -> None:
    """Who it is, and in which roles, is what the answer and `me` say; the user data are the script's."""
    answer = press(visitor, "asked", "In")
    assert answer["navigate"]["url"] == "/asked/Home"
    assert answer["session"] == "signed-in"
    shown = who(visitor, "asked")
    assert shown is not None
    assert shown[0] not in ("root", None)
    assert shown[1:5] == [{"name": "Ada", "roles": ["root"]}, [USERNAME], True, False]
    assert "admin mark" not in visitor.get("/asked/Admin").text


@pytest.mark.parametrize(("slug", "roles"), [("bare", []), ("only-me", [USERNAME])])
def test_each_evidence_is_enough(slug: str, roles: list[str], visitor: httpx.Client) -> None:
    """The contract's answer without `me`, and `me` without a query of the contract."""
    press(visitor, slug, "In")
    shown = who(visitor, slug)
    assert shown is not None
    assert shown[0] not in ("root", None)
    assert shown[2] == roles


def test_a_query_after_a_sign_in_is_the_users(visitor: httpx.Client) -> None:
    """What a script does behind `await auth.logIn` is done as who signed in, in the same event."""
    assert press(visitor, "asked", "InAndAsk")["alerts"] == [USERNAME]


def test_a_sign_in_is_a_new_session(visitor: httpx.Client) -> None:
    """Of another user, and of the same: the old cookie opens nothing (promise 5)."""
    press(visitor, "bare", "In")
    first = cookie(visitor, "bare")
    press(visitor, "bare", "InAsSecond", "Home")
    second = cookie(visitor, "bare")
    assert first != second
    with httpx.Client(base_url=visitor.base_url, trust_env=False, cookies={}) as old:
        name = next(name for name in visitor.cookies if name.endswith(".bare"))
        assert old.get("/bare/Home", headers={"Cookie": f"{name}={first}"}).status_code == 303


@pytest.mark.parametrize(
    ("slug", "button", "signs_in"),
    [
        ("trusted", "InUntokened", True),
        ("keyed", "InByKey", True),
        ("keyed", "ByKeyAlone", False),
        ("keyed", "InByNumber", True),
        ("keyed", "ByNumberAlone", False),
        ("wary", "InUntokened", False),
        ("trusted", "Empty", False),
        # The answer of the contract's query holds the token: it is evidence by itself.
        ("bare", "InUntokened", True),
    ],
)
def test_scripts_that_are_trusted(slug: str, button: str, signs_in: bool, visitor: httpx.Client) -> None:
    """`trust: script` lets `auth.logIn` and the store key sign in without a token, where the contract's query
    succeeded in the same event; who it is says its answer. The session ends with the browser (S4-3)."""
    tab = Tab(visitor, f"/{slug}/Enter")
    body: dict[str, Any] = {"visit": tab.visit, "n": 1, "widget": button, "event": "onClick", "values": {}}
    answer = tab.raw(body)
    shown = who(visitor, slug)
    assert (shown is not None) is signs_in
    if shown is not None:
        assert shown[0] not in ("root", None)
        assert shown[3] is (slug == "bare")
        (given,) = (one for one in answer.headers.get_list("set-cookie") if f".{slug}=" in one)
        assert "max-age" not in given.lower()


def test_an_expiry_that_is_no_time_refuses(visitor: httpx.Client) -> None:
    """Nothing is guessed."""
    assert press(visitor, "bare", "Expired")["alerts"] == ["The sign-in could not be confirmed."]
    assert who(visitor, "bare") is None


def test_an_update_changes_what_is_given(visitor: httpx.Client) -> None:
    """Field by field, with the same cookie; a null clears. A uid or roles do not come this way;
    roles go, with the token."""
    press(visitor, "asked", "In")
    before, ticket = who(visitor, "asked"), cookie(visitor, "asked")
    assert before is not None
    uid, roles = before[0], before[2]
    steps: list[tuple[str, Mapping[str, Any], bool, bool]] = [
        ("Rename", {"name": "Bo", "more": 1, "roles": ["root"]}, True, False),
        ("Less", {"name": "Bo", "more": None, "roles": ["root"]}, True, False),
        ("Renewable", {"name": "Bo", "more": None, "roles": ["root"]}, True, True),
        ("Shorter", {"name": "Bo", "more": None, "roles": ["root"]}, True, False),
        ("SameUser", {"name": "Bo", "more": None, "roles": ["root"]}, True, False),
        ("NoUser", {}, True, False),
        ("NoToken", {}, False, False),
    ]
    for button, user, token, refresh in steps:
        answer = press(visitor, "asked", button, "Home")
        assert answer["alerts"] == [], button
        shown = who(visitor, "asked")
        assert shown is not None, button
        assert shown[:5] == [uid, user, roles if token else [], token, refresh], button
        if button == "Renewable":
            assert shown[5] > before[5]
        elif button in ("Shorter", "NoToken"):
            assert shown[5] is None
        elif button in ("Rename", "Less"):
            assert shown[5] == before[5]
    assert cookie(visitor, "asked") == ticket
    assert "admin mark" not in visitor.get("/asked/Admin").text


def test_an_update_shows_at_once(visitor: httpx.Client) -> None:
    """The answer to the event has it."""
    press(visitor, "asked", "In")
    answer = press(visitor, "asked", "Rename", "Home")
    assert "Bo" in str(answer["html"])


def test_an_update_with_the_token_of_somebody_else_is_a_sign_in(visitor: httpx.Client) -> None:
    """With a session of its own, and nothing of the user before."""
    press(visitor, "asked", "In")
    before, ticket = who(visitor, "asked"), cookie(visitor, "asked")
    answer = press(visitor, "asked", "OtherUser", "Home")
    assert answer["session"] == "signed-in"
    shown = who(visitor, "asked")
    assert before is not None
    assert shown is not None
    assert shown[0] != before[0]
    assert shown[1]["email"] == SECOND
    assert shown[2] == ["second"]
    assert cookie(visitor, "asked") != ticket


def test_a_forged_token_updates_nothing(visitor: httpx.Client) -> None:
    """Not the user data either."""
    press(visitor, "asked", "In")
    before = who(visitor, "asked")
    assert len(press(visitor, "asked", "ForgedUpdate", "Home")["alerts"]) == 1
    assert who(visitor, "asked") == before


@pytest.mark.parametrize("button", ["Rename", "NoToken", "Renewable", "OtherUser"])
def test_nobody_is_updated(button: str, visitor: httpx.Client) -> None:
    """`auth.update` needs somebody who is signed in."""
    slug = "only-me" if button == "OtherUser" else "asked"
    assert press(visitor, slug, button)["alerts"] == ["Nobody is signed in."]
    assert who(visitor, slug) is None


@pytest.mark.parametrize(("button", "page"), [("Out", "Enter"), ("OutTo", "Other")])
def test_log_out(button: str, page: str, visitor: httpx.Client) -> None:
    """`auth.logOut` ends the session and goes to the entry page, or where it is told to."""
    press(visitor, "asked", "In")
    answer = press(visitor, "asked", button, "Home")
    assert answer["navigate"]["url"] == f"/asked/{page}"
    assert answer["session"] == "signed-out"
    assert who(visitor, "asked") is None


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("slug", ["asked", "only-me"])
def test_a_link_needs_the_users_consent(slug: str, agreed: bool, visitor: httpx.Client) -> None:
    """Login CSRF (P20): `auth.logIn` that no action of the user caused waits for their word, and so does what
    follows it. Who says no is told nothing, and not led on."""
    form = {"email": SECOND, "password": "password-two"}
    answer = httpx.post(f"{AUTH['url']}/plain/auth/v1/token?grant_type=password", json=form, trust_env=False)
    tab = Tab(visitor, f"/{slug}/Land")
    asked = tab.load(fragment=f"#access_token={answer.json()['token']}")
    assert asked["ask"]["question"] == f"Continue as {SECOND}?"
    assert who(visitor, slug) is None
    told = tab.reply(asked["ask"], agreed=agreed)
    assert told["alerts"] == []
    assert ("navigate" in told) is agreed
    assert (who(visitor, slug) is not None) is agreed


def test_a_token_behind_the_hash_is_no_evidence(visitor: httpx.Client) -> None:
    """Without `me` nobody confirms it: a JWT that says `sub: root`, sealed as it is, signs nobody in."""
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.c2lnbmF0dXJl"
    answer = Tab(visitor, "/bare/Land").load(fragment=f"#access_token={forged}")
    assert "ask" not in answer
    assert "navigate" not in answer
    assert who(visitor, "bare") is None
