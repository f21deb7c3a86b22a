"""A page that is the same for everybody, ready to be sent (hard-cases 16)."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Its bytes, the same compressed, and a tag for both.

    Compressing is safe because nothing in it is secret, nor anything that a visitor sent.
    """

    body: bytes
    gzip: bytes
    digest: str

    @classmethod
    def of(cls, body: bytes) -> Self:
        """The document with these bytes."""
        digest = hashlib.sha256(body).hexdigest()[:32]
        return cls(body=body, gzip=gzip.compress(body, 9, mtime=0), digest=digest)

    def answer(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The document, or that the browser's copy still holds: it may keep one if it asks each time."""
        packed = "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{self.digest}{"-gzip" if packed else ""}"'
        fresh = {**headers, "Cache-Control": "no-cache", "ETag": tag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=fresh)
        if packed:
            return Response(self.gzip, headers={**fresh, "Content-Encoding": "gzip"}, media_type="text/html")
        return Response(self.body, headers=fresh, media_type="text/html")
