"""What an app of `portico new --auth` begins with: one set of pages, filled in for each preset."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "new_auth"
#: The same picture for every new app.
_LOGO = Path(__file__).parent / "new_app" / "strapi" / "logo.svg"
_SIGN_UP = "pages/SignUp/page.yaml"
#: Where `portico auth-server` listens, which speaks as some of these APIs do.
_EMBEDDED = "http://127.0.0.1:8001"


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """What differs. `login` and `parameter` are the first field of the login page, for people and for the
    query; `who` is what the home page calls the user; `queries` are the preset's. `sign_up` are the fields
    of the sign-up page besides the password, by parameter; None where the API has no sign-up. `signs_in`: a
    sign-up brings a token. `more` are lines of `app.yaml`, `key` a word of the README about them."""

    title: str
    url: str = _EMBEDDED
    login: str = "E-mail"
    parameter: str = "email"
    who: str = "auth.user.email"
    queries: str = "`sign_in`, `sign_up`, `refresh`, `sign_out`, `me` and `recover`"
    sign_up: Mapping[str, str] | None
    signs_in: bool = True
    more: str = ""
    key: str = ""


STARTS: Mapping[str, Start] = {
    "supabase": Start(
        title="Supabase",
        queries="`sign_in`, `sign_up`, `refresh`, `sign_out`, `exchange`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        more=(
            "  # The project's key goes along with every query; it is a secret of the environment.\n"
            "  # headers: {apikey: {secret: SUPABASE_KEY}}\n"
        ),
        key=" Supabase wants the project's key: take the `#` off `headers`, and set "
        "`PORTICO_SECRET_SUPABASE_KEY`.",
    ),
    "strapi": Start(
        title="Strapi",
        login="Username or e-mail",
        parameter="identifier",
        who="auth.user.username",
        sign_up={"username": "Username", "email": "E-mail"},
    ),
    "pocketbase": Start(
        title="PocketBase",
        url="http://127.0.0.1:8090",
        parameter="identity",
        queries="`sign_in`, `sign_up`, `refresh`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        signs_in=False,
    ),
    "dummyjson": Start(
        title="DummyJSON",
        url="https://dummyjson.com",
        login="Username",
        parameter="username",
        who="auth.user.firstName",
        queries="`sign_in`, `refresh` and `me`",
        sign_up=None,
    ),
    "better-auth": Start(
        title="better-auth",
        url="http://127.0.0.1:3000",
        who="auth.user.name",
        sign_up={"name": "Name", "email": "E-mail"},
    ),
    "fastapi-users": Start(
        title="fastapi-users",
        url="http://127.0.0.1:8080",
        queries="`sign_in`, `sign_up`, `sign_out`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        signs_in=False,
    ),
    "simplejwt": Start(
        title="djangorestframework-simplejwt",
        url="http://127.0.0.1:8080",
        login="Username",
        parameter="username",
        who="'user ' + auth.uid",
        queries="`sign_in`, `refresh` and `sign_out`",
        sign_up=None,
    ),
    "allauth": Start(
        title="django-allauth",
        url="http://127.0.0.1:8080",
        queries="`sign_in`, `sign_up`, `sign_out`, `me` and `recover`",
        sign_up={"email": "E-mail"},
    ),
}


def files(preset: str) -> dict[str, str]:
    """The files of a new app, by path. Its name is still that of the draft."""
    words = _words(preset, STARTS[preset])
    found = {"logo.svg": _LOGO.read_text(encoding="utf-8")}
    for path in sorted(_FOLDER.rglob("*")):
        name = path.relative_to(_FOLDER).as_posix()
        if path.is_file() and (name != _SIGN_UP or STARTS[preset].sign_up is not None):
            text = re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], path.read_text(encoding="utf-8"))
            found[name] = text.rstrip("\n") + "\n"
    return found


def command(preset: str, app: str) -> str:
    """How the app is tried out."""
    embedded = STARTS[preset].url == _EMBEDDED
    return f"portico dev {app} --auth-server" if embedded else f"portico dev {app}"


def note(preset: str) -> str:
    """What that command does, in a sentence."""
    start = STARTS[preset]
    if start.url == _EMBEDDED:
        return "serves it with an auth server that answers like it, and prints the address and an account."
    if start.url.startswith("https:"):
        return f"serves it against {start.url}, where emilys signs in with the password emilyspass."
    return f"serves it against {start.url}; for {start.title} elsewhere set AUTH_URL."


def _words(preset: str, start: Start) -> dict[str, str]:
    return {
        "PRESET": preset,
        "TITLE": start.title,
        "URL": start.url,
        "LOGIN": start.login,
        "PARAMETER": start.parameter,
        "WHO": start.who,
        "MORE": start.more,
        "KEY": start.key,
        "QUERIES": start.queries,
        "RUN": command(preset, "my-app"),
        "RUN_NOTE": f"This {note(preset)}",
        "SIGN_UP_BUTTON": _BUTTON if start.sign_up is not None else "",
        "SIGN_UP_ROW": f"| `{_SIGN_UP}` | the page that makes an account |\n" if start.sign_up else "",
        **_sign_up(start),
    }


def _sign_up(start: Start) -> dict[str, str]:
    """What the sign-up page is filled in with."""
    fields = start.sign_up or {}
    inputs = {parameter: f"{parameter.title()}Input" for parameter in fields}
    first = next(iter(inputs.values()), "")
    sign_in = f"await sign_in.run({{ {start.parameter}: {first}.text, password: PasswordInput.text }});"
    told = "showAlert('Your account is made. If it asks you to sign in, look for a mail first.', 'success');"
    return {
        "FIELDS": "\n".join(
            f"      - name: {inputs[parameter]}\n        type: Input\n        label: {label}\n"
            "        isRequired: true"
            for parameter, label in fields.items()
        ),
        "PARAMETERS": ", ".join(
            [*(f"{name}: {inputs[name]}.text" for name in fields), "password: PasswordInput.text"]
        ),
        "AFTER": (
            "What comes back signs in, unless the API wants the address confirmed first."
            if start.signs_in
            else "It makes the account and signs nobody in: that is the second call."
        ),
        "THEN": " " * 12 + (told if start.signs_in else sign_in),
    }


_BUTTON = """\
  - name: SignUpButton
    type: Button
    text: Make an account
    buttonVariant: TERTIARY
    onClick: "{{ navigateTo('SignUp') }}\""""
