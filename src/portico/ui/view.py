"""What a page is rendered from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portico.model.app import App
from portico.model.page import Page
from portico.model.tree import Tree
from portico.ui.assets import Assets


class Alert(Protocol):
    """A message for the user; `style` is info, success, warning or error."""

    @property
    def message(self) -> str:
        """The text."""

    @property
    def style(self) -> str:
        """How it is meant."""


class Question(Protocol):
    """What the page asks its user: the event `id` goes on with the answer."""

    @property
    def id(self) -> str:
        """Who asks."""

    @property
    def about(self) -> str:
        """`confirm`: the user; anything else asks the browser itself, which needs scripts."""

    @property
    def question(self) -> str:
        """What is asked."""

    @property
    def yes(self) -> str:
        """What stands on the button that agrees."""

    @property
    def no(self) -> str:
        """What stands on the one that does not."""


class File(Protocol):
    """A file for the user: its text, or where it is."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def type(self) -> str:
        """Its media type."""

    @property
    def text(self) -> str | None:
        """What is in it."""

    @property
    def url(self) -> str | None:
        """Where it is: http, https or data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A page that the visitor may open: its title, its address, and whether it is the one that is shown."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PageView:
    """A page as one visitor sees it.

    `props` maps widget paths to their present properties; what is missing is the type's default.
    `visit` is None for pages that are the same for everybody, and for those the client makes the id.
    `n` is the number of the last event. `session_tag` names the session that the page was made for:
    empty for visitors who are not signed in, None for a page that no session has a part in (the
    client then never asks whether it still holds). `alerts` are shown at once. `loading`: something
    the page needs is still running, the client fetches it with a `load` event. `asked` is a question
    that an event waits for. `files` and `copied` are what a browser without scripts is handed as links
    and as text. `entry_url` is where this app signs in. `zone` is the time zone that the page was
    computed for, None where it does not matter: the client asks for the page's present state where its
    own is another. `links` are the app's navigation.
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
    asked: Question | None = None
    files: Sequence[File] = ()
    copied: Sequence[str] = ()
    entry_url: str = ""
    zone: str | None = None
    language: str = "en"
    links: Sequence[Link] = ()

    @property
    def tree(self) -> Tree:
        """Its widgets as they stand now."""
        return Tree(self.page, self.props)
