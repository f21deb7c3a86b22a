"""Sealed tokens: names for tokens of an auth API, which scripts, pages and logs see instead (P50, P58–60).

A sealed token is text that looks like the token. Of a JWT the header and the payload stay readable and
the signature is a handle, so that claims can be decoded and nothing verifies; any other token is a
handle alone. A handle is `sealed`, `J` or `O`, and 37 base62 digits: it stands as it is in URLs, JSON,
cookies and base64. It means something to the vault of the browser's session alone, and only where the
server opens it on the way to the origin that issued the token (mechanics R7–R9, hard-cases 4).
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from portico.auth import token_shapes as shapes
from portico.auth.handles import MARK, Handle, is_cookie, new_handle
from portico.values import Secret

#: Values that are not a session's own tokens, and their characters: of more, those that were sealed first
#: go. They are kept with the visit, whose record is bounded.
VALUE_LIMIT = 64
VALUE_CHARACTERS = 192 << 10
#: Longer tokens are sealed, and opened nowhere.
TOKEN_LIMIT = 32 << 10
#: A known token inside of a longer text is looked for from this length on, and as a word of its own from
#: that of the shortest tokens there are (GoTrue's, for a refresh).
LEAST_INSIDE = 20
LEAST_WORD = 12
#: JWTs whose claims are longer are treated like any other token.
_CLAIMS_LIMIT = 16 << 10
#: Other spellings of known tokens that are looked for.
_SPELLING_LIMIT = 16

_HANDLE = re.compile(r"sealed[JO][A-Za-z0-9]{37}")


@dataclass(frozen=True, slots=True)
class _Value:
    token: Secret
    claims: str


@dataclass(slots=True)
class Vault:
    """The tokens of one browser, as far as they were given out sealed.

    `slots` are the tokens that the session has now and `handles` the names that they go by, the oldest
    first; `values` are tokens that belong to no slot, by handle. It prints nothing of them.
    """

    slots: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    handles: Mapping[str, Handle] = field(default_factory=dict, repr=False)
    _values: dict[str, _Value] = field(default_factory=dict, repr=False)
    _spellings: dict[str, str] = field(default_factory=dict, repr=False)
    _forms: dict[str, str] | None = field(default=None, repr=False)
    _needles: list[tuple[str, str]] | None = field(default=None, repr=False)

    def hold(self, slots: Mapping[str, Secret], handles: Mapping[str, Handle]) -> None:
        """Take the tokens and cookies that the session has now, and all names that they go by."""
        if (slots, handles) == (self.slots, self.handles):
            return
        self.slots, self.handles = slots, handles
        # What has become a name of the session's own token is no copy of it any more.
        self._values = {handle: value for handle, value in self._values.items() if handle not in handles}
        self._changed()

    # Sealing

    def seal(self, token: str) -> str:
        """The sealed form of a token: the same for the same token, and itself for one that is sealed."""
        if self.token(token) is not None:
            return token
        if (known := self._known().get(token)) is not None:
            return known
        claims = claims_of(token)
        handle, shown = new_handle(claims), digest(claims)
        if len(token) <= TOKEN_LIMIT:
            self._keep(handle, _Value(Secret(token), shown))
        return _shown(claims, handle)

    def seal_answer(self, value: Any) -> Any:
        """An answer of the auth API, with its tokens sealed: what stands under a name that tokens have,
        JWTs, and tokens that are known already. Changed in place; not by recursion, as its depth is the
        other server's."""
        return _walked(value, self._sealed)

    def seal_header(self, name: str, value: str) -> str:
        """A header of such an answer."""
        if name.lower() == "location" and "#" in value:
            address, _, fragment = value.partition("#")
            return f"{self.mask(address)}#{shapes.in_form(fragment, self._in_form)}"
        return self._sealed(name, value)

    def mask(self, text: str) -> str:
        """A text of any origin, in which known tokens are replaced by their sealed form."""
        known = self._known()
        if (shown := known.get(text)) is not None:
            return shown
        return self._masked(text, known)

    def _masked(self, text: str, known: Mapping[str, str]) -> str:
        """A text that is not known as a whole."""
        if " " in text and (start := shapes.scheme_of(text)) and (token := text[len(start) :]) in known:
            return start + known[token]
        if len(text) > LEAST_WORD:
            for needle, shown in self._needles if self._needles is not None else self._inside():
                if needle in text:
                    text = _replaced(text, needle, shown)
        return text

    def mask_answer(self, value: Any) -> Any:
        """An answer of another origin than the auth API's. Changed in place."""
        return _walked(value, lambda name, text: self.mask(text)) if self._known() else value

    def spell(self, token: str, sealed: str) -> None:
        """Know another spelling of a token that is about to be sent, should it come back: a text that holds
        it, and what scripts are to see for that."""
        self._spellings.pop(token, None)
        self._spellings[token] = sealed
        while len(self._spellings) > _SPELLING_LIMIT:
            del self._spellings[next(iter(self._spellings))]
        self._needles = None

    def _sealed(self, name: str, text: str) -> str:
        # Most texts of an answer are short words and simple values: they leave here, or three lines below.
        known = self._forms if self._forms is not None else self._known()
        if (shown := known.get(text)) is not None:
            return shown
        if len(text) < shapes.LEAST:
            return self._masked(text, known) if " " in text else text
        if shapes.is_simple(text):
            if shapes.names_token(name) and shapes.is_token(text):
                return self.seal(text)
            return self._masked(text, known) if len(text) > LEAST_WORD else text
        start = shapes.scheme_of(text)
        token = text[len(start) :]
        if shapes.is_jwt(token) or (shapes.names_token(name) and shapes.is_token(token)):
            return start + self.seal(token)
        text = shapes.in_text(text, self.seal)
        if shapes.is_form(text):
            text = shapes.in_form(text, self._in_form)
        return self.mask(text)

    def _in_form(self, name: str, text: str) -> str:
        named = shapes.is_jwt(text) or (shapes.names_token(name) and shapes.is_token(text))
        return self.seal(text) if named else self.mask(text)

    # Opening

    def token(self, text: str) -> Secret | None:
        """The token that a text is the sealed form of, as a whole; None for any other text."""
        found = _HANDLE.search(text) if MARK in text else None
        if found is None or found.end() != len(text):
            return None
        start, secret = self._opened(text, found, 0)
        return secret if start == 0 else None

    def opened(
        self, text: str, written: Callable[[str], str] = str, *, may: Callable[[str], bool] = bool
    ) -> str:
        """The text with every sealed token in it replaced by the token, as `written` has it where it
        stands. What is not in the form that was given out stays as it is, and opens nothing; nor does what
        is in a slot that `may` does not allow, which is asked about "value" for what is in none."""
        if MARK not in text:
            return text
        parts, last = [], 0
        for found in _HANDLE.finditer(text):
            known = self.handles.get(found[0])
            if not may(known.slot if known is not None else "value"):
                continue
            start, secret = self._opened(text, found, last)
            if secret is not None:
                parts += [text[last:start], written(secret.reveal())]
                last = found.end()
        return "".join([*parts, text[last:]])

    def _opened(self, text: str, found: re.Match[str], floor: int) -> tuple[int, Secret | None]:
        """Where the sealed token that ends in this handle begins, and what it stands for."""
        known, value = self.handles.get(found[0]), self._values.get(found[0])
        # A name that the session has goes before one of a page alone: it stands for what is newest.
        if known is not None:
            secret, claims = self.slots.get(known.slot), known.claims
        elif value is not None:
            secret, claims = value.token, value.claims
        else:
            return found.start(), None
        if secret is None or not claims:
            return found.start(), secret
        start = _claims_before(text, found.start(), floor, claims)
        return (found.start(), None) if start is None else (start, secret)

    # Keeping

    def kept(self, texts: str) -> dict[str, str]:
        """The values whose handles stand in `texts`, for `learn`."""
        found = dict.fromkeys(_HANDLE.findall(texts))
        return {handle: self._values[handle].token.reveal() for handle in found if handle in self._values}

    def learn(self, values: Mapping[str, str]) -> None:
        """Take over values that were kept."""
        for handle, token in values.items():
            if handle not in self._values and handle not in self.handles:
                self._keep(handle, _Value(Secret(token), digest(claims_of(token))))

    @property
    def values(self) -> dict[str, str]:
        """All values, for `learn`."""
        return {handle: value.token.reveal() for handle, value in self._values.items()}

    def handles_of(self, token: Secret) -> dict[str, str]:
        """The handles by which a value goes, with the digests of their claims: for a token that becomes
        one of the session's own."""
        return {handle: value.claims for handle, value in self._values.items() if value.token == token}

    def own(self, slot: str) -> str | None:
        """The sealed form of one of the session's own tokens; None where it has none."""
        held = self.slots.get(slot)
        if held is not None and is_cookie(slot):
            return next((handle for handle, known in self.handles.items() if known.slot == slot), None)
        return None if held is None else self.seal(held.reveal())

    def newest(self, text: str) -> str:
        """A sealed form of one of the session's own tokens as it would be given out now; any other text as
        it is."""
        found = _HANDLE.search(text) if MARK in text else None
        known = self.handles.get(found[0]) if found is not None else None
        if known is None or self.token(text) is None:
            return text
        return self.own(known.slot) or text

    def _keep(self, handle: str, value: _Value) -> None:
        self._values[handle] = value
        sizes = [len(held.token.reveal()) for held in self._values.values()]
        while len(sizes) > VALUE_LIMIT or sum(sizes) > VALUE_CHARACTERS:
            del self._values[next(iter(self._values))], sizes[0]
        self._changed()

    def _changed(self) -> None:
        self._forms = self._needles = None

    def _known(self) -> Mapping[str, str]:
        """The sealed forms of all tokens that have one."""
        if self._forms is None:
            named = [
                (handle, known, self.slots.get(known.slot))
                for handle, known in self.handles.items()
                if not is_cookie(known.slot)
            ]
            own = [(handle, held.reveal(), known.claims) for handle, known, held in named if held is not None]
            others = [(handle, value.token.reveal(), value.claims) for handle, value in self._values.items()]
            self._forms = {}
            # A name that the session has goes before one of a page alone, and of these the oldest: a token
            # without claims is called the same after it was renewed.
            for handle, token, claims in (*own, *others):
                shown = claims_of(token)
                if token not in self._forms and claims == digest(shown):
                    self._forms[token] = _shown(shown, handle)
            for handle, value in self._cookies():
                self._forms.setdefault(value, handle)
        return self._forms

    def _cookies(self) -> Iterator[tuple[str, str]]:
        """Handles and values of cookies, also as they are before they are escaped. A short value is not
        looked for in answers: it is a setting rather than a token, and occurs by chance."""
        for handle, known in self.handles.items():
            held = self.slots.get(known.slot) if is_cookie(known.slot) else None
            if held is not None and len(value := held.reveal()) >= LEAST_WORD:
                yield from ((handle, value), (handle, unquote(value)))

    def _inside(self) -> list[tuple[str, str]]:
        """What is looked for inside of texts, the longest first: one may be part of another."""
        if self._needles is None:
            found = {**self._spellings, **self._known()}
            long = [needle for needle in found if len(needle) >= LEAST_WORD]
            self._needles = [(needle, found[needle]) for needle in sorted(long, key=len, reverse=True)]
        return self._needles


def claims_of(token: str) -> str:
    """`header.payload` of a JWT; "" for any other token."""
    return token.rpartition(".")[0] if len(token) <= _CLAIMS_LIMIT and shapes.is_jwt(token) else ""


def subject_of(token: str) -> str | None:
    """Whom a JWT names in `sub`; None for any other token. Nothing is verified."""
    claims = claims_of(token)
    try:
        payload = json.loads(base64.b64decode(claims.partition(".")[2] + "==", altchars=b"-_"))
    except (ValueError, RecursionError):
        return None
    sub = payload.get("sub") if isinstance(payload, dict) else None
    return str(sub) if isinstance(sub, str | int) and not isinstance(sub, bool) and str(sub) else None


def digest(claims: str) -> str:
    """What is kept of claims, to tell whether they are the ones that were given out: how long they are,
    and a hash."""
    return f"{len(claims)}.{hashlib.sha256(claims.encode()).hexdigest()[:32]}" if claims else ""


def _claims_before(text: str, at: int, floor: int, claims: str) -> int | None:
    """Where the claims of this digest begin if they, and a dot, stand before `at`; else None."""
    start = at - 1 - int(claims.partition(".")[0])
    if start < floor or text[at - 1] != ".":
        return None
    # Claims have one dot in them. To look for it first keeps this linear: of places in a text that pass,
    # no two are closer to each other than the longer part of the claims.
    middle = text.rfind(".", start, at - 1)
    if middle < 0 or text.rfind(".", start, middle) >= 0:
        return None
    return start if digest(text[start : at - 1]) == claims else None


def _replaced(text: str, needle: str, shown: str) -> str:
    """The text with a token replaced in it; a short one where it is a word, as it may occur by chance."""
    if len(needle) >= LEAST_INSIDE:
        return text.replace(needle, shown)
    return re.sub(rf"(?<![A-Za-z0-9_-]){re.escape(needle)}(?![A-Za-z0-9_-])", shown, text)


def _shown(claims: str, handle: str) -> str:
    return f"{claims}.{handle}" if claims else handle


def _walked(value: Any, change: Callable[[str, str], str]) -> Any:
    """The value with each string replaced by what `change` gives for the name it stands under and it, and
    each name of a member by what it gives for that."""
    root: dict[str, Any] = {"": value}
    waiting: list[tuple[str, Any]] = [("", root)]
    names = _Names(change)
    while waiting:
        around, container = waiting.pop()
        if isinstance(container, dict):
            names.rename(container)
            members: Iterable[tuple[Any, Any]] = container.items()
        else:
            members = enumerate(container)
        for key, inner in members:
            name = around if isinstance(key, int) else key
            if isinstance(inner, str):
                container[key] = change(name, inner)
            elif isinstance(inner, dict | list):
                waiting.append((name, inner))
    return root[""]


class _Names:
    """Names of members: each is looked at once in an answer, however many rows have it."""

    def __init__(self, change: Callable[[str, str], str]) -> None:
        self._change = change
        self._met: set[str] = set()
        self._changed: dict[str, str] = {}

    def rename(self, members: dict[str, Any]) -> None:
        """Change those that have to be."""
        for name in members.keys() - self._met if not members.keys() <= self._met else ():
            self._met.add(name)
            if (changed := self._change("", name)) != name:
                self._changed[name] = changed
        if not self._changed.keys().isdisjoint(members):
            renamed = [(self._changed.get(name, name), inner) for name, inner in members.items()]
            members.clear()
            members.update(renamed)
