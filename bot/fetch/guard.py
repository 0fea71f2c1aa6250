"""Which addresses may be asked: the rules for URLs, and the judgement of what their names resolve to.

``check_url`` is asked before every hop; ``judge`` is asked by the transport, once for every answer of
the one look-up that a connection makes. Nothing here resolves or connects.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch.policy import Policy

MAX_URL: Final = 4096

# fmt: off
#: Source: Fetch standard, "bad port" (WHATWG), https://fetch.spec.whatwg.org/#port-blocking
BAD_PORTS: Final = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
})

#: Source: IANA special-purpose address registries (RFC 6890 and later)
_NOT_PUBLIC_4: Final = tuple(IPv4Network(block) for block in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
))
# fmt: on
_UNICAST_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64: Final = IPv6Network("64:ff9b::/96")

#: whoever reaches one of these holds the machine's keys: only its exact address opens it, never a range
_ONLY_BY_NAME: Final = (
    IPv4Network("169.254.0.0/16"),
    IPv6Network("fe80::/10"),
    # metadata services of clouds that sit outside link-local space
    IPv4Network("100.100.100.200/32"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fd00:ec2::254/128"),
    IPv6Network("fd20:ce::254/128"),
)

#: blanks, controls, backslashes, lone surrogates, invisible and direction marks
_FORBIDDEN: Final = re.compile(
    r"[\s\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
#: labels of at most 63 characters; RFC 1035 section 2.3.4, and the underscore that people use
_HOST: Final = re.compile(r"(?=.{1,254}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_NUMBER_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_USERINFO: Final = re.compile(r"//[^/?#]*@")


def shown(url: str) -> str:
    """Return an address as messages may show it: printable, at most 200 characters, without credentials."""
    text = _USERINFO.sub("//***@", url[:MAX_URL])
    cut = text[:200]
    if not cut.isprintable():
        cut = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in cut)
    return cut + "…" if len(text) > 200 else cut


def host_of(url: httpx.URL) -> str:
    """Return the host of a checked address in ASCII, as the resolver and the pacer know it."""
    return url.raw_host.decode("ascii")


# A source's address is checked at each poll: measured, a fifth of what an unchanged feed costs. A refusal is
# raised, and so never kept.
@lru_cache(maxsize=16_384)
def check_url(text: str, *, max_url: int = MAX_URL) -> httpx.URL:
    """Return the address in its normal form, host in ASCII, IPv4 hosts as four numbers, no fragment.

    Raises FetchError (bad_url) for what is no http(s) address, is longer than ``max_url`` characters,
    holds blanks, controls, backslashes or credentials, or names a port that browsers refuse.
    Source: defences N5; WHATWG URL standard (host parser), Fetch standard (bad ports).
    """
    if len(text) > max_url:
        raise _bad(text, f"the address is longer than {max_url} characters")
    if _FORBIDDEN.search(text):
        raise _bad(text, "the address holds a blank, a control character or a backslash")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _bad(text, "this is no address") from error
    if parts.scheme not in ("http", "https"):
        raise _bad(text, f"only http and https are asked, not “{parts.scheme[:20] or 'no scheme'}”")
    if "@" in parts.netloc:
        raise _bad(
            text, "credentials in an address are not used", hint="take user and password out of the address"
        )
    host = _plain_host(parts.hostname or "", text)
    if port is not None and port in BAD_PORTS:
        raise _bad(text, f"port {port} belongs to another service and is never asked")
    try:
        return httpx.URL(_with_host(parts, host, port))
    except (httpx.InvalidURL, ValueError) as error:  # InvalidURL is no ValueError, UnicodeError is one
        raise _bad(text, "this is no address") from error


def _bad(text: str, why: str, *, hint: str = "") -> FetchError:
    return FetchError(why, kind=FailureKind.BAD_URL, subject=shown(text), retry=Retry.NEVER, hint=hint)


def _with_host(parts: SplitResult, host: str, port: int | None) -> str:
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{netloc}{parts.path}{query}"


def _plain_host(host: str, text: str) -> str:
    """Return the host as the resolver is asked for it; IPv4 in any spelling as four numbers."""
    if ":" in host:
        return host.partition("%")[0]  # a zone says which cable, not which machine: judged without it
    if not host.isascii():
        # NFKC before IDNA, as browsers do: full-width digits are digits, 。 is a dot
        host = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower()
    if host.isascii() and not _HOST.fullmatch(host):
        raise _bad(text, "the address names no host")
    labels = host.removesuffix(".").split(".")
    if not _NUMBER_LABEL.fullmatch(labels[-1]):
        return host
    try:
        return str(_ipv4(labels))
    except ValueError as error:
        raise _bad(text, "this is no address") from error


def _ipv4(labels: list[str]) -> IPv4Address:
    """Read 2130706433, 0x7f.1, 0177.0.0.1 and the like. Source: WHATWG URL standard, "IPv4 parser"."""
    if len(labels) > 4:
        raise ValueError("too many numbers")
    numbers = [_number(label) for label in labels]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise ValueError("number too large")
    value = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - place))
    return IPv4Address(value)


def _number(label: str) -> int:
    if len(label) > 32 or not label.isascii():
        raise ValueError("no number")
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if len(label) > 1 and label.startswith("0") else int(label)


def judge(address: str, policy: Policy, *, host: str, subject: str) -> None:
    """Refuse an address, one answer for the name ``host``, that the policy does not let us connect to.

    Raises FetchError (refused_address) that names host, address and setting. Source: defences N1, N3.
    """
    ip = _unwrap(ipaddress.ip_address(address.partition("%")[0]))
    if any(ip in network for network in _ONLY_BY_NAME):
        if any(network.num_addresses == 1 and ip in network for network in _networks(policy)):
            return
    elif _is_public(ip) or any(ip in network for network in _networks(policy)):
        return
    what = host if host in (address, str(ip)) else f"{host} is {address}, which"
    raise FetchError(
        f"{what} is not a public address",
        kind=FailureKind.REFUSED_ADDRESS,
        subject=subject,
        retry=Retry.NEVER,
        hint=f"if it is meant, give this source “allow_private: [{ip}/{ip.max_prefixlen}]”",
    )


def _networks(policy: Policy) -> list[IPv4Network | IPv6Network]:
    return [ipaddress.ip_network(block, strict=False) for block in policy.allow_private]


def _unwrap(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside an IPv4-mapped or NAT64 one: that machine is what is reached."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv4Address):
        return ip.is_global and not any(ip in network for network in _NOT_PUBLIC_4)
    return ip.is_global and ip in _UNICAST_6 and not any(ip in network for network in _NOT_PUBLIC_6)
