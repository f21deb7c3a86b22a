"""Sealed tokens: what they look like, what opens them, and that nothing else of a token is ever shown."""

import base64
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey

from portico.auth.handles import Handle, new_handle
from portico.auth.sealing import TOKEN_LIMIT, VALUE_LIMIT, Vault, claims_of, digest
from portico.values import Secret

KEY = OctKey.generate_key(256)
OPAQUE = "Zq3~opaque/token+with=odd.characters"
SHORT = "abcdefgh1234"


def token(**claims: Any) -> str:
    """A JWT of an auth API."""
    return jwt.encode({"alg": "HS256"}, {"sub": "u1", "role": "user", **claims}, KEY)


def session(access: str, handles: dict[str, Handle] | None = None) -> Vault:
    """A vault of a session with an access token and a name for it."""
    claims = claims_of(access)
    vault = Vault()
    named = {new_handle(claims): Handle(slot="access", claims=digest(claims))}
    vault.hold({"access": Secret(access)}, handles or named)
    return vault


# What they look like


def test_a_handle_has_44_characters_that_stand_everywhere() -> None:
    """`sealed`, the kind, 37 digits: nothing in it is encoded in URLs, JSON, cookies or base64."""
    found = {new_handle(""), *(new_handle("a.b") for _ in range(500))}
    assert len(found) == 501
    assert all(re.fullmatch(r"sealed[JO][A-Za-z0-9]{37}", handle) for handle in found)
    assert base64.b64encode(base64.b64decode(new_handle(""))).decode()[:6] == "sealed"
    # Every digit is used at every place, as it is with chance.
    assert all(len({handle[at] for handle in found}) > 30 for at in range(7, 44))


def test_of_a_jwt_header_and_payload_stay() -> None:
    """Scripts decode the claims, and libraries find that the signature does not fit."""
    real = token(name="Ada")
    shown = Vault().seal(real)
    assert shown.rpartition(".")[0] == real.rpartition(".")[0]
    payload = shown.split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["name"] == "Ada"
    assert jwt.decode(real, KEY).claims["name"] == "Ada"
    with pytest.raises(BadSignatureError):
        jwt.decode(shown, KEY)


@pytest.mark.parametrize("real", [OPAQUE, SHORT, "a" * 16384, "eyJ.no.jwt"])
def test_any_other_token_is_a_handle_alone(real: str) -> None:
    """No prefix is kept."""
    vault = Vault()
    shown = vault.seal(real)
    assert re.fullmatch(r"sealedO[A-Za-z0-9]{37}", shown)
    assert vault.opened(shown) == real


@pytest.mark.parametrize("real", [token(), OPAQUE, SHORT])
def test_the_same_token_is_the_same_text(real: str) -> None:
    """Once more or sealed already, it comes out as before; another browser calls it something else."""
    vault = Vault()
    shown = vault.seal(real)
    assert (vault.seal(real), vault.seal(shown)) == (shown, shown)
    assert Vault().seal(real) != shown


# What opens them


@pytest.mark.parametrize("around", ["{}", "Bearer {}", "a={}&b=1", '{{"t":"{}"}}', "{} {}", "x{}", "{}."])
@pytest.mark.parametrize("real", [token(), OPAQUE])
def test_they_open_wherever_they_stand(around: str, real: str) -> None:
    """As a whole, several times, and among other things."""
    vault = Vault()
    shown = vault.seal(real)
    assert vault.opened(around.format(shown, shown)) == around.format(real, real)


def test_only_the_form_that_was_given_out_opens() -> None:
    """Not a part of it, nor with other claims, nor encoded, nor another browser's."""
    real, other = token(), token(role="admin")
    vault, stranger = Vault(), Vault()
    shown, foreign = vault.seal(real), stranger.seal(real)
    header, payload, handle = shown.split(".")
    tampered = base64.urlsafe_b64encode(b'{"sub":"u1","role":"admin"}').decode().rstrip("=")
    refused = [
        handle,
        f"{payload}.{handle}",
        f"{header}.{tampered}.{handle}",
        f"{claims_of(other)}.{handle}",
        f"{header}.{payload[:-1]}.{handle}",
        f"{header[1:]}.{payload}.{handle}",
        f"{header}..{handle}",
        f"{header}.{payload} .{handle}",
        f"{header}.{payload}.{handle[:-1]}",
        f"{header}.{payload}.{handle[:-1]}{'0' if handle[-1] != '0' else '1'}",
        base64.b64encode(shown.encode()).decode(),
        foreign,
        new_handle(""),
        f"{header}.{payload}.{new_handle('x')}",
    ]
    for text in refused:
        assert vault.opened(text) == text
        assert vault.token(text) is None
    assert vault.opened(shown) == real
    found = vault.token(shown)
    assert found is not None
    assert found.reveal() == real
    assert vault.token(f" {shown}") is None
    assert vault.token(f"{shown} ") is None


def test_a_header_with_json_in_it_is_no_obstacle() -> None:
    """`eyJ` occurs inside of headers too, where they hold a key."""
    nested = "eyJhbGciOiJIUzI1NiIsImp3ayI6eyJrdHkiOiJFQyJ9fQ.eyJzdWIiOiJ1In0.c2lnbmF0dXJl"
    assert nested.index("eyJ", 3) < nested.index(".")
    vault = Vault()
    assert vault.opened(f"Bearer {vault.seal(nested)}") == f"Bearer {nested}"


# A session's own tokens


def test_every_name_stands_for_the_newest_token() -> None:
    """After a renewal old copies open the new token; what is given out shows its claims."""
    first, second = token(exp=1), token(exp=2)
    vault = session(first)
    old = vault.seal(first)
    name = new_handle("j")
    vault.hold(
        {"access": Secret(second)},
        {**vault.handles, name: Handle(slot="access", claims=digest(claims_of(second)))},
    )
    new = vault.seal(second)
    assert new == f"{claims_of(second)}.{name}"
    assert vault.opened(f"{old} {new}") == f"{second} {second}"
    assert vault.newest(old) == new
    mixed = f"{claims_of(second)}.{old.rpartition('.')[2]}"
    assert vault.opened(mixed) == mixed


def test_an_opaque_token_is_called_the_same_after_it_was_renewed() -> None:
    """Mechanics R9: it compares equal, whatever name the answer of the renewal gave it."""
    vault = session(OPAQUE)
    old = vault.seal(OPAQUE)
    name = new_handle("")
    vault.hold(
        {"access": Secret("another-" + OPAQUE)}, {**vault.handles, name: Handle(slot="access", claims="")}
    )
    assert vault.seal("another-" + OPAQUE) == old
    assert vault.newest(name) == old
    assert vault.opened(name) == vault.opened(old) == "another-" + OPAQUE


def test_what_a_page_called_it_before_is_the_sessions_name() -> None:
    """A value that signed in follows the session's token, in the very page that sealed it too."""
    first, second = token(exp=1), token(exp=2)
    vault = Vault()
    shown = vault.seal(first)
    handles = {
        name: Handle(slot="access", claims=claims) for name, claims in vault.handles_of(Secret(first)).items()
    }
    assert list(handles) == [shown.rpartition(".")[2]]
    vault.hold({"access": Secret(second)}, handles)
    assert vault.opened(shown) == second
    assert vault.values == {}
    vault.hold({}, {})
    assert vault.opened(shown) == shown


@pytest.mark.parametrize("text", ["Bearer {}", "x {}", "{} x", "{}{}"])
def test_only_a_name_alone_is_brought_up_to_date(text: str) -> None:
    """A longer text that a script stored is its own."""
    for real in (token(), OPAQUE):
        vault = session(real)
        stored = text.format(vault.seal(real), vault.seal(real))
        assert vault.newest(stored) == stored


def test_a_handle_without_its_claims_is_not_made_whole() -> None:
    """What opens nothing opens nothing after it was stored either."""
    vault = session(token())
    handle = vault.seal(token()).rpartition(".")[2]
    for text in (handle, f"eyJhbGciOiJub25lIn0.eyJhIjoxfQ.{handle}"):
        assert vault.newest(text) == text


def test_own_tokens() -> None:
    """What `auth.token` is; nothing where there is none."""
    real = token()
    assert session(real).own("refresh") is None
    assert (session(real).own("access") or "").startswith(f"{claims_of(real)}.sealedJ")


# Limits


def test_of_too_many_values_the_oldest_go() -> None:
    """64 at most, and the session's own are not among them."""
    real = token()
    vault = session(real)
    own = vault.seal(real)
    shown = [vault.seal(f"value-{at:04}-{'x' * 20}") for at in range(VALUE_LIMIT + 6)]
    assert len(vault.values) == VALUE_LIMIT
    assert [vault.opened(text) == text for text in shown] == [at < 6 for at in range(VALUE_LIMIT + 6)]
    assert vault.opened(own) == real


def test_large_values_are_bounded_together() -> None:
    """A visit's record has a limit, and takes them all; what is no token any more opens nowhere."""
    vault = Vault()
    for at in range(40):
        vault.seal(f"{at:04}" + "x" * (TOKEN_LIMIT - 4))
    assert sum(map(len, vault.values.values())) <= 192 << 10
    huge = "y" * (TOKEN_LIMIT + 1)
    shown = vault.seal(huge)
    assert huge not in shown
    assert vault.opened(shown) == shown


def test_values_are_kept_and_learned() -> None:
    """Only those that are named, for a record; all, for a visit."""
    vault = Vault()
    real, other = token(), OPAQUE
    shown, hidden = vault.seal(real), vault.seal(other)
    assert list(vault.kept(json.dumps({"deep": [f"Bearer {shown}"]})).values()) == [real]
    again = Vault()
    again.learn(vault.values)
    assert again.opened(f"{shown} {hidden}") == f"{real} {other}"
    assert again.seal(real) == shown


# Answers


def test_what_an_answer_calls_a_token_is_sealed() -> None:
    """Well-known names, in any spelling; JWTs under any name; nothing else."""
    real = token()
    named = [
        "token",
        "jwt",
        "access_token",
        "refreshToken",
        "id-token",
        "Authorization",
        "provider_refresh_token",
    ]
    vault = Vault()
    answer = vault.seal_answer(
        {
            "data": {name: f"secret-of-{name}" for name in named},
            "list": {"tokens": [real, "no token"], "token": ["opaque-1234", {"x": "y"}]},
            "anything": real,
            "scheme": f"Bearer {real}",
            "token_type": "bearer",
            "user": {"id": "u1-not-a-token-at-all", "email": "a@example.com"},
            "expires_in": 3600,
            "sentence": "a token was sent to you",
        }
    )
    assert all(answer["data"][name].startswith("sealedO") for name in named)
    assert answer["list"]["tokens"] == [answer["anything"], "no token"]
    assert answer["list"]["token"][0].startswith("sealedO")
    assert answer["list"]["token"][1] == {"x": "y"}
    assert answer["scheme"] == f"Bearer {answer['anything']}"
    assert answer["token_type"] == "bearer"
    assert answer["user"] == {"id": "u1-not-a-token-at-all", "email": "a@example.com"}
    assert (answer["expires_in"], answer["sentence"]) == (3600, "a token was sent to you")
    assert vault.opened(answer["anything"]) == real


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "Bearer {}",
        "Your token is {}.",
        "<input name=token value='{}'>",
        '{{"access_token": "{}", "x": 1}}',
        '"{{\\"token\\":\\"{}\\"}}"',
        "access_token={}&token_type=bearer",
        "sb-token={}; Path=/; HttpOnly",
        "data: {}\n\ndata: x",
    ],
)
def test_a_jwt_in_a_text_is_sealed(text: str) -> None:
    """Also where the body is no JSON, or JSON in JSON."""
    real = token()
    vault = Vault()
    shown = vault.seal_answer([text.format(real)])[0]
    assert shown == text.format(vault.seal(real))
    assert vault.opened(shown) == text.format(real)


@pytest.mark.parametrize(
    "text",
    [
        "access_token={}&scope=a%20b",
        "scope=&token_type=x&access_token={}",
        '{{"refresh_token":"{}"}}',
        '{{\\"token\\": \\"{}\\"}}',
        '{{"authorization":"Bearer {}"}}',
    ],
)
def test_an_opaque_token_in_a_text_is_sealed_by_its_name(text: str) -> None:
    """Forms, which some token endpoints answer, and JSON that an API repeats as text."""
    shown = Vault().seal_answer(text.format(SHORT))
    assert SHORT not in shown
    assert re.fullmatch(
        re.escape(text)
        .replace(r"\{\}", "sealedO[A-Za-z0-9]{37}")
        .replace(r"\{\{", r"\{")
        .replace(r"\}\}", r"\}"),
        shown,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example.com/object/sign/a.png?token={}",
        "/embed?jwt={}&x=1",
        "//x/{}/y",
        "wss://x.example.com/#{}",
    ],
)
def test_addresses_stay(address: str) -> None:
    """Signed addresses are for browsers: a JWT in one is not sealed unless it is known as a token."""
    real = token()
    vault = Vault()
    assert vault.seal_answer({"url": address.format(real)}) == {"url": address.format(real)}
    shown = vault.seal(real)
    assert vault.seal_answer({"url": address.format(real)}) == {"url": address.format(shown)}


def test_a_redirect_with_tokens_is_sealed() -> None:
    """What an implicit flow appends to the address."""
    real = token()
    vault = Vault()
    value = vault.seal_header(
        "Location", f"https://a.example.com/#access_token={real}&refresh_token={SHORT}&type=x"
    )
    assert real not in value
    assert SHORT not in value
    assert vault.opened(value) == f"https://a.example.com/#access_token={real}&refresh_token={SHORT}&type=x"


def test_a_fragment_is_decoded_before_it_is_sealed() -> None:
    """What is sent later is the token, not how the address spelled it."""
    vault = Vault()
    shown = vault.seal_header("location", "#/done?access_token=ab%2Fcd%2Bef%3D%3D&x=%20")
    assert shown.startswith("#/done?access_token=sealedO")
    assert shown.endswith("&x=%20")
    assert vault.opened(shown) == "#/done?access_token=ab/cd+ef==&x=%20"


def test_known_tokens_are_masked_everywhere() -> None:
    """As a whole always; inside of texts from 20 characters on, as words from 12; as names of members."""
    vault = Vault()
    real, shown = token(), vault.seal(token())
    short, long = vault.seal(SHORT), vault.seal(OPAQUE)
    answer = vault.mask_answer(
        {"a": SHORT, "b": f"x{SHORT}x", "c": f"x{OPAQUE}x{real}", real: [{"Basic": SHORT}]}
    )
    assert answer == {"a": short, "b": f"x{SHORT}x", "c": f"x{long}x{shown}", shown: [{"Basic": short}]}
    assert vault.mask(f"Bearer {SHORT}") == f"Bearer {short}"
    assert vault.mask(f"(It is '{SHORT}')") == f"(It is '{short}')"
    eight = vault.seal("abcd1234")
    assert (vault.mask("abcd1234"), vault.mask("it is abcd1234")) == (eight, "it is abcd1234")


def test_a_token_inside_another_is_masked_whole() -> None:
    """The longest first, or the rest of it would be left."""
    vault = Vault()
    base = "0123456789abcdefghijklmn"
    vault.seal(base)
    long = vault.seal(f"{base}-and-more")
    assert vault.mask(f"<{base}-and-more>") == f"<{long}>"


def test_another_spelling_is_masked() -> None:
    """What was sent as Basic comes back as it was written."""
    vault = Vault()
    vault.spell("dXNlcjp0b2tlbi1vZi1hLXVzZXI", "dXNlcjpzZWFsZWQ")
    assert vault.seal_answer({"headers": {"Authorization": "Basic dXNlcjp0b2tlbi1vZi1hLXVzZXI="}}) == {
        "headers": {"Authorization": "Basic dXNlcjpzZWFsZWQ="}
    }


# Work


def test_a_deep_answer_is_no_recursion() -> None:
    """10,000 levels of another server's making."""
    deep: Any = {"token": "secret-at-the-bottom"}
    for at in range(10_000):
        deep = [deep] if at % 2 else {"x": deep}
    vault = Vault()
    found = vault.mask_answer(vault.seal_answer(deep))
    for _ in range(10_000):
        found = found[0] if isinstance(found, list) else found["x"]
    assert found["token"].startswith("sealedO")


class Counted(str):
    """Text that counts how much of it is searched and cut."""

    work = 0

    def rfind(self, part: str, start: int = 0, end: int | None = None, /) -> int:  # type: ignore[override]
        found = super().rfind(part, start, len(self) if end is None else end)
        stop = len(self) if end is None else end
        Counted.work += stop - max(found, start)
        return found

    def __getitem__(self, key: Any) -> str:
        found = super().__getitem__(key)
        Counted.work += len(found)
        return found


CLAIMS = f"eyJhbGciOiJIUzI1NiJ9.eyJ{'a' * 12000}"


@pytest.mark.parametrize(
    "pattern",
    [
        "{handle}",
        ".{handle}",
        "eyJ.{handle}",
        "eyJ" + "a" * 200 + ".{handle}",
        "..{handle}",
        "eyJeyJ.eyJ.{handle}",
    ],
)
def test_opening_takes_time_in_proportion(pattern: str) -> None:
    """A text made of handles of a JWT with long claims, which are compared only where they can stand:
    of ten times the text ten times the work, and of each character a few looks at most."""
    vault = Vault()
    handle = vault.seal(f"{CLAIMS}.signature").rpartition(".")[2]
    part = pattern.format(handle=handle)
    looks = []
    for size in (100_000, 1_000_000):
        Counted.work = 0
        text = Counted(part * (size // len(part)))
        assert vault.opened(text) == text
        looks.append(Counted.work / len(text))
    assert looks[1] < 8
    assert looks[1] < 1.5 * looks[0] + 1


def test_claims_at_every_place_are_found_in_proportion() -> None:
    """The worst that can be written: the claims themselves, again and again."""
    vault = Vault()
    shown = vault.seal(f"{CLAIMS}.signature")
    text = Counted(f"{shown} " * 80)
    assert vault.opened(text) == f"{CLAIMS}.signature " * 80
    assert Counted.work / len(text) < 80 * 8


BOMBS = (
    *(
        "a",
        "eyJ",
        ".",
        "sealedO",
        "eyJa.",
        '"token":"',
        "a=b&",
        '"',
        "Bearer ",
        " ",
        '\\"token\\":\\"aaaaaaaa',
    ),
    *(
        "eyJaaaaaaaa.eyJ.",
        "eyJaaaaaaaa.eyJ",
        "/",
        "a.b.",
        '"token"' + " " * 30,
        "%2",
        "Bearer Token ",
        "a=&=&",
    ),
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_sealing_takes_time_in_proportion(bomb: str) -> None:
    """What another server may answer: of ten times the text far less than a hundred times the work."""

    def work(size: int) -> float:
        text = bomb * (size // len(bomb))
        spent = []
        for _ in range(3):
            vault = session(token())
            start = time.process_time()
            vault.seal_answer([text, {text[:1000]: text}])
            vault.seal_header("Location", f"#{text}")
            vault.mask(text)
            spent.append(time.process_time() - start)
        return min(spent)

    assert work(500_000) < 40 * max(work(50_000), 0.0005)


# Everything at once

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
SIGNATURES = st.text(LETTERS, min_size=40, max_size=60)
OPAQUES = st.text(LETTERS, min_size=24, max_size=60).map(lambda text: f"v1.{text}")
JWTS = st.tuples(st.sampled_from([claims_of(token()), claims_of(token(exp=5))]), SIGNATURES).map(".".join)


@given(
    st.lists(st.one_of(WORDS, st.tuples(st.one_of(OPAQUES, JWTS))), max_size=12),
    st.sampled_from([" ", "\n", '"']),
)
def test_sealed_and_opened_is_what_it_was(parts: list[str | tuple[str]], between: str) -> None:
    """For any mix of texts and tokens: nothing of a token's secret part is shown, and all of it returns."""
    vault = Vault()
    tokens = [part[0] for part in parts if isinstance(part, tuple)]
    for real in tokens:
        vault.seal(real)
    original = between.join(part if isinstance(part, str) else part[0] for part in parts)
    sealed = vault.mask(original)
    assert vault.opened(sealed) == original
    secret = [real.rpartition(".")[2] for real in tokens]
    for part in secret:
        assert not any(part[at : at + 8] in sealed for at in range(len(part) - 7))


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), WORDS),
        lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    )
)
def test_answers_without_tokens_stay_what_they_are(value: Any) -> None:
    """The form of an answer never changes."""
    before = json.dumps(value)
    assert json.dumps(Vault().mask_answer(json.loads(before))) == before
    vault = session(OPAQUE)
    assert json.dumps(vault.mask_answer(json.loads(before))) == before
