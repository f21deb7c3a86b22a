"""Tags: names under which a store finds what belongs together, without learning whose it is.

HMAC-SHA256 with the server key, which is not in the store (hard-cases 3): reading the store does not
tell users apart, nor whether somebody has an account here.
"""

import base64
import hashlib
import hmac
import string

from portico.values import Secret

_SHORT = 12
_BASE62 = string.digits + string.ascii_letters


class Tags:
    """Makes tags with the server key."""

    def __init__(self, server_key: Secret) -> None:
        self._key = hashlib.sha256(b"portico tags\0" + server_key.reveal().encode()).digest()

    def tag(self, kind: str, *parts: str) -> str:
        """The tag of these parts, in this order: 43 characters."""
        return base64.urlsafe_b64encode(self._mac(kind, parts)).rstrip(b"=").decode()

    def short(self, kind: str, *parts: str) -> str:
        """A name of these parts that people can read out: 12 letters and digits, 71 bits."""
        number = int.from_bytes(self._mac(kind, parts), "big")
        return "".join(_BASE62[number // 62**place % 62] for place in range(_SHORT))

    def _mac(self, kind: str, parts: tuple[str, ...]) -> bytes:
        mac = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (kind, *parts):
            text = part.encode(errors="surrogatepass")
            mac.update(len(text).to_bytes(8, "big") + text)
        return mac.digest()

    def __repr__(self) -> str:
        return "Tags(…)"
