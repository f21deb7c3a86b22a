"""Real servers that keep their session in cookies: `keep_cookies` is all that an app says about it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.backends.servers import Backend
from tests.journeys.portal import Recorder, Visitor, serving
from tests.journeys.preset_app import HOME, Stage, ask, log_out, shown, signed_in

CSRF = 'headers: {X-CSRFToken: "{{ auth.cookies.api.csrftoken }}"}\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How a server is signed in to: the paths of its calls, with more lines of these queries; `headers` of
    the datasource, and what a button does before it signs in. `cookie` is the one that holds the session."""

    login: str
    me: str
    logout: str
    cookie: str
    protected: str
    shown: str
    answers: str = r"got=user\w+@example.com\."
    change: str = ""
    before: str = ""
    csrf: str = ""
    mappings: str = "{query: sign_in}"
    says: str = "{query: me}"
    origin: bool = False
    out: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path, backend: Backend) -> Path:
        """Write the app below `folder`."""
        origin = f"headers: {{Origin: '{backend.url}'}}\n" if self.origin else ""
        files = {
            "app.yaml": "name: Cookies\nauth:\n  entry_page: Login\n  home_page: Home\n"
            f"  sign_in: {self.mappings}\n  sign_out: {{query: sign_out}}\n  me: {self.says}\n",
            "datasources/api.yaml": f"url: ${{AUTH_URL}}\nallow_private: true\nkeep_cookies: true\n{origin}",
            "queries/sign_in.yaml": f"datasource: api\nmethod: POST\npath: {self.login}\n{self.csrf}",
            "queries/sign_out.yaml": f"datasource: api\nmethod: POST\npath: {self.logout}\n{self.out}",
            "queries/me.yaml": f"datasource: api\npath: {self.me}\n",
            "pages/Login/page.yaml": "title: Sign in\nwidgets:\n"
            "  - {name: User, type: Input}\n"
            "  - {name: Password, type: Input, inputType: PASSWORD}\n"
            "  - name: SignIn\n    type: Button\n"
            f'    onClick: "{{{{ {self.before}sign_in.run({{ user: User.text, password: Password.text }})'
            f'{")" if self.before else ""} }}}}"\n',
            "pages/Home/page.yaml": HOME.format(shown=self.shown)
            + '  - {name: All, type: Text, text: "all={{ JSON.stringify(auth.cookies) }}"}\n',
            "pages/Home/queries/secret.yaml": f"datasource: api\n{self.change}path: {self.protected}\n"
            "run: manual\n",
            **self.files,
        }
        for path, content in files.items():
            file = folder / "cookies" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return folder / "cookies"


JSON_LOGIN = 'body: {email: "{{ this.params.user }}", password: "{{ this.params.password }}"}\n'
WAYS = {
    "fastapi-users": Way(
        login="/auth/cookie/login",
        csrf='body_type: form\nbody: {username: "{{ this.params.user }}", '
        'password: "{{ this.params.password }}"}\n',
        me="/users/me",
        logout="/auth/cookie/logout",
        cookie="fastapiusersauth",
        protected="/users/me",
        shown="secret.data?.email",
    ),
    "better-auth": Way(
        login="/api/auth/sign-in/email",
        csrf=JSON_LOGIN,
        # The body has a token too, for who prefers that: here the cookie is to count.
        mappings="{query: sign_in, token: \"{{ response.cookies['better-auth.session_token'] }}\"}",
        me="/api/auth/get-session",
        says='{query: me, uid: "{{ response.body?.user?.id }}", user: "{{ response.body?.user }}"}',
        logout="/api/auth/sign-out",
        out="body: {}\n",
        cookie="better-auth.session_token",
        protected="/api/auth/update-user",
        change='method: POST\nbody: {name: "Renamed"}\n',
        shown="secret.data?.status",
        answers="got=true\\.",
        origin=True,
    ),
    "django-sessions": Way(
        login="/login/",
        # The header takes the value that the query before has just brought, sealed.
        before="csrf.run().then(() => ",
        csrf='headers: {X-CSRFToken: "{{ csrf.responseMeta.cookies.csrftoken }}"}\n'
        'body: {username: "{{ this.params.user }}", password: "{{ this.params.password }}"}\n',
        me="/me/",
        logout="/logout/",
        out=CSRF,
        cookie="sessionid",
        protected="/write/",
        change=f"method: POST\n{CSRF}",
        shown="secret.data?.written",
        files={"queries/csrf.yaml": "datasource: api\npath: /csrf/\nrun: manual\n"},
    ),
}
pytestmark = pytest.mark.parametrize("backend", WAYS, indirect=True)


@pytest.fixture
def stage(backend: Backend, tmp_path: Path) -> Iterator[Stage]:
    """The app, and what goes between it and the server."""
    with (
        Recorder(backend.url) as api,
        serving(WAYS[backend.name].write(tmp_path, backend), settings={"AUTH_URL": api.url}) as portal,
    ):
        yield Stage(portal=portal, api=api)


def form(backend: Backend) -> dict[str, str]:
    """What a user of no other test fills in."""
    user = backend.make_user()
    return {"User": user.login, "Password": user.password}


def entered(visitor: Visitor, backend: Backend) -> dict[str, str]:
    """Somebody signs in."""
    filled = form(backend)
    signed_in(visitor, visitor.press("Login", "SignIn", **filled))
    return filled


def values(stage: Stage) -> set[str]:
    """All values of cookies that the server has set."""
    lines = [
        line
        for found in stage.api.exchanges
        for name, line in found.answer_headers
        if name.lower() == "set-cookie"
    ]
    pairs = [line.partition(";")[0].partition("=")[2] for line in lines]
    return {value for value in pairs if len(value) > 8}


def test_cookies_sign_in_open_pages_and_the_api(backend: Backend, stage: Stage) -> None:
    """No token goes along in any other way, and no byte of a cookie reaches the browser."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        entered(visitor, backend)
        answer = ask(visitor)
        assert re.search(WAYS[backend.name].answers, answer)
        sent = stage.api.exchanges[-1].headers
        assert f"{WAYS[backend.name].cookie}=" in sent["cookie"]
        assert "authorization" not in sent
        assert "sealed" in visitor.got, "the names that scripts have for them are shown"
        assert values(stage)
        assert [value for value in values(stage) if value in visitor.got] == []


def test_a_wrong_password_signs_nobody_in(backend: Backend, stage: Stage) -> None:
    """Whatever cookies come with that answer."""
    with stage.visitor() as visitor:
        visitor.press("Login", "SignIn", **form(backend) | {"Password": "wrong password"})
        assert visitor.get("Home").status_code == 303


def test_log_out_ends_the_session_there(backend: Backend, stage: Stage) -> None:
    """The server is told with the cookies that the session had; then they open nothing any more."""
    way = WAYS[backend.name]
    with stage.visitor() as visitor:
        entered(visitor, backend)
        kept = stage.api.last(f"GET {way.me}").headers["cookie"]
        assert named(backend, kept)
        log_out(visitor)
        assert stage.api.awaited(f"POST {way.logout}").status in (200, 204)
        assert not named(backend, kept)


def test_two_visitors_are_two_users(backend: Backend, stage: Stage) -> None:
    """Neither is sent with what the other has."""
    way = WAYS[backend.name]
    with stage.visitor() as ann, stage.visitor() as bob:
        seen: list[str] = []
        for visitor in (ann, bob, ann, bob):
            if len(seen) < 2:
                entered(visitor, backend)
            ask(visitor)
            seen.append(SimpleCookie(stage.api.exchanges[-1].headers["cookie"])[way.cookie].value)
        assert seen[0] != seen[1]
        assert (seen[0], seen[1]) == (seen[2], seen[3])


def test_the_browser_that_is_told_to_leave_is_out(backend: Backend, stage: Stage) -> None:
    """The server has ended the session by itself: the next call says so."""
    way = WAYS[backend.name]
    with stage.visitor() as visitor:
        entered(visitor, backend)
        kept = stage.api.last(f"GET {way.me}").headers["cookie"]
        token = SimpleCookie(kept)
        headers = {"Cookie": kept, "Origin": backend.url}
        if "csrftoken" in token:
            headers["X-CSRFToken"] = token["csrftoken"].value
        assert httpx.post(f"{backend.url}{way.logout}", headers=headers, trust_env=False).is_success
        answer = visitor.press("Home", "Ask")
        assert answer.status_code == 303
        assert "Your session has ended" in shown(visitor.get("Login"))


def named(backend: Backend, cookie: str) -> bool:
    """Whether the server knows whose these cookies are."""
    answer = httpx.get(f"{backend.url}{WAYS[backend.name].me}", headers={"Cookie": cookie}, trust_env=False)
    return answer.status_code == 200 and answer.json() is not None
