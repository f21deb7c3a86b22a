"""Pages that are the same for everybody are sent compressed to browsers that take it."""

import gzip

import httpx
import pytest

LOGIN = "/jwt-login/LoginPage"


@pytest.fixture
def plain(client: httpx.Client) -> httpx.Response:
    """The login page for a browser that takes no compression."""
    return client.get(LOGIN, headers={"Accept-Encoding": "identity"})


def raw(client: httpx.Client, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    """An answer, and its body as it was on the wire."""
    with client.stream("GET", LOGIN, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


def test_the_compressed_page_is_the_page(client: httpx.Client, plain: httpx.Response) -> None:
    """Both forms hold the same bytes, and caches are told that there are two."""
    answer, body = raw(client, {"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(body) == plain.content
    assert len(body) < len(plain.content) / 2
    assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_each_form_has_its_own_tag(client: httpx.Client, plain: httpx.Response) -> None:
    """A strong tag names bytes (RFC 9110, 8.8.1): that of one form does not confirm the other."""
    packed, _ = raw(client, {"Accept-Encoding": "gzip"})
    for tag, encoding, status in (
        (packed.headers["etag"], "gzip", 304),
        (plain.headers["etag"], "identity", 304),
        (packed.headers["etag"], "identity", 200),
        (plain.headers["etag"], "gzip", 200),
    ):
        answer, body = raw(client, {"Accept-Encoding": encoding, "If-None-Match": tag})
        assert answer.status_code == status
        assert bool(body) is (status == 200)


def test_pages_of_one_visitor_are_not_compressed(signed_in: httpx.Client) -> None:
    """Compression tells lengths: it stays away from pages that hold what one visitor may see."""
    answer = signed_in.get("/jwt-login/MainPage", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
