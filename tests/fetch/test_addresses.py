"""No packet leaves for an address that is not public (N1, N2, N3), told by the interpreter itself.

Every test here ends with what was connected to, not with what the fetcher says about it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from bot.errors import FailureKind, FetchError
from bot.fetch import PUBLIC_TERMS, Fetcher, HostPacer, Robots, Terms
from bot.fetch.resolve import Resolver
from tests.build import NOW
from tests.fetch.conftest import AGENT, named
from tests.hostile import CLOSE, LOOPBACK, HostileWeb, head, page, reaching, redirect
from tests.tripwire import Wire, tripwire

#: the one address that these tests may reach
HOME = "127.0.0.1"
#: spellings of addresses that are no source's, and of names that lead to none
SPELLINGS = [
    "127.0.0.2", "127.2", "127.0.2", "2130706434", "0x7f000002", "0x7F.0.0.2", "0177.0.0.2", "0177.2",
    "017700000002", "127.0.0.2.", "１２７.0.0.2", "127。0。0。2", "①②⑦.0.0.2", "0", "0.0.0.0", "0x0", "00",
    "10.0.0.1", "10.1", "0xa.1", "172.16.0.1", "192.168.1.1", "192.168.257", "3232235777", "100.64.0.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "4294967295", "192.0.2.1", "192.88.99.1", "240.0.0.1", "100.100.100.200",
    "168.63.129.16", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.2]", "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:2]", "[64:ff9b::10.0.0.1]", "[fe80::1]",
    "[fe80::1%25lo]", "[fe80::1%lo]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2002:7f00:2::1]",
    "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]",
]  # fmt: skip


@pytest.fixture(autouse=True)
def wire() -> Iterator[Wire]:
    """Whatever a test does: nothing but home was connected to."""
    with tripwire() as recorded:
        yield recorded
    assert recorded.hosts <= {HOME}


@pytest.fixture
async def local(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    """A fetcher that looks nothing up outside."""
    made, _ = named(pacer, socket.gaierror(socket.EAI_NONAME, "no such name"))
    yield made
    await made.aclose()


async def kind(fetcher: Fetcher, url: str, terms: Terms) -> FailureKind:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, terms=terms)
    return caught.value.kind


HOME_ONLY = reaching(f"{HOME}/32")
REFUSED = {FailureKind.REFUSED_ADDRESS, FailureKind.BAD_URL}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_an_address_gets_through(
    local: Fetcher, wire: Wire, host: str, scheme: str
) -> None:
    for terms in (PUBLIC_TERMS, HOME_ONLY):
        assert await kind(local, f"{scheme}://{host}:8081/", terms) in REFUSED
    assert not wire.touched


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_redirect_to_it_is_followed(
    web: HostileWeb, local: Fetcher, wire: Wire, host: str, status: int
) -> None:
    for location in (f"http://{host}:8081/", f"//{host}:8081/x"):
        url = web.answer("/a", redirect("/b", status))
        web.answer(
            "/b", head(status, content_length=0, location="PLACE").replace(b"PLACE", location.encode())
        )
        assert await kind(local, url, HOME_ONLY) in REFUSED
    assert set(wire.touched) == {(HOME, web.port)}


@pytest.mark.parametrize("place", ["the first hop", "a redirect"])
async def test_robots_txt_leads_nowhere_else(web: HostileWeb, local: Fetcher, wire: Wire, place: str) -> None:
    robots = Robots(local, user_agent=AGENT)
    web.answer("/robots.txt", redirect("http://127.0.0.2:8081/robots.txt"))
    url = web.url("/page") if place == "a redirect" else "http://127.0.0.2:8081/page"
    verdict = await robots.verdict(url, terms=HOME_ONLY, now=NOW)
    assert not verdict.allowed
    assert "127.0.0.2 is not a public address" in verdict.why
    assert len(wire.touched) == (place == "a redirect")


@pytest.mark.parametrize(
    "answers",
    [
        [HOME, "127.0.0.2"],
        ["127.0.0.2", HOME],
        [HOME, "10.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:4700::1", "::1"],
        [HOME, "::ffff:169.254.169.254"],
        [HOME] * 30 + ["169.254.169.254"],
        ["fe80::1%1"],
        ["0.0.0.0"],
    ],
)
async def test_one_bad_answer_refuses_the_whole_name(
    pacer: HostPacer, wire: Wire, answers: Sequence[str]
) -> None:
    """However many good ones it hides among."""
    fetcher, _ = named(pacer, answers)
    for scheme in ("http", "https"):
        assert await kind(fetcher, f"{scheme}://site.test:8081/", HOME_ONLY) is FailureKind.REFUSED_ADDRESS
    assert not wire.touched


async def test_a_name_that_changes_between_two_connections_is_judged_again(
    web: HostileWeb, pacer: HostPacer, wire: Wire
) -> None:
    """Rebinding: the first answer is good, the second one is not (N2)."""
    fetcher, names = named(pacer, [HOME], ["127.0.0.2"])
    url = web.url("/a", host="site.test")
    web.answer("/a", page(b"x", connection="close"), CLOSE)
    await fetcher.get(url, terms=HOME_ONLY)
    assert await kind(fetcher, url, HOME_ONLY) is FailureKind.REFUSED_ADDRESS
    assert names.asked == ["site.test"] * 2
    assert wire.touched == [(HOME, web.port)]


async def test_a_name_that_changes_while_a_kept_connection_dies_is_judged_again(
    web: HostileWeb, pacer: HostPacer, wire: Wire
) -> None:
    """The silent second attempt is a connection like any other."""
    fetcher, names = named(pacer, [HOME], ["127.0.0.2"])
    url = web.url("/a", host="site.test")
    web.respond("/a", lambda _: page(b"x") if web.asked("/a") == 1 else (CLOSE,))  # type: ignore[return-value]
    await fetcher.get(url, terms=HOME_ONLY)
    assert await kind(fetcher, url, HOME_ONLY) is FailureKind.REFUSED_ADDRESS
    assert names.asked == ["site.test"] * 2
    assert wire.touched == [(HOME, web.port)]


async def test_a_name_that_changes_between_two_hops_is_judged_again(
    web: HostileWeb, pacer: HostPacer, wire: Wire
) -> None:
    fetcher, _ = named(pacer, [HOME], ["127.0.0.2"])
    web.answer("/a", head(302, content_length=0, connection="close", location="/b"), CLOSE)
    assert await kind(fetcher, web.url("/a", host="site.test"), HOME_ONLY) is FailureKind.REFUSED_ADDRESS
    assert wire.touched == [(HOME, web.port)]


async def test_what_is_remembered_of_a_name_is_judged_for_each_source(
    web: HostileWeb, pacer: HostPacer
) -> None:
    """The memory of the resolver is shared, the judgement is not."""
    resolver = Resolver(lookup=lambda _: [HOME])
    fetcher = Fetcher(user_agent=AGENT, pacer=pacer, resolver=resolver)
    web.answer("/a", page(b"x"))
    url = web.url("/a", host="site.test")
    await fetcher.get(url, terms=HOME_ONLY)
    assert await kind(fetcher, url, PUBLIC_TERMS) is FailureKind.REFUSED_ADDRESS
    await fetcher.aclose()
    resolver.close()


async def test_a_name_is_looked_up_once_for_each_connection(web: HostileWeb, pacer: HostPacer) -> None:
    fetcher, names = named(pacer, [HOME], ["127.0.0.2"])
    web.answer("/a", page(b"x"))
    await asyncio.gather(*(fetcher.get(web.url("/a", host="site.test"), terms=HOME_ONLY) for _ in range(5)))
    assert len(names.asked) == web.connections == 1
    await fetcher.aclose()


@pytest.mark.parametrize(
    "block", ["0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/31", "::/0", "::ffff:169.254.0.0/112"]
)
async def test_no_range_opens_the_machines_own_keys(local: Fetcher, wire: Wire, block: str) -> None:
    """N3: link-local and metadata addresses only by naming them exactly."""
    for host in (
        "169.254.169.254",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "100.100.100.200",
    ):
        assert (
            await kind(local, f"http://{host}/latest/meta-data", reaching(block))
            is FailureKind.REFUSED_ADDRESS
        )
    assert not wire.touched


async def test_the_tripwire_trips(web: HostileWeb, fetcher: Fetcher, wire: Wire) -> None:
    """It would tell."""
    await fetcher.get(web.answer("/a", page(b"x")), terms=LOOPBACK)
    assert wire.touched == [(HOME, web.port)]
