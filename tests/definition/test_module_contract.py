"""What modules use, they declare: store keys, pages, datasources, secrets, inputs."""

# ruff: noqa: E501  (messages stand on one line)

from pathlib import Path

import pytest

from tests.definition.packages import (
    ASK,
    ASK_QUERY,
    LOGIN,
    PACKAGE,
    SEND,
    SIGN,
    package,
    said,
    swapped,
)

CASES: list[tuple[str, dict[str, str], str]] = [
    (
        "a key that is not declared",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "storeValue('other', 1)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:16 E710 the module kit/Login does not declare this below `stores`: it writes the store key `other`
    received: other
    fix: add it to module.yaml: `stores: [jwt, other]`
""",
    ),
    (
        "a key that is computed",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "storeValue(answer.key, 1)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:5 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "a key that is a template",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "storeValue(`jwt`, 1)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:5 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "storeValue under another name",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "const keep = storeValue; keep('jwt', 1)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:18 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "storeValue passed on",
        swapped(
            SIGN,
            "await storeValue('jwt', answer.token)",
            "[['jwt', 1]].forEach((one) => storeValue(...one)); ['jwt'].forEach(storeValue)",
        ),
        """\
packages/kit/modules/Login/scripts/sign.js:4:35 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
packages/kit/modules/Login/scripts/sign.js:4:72 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "a key that is removed",
        swapped(
            SIGN, "await storeValue('jwt', answer.token)", "removeValue('other'); removeValue(answer.key)"
        ),
        """\
packages/kit/modules/Login/scripts/sign.js:4:17 E710 the module kit/Login does not declare this below `stores`: it writes the store key `other`
    received: other
    fix: add it to module.yaml: `stores: [jwt, other]`
packages/kit/modules/Login/scripts/sign.js:4:27 E710 the module kit/Login does not declare this below `stores`: what it gives `removeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "all keys",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "clearStore()"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:5 E710 the module kit/Login does not declare this below `stores`: it clears the store
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "clearStore passed on",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "send.run(clearStore)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:14 E710 the module kit/Login does not declare this below `stores`: it clears the store
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "a page that is not declared",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "navigateTo('Other')"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:16 E710 the module kit/Login does not declare this below `navigates`: it goes to the page `Other`
    received: Other
    fix: add it to module.yaml: `navigates: [Home, Other]`
""",
    ),
    (
        "a page that is computed",
        swapped(SIGN, "await storeValue('jwt', answer.token)", "navigateTo(answer.page)"),
        """\
packages/kit/modules/Login/scripts/sign.js:4:5 E710 the module kit/Login does not declare this below `navigates`: what it gives `navigateTo` is computed
    fix: add it to module.yaml: `navigates: [Home, "*"]`
""",
    ),
    (
        "an address is no page",
        swapped(
            SIGN,
            "await storeValue('jwt', answer.token)",
            "navigateTo('https://example.com/'); navigateTo('/a')",
        ),
        """\

""",
    ),
    (
        "in a binding",
        swapped(LOGIN, '"{{ inputs.title }}"', '"{{ [storeValue].length }}"'),
        """\
packages/kit/modules/Login/module.yaml:12:44 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "in an event of a widget",
        swapped(LOGIN, "{{ sign.logIn() }}", "{{ storeValue('other', 1) }}"),
        """\
packages/kit/modules/Login/module.yaml:14:54 E710 the module kit/Login does not declare this below `stores`: it writes the store key `other`
    received: other
    fix: add it to module.yaml: `stores: [jwt, other]`
""",
    ),
    (
        "in a list of actions",
        swapped(
            LOGIN,
            '"{{ sign.logIn() }}"',
            """\
[{store: {a: 1}}, {remove: [b, c]}, clear_store, {navigate: Other}, {navigate: "{{ inputs.title }}"}, {navigate: /x}]""",
        ),
        """\
packages/kit/modules/Login/module.yaml:14:49 E710 the module kit/Login does not declare this below `stores`: it writes the store key `a`
    received: a
    fix: add it to module.yaml: `stores: [jwt, a]`
packages/kit/modules/Login/module.yaml:14:67 E710 the module kit/Login does not declare this below `stores`: it writes the store key `b`
    received: b
    fix: add it to module.yaml: `stores: [jwt, b]`
packages/kit/modules/Login/module.yaml:14:70 E710 the module kit/Login does not declare this below `stores`: it writes the store key `c`
    received: c
    fix: add it to module.yaml: `stores: [jwt, c]`
packages/kit/modules/Login/module.yaml:14:75 E710 the module kit/Login does not declare this below `stores`: it clears the store
    fix: add it to module.yaml: `stores: [jwt, "*"]`
packages/kit/modules/Login/module.yaml:14:99 E710 the module kit/Login does not declare this below `navigates`: it goes to the page `Other`
    received: Other
    fix: add it to module.yaml: `navigates: [Home, Other]`
packages/kit/modules/Login/module.yaml:14:118 E710 the module kit/Login does not declare this below `navigates`: where it goes is computed
    fix: add it to module.yaml: `navigates: [Home, "*"]`
""",
    ),
    (
        "in a query",
        swapped(SEND, "path: /token", "path: /token/{{ [storeValue].length }}"),
        """\
packages/kit/modules/Login/queries/send.yaml:3:18 E710 the module kit/Login does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: [jwt, "*"]`
""",
    ),
    (
        "in an output",
        swapped(LOGIN, '"{{ email.text }}"', '"{{ [navigateTo].length }}"'),
        """\
packages/kit/modules/Login/module.yaml:7:15 E710 the module kit/Login does not declare this below `navigates`: what it gives `navigateTo` is computed
    fix: add it to module.yaml: `navigates: [Home, "*"]`
""",
    ),
    (
        "in a default",
        swapped(LOGIN, "default: Sign in", 'default: "{{ [navigateTo].length }}"'),
        """\
packages/kit/modules/Login/module.yaml:3:39 E710 the module kit/Login does not declare this below `navigates`: what it gives `navigateTo` is computed
    fix: add it to module.yaml: `navigates: [Home, "*"]`
""",
    ),
    (
        "in what an instance inside is given",
        {
            f"{PACKAGE}modules/Inner/module.yaml": """\
kind: script
modules: {A: {module: ask, inputs: {id: "{{ [storeValue].length }}"}}}
datasources: [auth_api]
functions: [f]
""",
            f"{PACKAGE}modules/Inner/scripts/Inner.js": "export default { f() {} }\n",
        },
        """\
packages/kit/modules/Inner/module.yaml:2:46 E710 the module kit/Inner does not declare this below `stores`: what it gives `storeValue` is computed
    fix: add it to module.yaml: `stores: ["*"]`
""",
    ),
    (
        "a datasource",
        swapped(ASK, "datasources: [auth_api]", "datasources: []"),
        """\
packages/kit/modules/ask/queries/ask.yaml:1:13 E710 the module kit/ask does not declare this below `datasources`: its query calls the datasource `auth_api`
    received: auth_api
    fix: add it to module.yaml: `datasources: [auth_api]`
""",
    ),
    (
        "a secret of its datasource",
        {
            f"{PACKAGE}datasources/auth_api.yaml": """\
url: https://auth.example.com
headers: {apikey: {secret: AUTH_KEY}}
"""
        },
        """\
packages/kit/datasources/auth_api.yaml:2:28 W601 the secret `AUTH_KEY` is not set
    fix: set PORTICO_SECRET_AUTH_KEY in the environment, or AUTH_KEY in secrets.toml
packages/kit/modules/Login/module.yaml:1:1 E710 the module kit/Login does not declare this below `secrets`: its datasource `auth_api` needs the secret `AUTH_KEY`
    received: AUTH_KEY
    fix: add it to module.yaml: `secrets: [AUTH_KEY]`
packages/kit/modules/ask/module.yaml:1:1 E710 the module kit/ask does not declare this below `secrets`: its datasource `auth_api` needs the secret `AUTH_KEY`
    received: AUTH_KEY
    fix: add it to module.yaml: `secrets: [AUTH_KEY]`
""",
    ),
    (
        "an input",
        swapped(LOGIN, "inputs.title", "inputs.titel"),
        """\
packages/kit/modules/Login/module.yaml:12:43 E710 the module declares no input `titel`
    received: inputs.titel
    fix: did you mean `title`?
""",
    ),
    (
        "an input of a query",
        swapped(ASK_QUERY, "inputs.id", "inputs['user']"),
        """\
packages/kit/modules/ask/queries/ask.yaml:2:17 E710 the module declares no input `user`
    received: inputs.user
    fix: known are `id`
""",
    ),
    (
        "what a module inside declares",
        {
            f"{PACKAGE}modules/Inner/module.yaml": """\
kind: ui
widgets: [{name: Login1, module: Login, inputs: {logo: x}}]
"""
        },
        """\
packages/kit/modules/Inner/module.yaml:2:11 E710 the module kit/Inner does not declare this below `navigates`: kit/Login, which it uses, declares `Home`
    received: Home
    fix: add it to module.yaml: `navigates: [Home]`
packages/kit/modules/Inner/module.yaml:2:11 E710 the module kit/Inner does not declare this below `stores`: kit/Login, which it uses, declares `jwt`
    received: jwt
    fix: add it to module.yaml: `stores: [jwt]`
""",
    ),
    (
        "a page of the app",
        swapped(LOGIN, "[Home]", "[Home, Nowhere]"),
        """\
pages/Home/page.yaml:5:5 W701 the module kit/Login goes to the page `Nowhere`, which the app does not have
    received: Nowhere
    fix: write pages/Nowhere/page.yaml
""",
    ),
]
FINE: list[tuple[str, dict[str, str]]] = [
    ("declared", {}),
    (
        "any key",
        {
            **swapped(LOGIN, "stores: [jwt]", 'stores: ["*"]'),
            **swapped(
                SIGN,
                "await storeValue('jwt', answer.token)",
                "const keep = storeValue; keep(answer.key, 1); clearStore(); removeValue('x')",
            ),
        },
    ),
    (
        "any page",
        {
            **swapped(LOGIN, "navigates: [Home]", 'navigates: ["*"]'),
            **swapped(
                SIGN, "await storeValue('jwt', answer.token)", "storeValue('jwt', 1); navigateTo(answer.page)"
            ),
        },
    ),
    (
        "any key and page of modules inside",
        {
            f"{PACKAGE}modules/Inner/module.yaml": """\
kind: ui
stores: ["*"]
navigates: ["*"]
widgets: [{name: Login1, module: Login, inputs: {logo: x}}]
"""
        },
    ),
    (
        "a name of its own",
        swapped(
            SIGN,
            "await storeValue('jwt', answer.token)",
            "const storeValue = (key) => key; storeValue(answer.key)",
        ),
    ),
    ("a read", swapped(LOGIN, '"{{ email.text }}"', '"{{ appsmith.store.anything }}"')),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_not_declared(changes: dict[str, str], expected: str, tmp_path: Path) -> None:
    """At the place that uses it, with the line to write; an address is no page and needs none."""
    assert said(tmp_path, changes) == expected.strip("\n")


@pytest.mark.parametrize("changes", [case[1] for case in FINE], ids=[case[0] for case in FINE])
def test_what_is_declared(changes: dict[str, str], tmp_path: Path) -> None:
    """By name or by `"*"`; a name that the code declares itself is not the framework's."""
    assert said(tmp_path, changes) == ""


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_package_alone_says_the_same(changes: dict[str, str], expected: str, tmp_path: Path) -> None:
    """Whoever publishes it hears what its users would."""
    here = [line for line in expected.splitlines() if line.startswith("packages/kit/")]
    alone = [problem.as_text().splitlines()[0] for problem in package(tmp_path, changes).problems]
    assert [f"packages/kit/{line}" for line in alone] == here
