"""Slow, endless, packed and broken answers end at a limit, with one clear error (promise 40)."""

import asyncio
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat

import pytest

from portico.clock import Clock
from portico.errors import AnswerInvalid, AnswerTooLarge, CallFailed, ServiceTimeout, ServiceUnreachable
from portico.model.query import Request
from portico.runtime.http import CONNECTIONS, Client
from tests.runtime.listeners import Handler, connects, get, listening, query, read_request, resolver, source

SOON = timedelta(milliseconds=300)
LIMIT = 256 << 10
#: What a socket's buffers may swallow on both sides after the client stopped reading.
BUFFERS = 24 << 20
#: What a call may hold, the server's own buffers in the same process included.
GROWTH = 4 << 20
HEAD = b"HTTP/1.1 200 OK\r\n"


def pack(data: bytes) -> bytes:
    """One gzip member."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return packer.compress(data) + packer.flush()


def answer(body: bytes, *headers: str) -> bytes:
    """A complete answer."""
    lines = [*headers, f"Content-Length: {len(body)}", "Connection: close"]
    return HEAD + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Sender:
    """A server that sends parts until nobody takes them any more, and counts what was taken."""

    def __init__(self, parts: Callable[[], Iterator[bytes]], pause: float = 0) -> None:
        self.sent = 0
        self._parts = parts
        self._pause = pause

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send."""
        await read_request(reader)
        for part in self._parts():
            writer.write(part)
            await writer.drain()
            self.sent += len(part)
            await asyncio.sleep(self._pause)


def endless(head: bytes, part: bytes) -> Callable[[], Iterator[bytes]]:
    """`head`, and then `part` for ever."""
    return lambda: chain([head], repeat(part))


@dataclass(slots=True)
class Growth:
    """Bytes that Python held at the worst moment, above those it held before."""

    peak: int = 0


@contextmanager
def grown() -> Iterator[Growth]:
    """Measure the growth of a block."""
    growth = Growth()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield growth
        growth.peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read, and say nothing."""
    await reader.read()


SLOW: dict[str, Handler] = {
    "says nothing": never,
    "a byte of header at a time": Sender(lambda: (bytes([byte]) for byte in HEAD * 100), pause=0.02),
    "a byte of body at a time": Sender(endless(HEAD + b"Content-Length: 1000000\r\n\r\n", b"x"), pause=0.02),
    "a byte of a chunk at a time": Sender(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), pause=0.02
    ),
    "stops in the body": Sender(lambda: iter([HEAD + b"Content-Length: 10\r\n\r\n12345", b"" * 9]), pause=30),
    "preliminary answers for ever": Sender(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), pause=0.001),
}


@pytest.mark.parametrize("name", SLOW)
async def test_a_slow_answer_ends_in_time(name: str) -> None:
    """The limit covers the whole call, however steadily something comes."""
    async with listening(SLOW[name]) as server, Client(clock=Clock()) as client:
        with pytest.raises(ServiceTimeout):
            await get(client, source(server.url, timeout=SOON))


async def test_the_querys_own_timeout_wins() -> None:
    """A query may be more or less patient than its datasource."""
    async with listening(never) as server, Client(clock=Clock()) as client:
        with pytest.raises(ServiceTimeout):
            await client.send(source(server.url), query(timeout=SOON), Request(path="/"))
    async with listening() as server, Client(clock=Clock()) as client:
        datasource = source(server.url, timeout=timedelta(microseconds=1))
        patient = await client.send(datasource, query(timeout=timedelta(seconds=20)), Request(path="/"))
        assert patient.status == 200


async def test_a_connection_that_is_not_accepted_ends_in_time() -> None:
    """A full backlog leaves the handshake unanswered."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        async with Client(clock=Clock()) as client:
            with pytest.raises(ServiceTimeout):
                await get(client, source(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=SOON))


async def test_a_name_that_is_not_resolved_ends_in_time() -> None:
    """The name server's silence counts too."""

    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    async with Client(clock=Clock(), resolve=silent) as client:
        with pytest.raises(ServiceTimeout):
            await get(client, source("http://slow.example", timeout=SOON))


async def test_a_slow_datasource_holds_up_no_other() -> None:
    """One datasource with all its connections taken leaves the others theirs."""
    full = asyncio.Event()

    async def fill(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if slow.connections >= CONNECTIONS:
            full.set()
        await reader.read()

    async with listening(fill) as slow, listening() as quick, Client(clock=Clock()) as client:
        stuck = source(slow.url, timeout=timedelta(seconds=60))
        calls = [asyncio.create_task(get(client, stuck)) for _ in range(CONNECTIONS + 5)]
        await full.wait()
        assert (await get(client, source(quick.url))).status == 200
        with pytest.raises(ServiceTimeout):
            await client.send(stuck, query(timeout=SOON), Request(path="/"))
        assert slow.connections == CONNECTIONS
        for call in calls:
            call.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError)
            for end in await asyncio.gather(*calls, return_exceptions=True)
        )


BOMB = pack(bytes(64 << 20))
ENDLESS: dict[str, Sender] = {
    "body without length": Sender(endless(HEAD + b"\r\n", bytes(65536))),
    "body of ten gigabytes": Sender(endless(HEAD + b"Content-Length: 10737418240\r\n\r\n", bytes(65536))),
    "chunks": Sender(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(65536) + b"\r\n")
    ),
    "gzip bomb": Sender(endless(HEAD + b"Content-Encoding: gzip\r\n\r\n", BOMB)),
    "gzip of nothing, again and again": Sender(
        endless(HEAD + b"Content-Encoding: gzip\r\n\r\n", pack(b"") * 1000)
    ),
    "headers": Sender(endless(HEAD, b"X-Filler: " + b"x" * 4096 + b"\r\n")),
    "one header": Sender(endless(HEAD + b"X-Filler: ", b"x" * 4096)),
    "reason": Sender(endless(b"HTTP/1.1 200 ", b"x" * 4096)),
    "trailers": Sender(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Filler: " + b"x" * 4096 + b"\r\n")
    ),
    "chunk extension": Sender(endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;x=", b"x" * 4096)),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_endless_answer_is_cut_off(name: str) -> None:
    """Nothing is read on after the limit, and no more is held than a few times the limit."""
    sender = ENDLESS[name]
    async with listening(sender) as server, Client(clock=Clock()) as client:
        with grown() as growth, pytest.raises(AnswerTooLarge):
            await get(client, source(server.url, max_bytes=LIMIT))
        assert 0 < growth.peak < GROWTH
        assert sender.sent < BUFFERS


async def test_control_the_bomb_is_one() -> None:
    """Positive control: with room for it, the same body grows a thousandfold and the meter sees it."""
    assert len(BOMB) < LIMIT
    async with listening(answer(BOMB, "Content-Encoding: gzip")) as server, Client(clock=Clock()) as client:
        with grown() as growth:
            assert len((await get(client, source(server.url, max_bytes=65 << 20))).body) == 64 << 20
        assert growth.peak > 64 << 20 > GROWTH
        with pytest.raises(AnswerTooLarge):
            await get(client, source(server.url, max_bytes=(64 << 20) - 1))


@pytest.mark.parametrize("packed", [False, True])
async def test_the_limit_itself_is_allowed(packed: bool) -> None:
    """A body of exactly the limit passes, one byte more does not."""
    body = bytes(1000)
    sent = answer(pack(body), "Content-Encoding: gzip") if packed else answer(body)
    async with listening(sent) as server, Client(clock=Clock()) as client:
        assert (await get(client, source(server.url, max_bytes=1000))).body == body
        with pytest.raises(AnswerTooLarge):
            await get(client, source(server.url, max_bytes=999))


async def test_an_answer_in_crumbs_leaves_others_their_turn() -> None:
    """A body in chunks of one byte does not keep the loop to itself."""
    crumbs = b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
    sender = Sender(lambda: iter([HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + crumbs]))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with listening(sender) as server, Client(clock=Clock()) as client:
        counting = asyncio.create_task(count())
        assert (await get(client, source(server.url))).body == b"x" * 20_000
        counting.cancel()
    assert turns >= 20_000 // 256


PACKED = pack(b"hello")
INVALID = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    "a page without head": b"<html></html>\r\n\r\n",
    "binary": bytes(range(256)),
    "HTTP/2": b"HTTP/2 200 OK\r\n\r\n",
    "status of words": b"HTTP/1.1 fine OK\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "switches protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "header without colon": HEAD + b"no colon\r\n\r\n",
    "header with a space in its name": HEAD + b"X Y: z\r\n\r\n",
    "NUL in a header": HEAD + b"X: a\x00b\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "length of words": HEAD + b"Content-Length: ten\r\n\r\n",
    "unknown transfer": HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    "bad chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
    "less than its length": HEAD + b"Content-Length: 10\r\n\r\nabc",
    "chunks without end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "gzip that is none": answer(b"hello", "Content-Encoding: gzip"),
    "gzip that ends early": answer(PACKED[:-4], "Content-Encoding: gzip"),
    "gzip with rubbish behind": answer(PACKED + b"rubbish", "Content-Encoding: gzip"),
    "gzip with a wrong sum": answer(PACKED[:-8] + bytes(8), "Content-Encoding: gzip"),
    "gzip twice": answer(pack(PACKED), "Content-Encoding: gzip, gzip"),
    "gzip twice in two lines": answer(pack(PACKED), "Content-Encoding: gzip", "Content-Encoding: gzip"),
    "brotli": answer(b"x", "Content-Encoding: br"),
    "deflate": answer(zlib.compress(b"x"), "Content-Encoding: deflate"),
}


@pytest.mark.parametrize("name", INVALID)
async def test_an_answer_that_cannot_be_read_says_so(name: str) -> None:
    """Anything but HTTP as asked for is an invalid answer."""
    sender = Sender(lambda: iter([INVALID[name]]))
    async with listening(sender) as server, Client(clock=Clock()) as client:
        with pytest.raises(AnswerInvalid):
            await get(client, source(server.url))


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (answer(PACKED, "Content-Encoding: gzip"), b"hello"),
        (answer(PACKED, "Content-Encoding: GZIP"), b"hello"),
        (answer(PACKED, "Content-Encoding: x-gzip"), b"hello"),
        (answer(PACKED + PACKED, "Content-Encoding: gzip"), b"hellohello"),
        (answer(b"hello", "Content-Encoding: identity"), b"hello"),
        (answer(b"hello", "Content-Encoding: "), b"hello"),
        (answer(b"", "Content-Encoding: gzip"), b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n", b"abcde"),
        (HEAD + b"Connection: close\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + answer(b"x"), b"x"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", b"old"),
    ],
)
async def test_answers_that_look_odd_are_read(sent: bytes, body: bytes) -> None:
    """What HTTP allows is not refused."""
    async with listening(Sender(lambda: iter([sent]))) as server, Client(clock=Clock()) as client:
        assert (await get(client, source(server.url))).body == body


async def test_a_server_that_hangs_up_is_unreachable() -> None:
    """No connection, or one that ends before an answer began."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"X: y")

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.transport.abort()

    async with Client(clock=Clock()) as client:
        for handler in (hang_up, begin, reset):
            async with listening(handler) as server:
                with pytest.raises(ServiceUnreachable):
                    await get(client, source(server.url))
                assert server.connections == 1
        async with listening() as gone:
            pass
        with connects() as seen, pytest.raises(ServiceUnreachable):
            await get(client, source(gone.url))
        assert len(seen) == 1


async def test_after_each_failure_the_client_works_on() -> None:
    """A failed call takes its connection along and nothing else."""
    async with Client(clock=Clock()) as client, listening() as good:
        for sender in (
            ENDLESS["chunks"],
            ENDLESS["headers"],
            Sender(lambda: iter([INVALID["bad chunk"]])),
            never,
        ):
            async with listening(sender) as bad:
                for _ in range(3):
                    with pytest.raises(CallFailed):
                        await get(client, source(bad.url, timeout=SOON, max_bytes=LIMIT))
            assert (await get(client, source(good.url))).text == "ok"


async def test_a_cancelled_call_closes_its_connection() -> None:
    """Nobody waits for an answer that nobody wants."""
    begun, closed = asyncio.Event(), asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"Content-Length: 100\r\n\r\nabc")
        begun.set()
        await reader.read()
        closed.set()

    async with listening(watch) as server, Client(clock=Clock(), resolve=resolver({})) as client:
        call = asyncio.create_task(get(client, source(server.url)))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(closed.wait(), 10)
