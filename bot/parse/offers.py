"""Find the sources that a page offers, best first, and choose where one is clearly the best.

The pure part of discovery: what is found on the page itself. ``discover`` names the addresses to guess at;
asking is the pipeline's. What is ambiguous is offered, never guessed.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.etree import _Element

from bot.model import Feed, Offer, SourceKind, host_of, site_of
from bot.parse import clean, encoding, listing_words
from bot.parse.jobs import ListingJob

MAX_OFFERS = 20
#: Feeds are offered in the head of a page, or in its footer.
_MAX_CHARS = 2_000_000

#: How an offer was found, the surest first: ``choose`` goes by it.
DECLARED = "declared by the page"
LINKED = "linked from the page"
STRUCTURE = "the links of the page itself"
_WAYS = (DECLARED, LINKED, STRUCTURE)

_FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
        "text/rss+xml", "text/atom+xml", "text/rss", "text/atom", "application/rss", "application/atom",
        "application/x-rss+xml", "application/x-atom+xml", "application/x.atom+xml",
    }
)  # fmt: skip
#: Types that feeds are declared with, and other things too.
_VAGUE_TYPES = frozenset({"", "text/xml", "application/xml", "application/json", "text/html", "text/plain"})
_FEED_PATH = re.compile(
    r"(?:/(?:feeds?|rss\d?|atom|rdf)(?:/(?:posts/default|rss\d?|atom|index\.xml|all))?/?"
    r"|[./_-](?:rss|atom|rdf|feed)(?:\.(?:xml|php|aspx?|json|ashx))?"
    r"|/(?:rss|atom|feeds?)[\w-]{0,40}\.(?:xml|json|php|aspx?|rss|rdf)|/index\.(?:rdf|rss)"
    r"|/rss[\w/-]{0,80}\.xml|[?&](?:feed|format|type|output|view)=(?:rss2?|atom|feed|rdf))(?:[?#&].*)?\Z",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(r"(?<![a-z])(?:rss|atom|feed|flux|xml-feed)(?![a-z])", re.IGNORECASE)
_SITEMAP_PATH = re.compile(r"/[\w-]*sitemap[\w.-]*\.(?:xml|txt)(?:\.gz)?\Z", re.IGNORECASE)
#: Feeds of comments, in the addresses and in the words of the blogs of the world.
_COMMENTS_PATH = re.compile(
    r"/comments?(?:/|\.(?:xml|rss|atom)|\Z)|feeds?/(?:\d+/)?comments|[?&]feed=comments|comments[-_](?:rss|feed)",
    re.IGNORECASE,
)
#: What is declared as an alternate, and lists no news.
_NO_LISTING = re.compile(
    r"/oembed|/wp-json(?:/|\Z)|[?&]rest_route=|opensearch|xmlrpc|/manifest", re.IGNORECASE
)
#: Forms that readers of feeds are offered: the address of the feed is inside, or none of ours.
_READERS = re.compile(
    r"feedly\.com|inoreader\.com|newsblur\.com|netvibes\.com|add\.my\.yahoo|validator\.w3\.org|bloglines",
    re.IGNORECASE,
)
_PODCAST = re.compile(r"podcast|/audio|/episodes", re.IGNORECASE)
#: What tells two formats of one feed apart, and nothing else.
_FORMAT = re.compile(r"rss2?|atom|rdf|json|xml|feeds?|flux|[\d.]+|php|default|posts|index|alt", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """An offer, and what it is ranked by: the smaller the better."""

    offer: Offer
    rank: tuple[int, ...]


def read(job: ListingJob) -> Feed:
    """Read a page of which only the address is known: a Feed with a ``fault``, and what the page offers.

    The last offer is the page itself, where its links look like a listing.
    """
    from bot.parse import structure

    text = encoding.decode(encoding.inflate(job.data), job.headers)
    found = of_page(text, job.url, language=job.language)
    listed = structure.parse(job.data, job.headers, job.url)
    if listed.entries:
        itself = Offer(
            kind=SourceKind.LISTING,
            url=job.url,
            title=listed.title,
            found_by=f"{STRUCTURE}: {len(listed.entries)} look like articles",
        )
        found = (*found[: MAX_OFFERS - 1], itself)
    addresses = feeds(found)
    hint = f"it offers {len(addresses)} feed(s), such as {addresses[0]}" if addresses else "it offers no feed"
    return Feed(
        title=listed.title,
        fault=f"not a feed: an HTML page; {hint}",
        alternates=addresses,
        offers=found,
        language=listed.language,
    )


def feeds(found: tuple[Offer, ...]) -> tuple[str, ...]:
    """Return the addresses of the feeds among offers."""
    return tuple(offer.url for offer in found if offer.kind is SourceKind.FEED)


def of_page(text: str, url: str, *, language: str | None = None) -> tuple[Offer, ...]:
    """Return the feeds and sitemaps that a page offers, best first, at most 20.

    Declared ones before linked ones; those of the page's own section, in ``language`` (else the page's own)
    first; podcasts and other sites' feeds last. Feeds of comments and of single articles are left out.

    Source: HTML Standard, link type "alternate" and feed autodiscovery.
    """
    root = clean.html_tree(text[:_MAX_CHARS])
    if root is None:
        return ()
    based = root.find(".//base[@href]")
    base = url if based is None else clean.link(based.get("href") or "", url) or url
    wanted = language or clean.language(root.get("lang"))
    found: dict[str, _Found] = {}
    for element in root.iter("link", "a"):
        offered = _declared(element, base) if element.tag == "link" else _linked(element, base)
        if offered is not None and offered.url != url:
            rank = _rank(offered, element, url, wanted)
            known = found.get(offered.url)
            if known is None or rank < known.rank:
                found[offered.url] = _Found(offer=offered, rank=rank)
    ranked = sorted(found.values(), key=lambda one: one.rank)
    return tuple(one.offer for one in ranked)[:MAX_OFFERS]


def choose(found: tuple[Offer, ...], *, url: str = "") -> Offer | None:
    """Return the one offer that is clearly the best, or None: nothing, or a choice that is the user's.

    Feeds come before sitemaps, and these before listings; what is declared before what is only linked. Of
    several feeds one is clear where the others are the same feed in other formats, or where it alone is of
    the section that ``url`` (the page's address) is of.
    """
    for kind in (SourceKind.FEED, SourceKind.SITEMAP, SourceKind.LISTING):
        ours = [offer for offer in found if offer.kind is kind]
        if not ours:
            continue
        way = min(map(_way, ours))
        best = [offer for offer in ours if _way(offer) == way]
        beneath = [offer for offer in best if _beneath(offer.url, url)]
        # More beneath the page than one: the page is the home of several sections.
        best = beneath or [offer for offer in best if not _is_podcast(offer)] or best
        return best[0] if len({_same(offer) for offer in best}) == 1 else None
    return None


def _declared(element: _Element, base: str) -> Offer | None:
    relations = (element.get("rel") or "").lower().split()
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    href, title = element.get("href") or "", clean.title(element.get("title") or "")
    if "sitemap" in relations:
        return _offer(SourceKind.SITEMAP, href, base, title, DECLARED)
    if "stylesheet" in relations or not ("alternate" in relations or "feed" in relations):
        return None
    telling = kind in _FEED_TYPES or "feed" in relations
    vague = kind in _VAGUE_TYPES and _FEED_PATH.search(href.strip()[: clean.MAX_URL]) is not None
    return _offer(SourceKind.FEED, href, base, title, DECLARED) if telling or vague else None


def _linked(element: _Element, base: str) -> Offer | None:
    href = (element.get("href") or "").strip()[: clean.MAX_URL]
    if not href or href.startswith("#"):
        return None
    title = clean.title("".join(element.itertext())[:1000]) or clean.title(element.get("title") or "")
    path = href.partition("?")[0].partition("#")[0]
    if _SITEMAP_PATH.search(path):
        return _offer(SourceKind.SITEMAP, href, base, title, LINKED)
    if href.startswith("feed:"):
        href = href.removeprefix("feed:").removeprefix("//")
        href = href if href.startswith("http") else f"http://{href}"
        return _offer(SourceKind.FEED, href, base, title, LINKED)
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    if (
        kind in _FEED_TYPES
        or _FEED_PATH.search(href)
        or (path.endswith(".xml") and _FEED_WORDS.search(title))
    ):
        return _offer(SourceKind.FEED, href, base, title, LINKED)
    return None


def _offer(kind: SourceKind, href: str, base: str, title: str, found_by: str) -> Offer | None:
    link = clean.link(href, base)
    if link is None or _NO_LISTING.search(link) or _READERS.search(link):
        return None
    if kind is SourceKind.FEED and (_COMMENTS_PATH.search(link) or listing_words.COMMENTS.search(title)):
        return None
    return Offer(kind=kind, url=link.partition("#")[0], title=title, found_by=found_by)


def _rank(offer: Offer, element: _Element, url: str, wanted: str | None) -> tuple[int, ...]:
    declared = clean.language(element.get("hreflang"))
    foreign = declared is not None and wanted is not None and declared != wanted
    elsewhere = site_of(offer.url) != site_of(url)
    return (
        offer.kind is not SourceKind.FEED,
        _way(offer),
        foreign,
        elsewhere and _way(offer) > 0,
        _is_podcast(offer),
        not _beneath(offer.url, url),
    )


def _is_podcast(offer: Offer) -> bool:
    return _PODCAST.search(f"{offer.title} {offer.url}") is not None


def _way(offer: Offer) -> int:
    return next((place for place, way in enumerate(_WAYS) if offer.found_by.startswith(way)), 0)


def _beneath(link: str, url: str) -> bool:
    """Tell whether a feed stands in the section of the site that a page is the front of."""
    section = _path(url).rstrip("/")
    return bool(section) and host_of(link) == host_of(url) and _path(link).startswith(f"{section}/")


def _path(link: str) -> str:
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _same(offer: Offer) -> tuple[str, ...]:
    """Return what the same feed in another format has too: its address without the words for formats."""
    parts = _WORD.findall(offer.url.partition("://")[2].lower())
    return tuple(part for part in parts if not _FORMAT.fullmatch(part))
