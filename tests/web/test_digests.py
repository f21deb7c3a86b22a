"""Passwords, tokens, keys and ids in scripts: what takes long is done by the server, not by the script engine."""

# ruff: noqa: E501  (scripts stand on one line)

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from portico.runtime import digests
from tests.web.contracts import AuthApi, House, portico
from tests.web.posts import Tab

HASH = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4, b"2a")).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwibmFtZSI6IlpvXHUwMGViIOKckyJ9.c2ln"
CASES: dict[str, tuple[str, list[str]]] = {
    "Right": (f'showAlert(String(await bcryptjs.compare("correct horse", "{HASH}")))', ["true"]),
    "Wrong": (f'showAlert(String(await bcryptjs.compare("wrong horse", "{HASH}")))', ["false"]),
    "Php": (
        f'showAlert(String(await bcryptjs.compare("correct horse", "{HASH.replace("$2a$", "$2y$")}")))',
        ["true"],
    ),
    "Accessor": (f'showAlert(String(await dcodeIO.bcrypt.compare("correct horse", "{HASH}")))', ["true"]),
    "Callback": (
        f'bcryptjs.compare("correct horse", "{HASH}", (error, same) => showAlert(String(same)))',
        ["true"],
    ),
    "Hash": (
        'const h = await bcryptjs.hash("pw", 4); showAlert(h.slice(0, 7) + h.length + String(await bcryptjs.compare("pw", h)))',
        ["$2b$04$60true"],
    ),
    "Salt": (
        'const s = await bcryptjs.genSalt(4); const h = await bcryptjs.hash("pw", s); showAlert(String(h.startsWith(s)))',
        ["true"],
    ),
    "Long": (
        'const h = await bcryptjs.hash("é".repeat(100), 4); showAlert(String(await bcryptjs.compare("é".repeat(100), h)))',
        ["true"],
    ),
    "Junk": (
        'try { await bcryptjs.compare("pw", "no hash") } catch (e) { showAlert(e.message) }',
        ["This is no hash of bcrypt, or one that would take too long."],
    ),
    "Dear": (
        f'try {{ await bcryptjs.compare("pw", "{HASH.replace("$04$", "$31$")}") }} catch (e) {{ showAlert(e.message) }}',
        ["This is no hash of bcrypt, or one that would take too long."],
    ),
    "Cost": (
        'try { await bcryptjs.hash("pw", 31) } catch (e) { showAlert(e.message) }',
        ["bcryptjs.hash: the cost must be a number from 4 to 14"],
    ),
    "Sync": (
        f'try {{ bcryptjs.compareSync("pw", "{HASH}") }} catch (e) {{ showAlert(e.message) }}',
        ["bcryptjs.compareSync would take seconds here: write await bcryptjs.compare(…)"],
    ),
    "Decode": (
        f'showAlert(JSON.stringify(jsonwebtoken.decode("{JWT}")) + jwt_decode("{JWT}").sub + jwtDecode("{JWT}", {{header: true}}).alg)',
        ['{"sub":"1","name":"Zoë ✓"}1HS256'],
    ),
    "Complete": (
        f'const d = jsonwebtoken.decode("{JWT}", {{complete: true}}); showAlert(d.header.alg + d.payload.sub + d.signature)',
        ["HS2561c2ln"],
    ),
    "Sha": (
        'showAlert(CryptoJS.SHA256("abc").toString())',
        ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ),
    "Mac": (
        'showAlert(CryptoJS.enc.Base64.stringify(CryptoJS.HmacSHA256("data", "key")))',
        ["UDH+PZicbRU3oBP6bnOdojRj/a7DtwE32Cjjas4iG9A="],
    ),
    "Aes": (
        'const k = CryptoJS.enc.Hex.parse("00112233445566778899aabbccddeeff"); const c = CryptoJS.AES.encrypt("Zoë", k, {iv: k}); showAlert(CryptoJS.AES.decrypt(c.toString(), k, {iv: k}).toString(CryptoJS.enc.Utf8))',
        ["Zoë"],
    ),
    "Passphrase": (
        'const c = CryptoJS.AES.encrypt("Zoë", "passphrase").toString(); showAlert(CryptoJS.AES.decrypt(c, "passphrase").toString(CryptoJS.enc.Utf8) + c.startsWith("U2FsdGVkX1"))',
        ["Zoëtrue"],
    ),
    "Iterations": (
        'try { CryptoJS.PBKDF2("x", "y", {iterations: 100000}) } catch (e) { showAlert(e.message) }',
        [
            'CryptoJS.PBKDF2 with 100000 iterations would take too long here (1200 of SHA256 do not): write await crypto.subtle.deriveBits({ name: "PBKDF2", … }, key, bits), with a key of crypto.subtle.importKey'
        ],
    ),
    "Length": (
        'try { CryptoJS.SHA256("x".repeat(1e6)) } catch (e) { showAlert(e.message) }',
        [
            'CryptoJS.SHA256 of more than 400000 bytes would take too long here: write await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)), or sign for an HMAC'
        ],
    ),
    # FIPS 180-4: a million times "a".
    "Million": (
        'showAlert(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a".repeat(1e6)))).toHex())',
        ["cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ),
    # RFC 6070, and what CryptoJS makes of the bytes.
    "Pbkdf2": (
        'const e = new TextEncoder(); const k = await crypto.subtle.importKey("raw", e.encode("password"), "PBKDF2", false, ["deriveBits"]); const b = await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: e.encode("salt"), iterations: 4096}, k, 160); showAlert(CryptoJS.lib.WordArray.create(b).toString())',
        ["4b007901b765489abead49d926f721d065a429c1"],
    ),
    # RFC 4231, test case 2.
    "Sign": (
        'const e = new TextEncoder(); const k = await crypto.subtle.importKey("raw", e.encode("Jefe"), {name: "HMAC", hash: "SHA-256"}, false, ["sign", "verify"]); const d = e.encode("what do ya want for nothing?"); const s = await crypto.subtle.sign("HMAC", k, d); showAlert(new Uint8Array(s).toHex().slice(0, 8) + await crypto.subtle.verify("HMAC", k, s, d) + await crypto.subtle.verify("HMAC", k, s, e.encode("more")))',
        ["5bdcc146truefalse"],
    ),
    # RFC 7914.
    "Scrypt": (
        'const e = new TextEncoder(); const b = await scrypt.scrypt(e.encode("pleaseletmein"), e.encode("SodiumChloride"), 16384, 8, 1, 64); showAlert(b.toHex().slice(0, 16))',
        ["7023bdcb3afd7348"],
    ),
    "TooDear": (
        "try { await scrypt.scrypt([], [], 2 ** 20, 8, 1, 32) } catch (e) { showAlert(e.message) }",
        ["scrypt: at most 64 MiB of memory (128 * N * r), and 2097152 for N * r * p"],
    ),
    "SyncScrypt": (
        "try { scrypt.syncScrypt([], [], 2, 8, 1, 32) } catch (e) { showAlert(e.message) }",
        ["scrypt.syncScrypt would take seconds here: write await scrypt.scrypt(…)"],
    ),
    "Ids": (
        "showAlert([uuid.version(uuid.v4()), uuid.version(uuid.v1()), uuid.validate(crypto.randomUUID()), uuid.v4() === uuid.v4(), uuid.NIL].join())",
        ["4,1,true,false,00000000-0000-0000-0000-000000000000"],
    ),
    "NoJwt": (
        'try { jwt_decode("x") } catch (e) { showAlert(e.name + ": " + e.message) }',
        ["InvalidTokenError: Invalid token specified: missing part #2"],
    ),
    "NoToken": ('showAlert(String(jsonwebtoken.decode("x")))', ["null"]),
    "Verify": (
        'try { jsonwebtoken.verify("x", "key") } catch (e) { showAlert(e.message) }',
        ["jsonwebtoken.verify needs a key, which no script has here: leave it to the auth API"],
    ),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A page with a button for each case."""
    script = (
        "export default {\n"
        + "".join(f"async {name}() {{ {code} }},\n" for name, (code, _) in CASES.items())
        + "}\n"
    )
    script = script.removesuffix("}\n") + "Id() { showAlert(crypto.randomUUID()) },\n}\n"
    page = "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n" + "".join(
        f"  - {{name: {name}, type: Button, text: {name}, onClick: '{{{{ Tools.{name}() }}}}'}}\n"
        for name in (*CASES, "Id")
    )
    page += "  - {name: SignIn, type: Button, text: In, onClick: '{{ login.run({email: Email.text}) }}'}\n"
    files = {"pages/Enter/page.yaml": page, "pages/Enter/scripts/Tools.js": script}
    with AuthApi() as api, portico(Path(tmp_path_factory.mktemp("digests")), api, files=files) as found:
        yield found


@pytest.mark.parametrize("name", CASES)
def test_libraries_for_passwords_and_tokens(name: str, house: House) -> None:
    """`CryptoJS`, `crypto`, `uuid`, `scrypt`, `bcryptjs`, `dcodeIO`, `jsonwebtoken`, `jwt_decode` and `jwtDecode` as they are elsewhere, as far as it goes."""
    answer: dict[str, Any] = Tab(house.client(), "/app/Enter").post(name)
    assert answer["alerts"] == CASES[name][1]


def test_not_all_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds too many waiting is told so, and waits for nobody."""
    monkeypatch.setattr(digests, "WAITING", 0)
    assert Tab(house.client(), "/app/Enter").post("Right")["alerts"] == [digests.BUSY]


def test_no_two_visitors_and_no_two_events_get_the_same_ids(house: House) -> None:
    """Through the whole server: pages that begin anew, and events one after another."""
    ids = []
    for _ in range(3):
        tab = Tab(house.client(), "/app/Enter")
        ids += [tab.post("Id")["alerts"][0] for _ in range(3)]
    assert all(len(found) == 36 for found in ids)
    assert len(set(ids)) == 9
