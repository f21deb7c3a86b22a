"""An imported application signs in, is guarded, and signs out, against an auth API as it knows it."""

from pathlib import Path

from tests.cli.test_import import portico
from tests.importers.appsmith.shop import write_git

#: What whoever imported it fills in.
DATASOURCE = "url: ${AUTH_URL}/api\nallow_private: true\n"
KEYED = DATASOURCE + "headers:\n  X-Api-Key: {secret: SHOP_API_API_KEY}\n"
JOURNEYS = """\
secrets: {SHOP_API_API_KEY: made-up-for-this}
steps:
  log in:
    - open: Login
    - fill: {E-mail: appsmith_user@example.com, Password: appsmith_password}
    - click: Log in
journeys:
  in and out:
    - use: log in
    - at: My-Orders
    - see: Orders of appsmith_user
    - click: Log out
    - at: Login
    - open: My-Orders
    - at: Login
  wrong password:
    - open: Login
    - fill: {E-mail: appsmith_user@example.com, Password: wrong}
    - click: Log in
    - at: Login
    - open: My-Orders
    - at: Login
"""


def test_the_sign_in_of_an_imported_app_runs(tmp_path: Path) -> None:
    """From the login page to the protected one and back, with nothing changed but the addresses."""
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    files = {
        "datasources/Shop-API.yaml": DATASOURCE,
        "datasources/Shop-API-2.yaml": KEYED,
        "tests/sign_in.yaml": JOURNEYS,
    }
    for path, content in files.items():
        (tmp_path / "shop" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "shop" / path).write_text(content)
    done = portico("test", "shop", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_contract_does(tmp_path: Path) -> None:
    """The control: without the contract that the import wrote, the protected page is open to anybody."""
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    (tmp_path / "shop" / "app.yaml").write_text("auth: none\nhome_page: Login\n")
    for page in (tmp_path / "shop" / "pages").iterdir():
        lines = (page / "page.yaml").read_text().splitlines(keepends=True)
        (page / "page.yaml").write_text("".join(line for line in lines if not line.startswith("access:")))
    (tmp_path / "shop" / "pages" / "My-Orders" / "scripts" / "Session.yaml").unlink()
    files = {
        "datasources/Shop-API.yaml": DATASOURCE,
        "datasources/Shop-API-2.yaml": KEYED,
        "tests/sign_in.yaml": JOURNEYS.partition("  wrong password:")[0],
    }
    for path, content in files.items():
        (tmp_path / "shop" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "shop" / path).write_text(content)
    done = portico("test", "shop", cwd=tmp_path)
    assert done.returncode != 0
