"""Who answers over TLS is who was asked (promise 39)."""

import asyncio
import ssl
import warnings
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from portico.clock import Clock
from portico.errors import ServiceTimeout, ServiceUnreachable
from portico.runtime.http import Client
from tests.runtime.listeners import get, listening, resolver, source

NAMES = {"api.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]}


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's side with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def reaches(context: ssl.SSLContext, trusted: trustme.CA | None, host: str = "api.example") -> bool:
    """Whether our client gets an answer; if it does not, the server has seen no request either."""
    pem = trusted.cert_pem.bytes().decode() if trusted else None
    async with (
        listening(tls=context) as server,
        Client(clock=Clock(), resolve=resolver(NAMES), extra_ca=pem) as client,
    ):
        try:
            answer = await get(client, source(f"https://{host}:{server.port}"))
        except ServiceUnreachable:
            assert server.requests == []
            return False
        return answer.text == "ok"


async def test_a_good_certificate_connects() -> None:
    """The name asked for is what the certificate is checked against, not the address connected to."""
    authority = trustme.CA()
    assert await reaches(server_context(authority.issue_cert("api.example")), authority)
    assert await reaches(server_context(authority.issue_cert("127.0.0.1")), authority, host="127.0.0.1")


async def test_any_other_certificate_does_not() -> None:
    """Wrong name, wrong time, unknown authority, the address in place of the name."""
    authority, now = trustme.CA(), datetime.now(UTC)
    good = authority.issue_cert("api.example")
    expired = authority.issue_cert("api.example", not_before=now - timedelta(9), not_after=now - timedelta(1))
    early = authority.issue_cert("api.example", not_before=now + timedelta(1), not_after=now + timedelta(9))
    assert not await reaches(server_context(good), authority, host="other.example")
    assert not await reaches(server_context(good), authority, host="127.0.0.1")
    assert not await reaches(server_context(authority.issue_cert("127.0.0.1")), authority)
    assert not await reaches(server_context(authority.issue_cert("*.api.example")), authority)
    assert not await reaches(server_context(expired), authority)
    assert not await reaches(server_context(early), authority)
    assert not await reaches(server_context(good), trustme.CA())
    assert not await reaches(server_context(good), None)
    assert not await reaches(server_context(trustme.CA().issue_cert("api.example")), authority)


@pytest.mark.parametrize(
    ("version", "reached"),
    [
        (ssl.TLSVersion.TLSv1, False),
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
async def test_old_tls_is_refused(version: ssl.TLSVersion, reached: bool) -> None:
    """TLS 1.2 at least."""
    authority = trustme.CA()
    context = server_context(authority.issue_cert("api.example"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    assert await reaches(context, authority) is reached


async def test_http_and_https_are_not_mixed_up() -> None:
    """A plain answer to a TLS greeting, and TLS where plain HTTP was asked for, are no answers."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    authority = trustme.CA()
    async with Client(clock=Clock(), extra_ca=authority.cert_pem.bytes().decode()) as client:
        async with listening(speak) as plain:
            with pytest.raises(ServiceUnreachable):
                await get(client, source(f"https://127.0.0.1:{plain.port}"))
        async with listening(tls=server_context(authority.issue_cert("127.0.0.1"))) as sealed:
            with pytest.raises(ServiceUnreachable):
                await get(client, source(f"http://127.0.0.1:{sealed.port}"))


async def test_a_handshake_that_is_given_up_closes_its_connection() -> None:
    """A server that never answers the greeting does not keep a connection open."""
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        closed.set()

    async with listening(silent) as server, Client(clock=Clock()) as client:
        with pytest.raises(ServiceTimeout):
            await get(client, source(f"https://127.0.0.1:{server.port}", timeout=timedelta(seconds=0.3)))
        await asyncio.wait_for(closed.wait(), 10)
