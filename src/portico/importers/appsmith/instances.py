"""Instances of modules on a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portico.definition.lint import meanings
from portico.definition.names import entity_name_problem
from portico.importers.appsmith import code
from portico.importers.appsmith.code import Renaming
from portico.importers.appsmith.model import Instance, Page, Query, Script
from portico.importers.appsmith.modules import Module, Modules
from portico.importers.appsmith.report import Kind, Report


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceWriter:
    """Writes the instances of one page."""

    page: Page
    modules: Modules
    renaming: Renaming
    report: Report

    def write(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What `modules` of the page says, and why others are placeholders, by their names."""
        made: dict[str, Any] = {}
        lost: dict[str, str] = {}
        for instance in self.page.instances:
            module = self.modules.of(instance)
            why = _unusable(instance, module)
            if module is not None and why is None:
                made[instance.name] = dict(self._instance(instance, module))
                continue
            lost[instance.name] = "it is an instance of a module, whose code is in its package"
            self._tell("left-out", instance.name, why or _missing(instance))
        return made, lost

    def is_part(self, one: Query | Script) -> bool:
        """Whether it is what an instance that came over consists of."""
        return any(
            _belongs(one, instance)
            for instance in self.page.instances
            if (module := self.modules.of(instance)) is not None and _unusable(instance, module) is None
        )

    def _instance(self, instance: Instance, module: Module) -> Iterator[tuple[str, Any]]:
        yield "module", module.reference
        inputs = dict(self._inputs(instance, module))
        if inputs:
            yield "inputs", inputs
        if module.kind == "query":
            for query in self.page.queries:
                if _belongs(query, instance):
                    yield from _behaviour(query)
                    return
        functions = {
            name: {"run": "on_load"}
            for script in self.page.scripts
            if _belongs(script, instance)
            for name, said in sorted(script.functions.items())
            if name in module.functions and said.run in ("on_load", "automatic")
        }
        if functions:
            yield "functions", functions

    def _inputs(self, instance: Instance, module: Module) -> Iterator[tuple[str, Any]]:
        """The inputs of the module as the instance gives them; what it has to give and does not is empty."""
        for name, required in module.inputs.items():
            given = instance.inputs.get(name)
            secret = meanings.is_secret(name) or meanings.is_token(name)
            text = given if isinstance(given, str) else None
            if text and "{{" not in text and secret:
                self._tell("left-out", instance.name, "a credential that is written out: give it here", name)
            elif text is not None and code.parts(code.as_expression(text)) is None:
                self._tell("broken", instance.name, "it does not parse", name, text)
            elif given is not None:
                yield name, self.renaming.of_text(code.as_expression(text)) if text is not None else given
                continue
            if required:
                yield name, ""
                self._tell("question", instance.name, "the module needs it, and nothing gives it", name)

    def _tell(self, kind: Kind, name: str, message: str, part: str = "", code: str = "") -> None:
        self.report.add(kind, message, page=self.page.name, name=name, part=part, code=code)


def _behaviour(query: Query) -> Iterator[tuple[str, Any]]:
    if query.run in ("on_load", "automatic"):
        yield "run", query.run
    if query.confirm:
        yield "confirm", True


def _belongs(one: Query | Script, instance: Instance) -> bool:
    """Whether it is a part of an instance: its name says so, or the id of it."""
    return one.name.startswith(f"_${instance.name}$_") or (one.instance != "" and one.instance == instance.id)


def _unusable(instance: Instance, module: Module | None) -> str | None:
    """Why an instance cannot come over, though its package is there."""
    if module is None:
        return None
    if module.kind == "ui":
        return f"an instance of {module.reference}, a module of widgets: place it among the widgets yourself"
    return entity_name_problem(instance.name)


def _missing(instance: Instance) -> str:
    package = instance.package_name or instance.package or "that it came from"
    return (
        f"an instance of the module {instance.module_name or instance.module or instance.kind} of the "
        f"package {package}, whose code is not in the application: import it with `--package` and the "
        "folder of that package; until then what reads it gets undefined"
    )
