"""Takes out of an npm lock whom its packages ask for money: addresses, which no lock of ours holds.

Argument: the lock. npm writes them on `npm install`, whatever it is told, and `npm ci` does not miss them.
"""

import json
import sys
from pathlib import Path


def without_funding(lock: str) -> str:
    """The lock, its packages without their `funding`."""
    content = json.loads(lock)
    for package in content["packages"].values():
        package.pop("funding", None)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(without_funding(file.read_text()))
