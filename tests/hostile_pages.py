"""Hostile article pages: a good feed whose one entry leads to a page that no reader likes."""

from collections.abc import Callable

from tests.hostile import CLOSE, HANG, Again, Step, bomb, head, page, redirect
from tests.hostile_registry import HTML, Place, add, feed, item, rss


def _page(key: str, *script: Step | Callable[[Place], Step]) -> None:
    """A feed with one entry, whose page answers like this."""

    def install(place: Place) -> str:
        steps = [step(place) if callable(step) else step for step in script]
        link = place.web.answer("/story", *steps)
        more = "<description>What the feed itself says of it, at some length.</description>"
        return place.web.answer("/feed", feed(rss(item(link, f"A story on {key}", more=more))))

    add(key, install)


def _html(key: str, body: bytes, head: bytes = b"") -> None:
    html = b"<!doctype html><html><head><title>A story on %s</title>%s</head><body>%s</body></html>"
    _page(key, page(html % (key.encode(), head, body), content_type=HTML))


_SIZE = 2_900_000
_PROSE = (
    b"<article>"
    + b"<p>A paragraph of the story that is long enough to be one, says the writer.</p>" * 6
    + b"</article>"
)


def _filled(part: bytes) -> bytes:
    return part * (_SIZE // len(part))


# what takes long, or much
_html("page-one-paragraph", b"<p>" + _filled(b"word and more, "))
_html("page-tables", _filled(b"<table><tr><td>cell of words here and there</td></tr></table>"))
_html("page-nested-tables", _filled(b"<table><tr><td>"))
_html("page-nested-boxes", _filled(b"<div>"))
_html("page-nested-bold", _filled(b"<b><i>x"))
_html("page-lists", _filled(b"<ul><li>x y z"))
_html("page-breaks", b"<p>" + _filled(b"a<br>"))
_html("page-short-paragraphs", _filled(b"<p>short one</p>"))
_html("page-links", _filled(b"<a href='/x'>link text</a>"))
_html("page-attributes", b"<p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">hello</p>" + _PROSE)
_html("page-angles", _filled(b"<"))
_html("page-ampersands", _filled(b"&"))
_html("page-blanks", b"<p>" + _filled(b" ") + b"x</p>")
_html("page-dates", b"<p>" + _filled(b"1.1.2020 ") + b"</p>")
_html("page-metas", _PROSE, _filled(b"<meta name=date content=2020-01-01>"))
_html("page-times", _filled(b"<time datetime=2020-01-01>1</time>"))
_html("page-spans", b"<p>" + _filled(b"<span>word </span>") + b"</p>")
_html("page-json-deep", _PROSE, b"<script type='application/ld+json'>" + _filled(b"[") + b"</script>")
_html("page-json-many", _PROSE, _filled(b"<script type='application/ld+json'>[1]</script>"))
_html(
    "page-json-quotes",
    _PROSE,
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"'
    + _filled(b'\\"{')
    + b"</script>",
)
_html(
    "page-json-types",
    _PROSE,
    b'<script type="application/ld+json">{"@type":["NewsArticle",7],"headline":{"a":[]},"datePublished":{},"author":[[[]],7,null],"articleBody":[1]}</script>',
)
_html("page-comments", _filled(b"<!--x-->") + _PROSE)
_html("page-forms", _filled(b"<form><select><option>x"))
_html("page-svg", _filled(b"<svg><g><path d='M0 0'/>") + _PROSE)
_html("page-frames", _filled(b"<iframe src=http://127.0.0.1/>"))
_html(
    "page-prose",
    b"<article>"
    + _filled(b"<p>A paragraph of the story that is long enough to be one, says the writer.</p>")
    + b"</article>",
)

# what leads elsewhere
_page("page-redirects-home", redirect("/"))
_page("page-redirects-to-vault", lambda place: redirect(place.forbidden("127.0.0.1")))
_page("page-redirects-to-metadata", redirect("http://169.254.169.254/latest/meta-data/"))
_page("page-consent", redirect("/consent?next=%2Fstory"))


def _leads(place: Place) -> bytes:
    where, trap = place.forbidden("127.0.0.1"), place.trap
    links = (
        f"<base href='{where}'><link rel=canonical href='{where}'><link rel=amphtml href='{trap}'><link rel=next href='{trap}'>"
        f"<meta property=og:url content='{where}'><meta http-equiv=refresh content='0;url={trap}'>"
        f"<link rel=stylesheet href='{trap}'><link rel=preload href='{trap}'>"
    )
    body = f"<img src='{trap}'><iframe src='{trap}'></iframe><script src='{trap}'></script>"
    html = f"<!doctype html><html><head><title>Leads</title>{links}</head><body>{body}{_PROSE.decode()}</body></html>"
    return page(html.encode(), content_type=HTML)


_page("page-leads-everywhere", _leads)

# what is no page
_page("page-pdf", page(b"%PDF-1.7\n" + bytes(range(256)) * 400, content_type=HTML))
_page("page-zip", page(b"PK\x03\x04" + bytes(range(256)) * 400, content_type=HTML))
_page("page-video", page(b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4000, content_type="video/mp4"))
_page("page-zeros", page(bytes(1_000_000), content_type=HTML))
_page("page-noise", page(bytes((n * n * 31 + n) % 256 for n in range(500_000)), content_type=HTML))
_page("page-empty", page(b"", content_type=HTML))
_page("page-json", page(b'{"error": "not found"}', content_type="application/json"))
_page("page-is-feed", page(rss(item(None, "Inner")), content_type="application/rss+xml"))
_page(
    "page-utf7",
    page(
        b"<html><head><meta charset=utf-7></head><body>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</body></html>",
        content_type="text/html; charset=utf-7",
    ),
)
_page(
    "page-controls",
    page(
        "<html><body><article>{}</article></body></html>".format(
            "<p>Words \x00\x08\x1b[2J\x9b\u202e\u2066 &#0;&#x202e;&#xd800; and more of them in this line</p>"
            * 8
        ).encode(),
        content_type=HTML,
    ),
)
_page(
    "page-script",
    page(
        b"<html><body><article>"
        + b"<p>&lt;script&gt;alert(1)&lt;/script&gt; says the <script>alert(2)</script> writer of this long line</p>"
        * 8
        + b"</article></body></html>",
        content_type=HTML,
    ),
)
_page(
    "page-entity",
    page(
        b"<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><html><body><p>&x; and some words more to be read here</p></body></html>",
        content_type=HTML,
    ),
)

# what the server does
_page("page-hangs", HANG)
_page("page-drips", head(content_type=HTML), Again(b"<p>", 0.3))
_page("page-endless", head(content_type=HTML), Again(b"<p>endless " * 6000))
_page("page-bomb", lambda _: page(bomb(64 << 20), content_type=HTML, content_encoding="gzip"))
_page("page-cut", head(content_length=9999, content_type=HTML), b"<html><body><p>cut", CLOSE)
_page("page-500", page(b"", 500))
_page("page-403", page(b"<html>no</html>", 403))
_page("page-410", page(b"", 410))
_page("page-304", head(304))
_page("page-429", page(b"", 429, retry_after="7200"))
