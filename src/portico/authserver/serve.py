"""Runs an embedded auth server on a socket."""

from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette

from portico.authserver.dropping import DroppableProtocol
from portico.authserver.settings import SettingsInvalid

_LOG_LEVEL = "warning"


def create_server(app: Starlette, *, host: str, port: int, allow_remote: bool = False) -> uvicorn.Server:
    """A uvicorn server for `app`, to be run with `serve()`.

    Raises `SettingsInvalid` for a host that is not this machine, unless `allow_remote` says so: this server
    is for development and tests (P75). Forwarding headers are ignored, or any client could name its own
    address and escape the limits (P69).
    """
    if not allow_remote and not _is_loopback(host):
        raise SettingsInvalid(message=f"The auth server is for development: it does not listen on {host}.")
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_level=_LOG_LEVEL,
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=3,
            http=DroppableProtocol,
        )
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
