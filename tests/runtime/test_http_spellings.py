"""No spelling of a host reaches a private address (promise 34)."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from portico.clock import Clock
from portico.errors import DestinationRefused
from portico.runtime.http import Client
from tests.runtime.listeners import Listener, connects, get, listening, resolver, source

#: Ways to write 127.0.0.1 that some URL library or libc understands.
LOOPBACK = (
    "127.0.0.1", "127.1", "127.0.1", "127.0.0.2", "127.127.127.127", "127.255.255.254", "2130706433",
    "0x7f000001", "0X7F000001", "0x7f.1", "0x7f.0.1", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0x0000007f.0.0.1",
    "017700000001", "0177.1", "0177.0.1", "0177.0.0.1", "0177.0.0.01", "00000177.0.0.1", "127.0.0.01",
    "127.000.000.001", "127.0x0.0.1", "127.0x1", "0177.0x0.0.1", "127.0.0.1.", "127.1.", "2130706433.",
    "0x7f000001.", "127.0.0.1..", "0", "0.0.0.0", "0.0", "0x0", "00", "0.", "000.000.000.000",
    "localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost..",
)  # fmt: skip
V6 = (
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::]", "[::0]",
    "[::ffff:127.0.0.1]", "[::FFFF:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:7f00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[2001:0:7f00:1::]",
    "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]", "[fe80::1]", "[fe80::1%lo]", "[fe80::1%25lo]", "[::1%lo]", "[::1%25lo]",
    "[fec0::1]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[ff02::1]", "[100::1]",
    "[2001:db8::1]",
    "[127.0.0.1]", "[localhost]", "[::1", "::1", "[]", "[v1.127.0.0.1]", "[::ffff:127.1]",
)  # fmt: skip
RANGES = (
    "10.0.0.1", "10.255.255.255", "0x0a000001", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.1.254", "3232235521", "100.64.0.1", "100.127.255.255", "100.100.100.200", "168.63.129.16",
    "169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "169.16689662", "169.254.170.2", "192.0.0.1", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "256.256.256.256", "4294967296", "1.2.3.4.5",
)  # fmt: skip
METADATA = (
    "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "100.100.100.200", "168.63.129.16",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]",
    "[fd20:ce::254]",
)  # fmt: skip
LOOKALIKES = (
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "١٢٧.٠.٠.١", "१२७.०.०.१",
    "𝟙𝟚𝟟.𝟘.𝟘.𝟙", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "localhoſt", "ｌｏｃａｌｈｏｓｔ", "loc\u00adalhost", "local\u200bhost",
    "0ⅹ7f.1",
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "%6cocalhost", "local%68ost", "127.0.0.1%00.example.com",
    "%5b::1%5d", "%E2%91%A0", "good.example@127.0.0.1", "127.0.0.1#@good.example", "127.0.0.1?@good.example",
    "127.0.0.1\\@good.example", "user:pw@localhost", "@127.0.0.1", "127.0.0.1:80@good.example", " 127.0.0.1",
    "127.0.0.1 ", "127.0.0.1\t", "127.0.0.1\n", "\x00127.0.0.1", "127.0.0.1\x00", "local host", "", ".", "..",
    ".localhost", "-localhost", "a" * 64 + ".example", "a." * 127 + "example", "127,0,0,1", "127.0.0.1;x",
)  # fmt: skip
#: Names, and what their owner's name server says.
NAMES = {
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "127-0-0-1.sslip.example": ["127.0.0.1"],
    "7f000001.nip.example": ["127.0.0.1"],
    "10.0.0.1.nip.example": ["10.0.0.1"],
    "app.localhost": ["127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "scoped.example": ["fe80::1%lo"],
    "scoped-public.example": ["2606:4700::1111%lo"],
    "metadata.google.internal": ["169.254.169.254"],
    "first.example": ["127.0.0.1", "93.184.216.34"],
    "last.example": ["93.184.216.34", "127.0.0.1"],
    "far.example": ["93.184.216.34"] * 9 + ["::1"],
    "any.example": ["0.0.0.0"],
    "any6.example": ["::"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "xn--tst-qla.example": ["192.168.0.1"],
    "under_score": ["172.17.0.2"],
    "no-address.example": ["not an address"],
    "short.example": ["127.1"],
}

TABLE = (*LOOPBACK, *V6, *RANGES, *LOOKALIKES, *NAMES)
LOCALS = {name: ["127.0.0.1", "::1"] for name in ("localhost", "loc\u00adalhost", "local\u200bhost")}


async def both(stack: AsyncExitStack) -> list[Listener]:
    """Listeners on one port of 127.0.0.1 and ::1."""
    four = await stack.enter_async_context(listening())
    six = await stack.enter_async_context(listening(host="::1", port=four.port))
    return [four, six]


def test_the_table_is_long() -> None:
    """At least 120 spellings, none twice."""
    assert len(set(TABLE)) == len(TABLE) >= 120


async def test_no_spelling_reaches_a_private_address() -> None:
    """Each is refused, and nothing is connected, on any of this machine's addresses or elsewhere."""
    async with AsyncExitStack() as stack:
        listeners = await both(stack)
        client = await stack.enter_async_context(Client(clock=Clock(), resolve=resolver({**LOCALS, **NAMES})))
        with connects() as seen:
            for host in TABLE:
                datasource = source(f"http://{host}:{listeners[0].port}/", allow_private=False)
                with pytest.raises(DestinationRefused):
                    await get(client, datasource)
        assert seen == []
        assert [listener.connections for listener in listeners] == [0, 0]


@pytest.mark.parametrize("host", METADATA)
async def test_metadata_stays_closed_with_allow_private(host: str) -> None:
    """What a datasource may open does not include the places with credentials."""
    async with Client(clock=Clock()) as client:
        with connects() as seen, pytest.raises(DestinationRefused):
            await get(client, source(f"http://{host}/"))
        assert seen == []


@pytest.mark.parametrize(
    "scheme", ["file", "ftp", "gopher", "dict", "data", "jar", "unix", "ws", "http+unix", ""]
)
async def test_other_schemes_are_refused(scheme: str) -> None:
    """Only http and https (promise 37)."""
    async with Client(clock=Clock()) as client:
        with connects() as seen, pytest.raises(DestinationRefused):
            await get(client, source(f"{scheme}://127.0.0.1/etc/passwd"))
        assert seen == []


async def test_control_the_spellings_work_for_a_naive_client() -> None:
    """Positive control: many of them do reach loopback through a client that does not look, and
    the plain ones do through ours once the datasource allows it."""
    async with AsyncExitStack() as stack:
        listeners = await both(stack)
        naive = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=5))
        reached = 0
        with connects() as seen:
            for host in (*LOOPBACK, *V6[:9]):
                before = sum(listener.connections for listener in listeners)
                try:
                    await naive.get(f"http://{host}:{listeners[0].port}/")
                except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
                    await asyncio.sleep(0)
                reached += sum(listener.connections for listener in listeners) > before
        assert reached >= 15
        assert len(seen) >= reached

        client = await stack.enter_async_context(Client(clock=Clock()))
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
            assert (await get(client, source(f"http://{host}:{listeners[0].port}"))).status == 200
