"""Which addresses may be asked (N1, N3, N5)."""

import ipaddress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch import Policy
from bot.fetch.guard import BAD_PORTS, check_url, host_of, judge, shown


@pytest.mark.parametrize(
    ("spelling", "host"),
    [
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://１２７.０.０.１/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://0/", "0.0.0.0"),
        ("http://0x/", "0.0.0.0"),
        ("http://[::FFFF:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("http://[fe80::1%25eth0]/", "fe80::1"),
        ("HTTPS://Example.ORG/", "example.org"),
        ("https://example.org./", "example.org."),
        ("https://müller.example/", "xn--mller-kva.example"),
        ("https://xn--a/", "xn--a"),
        ("https://a_b.example/", "a_b.example"),
    ],
)
def test_every_spelling_of_a_host_becomes_one_name(spelling: str, host: str) -> None:
    assert host_of(check_url(spelling)) == host


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "//example.org/",
        "http:example.org",
        "http:///path",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://example.org\\@evil.example/",
        "http://example.org/a b",
        "http://example.org/a\tb",
        "http://example.org/a\r\nHost: evil",
        " http://example.org/",
        "http://example.org/\u2028",
        "http://example.org/\u202e",
        "http://example.org/\ud800",
        "http://example.org/\x00",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://[::1/",
        "http://[not-an-address]/",
        "http://256.1.1.1/",
        "http://1.2.3.4.5/",
        "http://0x1ffffffff/",
        "http://09.1.1.1/",
        "http://a..example/",
        "http://.example/",
        "http://./",
        "http://%31%32%37.0.0.1/",
        "http://exa<mple.org/",
        f"http://{'a' * 64}.example/",
        "http://example.org/" + "a" * 4096,
    ],
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    """N5: schemes, credentials, blanks, controls, backslashes, length, hosts."""
    with pytest.raises(FetchError) as caught:
        check_url(address)
    assert caught.value.kind is FailureKind.BAD_URL
    assert caught.value.retry is Retry.NEVER
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("port", sorted(BAD_PORTS))
def test_ports_that_browsers_refuse_are_refused(port: int) -> None:
    with pytest.raises(FetchError, match=f"port {port} "):
        check_url(f"http://example.org:{port}/")


@pytest.mark.parametrize("port", [80, 81, 443, 3000, 8000, 8080, 8443, 9200, 65535])
def test_other_odd_ports_are_allowed(port: int) -> None:
    assert str(port) in str(check_url(f"https://example.org:{port}/x")) or port == 443


def test_a_password_is_never_shown() -> None:
    with pytest.raises(FetchError) as caught:
        check_url("http://user:hunter2@example.org/")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in shown("http://user:hunter2@example.org/")


def test_the_fragment_stays_here() -> None:
    assert str(check_url("https://example.org/a?b=c#d")) == "https://example.org/a?b=c"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """Nothing else is ever raised, and what is accepted stays what it is."""
    try:
        url = check_url(text)
    except FetchError:
        return
    assert isinstance(url, httpx.URL)
    assert check_url(str(url)) == url


PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.9.10", "169.254.169.254", "172.16.0.1",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "2001::1",
    "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """N1: the refusal names host, address and the setting."""
    with pytest.raises(FetchError) as caught:
        judge(address, Policy(), host="intranet.example", subject="http://intranet.example/")
    assert caught.value.kind is FailureKind.REFUSED_ADDRESS
    assert "intranet.example" in caught.value.message
    assert address in caught.value.message
    assert "allow_private" in caught.value.hint


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1", "2a00:1450::1", "64:ff9b::808:808"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    judge(address, Policy(), host="site.example", subject="")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("::ffff:10.1.2.3", "10.1.2.3/32"),
        ("fd12::1", "fd12::/16"),
        ("127.0.0.2", "127.0.0.0/8"),
        ("169.254.7.7", "169.254.7.7/32"),
        ("fe80::1", "fe80::1/128"),
        ("fe80::1%eth0", "fe80::1/128"),
    ],
)
def test_a_source_may_reach_what_it_names(address: str, allowed: str) -> None:
    """N3: CIDRs of one source."""
    judge(address, Policy(allow_private=(allowed,)), host="h", subject="")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", "192.168.0.0/16"),
        ("169.254.169.254", "169.254.0.0/16"),
        ("169.254.169.254", "0.0.0.0/0"),
        ("169.254.169.254", "169.254.169.254/31"),
        ("::ffff:169.254.169.254", "169.254.0.0/16"),
        ("fe80::1", "fe80::/10"),
        ("fd00:ec2::254", "fd00::/8"),
        ("100.100.100.200", "100.64.0.0/10"),
    ],
)
def test_metadata_and_link_local_open_only_to_their_exact_address(address: str, allowed: str) -> None:
    """N3: a range is not enough."""
    with pytest.raises(FetchError):
        judge(address, Policy(allow_private=(allowed,)), host="h", subject="")


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses())
def test_what_is_not_global_is_never_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Ours is at least as strict as the standard library."""
    if ip.is_global or ip in ipaddress.ip_network("64:ff9b::/96" if ip.version == 6 else "0.0.0.0/32"):
        return
    with pytest.raises(FetchError):
        judge(str(ip), Policy(), host="h", subject="")
