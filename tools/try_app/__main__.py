"""`python -m tools.try_app PATH`: import, check, open, compare, sign in, and say what came of each."""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from portico.sandbox.pool import Pool
from tools.try_app.differential import LIMITS, NOTHING, Compared, compare
from tools.try_app.folder import AppFolder
from tools.try_app.opening import opened
from tools.try_app.sign_in_file import SignIn, SignInUnreadable, read_sign_in
from tools.try_app.signing_in import signed_in
from tools.try_app.wrapping import is_package, wrapped

#: Of the bindings that are JavaScript, at least so many in a hundred must be alike.
ALIKE = 99.0


@dataclass(slots=True)
class Trial:
    """What was found out about one app."""

    failures: list[str] = field(default_factory=list)

    def say(self, what: str, ok: bool = True) -> None:
        """A line, and a failure if it is one."""
        print(f"{'ok  ' if ok else 'FAIL'} {what}", flush=True)
        if not ok:
            self.failures.append(what)


def main(arguments: list[str] | None = None) -> int:
    """0 if all went well, 1 if not, and every step said on a line of its own."""
    parser = argparse.ArgumentParser(prog="scripts/try_app", description=__doc__)
    parser.add_argument("path", type=Path, help="an Appsmith application, or a folder of a Portico app")
    parser.add_argument("--keep", type=Path, help="where to write the imported app; else it is thrown away")
    parser.add_argument(
        "--sign-in", type=Path, metavar="FILE", help="what to know to sign in (docs/appsmith.md)"
    )
    parser.add_argument("--browser", action="store_true", help="sign in in Chromium")
    parser.add_argument("--different", type=int, default=10, metavar="N", help="how many differences to show")
    given = parser.parse_args(arguments)
    trial = Trial()
    try:
        sign_in = read_sign_in(given.sign_in) if given.sign_in is not None else None
    except SignInUnreadable as error:
        print(error.message, file=sys.stderr)
        return 1
    # Code that fails while nothing is loaded is no failure of the trial.
    logging.getLogger("portico").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory(prefix="try-app-") as temporary:
        root = _imported(given.path, given.keep or Path(temporary) / "app", trial)
        if root is not None:
            if is_package(root):
                root = wrapped(root, Path(temporary) / "around")
                trial.say("a package: its modules stand on a page of an app; what is in them is not compared")
            _checked(root, trial)
            asyncio.run(_run(AppFolder(root), trial, given.different))
            if sign_in is not None:
                _sign_in(root, sign_in, trial, browser=given.browser)
    print(f"{len(trial.failures)} failed" if trial.failures else "all well")
    return 1 if trial.failures else 0


def _imported(path: Path, target: Path, trial: Trial) -> Path | None:
    if (path / "app.yaml").is_file():
        return path
    begun = time.monotonic()
    answer = _portico("import", "appsmith", str(path), str(target), "--format", "json")
    trial.say(f"import: exit {answer.returncode} in {time.monotonic() - begun:.1f} s", answer.returncode == 0)
    if answer.returncode != 0:
        print(answer.stdout + answer.stderr)
        return None
    return target


def _checked(root: Path, trial: Trial) -> None:
    """Errors fail. What the lint finds is the app's own, and is told by `portico check`."""
    answer = _portico("check", str(root), "--format", "json", settings=AppFolder(root).settings())
    found = json.loads(answer.stdout)
    counts = Counter(each["severity"] for each in found if not each.get("silenced"))
    said = ", ".join(f"{count} of severity {severity}" for severity, count in counts.items()) or "nothing"
    trial.say(f"check: {said}", "error" not in counts)
    for each in found:
        if each["severity"] == "error":
            place = f"{each['file']}:{each['line']}:{each['column']}"
            print(f"     {place} {each['code']} {each['message']}: {each['received']}")


async def _run(folder: AppFolder, trial: Trial, shown: int) -> None:
    files = folder.opened_up()
    loaded = folder.load(files)
    if loaded.app is None:
        trial.say("open: the app does not load", ok=False)
        for problem in loaded.problems:
            print(f"     {problem.as_text()}")
        return
    for line, ok in opened(loaded.app):
        trial.say(f"open: {line}", ok)
    total = NOTHING
    async with Pool(limits=LIMITS) as pool:
        for name in loaded.app.pages:
            total += await compare(folder, pool, loaded.app, name, files)
    _say_compared(total, trial, shown)


def _sign_in(root: Path, sign_in: SignIn, trial: Trial, *, browser: bool) -> None:
    for shown in signed_in(root, sign_in, browser=browser):
        trial.say(f"sign-in: {shown.said}", shown.ok)
        for line in shown.more:
            print(f"     {line}")


def _say_compared(total: Compared, trial: Trial, shown: int) -> None:
    count = total.alike + total.failing + len(total.different)
    share = 100 * (total.alike + total.failing) / count if count else 100.0
    trial.say(
        f"bindings: {share:.2f} % of {count} as in Node ({total.failing} fail in both), "
        f"{total.broken} texts are no JavaScript",
        share >= ALIKE,
    )
    for each in total.different[:shown]:
        for line in (f"  {each.where}: {each.code}", f"    here {each.portico}", f"    Node {each.node}"):
            print(f"   {line[:240]}")


def _portico(*words: str, settings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "portico", *words], capture_output=True, text=True, env=settings, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
