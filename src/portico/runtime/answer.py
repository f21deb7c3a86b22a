"""What another server answered."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portico.auth.set_cookie import SetCookies
from portico.errors import AnswerInvalid
from portico.runtime.body import decode_text, refuse_constant
from portico.runtime.mask import Mask


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`headers` are as they came, repeated ones too, `Set-Cookie` with them, but for the secrets of
    the datasource, which `mask` hides. `set_cookies` are those that are kept, of a datasource that keeps
    them. `body` is unpacked and has not been masked: what is shown to
    scripts comes from `text` and `json`. Nothing of it shows in a `repr`: it may hold tokens."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: timedelta
    mask: Mask = field(default_factory=Mask, repr=False)
    set_cookies: SetCookies | None = None

    def values(self, name: str) -> list[str]:
        """Every value of a header, whatever its case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        """The body by the charset it names, else UTF-8; what does not fit becomes U+FFFD."""
        return self.mask.text(self._decoded)

    def json(self) -> Any:
        """The body as JSON. Raises AnswerInvalid if it is not, whatever its label says."""
        try:
            return self.mask.json(json.loads(self._decoded, parse_constant=refuse_constant))
        except (ValueError, RecursionError):
            raise AnswerInvalid("the answer is not JSON") from None

    @property
    def cookies(self) -> dict[str, str]:
        """Name and value of every cookie that the answer sets; the last of a name counts."""
        pairs = [cookie.partition(";")[0].partition("=") for cookie in self.values("set-cookie")]
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def _decoded(self) -> str:
        return decode_text(self.body, ", ".join(self.values("content-type")))
