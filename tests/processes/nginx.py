"""nginx with the configuration that `docs/deploy.md` shows, in front of processes of a test."""

import json
import os
import secrets
import shutil
import ssl
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import trustme

from portico.testing.serving import free_port
from tests.documented import ROOT, block, replaced

#: The one of the machine, or what `make nginx` unpacked.
PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:{ROOT}/build/nginx/usr/sbin")
#: What stands around a site: where its files are, and a log that tells which process answered.
AROUND = """\
daemon off;
{user}
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 512; }}
http {{
    log_format turns escape=json '["$upstream_addr", "$request_method", "$uri", $status]';
    access_log access.log turns;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A request that it passed on: to which places, the last of which answered."""

    tried: tuple[int, ...]
    method: str
    path: str
    status: int


class Nginx:
    """Started on entering, ended on leaving. `changes` are further words of the page that are replaced."""

    def __init__(self, folder: Path, ports: Sequence[int], *, changes: dict[str, str] | None = None) -> None:
        self.folder, self.ports = folder, list(ports)
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self._authority = trustme.CA()
        self._changes = {
            "127.0.0.1:8001": f"127.0.0.1:{ports[0]}",
            "127.0.0.1:8002": f"127.0.0.1:{ports[1]}",
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "/etc/ssl/apps.example.com.pem": "site.pem",
            "/etc/ssl/private/apps.example.com.key": "site.pem",
            "apps.example.com": "localhost",
            **(changes or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        assert PROGRAM is not None, "there is no nginx on PATH; `make nginx` brings it"
        self.folder.mkdir(exist_ok=True)
        certificate = self._authority.issue_cert("localhost")
        certificate.private_key_and_cert_chain_pem.write_to_path(self.folder / "site.pem")
        (self.folder / "site.conf").write_text(replaced(block("deploy.md", "nginx"), self._changes))
        user = "user root root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(user=user))
        self._process = subprocess.Popen(
            [PROGRAM, "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"],
            stderr=subprocess.DEVNULL,
        )
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _await(self) -> None:
        for _ in range(2000):
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "error.log").read_text()
            with suppress(httpx.TransportError), self.browser() as client:
                client.get("/_portico/health")
                return
            time.sleep(0.01)
        raise AssertionError("nginx does not answer")

    def browser(self, *, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """A browser without scripts at this address of the machine, which trusts the certificate."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        said = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **headers}
        transport = httpx.HTTPTransport(verify=context, local_address=address)
        return httpx.Client(transport=transport, base_url=self.url, timeout=60, headers=said)

    def settled(self) -> int:
        """How many turns there are, now that all that was answered is written down."""
        mark = f"/mark/{secrets.token_hex(8)}"
        with self.browser() as client:
            client.get(mark)
        while True:
            for number, turn in enumerate(self.turns(), 1):
                if turn.path == mark:
                    return number
            time.sleep(0.01)

    def turns(self) -> list[Turn]:
        """What it passed on so far. It writes that down after the answer has left, and one after the other:
        `settled` waits for what has been answered."""
        found = []
        for line in (self.folder / "access.log").read_text().splitlines():
            tried, method, path, status = json.loads(line)
            places = (int(at.rpartition(":")[2]) for at in tried.split(", ") if at[-1:].isdigit())
            found.append(
                Turn(
                    tried=tuple(self.ports.index(at) for at in places),
                    method=method,
                    path=path,
                    status=status,
                )
            )
        return found
