"""What counts as a sign-in, and nothing else does (hard-cases 1).

A script that stores something that looks like a token has signed nobody in: uid and roles come from
evidence only, and evidence is what this server saw with its own eyes. Its members:

* `Confirmed`: any string, after the auth API's own `me` accepted it.

The answer of a contract query (`sign_in`, `sign_up`, `refresh`, the OAuth callback) and a sealed value
of this browser's session join it here, as members of the union, once the contract covers them.
"""

from dataclasses import dataclass

from portico.model.identity import Identity
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """The auth API accepted `token`, and said that it is `identity`'s."""

    token: Secret
    identity: Identity


Evidence = Confirmed
