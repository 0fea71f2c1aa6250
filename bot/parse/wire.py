"""What crosses the pipe between the program and its parsing workers: values of the model, in frames.

A worker has read hostile bytes, so nothing that it sends is believed: frames are bounded (``frames``), and
each value is checked before it becomes part of the model.
"""

import struct
from collections.abc import Sequence

from bot.errors import FailureKind, ParseError
from bot.model import Article, Entry, Feed, JsonLd, Offer, SourceKind, TextFrom
from bot.parse.frames import BadFrameError, Reader, Writer, known
from bot.parse.identity import KEY_SIZE, EntryKeys, entry_keys
from bot.parse.jobs import ExtractJob, ListingJob
from bot.parse.raw import MAX_ENTRIES

#: What the nursery is told: a verb, and the id of the process to kill; a worker's id comes back in a HEAD.
COMMAND = struct.Struct("!cI")
FORK, KILL = b"F", b"K"

_LISTING_JOB, _EXTRACT_JOB = b"l", b"x"
_LISTING, _ARTICLE, _ERROR = b"L", b"A", b"E"
#: Failures that a worker may report.
_KINDS = frozenset({FailureKind.NOT_A_PAGE, FailureKind.EMPTY, FailureKind.TOO_COMPLEX, FailureKind.CRASHED})
_KEYS = struct.Struct(f"{KEY_SIZE}s" * 4)
_NO_KEY = bytes(KEY_SIZE)
#: A confidence crosses as a whole number out of so many.
_SURE = 1_000
_MAX_VERSION = 1_000_000


def job_to_frame(job: ListingJob | ExtractJob) -> bytes:
    """Return a job as a frame."""
    out = Writer()
    out.many(tuple(text for header in job.headers.items() for text in header))
    out.texts += (job.url, job.content_selector, job.json_ld.value)
    if isinstance(job, ExtractJob):
        out.raw.append(job.html)
        listed = () if job.entry is None else (job.entry,)
        out.numbers.append(len(listed))
        _write_entries(out, listed)
        out.numbers.append(job.alone)
        return out.frame(_EXTRACT_JOB)
    out.raw.append(job.data)
    out.texts += (
        job.kind.value, job.address, job.links, job.title, job.date, job.next, job.language
    )  # fmt: skip
    out.time(job.now)
    out.span(job.newer_than)
    out.numbers += (job.max_entries, job.unwrap)
    return out.frame(_LISTING_JOB)


def job_from_payload(payload: bytes | bytearray) -> ListingJob | ExtractJob:
    """Return the job of a frame's payload; it comes from our own side. Raises BadFrameError."""
    given = Reader(payload)
    headers = given.many()
    pairs = dict(zip(headers[::2], headers[1::2], strict=True))
    url, selector, json_ld = given.texts(3)
    if given.kind == _EXTRACT_JOB:
        return ExtractJob(
            html=given.raw(),
            url=known(url),
            headers=pairs,
            entry=next(iter(_read_entries(given, given.count(1))), None),
            content_selector=selector,
            json_ld=JsonLd(known(json_ld)),
            alone=bool(given.number()),
        )
    kind, address, links, title, date, following, language = given.texts(7)
    now = given.time()
    if now is None:
        raise BadFrameError("a job without its time")
    return ListingJob(
        data=given.raw(),
        url=known(url),
        now=now,
        headers=pairs,
        kind=SourceKind(known(kind)),
        address=known(address),
        links=links,
        title=title,
        date=date,
        next=following,
        newer_than=given.span(),
        max_entries=given.number(),
        content_selector=selector,
        json_ld=JsonLd(known(json_ld)),
        unwrap=bool(given.number()),
        language=language,
    )


def listing_to_frame(feed: Feed) -> bytes:
    """Return a feed with the keys of its entries as a frame: the worker has time to work them out."""
    out = Writer()
    out.texts += (feed.title, feed.link, feed.language, feed.fault, feed.next_page, feed.chosen)
    out.span(feed.ttl)
    out.many(feed.alternates)
    out.many(tuple(text for offer in feed.offers for text in _offer_texts(offer)))
    out.numbers.append(len(feed.entries))
    _write_entries(out, feed.entries)
    for keys in entry_keys(feed.entries):
        out.raw += (
            bytes.fromhex(keys.key),
            keys.url_key or _NO_KEY, keys.id_key or _NO_KEY, keys.title_key or _NO_KEY,
        )  # fmt: skip
    return out.frame(_LISTING)


def listing_from_payload(payload: bytes) -> tuple[Feed, list[EntryKeys]]:
    """Return the feed and its entries' keys that a worker sent.

    Raises ParseError as the worker did, BadFrameError where it sent something else.
    """
    given = _answer(payload, _LISTING)
    title, link, language, fault, next_page, chosen = given.texts(6)
    ttl = given.span()
    alternates = given.many()
    offers = _offers(given.many())
    entries = _read_entries(given, given.count(MAX_ENTRIES))
    keys = _keys(given.raw(_KEYS.size * len(entries)))
    given.end()
    feed = Feed(
        title=known(title),
        link=link,
        entries=entries,
        language=language,
        fault=fault,
        alternates=alternates,
        offers=offers,
        next_page=next_page,
        chosen=known(chosen),
        ttl=ttl,
    )
    return feed, keys


def article_to_frame(article: Article) -> bytes:
    """Return what a page can say of an article as a frame."""
    out = Writer()
    out.texts += (
        article.url, article.title, article.text, article.language, article.site, article.canonical_url,
        article.text_from.value, article.declared_language, article.section, article.image,
        article.next_page,
    )  # fmt: skip
    out.many(article.authors)
    out.time(article.published_at)
    out.time(article.modified_at)
    out.numbers += (
        article.archivable, article.paywalled, round(article.confidence * _SURE), article.extractor
    )  # fmt: skip
    out.raw.append(article.sketch)
    return out.frame(_ARTICLE)


def article_from_payload(payload: bytes) -> Article:
    """Return the article that a worker sent. Raises as ``listing_from_payload`` does."""
    given = _answer(payload, _ARTICLE)
    url, title, text, language, site, canonical, text_from, declared, section, image, following = given.texts(
        11
    )
    try:
        origin = TextFrom(known(text_from))
    except ValueError as error:
        raise BadFrameError(str(error)) from error
    article = Article(
        url=known(url),
        title=known(title),
        text=known(text),
        authors=given.many(),
        language=language,
        published_at=given.time(),
        modified_at=given.time(),
        site=known(site),
        canonical_url=canonical,
        text_from=origin,
        declared_language=declared,
        section=known(section),
        image=image,
        next_page=following,
        archivable=bool(given.count(1)),
        paywalled=bool(given.count(1)),
        confidence=given.count(_SURE) / _SURE,
        extractor=given.count(_MAX_VERSION),
        sketch=given.raw(),
    )
    given.end()
    return article


def error_to_frame(error: ParseError) -> bytes:
    """Return a parse error as a frame."""
    out = Writer()
    out.texts += (error.kind.value, error.message, error.subject, error.hint)
    return out.frame(_ERROR)


def _answer(payload: bytes, kind: bytes) -> Reader:
    """Return the reader of an answer of this kind, or raise the error that was sent instead."""
    given = Reader(payload)
    if given.kind == _ERROR:
        name, message, subject, hint = map(known, given.texts(4))
        given.end()
        if name not in _KINDS:
            raise BadFrameError("no failure of a parser")
        raise ParseError(message, kind=FailureKind(name), subject=subject, hint=hint)
    if given.kind != kind:
        raise BadFrameError("another kind of answer")
    return given


def _write_entries(out: Writer, entries: Sequence[Entry]) -> None:
    for entry in entries:
        out.texts += (
            entry.id, entry.link, entry.title, entry.summary, entry.content, entry.language, entry.outlet
        )  # fmt: skip
        out.time(entry.published_at)
        out.time(entry.updated_at)
    for entry in entries:
        out.many(entry.authors)


def _read_entries(given: Reader, count: int) -> tuple[Entry, ...]:
    """Return the next entries; in long strides, for 2,000 of them are read in the event loop."""
    texts, times = given.texts(7 * count), given.times(2 * count)
    found = []
    for place in range(count):
        ident, link, title, summary, content, language, outlet = texts[7 * place : 7 * place + 7]
        if ident is None or title is None or summary is None or content is None or outlet is None:
            raise BadFrameError("a text is missing")
        found.append(
            Entry(
                id=ident,
                link=link,
                title=title,
                published_at=times[2 * place],
                updated_at=times[2 * place + 1],
                authors=given.many(),
                summary=summary,
                content=content,
                language=language,
                outlet=outlet,
            )
        )
    return tuple(found)


def _offer_texts(offer: Offer) -> tuple[str, str, str, str]:
    return (offer.kind.value, offer.url, offer.title, offer.found_by)


def _offers(texts: Sequence[str]) -> tuple[Offer, ...]:
    try:
        return tuple(
            Offer(kind=SourceKind(kind), url=url, title=title, found_by=found_by)
            for kind, url, title, found_by in zip(*[iter(texts)] * 4, strict=True)
        )
    except ValueError as error:
        raise BadFrameError(str(error)) from error


def _keys(raw: bytes) -> list[EntryKeys]:
    return [
        EntryKeys(
            key=key.hex(),
            url_key=None if url_key == _NO_KEY else url_key,
            id_key=None if id_key == _NO_KEY else id_key,
            title_key=None if title_key == _NO_KEY else title_key,
        )
        for key, url_key, id_key, title_key in _KEYS.iter_unpack(raw)
    ]
