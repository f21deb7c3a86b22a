"""Random numbers in scripts: given by the server, to each turn its own, and every byte once."""

# ruff: noqa: E501  (a table reads best with one case a line)

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

import pytest

from portico.errors import WorkerLost
from portico.model.program import Library, Needs, Program
from portico.sandbox import engine
from portico.sandbox import pool as pools
from portico.sandbox.limits import Limits
from portico.sandbox.pool import Pool
from portico.sandbox.process import WorkerProcess
from portico.sandbox.wire import Op
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import NOW, Session, request

ALL = Needs(libraries=get_args(Library), zones=True)
PER_TURN = Limits().random
DRAW = "console.log(crypto.getRandomValues(new Uint8Array(4096)).toHex())"
EVENT = {"k": "event", "ev": "e1", "w": "Go", "p": "onClick"}


def with_all(program: Program) -> Program:
    return replace(program, needs=ALL)


def going(code: str) -> Program:
    """A page with a button that runs this."""
    return with_all(page(Widget("Go", on={"onClick": code})))


def said(code: str) -> list[str]:
    """What the button's code logs."""
    turn = Session(going(code)).event()
    assert turn.errors == ()
    return [line.text for line in turn.logs]


def repeated(drawn: Iterable[str]) -> set[str]:
    """Runs of eight bytes that stand in more than one place of what was drawn."""
    found: set[str] = set()
    seen: set[str] = set()
    for text in drawn:
        for piece in re.findall("." * 16, text):
            (found if piece in seen else seen).add(piece)
    return found


async def drawn() -> list[str]:
    """What three contexts of one worker draw in their first turns and in two events each, one after another."""
    program = with_all(
        page(
            Widget("Go", on={"onClick": DRAW}),
            scripts={"S": f"export default {{ first: {DRAW} }}"},
        )
    )
    texts = []
    async with Pool() as pool:
        contexts = []
        for _ in range(3):
            context, turn = await pool.open("app", program, [], NOW)
            contexts.append(context)
            texts += [line.text for line in turn.logs]
        for context in contexts * 2:
            texts += [line.text for line in (await context.turn([EVENT], NOW)).logs]
    return texts


async def test_no_two_turns_and_no_two_visits_draw_the_same() -> None:
    """Of one app, in one worker, with one program."""
    texts = await drawn()
    assert [len(text) for text in texts] == [4000] * 9
    assert repeated(texts) == set()


async def test_control_the_same_bytes_twice_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives every turn the same bytes is found out."""
    monkeypatch.setattr(secrets, "token_bytes", lambda count: bytes(range(256)) * (count // 256))
    assert repeated(await drawn()) != set()


async def test_a_context_that_is_opened_again_elsewhere_is_given_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a worker is lost before its answer, what it was given is given to nobody else."""
    sent: list[str] = []
    ask = WorkerProcess.ask

    async def lossy(self: WorkerProcess, op: Op, number: int, body: str) -> str:
        if op is not Op.OPEN:
            return await ask(self, op, number, body)
        sent.append(body)
        if len(sent) == 1:
            raise WorkerLost("gone")
        return await ask(self, op, number, body)

    monkeypatch.setattr(WorkerProcess, "ask", lossy)
    async with Pool() as pool:
        await pool.open("app", going(DRAW), [], NOW)
    first, second = (re.findall(r'"random": "([^"]+)"', body) for body in sent)
    assert len(first) == len(second) == 1
    assert first != second


def test_only_programs_that_may_want_some_are_given_any() -> None:
    """A page that names nothing of the kind costs nothing."""
    session = Session(page(Widget("Go", on={"onClick": "console.log(typeof crypto)"})))
    assert [line.text for line in session.event().logs] == ["undefined"]
    assert '"random"' not in pools.message([], NOW, Limits())


IN_PIECES = f"""
      const pieces = [];
      for (let left = {PER_TURN}; left > 0; ) {{
        const size = Math.min(left, 8 + pieces.length);
        pieces.push(crypto.getRandomValues(new Uint8Array(size)).toHex());
        left -= size;
      }}
      for (let at = 0; at < pieces.length; at++) console.log(pieces[at]);
"""


def test_control_bytes_that_are_dealt_twice_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that does not count what it deals is found out by the next test."""
    whole = engine.runtime

    def forgetful(**parts: bool) -> tuple[str, int]:
        source, lines = whole(**parts)
        assert source.count("used += count;") == 1
        return source.replace("used += count;", ""), lines

    monkeypatch.setattr(engine, "runtime", forgetful)
    turn = Session(going(IN_PIECES), limits=Limits(logs=500)).event()
    assert repeated(line.text for line in turn.logs) != set()


def test_every_byte_is_dealt_once_and_what_is_used_up_is_refused() -> None:
    """In pieces of any size, by all who draw; and the next turn has its own."""
    code = f"""{IN_PIECES}
      for (const draw of [() => crypto.randomUUID(), () => uuid.v4(), () => CryptoJS.lib.WordArray.random(1), () => crypto.getRandomValues(new Int16Array(1))]) {{
        try {{ draw(); throw new Error("drawn") }} catch (e) {{ console.log(e.name + " " + e.message.split(";")[0]) }}
      }}
    """
    session = Session(going(code), limits=Limits(logs=500))
    first, second = (session.event() for _ in range(2))
    assert first.errors == second.errors == ()
    texts = [[line.text for line in turn.logs] for turn in (first, second)]
    assert sum(len(text) for text in texts[0][:-4]) == 2 * PER_TURN
    assert repeated(texts[0][:-4] + texts[1][:-4]) == set()
    left = f"of the {PER_TURN} random bytes that a script gets until it has waited for the server, 0 are left"
    assert texts[0][-4:] == [
        f"QuotaExceededError crypto.randomUUID: {left}",
        f"QuotaExceededError crypto.getRandomValues: {left}",
        f"QuotaExceededError a random salt of CryptoJS: {left}",
        f"QuotaExceededError crypto.getRandomValues: {left}",
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("crypto.getRandomValues(new Uint32Array(0)).length", "0"),
        ("crypto.getRandomValues(new BigInt64Array(2)).length", "2"),
        ("[...crypto.getRandomValues(new Uint8Array(32).subarray(8, 8))].length", "0"),
        (
            "(() => { const all = new Uint8Array(32); crypto.getRandomValues(all.subarray(8, 24)); return [all.slice(0, 8).every((b) => b === 0), all.slice(8, 24).some((b) => b), all.slice(24).every((b) => b === 0)].join() })()",
            "true,true,true",
        ),
        ("((array) => crypto.getRandomValues(array) === array)(new Int8Array(1))", "true"),
        (
            "(() => { try { crypto.getRandomValues(new Float64Array(1)) } catch (e) { return e.name } })()",
            "TypeMismatchError",
        ),
        (
            "(() => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return e.name + ' ' + e.message } })()",
            "QuotaExceededError crypto.getRandomValues gives at most 65536 bytes at once",
        ),
        ("uuid.version(crypto.randomUUID())", "4"),
        ("uuid.validate(uuid.v4()) && uuid.validate(uuid.v1())", "true"),
        ("uuid.version(uuid.v1())", "1"),
        # RFC 9562, A.2 and A.4 (with the name www.example.com in the name space of DNS).
        ("uuid.v3('www.example.com', uuid.v3.DNS)", "5df41881-3aed-3515-88a7-2f4a814cf09e"),
        ("uuid.v5('www.example.com', uuid.v5.DNS)", "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
        ("uuid.NIL", "00000000-0000-0000-0000-000000000000"),
        ("uuid.stringify(uuid.parse(uuid.NIL)) === uuid.NIL", "true"),
        ("CryptoJS.lib.WordArray.random(7).sigBytes", "7"),
        ("CryptoJS.AES.decrypt(CryptoJS.AES.encrypt('Zoë', 'pass').toString(), 'pass').toString(CryptoJS.enc.Utf8)", "Zoë"),
        ("CryptoJS.AES.encrypt('x', 'pass').toString() !== CryptoJS.AES.encrypt('x', 'pass').toString()", "true"),
        # `openssl enc -aes-256-cbc -md md5 -base64 -pass pass:pass`
        ("CryptoJS.AES.decrypt('U2FsdGVkX18BAgMEBQYHCFSM2K/WoPekPLO2YNkAAe4=', 'pass').toString(CryptoJS.enc.Utf8)", "Zoë and Ann"),
    ],
)  # fmt: skip
def test_what_draws_them(code: str, expected: str) -> None:
    """`crypto.getRandomValues`, `crypto.randomUUID`, `uuid` and `CryptoJS` as they are elsewhere."""
    assert said(f"console.log(String({code}))") == [expected]


def test_ids_have_the_form_of_their_version() -> None:
    """RFC 9562: version and variant stand where they have to, and the rest differs."""
    (text,) = said(
        "console.log(Array.from({ length: 200 }, (_, i) => i % 2 ? crypto.randomUUID() : uuid.v4()).join(' '))"
    )
    ids = text.split()
    assert len(set(ids)) > 100
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    # A line of a log is cut off at its end.
    assert all(form.fullmatch(found) for found in ids[:-1])


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        ("crypto.randomUUID()", "crypto.randomUUID"),
        ("uuid.v4()", "crypto.getRandomValues"),
        ("CryptoJS.AES.encrypt('x', 'pass').toString()", "a random salt of CryptoJS"),
    ],
)
def test_a_binding_is_told_that_it_cannot(draw: str, named: str) -> None:
    """It is computed whenever something changes, and would be another each time."""
    session = Session(with_all(page(Widget("One", props={"p": f"{{{{ {draw} }}}}"}))))
    (error,) = session.turns[0].errors
    assert (error.owner, error.property) == ("One", "p")
    assert error.message == (
        f"{named} cannot be used in a binding, only in an event or a function that an event runs"
    )


def test_a_query_draws_when_it_runs() -> None:
    """What it sends is made once for each run: an id for a request is what this is for."""
    session = Session(
        with_all(
            page(
                Widget("Go", on={"onClick": "create.run()"}),
                queries=[Query("create", headers={"Idempotency-Key": "{{ crypto.randomUUID() }}"})],
            )
        )
    )
    keys = [dict(request(session.event()).request.headers)["Idempotency-Key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert all(len(key) == 36 for key in keys)


def test_without_any_at_hand_it_says_so() -> None:
    """Fail closed: what nobody gave is not made up."""
    program = with_all(page(Widget("Go", on={"onClick": "console.log(uuid.v4())"})))
    session = Session(program)
    session.program = replace(program, needs=Needs())
    (error,) = session.event().errors
    assert error.message.startswith("crypto.getRandomValues: of the 0 random bytes")
