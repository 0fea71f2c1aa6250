"""Read: fetch the pages of one host's new entries and store their articles.

Unit: an entry, in batches per host. What cannot be read now is stored from what the source itself
said (a stop-gap), so that nothing is missed or late, and is read again later; when the page comes,
it is a new revision of the same article.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

import structlog

from bot.errors import FailureKind, FetchError, NewsbotError, Retry
from bot.fetch import MAX_PAGE, archiving_allowed, terms_of
from bot.fetch.schedule import next_read_at
from bot.model import Article, Entry, FullText, NotModified, Page, SourceKind, TextFrom
from bot.parse.address import without_tracking
from bot.parse.identity import copy_hash, fold, text_hash, url_key
from bot.parse.sandbox import ExtractJob
from bot.pipeline.deps import Deps
from bot.store import Tx, articles, sources
from bot.store.articles import EntryToRead, ReadResult, ReadSave

log = structlog.get_logger("read")

_SAVE_AFTER = 8
_SAVE_AFTER_S = 2.0
#: After so long a host is given back: its sources may be due meanwhile, and are asked first.
_TURN_S = 10.0
#: Words of a title that tell one story from another; two letters tell where letters are words.
_TELLING = re.compile(r"[^\W\d_a-zà-ÿ]{2}|[^\W\d_]{4,}")
_FEWEST_WORDS = 3
#: A longer page is not a mere notice.
_WALL_CHARS = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What reading one host's entries brought."""

    host: str
    #: another program holds the host; nothing was asked
    taken: bool = False
    #: the host asks for a longer pause than the caller waits for; its entries wait
    left_to_daemon: bool = False
    results: tuple[ReadResult, ...] = ()

    @property
    def new_articles(self) -> int:
        """How many articles were not known before."""
        return sum(result.what == "new" for result in self.results)


async def read(
    deps: Deps, host: str, *, limit: int = 20, longest_crawl_delay: timedelta | None = None
) -> Read:
    """Read up to ``limit`` waiting entries of one host.

    Where the host's robots.txt asks for a longer pause than ``longest_crawl_delay``, nothing is
    asked and the outcome says so.
    """
    now = deps.clock.now()
    tasks = await deps.store.awrite(_claim, deps, host, now=now, limit=limit)
    if tasks is None:
        return Read(host=host, taken=True)
    results: list[ReadResult] = []
    waiting: list[ReadSave] = []
    left = False
    since = began = deps.clock.monotonic_s()
    try:
        for task in tasks:
            if deps.clock.monotonic_s() - began > _TURN_S:
                break
            save = await _read_entry(deps, task, longest_crawl_delay)
            if save is None:
                left = True
                break
            waiting.append(save)
            if len(waiting) >= _SAVE_AFTER or deps.clock.monotonic_s() - since > _SAVE_AFTER_S:
                results += await deps.store.awrite(_save, deps, host, waiting, release=False)
                waiting, since = [], deps.clock.monotonic_s()
    finally:
        results += await asyncio.shield(deps.store.awrite(_save, deps, host, waiting, release=True))
    return Read(host=host, left_to_daemon=left, results=tuple(results))


async def stop_gap(deps: Deps, host: str, *, limit: int = 500) -> Read:
    """Store the waiting entries of one host from what their source said, without asking for a page.

    For when there is no time: each page is still read later.
    """
    now = deps.clock.now()
    tasks = await deps.store.awrite(_claim, deps, host, now=now, limit=limit)
    if tasks is None:
        return Read(host=host, taken=True)
    saves = [
        await _stop_gap_save(deps, task, state="retry", next_read_at=now, error=None, kind=None)
        for task in tasks
    ]
    results = await deps.store.awrite(_save, deps, host, saves, release=True)
    return Read(host=host, results=tuple(results))


def _claim(tx: Tx, deps: Deps, host: str, *, now: datetime, limit: int) -> list[EntryToRead] | None:
    if not sources.claim_host(tx, host, holder=deps.holder, now=now, lease=deps.host_lease):
        return None
    return articles.entries_to_read(tx, host, now=now, limit=limit)


def _save(tx: Tx, deps: Deps, host: str, saves: list[ReadSave], *, release: bool) -> list[ReadResult]:
    now = deps.clock.now()
    results = articles.save_reads(tx, saves, now=now) if saves else []
    if release:
        sources.release_host(tx, host, holder=deps.holder)
    else:
        sources.extend_claim(tx, host, holder=deps.holder, now=now, lease=deps.host_lease)
    return results


async def _read_entry(
    deps: Deps, task: EntryToRead, longest_crawl_delay: timedelta | None
) -> ReadSave | None:
    """Read one entry; whatever happens to it becomes a value. None: its host asks for more patience."""
    started = deps.clock.monotonic_s()
    if task.url is None or _gives_the_text(task):
        save = await _stop_gap_save(deps, task, state="read", next_read_at=None, error=None, kind=None)
        return _told(deps, task, save, started)
    try:
        page = await _page(deps, task, task.url, longest_crawl_delay)
        if page is None:
            return None
        save = await _article(deps, task, page)
    except NewsbotError as error:
        save = await _unreadable(deps, task, error)
    return _told(deps, task, save, started)


def _gives_the_text(task: EntryToRead) -> bool:
    """Tell whether the source's own text is the article's: its page is not asked for."""
    return task.source.full_text is FullText.FEED or task.source.kind is SourceKind.PAGE


async def _page(
    deps: Deps, task: EntryToRead, url: str, longest_crawl_delay: timedelta | None
) -> Page | None:
    """Ask for a page as its site's robots.txt allows.

    Raises FetchError; None means that the host asks for a longer pause than the caller waits for.
    """
    terms = terms_of(task.source, deps.access_of(task.source))
    verdict = await deps.robots.verdict(url, terms=terms, now=deps.clock.now())
    if not verdict.allowed and task.source.robots:
        raise FetchError(
            verdict.why,
            kind=FailureKind.ROBOTS,
            subject=url,
            retry=Retry.LATER if verdict.temporary else Retry.NEVER,
            hint="the article is taken from what its source lists",
        )
    if verdict.crawl_delay is not None:
        if longest_crawl_delay is not None and verdict.crawl_delay > longest_crawl_delay:
            return None
        deps.fetcher.slow_down(url, verdict.crawl_delay, terms=terms)
    page = await deps.fetcher.get(url, terms=terms, max_body=MAX_PAGE)
    if isinstance(page, NotModified):
        # The fetcher refuses a 304 that nobody asked for; this keeps the types honest.
        raise FetchError(
            "the server says “not modified” to a first request",
            kind=FailureKind.PROTOCOL,
            subject=url,
            retry=Retry.LATER,
        )
    if page.redirects and _is_front_page(page.url) and not _is_front_page(url):
        raise FetchError(
            "the address leads to the site's front page",
            kind=FailureKind.NOT_FOUND,
            subject=url,
            retry=Retry.NEVER,
            hint="the article was taken down or stands behind a wall",
        )
    if page.redirects and _leads_back(page.url, url):
        raise _walled(url)
    return page


def _walled(url: str) -> FetchError:
    return FetchError(
        "the address leads to another page: a question for consent, a login, a notice",
        kind=FailureKind.FORBIDDEN,
        subject=url,
        retry=Retry.LATER,
        hint="the article is taken from what its source lists",
    )


def _leads_back(url: str, asked: str) -> bool:
    """Tell whether an address names in its query where it will lead back to: ``/consent?next=/news/1``."""
    path = urlsplit(asked).path
    there = urlsplit(url)
    return len(path) > 1 and there.path != path and path in unquote(unquote(there.query))


def _is_another(entry: Entry, article: Article, *, redirected: bool) -> bool:
    """Tell whether a page says nothing of what its source announced: a wall in the article's place.

    Judged by the words of the announced title: of a short page, or one that was led to, some must be
    there.
    """
    words = set(_TELLING.findall(fold(entry.title)))
    if len(words) < _FEWEST_WORDS or (not redirected and len(article.text) > _WALL_CHARS):
        return False
    said = fold(f"{article.title} {article.text}")
    return sum(word in said for word in words) <= len(words) // 4


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


async def _article(deps: Deps, task: EntryToRead, page: Page) -> ReadSave:
    """Extract the article of a page. Raises ParseError."""
    article = await deps.sandbox.extract(
        ExtractJob(
            html=page.body,
            url=page.url,
            headers=page.headers,
            entry=_said(task),
            content_selector=task.source.content_selector,
            json_ld=task.source.json_ld,
        )
    )
    if _is_another(task.entry, article, redirected=bool(page.redirects)):
        raise _walled(page.url)
    article = _with_source(
        task, replace(article, archivable=article.archivable and archiving_allowed(page.headers))
    )
    return ReadSave(
        entry_id=task.id,
        article=article,
        url_key=url_key(article.canonical_url or page.url),
        text_hash=text_hash(article.title, article.text),
        copy_hash=copy_hash(article.text),
        state="read",
        next_read_at=None,
        error=None,
        kind=None,
    )


def _said(task: EntryToRead) -> Entry:
    """Return what the source says of an entry, as far as its text may be used."""
    if task.source.full_text is FullText.PAGE:
        return replace(task.entry, content="")
    return task.entry


def _with_source(task: EntryToRead, article: Article) -> Article:
    """Add what only the configuration knows, and the outlet that an aggregator names."""
    source = task.source
    if article.site in ("", source.host) and task.entry.outlet:
        article = replace(article, site=task.entry.outlet)
    return replace(
        article,
        url=without_tracking(article.url),
        source=source.key,
        tags=source.tags,
        tier=source.tier,
        # A page that does not name its outlet leaves the host; of our own source we know the name.
        site=source.name if article.site in ("", source.host) else article.site,
        language=source.language or article.language,
    )


async def _unreadable(deps: Deps, task: EntryToRead, error: NewsbotError) -> ReadSave:
    """Decide what becomes of an entry whose page could not be read."""
    later: datetime | None = None
    if error.retry is not Retry.NEVER:
        wait = error.retry_after if isinstance(error, FetchError) else None
        later = next_read_at(task.attempts + 1, now=deps.clock.now(), retry_after=wait)
    return await _stop_gap_save(
        deps,
        task,
        state="unread" if later is None else "retry",
        next_read_at=later,
        error=error.message,
        kind=error.kind,
    )


async def _stop_gap_save(
    deps: Deps,
    task: EntryToRead,
    *,
    state: str,
    next_read_at: datetime | None,
    error: str | None,
    kind: FailureKind | None,
) -> ReadSave:
    """Save an entry from what its source said.

    Once there is an article it is left as it is, unless the source's own text is the article's.
    """
    url = task.url or f"{task.source.url}#!{task.key}"
    article: Article | None = None
    if task.article_id is None or _gives_the_text(task):
        article = _with_source(task, await deps.sandbox.from_entry(_said(task), url))
        if task.source.kind is SourceKind.PAGE:
            article = replace(article, text_from=TextFrom.PAGE)
        if not article.title and not article.text:
            article = None
    return ReadSave(
        entry_id=task.id,
        article=article,
        url_key=url_key(task.url) if task.url else hashlib.sha256(url.encode()).digest()[:16],
        text_hash=text_hash(article.title, article.text) if article else b"",
        copy_hash=copy_hash(article.text) if article else None,
        state=state,
        next_read_at=next_read_at,
        error=error,
        kind=kind,
    )


def _told(deps: Deps, task: EntryToRead, save: ReadSave, started: float) -> ReadSave:
    facts: dict[str, object] = {
        "source": task.source.key,
        "url": task.url,
        "ms": round((deps.clock.monotonic_s() - started) * 1000),
    }
    if save.error is not None:
        kind = save.kind.value if save.kind else None
        log.warning("read", outcome=save.state, kind=kind, why=save.error, **facts)
    else:
        text_from = save.article.text_from.value if save.article else None
        log.info("read", outcome=save.state, text_from=text_from, **facts)
    return save
