"""The three products: how each is started, and what its pages look like to a browser."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bench.api import LAST_NAME, TOKEN

ROOT = Path(__file__).parents[1]
APPS = Path(__file__).parent / "apps"
#: The environment of what Portico is compared with.
OTHERS = ROOT / ".venv-bench" / "bin"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs: its port, the address of the auth API, and a folder of its own."""

    port: int
    api: str
    folder: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A product with its version of the app.

    `login` is the path of the login page, `button` the name of its button, and `finished` selects what
    stands on the protected page once its table is there.
    """

    name: str
    title: str
    package: str
    login: str
    button: str
    finished: str
    command: Callable[[Place], list[str]]
    env: Mapping[str, str] = field(default_factory=dict, hash=False)


def portico(app: Path, place: Place) -> list[str]:
    """`portico run` of an app."""
    store = f"sqlite:{place.folder / 'store.db'}"
    program = str(Path(sys.executable).with_name("portico"))
    return [program, "run", str(app), "--port", str(place.port), "--store", store]


def _nicegui(place: Place) -> list[str]:
    return [str(OTHERS / "python"), str(APPS / "nicegui" / "main.py"), str(place.port), place.api]


def _streamlit(place: Place) -> list[str]:
    settings = {
        "server.address": "127.0.0.1",
        "server.port": str(place.port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [str(OTHERS / "streamlit"), "run", str(APPS / "streamlit" / "main.py"), *flags]


PORTICO = Product(
    name="portico",
    title="Portico",
    package="portico",
    login="/portico/LoginPage",
    button="Log in",
    finished=f"text={LAST_NAME}",
    command=partial(portico, APPS / "portico"),
)
NICEGUI = Product(
    name="nicegui",
    title="NiceGUI",
    package="nicegui",
    login="/login",
    button="Log in",
    finished=f"text={LAST_NAME}",
    command=_nicegui,
)
STREAMLIT = Product(
    name="streamlit",
    title="Streamlit",
    package="streamlit",
    login="/",
    button="Login",
    # Its table is drawn on a canvas, which has the rows in view as soon as it is there.
    finished="[data-testid=data-grid-canvas]",
    command=_streamlit,
    env={"BENCH_TOKEN": TOKEN},
)
#: The same without the 0.7 s that streamlit-authenticator waits, for the browser's cookies, before each form.
STREAMLIT_AT_ONCE = replace(STREAMLIT, env={**STREAMLIT.env, "BENCH_LOGIN_WAIT": "0"})

PRODUCTS = (PORTICO, NICEGUI, STREAMLIT)
