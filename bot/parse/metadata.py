"""Read a page's facts from its tree: title, authors, dates, site, address, language.

Second step of ``article.extract``, before anything is taken out of the tree. The page's own statements come
first (JSON-LD, meta elements, microdata), then what is seen (headings, times, the address). Never by regular
expressions over the page, whose cost a hostile page chooses.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from bot.model import host_of
from bot.parse import bylines, clean, dates, jsonld
from bot.parse.headline import Headlines, best_title, site_of_title
from bot.parse.prune import same_site

#: Names of meta elements, best first.
#: Source: Open Graph, Dublin Core, Parse.ly, Sailthru, and common practice.
_PUBLISHED = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time",
    "datepublished", "parsely-pub-date", "sailthru.date", "date.published", "published_time", "publish-date",
    "publishdate", "pubdate", "publication_date", "article.published", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "citation_publication_date",
    "citation_date",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "dc.terms.date", "created", "date",
    "release_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "last-modified",
    "dcterms.modified", "dc.date.modified", "lastmod", "revised", "article.updated",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "citation_author", "byl", "article.author", "articleauthor", "cxenseparse:author",
    "creator", "dc.contributor",
)  # fmt: skip
_SITE = ("og:site_name", "application-name", "dc.publisher", "article:publisher", "publisher", "copyright")
_TITLE = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")
_DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description")
_LANGUAGE = ("og:locale", "content-language", "dc.language", "dcterms.language", "language")
_URL_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_BYLINE = re.compile(
    r"(?<![a-z])(?:byline|authors?|authorname|autor|autoren|auteur|autore|verfasser|redakteur|writer|reporter)(?![a-z])"
)
_WRITTEN_BY = re.compile(r"(?:by|von|par|por|di|av|door)\s+[^\W\d_]", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TIME_CLASS = re.compile(
    r"(?<![a-z])(?:publish|published|pubdate|posted|date|datum|fecha|entry|created|time)(?![a-z])"
)
#: A time of day near a year: "Registered : 03 Dec 2023 06:12:15 GMT9 | Hits : 123".
_STAMP = re.compile(r"(?:19|20)\d{2}\D{0,12}\d{1,2}[:h時时]\d{2}|\d{1,2}[:h時时]\d{2}\D.{0,20}(?:19|20)\d{2}")
_MAX_STAMP = 100
_UPDATED_CLASS = re.compile(r"updat|modif|aktualis|revis|changed")
_MAX_HEADINGS = 20
#: Characters of class names that are looked at, and remembered: a site's pages have the same.
_MAX_NAMES = 300
_MAX_BYLINE = 120
_MAX_WRITTEN = 50
_MAX_META = 500
#: No headline, byline or date is longer; a hostile one is cut.
_MAX_TEXT = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What a page says of itself; "" and None for nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    site: str = ""
    canonical_url: str | None = None
    #: ISO 639-1, as declared
    language: str | None = None
    description: str = ""
    #: the text that its JSON-LD holds, plain
    body: str = ""


def read(root: HtmlElement, url: str, *, now: datetime | None, listed_title: str = "") -> Metadata:
    """Return a page's facts.

    ``now`` (aware) is when the page was sent, where that is known: no date may be ahead of it by more than a
    day. ``listed_title`` is what the source called the article: a witness in choosing the headline.
    """
    meta = _meta(root)
    found = jsonld.nodes(root)
    story = _story(jsonld.articles(found), root, url)
    headlines = Headlines(
        headline=clean.title(jsonld.text(story, "headline") or jsonld.text(story, "name")),
        social=clean.title(_first(meta, _TITLE)),
        document=clean.title(_text(root.find(".//title"))),
        headings=tuple(_headings(root)),
        listed=clean.title(listed_title),
    )
    site = _site(meta, story, found, headlines, url)
    published, modified = _dates(root, meta, story, url, now)
    return Metadata(
        title=best_title(headlines, site=site, host=host_of(url)),
        authors=_authors(root, meta, story, site),
        published_at=published,
        modified_at=modified if modified is None or published is None or modified >= published else None,
        site=site,
        canonical_url=_canonical(root, meta, url),
        language=_language(root, meta, story),
        description=clean.line(_first(meta, _DESCRIPTION) or jsonld.text(story, "description"), 1000),
        body=clean.plain(jsonld.text(story, "articleBody")),
    )


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of all meta elements by their lower-case name, property, itemprop or http-equiv."""
    found: dict[str, list[str]] = {}
    for count, element in enumerate(root.iter("meta")):
        if count >= _MAX_META:
            break
        content = element.get("content") or element.get("value") or ""
        content = content.strip()
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(attribute)
            if name:
                for one in name.lower().split():
                    found.setdefault(one, []).append(content[:4000])
    return found


def _first(meta: dict[str, list[str]], names: Iterable[str]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _text(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext())[:_MAX_TEXT].split())


def _headings(root: HtmlElement) -> Iterator[str]:
    for count, heading in enumerate(root.iter("h1", "h2")):
        if count >= 3 * _MAX_HEADINGS:
            break
        marked = heading.get("itemprop") == "headline" or "title" in heading.get("class", "").lower()
        if heading.tag == "h1" or marked:
            text = clean.title(_text(heading))
            if text:
                yield text


def _story(candidates: list[jsonld.Node], root: HtmlElement, url: str) -> jsonld.Node:
    """Choose the node that is this page's article: by its address, else by its headline, else the first."""
    if len(candidates) < 2:
        return candidates[0] if candidates else {}
    path = urlsplit(url).path.rstrip("/") if url else ""
    for node in candidates:
        for key in ("url", "mainEntityOfPage", "@id"):
            value = node.get(key)
            value = value.get("@id") if isinstance(value, dict) else value
            if isinstance(value, str) and path and _path(value) == path and "headline" in node:
                return node
    title = _words(_text(root.find(".//title")))
    return max(candidates, key=lambda node: _overlap(_words(jsonld.text(node, "headline")), title))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _overlap(one: Counter[str], other: Counter[str]) -> int:
    return (one & other).total()


def _site(
    meta: dict[str, list[str]],
    story: jsonld.Node,
    found: list[jsonld.Node],
    headlines: Headlines,
    url: str,
) -> str:
    """Return the outlet's name: declared, the publisher's, the title's suffix, else the host."""
    sites = [jsonld.text(node, "name") for node in found if "website" in jsonld.kinds(node)]
    candidates = [
        _first(meta, ("og:site_name",)),
        jsonld.text(story, "publisher"),
        *sites,
        _first(meta, _SITE),
    ]
    for candidate in candidates:
        name = clean.line(candidate, 100)
        if name and "://" not in name and "\u00a9" not in name:
            return name.removeprefix("@")
    return site_of_title(headlines, host=host_of(url)) or host_of(url).removeprefix("www.")


def _language(root: HtmlElement, meta: dict[str, list[str]], story: jsonld.Node) -> str | None:
    declared = [
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        root.get("xml:lang"),
    ]
    declared += [meta[name][0] for name in _LANGUAGE if name in meta]
    declared.append(jsonld.text(story, "inLanguage"))
    return next((code for code in map(clean.language, declared) if code), None)


def _canonical(root: HtmlElement, meta: dict[str, list[str]], url: str) -> str | None:
    """Return the page's own address for itself, where it is of this site and no front page."""
    links = [
        link.get("href")
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for href in (*links[:1], *meta.get("og:url", ())[:1]):
        address = clean.link(href or "", url)
        if address is None:
            continue
        parts = urlsplit(address)
        front = parts.path in ("", "/") and not parts.query
        if not front and same_site(host_of(address), host_of(url)):
            return address
    return None


def _dates(
    root: HtmlElement, meta: dict[str, list[str]], story: jsonld.Node, url: str, now: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return when the page says that it was published and modified; the last resort is its address."""

    def published() -> Iterator[str]:
        yield jsonld.text(story, "datePublished")
        yield from (content for name in _PUBLISHED for content in meta.get(name, ())[:1])
        yield jsonld.text(story, "uploadDate") or jsonld.text(story, "dateCreated")
        yield from _times(root)
        day = _URL_DAY.search(urlsplit(url).path) if url else None
        if day is not None:
            yield f"{day[1]}-{day[3]}-{day[4]}"

    modified = [
        jsonld.text(story, "dateModified"),
        *(value for name in _MODIFIED for value in meta.get(name, ())[:1]),
    ]
    return _first_date(published(), now), _first_date(modified, now)


def _first_date(texts: Iterable[str], now: datetime | None) -> datetime | None:
    return next((found for text in texts if text and (found := dates.parse(text, now=now)) is not None), None)


def _times(root: HtmlElement) -> Iterator[str]:
    """Yield the dates that are seen on the page, likeliest first: microdata, then <time> elements."""
    marked: list[str] = []
    seen: list[str] = []
    for count, element in enumerate(root.iterfind(".//*[@itemprop]")):
        if count >= _MAX_META:
            break
        if element.get("itemprop") in ("datePublished", "dateCreated"):
            marked.append(element.get("content") or element.get("datetime") or _text(element)[:80])
    for count, element in enumerate(root.iter("time")):
        if count >= 10:
            break
        names = f"{element.get('class', '')} {element.get('itemprop', '')}".lower()
        if _UPDATED_CLASS.search(names):
            continue
        value = element.get("datetime") or _text(element)[:80]
        likely = "pubdate" in element.attrib or _TIME_CLASS.search(names) is not None
        (marked if likely else seen).append(value)
    yield from marked
    yield from seen
    yield from _dated(root)


def _dated(root: HtmlElement) -> list[str]:
    """Return the short texts whose element is called a date."""
    found: list[str] = []
    for element in root.iter("span", "div", "p", "li", "em", "small", "abbr", "td"):
        names = element.get("class") or element.get("id")
        if names and len(element) <= 3 and _calls_a_date(names[:_MAX_NAMES]):
            text = element.get("title") or element.get("content") or _text(element)
            if 6 <= len(text) <= 80 and any(letter.isdigit() for letter in text):
                found.append(text)
                if len(found) >= 10:
                    break
    return found


@lru_cache(maxsize=4096)
def _calls_a_date(names: str) -> bool:
    """Tell whether class names call an element the date of publication."""
    if _UPDATED_CLASS.search(names.lower()):
        return False
    return _TIME_CLASS.search(_CAMEL.sub("-", names).lower()) is not None


def stamped(root: HtmlElement) -> list[str]:
    """Return the short texts with a year and a time of day, those below the headline where there is one."""
    found: list[str] = []
    for element in root.iter("h1", "span", "div", "p", "li", "em", "small", "td", "dd", "font", "b", "i"):
        if element.tag == "h1":
            found.clear()
        elif len(found) < 5 and len(element) <= 5 and len(element.text or "") <= _MAX_STAMP:
            text = _text(element)
            if len(text) <= _MAX_STAMP and _STAMP.search(text) is not None:
                found.append(text)
    return found


def _authors(root: HtmlElement, meta: dict[str, list[str]], story: jsonld.Node, site: str) -> tuple[str, ...]:
    """Return the authors that the page names, by the first of its statements that names a person."""

    def ways() -> Iterator[list[str]]:
        yield jsonld.names(story, "author")
        for name in _AUTHOR:
            yield meta.get(name, [])
        yield _marked(root)
        yield jsonld.names(story, "creator")
        yield from _bylines(root)

    return bylines.best(ways(), site=site)


def _marked(root: HtmlElement) -> list[str]:
    """Return what microdata and rel=author name; the name inside an author stands for it."""
    found: list[str] = []
    for element in root.iterfind(".//*[@itemprop='author']"):
        inner = element.find(".//*[@itemprop='name']")
        name = element if inner is None else inner
        found.append((name.get("content") or _text(name))[:_MAX_BYLINE])
    if not found:
        found = [_text(link)[:_MAX_BYLINE] for link in root.iterfind(".//a[@rel='author']")]
    return found[:10]


def _bylines(root: HtmlElement) -> Iterator[list[str]]:
    """Yield short texts whose element is called a byline or an author, then those that begin with "By"."""
    written: list[str] = []
    count = 0
    for element in root.iter("address", "p", "span", "div", "a", "li", "em", "i", "strong", "b"):
        if len(element) >= 10:
            continue
        names = f"{element.get('class', '')} {element.get('rel', '')}"
        called = len(names) > 2 and _calls_a_byline(names[:_MAX_NAMES])
        if not called and not _WRITTEN_BY.match((element.text or "").lstrip()[:20]):
            continue
        count += 1
        text = _text(element)
        if 3 < len(text) <= _MAX_BYLINE:
            if called:
                yield [text]
            elif len(text) <= _MAX_WRITTEN:
                written.append(text)
        if count >= _MAX_HEADINGS:
            break
    for text in written[:3]:
        yield [text]


@lru_cache(maxsize=4096)
def _calls_a_byline(names: str) -> bool:
    """Tell whether class names call an element a byline."""
    return _BYLINE.search(_CAMEL.sub("-", names).lower()) is not None
