"""Which addresses a call may be connected to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.runtime.addresses import Address, is_local, is_own, refusal

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2003::1",
)  # fmt: skip
PRIVATE = (
    "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0", "127.0.0.1",
    "127.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "::1", "fc00::1",
    "fd12:3456::1",
)  # fmt: skip
NEVER = (
    "0.0.0.0", "0.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "fe80::1", "febf::1", "fe80::1%lo", "::1%lo", "2606:4700::1111%eth0", "ff02::1",
    "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::169.254.169.254",
    "64:ff9b::224.0.0.1",
)  # fmt: skip
SPECIAL = (
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "192.31.196.1", "192.52.193.1", "192.175.48.1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "100::1", "64:ff9b:1::1",
    "::127.0.0.1", "::8.8.8.8", "::ffff:0:7f00:1", "fec0::1", "4000::1", "5f00::1", "e000::1", "1::1",
)  # fmt: skip
INSIDE = ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    """The neighbours of every refused range are the internet."""
    assert refusal(ip_address(address), allow_private=False) is None


@pytest.mark.parametrize("address", [*PRIVATE, *INSIDE])
def test_private_addresses_need_a_word(address: str) -> None:
    """Private networks are refused until the datasource allows them."""
    assert refusal(ip_address(address), allow_private=False)
    assert refusal(ip_address(address), allow_private=True) is None


@pytest.mark.parametrize("address", [*NEVER, *SPECIAL])
def test_no_word_opens_the_rest(address: str) -> None:
    """Metadata, link-local, multicast and tunnels stay closed whatever a datasource says."""
    assert refusal(ip_address(address), allow_private=False)
    assert refusal(ip_address(address), allow_private=True)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_special(address: Address) -> None:
    """Another list of special ranges, the standard library's, agrees wherever we allow a call."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert refusal(address, allow_private=False)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0/96", "64:ff9b::/96"]))
def test_an_inner_address_is_judged_by_itself(inner: Address, prefix: str) -> None:
    """IPv6 around an IPv4 address opens nothing that the IPv4 address does not."""
    outer = IPv6Address(int(ip_network(prefix).network_address) | int(inner))
    assert refusal(outer, allow_private=False)
    assert refusal(outer, allow_private=True) == refusal(inner, allow_private=True)


def test_own_listeners_are_known_under_every_address() -> None:
    """A listener on all addresses is met on each; one with an address on that one alone."""
    loopback, other, public = IPv4Address("127.0.0.1"), IPv4Address("127.0.0.2"), IPv4Address("8.8.8.8")
    for host in ("0.0.0.0", "::", "localhost", ""):
        assert is_own(loopback, 8000, [(host, 8000)])
        assert is_own(other, 8000, [(host, 8000)])
        assert is_own(IPv6Address("::1"), 8000, [(host, 8000)])
        assert is_own(IPv6Address("::ffff:127.0.0.1"), 8000, [(host, 8000)])
        assert not is_own(loopback, 8001, [(host, 8000)])
        assert not is_own(public, 8000, [(host, 8000)])
    for host in ("127.0.0.1", "::ffff:127.0.0.1"):
        assert is_own(loopback, 8000, [("10.0.0.1", 8000), (host, 8000)])
        assert is_own(IPv6Address("::ffff:127.0.0.1"), 8000, [(host, 8000)])
        assert not is_own(other, 8000, [(host, 8000)])
    assert not is_own(loopback, 8000, [])


def test_local_addresses_are_those_one_can_bind() -> None:
    """Loopback is local, and an address of the internet is not."""
    assert is_local(ip_address("127.8.9.10"))
    assert is_local(ip_address("::1"))
    assert not is_local(ip_address("8.8.8.8"))
    assert not is_local(ip_address("2001:4860:4860::8888"))
