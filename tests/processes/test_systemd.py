"""The unit of systemd that `docs/deploy.md` shows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documented import block, replaced


def verified(folder: Path, changes: dict[str, str]) -> str:
    """What systemd says of the unit, with its program where there is one."""
    assert shutil.which("systemd-analyze"), "there is no systemd-analyze on PATH; `make systemd` brings it"
    program = Path(sys.executable).with_name("portico")
    unit = folder / "portico@8001.service"
    unit.write_text(
        replaced(block("deploy.md", "ini"), {"/opt/portico/bin/portico": str(program), **changes})
    )
    said = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=100, check=False
    )
    return said.stderr


def test_systemd_has_nothing_to_say_of_it(tmp_path: Path) -> None:
    """Each setting is known, in its section, and has a value that can be read."""
    assert verified(tmp_path, {}) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"TimeoutStopSec": "TimeoutStopSecs"},
        {"StartLimitIntervalSec=0": "StartLimitIntervalSec=never"},
        {"[Install]": "[Installs]"},
    ],
    ids=str,
)
def test_it_would_say_so(changes: dict[str, str], tmp_path: Path) -> None:
    """The control."""
    assert "portico@8001.service" in verified(tmp_path, changes)
