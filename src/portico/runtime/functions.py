"""Functions of an app's own modules, which run in this process and with its rights.

That is why they are off: only who starts the server says which app is trusted with it (hard-cases 37). An app
cannot, nor can what imports one. They see tokens sealed.
"""

import asyncio
import importlib.util
import inspect
import json
import logging
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from portico.clock import Clock
from portico.errors import AnswerTooLarge, CallFailed, NotTrusted, ServiceTimeout
from portico.model.query import Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.sql_rows import plain

log = logging.getLogger("portico.runtime")

#: Threads for plain functions; those that await need none.
THREADS = 8
LIMIT = timedelta(seconds=10)
FOLDER = "python"


class Functions:
    """Calls them. `trusted` are the folders of the apps that may have some, by their slugs."""

    def __init__(self, *, clock: Clock, trusted: Mapping[str, Path] | None = None) -> None:
        self._clock = clock
        self._trusted = dict(trusted or {})
        self._modules: dict[tuple[str, str], tuple[int, ModuleType]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "python")

    async def close(self) -> None:
        """Call no more. A plain function that still runs is left to its end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, source: Datasource, query: Query, request: Request) -> Answer:
        """Call a query's function with what its bindings gave, by name; what it returns is the body of the
        answer. `source.name` is the app.

        Raises NotTrusted where the app is not trusted, ServiceTimeout, AnswerTooLarge, and CallFailed where
        it fails: what it raised is for the log, not for users.
        """
        where = f"python {query.call}"
        folder = self._trusted.get(source.name)
        if folder is None:
            raise NotTrusted(f"{where}: the app is not trusted: portico run --trust-python {source.name}")
        started = self._clock.now()
        given = request.body if isinstance(request.body, dict) else {}
        try:
            async with asyncio.timeout((query.timeout or LIMIT).total_seconds()):
                value = await self._called(source.name, folder, query.call, given)
        except TimeoutError:
            raise ServiceTimeout(f"{where}: no result in time") from None
        body = json.dumps(plain(value), ensure_ascii=False).encode("utf-8", "replace")
        if len(body) > source.max_bytes:
            raise AnswerTooLarge(f"{where}: more than {source.max_bytes} bytes")
        return Answer(
            status=200,
            headers=(("content-type", "application/json"),),
            body=body,
            elapsed=self._clock.now() - started,
        )

    async def _called(self, app: str, folder: Path, call: str, given: Mapping[str, Any]) -> Any:
        loop = asyncio.get_running_loop()
        try:
            function = await loop.run_in_executor(self._threads, partial(self._function, app, folder, call))
            if inspect.iscoroutinefunction(function):
                return await function(**given)
            return await loop.run_in_executor(self._threads, partial(function, **given))
        except (TimeoutError, CallFailed):
            raise
        except Exception as error:
            log.exception("a function of an app failed", extra={"app": app, "call": call})
            raise CallFailed(
                f"python {call}: {type(error).__name__}", message="A function of this app failed."
            ) from None

    def _function(self, app: str, folder: Path, call: str) -> Callable[..., Any]:
        """The function, of a module that is loaded once, and again when its file has changed."""
        name, _, function = call.partition(":")
        file = folder / FOLDER / f"{name}.py"
        if not file.is_file():
            raise CallFailed(f"python {call}: there is no {file}")
        changed, known = file.stat().st_mtime_ns, self._modules.get((app, name))
        module = known[1] if known is not None and known[0] == changed else _loaded(app, name, file)
        self._modules[app, name] = (changed, module)
        found = getattr(module, function, None)
        if not callable(found) or function.startswith("_"):
            raise CallFailed(f"python {call}: there is no such function")
        return cast(Callable[..., Any], found)


def _loaded(app: str, name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"portico_app_{app}.{name}", file)
    if spec is None or spec.loader is None:
        raise CallFailed(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look for their module there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
