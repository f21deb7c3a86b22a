"""An app around a package: a page on which each module stands, so that they can be checked and opened."""

from pathlib import Path
from typing import Any

from tools.try_app.folder import AppFolder, as_yaml

PAGE = "Home"


def is_package(root: Path) -> bool:
    """Whether a folder is a package rather than an app."""
    return (root / "package.yaml").is_file() and not (root / "app.yaml").is_file()


def wrapped(package: Path, root: Path) -> Path:
    """Write the app to `root`. Inputs without a default are given empty text."""
    folder = AppFolder(package)
    name = str(folder.file(package / "package.yaml")["name"])
    widgets: list[dict[str, Any]] = []
    modules: dict[str, dict[str, Any]] = {}
    for number, file in enumerate(sorted(package.glob("modules/*/module.yaml")), 1):
        said = folder.file(file)
        inputs = {
            key: "" for key, each in (said.get("inputs") or {}).items() if "default" not in (each or {})
        }
        instance = {"module": f"{name}/{file.parent.name}", **({"inputs": inputs} if inputs else {})}
        if said.get("kind") == "ui":
            widgets.append({"name": f"Module{number}", **instance})
        else:
            modules[f"Module{number}"] = instance
    page = {"title": PAGE, "widgets": widgets, **({"modules": modules} if modules else {})}
    files = {
        "app.yaml": {"auth": "none", "packages": {name: {"path": str(package.resolve())}}},
        f"pages/{PAGE}/page.yaml": page,
    }
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(as_yaml(content))
    return root
