r"""One script context, in this process. Servers use it inside a worker; tests use it directly.

The wrapper around QuickJS has traps, and each rule here answers one that was seen:

* An exception made by a script must not reach the wrapper: it would be turned into text by the
  script's own code, with no limit and the GIL held. So entry points catch everything
  (`js/harden.js`), are taken out of the global object, and only engine errors get out.
* The CPU limit starts anew with every call and every microtask. So it is set to what is left of
  the turn before each, and after an overrun the context is thrown away with its queue.
* The CPU limit counts the whole process: one context at a time, in one thread.
* Only JSON text crosses, so that `\0` and lone surrogates cannot cut it short.
"""

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import product

# The package around this module starts a thread, which a worker has no use for.
import _quickjs as quickjs  # type: ignore[import-not-found]

from portico.errors import ScriptFailed, ScriptMemory, ScriptOverrun, ScriptTooMuch
from portico.sandbox.limits import Limits

#: Parts of the runtime in the order in which they need each other.
PARTS = (
    *(
        "values",
        "reactive",
        "dates",
        "libraries",
        "promises",
        "entities",
        "modules",
        "widgets",
        "rows",
        "scripts",
    ),
    *("requests", "queries", "framework", "timers", "globals", "digests", "turn", "harden"),
)
#: What a context has besides whose program looks at dates, and one with `Intl`.
ZONE_PARTS = ("zones", "zones-moment")
INTL_PARTS = ("intl-locale", "intl-number", "intl-date", "intl-words", "intl-collator", "intl")
#: And one whose program names `crypto`, `scrypt`, or a library that has need of them.
CRYPTO_PARTS = ("texts", "random", "subtle", "scrypt", "cryptojs-limits")

#: Libraries that are not ours, by the name of their file.
FOREIGN = ("lodash", "moment", "moment-timezone", "crypto-js", "jwt-decode", "uuid")
#: What stands around one that is a CommonJS module, on its own first and last line.
AROUND = {
    "jwt-decode": (
        "void function (exports) {",
        "globalThis.jwtDecode = globalThis.jwt_decode = exports.jwtDecode;\n}({});",
    )
}


def runtime_source(parts: tuple[str, ...] = PARTS) -> str:
    """The runtime as one script."""
    folder = files("portico.sandbox") / "js"
    texts = [(folder / f"{part}.js").read_text("utf-8") for part in parts]
    # No parenthesis around it: at each the engine first looks for its end, to see whether an arrow
    # follows, and here that would be reading all of it twice, for every context.
    return 'void function (global) {\n"use strict";\n' + "\n".join(texts) + "\n}(globalThis);0"


@lru_cache(maxsize=8)
def runtime(*, zones: bool, intl: bool, crypto: bool = False) -> tuple[str, int]:
    """The runtime with or without what makes dates local, `Intl`, which needs that, and `crypto`; and the
    number of its lines. A program is pushed below them, and below those of its libraries, so that a
    line number tells whose it is."""
    last = PARTS.index("turn")
    more = (
        *(ZONE_PARTS if zones or intl else ()),
        *(INTL_PARTS if intl else ()),
        *(CRYPTO_PARTS if crypto else ()),
    )
    source = runtime_source((*PARTS[:last], *more, *PARTS[last:]))
    return source, source.count("\n") + 1


@lru_cache(maxsize=len(FOREIGN))
def library(name: str) -> str:
    """The text of a library. It begins on the first line, so that its lines count as ours."""
    head, tail = AROUND.get(name, ("", ""))
    return head + (files("portico") / "_assets" / f"{name}.js").read_text("utf-8") + f"\n{tail};0"


def read_texts() -> None:
    """Read everything that a context may be made of; no file is opened after that."""
    for zones, intl, crypto in product((False, True), repeat=3):
        runtime(zones=zones, intl=intl, crypto=crypto)
    for name in FOREIGN:
        library(name)


ENTRY_POINTS = ("boot", "equip", "begin", "step", "settle", "finish", "snapshot")

#: What an entry point answers instead of a result (`js/values.js`).
FAULTS: dict[int, type[ScriptFailed]] = {
    -1: ScriptFailed,
    -2: ScriptMemory,
    -3: ScriptOverrun,
    -4: ScriptTooMuch,
}


class Box:
    """A context with one program in it, and the libraries that the program needs.

    `generation` begins the ids of its requests. Every method raises ScriptFailed or one of its
    kinds; the box is then of no further use.
    """

    def __init__(
        self,
        source: str,
        *,
        generation: str,
        libraries: Sequence[str] = (),
        limits: Limits | None = None,
        cpu: timedelta | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._cpu = (cpu or self._limits.cpu).total_seconds()
        self._context = quickjs.Context()
        self._context.set_memory_limit(self._limits.heap)
        self._context.set_max_stack_size(self._limits.stack)
        self._begin_turn()
        ours, lines = runtime(
            zones="zones" in libraries, intl="intl" in libraries, crypto="crypto" in libraries
        )
        foreign = [library(name) for name in FOREIGN if name in libraries]
        lines = max([lines, *(text.count("\n") + 1 for text in foreign)])
        self._eval(ours)
        self._entry = {name: self._context.get(f"__{name}") for name in ENTRY_POINTS}
        self._eval(";".join(f"delete globalThis.__{name}" for name in ENTRY_POINTS) + ";0")
        self._call("boot", self._settings(generation, lines))
        # As a script of the app would run: within its limits, and after the runtime is hardened.
        for name in FOREIGN:
            if name in libraries:
                self._eval(library(name))
                self._call("equip", name)
        self._eval("\n" * lines + source)
        self._eval("delete globalThis.__page;0")

    def _settings(self, generation: str, lines: int) -> str:
        limits = self._limits
        counts = ("requests", "timers", "effects", "errors", "logs", "kept")
        caps = {name: getattr(limits, name) for name in counts}
        return json.dumps({"limits": caps, "generation": generation, "programStart": lines})

    def turn(self, message: str) -> str:
        """Apply a message's inputs one after another, all microtasks of each before the next."""
        if len(message) > self._limits.message:
            raise ScriptTooMuch("the message is too large")
        self._begin_turn()
        for _ in range(self._number("begin", message)):
            self._number("step", "")
            self._pump()
            while self._number("settle", ""):
                self._pump()
        return self._text("finish")

    def snapshot(self) -> str:
        """What a later context can be built again from, as JSON."""
        self._begin_turn()
        return self._text("snapshot")

    # The rules

    def _begin_turn(self) -> None:
        self._end = time.process_time() + self._cpu

    def _limit(self) -> None:
        left = self._end - time.process_time()
        if left <= 0:
            raise ScriptOverrun
        self._context.set_time_limit(left)

    def _pump(self) -> None:
        run = self._context.execute_pending_job
        try:
            self._limit()
            while run():
                self._limit()
        except quickjs.JSException as error:
            raise failure(error) from None

    def _eval(self, source: str) -> None:
        self._limit()
        try:
            self._context.eval(source)
        except quickjs.JSException as error:
            raise failure(error) from None

    def _call(self, name: str, argument: str) -> object:
        self._limit()
        try:
            answer: object = self._entry[name](argument)
        except quickjs.JSException as error:
            raise failure(error) from None
        except (TypeError, ValueError) as error:
            raise ScriptFailed(f"{name} gave what is no text: {error}") from None
        self._limit()
        if isinstance(answer, int) and answer in FAULTS:
            raise FAULTS[answer](f"{name} gave up")
        return answer

    def _number(self, name: str, argument: str) -> int:
        answer = self._call(name, argument)
        if not isinstance(answer, int):
            raise ScriptFailed(f"{name} answered {type(answer).__name__}")
        return answer

    def _text(self, name: str) -> str:
        answer = self._call(name, "")
        if not isinstance(answer, str):
            raise ScriptFailed(f"{name} answered {type(answer).__name__}")
        if len(answer.encode()) > self._limits.answer:
            raise ScriptTooMuch("the answer is too large")
        return answer


def failure(error: Exception) -> ScriptFailed:
    """What an error of the engine means. Its text is the engine's own, never a script's."""
    text = str(error).split("\n", 1)[0]
    if text == "InternalError: interrupted":
        return ScriptOverrun()
    if text == "InternalError: out of memory":
        return ScriptMemory()
    return ScriptFailed(text[:200])
