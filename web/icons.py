"""Build step: the icons of Blueprint, by the names that authors know, as the paths of their pictures.

Out of the archive of `@blueprintjs/icons` comes one JSON file: {name: [path, ...]}, each on a field of 20
by 20.
"""

import io
import json
import re
import tarfile
from collections.abc import Mapping

_FOLDER = "package/lib/esm/generated/20px/paths/"
_MODULE = re.compile(r"(?:const p = |export default )(\[.*?\]);(?:\s*export default p;)?\s*", re.DOTALL)


def compile_archives(archives: Mapping[str, bytes]) -> bytes:
    """The JSON file. `archives` are the packages' tar.gz files by package name.

    Raises ValueError where a picture is not written as it always was, or there are hardly any.
    """
    found: dict[str, list[str]] = {}
    with tarfile.open(fileobj=io.BytesIO(archives["@blueprintjs/icons"])) as tar:
        for member in tar:
            name = member.name.removeprefix(_FOLDER).removesuffix(".js")
            if member.name != f"{_FOLDER}{name}.js" or name == "index":
                continue
            stream = tar.extractfile(member)
            found[name] = _paths(stream.read().decode() if stream is not None else "")
    if len(found) < 500:
        raise ValueError(f"there are only {len(found)} icons in the archive")
    return json.dumps(dict(sorted(found.items())), separators=(",", ":")).encode()


def _paths(module: str) -> list[str]:
    """What a module exports: a list of paths."""
    found = _MODULE.fullmatch(module.partition("//#")[0].strip())
    paths = json.loads(found[1]) if found is not None else None
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ValueError(f"not the paths of a picture: {module[:80]}")
    return paths
