"""An app that signs in by a preset: its pages, and the steps of a visitor on them."""

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.journeys.portal import Portal, Recorder, Visitor, serving

LOGIN = """\
title: Sign in
widgets:
  - {{name: User, type: Input}}
  - {{name: Email, type: Input}}
  - {{name: Password, type: Input, inputType: PASSWORD}}
  - name: SignIn
    type: Button
    onClick: "{{{{ sign_in.run({sign_in}).then((answer) => storeValue('seen', answer)) }}}}"
{more}"""
SIGN_UP = """\
  - name: SignUp
    type: Button
    onClick: "{{{{ sign_up.run({sign_up}).then(() => showAlert('account made')) }}}}"
"""
HOME = """\
title: Home
widgets:
  - {{name: Who, type: Text, text: "uid={{{{ auth.uid }}}} roles={{{{ auth.roles.join(' ') }}}}."}}
  - {{name: User, type: Text, text: "user={{{{ auth.user }}}}"}}
  - {{name: Seen, type: Text, text: "seen={{{{ appsmith.store.seen }}}}"}}
  - {{name: Got, type: Text, text: "got={{{{ {shown} }}}}."}}
  - name: Ask
    type: Button
    onClick: "{{{{ secret.run() }}}}"
  - {{name: LogOut, type: Button, onClick: "{{{{ logoutUser() }}}}"}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """An app with a preset. `sign_in` and `sign_up` are the parameters of these queries, in code of the
    login page; `protected` is a path that wants a token, `shown` what the home page shows of its answer.
    `auth` are more lines below `auth`, `files` more files."""

    name: str
    sign_in: str
    protected: str
    shown: str
    sign_up: str | None = None
    auth: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the app below `folder`."""
        contract = (
            f"auth:\n  preset: {self.name}\n  url: ${{AUTH_URL}}\n  allow_private: true\n"
            "  entry_page: Login\n  home_page: Home\n"
        )
        more = SIGN_UP.format(sign_up=self.sign_up) if self.sign_up is not None else ""
        files = {
            "app.yaml": contract + "".join(f"  {line}\n" for line in self.auth.splitlines()),
            "pages/Login/page.yaml": LOGIN.format(sign_in=self.sign_in, more=more),
            "pages/Home/page.yaml": HOME.format(shown=self.shown),
            "pages/Home/queries/secret.yaml": (
                f'datasource: auth_api\npath: "{self.protected}"\nrun: manual\n'
            ),
            **self.files,
        }
        for path, content in files.items():
            file = folder / self.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return folder / self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """The app, served, and what its auth API sees and answers."""

    portal: Portal
    api: Recorder

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.portal)


@contextmanager
def staged(
    preset: Preset, url: str, folder: Path, *, secrets: Mapping[str, str] | None = None
) -> Iterator[Stage]:
    """The app of a preset, served, with the auth API at `url`."""
    with (
        Recorder(url) as api,
        serving(preset.write(folder), settings={"AUTH_URL": api.url}, secrets=secrets) as portal,
    ):
        yield Stage(portal=portal, api=api)


def signed_in(visitor: Visitor, answer: httpx.Response) -> str:
    """The text of the home page, where a press that signed in leads."""
    assert answer.status_code == 303, shown(answer)
    assert answer.headers["location"].endswith("/Home"), answer.headers["location"]
    home = visitor.get("Home")
    assert home.status_code == 200
    return shown(home)


def ask(visitor: Visitor) -> str:
    """The home page after a call that wants the token."""
    answer = visitor.press("Home", "Ask")
    assert answer.status_code == 200, answer.headers
    return shown(answer)


def ended(visitor: Visitor, answer: httpx.Response) -> None:
    """The session is over: one redirect to the entry page, which says so, and nothing is open any more."""
    assert answer.status_code == 303, shown(answer)
    page = answer.headers["location"].rpartition("/")[2]
    assert page.partition("?")[0] == "Login"
    entry = visitor.get(page)
    assert entry.status_code == 200
    assert "Your session has ended" in shown(entry)
    assert visitor.get("Home").status_code == 303


def log_out(visitor: Visitor) -> None:
    """Press the button; afterwards the home page is closed."""
    answer = visitor.press("Home", "LogOut")
    assert (answer.status_code, answer.headers["location"].rpartition("/")[2]) == (303, "Login")
    assert visitor.get("Home").status_code == 303


def shown(answer: httpx.Response) -> str:
    """A page without what HTML makes of quotes."""
    return html.unescape(answer.text)


def keeps_tokens_back(visitor: Visitor, api: Recorder) -> None:
    """No byte of a token that the API handed out has reached the visitor; what did is its sealed form."""
    tokens = api.tokens()
    assert tokens, "the API has handed out tokens"
    assert "sealed" in visitor.got, "the pages show what they have of them"
    assert [token for token in tokens if token in visitor.got] == []
