"""What an author did wrong, where, and what to do about it.

Problems are collected, never thrown one at a time. A code is for machines and for the manual
(`docs/diagnostics.md`); it is never reused, and its letter is its severity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from portico.model.place import Place

Severity = Literal["error", "warning"]

#: Longest excerpt of an author's text that a diagnostic repeats.
RECEIVED_LIMIT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One problem. `received` is what was found, `remedy` what to do; both may be missing."""

    code: str
    place: Place
    message: str
    received: str | None = None
    remedy: str | None = None

    @property
    def severity(self) -> Severity:
        """An error keeps the app from running, a warning does not."""
        return "error" if self.code.startswith("E") else "warning"

    def as_text(self) -> str:
        """`file:line:col CODE what`, then an indented line for what was received and one for the remedy."""
        lines = [f"{clean(str(self.place))} {self.code} {self.message}"]
        if self.received is not None:
            lines.append(f"    received: {self.received}")
        if self.remedy is not None:
            lines.append(f"    fix: {self.remedy}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same for programs: plain values that `json` can write."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "received": self.received,
            "remedy": self.remedy,
        }


class Problems:
    """Collects diagnostics while an app is read."""

    def __init__(self) -> None:
        self._found: set[Diagnostic] = set()

    def add(
        self, code: str, place: Place, message: str, *, received: object = None, remedy: str | None = None
    ) -> None:
        """Note a problem; the same one twice counts once. `code` must be in the catalogue."""
        if code not in CATALOGUE:
            raise KeyError(code)
        shown = None if received is None else excerpt(str(received))
        self._found.add(
            Diagnostic(
                code=code,
                place=place,
                message=clean(message),
                received=shown,
                remedy=None if remedy is None else clean(remedy),
            )
        )

    @property
    def count(self) -> int:
        """How many there are so far."""
        return len(self._found)

    @property
    def failed(self) -> bool:
        """Whether one of them is an error."""
        return any(problem.severity == "error" for problem in self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them, by file, position and code."""
        return tuple(
            sorted(self._found, key=lambda p: (p.place.file, p.place.line, p.place.column, p.code, p.message))
        )


def clean(text: str) -> str:
    """`text` on one line, without what a terminal would obey: it may hold words of an author."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def excerpt(text: str) -> str:
    """`text` cleaned and shortened to what a message can show."""
    line = clean(text)
    return line if len(line) <= RECEIVED_LIMIT else line[: RECEIVED_LIMIT - 1] + "…"


CATALOGUE: Mapping[str, str] = MappingProxyType(
    {
        # Files and YAML
        "E101": "A file or folder that an app needs is missing.",
        "E102": "A file cannot be read as text.",
        "E103": "A file is too large.",
        "E104": "A file lies outside the app folder.",
        "E105": "YAML that does not parse.",
        "E106": "A `{{ }}` that YAML reads as something else, because it is not quoted.",
        "E107": "A key that stands twice in one mapping.",
        "E108": "A YAML tag.",
        "E109": "A YAML anchor or alias.",
        "E110": "More than one YAML document in a file.",
        "E111": "YAML that is nested too deeply or has too many values.",
        "E112": "A key that cannot be used.",
        "E113": "A number that JSON and JavaScript cannot carry.",
        "E114": "A file or folder name that cannot be used as a name.",
        "W101": "A file that nothing reads.",
        # The shape of files
        "E201": "A key that is not known here.",
        "E202": "A value of the wrong type.",
        "E203": "A key that is missing.",
        "E204": "A value that is not one of the allowed ones.",
        "E205": "A widget type that does not exist.",
        "E206": "A property or event that the widget type does not have.",
        "E207": "A value that the property cannot take.",
        "E208": "An event that is neither one `{{ }}` binding nor a list of actions.",
        "E209": "A position outside the grid.",
        "E210": "A Form inside a Form.",
        "E211": "An address of a datasource that cannot be called.",
        "E212": "A setting that is not set, or that cannot stand here.",
        "E213": "A binding where only a literal is allowed.",
        "E214": "A path of a query that leaves its datasource.",
        "E215": "A JSON body that is not JSON.",
        "E216": "A header that cannot be sent.",
        "E217": "A body that does not go with its method or its type.",
        "E218": "A picture that cannot be used.",
        "E219": "A number out of range.",
        "E220": "An origin that is not one.",
        "W222": "An origin that pages may not load from.",
        "E221": "Something in a list of actions that is no action.",
        "E222": "A statement of SQL that cannot be run as it is written.",
        "E223": "A binding in a statement where no value can stand.",
        "E224": "A query and a datasource of different kinds.",
        "E225": "A function of Python that cannot be called so.",
        "E231": "A locale that does not exist.",
        "E232": "A time zone that does not exist.",
        "E241": "A data type that cannot be used.",
        # Bindings and JavaScript
        "E301": "JavaScript that does not parse.",
        "E302": "A `{{` without its `}}`.",
        "E303": "An empty binding.",
        "E304": "JavaScript that cannot be used at this place.",
        "E305": "A value that must be exactly one binding.",
        "E306": "A script without its one `export default { … }`.",
        "E307": "A member of a script object that cannot be used.",
        "E308": "Code that is too long or nested too deeply.",
        "W301": "A function of a library that only works in its other form here.",
        # Names
        "E401": "A name that is given twice.",
        "E402": "A name that cannot be used in JavaScript.",
        "E403": "A name in JavaScript that nothing defines.",
        "E404": "A page that `navigateTo` names and that does not exist.",
        "E405": "A datasource that does not exist.",
        "E406": "A widget that `resetWidget`, `showModal` or `closeModal` names and that does not exist.",
        "E407": "A page that `app.yaml` names and that does not exist.",
        "E408": "A function that the script does not have.",
        "E409": "A query or function that an action names and that does not exist.",
        "E410": "A data type that does not exist.",
        # Signing in
        "E501": "An app that does not say how its users sign in.",
        "E502": "An entry page, or one for a second step, that is not public.",
        "E503": "A page that needs a signed-in user in an app without sign-in.",
        "E504": "A token key without the query `me`.",
        "E505": "A query `me` that cannot be used.",
        "E506": "A token key that would outlive a log-out.",
        "E507": "A sign-in of several steps without a page for them.",
        "E508": "A token sent as a cookie to a datasource that keeps its cookies itself.",
        "E510": "A key of `auth` that belongs to a preset and stands without one, or that a preset needs.",
        "E511": "A sign-in over the app's own users that does not say who signed in, or when.",
        "E521": "An OpenID provider that cannot be used as it is written.",
        "E522": "`auth.signIn` in an app without a provider.",
        "E523": "A sign-in at providers of the auth API of which a half is missing.",
        "E531": "A sign-in that cannot be shared.",
        "E532": "Apps that share a sign-in by different contracts.",
        "E533": "A group of apps that is called as an app is.",
        "W501": "An auth contract by which nobody can sign in.",
        "W502": "A page for a second step that nothing leads to.",
        "W503": "A sign-in by cookies in which nothing says who signed in.",
        "W521": "Users who are told apart by their e-mail address.",
        # Secrets and credentials. W602 and W604 told what the lint tells by now.
        "E601": "A credential that is written out instead of named.",
        "E602": "A secret that is named wrongly, or where none can stand.",
        "E603": "A credential that cannot be sent.",
        "E604": "A file of secrets inside the app folder.",
        "E605": "A certificate that cannot be used.",
        "E606": "Two credentials in one place.",
        "W601": "A secret that is not set.",
        "W603": "Tokens that are sent in addresses.",
        "W605": "A driver of a database that is not installed.",
        # Packages and modules
        "E701": "A package that does not lie where it should.",
        "E702": "A package that cannot be used.",
        "E703": "A version of a package that is not there, or not in its range.",
        "E704": "A package whose content is not what was published.",
        "E705": "A package, a module or a member of a module that does not exist.",
        "E706": "A module, or a key of one, that stands where its kind cannot.",
        "E707": "An input that is missing, that the module does not have, or of another type.",
        "E708": "Modules that use each other in a circle.",
        "E709": "An input that depends on itself.",
        "E710": "Something that a module uses and its contract does not declare.",
        "E711": "A datasource of a package that nothing stands for.",
        "E712": "A `portico.lock` that cannot be used.",
        "E713": "A part of a module's contract that does not go with the module.",
        "E714": "More instances of modules than a page can hold.",
        "W701": "A page that a module goes to and the app does not have.",
        # Journeys
        "E801": "A file of journeys that cannot be used.",
        "E802": "A step of a journey that cannot be taken.",
        "E803": "Steps of journeys that do not exist, or that use themselves.",
        "E804": "A fault that the auth server of journeys does not have.",
        "E805": "An imitated API of journeys that is not there.",
    }
)
