"""Who we are and who asks, whatever the request claims (promise 30)."""

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from portico.cli.serving import site_for
from portico.web.site import Site, as_sent

HTTPS = Site(
    origins=("https://apps.example.com",), port=8000, proxies=(ip_network("10.0.0.0/8"), ip_network("::1"))
)


def request(peer: str, **headers: str) -> Request:
    """A GET of /app/Page?x=1 from `peer`."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/app/Page",
        "query_string": b"x=1",
        "headers": raw,
        "client": (peer, 1),
        "server": ("internal", 8000),
    }
    return Request(scope)


def test_forged_headers_of_a_stranger_change_nothing() -> None:
    """Host and forwarding headers are not believed: same origin, same address."""
    forged = request(
        "203.0.113.9", host="evil.example", x_forwarded_for="1.2.3.4", x_forwarded_host="evil.example"
    )
    assert HTTPS.origin_of(forged) == "https://apps.example.com"
    assert HTTPS.address_of(forged) == "203.0.113.9"
    assert HTTPS.url_of(forged)["fullPath"] == "https://apps.example.com/app/Page?x=1"


def test_a_named_proxy_speaks_for_its_client_only() -> None:
    """The last address that no proxy of ours added counts; what the client wrote before it does not."""
    assert (
        HTTPS.address_of(request("10.0.0.1", x_forwarded_for="6.6.6.6, 203.0.113.9, 10.0.0.2"))
        == "203.0.113.9"
    )
    assert HTTPS.address_of(request("10.0.0.1", x_forwarded_for="nonsense")) == "nonsense"
    assert HTTPS.address_of(request("10.0.0.1")) == "10.0.0.1"


def test_loopback_has_three_names() -> None:
    """On one's own machine the page is reached by any of them, and links stay with the one used."""
    site = Site.on_loopback(8000)
    assert site.origin_of(request("127.0.0.1", host="localhost:8000")) == "http://localhost:8000"
    assert site.origin_of(request("127.0.0.1", host="evil.example:8000")) == "http://127.0.0.1:8000"
    assert not site.secure


def test_url_has_every_field() -> None:
    """`appsmith.URL` as in checklist 2A."""
    url = Site.on_loopback(8000).url_of(request("127.0.0.1", host="127.0.0.1:8000"))
    assert url == {
        "protocol": "http:",
        "host": "127.0.0.1:8000",
        "hostname": "127.0.0.1",
        "port": "8000",
        "pathname": "/app/Page",
        "hash": "",
        "queryParams": {"x": "1"},
        "fullPath": "http://127.0.0.1:8000/app/Page?x=1",
    }


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://Apps.Example.com:443", "https://apps.example.com"),
        ("HTTPS://apps.example.com:8443", "https://apps.example.com:8443"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://127.0.0.1:443", "http://127.0.0.1:443"),
    ],
)
def test_an_origin_is_what_browsers_send(written: str, sent: str) -> None:
    """However it was written: else no event of such a page would count as ours."""
    assert as_sent(written) == sent
    assert site_for("127.0.0.1", 8000, written, ()).origins == (sent,)


def test_on_the_usual_port_no_origin_has_one() -> None:
    """`--port 80`."""
    assert Site.on_loopback(80).origins == ("http://127.0.0.1", "http://localhost", "http://[::1]")
