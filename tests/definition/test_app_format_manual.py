"""The manual of the app format holds no example that does not work."""

import re
from pathlib import Path

import trustme

from portico.definition.load import load
from portico.definition.secrets import Secrets, parse
from portico.model.app import App
from portico.model.credentials import ApiKey, Basic, Bearer, ClientCredentials
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import write

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MANUAL = (ROOT / "docs" / "app-format.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?:yaml|js)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(heading: str) -> list[str]:
    """The code blocks of a section."""
    section = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    return _BLOCK.findall(section[1])


def _load(folder: Path, files: dict[str, str], secrets: Secrets | None = None) -> App:
    root = write(folder, files)
    (root / "logo.svg").write_text("<svg/>")
    result = load(root, types=CATALOGUE, settings={}, secrets=secrets)
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    return result.app


def button(actions: str) -> str:
    """A button that does this, and what the actions name."""
    indented = "".join(f"    {line}\n" for line in actions.splitlines())
    return f"  - {{name: NameInput, type: Input}}\n  - name: Act\n    type: Button\n{indented}"


def test_the_examples_of_the_manual_make_an_app(tmp_path: Path) -> None:
    """Every block, put into its file, together with what the blocks name."""
    anonymous, preset, contract = blocks("`app.yaml`")
    (datasource,) = blocks("`datasources/<name>.yaml`")
    (query,) = blocks("`queries/<name>.yaml`")
    (script,) = blocks("`scripts/<name>.js`")
    (orders,) = blocks("`pages/<Name>/page.yaml`")
    (settings,) = blocks("`scripts/<name>.yaml`")
    widgets = "".join([*blocks("Widgets"), *blocks("Tables")])
    (actions,) = blocks("Actions")
    plain = "datasource: api\npath: /x\n"
    common = {
        "datasources/api.yaml": datasource,
        "queries/login_api.yaml": plain,
        "queries/me.yaml": plain + 'headers: {Authorization: "Bearer {{ this.params.token }}"}\n',
        "scripts/Tools.js": script.replace("tries: 0,", "tries: 0, ready() { return 1 },"),
        "scripts/Tools.yaml": settings,
        **{f"queries/{name}.yaml": plain for name in ("refresh", "signUp", "recover", "sendLink")},
        "pages/Home/page.yaml": "widgets:\n  - {name: NameInput, type: Input}\n",
        "pages/Home/queries/save.yaml": query,
        "pages/LoginPage/page.yaml": "title: Sign in\n",
        "pages/MainPage/page.yaml": "widgets:\n" + widgets + button(actions),
        "pages/MainPage/queries/SecureQuery.yaml": plain,
        **{f"pages/MainPage/queries/{name}.yaml": plain for name in ("getStaff", "saveStaff", "removeStaff")},
        "pages/MainPage/queries/getPage.yaml": plain + re.findall(r"`(params: .*Log.*)`", MANUAL)[0] + "\n",
    }
    known = _load(tmp_path / "preset", {**common, "app.yaml": preset})
    assert known.contract is not None
    assert known.contract.queries["sign_in"] == "sign_in"
    assert known.datasources["auth_api"].headers == (("X-Shop", "1"),)
    open_app = _load(tmp_path / "a", {**common, "app.yaml": anonymous})
    assert open_app.home == "Home"
    guarded = _load(
        tmp_path / "b",
        {
            **common,
            "app.yaml": contract,
            "pages/Orders/page.yaml": orders,
            "pages/Orders/queries/send.yaml": plain,
        },
    )
    assert guarded.pages["MainPage"].load == (
        ("Tools.ready",),
        ("SecureQuery", "getPage", "getStaff"),
    )
    contract_read = guarded.contract
    assert contract_read is not None
    assert contract_read.refresh == "refresh"
    assert contract_read.starts == {"signUp", "recover", "sendLink"}


def test_modules(tmp_path: Path) -> None:
    """The blocks about modules, over the packages of the examples."""
    manifest, page = blocks("Modules")
    files = {
        "app.yaml": f"auth: none\n{manifest}",
        "datasources/api.yaml": "url: https://api.example.com\n",
        "pages/Home/page.yaml": page,
    }
    packages = {name: EXAMPLES / "packages" / name for name in ("login", "auth-code")}
    result = load(write(tmp_path, files), types=CATALOGUE, settings={}, packages=packages)
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    queries = result.app.pages["Home"].queries
    assert queries["LoginModule1.login"].datasource == "login/auth_api"
    assert queries["Login1.sign_in.sign_in"].datasource == queries["Auth1.sign_in"].datasource == "api"


def test_the_contract_that_holds_tokens(tmp_path: Path) -> None:
    """The block with `sign_in` is one, with every key that there is."""
    (contract,) = blocks("Contracts with `sign_in`")
    plain = "datasource: api\npath: /x\n"
    names = ("login", "sendCode", "signUp", "refresh", "revoke", "me")
    sources = {f"datasources/{name}.yaml": "url: https://api.example.com\n" for name in ("api", "files_api")}
    app = _load(
        tmp_path,
        {
            "app.yaml": contract,
            **sources,
            **{f"queries/{name}.yaml": plain for name in names},
            **{f"pages/{name}/page.yaml": "title: x\n" for name in ("LoginPage", "MainPage", "CodePage")},
        },
    )
    assert app.contract is not None
    assert app.contract.holds_tokens
    assert app.contract.refreshes
    assert set(app.contract.queries.values()) == set(names)
    assert app.contract.pending_page == "CodePage"
    assert app.contract.datasources == {"api", "files_api"}


def test_the_ways_to_authenticate(tmp_path: Path) -> None:
    """Each block is an `auth`, or a `tls`, of a datasource."""
    found = blocks("Authentication")
    (tls,) = blocks("Certificates")
    names = ("API_PASSWORD", "API_TOKEN", "API_KEY", "CLIENT_SECRET")
    secrets = Secrets({f"PORTICO_SECRET_{name}": "x" for name in names})
    kinds = []
    for number, block in enumerate(found):
        files = {
            "app.yaml": "auth: none\n",
            "pages/Home/page.yaml": "title: Home\n",
            "datasources/api.yaml": f"url: https://api.example.com\n{block}{tls}",
            "certs/internal.pem": trustme.CA().cert_pem.bytes().decode(),
        }
        app = _load(tmp_path / str(number), files, secrets)
        assert app.datasources["api"].ca
        kinds.append(type(app.datasources["api"].auth))
    assert kinds == [Basic, Bearer, ApiKey, ClientCredentials]


def test_the_file_of_secrets() -> None:
    """The block is TOML of the form that is read."""
    (block,) = re.findall(r"^```toml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    shared, by_app = parse(block.encode(), Path("secrets.toml"))
    assert (list(shared), list(by_app)) == (["SUPABASE_KEY"], ["hr-portal"])


def test_the_ways_to_write_a_binding(tmp_path: Path) -> None:
    """The block about quotes is right about quotes."""
    (values,) = blocks("YAML")
    indented = "".join(f"    {line}\n" for line in values.splitlines() if not line.startswith("label"))
    files = {
        "app.yaml": "auth: none\n",
        "datasources/api.yaml": "url: https://api.example.com\n",
        "pages/Home/page.yaml": f"widgets:\n  - name: Go\n    type: Button\n{indented}",
        "pages/Home/queries/getUser.yaml": "datasource: api\npath: /user\n",
        "pages/Home/queries/save.yaml": "datasource: api\npath: /save\nmethod: POST\n",
    }
    assert _load(tmp_path, files).pages["Home"].load == (("getUser",),)


def test_types_and_signing_in(tmp_path: Path) -> None:
    """The example of a data type is one, and those of signing in are events."""
    (data_type,) = blocks("`types/<Name>.yaml`")
    found = blocks("Signing in by actions and scripts")
    assert len(found) == 2
    buttons = "".join(
        f"  - name: Act{number}\n    type: Button\n" + "".join(f"    {line}\n" for line in block.splitlines())
        for number, block in enumerate(found)
    )
    plain = "datasource: api\npath: /x\nmethod: POST\n"
    contract = "entry_page: Home\n  home_page: Home\n  user_type: AuthUser\n  sign_in: {query: login_api}"
    app = _load(
        tmp_path,
        {
            "app.yaml": f"auth:\n  {contract}\n",
            "datasources/api.yaml": "url: https://api.example.com\n",
            "queries/login_api.yaml": plain,
            "queries/renew.yaml": plain,
            "types/AuthUser.yaml": data_type,
            "types/Address.yaml": "fields: {city: {type: string}}\n",
            "pages/Home/page.yaml": f"access: public\nwidgets:\n{buttons}",
        },
    )
    assert app.contract is not None
    assert app.types[app.contract.user_type or ""].fields["since"].source == ("account", "created_at")
