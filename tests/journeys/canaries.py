"""Promises 58 to 60 over every byte: what an auth API hands out and what users type, and where none of it may
be.

Nothing is declared by tests: what is secret is read off the wires between Portico and the APIs, and between
clients and Portico.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote_plus

from tests.journeys.tap import APIS, Connection, Tap, unpacked

#: Shorter ones occur by chance.
LEAST = 12
LEAST_PASSWORD = 8

TOKEN, TYPED, PASSWORD = "a token that the API issued", "a token that the user has", "a password"
API_COOKIE, COOKIE, CODE = "a cookie of the API", "the cookie of a session", "a one-time code"

#: Places.
SENT, ANSWERED, ADDRESS = "what clients sent", "what they were answered", "an address of theirs"
ASKED, UPSTREAM = "what APIs were asked", "an address of an API"

_NAMES = (
    rb"(?:access|refresh|id|session|provider|provider_refresh|auth|bearer)[_-]?token|"
    rb"token|jwt|access|refresh|set-auth-token|x-auth-token|authorization"
)
_IN_JSON = re.compile(rb'(?i)"(?:' + _NAMES + rb')"\s*:\s*"(?:bearer )?([^"\\\s]+)"')
_IN_FORM = re.compile(rb"(?i)[?&#](?:access|refresh|provider)_token=([^&\s\"]+)")
_IN_HEADER = re.compile(rb"(?im)^(?:" + _NAMES + rb"): (?:bearer )?(\S+)\r$")
_JWT = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}")
_SEALED = re.compile(rb"sealed[JO][A-Za-z0-9]{37}$")
_SET_COOKIE = re.compile(rb"(?im)^set-cookie: *([^=;\s]+)=([^;\r\n]*)[^\r\n]*")
_COOKIE = re.compile(rb"(?im)^cookie: [^\r\n]*")
_SESSION = re.compile(rb"(?:portico-\d+|__Host-portico)\.[\w-]+")
_SENT_SESSION = re.compile(rb"(" + _SESSION.pattern + rb")=([^;\s]+)")
_LINE = rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP/1\.[01]\r"
_REQUEST = re.compile(rb"(?=" + _LINE + rb"\n)")
_ADDRESS = re.compile(rb"(?m)^(?:" + _LINE + rb"|[Rr]eferer: \S+\r)$")
_CODE = re.compile(rb"(?m)^GET \S*[?&](?:code|token_hash)=([^&\s]+)")
_PASSWORD_IN_JSON = re.compile(rb'(?i)"[\w.]*password\w*"\s*:\s*"((?:[^"\\]|\\.)*)"')
_PASSWORD_IN_FORM = re.compile(rb"(?im)(?:^|&)[\w.]*password\w*=([^&\s]*)")
_FROM_PORTICO = re.compile(rb"(?im)^user-agent: (portico/[^\r\n]*)\r$")
#: Letters that tokens and base64 are made of; they keep together what a token could be a part of.
_WORD = re.compile(rb"[\w+/=.~%-]{8,}")


@dataclass(frozen=True, slots=True)
class Canary:
    """Something that must not be found, and what it is."""

    kind: str
    text: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """Bytes that are searched; those of words once each, however often a page was sent."""

    name: str
    content: bytes
    words: bytes
    #: Texts that are there anyway; some example says which password to use.
    own: bytes
    #: Whether stores write here, which keep base64url as the bytes that it says (`auth.compact`).
    stored: bool

    @classmethod
    def of(cls, name: str, content: bytes, own: bytes = b"", *, stored: bool = False) -> "_Place":
        return cls(name, content, b"\n".join(set(_WORD.findall(content))), own, stored)

    def holds(self, canary: Canary) -> bool:
        """Whether it is there: as it is, in base64, out of it, or as HTML, JSON and addresses write it."""
        if canary.kind == PASSWORD:
            return any(self._says(form) for form in _written(canary.text))
        if self.stored and any(form in self.content for form in _out_of_base64(canary.text)):
            return True
        return any(form in self.words for form in (canary.text, *_in_base64(canary.text)))

    def _says(self, text: bytes) -> bool:
        """Whether it says so other than in its own words, of which a few letters go before."""
        at = self.content.find(text)
        while at >= 0:
            if self.content[max(at - 5, 0) : at + len(text)] not in self.own:
                return True
            at = self.content.find(text, at + 1)
        return False


class Canaries:
    """What one Portico, behind `wire`, was given and was told since this began. To APIs it says that it is
    `agent`. The texts of `apps` are nobody's secret, and what the other origin of `settings` hands out is
    none of the auth API's."""

    def __init__(self, wire: Tap, settings: Mapping[str, str], *, apps: Sequence[Path], agent: str) -> None:
        self._wire = wire
        self._agent = agent.encode()
        self._apps = apps
        self._strangers = {url for name, url in settings.items() if name == "OTHER_URL"}
        self._has_api = "AUTH_URL" in settings
        self._apis = list(APIS)
        self._heard = {id(tap): len(tap.connections) for tap in self._apis}

    def known(self) -> set[Canary]:
        """Everything that is secret."""
        return {
            Canary(kind, text)
            for kind, text in self._known()
            if len(text) >= (LEAST_PASSWORD if kind == PASSWORD else LEAST) and not _SEALED.search(text)
        }

    def expect_armed(self) -> None:
        """Whoever was signed in here, by a token or a cookie of the API, was so by one that is known here."""
        given = {
            value
            for name, value in _SET_COOKIE.findall(self._wire.answered)
            if value and _SESSION.fullmatch(name) and not name.endswith(b".visitor")
        }
        brought = {
            value
            for cookies in _COOKIE.findall(self._wire.sent)
            for name, value in _SENT_SESSION.findall(cookies)
            if not name.endswith(b".visitor")
        }
        # What another process gave: it may have been the only one that asked the API.
        if self._has_api and given and brought <= given:
            kinds = {canary.kind for canary in self.known()}
            assert {TOKEN, TYPED, API_COOKIE} & kinds, "no token was seen on its way"

    def found(self, files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
        """The places where something secret is and must not be: on a wire, in an address, in `files`; with
        words about it that do not say it."""
        sent, answered = _by_line(self._wire.sent), self._wire.answered
        asked = b"\n".join(_by_line(connection.asked) for _, connection in self._by_portico())
        upstream = _Place.of(UPSTREAM, _addresses(asked))
        kept = [_Place.of(name, content, stored=True) for name, content in files]
        to_clients = _Place.of(ANSWERED, answered, self._own_words())
        from_clients = _Place.of(SENT, sent)
        places = {
            TOKEN: [from_clients, to_clients, upstream, *kept],
            API_COOKIE: [from_clients, to_clients, upstream, *kept],
            # Whoever has a token may send it and read it again.
            TYPED: [upstream, *kept],
            PASSWORD: [_Place.of(ADDRESS, _addresses(sent)), to_clients, upstream, *kept],
            COOKIE: [
                _Place.of(SENT, _COOKIE.sub(b"", sent)),
                _Place.of(ANSWERED, _SET_COOKIE.sub(b"", answered)),
                _Place.of(ASKED, asked),
                *kept,
            ],
            CODE: [to_clients, upstream, *kept],
        }
        hits: dict[str, set[str]] = {}
        for canary in self.known():
            for place in places[canary.kind]:
                if place.holds(canary):
                    hits.setdefault(place.name, set()).add(f"{canary.kind} of {len(canary.text)} characters")
        return {name: ", ".join(sorted(kinds)) for name, kinds in hits.items()}

    def _known(self) -> Iterator[tuple[str, bytes]]:
        sent = _by_line(self._wire.sent)
        by_portico = list(self._by_portico())
        issued = set()
        for tap, connection in by_portico:
            if tap.url not in self._strangers:
                answers = unpacked(bytes(connection.answered))
                issued |= set(_tokens(answers))
                yield from ((API_COOKIE, value) for _, value in _SET_COOKIE.findall(answers))
        others = {token for _, connection in self._heard_by(b"") for token in _tokens(connection.answered)}
        others |= {
            token
            for _, connection in by_portico
            for token in map(_secret_part, _IN_HEADER.findall(connection.asked))
        }
        for token in issued:
            yield (TYPED if token in others and token in sent else TOKEN), token
        yield from ((TYPED, token) for token in others - issued)
        for text in (sent, *(_by_line(connection.asked) for _, connection in by_portico)):
            yield from (
                (PASSWORD, json.loads(b'"%s"' % found).encode()) for found in _PASSWORD_IN_JSON.findall(text)
            )
            yield from (
                (PASSWORD, unquote_plus(found.decode("latin-1")).encode())
                for found in _PASSWORD_IN_FORM.findall(text)
            )
        yield from (
            (COOKIE, value)
            for name, value in _SET_COOKIE.findall(self._wire.answered)
            if _SESSION.fullmatch(name)
        )
        yield from ((CODE, code) for code in _CODE.findall(sent))

    def _own_words(self) -> bytes:
        files = [file for app in self._apps for file in app.rglob("*") if file.is_file()]
        return b"\n".join(file.read_bytes() for file in files)

    def _by_portico(self) -> Iterable[tuple[Tap, Connection]]:
        return self._heard_by(self._agent)

    def _heard_by(self, agent: bytes) -> Iterator[tuple[Tap, Connection]]:
        """What was heard since of one Portico, or b"" for whoever is none."""
        for tap in {*self._apis, *APIS}:
            for connection in tap.connections[self._heard.get(id(tap), 0) :]:
                found = _FROM_PORTICO.search(connection.asked)
                if (found[1] if found else b"") == agent:
                    yield tap, connection


def _tokens(answers: bytes | bytearray) -> Iterator[bytes]:
    for pattern in (_IN_JSON, _IN_FORM, _IN_HEADER, _JWT):
        yield from map(_secret_part, pattern.findall(answers))


def _secret_part(token: bytes) -> bytes:
    """Of a JWT the signature, as anybody may read its claims; of any other token all of it."""
    return token.rpartition(b".")[2] if _JWT.fullmatch(token) else token


def _by_line(requests: bytes | bytearray) -> bytes:
    """Requests of a connection, where bodies have no end of a line."""
    return _REQUEST.sub(b"\n", requests)


def _addresses(requests: bytes) -> bytes:
    return b"\n".join(_ADDRESS.findall(requests))


def _in_base64(text: bytes) -> Iterator[bytes]:
    """What base64 makes of it inside of a longer text, wherever that begins."""
    for before in range(3):
        yield base64.b64encode(b" " * before + text)[4:-4]


def _out_of_base64(text: bytes) -> Iterator[bytes]:
    """The bytes that the last part of it says, which of a JWT is what nobody else can know."""
    last = text.rpartition(b".")[2]
    if whole := re.match(rb"(?:[A-Za-z0-9_-]{4}){4,}", last):
        yield base64.urlsafe_b64decode(whole[0])


def _written(password: bytes) -> Iterator[bytes]:
    text = password.decode(errors="replace")
    ways: tuple[Callable[[str], str], ...] = (
        str,
        html.escape,
        lambda said: json.dumps(said)[1:-1],
        quote,
        quote_plus,
    )
    yield from {way(text).encode() for way in ways}
    yield from _in_base64(password)
