"""An API that keeps its sessions in cookies, with a token against forged requests, and an app for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from portico.values import new_id
from tests.web.contracts import BUTTON, AuthApi, Call, Reply

AUTH = """\
  entry_page: Enter
  home_page: Home
  sign_in: {query: login}
  refresh: {query: renew}
  sign_out: {query: logout}
  me: {query: me}
"""
CSRF = 'headers: {X-CSRFToken: "{{ auth.cookies.api.csrftoken }}"}\n'
FILES = {
    "datasources/api.yaml": "url: ${API_URL}\nallow_private: true\ntimeout: 5\nkeep_cookies: true\n",
    "datasources/other.yaml": "url: ${OTHER_URL:-http://127.0.0.1:9}\nallow_private: true\n"
    "timeout: 5\nkeep_cookies: true\n",
    "queries/csrf.yaml": "datasource: api\npath: /csrf\nrun: manual\n",
    "queries/login.yaml": "datasource: api\nmethod: POST\npath: /login\n"
    'headers: {X-CSRFToken: "{{ this.params.csrf }}"}\n'
    'body: "{{ {email: this.params.email} }}"\n',
    "queries/renew.yaml": f"datasource: api\nmethod: POST\npath: /auth/refresh\n{CSRF}",
    "queries/logout.yaml": f"datasource: api\nmethod: POST\npath: /logout\n{CSRF}",
    "queries/me.yaml": "datasource: api\npath: /me\nrun: manual\n",
    "queries/secret.yaml": "datasource: api\npath: /secret\nrun: manual\n",
    "queries/write.yaml": f"datasource: api\nmethod: POST\npath: /write\n{CSRF}",
    "queries/kept.yaml": "datasource: api\nmethod: POST\npath: /write\n"
    'headers: {X-CSRFToken: "{{ appsmith.store.csrf }}"}\n',
    "queries/slide.yaml": "datasource: api\npath: /slide\nrun: manual\n",
    "queries/slow.yaml": "datasource: api\npath: /slow\nrun: manual\n",
    "queries/one.yaml": "datasource: api\npath: /set/one\nrun: manual\n",
    "queries/two.yaml": "datasource: api\npath: /set/two\nrun: manual\n",
    "queries/elsewhere.yaml": "datasource: other\npath: /elsewhere\nrun: manual\n"
    "headers: {X-A: \"{{ auth.token || '-' }}\", X-B: \"{{ auth.cookies.api.csrftoken || '-' }}\"}\n",
    "pages/Enter/page.yaml": "title: Enter\nwidgets:\n"
    "  - {name: Email, type: Input, label: Email}\n"
    '  - {name: Said, type: Text, text: "{{ JSON.stringify([login.data, login.responseMeta, csrf.data, '
    'csrf.responseMeta]) }}"}\n'
    + BUTTON.format(
        "SignIn",
        'csrf.run().then(() => storeValue("csrf", csrf.responseMeta.cookies.csrftoken))'
        ".then(() => login.run({email: Email.text, csrf: csrf.responseMeta.cookies.csrftoken}))",
    )
    + BUTTON.format("Fetch", "csrf.run()")
    + BUTTON.format("Again", "login.run({email: Email.text, csrf: auth.cookies.api.csrftoken})")
    + BUTTON.format("Without", 'login.run({email: Email.text, csrf: "-"})'),
    "pages/Looked/page.yaml": "title: Looked\naccess: public\nwidgets:\n" + BUTTON.format("Do", "1"),
    "pages/Looked/queries/look.yaml": "datasource: api\npath: /csrf\nrun: on_load\n",
    "pages/Home/page.yaml": "title: Home\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + ' ' + auth.token }}\"}\n"
    '  - {name: All, type: Text, text: "{{ JSON.stringify([auth.cookies, appsmith.store]) }}"}\n'
    '  - {name: Said, type: Text, text: "{{ JSON.stringify([secret.data, secret.responseMeta]) }}"}\n'
    + BUTTON.format("Ask", "secret.run(() => showAlert(secret.data.word))")
    + BUTTON.format("Many", 'Promise.all([1,2,3,4,5,6].map(() => secret.run())).then(() => showAlert("all"))')
    + BUTTON.format("Write", 'write.run(() => showAlert("written"))')
    + BUTTON.format("Kept", 'kept.run(() => showAlert("written"))')
    + BUTTON.format("Slide", "slide.run(() => secret.run(() => showAlert(secret.data.word)))")
    + BUTTON.format("Slow", "slow.run()")
    + BUTTON.format("Late", "secret.run(() => write.run())")
    + BUTTON.format("Both", "Promise.all([one.run(), two.run()])")
    + BUTTON.format("One", "one.run()")
    + BUTTON.format("Two", "two.run()")
    + BUTTON.format("Elsewhere", "elsewhere.run()")
    + BUTTON.format("Leave", "logoutUser()"),
}


@dataclass(kw_only=True)
class CookieApi(AuthApi):
    """Signs anybody in who sends the CSRF token of the cookie, with an answer that has no body. `sessions`
    and `remembered` are whose the cookies `sid` and `rid` are; `age` goes into the first one."""

    sessions: dict[str, str] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)
    age: int | None = 3600
    given: list[str] = field(default_factory=list)

    def make(self, kind: str) -> str:
        """A value that is found again in what it leaks into."""
        self.given.append(f"{kind}-{new_id()}")
        return self.given[-1]

    def _by_path(self, call: Call) -> Reply:
        jar = cookies_of(call)
        user = self.sessions.get(jar.get("sid", ""))
        if call.method == "POST" and call.headers.get("x-csrftoken") != jar.get("csrftoken", ""):
            return Reply(status=403, body={"message": "CSRF"})
        return self._of_user(call, jar, user) if user is not None else self._of_anybody(call, jar)

    def _of_anybody(self, call: Call, jar: Mapping[str, str]) -> Reply:
        match call.path:
            case "/csrf":
                # As Django does, the same for who has one.
                value = jar.get("csrftoken") or self.make("csrf")
                return Reply(body={"again": value}, headers=(_set("csrftoken", value),))
            case "/login":
                return self._signed_in(json.loads(call.body)["email"].partition("@")[0])
            case "/auth/refresh":
                return self._renewed(self.remembered.pop(jar.get("rid", ""), None))
            case "/set/one" | "/set/two":
                name = call.path.rpartition("/")[2]
                return Reply(body={}, headers=(_set(name, self.make(name)),))
            case "/elsewhere":
                return Reply(body={}, headers=(_set("theirs", self.make("theirs")),))
        return Reply(status=401, body={"message": "who are you?"})

    def _of_user(self, call: Call, jar: Mapping[str, str], user: str) -> Reply:
        match call.path:
            case "/me":
                return Reply(body={"id": user, "email": f"{user}@example.com"})
            case "/secret" | "/write":
                return Reply(body={"word": f"secret of {user}", "echo": call.headers.get("cookie", "")})
            case "/slide" | "/slow":
                del self.sessions[jar["sid"]]
                return Reply(body={}, headers=(self._sid(user),))
            case "/logout":
                del self.sessions[jar["sid"]]
                gone = "sid=; Path=/; Max-Age=0"
                return Reply(status=204, headers=(("Set-Cookie", gone),))
        return self._of_anybody(call, jar)

    def _signed_in(self, user: str) -> Reply:
        headers = (self._rid(user), self._sid(user), _set("csrftoken", self.make("csrf")))
        return Reply(status=204, headers=headers)

    def _renewed(self, user: str | None) -> Reply:
        if user is None:
            return Reply(status=401, body={"message": "no"})
        return Reply(status=204, headers=(self._rid(user), self._sid(user)))

    def _sid(self, user: str) -> tuple[str, str]:
        value = self.make("sid")
        self.sessions[value] = user
        age = "" if self.age is None else f"; Max-Age={self.age}"
        return _set("sid", value, f"; HttpOnly; Secure{age}")

    def _rid(self, user: str) -> tuple[str, str]:
        value = self.make("rid")
        self.remembered[value] = user
        return "Set-Cookie", f"rid={value}; Path=/auth; HttpOnly; Max-Age=864000"


def cookies_of(call: Call) -> Mapping[str, str]:
    """The cookies of a request."""
    pairs = [pair.partition("=") for pair in call.headers.get("cookie", "").split("; ") if pair]
    return {name: value for name, _, value in pairs}


def _set(name: str, value: str, more: str = "") -> tuple[str, str]:
    return "Set-Cookie", f"{name}={value}; Path=/{more}"
