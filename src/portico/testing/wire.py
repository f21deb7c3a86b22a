"""What a simulated browser sends and gets: HTTP to this machine, with the headers that browsers add."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpcore

from portico.testing.failure import StepFailed
from portico.testing.jar import Jar

#: Redirects that are followed in a row: as many as browsers follow.
REDIRECTS = 20
#: Seconds until an answer is there.
PATIENCE = 60.0
_TIMEOUT = {"connect": PATIENCE, "read": PATIENCE, "write": PATIENCE, "pool": PATIENCE}
#: What it calls itself, and the language it asks for.
AGENT = "portico-test"
LANGUAGE = "en-US,en;q=0.9"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer, and the address that gave it."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def kind(self) -> str:
        """Its content type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip()

    @property
    def kept(self) -> bool:
        """Whether a browser may show it again without asking."""
        return "no-store" not in self.headers.get("cache-control", "")


class NoConnection(StepFailed):
    """Nobody answered."""


class Wire:
    """Requests of one browser. Only addresses of this machine are called (`allows`)."""

    def __init__(self, jar: Jar) -> None:
        self.jar = jar
        self._pool = httpcore.ConnectionPool(retries=0)

    def close(self) -> None:
        """Close its connections."""
        self._pool.close()

    def navigate(
        self, url: str, *, method: str = "GET", body: bytes = b"", sort: str = "", at: str = ""
    ) -> Answer:
        """What a browser gets that goes to an address from a page `at`, redirects followed. Raises
        StepFailed."""
        for _ in range(REDIRECTS):
            site = "none" if not at else "same-origin" if origin(at) == origin(url) else "cross-site"
            headers = {
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "document",
                "Sec-Fetch-User": "?1",
                "Sec-Fetch-Site": site,
            }
            if method == "POST":
                headers |= {"Content-Type": sort, "Origin": origin(at)}
            answer = self.send(method, url, headers, body)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
            if not allows(url):
                return Answer(url=url, status=200, headers={}, text="")
            if answer.status not in (307, 308):
                method, body = "GET", b""
        raise StepFailed(f"{url} redirects without an end")

    def fetch(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """What a script of a page at the same origin gets. Raises NoConnection."""
        own = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            own["Origin"] = origin(url)
        return self.send(method, url, {"Accept": "*/*", **own, **headers}, body)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request. Raises NoConnection."""
        if not allows(url):
            raise StepFailed(f"{url} is not on this machine: journeys call nothing else")
        sent = {"User-Agent": AGENT, "Accept-Language": LANGUAGE, **headers}
        if cookies := self.jar.header(url):
            sent["Cookie"] = cookies
        address = url.partition("#")[0]
        try:
            got = self._pool.request(
                method,
                address,
                headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                content=body,
                extensions={"timeout": _TIMEOUT},
            )
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise NoConnection(f"{urlsplit(url).netloc} does not answer: {type(error).__name__}") from None
        found: dict[str, str] = {}
        for name, value in got.headers:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            if key == "set-cookie":
                self.jar.take(url, text)
            else:
                found[key] = text
        return Answer(url=url, status=got.status, headers=found, text=got.content.decode("utf-8", "replace"))


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def allows(url: str) -> bool:
    """Whether an address may be called: it is one of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
