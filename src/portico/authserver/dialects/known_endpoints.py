"""Where each dialect has what every auth API has."""

from portico.authserver.dialects.dummyjson_gate import MOUNT as DUMMYJSON
from portico.authserver.dialects.gotrue_gate import MOUNT as GOTRUE
from portico.authserver.dialects.oidc_errors import MOUNT as OIDC
from portico.authserver.dialects.plain_gate import MOUNT as PLAIN
from portico.authserver.endpoints import Endpoint, Role

_GRANT = "grant_type"

KNOWN: tuple[Endpoint, ...] = (
    Endpoint(role=Role.SIGN_IN, method="POST", path="/api/auth/local"),
    Endpoint(role=Role.REFRESH, method="POST", path="/api/auth/refresh"),
    Endpoint(role=Role.ME, method="GET", path="/api/users/me"),
    Endpoint(role=Role.SIGN_OUT, method="POST", path="/api/auth/logout"),
    Endpoint(role=Role.SIGN_UP, method="POST", path="/api/auth/local/register"),
    *(
        endpoint
        for prefix in ("", GOTRUE)
        for endpoint in (
            *(
                Endpoint(role=Role.SIGN_IN, method="POST", path=f"{prefix}/token", parameter=(_GRANT, grant))
                for grant in ("password", "pkce")
            ),
            Endpoint(role=Role.SIGN_IN, method="POST", path=f"{prefix}/verify"),
            Endpoint(
                role=Role.REFRESH,
                method="POST",
                path=f"{prefix}/token",
                parameter=(_GRANT, "refresh_token"),
            ),
            Endpoint(role=Role.ME, method="GET", path=f"{prefix}/user"),
            Endpoint(role=Role.SIGN_OUT, method="POST", path=f"{prefix}/logout"),
            Endpoint(role=Role.SIGN_UP, method="POST", path=f"{prefix}/signup"),
            Endpoint(role=Role.RECOVER, method="POST", path=f"{prefix}/recover"),
        )
    ),
    Endpoint(role=Role.SIGN_IN, method="POST", path=f"{PLAIN}/auth/v1/token"),
    Endpoint(role=Role.ME, method="GET", path=f"{PLAIN}/auth/v1/user"),
    Endpoint(role=Role.SIGN_OUT, method="POST", path=f"{PLAIN}/auth/v1/revoke"),
    Endpoint(role=Role.SIGN_IN, method="POST", path=f"{DUMMYJSON}/auth/login"),
    Endpoint(role=Role.REFRESH, method="POST", path=f"{DUMMYJSON}/auth/refresh"),
    Endpoint(role=Role.ME, method="GET", path=f"{DUMMYJSON}/auth/me"),
    Endpoint(role=Role.SIGN_OUT, method="POST", path=f"{DUMMYJSON}/auth/logout"),
    Endpoint(role=Role.SIGN_IN, method="POST", path=f"{OIDC}/login"),
    Endpoint(role=Role.SIGN_IN, method="POST", path=f"{OIDC}/token", field=(_GRANT, "authorization_code")),
    Endpoint(role=Role.REFRESH, method="POST", path=f"{OIDC}/token", field=(_GRANT, "refresh_token")),
    Endpoint(role=Role.ME, method="GET", path=f"{OIDC}/userinfo"),
    Endpoint(role=Role.SIGN_OUT, method="POST", path=f"{OIDC}/revoke"),
    Endpoint(role=Role.SIGN_OUT, method="GET", path=f"{OIDC}/logout"),
)
