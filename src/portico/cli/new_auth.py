"""What an app of `portico new --auth` begins with: one set of pages, filled in for each preset."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.authserver.demo_accounts import DEMO, EMAIL, USERNAME
from portico.authserver.settings import NewAccount
from portico.cli.new_auth_journeys import AN_HOUR, TOO_LATE, USUAL, Life, filled
from portico.testing.dialect_file import SHIPPED

_FOLDER = Path(__file__).parent / "new_auth"
#: What stands in the place of these files where users sign in at a provider.
_PROVIDER = Path(__file__).parent / "new_oidc"
#: The same picture for every new app.
_LOGO = Path(__file__).parent / "new_app" / "strapi" / "logo.svg"
_SIGN_UP = "pages/SignUp/page.yaml"
_STAFF = "pages/Staff/page.yaml"
_ASKED = "pages/Home/queries/getProfile.yaml"
_JOURNEYS = "tests/sign_in.yaml"
#: Who signs in in journeys; the second is somebody whom DummyJSON knows.
USER, EMILY = DEMO
#: Where `portico auth-server` listens, which speaks as some of these APIs do.
_EMBEDDED = "http://127.0.0.1:8001"


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """What differs. `login` and `parameter` are the first field of the login page, for people and for the
    query; `who` is what the home page calls the user; `queries` are the preset's. `sign_up` are the fields
    of the sign-up page besides the password, by parameter; None where the API has no sign-up. `signs_in` is
    what of its `answer` is there when a sign-up has signed in; empty where none does. `more` are lines of
    `app.yaml`, `key` a word of the README about them. `provider`: users sign in at an OpenID provider, with
    no query of the preset's. `account` is what somebody of the embedded auth server signs in by in journeys,
    `person` who that is, `greeted` what the home page calls them, and `refusal` what a wrong password is
    told; empty where that server does not speak the API. `role` is one that the API gives and the preset
    reads; without one, `no_role` says why no page is for a role. `asks` is a view of the project's own that
    the home page asks, where nothing else of the app sends a token. `life` is how a token ends, or does not.
    """

    title: str
    url: str = _EMBEDDED
    login: str = "E-mail"
    parameter: str = "email"
    who: str = "auth.user.email"
    queries: str = "`sign_in`, `sign_up`, `refresh`, `sign_out`, `me` and `recover`"
    sign_up: Mapping[str, str] | None
    signs_in: str = ""
    more: str = ""
    key: str = ""
    provider: bool = False
    account: str = ""
    person: NewAccount = USER
    greeted: str = ""
    refusal: str = "Invalid"
    role: str = ""
    no_role: str = ""
    asks: str = ""
    life: Life = USUAL


STARTS: Mapping[str, Start] = {
    "supabase": Start(
        title="Supabase",
        queries="`sign_in`, `sign_up`, `refresh`, `sign_out`, `exchange`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        signs_in="answer.access_token",
        account=EMAIL,
        greeted=EMAIL,
        role="admin",
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
        signs_in="answer.jwt",
        account=USERNAME,
        greeted=USERNAME,
        no_role="Strapi tells roles to those alone who may read them, which new users may not",
    ),
    "pocketbase": Start(
        title="PocketBase",
        url="http://127.0.0.1:8090",
        parameter="identity",
        queries="`sign_in`, `sign_up`, `refresh`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        account=EMAIL,
        greeted=EMAIL,
        refusal="Failed to authenticate.",
        no_role="users of a new collection may change their own record, so no role in it would hold",
        life=Life(due="4d", more=TOO_LATE),
    ),
    "dummyjson": Start(
        title="DummyJSON",
        url="https://dummyjson.com",
        login="Username",
        parameter="username",
        who="auth.user.firstName",
        queries="`sign_in`, `refresh` and `me`",
        sign_up=None,
        account=EMILY.username,
        person=EMILY,
        greeted="Emily",
        role="admin",
    ),
    "better-auth": Start(
        title="better-auth",
        url="http://127.0.0.1:3000",
        who="auth.user.name",
        sign_up={"name": "Name", "email": "E-mail"},
        signs_in="answer.token",
        account=EMAIL,
        greeted=USERNAME,
        role="admin",
        life=Life(due="4d", more=TOO_LATE),
    ),
    "fastapi-users": Start(
        title="fastapi-users",
        url="http://127.0.0.1:8080",
        queries="`sign_in`, `sign_up`, `sign_out`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        account=EMAIL,
        greeted=EMAIL,
        refusal="Wrong e-mail address or password.",
        role="superuser",
        life=Life(no_renewal="fastapi-users has nothing to renew a token with"),
    ),
    "simplejwt": Start(
        title="djangorestframework-simplejwt",
        url="http://127.0.0.1:8080",
        login="Username",
        parameter="username",
        who="'user ' + auth.uid",
        queries="`sign_in`, `refresh` and `sign_out`",
        sign_up=None,
        account=USERNAME,
        greeted="user 1",
        refusal="No active account found",
        asks="/api/me/",
        no_role="simplejwt says no roles, a view of the project's own could",
    ),
    "allauth": Start(
        title="django-allauth",
        url="http://127.0.0.1:8080",
        queries="`sign_in`, `sign_up`, `sign_out`, `me` and `recover`",
        sign_up={"email": "E-mail"},
        signs_in="answer.meta.is_authenticated",
        account=EMAIL,
        greeted=EMAIL,
        refusal="are not correct",
        no_role="allauth says no roles, a view of the project's own could",
        life=Life(no_renewal="allauth has nothing to renew a session with", auth=AN_HOUR),
    ),
    "oidc": Start(
        title="an OpenID provider",
        url=f"{_EMBEDDED}/oidc",
        login="Username or e-mail",
        who="auth.user.name ?? auth.user.email ?? auth.uid",
        sign_up=None,
        provider=True,
        account=USERNAME,
        greeted=USERNAME,
    ),
}


def files(preset: str) -> dict[str, str]:
    """The files of a new app, by path. Its name is still that of the draft."""
    start = STARTS[preset]
    words = _words(preset, start)
    found = {"logo.svg": _LOGO.read_text(encoding="utf-8")}
    for name, path in _drafts(start).items():
        text = re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], path.read_text(encoding="utf-8"))
        found[name] = text.rstrip("\n") + "\n"
    return found


def _drafts(start: Start) -> dict[str, Path]:
    """The files before they are filled in."""
    folders = (_FOLDER, _PROVIDER) if start.provider else (_FOLDER,)
    found = {
        path.relative_to(folder).as_posix(): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if start.sign_up is None:
        del found[_SIGN_UP]
    if not start.role:
        del found[_STAFF]
    if not start.asks:
        del found[_ASKED]
    if not start.account:
        del found[_JOURNEYS]
    return found


def command(preset: str, app: str) -> str:
    """How the app is tried out."""
    return f"portico dev {app} --auth-server" if _is_embedded(preset) else f"portico dev {app}"


def _is_embedded(preset: str) -> bool:
    """Whether the embedded auth server stands in for the API."""
    return STARTS[preset].url.startswith(_EMBEDDED) or preset in SHIPPED


def note(preset: str) -> str:
    """What that command does, in a sentence."""
    start = STARTS[preset]
    if start.provider:
        return "serves it with an OpenID provider for development, and prints the address and an account."
    if _is_embedded(preset):
        own = "" if start.url == _EMBEDDED else f" Without --auth-server the API is {start.url}, or AUTH_URL."
        return (
            f"serves it with an auth server that answers like it, and prints the address and an account.{own}"
        )
    if start.url.startswith("https:"):
        return f"serves it against {start.url}, where emilys signs in with the password emilyspass."
    return f"serves it against {start.url}; for {start.title} elsewhere set AUTH_URL."


#: What the provider answers, or where it stands elsewhere than it is asked, what its token says.
_USERINFO = "userinfo.responseMeta?.isExecutionSuccess ? userinfo.data : auth.user"


def _words(preset: str, start: Start) -> dict[str, str]:
    return {
        "PRESET": preset,
        "TITLE": start.title,
        "URL": start.url,
        "LOGIN": start.login,
        "PARAMETER": start.parameter,
        "WHO": start.who,
        "PROFILE": _USERINFO if start.provider else "auth.user",
        "MORE": start.more,
        "KEY": start.key,
        "WHOM": "provider" if start.provider else "API",
        "TO": "the APIs that you name" if start.provider else "your API",
        "QUERIES": start.queries,
        "RUN": command(preset, "my-app"),
        "RUN_NOTE": f"This {note(preset)}",
        "ACCOUNT": start.account,
        "PASSWORD": start.person.password.reveal(),
        "GREETED": start.greeted,
        "REFUSAL": start.refusal,
        "JOURNEYS_ROW": f"| `{_JOURNEYS}` | what its users do and see, as journeys |\n"
        if start.account
        else "",
        "HOME_BUTTONS": (_STAFF_BUTTON.replace("ROLE", start.role) if start.role else "")
        + (_ASK_BUTTON if start.asks else ""),
        "STAFF_ROW": f"| `{_STAFF}` | a page for users with the role `{start.role}` |\n"
        if start.role
        else "",
        "ROLE": start.role,
        "ROLE_HINT": _ROLE_HINT.format(role=start.role)
        if _is_embedded(preset)
        else f"{start.title} has users with one.",
        "ASKS": start.asks,
        "ASKED_ROW": f"| `{_ASKED}` | a query to a view of your API |\n" if start.asks else "",
        "TRY": _TRY if start.account else "",
        "SIGN_UP_BUTTON": _BUTTON if start.sign_up is not None else "",
        "SIGN_UP_ROW": f"| `{_SIGN_UP}` | the page that makes an account |\n" if start.sign_up else "",
        **_sign_up(start),
        **filled(start.life, start.person, role=start.role, no_role=start.no_role, asks=bool(start.asks)),
    }


def _sign_up(start: Start) -> dict[str, str]:
    """What the sign-up page is filled in with."""
    fields = start.sign_up or {}
    inputs = {parameter: f"{parameter.title()}Input" for parameter in fields}
    first = next(iter(inputs.values()), "")
    given = ", ".join([*(f"{name}: {inputs[name]}.text" for name in fields), "password: PasswordInput.text"])
    sign_up = f"await sign_up.run({{ {given} }});"
    if start.signs_in:
        steps = [f"const answer = {sign_up}", f"if (!{start.signs_in}) showAlert('{_MAILED}', 'success');"]
    else:
        sign_in = f"{{ {start.parameter}: {first}.text, password: PasswordInput.text }}"
        steps = [sign_up, f"await sign_in.run({sign_in});"]
    return {
        "FIELDS": "\n".join(
            f"      - name: {inputs[parameter]}\n        type: Input\n        label: {label}\n"
            "        isRequired: true"
            for parameter, label in fields.items()
        ),
        "AFTER": (
            "What comes back signs in, unless the API wants the address confirmed first."
            if start.signs_in
            else "It makes the account and signs nobody in: that is the second call."
        ),
        "STEPS": "\n".join(" " * 12 + step for step in steps),
    }


#: What is said where the address has to be confirmed first; the sign-in page follows.
_MAILED = "Your account is made. Open the link in the mail that you get, then sign in."
#: How somebody has a role while the app is built.
_ROLE_HINT = "With `portico dev --auth-server --faults`: curl http://127.0.0.1:8001/_faults -d 'role {role}'"
#: How to try the login with the journeys of the app.
_TRY = """
`portico test my-app` takes the journeys of `tests/sign_in.yaml`: simulated users sign in, wait until their
token ends, sign out in another tab. Each has an auth server of its own; the internet is not needed.
"""
_STAFF_BUTTON = """\
  - name: StaffButton
    type: Button
    text: For staff
    buttonVariant: TERTIARY
    isVisible: "{{ auth.roles.includes('ROLE') }}"
    onClick: "{{ navigateTo('Staff') }}"
"""
_ASK_BUTTON = """\
  - name: AskButton
    type: Button
    text: Ask the API
    buttonVariant: SECONDARY
    onClick: "{{ getProfile.run().then((me) => showAlert(`The API knows you as ${me.username}.`)) }}"
"""
_BUTTON = """\
  - name: SignUpButton
    type: Button
    text: Make an account
    buttonVariant: TERTIARY
    onClick: "{{ navigateTo('SignUp') }}\""""
