"""Portico keeps the rules of its architecture, and each rule would notice if it did not."""

from pathlib import Path

import pytest

from tests.architecture_rules import (
    RULES,
    Rule,
    auth_knows_no_technology,
    authserver_is_a_stranger,
    clocks_are_moved_in_development,
    data_is_never_run,
    ids_come_from_secrets,
    imports_are_absolute,
    imports_are_not_dynamic,
    imports_look_down,
    imports_stand_at_the_top,
    modules_are_nouns,
    modules_are_small,
    one_http_client,
    time_comes_from_the_clock,
    types_are_imported_like_the_rest,
    violations,
)

PACKAGE = Path(__file__).parent.parent / "src" / "portico"


def rule_name(rule: object) -> str | None:
    """The test id of a rule."""
    return getattr(rule, "__name__", None)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_package_keeps_the_rule(rule: Rule) -> None:
    """No module of Portico breaks this rule."""
    assert violations(PACKAGE, rule) == []


BROKEN: tuple[tuple[Rule, str, str, str], ...] = (
    (imports_look_down, "auth/guard.py", "import portico.web.pages\n", "1: auth imports portico.web.pages"),
    (imports_look_down, "auth/guard.py", "from portico import ui\n", "1: auth imports portico.ui"),
    (
        imports_look_down,
        "sandbox/pool.py",
        "from portico.auth import x\n",
        "1: sandbox imports portico.auth.x",
    ),
    (imports_look_down, "errors.py", "from portico.model import x\n", "1: errors imports portico.model.x"),
    (imports_look_down, "testing/user.py", "import portico.cli\n", "1: testing imports portico.cli"),
    (imports_look_down, "web/x.py", "import portico.testing\n", "1: web imports portico.testing"),
    (imports_look_down, "__init__.py", "import portico.errors\n", "1: __init__ imports portico.errors"),
    (imports_look_down, "cli.py", "import portico.__main__\n", "1: cli imports portico.__main__"),
    (imports_look_down, "extras/x.py", "", "1: extras has no rank"),
    (
        authserver_is_a_stranger,
        "authserver/x.py",
        "import portico.model\n",
        "1: authserver imports portico.model",
    ),
    (auth_knows_no_technology, "auth/x.py", "from yaml import load\n", "1: auth imports yaml.load"),
    (auth_knows_no_technology, "auth/x.py", "def f():\n  import sqlite3\n", "2: auth imports sqlite3"),
    (one_http_client, "web/x.py", "import httpx\n", "1: a second HTTP client, httpx"),
    (one_http_client, "authserver/x.py", "import http.client\n", "1: a second HTTP client, http.client"),
    (one_http_client, "cli/http.py", "from http import client\n", "1: a second HTTP client, http.client"),
    (one_http_client, "x.py", "from urllib.request import x\n", "1: a second HTTP client, urllib.request.x"),
    (imports_are_absolute, "auth/x.py", "from ..web import pages\n", "1: a relative import"),
    (imports_are_absolute, "auth/x.py", "from . import y\n", "1: a relative import"),
    (
        imports_stand_at_the_top,
        "auth/x.py",
        "def f():\n  from portico import values\n",
        "2: portico.values is not imported at the top",
    ),
    (
        imports_stand_at_the_top,
        "auth/x.py",
        "if True:\n  import portico.values\n",
        "2: portico.values is not imported at the top",
    ),
    (
        imports_stand_at_the_top,
        "auth/x.py",
        "try:\n  import portico.values\nexcept ImportError:\n  pass\n",
        "2: portico.values is not imported at the top",
    ),
    (
        imports_are_not_dynamic,
        "auth/x.py",
        "import importlib\nimportlib.import_module('portico.web')\n",
        "2: loads portico.web by its name",
    ),
    (
        imports_are_not_dynamic,
        "auth/x.py",
        "from importlib import import_module\nimport_module('.web', 'portico')\n",
        "2: loads .web by its name",
    ),
    (types_are_imported_like_the_rest, "auth/x.py", "from typing import TYPE_CHECKING\n", "1: TYPE_CHECKING"),
    (
        types_are_imported_like_the_rest,
        "auth/x.py",
        "import typing\nif typing.TYPE_CHECKING:\n  pass\n",
        "2: TYPE_CHECKING",
    ),
    (data_is_never_run, "x.py", "def f(s): return eval(s)\n", "1: eval"),
    (data_is_never_run, "x.py", "run = exec\n", "1: exec"),
    (data_is_never_run, "x.py", "import builtins as b\nb.compile('1', '', 'eval')\n", "2: compile"),
    (data_is_never_run, "x.py", "__import__('portico.web')\n", "1: __import__"),
    (modules_are_nouns, "web/utils.py", "", "1: utils is a catch-all name"),
    (modules_are_nouns, "helpers/date.py", "", "1: helpers is a catch-all name"),
    (modules_are_small, "web/x.py", "pass\n" * 401, "401: 401 lines, more than 400"),
    (time_comes_from_the_clock, "x.py", "import time\ntime.time()\n", "2: time.time"),
    (time_comes_from_the_clock, "x.py", "import time as t\nnow = t.time_ns\n", "2: time.time_ns"),
    (time_comes_from_the_clock, "x.py", "from time import time\n", "1: time.time"),
    (
        time_comes_from_the_clock,
        "x.py",
        "from datetime import UTC, datetime as dt\ndt.now(UTC)\n",
        "2: datetime.datetime.now",
    ),
    (time_comes_from_the_clock, "x.py", "import datetime\ndatetime.date.today()\n", "2: datetime.date.today"),
    (
        clocks_are_moved_in_development,
        "cli/run.py",
        "from portico.clock import SharedClock\n",
        "1: portico.clock.SharedClock",
    ),
    (
        clocks_are_moved_in_development,
        "web/x.py",
        "from portico import clock\nclock.SharedClock\n",
        "2: portico.clock.SharedClock",
    ),
    (ids_come_from_secrets, "x.py", "from random import choice\n", "1: imports random.choice"),
    (ids_come_from_secrets, "authserver/x.py", "import random\n", "1: imports random"),
    (ids_come_from_secrets, "web/x.py", "from uuid import uuid4\n", "1: imports uuid.uuid4"),
)


@pytest.mark.parametrize(("rule", "path", "source", "problem"), BROKEN, ids=rule_name)
def test_rule_reports_a_module_that_breaks_it(
    tmp_path: Path, rule: Rule, path: str, source: str, problem: str
) -> None:
    """The positive control: the rule finds the fault, in its place, and only that."""
    write(tmp_path / path, source)
    assert violations(tmp_path, rule) == [f"{path}:{problem}"]


def test_every_rule_has_a_control() -> None:
    """A rule that was never seen to fail is not trusted."""
    assert {rule for rule, *_ in BROKEN} == set(RULES)


ALLOWED: tuple[tuple[str, str], ...] = (
    ("__init__.py", '__version__ = "1"\n'),
    ("__main__.py", "from portico.cli import main\n"),
    (
        "cli/run.py",
        "from portico import __version__\nfrom portico.web import app\nimport portico.cli.output\n",
    ),
    ("values.py", "from portico.errors import PorticoError\n"),
    ("clock.py", "import time\n\nnow = time.time()\n"),
    (
        "auth/guard.py",
        "import time\nfrom datetime import datetime\n\na = time.monotonic()\nb = datetime.fromtimestamp(1)\n",
    ),
    ("runtime/http.py", "import httpx\nfrom portico.auth import sealing\n"),
    ("runtime/queries.py", "from http import HTTPStatus\nfrom urllib.parse import urlsplit\n"),
    ("testing/user.py", "import httpx\n"),
    (
        "authserver/app.py",
        "import uuid\nfrom portico.clock import Clock\nfrom portico.authserver import tokens\n",
    ),
    (
        "sandbox/engine.py",
        "import re\n\n\ndef f(context, code, module):\n    re.compile('a')\n    context.eval(code)\n",
    ),
    ("stores/redis.py", "try:\n    import redis\nexcept ImportError:\n    pass\n" + "pass\n" * 396),
    ("cli/dev.py", "from portico.clock import SharedClock\n"),
    (
        "stores/address.py",
        "try:\n    import portico.stores.redis\nexcept ModuleNotFoundError:\n    pass\n",
    ),
    ("definition/python.py", "import importlib\n\nimportlib.import_module('pricing')\n"),
)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_rule_lets_pass_what_is_allowed(tmp_path: Path, rule: Rule) -> None:
    """The neighbours of what is forbidden are not forbidden."""
    for path, source in ALLOWED:
        write(tmp_path / path, source)
    assert violations(tmp_path, rule) == []


def test_package_is_where_the_rules_look() -> None:
    """An empty folder would keep every rule."""
    assert {"__init__.py", "errors.py", "clock.py"} <= {path.name for path in PACKAGE.glob("*.py")}


def write(path: Path, source: str) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
