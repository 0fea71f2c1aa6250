"""Discovery: what sources an address leads to, each asked and read before it is offered.

In this order, and no further than the first that gives something usable: the address itself; what its page
declares and links to; the usual paths; the sitemaps of robots.txt; the links of the page itself::

    address → feed or sitemap? ─no→ offers of the page ─none→ guesses ─none→ sitemaps ─none→ listing

Every address is asked on the terms that were given, few of them and in turn. Nothing is stored or chosen
here: what is ambiguous is the user's to decide (``parse.offers.choose`` says what is clear).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from urllib.parse import urljoin

from bot.errors import FailureKind, FetchError
from bot.fetch import Fetcher, Robots, Terms
from bot.model import Feed, Offer, Page, SourceKind, host_of
from bot.parse import discover as words
from bot.parse import encoding
from bot.parse.offers import choose
from bot.parse.sandbox import ListingJob, Sandbox
from bot.parse.sitemap import address_list

#: addresses that are asked for at most, robots.txt included
MOST_ASKED: Final = 12
#: of the feeds that a page offers, where none is clearly the best
_MOST_OFFERED: Final = 6
#: of the usual paths: beside the page, and at the root of its site
_MOST_BESIDE: Final = 3
_MOST_AT_ROOT: Final = 5
#: guesses that are answered with a page: this site answers everything with one
_MOST_PAGES: Final = 3
#: sitemaps of robots.txt, and children of an index
_MOST_SITEMAPS: Final = 2
#: a sitemap whose newest page is older lists no news
_NEWS: Final = timedelta(days=60)
_HEAD: Final = 65_536
_MAX_ROBOTS: Final = 512 * 1024

ITSELF: Final = "the address itself"
GUESSED: Final = "a usual path"
IN_ROBOTS: Final = "named in robots.txt"

#: after these nobody there wants to be asked any more, or can be
_ENOUGH: Final = frozenset(
    {
        FailureKind.DNS,
        FailureKind.CONNECT,
        FailureKind.TLS,
        FailureKind.TIMEOUT,
        FailureKind.RATE_LIMITED,
        FailureKind.SERVER_ERROR,
        FailureKind.REFUSED_ADDRESS,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """An address that was asked during discovery, and what came of it."""

    offer: Offer
    #: what it lists; None where it could not be had
    feed: Feed | None = None
    #: why it is no source; None where it is one
    fault: str | None = None
    #: how the asking failed
    kind: FailureKind | None = None

    @property
    def usable(self) -> bool:
        """Whether it is a source, if only an empty one."""
        return self.fault is None

    @property
    def entries(self) -> int:
        """How many entries it lists."""
        return len(self.feed.entries) if self.feed else 0

    @property
    def newest_at(self) -> datetime | None:
        """When the youngest of its entries was published, or changed."""
        entries = self.feed.entries if self.feed else ()
        known = [at for entry in entries if (at := entry.published_at or entry.updated_at)]
        return max(known, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovered:
    """What an address leads to."""

    #: usable sources, read and all found at one stage, the best first
    offers: tuple[Offer, ...] = ()
    #: whether the address is a source itself
    direct: bool = False
    #: in the order of asking
    tried: tuple[Tried, ...] = ()
    #: what else there seems to be; not asked, or not as good
    also: tuple[Offer, ...] = ()

    def of(self, offer: Offer) -> Tried | None:
        """Return what came of asking an offer; None where it was not asked."""
        return next((one for one in self.tried if one.offer.url == offer.url and one.usable), None)


async def discover(
    fetcher: Fetcher,
    sandbox: Sandbox,
    url: str,
    *,
    terms: Terms,
    now: datetime,
    robots: Robots | None = None,
) -> Discovered:
    """Return the sources that an address leads to; none is a Discovered without offers.

    At most 12 addresses are asked, each on these terms; ``robots`` is asked before guesses. An address
    that redirects for good is offered as where it leads. Raises FetchError where the address itself
    cannot be had; whatever happens to the others is told in ``tried``.
    """
    search = _Search(fetcher, sandbox, robots, terms=terms, now=now)
    page = await search.fetch(url)
    here = _settled(url, page)
    itself = await search.read(Offer(kind=SourceKind.AUTO, url=here, found_by=ITSELF), page)
    if itself.usable:
        await search.with_child(itself)
        return Discovered(offers=(itself.offer,), direct=True, tried=tuple(search.tried))
    offered = itself.feed.offers if itself.feed else ()
    listings = [replace(offer, url=here) for offer in offered if offer.kind is SourceKind.LISTING]
    others = [offer for offer in offered if offer.kind is not SourceKind.LISTING]
    found = (
        await search.offered(others, page.url)
        or await search.guessed(_guesses(url, page.url))
        or await search.sitemaps(page.url)
        or [one for offer in listings if (one := await search.read(offer, page)).usable and one.entries]
        or search.last_resort()
    )
    return Discovered(
        offers=tuple(one.offer for one in found),
        tried=tuple(search.tried),
        also=_others(search, found, (*others, *listings)),
    )


def _others(search: "_Search", found: list[Tried], seen: Iterable[Offer]) -> tuple[Offer, ...]:
    """Return what seems to be a source beside those that were found."""
    chosen = {one.offer.url for one in found}
    left: dict[str, Offer] = {}
    for one in search.tried[1:]:
        if one.usable and one.offer.url not in chosen:
            left.setdefault(one.offer.url, one.offer)
    for offer in seen:
        if offer.url not in search.asked | chosen:
            left.setdefault(offer.url, offer)
    return tuple(left.values())


class _Search:
    """One discovery as it goes on: what was asked, and how much more may be."""

    def __init__(
        self, fetcher: Fetcher, sandbox: Sandbox, robots: Robots | None, *, terms: Terms, now: datetime
    ) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots
        self._terms = terms
        self._now = now
        self._left = MOST_ASKED
        #: hosts that do not want to be asked any more, or cannot be
        self._spent: set[str] = set()
        self.asked: set[str] = set()
        self.tried: list[Tried] = []

    async def fetch(self, url: str, *, max_body: int | None = None) -> Page:
        """Ask for an address. Raises FetchError."""
        self._left -= 1
        answer = await self._fetcher.get(url, terms=self._terms, max_body=max_body, cut=max_body is not None)
        assert isinstance(answer, Page)  # nothing conditional was asked
        return answer

    async def read(self, offer: Offer, page: Page) -> Tried:
        """Read an answer as what an offer says that it is."""
        # Whatever is declared as a feed may be a sitemap, and the other way round.
        kind = SourceKind.LISTING if offer.kind is SourceKind.LISTING else SourceKind.AUTO
        job = ListingJob(data=page.body, headers=page.headers, url=page.url, now=self._now, kind=kind)
        feed = await self._sandbox.listing(job)
        fault = feed.fault if not feed.entries else None
        if fault is None and offer.kind is not SourceKind.LISTING:
            offer = replace(offer, kind=_kind_of(page))
        return self._note(
            Tried(offer=replace(offer, title=feed.title or offer.title), feed=feed, fault=fault)
        )

    async def ask(self, offer: Offer) -> Tried:
        """Ask for what an offer leads to, and read it as whatever it is; a failure becomes a value."""
        self.asked.add(offer.url)
        host = host_of(offer.url)
        if host in self._spent:
            return Tried(offer=offer, fault=f"not asked: {host} has just failed", kind=FailureKind.CONNECT)
        try:
            page = await self.fetch(offer.url)
        except FetchError as error:
            if error.kind in _ENOUGH:
                self._spent.add(host)
            return self._note(Tried(offer=offer, fault=error.message, kind=error.kind))
        return await self.read(replace(offer, url=_settled(offer.url, page)), page)

    async def offered(self, offers: list[Offer], url: str) -> list[Tried]:
        """Return those of a page's own offers that are sources: the clear one alone, else several."""
        clear = choose(tuple(offers), url=url)
        order = sorted(offers, key=lambda offer: offer is not clear)
        found: list[Tried] = []
        for kind in (SourceKind.FEED, SourceKind.SITEMAP):
            for offer in [offer for offer in order if offer.kind is kind][:_MOST_OFFERED]:
                if self._left <= 0:
                    break
                one = await self.ask(offer)
                is_known = any(one.offer.url == other.offer.url for other in found)
                if one.usable and not is_known and (kind is SourceKind.FEED or self._brings_news(one)):
                    found.append(one)
                    if offer is clear and one.entries:
                        return [one]
            if found:
                break
        # An empty feed is offered only where there is no other.
        return [one for one in found if one.entries] or found

    async def guessed(self, urls: Iterable[str]) -> list[Tried]:
        """Return the first of the usual paths that is a source."""
        pages = 0
        for guess in urls:
            if self._left <= 0 or pages >= _MOST_PAGES or not await self._may(guess):
                break
            one = await self.ask(Offer(kind=SourceKind.FEED, url=guess, found_by=GUESSED))
            if one.usable and one.entries:
                return [one]
            if one.kind in _ENOUGH:
                break
            pages += one.kind is None
        return []

    async def sitemaps(self, url: str) -> list[Tried]:
        """Return the first sitemap of robots.txt that lists news; those of news come first."""
        if self._left < 2:
            return []
        robots = urljoin(url, "/robots.txt")
        try:
            answer = await self.fetch(robots, max_body=_MAX_ROBOTS)
        except FetchError:
            return []
        text = encoding.decode(answer.body, answer.headers)
        for link in words.sitemaps(text, answer.url)[:_MOST_SITEMAPS]:
            if self._left <= 0:
                break
            one = await self.ask(Offer(kind=SourceKind.SITEMAP, url=link, found_by=IN_ROBOTS))
            if one.usable and self._brings_news(await self.with_child(one)):
                return [one]
        return []

    async def with_child(self, one: Tried) -> Tried:
        """Return a sitemap; of an index, with what its newest child lists."""
        children = one.feed.alternates if one.feed and not one.entries else ()
        if not children or self._left <= 0:
            return one
        child = await self.ask(Offer(kind=SourceKind.SITEMAP, url=children[0], found_by=IN_ROBOTS))
        if not child.usable or child.feed is None:
            return one
        self.tried.remove(child)
        whole = replace(one, feed=replace(child.feed, alternates=children))
        self.tried[self.tried.index(one)] = whole
        return whole

    def _brings_news(self, one: Tried) -> bool:
        return one.newest_at is not None and one.newest_at >= self._now - _NEWS

    def last_resort(self) -> list[Tried]:
        """Return what is a source after all, though it is empty, or lists nothing new."""
        usable = [one for one in self.tried if one.usable]
        return sorted(usable, key=lambda one: -one.entries)[:1]

    async def _may(self, url: str) -> bool:
        if self._robots is None:
            return True
        return (await self._robots.verdict(url, terms=self._terms, now=self._now)).allowed

    def _note(self, one: Tried) -> Tried:
        self.tried.append(one)
        return one


def _guesses(url: str, final: str) -> list[str]:
    """Return the usual paths of an address, and of where it leads."""
    paths = words.usual_paths(final)
    at_root = words.usual_paths(urljoin(final, "/"))
    beside = [path for path in paths if path not in at_root][:_MOST_BESIDE]
    root = [path for path in paths if path in at_root][:_MOST_AT_ROOT]
    return list(dict.fromkeys((*beside, *root, *words.usual_paths(url)[:1])))


def _kind_of(page: Page) -> SourceKind:
    """Return what an answer is that was read without a fault: its first bytes tell."""
    head = encoding.decode(encoding.inflate(page.body, _HEAD)[:_HEAD], page.headers).lstrip("\ufeff \t\r\n")
    return SourceKind.SITEMAP if words.is_sitemap(head) or address_list(head) else SourceKind.FEED


def _settled(url: str, page: Page) -> str:
    """Return the address to keep: where the server sends us for good, and no further."""
    hops = (*page.redirects, (200, page.url))
    for (status, _), (_, following) in pairwise(hops):
        if status not in (301, 308):
            break
        url = following
    return url
