"""From a page to an article: text, title, authors, dates, language.

The flow: bytes → tree (``page``) → facts (``metadata``) → the tree without its boilerplate (``prune``) →
text (trafilatura, or plain paragraphs) → Article. What the feed gave is a witness and a fallback: the text is
never worse than that. Pure; runs in a worker of ``sandbox``, for the page chooses what it costs.
"""

import logging
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from bot.errors import FailureKind, ParseError
from bot.model import Article, Entry, JsonLd, TextFrom, host_of
from bot.parse import (
    archiving,
    clean,
    dates,
    jsonld,
    language,
    metadata,
    page,
    paragraphs,
    prune,
    selected,
    sketch,
)
from bot.parse.entry import as_listed
from bot.parse.metadata import Metadata

#: The version of what is done here: an article that an earlier one read may be read again.
EXTRACTOR = 1
#: Above these, extraction by rules takes longer than a page is worth; measured: trafilatura needs 60 s for
#: 50,000 tables of one cell, and 10 s for 30,000 paragraphs.
_MAX_ELEMENTS = 15_000
_MAX_TABLE_PARTS = 3_000
_MAX_CHARS = 1_000_000
#: A text that covers less of the page's prose than this may have missed the article.
_COVERED = 0.3
#: A short text that begins with the article's own title has found it, whatever else stands on the page.
_FOUND_CHARS = 500
_STUB_WORDS = 20
#: How much more words than the page a feed's content must have to be taken instead of it.
_CLEARLY_MORE = 1.2
_SHARED = 0.7
#: Dates are looked for in the text of pages up to this size only.
_MAX_DATED_ELEMENTS = 5_000
_MAX_DATED_CHARS = 300_000

_FIGURES = re.compile(r"\d+")

# trafilatura reports on every page that gives nothing; what we say of a page we say ourselves.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract(
    html: bytes | str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    entry: Entry | None = None,
    content_selector: str | None = None,
    json_ld: JsonLd = JsonLd.AUTO,
    guess_date: bool = True,
) -> Article:
    """Return the article of a page.

    ``url`` is the page's address after redirects, ``headers`` what came with it, ``entry`` what its source
    said of it: a fallback for each fact, and for the text, where it says more than the page.
    ``content_selector`` is a CSS selector of where the text stands; where it finds nothing, the text is
    looked for as in any page. ``json_ld`` says how far the page's JSON-LD is believed; with TEXT, its
    ``articleBody`` is the text wherever it is more than a stub. ``guess_date`` has a date looked for in the
    text where nothing declares one.

    Raises ParseError: NOT_A_PAGE for what is no HTML, EMPTY where neither page nor entry has a text.
    """
    headers = headers or {}
    entry = entry or Entry()
    root = page.parse(html, url, headers)
    if json_ld is JsonLd.OFF:
        jsonld.drop(root)
    # While they are held, the library does not make each anew for every pass over the tree.
    elements = list(islice(root.iter("*"), _MAX_ELEMENTS + 1))
    if len(elements) > _MAX_ELEMENTS:
        elements.clear()
    size = page.measure(root, elements or root.iter("*"))
    now = _sent_at(headers)
    archivable = archiving.allowed(root, headers)
    facts = metadata.read(root, url, now=now, listed_title=entry.title)
    datable = guess_date and size.elements <= _MAX_DATED_ELEMENTS and size.chars <= _MAX_DATED_CHARS
    if facts.published_at is None and entry.published_at is None and datable:
        facts = replace(facts, published_at=_found_date(root, url, now))
    text = _told(root, facts, content_selector, json_ld)
    text_from = TextFrom.PAGE
    if not text:
        text, text_from = _better_text(_body(root, facts, host_of(url), size), facts, entry)
    if not text:
        raise ParseError(
            "the page has no text that can be read",
            kind=FailureKind.EMPTY,
            subject=url,
            hint="it may be made by scripts, or stand behind a wall",
        )
    title = facts.title or entry.title
    return Article(
        url=url,
        title=title,
        text=text,
        authors=facts.authors or entry.authors,
        language=_language(title, text, facts.language or entry.language),
        published_at=facts.published_at or entry.published_at,
        modified_at=facts.modified_at or entry.updated_at,
        site=facts.site,
        canonical_url=facts.canonical_url,
        text_from=text_from,
        archivable=archivable,
        sketch=sketch.of(text),
        extractor=EXTRACTOR,
    )


def from_entry(entry: Entry, url: str) -> Article:
    """Return the article that an entry itself holds (``as_listed``), with its language told by its words."""
    listed = as_listed(entry, url)
    return replace(
        listed,
        language=_language(listed.title, listed.text, entry.language),
        sketch=sketch.of(listed.text),
        extractor=EXTRACTOR,
    )


def _sent_at(headers: Mapping[str, str]) -> datetime | None:
    value = next((value for name, value in headers.items() if name.lower() == "date"), "")
    return dates.parse(value)


def _found_date(root: HtmlElement, url: str, now: datetime | None) -> datetime | None:
    """Look for a date in the page's text, by htmldate, which tries many patterns over all of it."""
    from htmldate import find_date

    limit = None if now is None else (now + timedelta(days=1)).strftime("%Y-%m-%d")
    found = find_date(root, original_date=True, url=url or None, min_date="1990-01-01", max_date=limit)
    day = dates.parse(found, now=now) if found else None
    for stamp in metadata.stamped(root):
        at = dates.parse(stamp, now=now)
        # It gives the day its time, in whatever zone, where it names the same one.
        if at is not None and (day is None or _names_day(stamp, day)):
            return at
    return day


def _names_day(stamp: str, day: datetime) -> bool:
    return {f"{day.day}", f"{day.day:02}"} & set(_FIGURES.findall(stamp)) != set()


def _told(root: HtmlElement, facts: Metadata, content_selector: str | None, json_ld: JsonLd) -> str:
    """Return the text from where its source's settings say that it stands, or ""."""
    if content_selector is not None and (chosen := selected.text(root, content_selector)):
        return chosen
    return facts.body if json_ld is JsonLd.TEXT and _count(facts.body) > _STUB_WORDS else ""


def _body(root: HtmlElement, facts: Metadata, host: str, size: page.Size) -> str:
    """Return the text of the page's article; "" where none is found. Changes the tree."""
    prune.drop(root, ("style", "template", "svg", "iframe", "object", "select", "button"))
    if size.elements > _MAX_ELEMENTS or size.table_parts > _MAX_TABLE_PARTS or size.chars > _MAX_CHARS:
        return paragraphs.fallback(root)
    prune.layout_tables(root)
    prune.boilerplate(root)
    prune.lone_links(root, host)
    prune.keep_captions(root)
    lines = _extracted(root, fast=True)
    prose = prune.prose(root)
    if len(lines) < _COVERED * prose and not _begins_with(lines, facts.title):
        longer = _extracted(root, fast=False)
        lines = max(lines, longer, key=len)
    text = paragraphs.tidied(lines, title=facts.title, authors=facts.authors)
    return text or paragraphs.fallback(root)


def _extracted(root: HtmlElement, *, fast: bool) -> str:
    try:
        # It copies the tree. Broken pages make it stumble in many ways, which costs the text only.
        document = trafilatura.bare_extraction(root, options=_options(fast))
    except Exception:  # noqa: BLE001
        return ""
    return getattr(document, "text", None) or ""


@cache
def _options(fast: bool) -> Extractor:
    """Return how the library is to work; it reads its configuration anew for each page otherwise."""
    return Extractor(output_format="python", fast=fast, comments=False, tables=True)


def _begins_with(lines: str, title: str) -> bool:
    wanted = paragraphs.folded(title)
    return bool(wanted) and len(lines) >= _FOUND_CHARS and paragraphs.folded(lines[:300]).startswith(wanted)


def _better_text(text: str, facts: Metadata, entry: Entry) -> tuple[str, TextFrom]:
    """Choose between the page's text, what its JSON-LD holds, and what the feed gave; never the poorer."""
    words = _count(text)
    if words < _STUB_WORDS and _count(facts.body) > max(words, _STUB_WORDS):
        text, words = facts.body, _count(facts.body)
    content = clean.clean(entry.content.strip())[: clean.MAX_TEXT]
    if _count(content) > words and (words < _STUB_WORDS or _holds_more(content, text)):
        return content, TextFrom.FEED
    summary = entry.summary.strip()
    if words < _STUB_WORDS and _count(summary) > words:
        return clean.clean(summary)[: clean.MAX_TEXT], TextFrom.SUMMARY
    return text, TextFrom.PAGE


def _count(text: str) -> int:
    """Return the number of words, four characters counting as one where words are not split by blanks."""
    return sum(
        max(1, len(word) // 4) if not word.isascii() and len(word) > 15 else 1 for word in text.split()
    )


def _holds_more(content: str, text: str) -> bool:
    """Tell whether the feed's content has clearly more words than the page's text, and most of its words."""
    ours, theirs = Counter(paragraphs.folded(text).split()), Counter(paragraphs.folded(content).split())
    if theirs.total() < _CLEARLY_MORE * ours.total():
        return False
    return (ours & theirs).total() >= _SHARED * ours.total()


def _language(title: str, text: str, declared: str | None) -> str | None:
    """Return the language: what the words say where that is sure, else what was declared."""
    return language.detect(title, text) or declared
