"""How journeys went, in words and as JUnit's XML."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from portico.definition.diagnostics import clean
from portico.testing.journeys import Failure, Result

#: Calls to the auth API that are shown, the last ones.
CALLS = 25


def lines(result: Result, folder: Path) -> Iterator[str]:
    """What there is to know of a journey that failed."""
    failure = result.failure
    if failure is None:
        return
    step = failure.step
    if step is not None:
        yield f"{_placed(folder, str(step.place))}  {clean(step.words)}"
        for place in reversed(step.used_at):
            yield f"    used at {_placed(folder, str(place))}"
    yield from (f"    {line}" for line in failure.message.splitlines())
    if step is None:
        return
    for title, content in _parts(failure):
        if content:
            yield title
            yield from (f"    {_printable(line)}" for line in content)


def _parts(failure: Failure) -> Iterator[tuple[str, Sequence[str]]]:
    yield f"the page, {failure.address}:", failure.page.splitlines()
    yield "a picture of it:", [failure.screenshot] if failure.screenshot else []
    yield "what happened to sessions:", failure.timeline
    yield "calls to the auth API:", failure.calls[-CALLS:]
    yield "what the servers warned of:", failure.log


def _placed(folder: Path, place: str) -> str:
    return place if place.startswith("standard ") else f"{folder}/{place}"


def _printable(line: str) -> str:
    """Without what a terminal would obey: pages hold words of others."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def junit(results: Sequence[tuple[Result, Path]], file: Path) -> None:
    """Write a report for other tools."""
    root = Element("testsuites")
    by_file: dict[tuple[str, str], Element] = {}
    for result, folder in results:
        key = (result.app, result.file)
        if key not in by_file:
            by_file[key] = SubElement(root, "testsuite", name=f"{result.app}/{result.file}")
        suite = by_file[key]
        case = SubElement(
            suite,
            "testcase",
            classname=f"{result.app}.{Path(result.file).stem}",
            name=result.name,
            time=f"{result.seconds:.3f}",
        )
        if result.failure is not None:
            failed = SubElement(case, "failure", message=_printable(result.failure.message))
            failed.text = _for_xml("\n".join(lines(result, folder)))
    for suite in by_file.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
    indent(root)
    ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _for_xml(text: str) -> str:
    return "\n".join(_printable(line) for line in text.splitlines())
