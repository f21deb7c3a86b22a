"""What the OpenID provider makes of an account."""

from portico.authserver.accounts import User
from portico.authserver.moments import to_seconds


def is_closed(user: User, *, confirms: bool) -> bool:
    """Whether nobody may sign in to it; `confirms`: an address has to be confirmed before."""
    return user.blocked or (confirms and not user.confirmed)


def claims_of(user: User, scope: str) -> dict[str, object]:
    """What is said of a user in this scope (OpenID Connect Core, 5.4). Roles are of no scope."""
    scopes, claims = scope.split(), dict[str, object]()
    if "profile" in scopes:
        claims |= {"name": user.username, "preferred_username": user.username}
        claims |= {"updated_at": to_seconds(user.updated_at)}
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.confirmed}
    return claims | ({"roles": [user.role]} if user.role else {})
