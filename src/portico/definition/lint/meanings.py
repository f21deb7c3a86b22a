"""What words mean that auth APIs and their users have for the same things.

`access_token`, `accessToken` and `access-token` are one word here.
"""

_TOKENS = frozenset(
    {
        "token",
        "tokens",
        "jwt",
        "bearer",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "authrefreshtoken",
        "sessiontoken",
        "bearertoken",
        "usertoken",
        "jwttoken",
        "apitoken",
    }
)
_ENDINGS = ("accesstoken", "refreshtoken", "authtoken", "idtoken")
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "newpassword", "userpassword", "pass"})
#: Other names of things that are secret.
_SECRETS = frozenset(
    {"clientsecret", "apikey", "apisecret", "secretkey", "privatekey", "accesskey", "secretaccesskey"}
)
_ENDS = ("logout", "signout", "revoke", "endsession", "blacklist", "invalidate", "session", "sessions")


def plain(word: str) -> str:
    """A word without case and signs."""
    return "".join(char for char in word.lower() if char.isalnum())


def is_token(word: str) -> bool:
    """Whether something of this name is a token."""
    found = plain(word)
    return found in _TOKENS or found.endswith(_ENDINGS)


def is_refresh_token(word: str) -> bool:
    """Whether something of this name is what renews a token."""
    found = plain(word)
    return "refresh" in found and (found in ("refresh", "refreshjwt") or "token" in found)


def is_password(word: str) -> bool:
    """Whether something of this name is a password."""
    return plain(word) in _PASSWORDS


def is_secret(word: str) -> bool:
    """Whether a value of this name should stand in no file."""
    return is_password(word) or plain(word) in _SECRETS


def is_revocation(name: str, path: str) -> bool:
    """Whether a query of this name and path ends a token at the auth API."""
    words = [plain(name), *(plain(part) for part in path.partition("?")[0].split("/"))]
    return any(word.endswith(_ENDS) for word in words)
