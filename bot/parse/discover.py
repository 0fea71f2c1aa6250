"""Tell a page from a feed, and name the addresses where a site's feeds usually are.

Which sources a page itself offers is the business of ``offers``. Pure: nobody is asked.
"""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

from bot.parse import clean

MAX_ALTERNATES = 20
_HEAD = 65_536

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_SITEMAP = re.compile(r"<(?:\w{1,20}:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)

_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*([^\s#][^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_MAX_ROBOTS = 512 * 1024

#: Beside the page that was given, then at the root of its site; the likeliest first.
_BESIDE = ("feed/", "rss.xml", "feed.xml", "rss", "atom.xml", "index.xml")
_AT_ROOT = (
    "feed/", "rss.xml", "feed.xml", "rss", "atom.xml", "index.xml", "feed.json", "index.rdf", "blog/feed/",
    "news/feed/", "feeds/posts/default", "rss/index.xml",
)  # fmt: skip
#: A last segment like these is a page's own name, and its folder is what stands beside.
_FILE = re.compile(r"[^/]+\.(?:html?|php\d?|aspx?|jsp|cfm|shtml)\Z", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Tell whether a text is an HTML page: its markup comes before any of a feed's."""
    page = _PAGE.search(text, 0, _HEAD)
    if page is None:
        return False
    feed = _FEED.search(text, 0, _HEAD) or _SITEMAP.search(text, 0, _HEAD)
    return feed is None or page.start() < feed.start()


def is_feed(text: str) -> bool:
    """Tell whether a text looks like a feed, XML or JSON, however damaged."""
    return text.lstrip("\ufeff \t\r\n").startswith("{") or (_FEED.search(text, 0, _HEAD) is not None)


def is_sitemap(text: str) -> bool:
    """Tell whether a text looks like an XML sitemap or an index of them."""
    return _SITEMAP.search(text, 0, _HEAD) is not None


def alternates(text: str, url: str) -> tuple[str, ...]:
    """Return the addresses of the feeds that a page offers, best first, at most 20."""
    # Imported here: it stands on us.
    from bot.parse import offers

    return offers.feeds(offers.of_page(text, url))[:MAX_ALTERNATES]


def sitemaps(robots: str, url: str) -> tuple[str, ...]:
    """Return the addresses of the sitemaps that a robots.txt names, those of news first, at most 20.

    ``url`` is the address of the robots.txt. Source: https://www.sitemaps.org/protocol.html, "Specifying the
    Sitemap location in your robots.txt file".
    """
    found: dict[str, None] = {}
    for line in _SITEMAP_LINE.finditer(robots.lstrip("\ufeff")[:_MAX_ROBOTS]):
        # A blank ends an address; what follows is a remark.
        link = clean.link(line[1].split()[0], url)
        if link is not None:
            found[link] = None
    return tuple(sorted(found, key=lambda link: "news" not in link.lower()))[:MAX_ALTERNATES]


def usual_paths(url: str) -> tuple[str, ...]:
    """Return the addresses where a feed is likely to be, likeliest first; each has to be asked for.

    For sites whose rules are known (video channels, forums, code hosts, blogs) the one address that the page
    has its feed at, and no guess beside it. Empty for what is no http(s) address.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https") or not host:
        return ()
    path = parts.path
    known = _known(host, path, parse_qs(parts.query))
    if known is not None:
        link = clean.link(known, url)
        return (link,) if link is not None else ()
    beside = _FILE.sub("", path)
    beside = beside if beside.endswith("/") else f"{beside}/"
    guesses = [urljoin(url, beside + name) for name in _BESIDE] if beside.strip("/") else []
    guesses += [urljoin(url, f"/{name}") for name in _AT_ROOT]
    return tuple(dict.fromkeys(guess for guess in guesses if guess != url))


#: Host, path, and where the feed is: ``{0}`` is what the path's group holds. Source: the sites' own pages.
_KNOWN = tuple(
    (re.compile(host), re.compile(path), where)
    for host, path, where in (
        (r"(?:m\.)?youtube\.com", r"/channel/(UC[\w-]+).*", "/feeds/videos.xml?channel_id={0}"),
        (r"(?:m\.)?youtube\.com", r"/user/([\w-]+).*", "/feeds/videos.xml?user={0}"),
        (r"(?:old\.|new\.)?reddit\.com", r"/((?:r|user|u)/[\w+-]+(?:/(?:new|top|hot))?)/?", "/{0}/.rss"),
        (r"github\.com", r"/([\w.-]+/[\w.-]+)(?:/releases(?:/.*)?)?/?", "/{0}/releases.atom"),
        (r"github\.com", r"/([\w.-]+/[\w.-]+/tags)/?", "/{0}.atom"),
        (r"github\.com", r"/([\w.-]+/[\w.-]+/commits(?:/[\w./-]+?)?)/?", "/{0}.atom"),
        (r"github\.com", r"/([\w-]+)/?", "/{0}.atom"),
        (r"medium\.com", r"/(@?[\w.-]+)/?", "/feed/{0}"),
        (r"[\w-]+\.medium\.com", r".*()", "/feed"),
        (r"[\w-]+\.substack\.com", r".*()", "/feed"),
        (r"[\w-]+\.tumblr\.com", r".*()", "/rss"),
        (r"[\w-]+\.blogspot\.(?:com|co\.[a-z]{2}|[a-z]{2})", r".*()", "/feeds/posts/default"),
        (r"[\w-]+\.wordpress\.com", r"/?()", "/feed/"),
        (r"bsky\.app", r"/profile/([\w.:-]+)/?", "/profile/{0}/rss"),
        (r"arxiv\.org", r"/list/([\w.-]+)/.*", "https://rss.arxiv.org/rss/{0}"),
        (r"news\.ycombinator\.com", r"/?(?:news)?()", "/rss"),
        (r"vimeo\.com", r"/([A-Za-z]\w+)/?(?:videos)?", "/{0}/videos/rss"),
        # Mastodon and its kin, on whatever host.
        (r".+", r"/(@\w+)/?", "/{0}.rss"),
    )
)


def _known(host: str, path: str, query: dict[str, list[str]]) -> str | None:
    if host.endswith("youtube.com") and path == "/playlist" and "list" in query:
        return f"/feeds/videos.xml?playlist_id={query['list'][0]}"
    for hosts, paths, where in _KNOWN:
        if hosts.fullmatch(host) and (found := paths.fullmatch(path)) is not None:
            return where.format(found[1])
    return None
