"""A curl command as the request that it makes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from portico.importers import curl_data
from portico.importers.address import Address, read_address
from portico.importers.curl_options import HARMLESS, REQUEST, Option, read
from portico.importers.words import VARIABLE, CommandUnreadable
from portico.model.query import Method
from portico.runtime.headers import NAME, VALUE

Pairs = tuple[tuple[str, str], ...]

METHODS: tuple[Method, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PROGRAM = re.compile(r"curl(\.exe)?", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"

#: Options that change what is sent, or what the answer means, in a way that no query can.
_REFUSED = {
    "next": "the command makes several requests: import one at a time",
    "config": "it reads options from a file: put them into the command",
    "upload-file": "it sends a file: put what it holds into the command with --data-binary",
    "digest": "Portico does not speak HTTP Digest",
    "ntlm": "Portico does not speak NTLM",
    "negotiate": "Portico does not speak Negotiate",
    "aws-sigv4": "Portico does not sign requests for AWS",
    "request-target": "the target of a query is its path",
    "variable": "its variables are curl's own: fill in their values",
}
#: Options that a query can do without, and what there is instead.
_REMARKS = {
    "insecure": "certificates are always verified; the datasource can name an authority with `tls: {ca: …}`",
    "cacert": "put the file into the app folder, and name it with `tls: {ca: …}` in the datasource",
    "location": "queries do not follow redirects",
    "location-trusted": "queries do not follow redirects",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a command sends. `headers` are those it names, and those that its options stand for;
    `data` is a body as text, `parts` one of fields: name, value, content type. `user` is what `-u`
    says. `notes` tell what was left out, or read otherwise than it is written."""

    method: Method
    address: Address
    headers: Pairs = field(repr=False)
    data: str | None = field(default=None, repr=False)
    parts: tuple[curl_data.Part, ...] = field(default=(), repr=False)
    user: str | None = field(default=None, repr=False)
    seconds: float | None = None
    notes: tuple[str, ...] = ()


def parse(words: Sequence[str]) -> Request:
    """The request of a curl command. Raises CommandUnreadable."""
    if not words or not _PROGRAM.fullmatch(PurePosixPath(words[0].replace("\\", "/")).name):
        raise CommandUnreadable(message="A curl command begins with `curl`.")
    reader = _Reader()
    for option in read(words[1:]):
        reader.take(option)
    return reader.request()


class _Reader:
    """Gathers what the options say, and then what that comes to."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._urls: list[str] = []
        self._headers: list[tuple[str, str]] = []
        #: headers that options stand for: those that are named win
        self._implied: list[tuple[str, str]] = []
        self._removed: set[str] = set()
        self._cookies: list[str] = []
        self._data: list[str] = []
        self._json: list[str] = []
        self._parts: list[curl_data.Part] = []
        self._query: list[str] = []
        self._method: str | None = None
        self._user: str | None = None
        self._seconds: float | None = None
        self._flags: set[str] = set()

    def take(self, option: Option) -> None:
        """Read one option, or note that it was not."""
        reader = self._READERS.get(option.name)
        if option.name in _REFUSED and not option.negated:
            raise CommandUnreadable(message=f"{option.written}: {_REFUSED[option.name]}.")
        if option.negated or option.name in HARMLESS:
            if option.name not in HARMLESS | REQUEST:
                self._notes.append(f"{option.written} was left out: it is not known here")
        elif reader is not None:
            reader(self, option)
        elif option.name in REQUEST:
            self._flags.add(option.name)
            if option.name in _REMARKS:
                self._notes.append(f"{option.written} was left out: {_REMARKS[option.name]}")
        else:
            self._notes.append(f"{option.written} was left out: a query has nothing like it")

    def request(self) -> Request:
        """What all of it comes to."""
        if len(self._urls) != 1:
            count = "no address" if not self._urls else f"{len(self._urls)} addresses"
            raise CommandUnreadable(message=f"The command names {count}, and a query has one.")
        data = self._body()
        if "get" in self._flags and data is not None:
            self._query.append(data)
            data = None
        address = read_address(
            self._urls[0],
            globbing="globoff" not in self._flags,
            as_is="path-as-is" in self._flags,
            query=self._query,
        )
        return Request(
            method=self._chosen_method(has_body=data is not None or bool(self._parts)),
            address=address,
            headers=self._all_headers(),
            data=data,
            parts=tuple(self._parts),
            user=self._user if self._user is not None else address.user,
            seconds=self._seconds,
            notes=(*self._notes, *address.notes),
        )

    def _body(self) -> str | None:
        """The data, joined as curl does; with them come labels."""
        if bool(self._data) + bool(self._json) + bool(self._parts) > 1:
            raise CommandUnreadable(message="-d, --json and -F exclude each other.")
        if self._json:
            self._implied += [("Content-Type", _JSON), ("Accept", _JSON)]
            return "".join(self._json)
        if not self._data:
            return None
        if "get" not in self._flags:
            self._implied.append(("Content-Type", _FORM))
        return "&".join(self._data)

    def _all_headers(self) -> Pairs:
        for name, value in self._headers:
            if not NAME.fullmatch(name) and not name.startswith(":"):
                raise CommandUnreadable(message="The command has a header whose name is none.")
            if not VALUE.fullmatch(VARIABLE.sub("", value)):
                raise CommandUnreadable(
                    message=f"The header {name} has characters that no header can carry: ASCII only."
                )
        named = {name.lower() for name, _ in self._headers} | self._removed
        implied = self._implied + ([("Cookie", ";".join(self._cookies))] if self._cookies else [])
        return (*self._headers, *(pair for pair in implied if pair[0].lower() not in named))

    def _chosen_method(self, *, has_body: bool) -> Method:
        implied = "HEAD" if "head" in self._flags else "POST" if has_body else "GET"
        wanted = self._method or implied
        method = next((known for known in METHODS if known == wanted.upper()), None)
        if method is None:
            raise CommandUnreadable(message=f"A query cannot use this method; it knows {', '.join(METHODS)}.")
        if method != wanted:
            self._notes.append(f"the method is written in capitals: {method}")
        if has_body and method in ("GET", "HEAD"):
            raise CommandUnreadable(
                message=f"The command sends a body with {method}, which Portico does not do. Most APIs take "
                "the same body with POST; curl's -G makes parameters of it."
            )
        return method

    # What each option adds

    def _address(self, option: Option) -> None:
        self._urls.append(option.value)

    def _request(self, option: Option) -> None:
        self._method = option.value

    def _header(self, option: Option) -> None:
        if option.value.startswith("@"):
            raise CommandUnreadable(message="-H @… reads headers from a file. Put them into the command.")
        name, colon, value = option.value.partition(":")
        if not colon and name.rstrip().endswith(";"):
            self._headers.append((name.rstrip()[:-1], ""))
        elif not colon:
            self._notes.append("a header without a colon was left out, as curl does")
        elif value.strip():
            self._headers.append((name.strip(), value.strip()))
        else:
            self._removed.add(name.strip().lower())
            self._notes.append(f"the header {name.strip()} is empty, so curl leaves it out; a query may not")

    def _bearer(self, option: Option) -> None:
        self._implied.append(("Authorization", f"Bearer {option.value}"))

    def _agent(self, option: Option) -> None:
        self._implied.append(("User-Agent", option.value))

    def _referer(self, option: Option) -> None:
        self._implied.append(("Referer", option.value.removesuffix(";auto")))

    def _cookie(self, option: Option) -> None:
        if "=" not in option.value:
            raise CommandUnreadable(message="-b names a file of cookies. Write them out: -b 'name=value'.")
        self._cookies.append(option.value)

    def _sign_in(self, option: Option) -> None:
        self._user = option.value

    def _plain(self, option: Option) -> None:
        self._data.append(curl_data.plain(option))

    def _raw(self, option: Option) -> None:
        self._data.append(option.value)

    def _urlencoded(self, option: Option) -> None:
        self._data.append(curl_data.urlencoded(option))

    def _json_data(self, option: Option) -> None:
        self._json.append(curl_data.plain(option))

    def _form(self, option: Option) -> None:
        self._parts.append(curl_data.part(option))

    def _parameter(self, option: Option) -> None:
        raw = option.value.startswith("+")
        self._query.append(option.value[1:] if raw else curl_data.urlencoded(option))

    def _time(self, option: Option) -> None:
        try:
            self._seconds = float(option.value)
        except ValueError:
            raise CommandUnreadable(message="-m takes a number of seconds.") from None

    _READERS: Mapping[str, Callable[["_Reader", Option], None]] = {
        "": _address,
        "url": _address,
        "request": _request,
        "header": _header,
        "user": _sign_in,
        "oauth2-bearer": _bearer,
        "user-agent": _agent,
        "referer": _referer,
        "cookie": _cookie,
        "data": _plain,
        "data-ascii": _plain,
        "data-binary": _plain,
        "data-raw": _raw,
        "data-urlencode": _urlencoded,
        "json": _json_data,
        "form": _form,
        "form-string": _form,
        "url-query": _parameter,
        "max-time": _time,
    }
