"""Portico with an app that signs in with oidc-provider, and a walk there and back by plain HTTP."""

import re
from pathlib import Path
from typing import Self

import httpx

from tests.backends.servers import Backend, Credentials
from tests.journeys.servers import PorticoServer

START, CALLBACK, HOME = "/hr/_auth/start?next=/hr/Home", "/hr/_auth/callback", "/hr/Home"
APP = """\
name: HR
auth:
  entry_page: Enter
  home_page: Home
  preset: oidc
  url: {issuer}
  client_id: {client_id}
  {secret}
  scopes: [openid, profile, email{offline}]
  allow_private: true
  audience: [provider]
  {more}
"""
ENTER = """\
title: Enter
access: public
widgets:
  - {name: SignIn, type: Button, text: Sign in, onClick: "{{ auth.signIn() }}"}
"""
PAGE = """\
title: Home
widgets:
  - {name: Who, type: Text, text: "user {{ auth.uid }} {{ auth.user.email }}"}
  - {name: Answer, type: Text, text: "answer {{ ask.data.sub }} {{ ask.responseMeta.statusCode }}"}
  - {name: Ask, type: Button, text: Ask, onClick: "{{ ask.run() }}"}
  - {name: Leave, type: Button, text: Log out, onClick: "{{ logoutUser() }}"}
"""


class House:
    """Portico with one app, registered at a provider with or without a secret; served until the block ends.
    `more` is a line of `auth`, `host` the name that browsers reach it by; `hears`: the provider tells it of
    log-outs behind the browser's back."""

    def __init__(
        self,
        backend: Backend,
        folder: Path,
        *,
        public: bool,
        offline: bool = True,
        more: str = "",
        host: str = "127.0.0.1",
        hears: bool = True,
    ) -> None:
        self.backend = backend
        app = folder / "hr"
        self.server = PorticoServer([app], folder=folder)
        self.server.url = f"http://{host}:{self.server.port}"
        self.server._env["PORTICO_PUBLIC_URL"] = self.server.url
        registered = register(backend, f"{self.server.url}/hr", public=public, hears=hears)
        files = {
            "app.yaml": APP.format(
                issuer=backend.url,
                client_id=registered["client_id"],
                secret="" if public else "client_secret: {secret: HR_SECRET}",
                offline=", offline_access" if offline else "",
                more=more,
            ),
            "pages/Enter/page.yaml": ENTER,
            "pages/Home/page.yaml": PAGE,
            "pages/Home/queries/ask.yaml": "datasource: provider\npath: /me\nrun: manual\n",
            "datasources/provider.yaml": f"url: {backend.url}\nallow_private: true\n",
        }
        for name, text in files.items():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(text)
        if not public:
            self.server._env["PORTICO_SECRET_HR_SECRET"] = registered["client_secret"]

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def browser(self) -> httpx.Client:
        """A browser that knows nothing, and says where it comes from."""
        said = {"Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}
        return httpx.Client(base_url=self.server.url, headers=said, trust_env=False, timeout=30)


def register(backend: Backend, app: str, *, public: bool, hears: bool = True) -> dict[str, str]:
    """A client for the app at this address, as the provider describes it."""
    back_channel = {
        "backchannel_logout_uri": f"{app}/_auth/backchannel",
        "backchannel_logout_session_required": True,
    }
    answer = httpx.post(
        f"{backend.url}/reg",
        json={
            "redirect_uris": [f"{app}/_auth/callback"],
            "post_logout_redirect_uris": [f"{app}/_auth/signed-out"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none" if public else "client_secret_post",
            **(back_channel if hears else {}),
        },
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def there(browser: httpx.Client) -> str:
    """Where the browser is sent."""
    answer = browser.get(START)
    assert answer.status_code == 303
    return answer.headers["location"]


def walk(browser: httpx.Client, address: str, user: Credentials) -> str:
    """Through the provider's pages; the address that it sends the browser back to."""
    answer = browser.get(address)
    for form in (
        {"prompt": "login", "login": user.login, "password": user.password},
        {"prompt": "consent"},
    ):
        page = browser.get(place(answer))
        if f'value="{form["prompt"]}"' not in page.text:
            # Who is signed in there is asked for consent alone.
            continue
        answer = browser.get(place(browser.post(page.url, data=form)))
    return place(answer)


def place(answer: httpx.Response) -> str:
    """Where an answer leads."""
    return str(answer.url.join(answer.headers["location"]))


def back(browser: httpx.Client, address: str) -> str:
    """Come back; where Portico leads on to."""
    answer = browser.get(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    return answer.headers["location"]


def enter(browser: httpx.Client, user: Credentials) -> None:
    """Sign in."""
    assert back(browser, walk(browser, there(browser), user)) == HOME


def is_signed_in(browser: httpx.Client) -> bool:
    """Whether the guarded page opens."""
    return browser.get(HOME).status_code == 200


def asked(browser: httpx.Client) -> str:
    """What the provider's userinfo answers to the app's query, as the page shows it."""
    page = browser.post(HOME, data={"portico.event": "Ask onClick"})
    found = re.search(r"answer ([^<]*)<", page.text)
    return found[1] if found else f"{page.status_code} {page.headers.get('location')}"
