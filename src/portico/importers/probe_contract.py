"""What was found, as files of an app: a datasource and queries, or a preset, and the contract over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.definition.preset import DATASOURCE, OIDC
from portico.importers.probe_findings import Call
from portico.importers.yaml_text import Inline, dump
from portico.model.query import Role, Sending

ENTRY, HOME = "Login", "Home"
#: What the queries of a contract are called, by what they are for.
_QUERIES: Mapping[Role, str] = {role: role for role in ("sign_in", "me", "refresh", "sign_out")}
_LOGINS = {"email": "E-mail", "username": "Username", "phone": "Phone"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A contract. `calls` are the queries that the app has itself: with a `preset` those in which the API
    differs from it. `headers` name secrets. `missing` are queries of the preset that are left out."""

    url: str
    preset: str | None = None
    issuer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    calls: Mapping[Role, Call] = field(default_factory=dict)
    mappings: Mapping[Role, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[Role, ...] = ()
    sending: Sending = field(default_factory=Sending)


def auth_of(draft: Draft, entry: str, home: str) -> dict[str, Any]:
    """What stands below `auth` in app.yaml."""
    auth: dict[str, Any] = {"entry_page": entry, "home_page": home}
    if draft.issuer is not None:
        private = {"allow_private": True} if draft.allow_private else {}
        provider = {"preset": OIDC, "url": draft.issuer, "client_id": "${OIDC_CLIENT_ID:-my-app}"}
        return auth | provider | private
    if draft.preset is not None:
        auth |= {"preset": draft.preset, **_place(draft)}
    for role in _QUERIES:
        mappings = {name: f"{{{{ {code} }}}}" for name, code in draft.mappings.get(role, {}).items()}
        if role in draft.missing and role not in draft.calls:
            auth[role] = "none"
        elif role in draft.calls:
            auth[role] = {"query": _QUERIES[role], **mappings}
        elif mappings:
            auth[role] = mappings
    if draft.sending != Sending() and draft.preset is None:
        auth["send"] = _sending(draft.sending)
    return auth


def files_of(draft: Draft) -> dict[str, str]:
    """The other files that the contract needs, by their paths."""
    if draft.issuer is not None:
        return {}
    files = {} if draft.preset is not None else {f"datasources/{DATASOURCE}.yaml": dump(_place(draft))}
    queries = {f"queries/{_QUERIES[role]}.yaml": dump(_query(call)) for role, call in draft.calls.items()}
    return files | queries


def login_page(draft: Draft, login: str) -> str:
    """A page that signs in, by a query with the parameters `login` and `password`."""
    if draft.issuer is not None:
        button = {
            "name": "LoginButton",
            "type": "Button",
            "text": "Sign in",
            "onClick": "{{ auth.signIn() }}",
        }
        return dump({"title": "Sign in", "access": "public", "widgets": [button]})
    inputs = [
        {
            "name": "LoginInput",
            "type": "Input",
            "label": _LOGINS.get(login, "Username or e-mail"),
            "isRequired": True,
        },
        {
            "name": "PasswordInput",
            "type": "Input",
            "inputType": "PASSWORD",
            "label": "Password",
            "isRequired": True,
        },
    ]
    run = f"{{{{ sign_in.run({{ {login}: LoginInput.text, password: PasswordInput.text }}) }}}}"
    button = {"name": "LoginButton", "type": "Button", "text": "Sign in", "onClick": run}
    form = {"name": "LoginForm", "type": "Form", "widgets": [*inputs, button]}
    return dump({"title": "Sign in", "access": "public", "widgets": [form]})


def home_page() -> str:
    """A page for who is signed in."""
    greeting = {"name": "WhoText", "type": "Text", "text": "You are signed in as {{ auth.uid }}."}
    button = {"name": "LogoutButton", "type": "Button", "text": "Sign out", "onClick": "{{ logoutUser() }}"}
    return dump({"title": "Home", "widgets": [greeting, button]})


def app_files(draft: Draft) -> dict[str, str]:
    """The smallest app with this contract: it is read, and shown to nobody."""
    return {
        "app.yaml": dump({"name": "Probe", "auth": auth_of(draft, ENTRY, HOME)}),
        f"pages/{ENTRY}/page.yaml": dump({"title": "Sign in"}),
        f"pages/{HOME}/page.yaml": dump({"title": "Home"}),
        **files_of(draft),
    }


def _place(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {"url": draft.url}
    if draft.headers:
        found["headers"] = {name: Inline(secret=secret) for name, secret in draft.headers.items()}
    if draft.allow_private:
        found["allow_private"] = True
    return found


def _query(call: Call) -> dict[str, Any]:
    return dict(_parts(call))


def _parts(call: Call) -> Iterator[tuple[str, Any]]:
    yield "datasource", DATASOURCE
    if call.method != "GET":
        yield "method", call.method
    yield "path", call.path
    if call.params:
        yield "params", dict(call.params)
    if call.headers:
        yield "headers", dict(call.headers)
    if call.form:
        yield "body_type", "form"
    if call.fields or call.empty:
        yield "body", dict(call.fields)


def _sending(sending: Sending) -> dict[str, str]:
    if sending.cookie:
        return {"cookie": sending.cookie}
    return {"header": sending.header, "scheme": sending.scheme}
