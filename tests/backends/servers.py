"""Real auth servers, each in a process of its own: `with started("pocketbase") as backend: …`.

What runs is other people's software behind the smallest app of our own; `make test-backends` installs it
into `.venv-backends`. Each server listens on loopback alone and keeps its data in a folder that goes with it.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from portico.testing.serving import free_port

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-backends"
PROGRAMS = ENVIRONMENT / "bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a user signs in with."""

    login: str
    """What the backend asks for beside the password: the e-mail address, but a username for simplejwt."""
    email: str
    password: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How a backend is started, and how it gets its users."""

    command: Callable[[int, Path], Sequence[str | Path]]
    """What serves on this port of loopback with this working folder, which is empty and its own."""
    answers: str
    """A path that answers without a sign-in and without an error of the server once it has started."""
    sign_up: str
    """Where an account is made; empty where any name and password are let in."""
    form: Callable[[Credentials], Mapping[str, str]] = lambda _: {}
    """The JSON that is posted there."""
    login_is_email: bool = True
    installed: str = "."
    """The folder of `ENVIRONMENT` that the set-up installs it into; a file `ready` there is made last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backend:
    """A running auth server."""

    name: str
    """One of `KINDS`."""
    kind: Kind
    url: str
    """Its origin, such as `http://127.0.0.1:41234`."""
    folder: Path
    """Its working folder."""
    credentials: Credentials
    """A user that was there from the start. Every test may sign in as this one, none may change it."""

    def make_user(self) -> Credentials:
        """Sign up somebody new, whom no other test knows."""
        return signed_up(self.kind, self.url)


def pocketbase(port: int, folder: Path) -> Sequence[str | Path]:
    """PocketBase as it comes: its collection `users` is open to sign-ups."""
    program = PROGRAMS / "pocketbase"
    # Without an administrator it would open a browser to make one.
    admin = ("superuser", "upsert", "admin@example.com", secrets.token_hex(16))
    subprocess.run([program, *admin, "--dir", folder], check=True, capture_output=True, timeout=60)
    return [program, "serve", "--http", f"127.0.0.1:{port}", "--dir", folder]


def django(project: str) -> Callable[[int, Path], Sequence[str | Path]]:
    """A Django project of this folder."""
    return lambda port, _: [PROGRAMS / "python", HERE / "serve_django.py", HERE / project, str(port)]


def node(project: str) -> Callable[[int, Path], Sequence[str | Path]]:
    """A server in JavaScript. Node looks for packages beside the file, so that moves to where they can be."""

    def command(port: int, folder: Path) -> Sequence[str | Path]:
        (folder / "node_modules").symlink_to(ENVIRONMENT / "npm" / "node_modules")
        return [node_itself(), shutil.copy(HERE / project / "server.mjs", folder), str(port)]

    return command


def strapi(port: int, folder: Path) -> Sequence[str | Path]:
    """Strapi takes a whole project and keeps its database there."""
    shutil.copytree(HERE / "strapi", folder, dirs_exist_ok=True)
    (folder / "public" / "uploads").mkdir(parents=True)
    (folder / "node_modules").symlink_to(ENVIRONMENT / "strapi" / "node_modules")
    return [node_itself(), folder / "server.js", str(port)]


def node_itself() -> str:
    """The program."""
    program = shutil.which("node")
    assert program is not None, "node is needed"
    return program


KINDS: Mapping[str, Kind] = {
    "pocketbase": Kind(
        command=pocketbase,
        answers="/api/health",
        sign_up="/api/collections/users/records",
        form=lambda user: {
            "email": user.email,
            "password": user.password,
            "passwordConfirm": user.password,
        },
    ),
    "fastapi-users": Kind(
        command=lambda port, _: [PROGRAMS / "python", HERE / "fastapi_users" / "app.py", str(port)],
        answers="/openapi.json",
        sign_up="/auth/register",
        form=lambda user: {"email": user.email, "password": user.password},
    ),
    "simplejwt": Kind(
        command=django("simplejwt"),
        answers="/api/me/",
        sign_up="/api/register/",
        form=lambda user: {"username": user.login, "email": user.email, "password": user.password},
        login_is_email=False,
    ),
    "django-sessions": Kind(
        command=django("django_sessions"),
        answers="/csrf/",
        sign_up="/register/",
        form=lambda user: {"username": user.login, "email": user.email, "password": user.password},
        login_is_email=False,
    ),
    "allauth": Kind(
        command=django("allauth"),
        answers="/_allauth/app/v1/config",
        sign_up="/_allauth/app/v1/auth/signup",
        form=lambda user: {"email": user.email, "password": user.password},
    ),
    "oidc-provider": Kind(
        command=node("oidc_provider"),
        answers="/.well-known/openid-configuration",
        sign_up="",
        login_is_email=False,
        installed="npm",
    ),
    "better-auth": Kind(
        command=node("better_auth"),
        answers="/api/auth/ok",
        sign_up="/api/auth/sign-up/email",
        form=lambda user: {"name": user.login, "email": user.email, "password": user.password},
        installed="npm",
    ),
    "strapi": Kind(
        command=strapi,
        answers="/_health",
        sign_up="/api/auth/local/register",
        form=lambda user: {"username": user.login, "email": user.email, "password": user.password},
        login_is_email=False,
        installed="strapi",
    ),
}


@contextlib.contextmanager
def started(
    name: str, *, access_seconds: int = 3600, settings: Mapping[str, str] | None = None
) -> Iterator[Backend]:
    """The server of this name in `KINDS`, until the block ends.

    `access_seconds` is how long an access token of fastapi-users (JWT), simplejwt and oidc-provider is good
    for; the others decide for themselves. `settings` are more variables of its environment.
    """
    kind, port = KINDS[name], free_port()
    assert (ENVIRONMENT / kind.installed / "ready").exists(), (
        f"{name} is not installed in {ENVIRONMENT}: run `make test-backends` once."
    )
    environment = {"ACCESS_SECONDS": str(access_seconds), **(settings or {})}
    with tempfile.TemporaryDirectory(prefix=f"portico-{name}-") as folder:
        url, home = f"http://127.0.0.1:{port}", Path(folder)
        with running(kind.command(port, home), home, url + kind.answers, environment):
            yield Backend(name=name, kind=kind, url=url, folder=home, credentials=signed_up(kind, url))


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, answers: str, settings: Mapping[str, str]
) -> Iterator[None]:
    """A process with its children, which all end with the block; entered once it answers."""
    log = folder / "server.log"
    # Nothing of the environment of the tests reaches it but where programs are.
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait(process, answers, log)
        yield
    finally:
        end(process)


def wait(process: "subprocess.Popen[bytes]", answers: str, log: Path) -> None:
    """Return when the address answers; raise with the log when the process ends or a minute has passed."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        said = "" if process.poll() is None else f" with {process.returncode}"
        assert not said, f"{process.args!r} ended{said}: {log.read_text()}"
        try:
            if not httpx.get(answers, trust_env=False, timeout=5).is_server_error:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{answers} does not answer: {log.read_text()}")


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that leads a group, kindly first, and whatever is left of the group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def signed_up(kind: Kind, url: str) -> Credentials:
    """Somebody new at the server of this address."""
    name = f"user{secrets.token_hex(6)}"
    email = f"{name}@example.com"
    user = Credentials(
        login=email if kind.login_is_email else name, email=email, password=secrets.token_urlsafe(12)
    )
    if kind.sign_up:
        answer = httpx.post(url + kind.sign_up, json=kind.form(user), trust_env=False, timeout=30)
        assert answer.is_success, f"{kind.sign_up} answers {answer.status_code}: {answer.text}"
    return user
