"""`packages:` of app.yaml is written without touching anything else."""

from pathlib import Path

import pytest

from portico.errors import InstallationRefused
from portico.packages.listing import read
from portico.packages.manifest_text import Entry, with_packages

NEW = {"login": Entry(within="^1.0")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: A\n", 'name: A\n\npackages:\n  login: "^1.0"\n'),
        ("name: A # x\n\n", 'name: A # x\n\npackages:\n  login: "^1.0"\n'),
        ("name: A", 'name: A\n\npackages:\n  login: "^1.0"\n'),
        ("name: A\r\nauth: none\r\n", 'name: A\r\nauth: none\r\n\r\npackages:\r\n  login: "^1.0"\r\n'),
        (
            "packages: # ours\n  # first\n  a: ^1 # x\n  # last\n\nname: A\n",
            'packages: # ours\n  # first\n  a: ^1 # x\n  login: "^1.0"\n  # last\n\nname: A\n',
        ),
        ("packages:\n    a: ^1", 'packages:\n    a: ^1\n    login: "^1.0"\n'),
        (
            "packages:\n  a:\n    version: ^1\n    datasources: {x: y} # z\n# end\n",
            'packages:\n  a:\n    version: ^1\n    datasources: {x: y} # z\n  login: "^1.0"\n# end\n',
        ),
        ("packages: {}\nname: A\n", 'packages: {login: "^1.0"}\nname: A\n'),
        ("packages: {a: ^1} # x\n", 'packages: {a: ^1, login: "^1.0"} # x\n'),
        ("packages: {\n  a: ^1, # x\n}\n", 'packages: {\n  a: ^1, login: "^1.0", # x\n}\n'),
        ("packages: # none\nname: A\n", 'packages: # none\n  login: "^1.0"\nname: A\n'),
        ("packages: null # none\nname: A\n", 'packages:\n  login: "^1.0" # none\nname: A\n'),
        ("packages:\n  login: ^0.9 # old\n", 'packages:\n  login: "^1.0" # old\n'),
        (
            "packages:\n  login: {version: '^0.9', registry: ../r} # old\n",
            'packages:\n  login: {version: "^1.0", registry: ../r} # old\n',
        ),
        ("\ufeffname: Ä ü 😀\n", '\ufeffname: Ä ü 😀\n\npackages:\n  login: "^1.0"\n'),
    ],
)
def test_everything_else_stays(before: str, after: str) -> None:
    """Comments, order, indentation, quotes, line ends, the mark of UTF-8."""
    assert with_packages(before, NEW) == after


def test_an_entry_with_everything(tmp_path: Path) -> None:
    """Registry and datasources make it a mapping, which is read again as it was meant."""
    entry = Entry(within=">=1 <3", registry="../my registry", datasources={"auth_api": "my_auth"})
    text = with_packages("name: A\n", {"login": entry, "true": Entry(within="*")})
    assert text.endswith(
        'packages:\n  login: {version: ">=1 <3", registry: "../my registry", '
        "datasources: {auth_api: my_auth}}\n"
        '  "true": "*"\n'
    )
    (tmp_path / "app.yaml").write_text(text)
    listed = read(tmp_path).listed
    assert listed["login"].registry == "../my registry"
    assert listed["true"].within is not None


@pytest.mark.parametrize("before", ["{name: A}\n", "name: A\n...\n", "packages:\n  login: {path: ../x}\n"])
def test_what_cannot_be_added_to(before: str) -> None:
    """Told with the line to write; never guessed."""
    with pytest.raises(InstallationRefused, match=r'login: "\^1\.0"'):
        with_packages(before, NEW)
