"""Libraries of an application: which are here under the names that its code calls them by, and which not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portico.importers.appsmith.model import Library
from portico.importers.appsmith.report import Report
from portico.model.program import LIBRARY_NAMES


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """What a library is here. Versions that begin with `same` are no different."""

    what: str
    same: str | None = None


#: Of those that an application may have brought along, by what its code calls them.
KNOWN: Mapping[str, Here] = {
    "CryptoJS": Here(
        what="4.2, where PBKDF2 makes 250,000 iterations of SHA-256 (1 of SHA-1 before) unless code says "
        "otherwise: write `iterations` and `hasher` where they are not given",
        same="4.2",
    ),
    "bcryptjs": Here(what="the forms that give promises, done by the server"),
    "dcodeIO": Here(what="of bcrypt the forms that give promises, done by the server"),
    "jsonwebtoken": Here(what="`decode` alone: no script has a key to sign or verify with"),
    "jwt_decode": Here(what="4.0, whose function is that of the versions before", same=""),
    "scrypt": Here(what="`scrypt.scrypt` of scrypt-js, done by the server"),
    "uuid": Here(what="8.3, the last version that is one script: v1, v3, v4 and v5", same="8."),
}


def tell(libraries: Iterable[Library], report: Report) -> None:
    """Say of each what its code does not find here, or not as it was."""
    for library in libraries:
        if not library.accessors or not LIBRARY_NAMES.issuperset(library.accessors):
            called = ", ".join(library.accessors) or library.name
            version = f" {library.version}" if library.version else ""
            report.add("left-out", f"the library {library.name}{version}, which code calls {called}")
            continue
        for name in library.accessors:
            here = KNOWN.get(name)
            if here is not None and (here.same is None or not library.version.startswith(here.same)):
                report.add("note", f"the library that code calls {name}: here it is {here.what}")
