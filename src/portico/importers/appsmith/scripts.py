"""Script objects, and what stands for things that the application names and does not have."""

from dataclasses import dataclass
from typing import Any

from portico.definition import javascript
from portico.definition.javascript import Broken
from portico.definition.names import entity_name_problem
from portico.importers.appsmith.app_files import Script
from portico.importers.appsmith.code import Renaming
from portico.importers.appsmith.model import Function
from portico.importers.appsmith.model import Script as Original
from portico.importers.appsmith.report import Report

_EMPTY = "export default {}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptWriter:
    """Writes the script objects of one page."""

    page: str
    renaming: Renaming
    report: Report

    def write(self, script: Original) -> Script:
        """A script with what is said of its functions."""
        body = script.body.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if not body.strip():
            return Script(body=_EMPTY)
        parsed = javascript.module(body)
        if isinstance(parsed, Broken):
            fault = parsed.fault()
            line = body.count("\n", 0, fault.offset) + 1
            self._tell(script.name, f"line {line}: {fault.message}", body)
            return broken(body)
        text = self.renaming.of_script(body)
        functions = {
            name: said
            for name, function in sorted(script.functions.items())
            if (said := self._function(script.name, name, function))
        }
        return Script(body=f"{text}\n", settings={"functions": functions} if functions else {})

    def _function(self, script: str, name: str, function: Function) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if function.run in ("on_load", "automatic"):
            said["run"] = "on_load"
        if function.run == "automatic":
            self.report.add(
                "changed",
                "it ran again whenever what it reads changed; here it runs when the page opens",
                page=self.page,
                name=script,
                part=name,
            )
        if function.run == "on_unload":
            self.report.add(
                "left-out", "it ran when the page was left", page=self.page, name=script, part=name
            )
        if function.confirm:
            said["confirm"] = True
        return said

    def _tell(self, name: str, message: str, code: str) -> None:
        self.report.add("broken", message, page=self.page, name=name, code=code)


def broken(body: str) -> Script:
    """A script that does not parse: its text is kept, and nothing of it runs."""
    lines = "\n".join(f"// {line}".rstrip() for line in body.split("\n"))
    return Script(body=f"// This did not parse, and so nothing of it runs:\n//\n{lines}\n{_EMPTY}")


def stand_in(name: str, why: str) -> Script:
    """What stands for a name that nothing defines: reading it gives undefined, calling it fails."""
    return Script(body=f"// Stands for `{name}`: {why}.\n{_EMPTY}", standing=True)


def declared(script: Script, name: str) -> Script:
    """A script in which a name that nothing else can define is known."""
    return Script(body=f"const {name} = undefined\n{script.body}", settings=script.settings)


def can_stand(name: str) -> bool:
    """Whether a script object may have this name."""
    return entity_name_problem(name) is None
