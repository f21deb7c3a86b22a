"""The parts of the client are one module: what two of them declare, none of them can run with."""

import subprocess
from pathlib import Path

import pytest

from portico.ui.assets import DEV_SCRIPT, PREFIX, Assets


def complaint(content: bytes, folder: Path) -> str:
    """What a JavaScript engine has against a module before it runs; "" for nothing."""
    module = folder / "module.mjs"
    module.write_bytes(content)
    done = subprocess.run(["node", "--check", module], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    ("dev", "name"), [(False, "portico.js"), (True, "portico.js"), (True, DEV_SCRIPT)], ids=str
)
def test_modules_hold_together(dev: bool, name: str, tmp_path: Path) -> None:
    """As they are served, by `portico dev` with a part more; a name that is there twice is found out."""
    assets = Assets(dev=dev)
    asset = assets.get(assets.url(name).removeprefix(PREFIX))
    assert asset is not None
    assert complaint(asset.body, tmp_path) == ""
    twice = asset.body + b"\nfunction twice() {}\nconst twice = 1;\n"
    assert "already been declared" in complaint(twice, tmp_path)
