"""Who asks for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.auth.session import Session
from portico.culture.culture import Culture
from portico.values import SitePath


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who asks: the session and address that the boundary found, the page's path, `appsmith.URL`,
    language and time zone, a kept return-to, and whether this request may change something
    (hard-cases 12).

    `expected`: this browser was sent something to come back with (hard-cases 13). `handed` is the id
    of the visit that the page before left for this one; `agent` is what the browser calls itself.
    """

    session: Session | None
    here: SitePath
    url: Mapping[str, Any]
    address: str
    culture: Culture
    return_to: SitePath | None = None
    may_write: bool = True
    expected: bool = False
    handed: str | None = None
    agent: str = ""
