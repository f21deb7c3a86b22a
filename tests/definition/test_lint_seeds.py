"""What the lint finds in the seeds' own text, word for word: the defects that are known, and nothing else."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition.load import load
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import write

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "tests" / "sandbox" / "seeds"


def seed(name: str, indent: int = 0) -> str:
    """A snippet as its document has it, without the comment that names it, indented."""
    text = (SEEDS / f"{name}.txt").read_text("utf-8")
    kept = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("//"))
    return textwrap.indent(textwrap.dedent(kept if "export" not in text else text), " " * indent)


def contract(key: str, home: str) -> str:
    return f"""\
auth:
  entry_page: LoginPage
  home_page: {home}
  store_keys: {{token: {key}}}
  me: {{query: me}}
"""


COMMON = {
    "datasources/api.yaml": "url: https://example.api.co\n",
    "queries/me.yaml": "datasource: api\npath: /me\n"
    'headers: {Authorization: "Bearer {{ this.params.token }}"}\n',
}
HOME = {"pages/Home/page.yaml": "title: Home\n"}
SIGN_IN = "datasource: api\nmethod: POST\npath: /auth/v1/token?grant_type=password\nbody: |\n"

#: S0: a UI module with its widgets, query, script and output.
S0 = {
    "app.yaml": contract("access_token", "Home") + "packages: {login: {path: packages/login}}\n",
    **COMMON,
    **HOME,
    "pages/LoginPage/page.yaml": "title: Sign in\nwidgets:\n  - {name: LoginModule1, module: login/Login}\n",
    "packages/login/package.yaml": "name: login\nversion: 1.0.0\n",
    "packages/login/datasources/api.yaml": "url: https://example.api.co\n",
    "packages/login/modules/Login/module.yaml": f"""\
kind: ui
outputs:
  token: "{seed("S0-15-output").strip()}"
stores: [access_token]
navigates: [Home]
datasources: [api]
widgets:
  - {{name: emailInput, type: Input}}
  - {{name: passwordInput, type: Input, inputType: PASSWORD}}
  - {{name: loginButton, type: Button, onClick: "{{{{ authUtils.loginUser() }}}}"}}
""",
    "packages/login/modules/Login/queries/login.yaml": SIGN_IN + seed("S0-3-body", 2),
    "packages/login/modules/Login/scripts/authUtils.js": seed("S0-4-loginUser"),
}
#: S1: a query module, a script module, and a form of the app's own.
S1 = {
    "app.yaml": contract("access_token", "Home") + "packages: {code: {path: packages/code}}\n",
    **COMMON,
    **HOME,
    "pages/LoginPage/page.yaml": """\
title: Sign in
modules: {Login1: {module: code/Login}}
widgets:
  - {name: Email, type: Input}
  - {name: Password, type: Input, inputType: PASSWORD}
  - name: Submit
    type: Button
    onClick: "{{ Login1.signin({ email: Email.text, password: Password.text }) }}"
""",
    "packages/code/package.yaml": "name: code\nversion: 1.0.0\n",
    "packages/code/datasources/api.yaml": "url: https://example.api.co\n",
    "packages/code/modules/sign_in/module.yaml": "kind: query\n"
    "inputs: {email: , password: }\ndatasources: [api]\n",
    "packages/code/modules/sign_in/queries/sign_in.yaml": SIGN_IN
    + '  {\n    "email": {{inputs.email}},\n    "password": {{inputs.password}}\n  }\n',
    "packages/code/modules/Login/module.yaml": """\
kind: script
inputs: {email: {required: false}, password: {required: false}}
functions: [signin]
modules: {sign_in: {module: sign_in}}
stores: ["*"]
navigates: [Home]
""",
    "packages/code/modules/Login/scripts/Login.js": seed("S1-4-signin"),
}
#: S2: two pages, of which the seed guards none, and a log-out.
S2 = {
    "app.yaml": contract("jwt", "MainPage"),
    **COMMON,
    "pages/LoginPage/page.yaml": f"""\
title: Sign in
widgets:
  - {{name: UsernameInput, type: Input}}
  - {{name: PasswordInput, type: Input, inputType: PASSWORD}}
  - name: LoginButton
    type: Button
    onClick: |
{seed("S2-7-onClick", 6)}""",
    "pages/LoginPage/queries/login_api.yaml": "datasource: api\nmethod: POST\npath: /local\nbody: |\n"
    + seed("S2-5-body", 2),
    "pages/MainPage/page.yaml": f"""\
title: Main page
access: public
widgets:
  - name: Gate
    type: Tabs
    shouldShowTabs: false
    defaultTab: |
{seed("S2-10-defaultTab", 6)}
    tabs:
      - label: authorized
        widgets:
          - name: LogOut
            type: Button
            onClick: |
{seed("S2-14-logOut", 14)}
      - label: unauthorized
        widgets:
          - {{name: Login, type: Button, onClick: "{{{{ navigateTo('LoginPage') }}}}"}}
""",
    "pages/MainPage/queries/SecureQuery.yaml": "datasource: api\npath: /secure\n"
    "headers:\n  Authorization: Bearer {{appsmith.store.jwt}}\n",
}
#: S3: sign-up's landing page, sign-in, log-out; and the refresh guide, as the checklist describes it.
S3 = {
    "app.yaml": contract("access_token", "Home"),
    **COMMON,
    "pages/Home/page.yaml": "title: Home\nwidgets:\n  - name: LogOut\n    type: Button\n    onClick: |\n"
    + seed("S3-13-logOut", 6),
    "pages/Landing/page.yaml": "title: Landing\naccess: public\n",
    # The document leaves its last brace out (row S3-7).
    "pages/Landing/scripts/Link.js": seed("S3-7-continue").rstrip() + "\n}\n",
    "pages/LoginPage/page.yaml": """\
title: Sign in
widgets:
  - {name: username, type: Input}
  - {name: password, type: Input, inputType: PASSWORD}
  - {name: Submit, type: Button, onClick: "{{ Auth.signin() }}"}
""",
    "pages/LoginPage/queries/sign_in.yaml": SIGN_IN + seed("S3-4-body", 2),
    "pages/LoginPage/scripts/Auth.js": f"export default {{\n{seed('S3-9-signin')}\n}}\n",
}
REFRESH = {
    **S3,
    "queries/refresh_tokens.yaml": "datasource: api\nmethod: POST\npath: /refresh\n"
    'body: {refresh_token: "{{ appsmith.store.refreshtoken }}"}\n',
    "pages/Home/scripts/Tokens.js": """\
export default {
  async refresh() {
    try {
      const newTokens = await refresh_tokens.run();
      if (newTokens.refreshtoken) {
        await storeValue('refresh_token', newTokens.refresh_token);
      }
    } catch (error) {
      console.log(error);
    }
  }
};
""",
}

EXPECTED: Mapping[str, tuple[Mapping[str, str], list[str]]] = {
    # 5.4 "token as module output". Its sign-in awaits, and tells every failure.
    "S0": (S0, ["exposed-token authUtils.loginUser.data.token"]),
    # "`storeValue` calls are not awaited and `navigateTo` follows; failures give the user no message".
    "S1": (
        S1,
        [
            "silent-sign-in sign_in.run(…)",
            "unawaited-store storeValue(i, data[i])",
        ],
    ),
    # "gates on `SecureQuery.data`"; "the Tabs gate hides, it does not protect". Nothing ends the token.
    "S2": (
        S2,
        [
            'cosmetic-gate SecureQuery.data.status == "200 OK"',
            "public-bearer SecureQuery",
            "silent-sign-in login_api.run(…)",
            'stale-gate SecureQuery.data.status == "200 OK"',
            'unawaited-store storeValue("jwt", undefined)',
            "unawaited-store storeValue('jwt', jwt)",
            'unrevoked-log-out storeValue("jwt", undefined)',
        ],
    ),
    # "the documented log-out removes nothing"; stores that are not awaited; no message.
    "S3": (
        S3,
        [
            "key-not-stored storeValue('#access_token', undefined)",
            "silent-sign-in sign_in.run(…)",
            "unawaited-store storeValue('#access_token', undefined)",
            "unawaited-store storeValue(i, data[i])",
            "unawaited-store storeValue(key,value)",
            "unrevoked-log-out storeValue('#access_token', undefined)",
        ],
    ),
    # "tests `newTokens.refreshtoken` but stores `newTokens.refresh_token`"; "nothing prevents two refreshes".
    "refresh guide": (
        REFRESH,
        [
            "key-not-stored storeValue('#access_token', undefined)",
            "lost-refresh-token newTokens.refresh_token",
            "racing-refresh refresh_tokens.run()",
            "silent-sign-in sign_in.run(…)",
            "unawaited-store storeValue('#access_token', undefined)",
            "unawaited-store storeValue(i, data[i])",
            "unawaited-store storeValue(key,value)",
            "unrevoked-log-out storeValue('#access_token', undefined)",
        ],
    ),
}


def found(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Rules with what they found."""
    result = load(write(folder, files), types=CATALOGUE, settings={}, linted=True)
    assert [problem.as_text() for problem in result.problems] == []
    return sorted(f"{one.rule} {one.received}" for one in result.findings)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_the_known_defects_are_found_and_nothing_false(name: str, tmp_path: Path) -> None:
    """Each defect that is known of the seed's own snippets, at its expression."""
    files, expected = EXPECTED[name]
    told = found(tmp_path, files)
    assert [line[: len(wanted)] for line, wanted in zip(told, expected, strict=True)] == expected


#: What the seeds would have had to write.
MENDED = [
    (
        S2,
        "storeValue('jwt', jwt);",
        "return storeValue('jwt', jwt).then(() => navigateTo('MainPage', {}));",
        -1,
    ),
    (S2, "access: public", "access: signed-in", -2),
    (S2, 'SecureQuery.data.status == "200 OK"', "SecureQuery.responseMeta.isExecutionSuccess", -1),
    (S3, "'#access_token', undefined", "'access_token', undefined", -1),
    (S3, "return sign_in.run()", "return sign_in.run().catch((error) => showAlert(error.message))", -1),
    (REFRESH, "newTokens.refreshtoken)", "newTokens.refresh_token)", -1),
]


@pytest.mark.parametrize(("files", "old", "new", "change"), MENDED)
def test_what_is_mended_is_not_found_any_more(
    files: Mapping[str, str], old: str, new: str, change: int, tmp_path: Path
) -> None:
    """The control: each finding goes with its defect, and with nothing else."""
    changed = {path: text.replace(old, new) for path, text in files.items()}
    assert any(old in text for text in files.values())
    before = found(tmp_path / "before", files)
    assert len(found(tmp_path / "after", changed)) - len(before) == change


def test_an_app_of_s4_has_none() -> None:
    """Seed S4 holds no code; its steps, as actions, are those of `examples/staff-directory`."""
    result = load(ROOT / "examples" / "staff-directory", types=CATALOGUE, settings={}, linted=True)
    assert result.app is not None
    assert result.findings == ()
