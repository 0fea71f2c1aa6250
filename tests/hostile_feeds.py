"""Hostile sources by their content: feeds, sitemaps and listings that no parser likes (P1 to P8), and churn."""

import json
from itertools import count

from tests.hostile import page
from tests.hostile_network import FORBIDDEN
from tests.hostile_registry import HTML, Place, add, by_turns, feed, hostile, item, restless, rss

_LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


def _feed(key: str, body: bytes, **headers: str) -> None:
    """A feed of these bytes, a little different each time."""
    add(key, lambda place: place.web.respond("/feed", restless(body, **headers)))


def _bytes(key: str, body: bytes, kind: str = "feed", **headers: str) -> None:
    """Exactly these bytes."""
    add(key, lambda place: place.web.answer("/feed", page(body, **headers)), kind)


# Entities, and files that they name: P2 and P3.
_feed("billion-laughs", rss(item(None, "&l9;"), before=f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{_LAUGHS}]>"))
_feed(
    "quadratic-blowup",
    rss(item(None, "&a;" * 50_000), before=f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>"),
)
_bytes(
    "sitemap-laughs",
    f"<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 'ha'>{_LAUGHS}]><urlset xmlns="
    "'http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://127.7.0.2/&l9;</loc></url></urlset>".encode(),
    kind="sitemap",
)


def _entity(key: str, declaration: str, use: str = "&x;") -> None:
    def install(place: Place) -> str:
        told = declaration.format(trap=place.trap, file=place.canary)
        return place.web.respond("/feed", restless(rss(item(None, f"Before {use} after"), before=told)))

    add(key, install)


_entity("entity-file", "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file://{file}'>]>")
_entity("entity-passwd", "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>")
_entity("entity-network", "<!DOCTYPE rss [<!ENTITY x SYSTEM '{trap}'>]>")
_entity("entity-parameter", "<!DOCTYPE rss [<!ENTITY % p SYSTEM '{trap}'> %p;]>", "")
_entity("doctype-network", "<!DOCTYPE rss PUBLIC '-//X//Y//EN' '{trap}'>", "&x;")
_entity("stylesheet-network", "<?xml-stylesheet type='text/xsl' href='{trap}'?>", "")


@hostile()
def include_network(place: Place) -> str:
    """XInclude of a file and of an address."""
    xi = "xmlns:xi='http://www.w3.org/2001/XInclude'"
    more = (
        f"<xi:include {xi} href='file://{place.canary}' parse='text'/><xi:include {xi} href='{place.trap}'/>"
    )
    return place.web.respond("/feed", restless(rss(item(None, "Included", more=more))))


# P1: what takes a parser long, or deep
_feed("deep-nesting", rss(item(None, "Deep", more="<a>" * 100_000)))
_feed("deep-and-closed", rss(item(None, "Deep", more="<a>" * 50_000 + "</a>" * 50_000)))
_feed(
    "deep-content",
    rss(item(None, "Deep", more=f"<description><![CDATA[{'<div>' * 400_000}]]></description>")),
)
_feed(
    "many-attributes",
    rss(item(None, "Wide", more=f"<a {' '.join(f'a{n}=' + repr('1') for n in range(300_000))}/>")),
)
_feed(
    "many-namespaces",
    rss(item(None, "Spaces", more="".join(f"<x:a xmlns:x='u:{n}'/>" for n in range(100_000)))),
)
_feed("many-authors", rss(item(None, "Crowd", more="<author>a@b (C)</author>" * 150_000)))
_feed("unclosed", rss(*(f"<item><title>Open {n}<description>&lt;p" for n in range(60_000))))
_feed("comments", rss(item(None, "Chatty"), head="<!--" + "- " * 2_000_000 + "-->"))
_feed("cdata-storm", rss(item("http://127.7.0.2/x", "<![CDATA[" + "]]>]]&gt;<![CDATA[" * 150_000 + "]]>")))
_feed("ampersands", rss(item(None, "&" * 1_000_000 + "&amp" * 500_000)))
_bytes("json-deep", b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 2_000_000)
_bytes(
    "json-huge-number",
    b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":' + b"9" * 2_000_000 + b"}]}",
)
_bytes("json-of-junk", b'{"items": {"a": [null, 1e999, NaN, "\\ud800", {}]}, "title": [], "version": {}}')
_bytes(
    "json-next",
    json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Next",
            "next_url": "http://169.254.169.254/",
            "hubs": [{"type": "x", "url": "http://127.0.0.1/"}],
            "items": [{"id": "1", "title": "One", "url": "file:///etc/passwd"}],
        }
    ).encode(),
    content_type="application/feed+json",
)

# Characters, and how they are written: P4 and P5.
_FEED_OF_DEATH = "&#0;&#x110000;&#xFFFFFFFFFFFF;&#xD800;&#55296;&#x1F;&#x85;&#x202E;&#x2066;&#xFFFE;"
_feed("feed-of-death", rss(item(None, f"Dead {_FEED_OF_DEATH}"), item(None, "Still alive")))
_feed(
    "raw-controls",
    rss(
        item(None, "Raw \x00\x01\x08\x0b\x1b[31m\x7f\x9b\u202e\u2066\u200b\ufeff"), item(None, "Still alive")
    ),
)
_feed("raw-surrogates", rss(item(None, "Half \ud83d of a pair"), item(None, "Still alive")))
_feed("zalgo", rss(item(None, "Z" + "\u0301" * 100_000)))
_feed("long-word", rss(item(None, "w" * 2_000_000)))
_PLAIN = rss(item(None, "Gr\u00fc\u00dfe aus \u6771\u4eac")).replace(b"encoding='utf-8'", b"")
_bytes(
    "says-utf7",
    b"<?xml version='1.0' encoding='utf-7'?><rss><channel><item><title>+ADw-script+AD4-</title></item></channel></rss>",
)
for _codec in ("unicode_escape", "base64", "idna", "rot13", "zlib", "mbcs", "utf-7", "undefined", "x" * 4000):
    _bytes(
        f"charset-{_codec[:20].replace('_', '-')}",
        _PLAIN,
        content_type=f"application/rss+xml; charset={_codec}",
    )
_bytes(
    "utf16-bare", rss(item(None, "Sixteen")).decode().encode("utf-16-le"), content_type="application/rss+xml"
)
_bytes("utf32", rss(item(None, "Thirty-two")).decode().encode("utf-32"), content_type="application/rss+xml")
_bytes(
    "latin-as-utf8",
    "<rss><channel><item><title>Gr\u00fc\u00dfe</title></item></channel></rss>".encode("latin-1"),
)

# too much of everything (P6)
_feed("fifty-thousand", rss(*(item(f"http://127.7.0.2:4/{n}", f"Entry {n}") for n in range(40_000))))
_feed("one-title", rss(item(None, "long " * 900_000)))
_bytes("ten-megabytes", rss(item(None, "long " * 2_000_000)))
_feed("one-summary", rss(item(None, "Long", more=f"<description>{'word ' * 900_000}</description>")))
_feed("one-link", rss(item("http://127.7.0.2/" + "x" * 4_000_000, "Linked")))
_feed("one-guid", rss(item(None, "Named", more=f"<guid>{'g' * 4_000_000}</guid>")))
_feed("many-links", rss(item(None, "Linked", more="<link>http://127.7.0.2:4/y</link>" * 140_000)))
_ALTERNATES = "".join(f"<link rel=alternate type=application/rss+xml href=/f{n}>" for n in range(50_000))
_bytes(
    "many-alternates", f"<!doctype html><html><head>{_ALTERNATES}</head></html>".encode(), content_type=HTML
)

# what is no feed (P7)
_PARKED = b"<!doctype html><html><head><title>This domain is for sale</title></head><body><h1>Buy me</h1></body></html>"
_bytes("parked", _PARKED, content_type="application/rss+xml")
_bytes("empty-body", b"")
_bytes("blank-body", b" \r\n\t" * 1000)
_bytes("zeros", bytes(100_000))
_bytes("pdf", b"%PDF-1.7\n" + bytes(range(256)) * 100, content_type="application/rss+xml")
_bytes("zip", b"PK\x03\x04" + bytes(range(256)) * 100)
_bytes("exe", b"MZ\x90\x00" + bytes(range(256)) * 100)
_bytes("json-scalar", b"42")
_bytes("plain-text", b"Hello, this is no feed at all.\n" * 100)
_bytes("valid-and-empty", rss())


def _turns(key: str, last: bytes, status: int = 200) -> None:
    """A good feed at first, and this from the third time on."""

    def install(place: Place) -> str:
        good = [feed(rss(item(None, f"{key} was good {n}")), etag=f'"{n}"') for n in (1, 2)]
        return place.web.respond("/feed", by_turns(*good, last=page(last, status, content_type=HTML)))

    add(key, install)


_turns("turns-to-html", b"<!doctype html><html><body><h1>We moved</h1></body></html>")
_turns("turns-to-parked", _PARKED)
_turns("turns-to-nothing", b"")
_turns("turns-to-junk", bytes(range(256)) * 50)
_turns("turns-to-403", b"<html>no</html>", 403)
_turns("turns-to-410", b"", 410)
_turns("turns-to-deep", rss(item(None, "Deep", more="<a>" * 300_000)))


@hostile()
def offers_forbidden(place: Place) -> str:
    """A page that offers feeds at places which are not to be asked."""
    links = "".join(
        f"<link rel=alternate type=application/rss+xml href='{place.forbidden(host, '/offered')}'>"
        for host in FORBIDDEN.values()
    )
    return place.web.answer(
        "/", page(f"<!doctype html><html><head>{links}</head></html>".encode(), content_type=HTML)
    )


@hostile("sitemap")
def children_forbidden(place: Place) -> str:
    """A sitemap index whose children stand at such places."""
    rows = "".join(f"<sitemap><loc>{place.forbidden(host)}</loc></sitemap>" for host in FORBIDDEN.values())
    body = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{rows}</sitemapindex>"
    return place.web.answer("/sitemap.xml", page(body.encode(), content_type="application/xml"))


@hostile("sitemap")
def children_of_itself(place: Place) -> str:
    """An index whose children are indexes, itself among them."""
    me = place.web.url("/sitemap.xml")
    rows = (
        "".join(f"<sitemap><loc>{me}?{n}</loc></sitemap>" for n in range(50_000))
        + f"<sitemap><loc>{me}</loc></sitemap>"
    )
    body = page(f"<sitemapindex>{rows}</sitemapindex>".encode(), content_type="application/xml")
    for number in range(50):
        place.web.answer(f"/sitemap.xml?{number}", body)
    return place.web.answer("/sitemap.xml", body)


@hostile("page", links="a")
def million_links(place: Place) -> str:
    """A listing of as many links as fit."""
    rows = "".join(f"<a href=/{n}>Link {n}</a>" for n in range(90_000))
    return place.web.answer(
        "/", page(f"<!doctype html><html><body>{rows}</body></html>".encode(), content_type=HTML)
    )


@hostile("page", links="div div div a, *:not(p) ~ a:nth-last-child(odd)")
def selector_trap(place: Place) -> str:
    """A page on which a dear selector is dear."""
    return place.web.answer(
        "/", page(b"<html><body>" + b"<div>" * 200 + b"<a href=/x>y</a>" * 60_000, content_type=HTML)
    )


@hostile("page", links="a")
def links_forbidden(place: Place) -> str:
    """A listing of places that are not to be asked."""
    rows = "".join(
        f"<li><a href='{place.forbidden(host, '/listed')}'>A story from {name}</a></li>"
        for name, host in FORBIDDEN.items()
    )
    more = "<link rel=next href='http://127.0.0.1/'><a rel=next href='http://169.254.169.254/'>next</a>"
    return place.web.answer(
        "/", page(f"<!doctype html><html><body>{rows}{more}</body></html>".encode(), content_type=HTML)
    )


@hostile()
def entries_forbidden(place: Place) -> str:
    """A feed whose entries lead to every place that is not to be asked."""
    items = [
        item(place.forbidden(host, "/entry"), f"A story from {name}") for name, host in FORBIDDEN.items()
    ]
    return place.web.answer("/feed", feed(rss(*items)))


# links that are none (P8)
_LINKS = [
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://127.7.0.2/x",
    'http://127.7.0.2:4/"onmouseover="alert(1)',
    "http://127.7.0.2:4/'><script>",
    "http://127.7.0.2:4/a b\x07c",
    "http://user:password@127.7.0.2:4/",
    "//127.0.0.1/protocol-relative",
    "http:///nowhere",
    "http://127.7.0.2:4\\@127.0.0.1/",
    "http://127.7.0.2:4/\u202egnp.exe",
    "http://[::1",
    "?",
    "#",
    "",
]
_feed("links-of-junk", rss(*(item(link, f"Link number {n}") for n, link in enumerate(_LINKS))))
_feed("base-of-junk", rss(item("x", "Based")).replace(b"<rss ", b"<rss xml:base='javascript:alert(1)//' "))

# dates and things left out
_DATES = [
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "32 Jan 2026",
    "-1",
    "1e308",
    "99999999999999999999",
    "now",
    "Mon, 30 Feb 2026 25:61:61 +9999",
    "29 Feb 2025",
    "2026-13-45",
    "12:00",
    "٢٠٢٦-٠١-٠١",
]
_feed(
    "dates-of-junk",
    rss(*(item(None, f"Dated {n}", more=f"<pubDate>{text}</pubDate>") for n, text in enumerate(_DATES))),
)
_feed(
    "entries-of-nothing",
    rss(*["<item/>", "<item><title/></item>", "<item><guid/></item>", "<item><link/></item>"] * 50),
)
_feed("same-guid", rss(*(item(None, f"Colliding {n}", more="<guid>1</guid>") for n in range(200))))


# identities that churn: another one at each request
def _churn(key: str, make: str) -> None:
    """Twenty stories, of which ``make`` writes item {n} at request {t}."""

    def install(place: Place) -> str:
        turn = count()

        def answer(_seen: object) -> bytes:
            at = next(turn)
            return feed(rss(*(make.format(n=n, t=at, m=(n * 7 + at) % 20) for n in range(20))))

        return place.web.respond("/feed", answer)

    add(key, install)


_churn(
    "guid-churn",
    "<item><title>Stable story {n}</title><link>http://127.7.0.2:4/s{n}</link><guid>{t}-{n}</guid></item>",
)
_churn(
    "link-churn",
    "<item><title>Stable tale {n}</title><link>http://127.7.0.2:4/{t}/{n}</link><guid>tale-{n}</guid></item>",
)
_churn(
    "title-churn",
    "<item><title>Edit {t} of {n}</title><link>http://127.7.0.2:4/e{n}</link><guid>edit-{n}</guid></item>",
)
_churn("order-churn", "<item><title>Shuffled {m}</title><guid>shuffled-{m}</guid></item>")
_churn(
    "all-churns",
    "<item><title>Fresh {t} {n}</title><link>http://127.7.0.2:4/f/{t}/{n}</link><guid>f-{t}-{n}</guid></item>",
)


@hostile()
def flood(place: Place) -> str:
    """Three hundred items under new identities at every request."""
    turn = count()

    def answer(_seen: object) -> bytes:
        at = next(turn)
        return feed(rss(*(item(None, f"Flooded {n}", more=f"<guid>{at}-{n}</guid>") for n in range(300))))

    return place.web.respond("/feed", answer)
