"""Tags: names under which a store finds what belongs together, without learning whose it is.

HMAC-SHA256 with the server key, which is not in the store (hard-cases 3): reading the store does not
tell users apart, nor whether somebody has an account here.
"""

import base64
import hashlib
import hmac

from portico.values import Secret


class Tags:
    """Makes tags with the server key."""

    def __init__(self, server_key: Secret) -> None:
        self._key = hashlib.sha256(b"portico tags\0" + server_key.reveal().encode()).digest()

    def tag(self, kind: str, *parts: str) -> str:
        """The tag of these parts, in this order: 43 characters."""
        mac = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (kind, *parts):
            text = part.encode(errors="surrogatepass")
            mac.update(len(text).to_bytes(8, "big") + text)
        return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()

    def __repr__(self) -> str:
        return "Tags(…)"
