"""The journeys of a package, before it is published."""

import subprocess
import sys
from pathlib import Path

from portico.cli.console import Stop
from portico.cli.package_options import tell

#: Where the apps lie that a package's journeys need: `tests/<app>/`.
HOSTS = "tests"


def ensure_passing(package: Path) -> None:
    """Take the journeys of the apps in `tests/` of a package. Raises Stop if one fails or cannot be taken."""
    apps = sorted(file.parent for file in (package / HOSTS).glob("*/app.yaml"))
    if not apps:
        tell("It has no journeys: none were tried.")
        return
    # In a process of their own: the other commands for packages need none of what they do.
    command = [sys.executable, "-m", "portico", "test", *map(str, apps)]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:  # noqa: S603 (our own program)
        raise Stop(message="Not all of its journeys pass; nothing was published.")
