"""crypto.subtle and scrypt as scripts see them: what they ask the server for, and what they refuse."""

# ruff: noqa: E501  (a table reads best with one case a line)

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from portico.errors import ScriptFailed
from portico.runtime.digests import Refused, done
from portico.sandbox.answer import Fields
from portico.sandbox.digest import Digest, HashData, MacData, Pbkdf2, Scrypt, read_digest
from portico.sandbox.turn import Turn
from tests.sandbox.sessions import Session
from tests.sandbox.test_random import going

TOOLS = """
  const enc = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => new Uint8Array(bytes).toHex();
  const key = (name, usages, more) => crypto.subtle.importKey("raw", enc("key"), { name, ...more }, false, usages);
  const mac = () => key("HMAC", ["sign", "verify"], { hash: "SHA-256" });
  const pbkdf2 = () => key("PBKDF2", ["deriveBits"]);
"""


def digests(turn: Turn) -> Iterator[Digest]:
    return (effect for effect in turn.effects if isinstance(effect, Digest))


def answered(asked: Digest) -> dict[str, Any]:
    """As the server answers."""
    try:
        return {"k": "result", "id": asked.id, "ok": True, "value": done(asked.work), "message": ""}
    except Refused as why:
        return {"k": "result", "id": asked.id, "ok": False, "value": None, "message": str(why)}


def said(code: str) -> list[str]:
    """What it logs, to the end of all that it waits for; an error of it by name and message."""
    whole = f"{TOOLS} try {{ {code} }} catch (e) {{ console.log(e.name + ': ' + e.message) }}"
    session = Session(going(whole))
    turn = session.event()
    while asked := list(digests(turn)):
        turn = session.turn(*(answered(one) for one in asked))
    assert [error for turn in session.turns for error in turn.errors] == []
    return [line.text for turn in session.turns for line in turn.logs]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # FIPS 180-4, the message "abc" and the longer one of two blocks.
        ("hex(await crypto.subtle.digest('SHA-1', enc('abc')))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("hex(await crypto.subtle.digest({ name: 'sha-256' }, enc('abc')))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("hex(await crypto.subtle.digest('SHA-256', enc('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        # A part of a buffer, a buffer, a view that is no typed array; and what is changed afterwards has no say.
        ("hex(await crypto.subtle.digest('SHA-1', enc('xabcx').subarray(1, 4)))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("hex(await crypto.subtle.digest('SHA-1', enc('abc').slice().buffer))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("hex(await crypto.subtle.digest('SHA-1', new DataView(enc('abc').slice().buffer)))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("await (async () => { const data = enc('abc'); const made = crypto.subtle.digest('SHA-1', data); data.fill(0); return hex(await made) })()", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("(await crypto.subtle.digest('SHA-512', enc(''))) instanceof ArrayBuffer", "true"),
        # RFC 4231, test case 2.
        ("hex(await crypto.subtle.sign('HMAC', await crypto.subtle.importKey('raw', enc('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']), enc('what do ya want for nothing?')))", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("await crypto.subtle.verify('HMAC', await mac(), await crypto.subtle.sign('HMAC', await mac(), enc('a')), enc('a'))", "true"),
        ("await crypto.subtle.verify('HMAC', await mac(), await crypto.subtle.sign('HMAC', await mac(), enc('a')), enc('b'))", "false"),
        ("await crypto.subtle.verify('HMAC', await mac(), new Uint8Array(), enc('a'))", "false"),
        # RFC 7914, section 11.
        ("hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: enc('salt'), iterations: 1 }, await crypto.subtle.importKey('raw', enc('passwd'), 'PBKDF2', false, ['deriveBits', 'deriveKey']), 512))", "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"),
        ("(({ type, extractable, algorithm, usages }) => JSON.stringify([type, extractable, algorithm, usages]))(await mac())", '["secret",false,{"name":"HMAC","hash":{"name":"SHA-256"},"length":24},["sign","verify"]]'),
        # RFC 7914, section 12; lists of numbers are bytes too, as in scrypt-js.
        ("hex(await scrypt.scrypt(enc('password'), [...enc('NaCl')], 1024, 8, 16, 64))", "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
        ("await (async () => { const told = []; const made = await scrypt.scrypt(enc('a'), enc('b'), 2, 1, 1, 4, (part) => told.push(part)); return [made instanceof Uint8Array, made.length, told].join() })()", "true,4,0,1"),
    ],
)  # fmt: skip
def test_it_gives_what_it_gives_elsewhere(code: str, expected: str) -> None:
    """Vectors of the standards, and the shapes that scripts know."""
    assert said(f"console.log(String({code}))") == [expected]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("crypto.subtle.digest('MD5', enc(''))", "NotSupportedError: crypto.subtle.digest knows SHA-1, SHA-256, SHA-384, SHA-512 here, not MD5"),
        ("crypto.subtle.digest('SHA-1', 'abc')", "TypeError: crypto.subtle.digest needs an ArrayBuffer or a typed array: new TextEncoder().encode(text) makes one of a text"),
        ("crypto.subtle.digest('SHA-1', new Uint8Array((4 << 20) + 1))", "QuotaExceededError: crypto.subtle.digest: a script can have at most 4194304 bytes digested until it has waited for the server"),
        ("crypto.subtle.importKey('jwk', {}, 'PBKDF2', false, ['deriveBits'])", "NotSupportedError: crypto.subtle.importKey takes raw keys here, not jwk"),
        ("key('AES-GCM', ['encrypt'])", "NotSupportedError: crypto.subtle.importKey knows PBKDF2, HMAC here, not AES-GCM"),
        ("key('HMAC', ['deriveBits'], { hash: 'SHA-1' })", "SyntaxError: crypto.subtle.importKey: usages of a HMAC key are sign and verify"),
        ("key('HMAC', [], { hash: 'SHA-1' })", "SyntaxError: crypto.subtle.importKey: usages of a HMAC key are sign and verify"),
        ("key('HMAC', ['sign'])", "NotSupportedError: crypto.subtle.importKey knows SHA-1, SHA-256, SHA-384, SHA-512 here, not UNDEFINED"),
        ("key('HMAC', ['sign'], { hash: 'SHA-1', length: 7 })", "DataError: crypto.subtle.importKey: the key has 24 bits"),
        ("crypto.subtle.importKey('raw', new Uint8Array(), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])", "DataError: crypto.subtle.importKey: the key has 0 bits"),
        ("crypto.subtle.importKey('raw', enc('a'), 'PBKDF2', true, ['deriveBits'])", "SyntaxError: crypto.subtle.importKey: a PBKDF2 key cannot be extractable"),
        ("crypto.subtle.sign('HMAC', await pbkdf2(), enc('a'))", "InvalidAccessError: crypto.subtle.sign: this key is not one to sign with HMAC"),
        ("crypto.subtle.sign('HMAC', { ...(await mac()) }, enc('a'))", "TypeError: crypto.subtle.sign needs a key: await crypto.subtle.importKey(…)"),
        ("crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: enc(''), iterations: 1 }, await pbkdf2(), null)", "OperationError: crypto.subtle.deriveBits needs iterations, and a number of bits that is a multiple of 8"),
        ("crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: enc(''), iterations: 0 }, await pbkdf2(), 8)", "OperationError: crypto.subtle.deriveBits needs iterations, and a number of bits that is a multiple of 8"),
        ("crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: enc(''), iterations: 1e21 }, await pbkdf2(), 8)", "TypeError: crypto.subtle.deriveBits: the number of iterations must be a whole number"),
        ("crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: enc(''), iterations: 2000001 }, await pbkdf2(), 8)", "Error: PBKDF2: iterations times the blocks of the key must be from 1 to 2000000"),
        ("crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: enc('') }, await pbkdf2(), 8)", "NotSupportedError: crypto.subtle.deriveBits knows PBKDF2 here, not HKDF"),
        ("crypto.subtle.encrypt({ name: 'AES-GCM' })", "NotSupportedError: crypto.subtle.encrypt is not provided here: CryptoJS.AES encrypts and decrypts"),
        ("crypto.subtle.deriveKey()", "NotSupportedError: crypto.subtle.deriveKey is not provided here: deriveBits gives the bytes, and importKey makes a key of them"),
        ("scrypt.scrypt('a', enc('b'), 2, 1, 1, 4)", "TypeError: scrypt.scrypt: the password must be bytes: new TextEncoder().encode(text) makes them of a text"),
        ("scrypt.scrypt(enc('a'), [256], 2, 1, 1, 4)", "TypeError: scrypt.scrypt: the salt must be bytes: new TextEncoder().encode(text) makes them of a text"),
        ("scrypt.scrypt(enc('a'), enc('b'), 2.5, 1, 1, 4)", "TypeError: scrypt.scrypt: N must be a whole number from 1"),
        ("scrypt.scrypt(enc('a'), enc('b'), 3, 1, 1, 4)", "Error: scrypt: N must be a power of 2, and at least 2"),
        ("scrypt.scrypt(enc('a'), enc('b'), 2 ** 20, 8, 1, 4)", "Error: scrypt: at most 64 MiB of memory (128 * N * r), and 2097152 for N * r * p"),
        ("scrypt.syncScrypt(enc('a'), enc('b'), 2, 1, 1, 4)", "TypeError: scrypt.syncScrypt would take seconds here: write await scrypt.scrypt(…)"),
    ],
)  # fmt: skip
def test_what_it_does_not_do_it_says(code: str, error: str) -> None:
    """Each with the name that the API gives it, as a rejection; nothing of it ends the page."""
    assert said(f"await ({code}); console.log('done')") == [error]


def test_what_a_turn_sends_is_counted_together() -> None:
    """Not each call alone; once the server has answered, it counts anew."""
    half = "crypto.subtle.digest('SHA-1', new Uint8Array(3 << 20))"
    both = "(await Promise.allSettled(['', ''].map(() => " + half + "))).map((one) => one.status).join()"
    assert said(f"console.log({both}); await {half}; console.log('again')") == ["fulfilled,rejected", "again"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CryptoJS.PBKDF2('password', 'salt', { iterations: 2, hasher: CryptoJS.algo.SHA1, keySize: 5 })", "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
        ("CryptoJS.PBKDF2('a', 'b', { iterations: 1200, hasher: CryptoJS.algo.SHA1, keySize: 5 }).sigBytes", "20"),
        ("CryptoJS.PBKDF2('a', 'b')", 'RangeError: CryptoJS.PBKDF2 with 250000 iterations would take too long here (1200 of SHA256 do not): write await crypto.subtle.deriveBits({ name: "PBKDF2", … }, key, bits), with a key of crypto.subtle.importKey'),
        ("CryptoJS.algo.PBKDF2.create({ iterations: 601, hasher: CryptoJS.algo.SHA512 }).compute('a', 'b')", 'RangeError: CryptoJS.PBKDF2 with 601 iterations would take too long here (600 of SHA512 do not): write await crypto.subtle.deriveBits({ name: "PBKDF2", … }, key, bits), with a key of crypto.subtle.importKey'),
        ("CryptoJS.PBKDF2('a', 'b', { iterations: 601, keySize: 16 })", 'RangeError: CryptoJS.PBKDF2 with 601 iterations would take too long here (1200 of SHA256 do not): write await crypto.subtle.deriveBits({ name: "PBKDF2", … }, key, bits), with a key of crypto.subtle.importKey'),
        ("CryptoJS.SHA256('a'.repeat(400001))", 'RangeError: CryptoJS.SHA256 of more than 400000 bytes would take too long here: write await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)), or sign for an HMAC'),
        ("CryptoJS.HmacSHA512('a'.repeat(200001), 'key')", 'RangeError: CryptoJS.SHA512 of more than 200000 bytes would take too long here: write await crypto.subtle.digest("SHA-512", new TextEncoder().encode(text)), or sign for an HMAC'),
        ("CryptoJS.SHA3('a'.repeat(50001))", "RangeError: CryptoJS.SHA3 of more than 50000 bytes would take too long here: the server has SHA-1, SHA-256, SHA-384 and SHA-512, by await crypto.subtle.digest(…)"),
        ("(() => { const made = CryptoJS.algo.MD5.create(); for (let i = 0; i < 9; i++) made.update('a'.repeat(50000)); return made.finalize() })()", "RangeError: CryptoJS.MD5 of more than 400000 bytes would take too long here: the server has SHA-1, SHA-256, SHA-384 and SHA-512, by await crypto.subtle.digest(…)"),
        ("CryptoJS.SHA224(CryptoJS.lib.WordArray.create(Array(100001).fill(0)))", "RangeError: CryptoJS.SHA224 of more than 400000 bytes would take too long here: the server has SHA-1, SHA-256, SHA-384 and SHA-512, by await crypto.subtle.digest(…)"),
        ("CryptoJS.SHA256('a'.repeat(60000))", "956efae2219533b44d328242c6083c0eee503625290fc829cef07ecea6e07c23"),
    ],
)  # fmt: skip
def test_crypto_js_says_what_would_take_too_long(code: str, expected: str) -> None:
    """RFC 6070 in between: what is short is done as before."""
    assert said(f"console.log(String({code}))") == [expected]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("[...new TextEncoder().encode('aé€😀')]", "97,195,169,226,130,172,240,159,152,128"),
        ("[...new TextEncoder().encode('\\ud800x')]", "239,191,189,120"),
        ("[...new TextEncoder().encode()]", ""),
        ("JSON.stringify(new TextEncoder().encodeInto('a€b', new Uint8Array(4)))", '{"read":2,"written":4}'),
        ("JSON.stringify(new TextEncoder().encodeInto('a😀', new Uint8Array(4)))", '{"read":1,"written":1}'),
        ("new TextDecoder().decode(Uint8Array.of(97, 195, 169, 226, 130, 172, 240, 159, 152, 128))", "aé€😀"),
        ("new TextDecoder('UTF8').decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97))", "a"),
        ("escape(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97)))", "%uFEFFa"),
        # The Encoding Standard, "maximal subpart": as Node.js and the browsers have it.
        ("escape(new TextDecoder().decode(Uint8Array.of(0xe2, 0x82, 0x41, 0xed, 0xa0, 0x80, 0xc0, 0x80)))", "%uFFFDA%uFFFD%uFFFD%uFFFD%uFFFD%uFFFD"),
        ("escape(new TextDecoder().decode(Uint8Array.of(0xf0, 0x9f, 0x98)))", "%uFFFD"),
        ("escape(new TextDecoder().decode(Uint8Array.of(0xf4, 0x90, 0x80, 0x80)))", "%uFFFD%uFFFD%uFFFD%uFFFD"),
        ("new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff))", "TypeError: TextDecoder.decode: these bytes are not UTF-8"),
        ("new TextDecoder('latin1')", "RangeError: TextDecoder knows utf-8 alone, not latin1"),
        ("new TextDecoder().decode(new Uint8Array(1), { stream: true })", "TypeError: TextDecoder.decode takes all bytes at once: there is no stream here"),
    ],
)  # fmt: skip
def test_texts_and_bytes(code: str, expected: str) -> None:
    """`TextEncoder` and `TextDecoder`, without which nobody has bytes to digest."""
    assert said(f"console.log(String({code}))") == [expected]


def test_bytes_that_are_no_text_are_read_as_python_reads_them() -> None:
    """Python's decoder replaces what the Encoding Standard replaces. Bytes that nearly are UTF-8 tell most."""
    some = random.Random(36)
    kinds = [
        0x41,
        0x80,
        0xBF,
        0xC1,
        0xC3,
        0xE0,
        0xA0,
        0x9F,
        0xE2,
        0x82,
        0xED,
        0xEF,
        0xBB,
        0xF0,
        0x90,
        0xF4,
        0x8F,
        0xF5,
    ]
    cases = [bytes(some.choices(kinds, k=some.randrange(1, 9))) for _ in range(3000)]
    code = f"""
      const decoder = new TextDecoder("utf-8", {{ ignoreBOM: true }}), strict = new TextDecoder("utf-8", {{ ignoreBOM: true, fatal: true }});
      const strictly = (bytes) => {{ try {{ return strict.decode(bytes) }} catch {{ return null }} }};
      const made = {json.dumps([case.hex() for case in cases])}.map((hex) => [decoder.decode(Uint8Array.fromHex(hex)), strictly(Uint8Array.fromHex(hex))]);
      for (let at = 0; at < made.length; at += 50) console.log(JSON.stringify(made.slice(at, at + 50)));
    """
    found = [tuple(pair) for line in said(code) for pair in json.loads(line)]
    assert found == [(case.decode("utf-8", "replace"), _strictly(case)) for case in cases]


def _strictly(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


ASKED: Mapping[str, Mapping[str, Any]] = {
    "hash": {"hash": "SHA-1", "data": "YWJj"},
    "mac": {"hash": "SHA-1", "key": "YWJj", "data": "", "signature": "YWJj"},
    "pbkdf2": {"hash": "SHA-1", "password": "YQ==", "salt": "Yg==", "iterations": 1, "length": 20},
    "scrypt": {"password": "YQ==", "salt": "Yg==", "N": 2, "r": 1, "p": 1, "dkLen": 4},
}


def asked(act: str, **changes: Any) -> Digest:
    fields = {"id": "g1.1", "act": act, **ASKED[act], **changes}
    return read_digest(Fields(json.loads(json.dumps(fields))), "e1")


def test_what_a_worker_asks_for_is_read() -> None:
    """Control for the next test: nothing is wrong with these."""
    assert asked("hash").work == HashData(hash="SHA-1", data=b"abc")
    assert asked("mac").work == MacData(hash="SHA-1", key=b"abc", data=b"", signature=b"abc")
    assert asked("pbkdf2").work == Pbkdf2(hash="SHA-1", password=b"a", salt=b"b", iterations=1, length=20)
    assert asked("scrypt").work == Scrypt(password=b"a", salt=b"b", n=2, r=1, p=1, length=4)


@pytest.mark.parametrize(
    ("act", "changes"),
    [
        ("hash", {"hash": "MD5"}),
        ("hash", {"data": "no base64!"}),
        ("hash", {"data": None}),
        ("mac", {"signature": "YWJ"}),
        ("pbkdf2", {"iterations": -1}),
        ("pbkdf2", {"length": 2.5}),
        ("scrypt", {"N": "2"}),
    ],
)
def test_a_worker_that_asks_for_anything_else_is_not_believed(act: str, changes: dict[str, Any]) -> None:
    """It may have been taken over by a script."""
    with pytest.raises(ScriptFailed):
        asked(act, **changes)


def test_nor_one_that_asks_for_work_of_another_kind() -> None:
    """There are these and no others."""
    with pytest.raises(ScriptFailed):
        read_digest(Fields({"id": "g1.1", "act": "md5", **ASKED["hash"]}), "e1")


def test_nothing_that_is_asked_for_shows_in_a_log() -> None:
    """Passwords, keys and data stay out of the text of an effect."""
    for act in ASKED:
        text = repr(asked(act).work)
        assert "b'" not in text
