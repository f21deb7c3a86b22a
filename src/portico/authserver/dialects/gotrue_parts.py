"""What the parts of the GoTrue dialect share."""

from dataclasses import dataclass

from portico.authserver.dialects.gotrue_flows import Flows
from portico.authserver.dialects.gotrue_gate import Gate
from portico.authserver.dialects.gotrue_issue import Issuer
from portico.authserver.dialects.gotrue_redirects import Redirects
from portico.authserver.dialects.gotrue_sessions import Sessions
from portico.authserver.dialects.gotrue_users import Users


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """One dialect's stores and rules."""

    gate: Gate
    users: Users
    sessions: Sessions
    flows: Flows
    issuer: Issuer
    redirects: Redirects
