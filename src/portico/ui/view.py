"""What a page is rendered from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portico.model.app import App
from portico.model.page import Page
from portico.ui.assets import Assets


class Alert(Protocol):
    """A message for the user; `style` is info, success, warning or error."""

    @property
    def message(self) -> str:
        """The text."""

    @property
    def style(self) -> str:
        """How it is meant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageView:
    """A page as one visitor sees it.

    `props` maps widget paths to their present properties; what is missing is the type's default.
    `visit` is None for pages that are the same for everybody, and for those the client makes the id.
    `n` is the number of the last event. `session_tag` names the session that the page was made for:
    empty for visitors who are not signed in, None for a page that no session has a part in (the
    client then never asks whether it still holds). `alerts` are shown at once. `loading`: something
    the page needs is still running, the client fetches it with a `load` event. `entry_url` is where
    this app signs in.
    """

    app: App
    page: Page
    assets: Assets
    props: Mapping[str, Mapping[str, Any]]
    visit: str | None = None
    n: int = 0
    session_tag: str | None = None
    alerts: Sequence[Alert] = ()
    loading: bool = False
    entry_url: str = ""
    language: str = "en"
